"""Processes that race: one answer and one charge, and no unit more than agreed, on both stores."""

import fcntl
import json
import multiprocessing

import pytest
from sqlalchemy import select

from dashboard import workflow
from dashboard.errors import BudgetExceededError
from dashboard.privacy.accounting import count_price, map_price
from dashboard.records import ledger, tables
from dashboard.records.db import Records
from dashboard.terms import Price
from tests.records import buyers
from tests.records.conftest import NOW

SPAWN = multiprocessing.get_context("spawn")


def _together(work, *arguments):
    """Run the same work in several processes, once for each of the last arguments."""
    *shared, each_own = arguments
    barrier = SPAWN.Barrier(len(each_own))
    started = [SPAWN.Process(target=work, args=(barrier, *shared, own)) for own in each_own]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * len(each_own)


def _buy(barrier, url, buyer):
    """Buy until nothing more can be afforded."""
    records = Records(url)
    barrier.wait()
    for turn in range(40):
        try:
            ledger.charge(
                records,
                lineage="base",
                request_id=f"{buyer}-{turn}",
                owner="ana",
                price=Price(7, 1),
                purpose="map",
                now=NOW,
            )
        except BudgetExceededError:
            break
    records.close()


def test_four_processes_get_exactly_what_there_is_room_for(records, url):
    _together(_buy, url, range(4))
    account = ledger.account(records, "base")
    assert len(account.charges) == 100 // 7
    assert account.spent == Price(7 * (100 // 7), 100 // 7)
    ledger.check(records)


def _buy_of_the_old(barrier, url, buyer):
    """Purchases of a base that is joined to another one meanwhile, by one of the buyers."""
    records = Records(url)
    barrier.wait()
    for turn in range(10):
        ledger.charge(
            records,
            lineage="old",
            request_id=f"{buyer}-{turn}",
            owner="ana",
            price=Price(1),
            purpose="map",
            now=NOW,
        )
        if turn == 4:
            ledger.absorb(records, absorbed="old", into="base", owner="ana", now=NOW)
    records.close()


def test_bases_that_are_joined_while_four_processes_buy_forget_no_purchase(records, url):
    ledger.open_lineage(records, "old", Price(100, 100))
    _together(_buy_of_the_old, url, range(4))
    assert ledger.account(records, "base").spent == Price(40)
    assert ledger.account(records, "old").spent == Price(40)
    ledger.check(records)


@pytest.mark.slow
def test_two_processes_that_buy_the_same_map_store_one_answer_and_one_charge(
    nurseries, url, tmp_path
):
    folder = str(tmp_path / "shop")
    workspace = buyers.seat(folder, url)
    dataset_id = buyers.give(workspace)
    with buyers.lent(nurseries) as (one, _), buyers.lent(nurseries) as (other, _):
        for number in range(3):
            told = {"folder": folder, "url": url, "dataset_id": dataset_id, "number": number}
            with (tmp_path / "gate").open("w") as gate:
                fcntl.flock(gate, fcntl.LOCK_EX)
                for each in (one, other):
                    each.start("buy_together", **told, gate=gate.name)
                    each.hear("ready")
            first, second = (each.hear_all("map") for each in (one, other))
            assert first == second
            assert [each.hear("ended") for each in (one, other)] == [0, 0]
            _one_answer_and_one_charge(workspace, dataset_id, number, first["map"])
    workspace.records.close()


def _one_answer_and_one_charge(workspace, dataset_id, number, map_id):
    plan = buyers.question(workspace, dataset_id, number)
    account = ledger.account(workspace.records, workflow.dataset(workspace, dataset_id).lineage)
    mine = {
        line.request_id: line.price
        for line in account.charges
        if line.request_id.startswith(map_id)
    }
    assert mine == {f"{map_id}-count": count_price(plan), map_id: map_price(plan)}
    with workspace.records.read() as connection:
        stored = connection.execute(
            select(tables.maps.c.body).where(tables.maps.c.id.startswith(map_id))
        ).all()
    assert len(stored) == 2
    assert all(json.loads(row.body) for row in stored)
    ledger.check(workspace.records)
