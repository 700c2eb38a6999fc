"""The one tap of noise, and the only importer of diffprivlib.

Every displayed number starts as an exact integer total to which this file added
discrete Gaussian noise, once. The randomness comes from the operating system.

diffprivlib's own ``GaussianDiscrete`` counts its discrete Laplace up one by one,
in time linear in sigma; the subclass here draws the same distribution in whole
numbers, in time that does not depend on sigma, without a floating-point step
(Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential
Privacy", algorithms 1 to 3).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RandBelow = Callable[[int], int]
"""A uniform integer from 0 to below its argument; :func:`fresh` makes one in the product."""

FETCHED: Final = 4_096
"""So many bytes at a time: asking the operating system takes longer than drawing."""


def fresh() -> RandBelow:
    """Uniform integers from the operating system's generator, as ``secrets.randbelow`` makes them.

    Each is cut from bits that were never used before, and drawn again while it is too large.
    It lives for one vector, so that no forked process can come to draw what is left of it.
    """
    held, place = b"", 0

    def below(limit: int) -> int:
        nonlocal held, place
        bits = (limit - 1).bit_length()
        size = (bits + 7) // 8
        while True:
            if place + size > len(held):
                held, place = os.urandom(max(size, FETCHED)), 0
            drawn = int.from_bytes(held[place : place + size]) >> (8 * size - bits)
            place += size
            if drawn < limit:
                return drawn

    return below


class Noise(Protocol):
    """Something that adds integer noise of a stated variance to an integer vector."""

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        """The vector with independent noise on each number."""
        ...  # pragma: no cover


class DiscreteGaussianNoise:
    """Adds discrete Gaussian noise drawn from the operating system's generator.

    One draw has probability proportional to exp(-x²/2σ²) on the integers; with a
    vector query of squared L2 sensitivity Δ² it is Δ²/(2σ²)-zCDP (ibid., theorem 14).
    """

    def __init__(self, randbelow: RandBelow | None = None) -> None:
        """Draw from the operating system, or in a test from ``randbelow``."""
        self._randbelow = randbelow

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        """Add one independent draw to each number of ``exact``.

        Raises:
            TypeError: the variance parameter is not a whole number.
            ValueError: it is below one.
        """
        import numpy as np

        mechanism = _whole_gaussian()(sigma_squared, self._randbelow or fresh())
        noisy = [mechanism.randomise(value) for value in exact.tolist()]
        return np.array(noisy, dtype=np.int64).reshape(exact.shape)


@cache
def _whole_gaussian() -> Any:
    """Make the diffprivlib subclass; importing diffprivlib takes seconds, so only when needed."""
    from diffprivlib.mechanisms import GaussianDiscrete

    class WholeGaussian(GaussianDiscrete):  # type: ignore[misc]
        """diffprivlib's discrete Gaussian with an exact sampler for any whole σ²."""

        def __init__(self, sigma_squared: int, randbelow: RandBelow) -> None:
            if isinstance(sigma_squared, bool) or not isinstance(sigma_squared, int):
                raise TypeError("the variance parameter must be a whole number")
            if sigma_squared < 1:
                raise ValueError("the variance parameter must be at least one")
            self._sigma_squared = sigma_squared
            self._scale = math.sqrt(sigma_squared)
            self._randbelow = randbelow

        def randomise(self, value: int) -> int:
            """The value plus one draw."""
            return value + discrete_gaussian(self._sigma_squared, self._randbelow)

    return WholeGaussian


def discrete_gaussian(sigma_squared: int, randbelow: RandBelow) -> int:
    """One integer with probability proportional to exp(-x²/2σ²), in exact arithmetic."""
    t = math.isqrt(sigma_squared) + 1
    denominator = 2 * sigma_squared * t * t
    while True:
        candidate = _discrete_laplace(t, randbelow)
        if _bernoulli_exp((abs(candidate) * t - sigma_squared) ** 2, denominator, randbelow):
            return candidate


def _discrete_laplace(t: int, randbelow: RandBelow) -> int:
    """One integer with probability proportional to exp(-|x|/t)."""
    while True:
        u = randbelow(t)
        if not _bernoulli_exp_fraction(u, t, randbelow):
            continue
        v = 0
        while _bernoulli_exp_fraction(1, 1, randbelow):
            v += 1
        magnitude = u + t * v
        negative = randbelow(2)
        if negative and magnitude == 0:
            continue
        return -magnitude if negative else magnitude


def _bernoulli_exp(numerator: int, denominator: int, randbelow: RandBelow) -> bool:
    """True with probability exp(-numerator/denominator), for any ratio ≥ 0."""
    whole, rest = divmod(numerator, denominator)
    for _ in range(whole):
        if not _bernoulli_exp_fraction(1, 1, randbelow):
            return False
    return _bernoulli_exp_fraction(rest, denominator, randbelow)


def _bernoulli_exp_fraction(numerator: int, denominator: int, randbelow: RandBelow) -> bool:
    """True with probability exp(-numerator/denominator), for a ratio from 0 to 1."""
    k = 1
    while randbelow(denominator * k) < numerator:
        k += 1
    return k % 2 == 1
