"""Orders become one row per customer: added up line by line, grouped by public cuts."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import rfm
from dashboard.errors import BadInputError
from dashboard.receipts import Choices, Orders, OrdersTold
from dashboard.rfm import FREQUENCY, GROUP, LADDER, MONETARY, RECENCY, Cuts
from dashboard.vault.orders import groups_of, rolled_up
from dashboard.vault.table import one_row_per_customer

DAY = date(2026, 9, 1)
READ = Orders("who", "day", "amount")
Line = tuple[str | None, ...]


def added_up(
    lines: list[Line], told: Orders = READ, *, names: tuple[str, ...] = (), **choices: object
) -> tuple[dict[str, dict[str, object]], OrdersTold]:
    """The kept rows of some lines, found again by a made-up spend of each customer."""
    header = ("who", "day", "amount", *names)
    raw = pa.table(
        {name: pa.array([line[n] for line in lines], pa.string()) for n, name in enumerate(header)}
    )
    asked = Choices("try", told.customer, (), rfm.features(DAY), orders=told, **choices)  # type: ignore[arg-type]
    table, tally = rolled_up(raw, asked)
    rows = {}
    for who in dict.fromkeys(line[0] for line in lines if line[0]):
        own = table.filter(pa.compute.equal(table.column("who"), who))
        kept = (
            one_row_per_customer(own, asked, key=b"k" * 32, child_age=0) if own.num_rows else None
        )
        rows[str(who)] = kept.rows.to_pylist()[0] if kept else {}
    return rows, tally


def test_a_customer_is_one_row_with_days_orders_total_and_group() -> None:
    rows, told = added_up(
        [("a", "2026-08-22", "300.10"), ("a", "2026-08-01", "0.20"), ("b", "2025-01-01", "9")]
    )
    assert rows["a"] | {"customer": None} == {
        "customer": None,
        RECENCY: 10.0,
        FREQUENCY: 2.0,
        MONETARY: 300.3,
        GROUP: "Promising",
    }
    assert rows["b"][GROUP] == "Lost"
    assert told == OrdersTold(3, 0, 0, 0, 0, 0)


def test_a_refund_lowers_what_was_spent_and_is_no_order() -> None:
    rows, told = added_up(
        [("a", "2026-08-01", "100"), ("a", "2026-08-30", "-40"), ("b", "2026-08-01", "-5")]
    )
    assert rows["a"] | {"customer": None} == {
        "customer": None, RECENCY: 31.0, FREQUENCY: 1.0, MONETARY: 60.0, GROUP: "New",
    }  # fmt: skip
    assert rows["b"] == {}
    assert (told.refunds, told.without_order) == (2, 1)


def test_more_refunds_than_orders_are_zero_and_not_less() -> None:
    rows, _ = added_up([("a", "2026-08-01", "10"), ("a", "2026-08-30", "-40")])
    assert rows["a"][MONETARY] == 0.0


def test_a_line_that_stands_twice_counts_once_and_is_told() -> None:
    rows, told = added_up([("a", "2026-08-01", "10")] * 3 + [("a", "2026-08-01", "11")])
    assert (rows["a"][FREQUENCY], rows["a"][MONETARY]) == (2.0, 21.0)
    assert told.repeated == 2


def test_orders_without_a_day_and_after_the_day_are_left_out_and_told() -> None:
    rows, told = added_up(
        [
            ("a", None, "10"),
            ("a", "soon", "10"),
            ("a", "2026-09-02", "10"),
            ("a", "2026-09-01", "1"),
            ("b", "2026-09-02", "10"),
        ]
    )
    assert (rows["a"][RECENCY], rows["a"][MONETARY]) == (0.0, 1.0)
    assert (told.undated, told.future, told.without_order) == (2, 2, 1)


def test_an_amount_that_can_not_be_read_is_missing_and_the_order_counts() -> None:
    rows, _ = added_up([("a", "2026-08-30", "much"), ("a", "2026-08-31", None)])
    assert (rows["a"][FREQUENCY], rows["a"][MONETARY]) == (2.0, None)
    assert rows["a"][GROUP] == "Promising"


def test_lines_under_one_number_are_one_order() -> None:
    told = Orders("who", "day", "amount", number="no")
    day = "2026-08-30"
    lines = [("a", day, "10", "7"), ("a", day, "20", "7"), ("b", day, "5", "7")]
    rows, _ = added_up(lines, told, names=("no",))
    assert (rows["a"][FREQUENCY], rows["a"][MONETARY]) == (1.0, 30.0)
    assert (rows["b"][FREQUENCY], rows["b"][MONETARY]) == (1.0, 5.0)


def test_a_total_that_stands_on_each_line_of_an_order_counts_once() -> None:
    told = Orders("who", "day", "amount", number="no", once_per_order=True)
    amounts = {"x": "30", "y": "30", "z": None}
    lines = [("a", "2026-08-30", amount, "7", what) for what, amount in amounts.items()]
    rows, _ = added_up(lines, told, names=("no", "article"))
    assert (rows["a"][FREQUENCY], rows["a"][MONETARY]) == (1.0, 30.0)


def test_a_price_is_multiplied_by_its_quantity_and_a_negative_one_is_a_refund() -> None:
    told = Orders("who", "day", "amount", number="no", quantity="qty")
    lines = [("a", "2026-08-30", "2.5", "7", "4"), ("a", "2026-08-31", "2.5", "C7", "-1")]
    rows, tally = added_up(lines, told, names=("no", "qty"))
    assert (rows["a"][FREQUENCY], rows["a"][MONETARY]) == (1.0, 7.5)
    assert tally.refunds == 1


def test_days_are_read_in_the_declared_order_only() -> None:
    lines = [("a", "03/08/2026", "1"), ("a", "25/08/2026", "1")]
    rows, _ = added_up(lines, replace(READ, written="dmy"))
    assert rows["a"][RECENCY] == 7.0
    _, told = added_up(lines, replace(READ, written="mdy"))
    assert told.undated == 1


def test_a_file_without_any_order_up_to_the_day_is_refused_without_a_value() -> None:
    with pytest.raises(BadInputError) as refusal:
        added_up([("a", "2027-01-01", "1234567")])
    assert "reference day" in str(refusal.value)
    assert "1234567" not in str(refusal.value)


def test_one_row_stays_one_row_for_ten_thousand_orders() -> None:
    lines: list[Line] = [("a", f"2026-08-{1 + n % 28:02}", f"{n}.25") for n in range(10_000)]
    rows, _ = added_up([*lines, ("b", "2026-08-30", "1")])
    assert rows["a"][FREQUENCY] == 10_000.0
    assert rows["b"][FREQUENCY] == 1.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", " A "]),
            st.sampled_from(["2026-08-01", "2025-08-01", "2027-01-01", "?", None]),
            st.sampled_from(["10", "-10", "700", "x", None]),
        ),
        max_size=14,
    )
)
def test_the_lines_of_one_customer_change_nothing_of_another(lines: list[Line]) -> None:
    always = [("z", "2026-08-01", "1")]
    others = [line for line in lines if str(line[0]).strip().lower() != "a"]
    whole, _ = added_up(always + lines)
    without, _ = added_up(always + others)
    assert {who: whole[who] for who in without} == without


def test_an_order_number_that_another_customer_used_first_moves_no_sum() -> None:
    """Amounts so large that rounding shows in which order they are added."""
    mine = [("a", "2026-08-01", each, str(n)) for n, each in enumerate(("1e19", "600", "-1e19"))]
    first = [("z", "2026-08-01", "1", "1")]
    alone, _ = added_up(mine, replace(READ, number="order"), names=("order",))
    beside, _ = added_up(first + mine, replace(READ, number="order"), names=("order",))
    assert beside["a"] == alone["a"]
    turned, _ = added_up(mine[::-1], replace(READ, number="order"), names=("order",))
    assert turned["a"] == alone["a"]


# ── groups ──────────────────────────────────────────────────────────────────────────────
ANY = st.one_of(st.floats(), st.sampled_from([0.0, 1.0, 2.0, 4.0, 5.0, 60.0, 180.0, 365.0, 500.0]))


@given(ANY, ANY, ANY)
def test_everybody_is_in_exactly_one_group_whatever_is_known(
    recency: float, orders: float, spent: float
) -> None:
    step = groups_of(np.array([recency]), np.array([orders]), np.array([spent]), Cuts())[0]
    finite = [each if math.isfinite(each) else math.nan for each in (recency, orders, spent)]
    assert LADDER[step].group == rfm.group_of(*finite, Cuts())


def test_every_group_has_members_words_and_a_next_step() -> None:
    grid = itertools.product((0, 61, 181, 366), (1, 2, 5), (0.0, 500.0))
    assert {rfm.group_of(*place, Cuts()) for place in grid} == set(rfm.GROUPS)
    assert set(rfm.NEXT_STEPS) == set(rfm.GROUPS)
    assert all(rfm.rule_words(group, Cuts()) for group in rfm.GROUPS)
    assert LADDER[-1] == rfm.Step("Lost")


@pytest.mark.parametrize("wrong", [{"days": (60, 60, 365)}, {"orders": (1, 5)}, {"spent": -1}])
def test_cuts_that_cross_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Cuts(**wrong)  # type: ignore[arg-type]
