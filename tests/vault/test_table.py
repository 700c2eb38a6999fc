from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.receipts import Choices
from dashboard.terms import Bounds, DateReading, Domain, PrivacyUnit
from dashboard.vault import store, texts
from dashboard.vault.pseudonyms import pseudonyms
from dashboard.vault.store import Vault
from dashboard.vault.table import CustomerTable, one_row_per_customer
from tests.vault.making import raw

KEY = b"k" * 32
TODAY = date(2026, 6, 15)
SPEND = Feature("spend", "number", bounds=Bounds(0, 1000))
MEMBER = Feature("member", "flag")
PLAN = Feature("plan", "category")
CHOICES = Choices("to trial", "id", (), (SPEND, MEMBER, PLAN))


def _kept(table: pa.Table, choices: Choices = CHOICES, child_age: int = 16) -> CustomerTable:
    return one_row_per_customer(table, choices, key=KEY, child_age=child_age, today=TODAY)


def _by_id(kept: CustomerTable, *ids: str) -> list[dict[str, Any] | None]:
    rows = {row.pop("customer"): row for row in kept.rows.to_pylist()}
    return [rows.get(name) for name in pseudonyms(KEY, ids)]


def _table(**columns: list[str | None]) -> pa.Table:
    size = len(next(iter(columns.values())))
    blank: list[str | None] = [None] * size
    return raw(**{"spend": blank, "member": blank, "plan": blank, **columns})


def test_kept_columns_have_their_kinds_and_nothing_else_is_kept() -> None:
    table = _table(
        id=["a", "b", "c"],
        mail=["x@y.z", "q@y.z", None],
        spend=["12,5", "inf", "1e308"],
        member=["yes", "0", "perhaps"],
        plan=["  pro ", "x" * 200, None],
    )
    kept = _kept(table)
    assert kept.rows.schema == pa.schema(
        {
            "customer": pa.binary(16),
            "spend": pa.float64(),
            "member": pa.int8(),
            "plan": pa.string(),
        }
    )
    assert _by_id(kept, "a", "b", "c") == [
        {"spend": 12.5, "member": 1, "plan": "pro"},
        {"spend": None, "member": 0, "plan": "x" * 80},
        {"spend": 1e308, "member": None, "plan": None},
    ]
    assert kept.unit is PrivacyUnit.CUSTOMER


def test_several_rows_of_one_customer_become_one_with_the_last_known_values() -> None:
    table = _table(
        id=["a", "'A ", "b", "ａ"],
        spend=["1", "2", "9", "nan"],
        member=["yes", None, None, "what"],
        plan=["basic", "pro", None, None],
    )
    kept = _kept(table)
    assert _by_id(kept, "a", "b") == [
        {"spend": 2.0, "member": 1, "plan": "pro"},
        {"spend": 9.0, "member": None, "plan": None},
    ]
    assert (kept.customers, kept.duplicates, kept.rows_received) == (2, 2, 4)


@pytest.mark.parametrize("at_once", [1, 3])
def test_an_upload_that_is_read_bit_by_bit_keeps_the_same_as_one_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Customers, late labels and blanks lie across the parts of the upload."""
    monkeypatch.setattr(store, "PART", 4)
    monkeypatch.setattr(texts, "_AT_ONCE", at_once)
    draw = random.Random(3)
    table = _table(
        id=[draw.choice([None, *"abcdefgh"]) for _ in range(41)],
        spend=[draw.choice([None, "x", "1,5", str(place)]) for place in range(41)],
        member=[draw.choice([None, "yes", "no", "perhaps"]) for _ in range(41)],
        plan=[draw.choice([None, " ", "pro", f"plan {place}"]) for place in range(41)],
    )
    vault = Vault(tmp_path, KEY)
    until = datetime.now(UTC) + timedelta(hours=1)
    staged = vault.stage(iter([table]), owner="me", expires_at=until)
    told = one_row_per_customer(
        vault.texts(staged, "me"), CHOICES, key=KEY, child_age=16, today=TODAY
    )
    assert told.customers == 8
    assert told.rows.equals(_kept(table).rows)


def test_rows_without_an_id_are_left_out_and_counted() -> None:
    kept = _kept(_table(id=["a", None, "'", "N/A", "null"], spend=["1"] * 5))
    assert (kept.customers, kept.without_id, kept.duplicates) == (1, 4, 0)


def test_any_no_in_any_row_or_column_wins() -> None:
    choices = replace(CHOICES, consent_columns=("opt_in", "do_not_call"))
    table = _table(
        id=["a", "a", "b", "b", "c", "d", "e"],
        opt_in=["yes", "no", "no", "yes", "yes", None, "yes"],
        do_not_call=["0", "0", "0", "0", "1", "0", "0"],
    )
    kept = _kept(table, choices)
    assert _by_id(kept, "a", "b", "c") == [None] * 3
    assert (kept.said_no, kept.unknown, kept.customers) == (3, 1, 2)


def test_not_opted_out_counts_as_no_answer() -> None:
    choices = replace(CHOICES, consent_columns=("Email Opt Out",), basis="consent")
    kept = _kept(_table(**{"id": ["a", "b"], "Email Opt Out": ["0", "1"]}), choices)
    assert (kept.customers, kept.said_no, kept.unknown) == (0, 1, 1)


def test_people_without_an_answer_stay_only_if_the_giver_says_so() -> None:
    table = _table(id=["a", "b", "c"], opt_in=["yes", None, "perhaps"])
    asked = replace(CHOICES, consent_columns=("opt_in",))
    assert _kept(table, asked).customers == 3
    strict = _kept(table, replace(asked, basis="consent"))
    assert (strict.customers, strict.unknown, strict.unlisted) == (1, 2, 1)


def test_without_a_consent_column_nobody_counts_as_silent() -> None:
    kept = _kept(_table(id=["a"]), replace(CHOICES, basis="consent"))
    assert (kept.customers, kept.unknown) == (1, 0)


def test_children_are_left_out_before_anything_else() -> None:
    choices = replace(CHOICES, age_column="age", consent_columns=("opt_in",))
    table = _table(
        id=["a", "a", "b", "c", "d", "e"],
        age=["40", "15", "2012", None, "2012-01-01", "16"],
        opt_in=["no", "yes", "yes", "yes", "no", "yes"],
    )
    kept = _kept(table, choices)
    assert _by_id(kept, "a", "b", "d") == [None] * 3
    assert (kept.minors, kept.said_no, kept.customers) == (3, 0, 2)
    assert _kept(table, choices, child_age=0).minors == 0


def test_without_an_id_column_each_row_is_a_customer() -> None:
    table = _table(spend=["1", "1", "2"], member=["yes", "yes", "no"])
    kept = _kept(table, replace(CHOICES, id_column=None))
    assert kept.unit is PrivacyUnit.ROW
    assert kept.pseudonyms() is None
    assert kept.customers == 3
    assert len(set(kept.rows.column("customer").to_pylist())) == 3
    again = _kept(table.take([2, 0, 1]), replace(CHOICES, id_column=None))
    assert again.rows.equals(kept.rows)


def test_rows_come_out_in_the_order_of_pseudonyms_whatever_the_file() -> None:
    ids = [str(number) for number in range(300)]
    table = _table(id=[*ids], spend=[*ids])
    kept = _kept(table).rows
    names = kept.column("customer").to_pylist()
    assert names == sorted(names)
    random.Random(1).shuffle(ids)
    assert _kept(_table(id=[*ids], spend=[*ids])).rows.equals(kept)


ANSWERS = st.sampled_from([None, "yes", "no", "0", "1", "perhaps", "1,234", "12,5", "nan", "1e308"])
ROW = st.tuples(st.sampled_from(["a", "b", "c", None]), ANSWERS, ANSWERS, ANSWERS, ANSWERS, ANSWERS)


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=12), st.lists(ROW, min_size=1, max_size=4), st.booleans())
def test_one_more_customer_changes_no_other_row(
    rows: list[tuple[str | None, ...]], more: list[tuple[str | None, ...]], silent_too: bool
) -> None:
    added = [("new", *row[1:]) for row in more]
    choices = Choices(
        "p",
        "id",
        ("opt_in",),
        (SPEND, MEMBER, PLAN),
        "age",
        "interests" if silent_too else "consent",
    )

    def kept(rows: list[tuple[str | None, ...]]) -> dict[bytes, Any]:
        names = ("id", "spend", "member", "plan", "opt_in", "age")
        table = raw(**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
        return {row.pop("customer"): row for row in _kept(table, choices).rows.to_pylist()}

    before, after = kept(rows), kept([*more[:0], *added, *rows])
    after.pop(pseudonyms(KEY, ["new"])[0], None)
    assert after == before


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CHOICES, id_column="nobody"),
        replace(CHOICES, consent_columns=("nothing",)),
        replace(CHOICES, age_column="nothing"),
        replace(CHOICES, kept=()),
        replace(CHOICES, kept=(SPEND, SPEND)),
        replace(CHOICES, kept=(Feature("id", "category"),)),
        replace(CHOICES, kept=(Feature("customer", "category"),)),
    ],
)
def test_choices_that_cannot_be_met_are_refused(wrong: Choices) -> None:
    with pytest.raises(BadInputError):
        _kept(_table(id=["a"], customer=["x"]), wrong)


def test_the_receipt_tells_what_became_of_the_rows() -> None:
    kept = _kept(_table(id=["a", "a", None], spend=["1", "2", "3"]))
    receipt = kept.receipt("d", TODAY)
    assert (receipt.rows, receipt.customers, receipt.columns_received, receipt.columns_kept) == (
        3,
        1,
        4,
        3,
    )


def test_a_table_may_end_up_without_any_customer() -> None:
    assert _kept(_table(id=[None, None])).customers == 0


def test_dates_are_kept_as_days_before_the_declared_day() -> None:
    signup = Feature("signup", "number", Bounds(0, 3650), dates=DateReading("dmy", "2026-06-15"))
    table = raw(id=["a", "b", "c"], signup=["14/06/2026", "2025-06-15", "06/14/2026"])
    kept = _kept(table, Choices("to trial", "id", (), (signup,)))
    assert _by_id(kept, "a", "b", "c") == [{"signup": 1.0}, {"signup": 365.0}, {"signup": None}]


def test_labels_in_order_are_kept_as_they_are_written() -> None:
    tier = Feature("tier", "level", domain=Domain(("silver", "gold")))
    kept = _kept(raw(id=["a", "b"], tier=[" Gold", "tin"]), Choices("to trial", "id", (), (tier,)))
    assert _by_id(kept, "a", "b") == [{"tier": "Gold"}, {"tier": "tin"}]
