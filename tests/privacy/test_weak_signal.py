"""Where noise is large, what is known beforehand holds the map together; else it is silent."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.privacy.margins import shares_of
from dashboard.privacy.segments import tracked
from dashboard.privacy.space import middle_and_spread
from tests.privacy.test_stability import map_of

BELL = np.exp(-(((np.arange(32) - 15.5) / 5.3) ** 2) / 2)


def noisy(truth: np.ndarray, sigma: float, seed: int) -> tuple[int, ...]:
    draw = np.random.default_rng(seed)
    return tuple(int(each) for each in np.rint(truth + draw.normal(0, sigma, len(truth))))


def error(truth: np.ndarray, sigma: float) -> float:
    """How far off a column's spread is, as a factor, in the middle of many draws."""
    true = middle_and_spread(truth / truth.sum())[1]
    count = round(float(truth.sum()))
    found = [
        middle_and_spread(shares_of(noisy(truth, sigma, seed), sigma, count))[1]
        for seed in range(40)
    ]
    return float(np.median([max(each / true, true / each) for each in found]))


def test_a_drowned_margin_keeps_the_scale_of_its_declared_range() -> None:
    assert error(BELL / BELL.sum() * 2_000, 300) < 1.25


def test_a_clear_margin_is_taken_as_it_is() -> None:
    narrow = np.zeros(32)
    narrow[9:12] = 600, 1_000, 400
    assert error(narrow, 10) < 1.1


def test_shares_sum_to_one_at_any_noise() -> None:
    for sigma in (0.5, 30, 90, 4_000):
        assert shares_of(noisy(BELL * 100, sigma, 1), sigma, 1_300).sum() == pytest.approx(1)


def test_rounds_about_a_center_that_rests_are_averaged() -> None:
    """Ten thousand centers, three rounds each: the last error is that of a mean of the rounds."""
    draw = np.random.default_rng(3)
    centers = np.zeros((10_000, 2), dtype=np.int64)
    belief = np.full(10_000, 1e12)
    for _ in range(3):
        answers = np.empty((10_000, 3), dtype=np.int64)
        answers[:, :2] = -centers * 1_000 + np.rint(draw.normal(0, 100_000, (10_000, 2)))
        answers[:, 2] = 1_000 * 5_000
        centers, belief = tracked(centers, answers, 5_000, 100_000.0, belief)
    assert centers.std() < 80


def test_a_center_that_is_far_off_still_moves_all_the_way() -> None:
    answers = np.array([[800_000, 0, 1_000 * 500]])
    belief = np.array([100.0])
    moved, _ = tracked(np.zeros((1, 2), dtype=np.int64), answers, 500, 10_000.0, belief)
    assert moved[0, 0] > 700


def test_where_noise_limits_the_suggestion_more_budget_is_said_to_help() -> None:
    _, loud = map_of(0.1).suggestion
    _, quiet = map_of(5.0).suggestion
    assert "More privacy budget" in loud
    assert "More privacy budget" not in quiet
