"""A table whose customers are dealt out is kept as if it had been kept at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.plan import Feature
from dashboard.receipts import Choices, Kept
from dashboard.terms import Bounds
from dashboard.vault import shares, store, suppression
from dashboard.vault.pseudonyms import together
from dashboard.vault.shares import dealt_out, put_together, shares_for
from dashboard.vault.store import Vault
from dashboard.vault.table import Refusing, added, one_row_per_customer
from tests.vault.making import raw

KEY = b"k" * 32
TODAY = date(2026, 6, 15)
SOON = datetime.now(UTC) + timedelta(hours=1)
SPEND = Feature("spend", "number", bounds=Bounds(0, 1000))
PLAN = Feature("plan", "category")
CHOICES = Choices("to trial", "id", ("opt in",), (SPEND, PLAN), "age")

ROW = st.fixed_dictionaries(
    {
        "id": st.sampled_from([None, *"abcdefghijkl"]),
        "mail": st.sampled_from([None, "one@a.example", "two@a.example"]),
        "opt in": st.sampled_from([None, "yes", "yes", "no"]),
        "spend": st.sampled_from([None, "x", "1,5", "7", "40"]),
        "plan": st.sampled_from([None, " ", "pro", "free"]),
        "age": st.sampled_from([None, "12", "44"]),
    }
)


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PART", 4)
    monkeypatch.setattr(shares, "PART", 4)
    monkeypatch.setattr(shares, "_AT_ONCE", 8)
    monkeypatch.setattr(shares, "MOST_ROWS", 5)
    monkeypatch.setattr(shares, "MOST_IN_SHARE", 5)


def _files(vault: Vault) -> list[str]:
    return sorted(path.name for path in vault.directory.iterdir() if path.is_file())


def _ready() -> None:
    """Nobody stops it."""


def _kept(vault: Vault, staged: str, refusing: Refusing) -> tuple[str, Kept]:
    texts, receipts = vault.texts(staged, "me"), list[Kept]()

    def reduced(dealt: list[pa.Table]) -> Iterator[pa.Table]:
        for share in dealt:
            customers = one_row_per_customer(
                share,
                CHOICES,
                key=vault.id_key("me"),
                child_age=16,
                today=TODAY,
                refusing=refusing,
            )
            receipts.append(customers.receipt("", TODAY))
            yield customers.rows

    with dealt_out(vault, texts, CHOICES, "id", ("mail",), owner="me", expires_at=SOON) as dealt:
        assert sum(each.num_rows for each in dealt) == texts.num_rows
        dataset_id = put_together(
            vault,
            reduced(list(dealt)),
            len(dealt),
            owner="me",
            waiting_until=SOON,
            expires_at=SOON,
            ready=_ready,
        )
    return dataset_id, added(receipts)


@pytest.mark.usefixtures("_small")
@given(st.lists(ROW, min_size=6, max_size=60))
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_customers_that_are_dealt_out_are_kept_as_if_at_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str | None]]
) -> None:
    vault = Vault(tmp_path_factory.mktemp("vault"), KEY)
    table = raw(**{name: [row[name] for row in rows] for name in rows[0]})
    suppression.suppress_ids(vault, "me", ["one@a.example"], TODAY)
    refusing = Refusing(suppression.suppressed(vault, "me", ("id", "mail"), "id"))
    staged = vault.stage(iter([table]), owner="me", expires_at=SOON)
    before = _files(vault)
    whole = one_row_per_customer(
        table, CHOICES, key=vault.id_key("me"), child_age=16, today=TODAY, refusing=refusing
    )
    dataset_id, told = _kept(vault, staged, refusing)
    kept = vault.read(dataset_id, "me")
    assert together(kept, vault.table_key("me", dataset_id)).combine_chunks() == whole.rows
    assert kept.column("customer").to_pylist() == sorted(kept.column("customer").to_pylist())
    expected = whole.receipt("", TODAY)
    for name in ("rows", "duplicates", "without_id", "said_no", "unknown", "minors", "customers"):
        assert getattr(told, name) == getattr(expected, name), name
    assert (told.listed, told.unlisted) == (expected.listed, expected.unlisted)
    assert _files(vault) == sorted([*before, f"{dataset_id}.key", f"{dataset_id}.rows"])


@pytest.mark.usefixtures("_small")
def test_who_stops_before_the_end_leaves_nothing(tmp_path: Path) -> None:
    vault = Vault(tmp_path, KEY)
    rows = pa.table({"customer": pa.array([b"a" * 16, b"z" * 16], pa.binary(16)), "spend": [1, 2]})

    def stopped() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        put_together(
            vault,
            iter([rows]),
            2,
            owner="me",
            waiting_until=SOON,
            expires_at=SOON,
            ready=stopped,
        )
    assert _files(vault) == []


def test_a_file_is_dealt_into_as_many_shares_as_have_to_be() -> None:
    most = shares.MOST_ROWS
    told = [shares_for(rows) for rows in (0, most, most + 1, 16_000_000, 16_000_001, 50_000_000)]
    assert told == [1, 1, 4, 4, 8, 16]
