from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.plan import Feature, Plan
from dashboard.privacy import accounting
from dashboard.privacy.accounting import (
    cap_price,
    count_price,
    epsilon_of,
    map_price,
    map_units,
    publish_price,
    publish_units,
    rho_units_of,
    sigma_squared,
    spent_of,
)
from dashboard.terms import RHO_UNIT, Bounds, Price

PLAN = Plan((Feature("spend", "number", Bounds(0, 100)),))


@pytest.mark.parametrize(
    ("epsilon", "rho"),
    [(0.5, 0.00664), (1, 0.02436), (2, 0.08815), (3, 0.18507), (5, 0.46306)],
)
def test_the_conversion_agrees_with_the_published_table(epsilon: float, rho: float) -> None:
    assert epsilon_of(rho, 1e-6) == pytest.approx(epsilon, rel=5e-4)


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 0.5, 1, 2, 3, 7, 10])
def test_a_price_never_exceeds_its_epsilon_and_wastes_no_unit(epsilon: float) -> None:
    units = rho_units_of(epsilon)
    assert epsilon_of(units * RHO_UNIT) <= epsilon
    assert epsilon_of((units + 1) * RHO_UNIT) > epsilon


def test_the_conversion_is_the_minimum_over_all_orders() -> None:
    rho, delta = 0.0243, 1e-6
    excess = np.exp(np.linspace(-6, 8, 200_001))
    alpha = 1 + excess
    bounds = alpha * rho - (np.log(alpha) + math.log(delta)) / excess + np.log(excess / alpha)
    assert epsilon_of(rho, delta) == pytest.approx(bounds.min(), abs=1e-7)


def test_the_conversion_covers_the_true_delta_of_a_gaussian() -> None:
    """A Gaussian with mu = √(2ρ) has this exact delta; the stated one may not be smaller."""
    from scipy.stats import norm

    for rho in (0.001, 0.0243, 0.185, 0.46):
        mu, epsilon = math.sqrt(2 * rho), epsilon_of(rho, 1e-6)
        exact = norm.cdf(mu / 2 - epsilon / mu) - math.exp(epsilon) * norm.cdf(
            -mu / 2 - epsilon / mu
        )
        assert exact <= 1e-6


@given(st.floats(0.05, 10))
def test_the_parts_of_a_release_sum_to_its_price(epsilon: float) -> None:
    plan = replace(PLAN, epsilon=epsilon)
    parts = sum(map_units(plan).values()) + sum(publish_units(plan).values())
    assert parts == rho_units_of(epsilon)
    assert count_price(plan) + map_price(plan) + publish_price(plan) == Price(parts)


def test_half_of_a_release_buys_the_map() -> None:
    assert sum(map_units(PLAN).values()) == pytest.approx(rho_units_of(1) / 2, abs=1)


def test_names_of_categories_cost_a_delta_of_their_own() -> None:
    named = replace(PLAN, profiled=(Feature("region", "category"),))
    assert map_price(named).delta_units == accounting.SELECTION_UNITS
    assert map_price(PLAN).delta_units == 0
    assert cap_price(3).delta_units * 1e-12 == pytest.approx(1e-8)


def test_about_seven_default_releases_fit_one_customer_base() -> None:
    assert cap_price(3).rho_units // rho_units_of(1) == 7


@given(st.integers(1, 10**14), st.integers(1, 10**9))
def test_the_noise_is_never_smaller_than_what_was_paid_for(sensitivity: int, units: int) -> None:
    variance = sigma_squared(sensitivity, units)
    assert variance * 2 * units >= sensitivity * 10**9
    assert (variance - 1) * 2 * units < sensitivity * 10**9


def test_a_query_without_a_price_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one unit"):
        sigma_squared(1, 0)


def test_a_release_states_epsilon_at_the_whole_delta() -> None:
    spent = spent_of(count_price(PLAN) + map_price(PLAN) + publish_price(PLAN))
    assert spent.epsilon == pytest.approx(1, abs=1e-4)
    assert spent.delta == 1e-6
    assert spent.rho == pytest.approx(0.0243, abs=1e-4)
