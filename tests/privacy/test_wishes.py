from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.privacy.wishes import STEP, size_error, wish_of
from tests.privacy.tables import PLAN


@pytest.mark.parametrize(("part", "people"), [(0.05, 1_000), (0.1, 500), (0.02, 5_000), (0.3, 90)])
def test_the_proposed_budget_is_enough_and_a_step_less_is_not(part: float, people: int) -> None:
    epsilon = wish_of(PLAN, part, people, 10.0).epsilon
    assert epsilon is not None
    assert size_error(replace(PLAN, epsilon=epsilon)) <= part * people
    less = round(epsilon - STEP, 2)
    assert less <= 0 or size_error(replace(PLAN, epsilon=less)) > part * people


def test_where_no_budget_is_enough_the_group_that_would_be_is_told() -> None:
    wish = wish_of(PLAN, 0.01, 200, 3.0)
    best = size_error(replace(PLAN, epsilon=3.0))
    assert wish.epsilon is None
    assert f"± {best} people" in wish.sentence
    assert f"{best * 100:,} people or more" in wish.sentence


def test_an_empty_account_gives_no_wish() -> None:
    assert wish_of(PLAN, 0.05, 1_000, 0.0).epsilon is None
