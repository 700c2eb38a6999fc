from __future__ import annotations

import inspect
import math
import os

import numpy as np
import pytest
from scipy import stats

from dashboard.privacy import mechanisms
from dashboard.privacy.mechanisms import FETCHED, DiscreteGaussianNoise, discrete_gaussian, fresh

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
    below = fresh()
    draws = np.array([discrete_gaussian(sigma_squared, below) for _ in range(12_000)])
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


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes were asked of the operating system, time by time."""
    asked: list[int] = []
    urandom = os.urandom

    def told(size: int) -> bytes:
        asked.append(size)
        return urandom(size)

    monkeypatch.setattr(mechanisms.os, "urandom", told)
    return asked


def test_the_operating_system_draws_the_noise(fetched: list[int]) -> None:
    DiscreteGaussianNoise().add(np.zeros(500, dtype=np.int64), 250_000)
    assert sum(fetched) > 500 * 8
    assert len(fetched) < 100


def test_no_randomness_is_left_for_a_second_vector(fetched: list[int]) -> None:
    """A process that is forked between two vectors would draw the same noise as its parent."""
    noise = DiscreteGaussianNoise()
    for vector in (1, 2, 3):
        noise.add(np.zeros(1, dtype=np.int64), 1)
        assert fetched == [FETCHED] * vector


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 16, 100, 255, 256])
def test_every_number_below_a_limit_is_drawn_from_equally_many_bytes(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """Exactly: of all bytes there are, each number comes from the same number of them."""
    monkeypatch.setattr(mechanisms.os, "urandom", lambda size: bytes(range(256)) * (size // 256))
    below = fresh()
    each = 2 ** (8 - (limit - 1).bit_length())
    drawn = np.bincount([below(limit) for _ in range(limit * each)], minlength=limit)
    assert drawn.tolist() == [each] * limit


def test_a_number_larger_than_all_that_is_fetched_is_drawn_too() -> None:
    limit = 2 ** (8 * FETCHED + 80)
    assert fresh()(limit).bit_length() > 8 * FETCHED


def test_bytes_are_used_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mechanisms.os, "urandom", lambda size: bytes(range(256)) * (size // 256))
    below = fresh()
    assert [below(2**16) for _ in range(3)] == [0x0001, 0x0203, 0x0405]
    assert [below(2**4), below(2**24)] == [0x0, 0x070809]


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
