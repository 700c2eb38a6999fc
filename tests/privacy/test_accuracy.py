from __future__ import annotations

import math

import numpy as np
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
    low, high = accuracy.share_range(1_200, 4_000, 20, 4)
    wider_low, wider_high = accuracy.share_range(120, 400, 20, 4)
    assert wider_low < low < 0.3 < high < wider_high
    assert accuracy.share_range(0, 0, 20, 4) == (0.0, 1.0)
    assert accuracy.share_range(30, 40, 20, 4) == (0.0, 1.0)
    assert accuracy.share_range(30, 40, 0, 4) == (0.75, 0.75)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.98, 1.0])
@pytest.mark.parametrize("group", [150, 400, 5_000])
def test_a_share_lies_in_its_range_as_often_as_is_said_at_the_edges_and_in_small_groups(
    share: float, group: int
) -> None:
    """20,000 repeatable draws at 95 %: four standard deviations are 0.6 %, one alarm in 16,000."""
    draw, turns, sigma = np.random.default_rng(5), 20_000, 40.0
    noise = draw.standard_normal((turns, 2)) * sigma
    parts, rests = share * group + noise[:, 0], (1 - share) * group + noise[:, 1]
    ranges = np.array(
        [accuracy.share_range(a, a + r, sigma, 1) for a, r in zip(parts, rests, strict=True)]
    )
    held = float(np.mean((ranges[:, 0] <= share) & (share <= ranges[:, 1])))
    assert held >= 0.95 - 0.0062
    if 0 < share < 1 and group > 150:
        assert held <= 0.95 + 0.0062


@pytest.mark.parametrize("true", [20, 60, 100, 140, 250])
def test_a_count_that_is_shown_lies_within_its_range_as_often_as_said_where_noise_lifted_it(
    true: int,
) -> None:
    """3,000 shown counts at 95 %: five standard deviations are 2 %, one alarm in a million.

    The draws are always the same.
    """
    draw, sigma, threshold = np.random.default_rng(8), 40.0, 91
    seen = true + sigma * draw.standard_normal(300_000)
    shown = seen[seen >= threshold][:3_000]
    assert len(shown) == 3_000
    down, less = np.array([accuracy.lifted(each, threshold, sigma) for each in shown]).T
    width = accuracy.Z * sigma
    held = (shown - width - down <= true) & (true <= shown + width - less)
    assert 0.93 <= np.mean(held) <= 0.97


def test_what_is_clearly_shown_was_lifted_by_nothing() -> None:
    assert accuracy.lifted(300, 91, 40) == (0, 0)
    assert accuracy.lifted(91, 91, 0) == (0, 0)
    near, far = accuracy.lifted(95, 91, 40), accuracy.lifted(150, 91, 40)
    assert near[0] > far[0] > 0
    assert near[1] > far[1] > 0


@given(st.floats(0, 1e6), st.floats(0.01, 1e4))
def test_rounding_never_makes_a_range_narrower(value: float, width: float) -> None:
    told = accuracy.estimate(value, value - width, value + width)
    assert told.low <= value - width * (1 - 1e-6)
    assert told.high >= value + width * (1 - 1e-6)
    assert told.high - told.low <= 2.5 * width
