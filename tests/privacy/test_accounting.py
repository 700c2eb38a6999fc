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


@pytest.mark.parametrize(
    ("rho", "delta", "epsilon"),
    [
        (0.001, 1e-6, 0.182895500),
        (0.0243, 1e-6, 0.998768880),
        (0.185, 1e-6, 2.999378014),
        (0.463, 1e-6, 4.999604417),
        (1.5, 1e-6, 9.848229273),
        (0.0243, 1e-5, 0.882886191),
        (2.56, 1e-10, 17.158309123),
    ],
)
def test_the_conversion_agrees_with_an_independent_library(
    rho: float, delta: float, epsilon: float
) -> None:
    """Google's dp-accounting 0.6.0, ``rdp_privacy_accountant.compute_epsilon``.

    Orders α = 1 + exp(x) for 3,000 x from −1 to 6, each with the divergence αρ. It looks
    at these orders only, so ours may be smaller by a hair, and never larger.
    """
    assert epsilon_of(rho, delta) <= epsilon
    assert epsilon_of(rho, delta) == pytest.approx(epsilon, rel=1e-6)


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


LATTICE = 1_000
"""How long one customer's vector may be in a sum on a fine lattice; in a count it is 1."""


def gaussian_variance(rho: float, length: int) -> float:
    """The variance of a number's noise as the gate draws it: discrete Gaussian, whole σ²."""
    variance = sigma_squared(length**2, math.floor(rho / RHO_UNIT))
    if variance > 1_000:
        return variance / length**2
    x = np.arange(-500, 501, dtype=float)
    weights = np.exp(-(x**2) / (2 * variance))
    return float((x**2 * weights).sum() / weights.sum()) / length**2


def geometric_variance(rho: float, length: int) -> float:
    """The least variance that two-sided geometric noise can have on a number at this price.

    At parameter e, a number that moves by L has the divergence of order one
    e·(L − (1 − exp(−eL))/sinh e), and zCDP needs at least that, so it is charged no more
    than it costs; the variance is 1/(cosh e − 1). For counts (L = 1) the divergence is
    e·tanh(e/2).
    """
    from scipy.optimize import brentq

    def divergence(e: float) -> float:
        return e * (length - (1 - math.exp(-e * length)) / math.sinh(e))

    e = brentq(lambda e: divergence(e) - rho, 1e-6 / length, 100)
    return 1 / (math.cosh(e) - 1) / length**2


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 0.5, 1, 2, 3, 5, 10])
def test_geometric_noise_would_never_be_cheaper_for_what_the_gate_asks(epsilon: float) -> None:
    """At equal price every number would get noisier; docs/decisions/0007-one-noise.md."""
    plan = replace(PLAN, epsilon=epsilon)
    for name, units in {**map_units(plan), **publish_units(plan)}.items():
        length = 1 if name in ("count", "margins", "sizes", "profiles") else LATTICE
        rho = units * RHO_UNIT
        assert geometric_variance(rho, length) > 1.3 * gaussian_variance(rho, length), name


def test_geometric_noise_is_cheaper_where_one_number_takes_a_very_large_price() -> None:
    """Otherwise the comparison above could not fail."""
    assert geometric_variance(0.45, 1) < gaussian_variance(0.45, 1)
    assert geometric_variance(2.0, 1) < gaussian_variance(2.0, 1) / 2
    assert geometric_variance(4.0, LATTICE) < gaussian_variance(4.0, LATTICE)


def test_the_divergence_of_geometric_noise_is_the_one_that_is_summed_up() -> None:
    for e, length in ((0.3, 1), (1.5, 1), (0.2, 7)):
        x = np.arange(-2_000, 2_001)
        weights = np.exp(-e * np.abs(x))
        summed = float((weights / weights.sum() * e * (np.abs(x - length) - np.abs(x))).sum())
        assert geometric_variance(summed, length) * length**2 == pytest.approx(
            1 / (math.cosh(e) - 1)
        )
