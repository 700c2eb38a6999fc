"""The auditor against mechanisms whose leakage is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.statistical import auditor
from tests.statistical.auditor import certified_delta, certify, lower, rho_between, upper

pytestmark = pytest.mark.statistical

RUNS = 40_000
ALARM = 1e-3


def gaussian(sigma: float, shift: float, seed: int) -> dict[str, np.ndarray]:
    return {"value": shift + sigma * np.random.default_rng(seed).standard_normal(RUNS)}


def responses(epsilon: float, truth: int, seed: int) -> dict[str, np.ndarray]:
    """Randomized response: the truth with probability e^ε/(1 + e^ε)."""
    honest = np.random.default_rng(seed).random(RUNS) < 1 / (1 + math.exp(-epsilon))
    return {"said": np.where(honest, truth, 1 - truth).astype(float)}


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_randomized_response_is_certified_close_to_its_epsilon_and_not_above(epsilon):
    proven = certify(responses(epsilon, 0, 1), responses(epsilon, 1, 2), ALARM)
    assert 0.85 * epsilon < proven.epsilon <= epsilon


@pytest.mark.parametrize("rho", [0.02436, 0.5, 1.5])
def test_gaussian_noise_is_certified_close_to_its_rho_and_not_above(rho):
    sigma = math.sqrt(1 / (2 * rho))
    proven = certify(gaussian(sigma, 0, 1), gaussian(sigma, 1, 2), ALARM)
    assert 0.2 * rho < proven.rho <= rho
    assert proven.epsilon <= auditor.epsilon_of(rho)


def test_nothing_is_certified_where_the_tables_are_told_alike():
    proven = certify(gaussian(1, 0, 1), gaussian(1, 0, 2), ALARM)
    assert (proven.epsilon, proven.rho) == (0, 0)


def test_a_value_that_only_one_table_can_give_is_found():
    first, second = gaussian(50, 0, 1), gaussian(50, 1, 2)
    second["value"][::21] = 7.25
    proven = certify(first, second, ALARM)
    assert (proven.event.relation, proven.event.value) == ("=", 7.25)
    assert proven.epsilon > 4


def test_an_answer_that_is_missing_for_one_table_is_found():
    first, second = gaussian(1, 0, 1), gaussian(1, 0, 2)
    for seen, often in ((first, 0.01), (second, 0.3)):
        refused = np.random.default_rng(3).random(RUNS) < often
        seen["refused"] = refused.astype(float)
        seen["value"][refused] = np.nan
    assert certify(first, second, ALARM).epsilon > 3


def test_bounds_hold_in_all_but_the_stated_part_of_experiments():
    happened = np.random.default_rng(5).binomial(200, 0.1, 20_000)
    assert (lower(happened, 200, 0.01) > 0.1).mean() <= 0.012
    assert (upper(happened, 200, 0.01) < 0.1).mean() <= 0.012
    assert lower([0], 200, 0.01)[0] == 0
    assert upper([200], 200, 0.01)[0] == 1
    assert upper([0], 200, 0.01)[0] == pytest.approx(1 - 0.01 ** (1 / 200))


def test_the_rho_of_an_event_is_that_of_its_divergence():
    kl = 0.7 * math.log(0.7 / 0.4) + 0.3 * math.log(0.3 / 0.6)
    found = rho_between(np.array([0.7, 0.4]), np.array([0.4, 0.7]), 0.0)
    assert found[0] >= kl * 0.999
    assert found[1] == 0


def test_delta_is_certified_from_an_event_that_epsilon_does_not_explain():
    assert certified_delta(3_000, 0, 10_000, 1.0, ALARM) == pytest.approx(0.28, abs=0.02)
    assert certified_delta(100, 90, 10_000, 1.0, ALARM) == 0


def test_the_lowest_bit_is_that_of_the_exact_number():
    values = np.array([1.0, -12.0, 0.75, 2.0**40, -(2.0**-60), 0.0])
    assert auditor.lowest_bit(values).tolist() == [0, 2, -2, 40, -60, 2000]
