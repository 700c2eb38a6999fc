from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from dashboard.privacy.accounting import SELECTION_UNITS
from dashboard.privacy.suppression import (
    hide_cell,
    selection_threshold,
    suppress,
    suppression_threshold,
)
from dashboard.terms import DELTA_UNIT


def test_a_group_below_the_threshold_is_merged_into_the_other() -> None:
    shown = suppress([900, 500, 40, 30], [1, 1, 1, 1], min_segment_size=11, sigma=20)
    assert shown.visible == (0, 1)
    assert shown.hidden == (2, 3)
    assert shown.other == 70
    assert shown.total == 1_470


def test_a_merged_group_that_is_still_small_has_no_size_and_is_in_no_total() -> None:
    shown = suppress([900, 30], [1, 1], min_segment_size=11, sigma=20)
    assert shown.other is None
    assert shown.total == 900


@given(st.lists(st.integers(-50, 5_000), min_size=1, max_size=12), st.floats(1, 200))
def test_a_total_is_always_the_sum_of_what_is_shown(sizes: list[int], sigma: float) -> None:
    shown = suppress(sizes, [1] * len(sizes), 11, sigma)
    assert shown.total == sum(sizes[each] for each in shown.visible) + (shown.other or 0)
    assert all(sizes[each] >= suppression_threshold(11, sigma) for each in shown.visible)
    assert sorted(shown.visible + shown.hidden) == list(range(len(sizes)))


def test_the_threshold_stands_two_sigma_above_the_policy() -> None:
    assert suppression_threshold(11, 20) == 51


def test_a_small_cell_and_an_uncertain_cell_say_why_they_are_hidden() -> None:
    assert hide_cell(10, 5, 50) == "too few people"
    assert hide_cell(60, 80, 50) == "too uncertain to show"
    assert hide_cell(600, 80, 50) is None


def test_a_label_that_one_customer_holds_passes_with_at_most_delta() -> None:
    """P(1 + N > τ) = P(N ≥ τ) by the exact distribution, summed far out."""
    for variance, columns in ((100, 1), (1_369, 3), (40_000, 8)):
        tau = selection_threshold(variance, columns)
        reach = math.ceil(30 * math.sqrt(variance))
        weights = {x: math.exp(-x * x / (2 * variance)) for x in range(-reach, reach + 1)}
        whole = math.fsum(weights.values())
        tail = math.fsum(weight for x, weight in weights.items() if x >= tau) / whole
        before = math.fsum(weight for x, weight in weights.items() if x >= tau - 1) / whole
        assert tail <= SELECTION_UNITS * DELTA_UNIT / columns < before
