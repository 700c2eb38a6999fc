"""Where customers lie: the private scale of each feature, made from noisy margins alone.

Everything here is post-processing of the noisy margins, so it costs nothing
and can be told. A *space* puts customers where distances mean likeness; a
*latent* puts them where columns look normal, for the moments.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from dashboard.plan import Feature
from dashboard.privacy.encoding import (
    LEVELS,
    EncodedBatch,
    Float,
    Int64,
    value_of,
)
from dashboard.privacy.lookup import Lookup, Table, lookup_of

UNIT: Final = 512
"""Lattice steps for one standard deviation of a feature."""

REACH: Final = 4
"""Standard deviations from the middle to the edge of the space; what lies beyond is moved in."""

SCORE_UNIT: Final = 256
"""Lattice steps for one standard deviation of a normal score."""


@dataclass(frozen=True)
class Dimension:
    """One direction of the space: a number, a flag's yes, or one label of a category.

    For a number ``middle`` and ``spread`` are parts of its declared range (0 to
    1); for a label they are its share and the spread that its column is scaled by.
    ``shares`` and ``edges`` describe its margin for the invented customers.
    """

    feature: Feature
    place: int
    code: int | None
    label: str | None
    middle: float
    spread: float
    shares: tuple[float, ...]

    @property
    def is_number(self) -> bool:
        """Whether this is a number's direction."""
        return self.code is None

    def steps(self, parts: Any) -> Float:
        """Places from 0 to 1 of the range (or 0/1 for a label) as whole lattice steps."""
        deviations = (np.asarray(parts, dtype=np.float64) - self.middle) / self.spread
        limited: Float = np.clip(deviations, -REACH, REACH)
        return np.trunc(limited * UNIT)

    def parts(self, steps: Any) -> Float:
        """The reverse of :meth:`steps`: where in the declared range a lattice place lies."""
        reached: Float = np.clip(np.asarray(steps) / UNIT * self.spread + self.middle, 0, 1)
        return reached

    def typical(self, steps: float) -> float:
        """A lattice place in the column's own units: a number's value, or a label's share."""
        part = min(max(steps / UNIT * self.spread + self.middle, 0.0), 1.0)
        if self.feature.scale is None:
            return part
        return float(value_of(part, self.feature.scale))

    @cached_property
    def table(self) -> Float:
        """Lattice steps by level, or by code, shifted by one so that missing (the middle) is 0."""
        if self.is_number:
            steps = self.steps(np.arange(LEVELS) / (LEVELS - 1))
            return np.concatenate([[0.0], steps])
        yes, no = self.steps([1.0, 0.0])
        return np.concatenate(
            [[0.0], np.where(np.arange((self.code or 0) + 2) == self.code, yes, no)]
        )


@dataclass(frozen=True)
class Space:
    """All directions by which customers are compared."""

    directions: tuple[Dimension, ...]

    @property
    def dimensions(self) -> int:
        """How many directions there are."""
        return len(self.directions)

    @cached_property
    def lookup(self) -> Lookup:
        """Lattice steps by level or code, for each direction."""
        return lookup_of(Table(each.is_number, each.place, each.table) for each in self.directions)

    def places(self, batch: EncodedBatch) -> Float:
        """Whole-number places of customers, shape (customers, dimensions), as float64."""
        return self.lookup(batch)


@dataclass(frozen=True)
class Latent:
    """Customers as normal scores: each part of a margin becomes its mean under a normal curve."""

    directions: tuple[Dimension, ...]
    radius: int

    @property
    def dimensions(self) -> int:
        """How many directions there are."""
        return len(self.directions)

    @cached_property
    def lookup(self) -> Lookup:
        """Whole-number normal scores by level or code, for each direction."""
        return lookup_of(
            Table(each.is_number, each.place, _score_table(each)) for each in self.directions
        )


def _score_table(direction: Dimension) -> Float:
    scores = np.trunc(bin_scores(direction.shares) * SCORE_UNIT)
    if direction.is_number:
        bins = np.arange(LEVELS) * len(scores) // LEVELS
        return np.concatenate([[0.0], scores[bins]])
    no, yes = scores
    codes = np.arange((direction.code or 0) + 2)
    return np.concatenate([[0.0], np.where(codes == direction.code, yes, no)])


def bin_scores(shares: tuple[float, ...]) -> Float:
    """The mean of a standard normal within each part of a margin.

    For a part between cumulated shares a and b: (φ(Φ⁻¹a) − φ(Φ⁻¹b))/(b − a);
    an empty part gets the score of the cut itself.
    """
    from scipy.special import ndtri

    cuts = np.clip(np.concatenate([[0.0], np.cumsum(shares)]), 0.0, 1.0)
    inner = (cuts > 1e-12) & (cuts < 1 - 1e-12)
    density = np.where(inner, np.exp(ndtri(np.where(inner, cuts, 0.5)) ** 2 / -2), 0.0)
    widths, empty = np.diff(cuts), np.diff(cuts) <= 1e-9
    means = -np.diff(density) / math.sqrt(2 * math.pi) / np.where(empty, 1.0, widths)
    return np.asarray(np.where(empty, ndtri(np.clip(cuts[:-1], 1e-4, 1 - 1e-4)), means))


def whole_centers(centers: Float) -> Int64:
    """Centers on the lattice, so that distances are exact."""
    return np.rint(centers).astype(np.int64)


def between(one: Space, other: Space, places: Int64) -> Int64:
    """The same places on another lattice, whose middles and spreads are others."""
    ours, theirs = (
        np.array([(each.middle, each.spread) for each in space.directions]).T
        for space in (one, other)
    )
    deviations = (places / UNIT * ours[1] + ours[0] - theirs[0]) / theirs[1]
    return whole_centers(np.clip(deviations, -REACH, REACH) * UNIT)


def middle_and_spread(shares: Float, *, apart: bool = False) -> tuple[float, float]:
    """Mean and standard deviation of a margin on equal parts of 0 to 1.

    Grouping inflates the variance by width²/12 (Sheppard), which is taken off unless
    values stand ``apart``, each in the middle of its part; the spread is at least a
    third of a part, so that a lone part stays comparable.
    """
    width = 1 / len(shares)
    middles = (np.arange(len(shares)) + 0.5) * width
    mean = float(shares @ middles)
    variance = float(shares @ (middles - mean) ** 2) - (0 if apart else width**2 / 12)
    return mean, math.sqrt(max(variance, (width / 3) ** 2))
