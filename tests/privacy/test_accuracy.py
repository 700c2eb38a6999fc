from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.privacy import accuracy


def test_a_half_width_is_that_of_the_discrete_gaussian() -> None:
    assert accuracy.half_width(35) == math.ceil(1.959964 * 35 - 0.5)
    assert accuracy.half_width(10, 4) == math.ceil(1.959964 * 20 - 0.5)
    assert accuracy.half_width(0.1) == 0


@pytest.mark.parametrize(
    ("width", "step"), [(40, 5), (50, 10), (7, 1), (0.35, 0.05), (1_300, 200), (0, 0)]
)
def test_numbers_are_rounded_to_about_a_fifth_of_their_error(width: float, step: float) -> None:
    assert accuracy.step_for(width) == pytest.approx(step)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e5))
def test_rounding_moves_an_estimate_by_less_than_a_fifth_of_its_range(
    value: float, width: float
) -> None:
    told = accuracy.estimate(value, value - width, value + width)
    assert abs(told.value - value) <= width / 5
    assert told.low <= told.value <= told.high


@given(st.integers(-100, 10**6), st.integers(0, 500))
def test_people_are_whole_and_never_fewer_than_none(value: int, width: int) -> None:
    told = accuracy.people(value, width)
    assert 0 <= told.low <= told.value <= told.high
    assert all(float(each).is_integer() for each in (told.value, told.low, told.high))


def test_a_share_of_a_larger_group_is_more_certain() -> None:
    assert accuracy.share_half_width(0.3, 4_000, 20, 4) < accuracy.share_half_width(0.3, 400, 20, 4)
    assert accuracy.share_half_width(0.3, 0, 20, 4) == 1.0


@given(st.floats(0, 1e6), st.floats(0.01, 1e4))
def test_rounding_never_makes_a_range_narrower(value: float, width: float) -> None:
    told = accuracy.estimate(value, value - width, value + width)
    assert told.low <= value - width * (1 - 1e-6)
    assert told.high >= value + width * (1 - 1e-6)
    assert told.high - told.low <= 2.5 * width
