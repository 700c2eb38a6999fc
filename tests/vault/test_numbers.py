from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.vault.numbers import flags, number_of, numbers

READ = {
    "12": 12,
    "-3.5": -3.5,
    "+7": 7,
    ".5": 0.5,
    "1e3": 1000,
    "1e308": 1e308,
    "1,234.5": 1234.5,
    "1,234": 1234,
    "1,234,567": 1234567,
    "1.234,5": 1234.5,
    "1.234.567": 1234567,
    "1.234": 1.234,
    "12,5": 12.5,
    "0,125": 0.125,
    "1234,567": 1234.567,
    "€ 12": 12,
    "12 €": 12,
    "EUR 1.200,00": 1200,
    "$1,200.00": 1200,
    "12 %": 12,
    "1 234,5": 1234.5,
    "1\u202f234,5": 1234.5,
    "1'234.5": 1234.5,
    "(12.50)": -12.5,
    "($1,234.50)": -1234.5,
    "12,50-": -12.5,
    "￥1,200": 1200,
    "1,200円": 1200,
    "\\1,200": 1200,  # how Shift-JIS writes a yen
    "−3": -3,
}
NOT_READ = [
    "",
    "abc",
    "nan",
    "inf",
    "-Infinity",
    "1e999",
    "12a",
    "1-2",
    "=1+1",
    "1,2,3",
    "--1",
    "(-1)",
    "(1",
    "1)",
    "--1-",
    "٣",
]


@pytest.mark.parametrize("text", READ)
def test_a_number_is_read_however_it_is_written(text: str) -> None:
    assert number_of(text) == READ[text]
    assert numbers(pa.chunked_array([[text]])).tolist() == [READ[text]]


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_finite_number_is_missing(text: str) -> None:
    assert math.isnan(number_of(text))
    assert math.isnan(numbers(pa.chunked_array([[text]]))[0])


WRITTEN = st.text("0123456789.-", max_size=5) | st.text("01.-+eE,", max_size=7)
TEXT = st.none() | WRITTEN | st.text(max_size=8) | st.floats().map(repr)


@given(st.lists(TEXT, min_size=1))
def test_a_value_is_read_without_looking_at_others(values: list[str | None]) -> None:
    together = numbers(pa.chunked_array([pa.array(values, pa.string())])).tolist()
    assert repr(together) == repr(
        [math.nan if each is None else number_of(each) for each in values]
    )
    assert not any(math.isinf(each) for each in together)


def test_yes_and_no_are_read_and_the_rest_is_missing() -> None:
    found = flags(pa.chunked_array([["Yes", "0", "1.0", "nein", "maybe", None, "2"]])).tolist()
    assert found[:4] == [1, 0, 1, 0]
    assert all(math.isnan(each) for each in found[4:])
