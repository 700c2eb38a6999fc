"""Killed at any moment: the ledger adds up, what is stored is whole, and nothing is paid twice."""

import json
import os
import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard import workflow
from dashboard.privacy.accounting import count_price, map_price, publish_price
from dashboard.privacy.gate import _name, geometry_of
from dashboard.privacy.published import published_from
from dashboard.records import ledger, tables
from dashboard.release import release_from
from dashboard.terms import Price
from dashboard.workflow import Workspace
from tests.records import buyers
from tests.records.buyers import MARKER, Buyer

KILLS = int(os.environ.get("KILLS", "100"))
IN_A_ROW = 20
"""Kills in one folder; then another begins, so that budgets last."""


@dataclass
class Shop:
    """One folder with a memory, over which buyers are killed."""

    folder: Path
    url: str
    scratch: Path
    workspace: Workspace = field(init=False)
    dataset_id: str = field(init=False)
    _prices: dict[int, dict[str, Price]] = field(default_factory=dict)
    longest: float = 0.4  # seconds that one purchase takes on this machine now

    def __post_init__(self) -> None:
        self.workspace = buyers.seat(str(self.folder), self.url)
        self.dataset_id = buyers.give(self.workspace)

    def prices(self, number: int) -> dict[str, Price]:
        """What one purchase may be charged: by request, the count, the map and the release."""
        if number not in self._prices:
            self._prices[number] = self._priced(number)
        return self._prices[number]

    def _priced(self, number: int) -> dict[str, Price]:
        plan = buyers.question(self.workspace, self.dataset_id, number)
        base = workflow.dataset(self.workspace, self.dataset_id)
        map_id = workflow.seat.gate_of(self.workspace).map_id(base, plan)
        return {
            f"{map_id}-count": count_price(plan),
            map_id: map_price(plan),
            _name(map_id, str(buyers.SEGMENTS)): publish_price(plan),
        }

    def charged(self) -> dict[str, ledger.LedgerLine]:
        base = workflow.dataset(self.workspace, self.dataset_id)
        account = ledger.account(self.workspace.records, base.lineage)
        assert account.spent == Price(
            sum(line.price.rho_units for line in account.charges),
            sum(line.price.delta_units for line in account.charges),
        )
        return {line.request_id: line for line in account.charges}

    def stored(self) -> dict[str, str]:
        with self.workspace.records.read() as connection:
            rows = connection.execute(select(tables.maps.c.id, tables.maps.c.body))
            return {row.id: row.body for row in rows}

    def releases(self) -> dict[str, tuple[str, str]]:
        kept = tables.releases.c
        with self.workspace.records.read() as connection:
            rows = connection.execute(select(kept.id, kept.body, kept.digest))
            return {row.id: (row.body, row.digest) for row in rows}


def _check_memory(shop: Shop, last: int) -> tuple[int, int]:
    """After a kill: sums, prices, whole answers; how far the last purchase was charged, stored."""
    ledger.check(shop.workspace.records)
    charged, stored = shop.charged(), shop.stored()
    expected = {
        request: price
        for number in range(last + 1)
        for request, price in shop.prices(number).items()
    }
    assert {request: line.price for request, line in charged.items()} == {
        request: expected[request] for request in charged
    }
    assert stored.keys() <= charged.keys()
    for request, line in charged.items():
        assert line.finished == (request in stored)
    here = shop.prices(last)
    _check_whole(shop, stored, here)
    return len(here.keys() & charged.keys()), len(here.keys() & stored.keys())


def _check_whole(shop: Shop, stored: dict[str, str], here: dict[str, Price]) -> None:
    count, bought, numbers = here
    if count in stored:
        assert stored[count].startswith('{"count": ')
    if bought in stored:
        geometry_of(stored[bought])
    if numbers in stored:
        published_from(json.loads(stored[numbers]))
    for body, digest in shop.releases().values():
        assert release_from(body).digest == digest


def _check_files(shop: Shop) -> None:
    """After a purge: no draft, no half table, and no row in the clear anywhere."""
    workflow.purge(shop.workspace, datetime.now(UTC) + timedelta(hours=2))
    vault = shop.folder / "vault"
    files = [path for path in vault.iterdir() if path.is_file()]
    assert {path.suffix for path in files} == {".rows", ".key"}
    halves = Counter(path.stem for path in files)
    assert set(halves.values()) == {2}
    for path in (*shop.folder.rglob("*"), *shop.scratch.rglob("*")):
        assert not path.is_file() or MARKER.encode() not in path.read_bytes(), path


def _kill_once(shop: Shop, nursery: Buyer, interrupted: int, when: float) -> int:
    """Let a buyer finish what was interrupted and kill it while it buys on; where it was."""
    at = interrupted
    told = {"folder": str(shop.folder), "url": shop.url, "interrupted": interrupted}
    child = nursery.start("shop_on", **told)
    done = nursery.hear_all("finished")
    assert workflow.release(shop.workspace, done["finished"])
    shop.longest = max(0.7 * shop.longest, done["seconds"])
    assert shop.prices(interrupted).keys() <= shop.stored().keys()
    until = time.monotonic() + when * shop.longest
    while (said := nursery.said(until)) is not None:
        at = said["asking"]
    os.kill(child, signal.SIGKILL)
    while "ended" not in (said := nursery.said(time.monotonic() + 20) or {}):
        at = said["asking"]
    assert os.WTERMSIG(said["ended"]) == signal.SIGKILL
    return int(at)


def _kill_in_a_row(shop: Shop, nursery: Buyer, kills: int) -> Counter[tuple[int, int]]:
    moments, at = random.Random(), 0
    found: Counter[tuple[int, int]] = Counter()
    for _ in range(kills):
        at = _kill_once(shop, nursery, at, moments.uniform(0, 1.2))
        found[_check_memory(shop, at)] += 1
        _check_files(shop)
    assert len(shop.charged()) <= 3 * (at + 1)
    shop.workspace.records.close()
    return found


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_buyer_may_be_killed_at_any_moment(nurseries, postgresql, tmp_path, capsys):
    rows = max(2, -(-KILLS // IN_A_ROW))

    def lane(number: int) -> Counter[tuple[int, int]]:
        url = ""
        if number % 4 == 1:
            postgresql.run(f"CREATE SCHEMA killed_{number}")
            url = postgresql.url(f"killed_{number}")
        with buyers.lent(nurseries) as (nursery, scratch):
            shop = Shop(tmp_path / f"shop {number}", url, scratch)
            return _kill_in_a_row(shop, nursery, IN_A_ROW)

    with ThreadPoolExecutor(2) as side_by_side:
        found = sum(side_by_side.map(lane, range(rows)), Counter())
    with capsys.disabled():
        print(f"\n{found.total()} kills, by (charged, stored): {sorted(found.items())}")
    assert found.total() >= KILLS
    assert len(found) >= 3
