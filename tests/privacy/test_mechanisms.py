from __future__ import annotations

import inspect
import math
import secrets

import numpy as np
import pytest
from scipy import stats

from dashboard.privacy import mechanisms
from dashboard.privacy.mechanisms import DiscreteGaussianNoise, discrete_gaussian

FALSE_ALARM = 1e-7


def exact_pmf(sigma_squared: int) -> tuple[np.ndarray, np.ndarray]:
    reach = math.ceil(14 * math.sqrt(sigma_squared)) + 5
    values = np.arange(-reach, reach + 1)
    weights = np.exp(-(values.astype(float) ** 2) / (2 * sigma_squared))
    return values, weights / weights.sum()


@pytest.mark.statistical
@pytest.mark.parametrize("sigma_squared", [1, 2, 30, 1_369, 250_000, 10**10])
def test_the_draws_follow_the_exact_discrete_gaussian(sigma_squared: int) -> None:
    """Chi-square on about 24 equally likely parts; false alarm 10⁻⁷ for each sigma."""
    draws = np.array([discrete_gaussian(sigma_squared, secrets.randbelow) for _ in range(12_000)])
    if sigma_squared > 10**6:
        edges = stats.norm.ppf(np.linspace(0, 1, 25)[1:-1]) * math.sqrt(sigma_squared)
        expected = np.full(24, 1 / 24)
        parts = np.searchsorted(edges, draws)
    else:
        values, pmf = exact_pmf(sigma_squared)
        group = np.minimum((np.cumsum(pmf) * 24).astype(int), 23)
        _, group = np.unique(group, return_inverse=True)
        expected = np.bincount(group, weights=pmf)
        parts = group[draws - values[0]]
    observed = np.bincount(parts, minlength=len(expected))
    assert stats.chisquare(observed, expected * len(draws)).pvalue > FALSE_ALARM


@pytest.mark.statistical
def test_the_lowest_bit_of_a_noisy_number_tells_nothing() -> None:
    """With sigma 37 both parities are equally likely to 10⁻⁹⁹; false alarm 10⁻⁷."""
    noise = DiscreteGaussianNoise()
    odd = int((noise.add(np.full(8_000, 4, dtype=np.int64), 1_369) % 2).sum())
    assert stats.binomtest(odd, 8_000, 0.5).pvalue > FALSE_ALARM


def test_the_operating_system_draws_the_noise() -> None:
    default = inspect.signature(DiscreteGaussianNoise.__init__).parameters["randbelow"].default
    assert default is secrets.randbelow


def test_there_is_no_seed_in_the_product() -> None:
    source = inspect.getsource(mechanisms)
    assert "seed" not in source
    assert "random_state" not in source


def test_noise_keeps_the_shape_and_stays_whole() -> None:
    noisy = DiscreteGaussianNoise().add(np.zeros(5, dtype=np.int64), 10**12)
    assert noisy.dtype == np.int64
    assert noisy.shape == (5,)


@pytest.mark.parametrize("wrong", [0, -3])
def test_a_variance_below_one_is_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        DiscreteGaussianNoise().add(np.zeros(1, dtype=np.int64), wrong)


@pytest.mark.parametrize("wrong", [2.5, True])
def test_a_variance_that_is_not_whole_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        DiscreteGaussianNoise().add(np.zeros(1, dtype=np.int64), wrong)  # type: ignore[arg-type]


def test_the_noise_is_a_mechanism_of_diffprivlib() -> None:
    from diffprivlib.mechanisms import GaussianDiscrete

    assert issubclass(mechanisms._whole_gaussian(), GaussianDiscrete)
