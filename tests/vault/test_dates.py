from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.terms import DateOrder, DateReading
from dashboard.vault.dates import date_of, days_before, likely_order, ordinals

FIFTH_OF_MARCH = date(2024, 3, 5)
ALWAYS = (
    "2024-03-05",
    "2024/3/5",
    "2024.03.05",
    " 2024-03-05 ",
    "2024-03-05 23:59:59",
    "2024-03-05T23:59:59+02:00",
    "5 March 2024",
    "05-Mar-2024",
    "5 mars 2024",
    "5. März 2024",
    "March 5, 2024",
    "Mar 5, 2024, 10:30",
)
NEVER = ("", "0000-00-00", "2024-02-30", "2024-13-01", "20240305", "1709596800", "soon", "5/2024")


@pytest.mark.parametrize("order", ["ymd", "dmy", "mdy"])
@pytest.mark.parametrize("text", ALWAYS)
def test_a_date_that_says_its_year_first_or_names_its_month_needs_no_declaration(
    text: str, order: DateOrder
) -> None:
    assert date_of(text, order) == FIFTH_OF_MARCH


@pytest.mark.parametrize("order", ["ymd", "dmy", "mdy"])
@pytest.mark.parametrize("text", NEVER)
def test_what_is_no_day_is_missing(text: str, order: DateOrder) -> None:
    assert date_of(text, order) is None


@pytest.mark.parametrize("text", ["05/03/2024", "5.3.2024", "05-03-24", "05/03/2024 08:15"])
def test_a_date_of_numbers_is_read_in_the_declared_order_only(text: str) -> None:
    assert date_of(text, "dmy") == FIFTH_OF_MARCH
    assert date_of(text, "mdy") == date(2024, 5, 3)
    assert date_of(text, "ymd") is None


def test_a_day_that_does_not_exist_in_the_declared_order_is_not_read_in_the_other() -> None:
    assert date_of("25/12/2024", "mdy") is None
    assert date_of("12/25/2024", "dmy") is None


@pytest.mark.parametrize(
    ("word", "month"),
    [("juin", 6), ("juillet", 7), ("août", 8), ("Dezember", 12), ("enero", 1), ("Mai", 5)],
)
def test_months_are_known_in_four_languages(word: str, month: int) -> None:
    assert date_of(f"1 {word} 2020", "ymd") == date(2020, month, 1)


def test_days_are_counted_back_from_the_declared_day() -> None:
    texts = pa.chunked_array([["2026-11-24", "2026-11-23 10:00", None, "24/11/2025", "x"]])
    days = days_before(texts, DateReading("dmy", "2026-11-24"))
    np.testing.assert_array_equal(days, [0, 1, np.nan, 365, np.nan])
    later = days_before(texts, DateReading("dmy", "2026-11-20"))
    assert later[0] == -4


@given(
    st.lists(
        st.sampled_from([*ALWAYS, *NEVER, "05/03/2024", "25/12/2024", "0001-01-01", "9999-12-31"])
        | st.dates().map(str)
        | st.text(max_size=12)
        | st.none(),
        min_size=1,
    ),
    st.sampled_from(["ymd", "dmy", "mdy"]),
)
def test_no_value_decides_how_another_is_read(texts: list[str | None], order: DateOrder) -> None:
    together = ordinals(pa.chunked_array([texts], pa.string()), order)
    alone = [ordinals(pa.chunked_array([[text]], pa.string()), order)[0] for text in texts]
    np.testing.assert_array_equal(together, alone)
    told = [None if text is None else date_of(text, order) for text in texts]
    np.testing.assert_array_equal(
        together, [np.nan if day is None else float(day.toordinal()) for day in told]
    )


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2024-03-05"] * 50, "ymd"),
        (["25/12/2024"] * 50, "dmy"),
        (["12/25/2024"] * 50, "mdy"),
        (["05/06/2024"] * 50, "dmy"),
        (["05/06/2024"] * 49 + ["12/25/2024"], "dmy"),
    ],
)
def test_the_order_is_suggested_by_many_values_and_never_by_one(
    texts: list[str], order: DateOrder
) -> None:
    assert likely_order(pa.chunked_array([texts])) == order


@pytest.mark.parametrize(("order", "until"), [("ydm", "2026-11-24"), ("dmy", "24/11/2026")])
def test_a_reading_that_cannot_be_is_refused(order: DateOrder, until: str) -> None:
    with pytest.raises(ValueError, match=r"written|write"):
        DateReading(order, until)
