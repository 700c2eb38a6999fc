"""Mechanisms that break their promise on purpose: a check that can't fail is no check."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dashboard.privacy.encoding import EncodedBatch
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.privacy.queries import Query, Residuals

Whole = npt.NDArray[np.int64]


@dataclass
class HalfSigma:
    """Half the noise that was paid for."""

    honest: DiscreteGaussianNoise

    def add(self, exact: Whole, sigma_squared: int) -> Whole:
        return self.honest.add(exact, max(1, sigma_squared // 4))


@dataclass
class OneDrawForAll:
    """Right noise, but the same draw on every number of an answer."""

    honest: DiscreteGaussianNoise

    def add(self, exact: Whole, sigma_squared: int) -> Whole:
        return exact + self.honest.add(np.zeros(1, dtype=np.int64), sigma_squared)


@dataclass
class FloatingLaplace:
    """Textbook Laplace noise for ε = 1 in floating point; its lowest bits tell the exact total."""

    draw: random.Random = field(default_factory=lambda: random.Random(5))

    def add(self, exact: Whole, _sigma_squared: int) -> npt.NDArray[np.float64]:
        return np.array([value + self._laplace() for value in exact.tolist()])

    def _laplace(self) -> float:
        part = self.draw.random() - 0.5
        return -math.copysign(math.log(1 - 2 * abs(part)), part)


@dataclass(frozen=True)
class Understated:
    """Residuals in a ball of twice the radius that their sensitivity is stated for."""

    stated: Residuals

    @property
    def name(self) -> str:
        return self.stated.name

    @property
    def length(self) -> int:
        return self.stated.length

    @property
    def sensitivity_squared(self) -> int:
        return self.stated.sensitivity_squared

    def __call__(self, batch: EncodedBatch) -> Whole:
        stated = self.stated
        twice: Query = Residuals(stated.space, stated.centers, 2 * stated.radius, stated.weight)
        return twice(batch)


def naive_threshold(_sigma_squared: int, _open_columns: int) -> int:
    """Names every label whose noisy count is above zero."""
    return 0
