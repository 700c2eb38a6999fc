"""What is asked of rows: integer totals, each with the proof of how far one customer moves it.

Every query maps a batch to the sum of its rows' vectors. ``sensitivity_squared``
bounds the squared L2 norm of one row's vector, so adding or removing one
customer changes the total by at most its root. All arithmetic is on whole
numbers, so totals are bit-identical for any batch size or number of threads. The sums
themselves are compiled (``kernels.py``) when the first question is asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from dashboard.errors import InternalError
from dashboard.privacy.encoding import LEVELS, EncodedBatch, Float, Int64
from dashboard.privacy.lookup import Lookup, Table, lookup_of
from dashboard.privacy.space import Latent, Space

BINS: Final = 32
"""How many equal parts of its declared range a number's histogram has."""

DIAGONAL, OFF_DIAGONAL = 5, 7
"""Whole-number weights of the moments; 7/5 stays below √2, which the proof needs."""


class Query(Protocol):
    """A total that may be asked, with its sensitivity."""

    @property
    def name(self) -> str:
        """What it is called in the account."""
        ...  # pragma: no cover

    @property
    def length(self) -> int:
        """How many integers it answers."""
        ...  # pragma: no cover

    @property
    def sensitivity_squared(self) -> int:
        """A bound on one row's squared L2 norm, in lattice units."""
        ...  # pragma: no cover

    def __call__(self, batch: EncodedBatch) -> Int64:
        """The sum of the batch's rows' vectors."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class Count:
    """How many customers there are. One customer adds exactly 1."""

    name: str = "count"
    length: int = 1
    sensitivity_squared: int = 1

    def __call__(self, batch: EncodedBatch) -> Int64:
        """The number of rows, shape (1,)."""
        return np.array([len(batch)], dtype=np.int64)


@dataclass(frozen=True)
class Bins:
    """Where the parts of one column's histogram lie.

    ``lookup`` maps a level or code, shifted by one so that missing is 0, to a bin
    from 0 to ``size`` - 1; whatever lies beyond the table falls into the last entry.

    Raises:
        InternalError: a bin is not among them.
    """

    is_number: bool
    place: int
    lookup: Int64
    size: int

    def __post_init__(self) -> None:
        if not 0 <= self.lookup.min() <= self.lookup.max() < self.size:
            raise InternalError("a histogram has a part that is not its own")


def in_a_row(columns: Sequence[Bins]) -> Lookup:
    """The parts of several columns' histograms, numbered one column after the other, from 1."""
    starts = np.cumsum([1, *(each.size for each in columns)])
    return lookup_of(
        Table(each.is_number, each.place, each.lookup + start)
        for each, start in zip(columns, starts[:-1], strict=True)
    )


def even_bins(place: int, parts: int = BINS) -> Bins:
    """Equal parts of a number's range (32) or one for each level, then one for missing."""
    lookup = np.empty(LEVELS + 1, dtype=np.int64)
    lookup[0] = parts
    lookup[1:] = np.arange(LEVELS) * parts // LEVELS
    return Bins(is_number=True, place=place, lookup=lookup, size=parts + 1)


def flag_bins(place: int) -> Bins:
    """One part for no, one for yes, one for missing."""
    lookup = np.array([2, 0, 1], dtype=np.int64)
    return Bins(is_number=False, place=place, lookup=lookup, size=3)


def label_bins(place: int, labels: int) -> Bins:
    """One part for each label, one for every other label, one for missing."""
    lookup = np.concatenate([[labels + 1], np.arange(labels), [labels]]).astype(np.int64)
    return Bins(is_number=False, place=place, lookup=lookup, size=labels + 2)


@dataclass(frozen=True)
class Margins:
    """How each column is spread over the whole base.

    One customer falls into exactly one part of each column's histogram and adds
    1 there: the squared norm is exactly the number of columns.
    """

    columns: tuple[Bins, ...]
    name: str = "margins"

    @property
    def length(self) -> int:
        """All columns' parts, one after the other."""
        return sum(column.size for column in self.columns)

    @property
    def sensitivity_squared(self) -> int:
        """One per column."""
        return len(self.columns)

    def __call__(self, batch: EncodedBatch) -> Int64:
        """Counts per part, shape (length,)."""
        return _tallies(batch, _NOWHERE, _ONE_CENTER, self._bins, self.length)[0, 1:]

    @cached_property
    def _bins(self) -> Lookup:
        return in_a_row(self.columns)


@dataclass(frozen=True)
class Moments:
    """How columns move together: Σ z zᵀ of normal scores, on a whole-number lattice.

    A row's scores are clipped toward zero into a ball of radius R (whole lattice
    units). Its vector holds 5·z_i² on the diagonal and 7·z_i·z_j above it, so its
    squared norm is 25·Σz_i⁴ + 49·Σ_{i<j}z_i²z_j² ≤ 25·(Σz_i²)² ≤ 25·R⁴,
    because 49 ≤ 2·25.
    """

    latent: Latent
    name: str = "moments"

    @property
    def length(self) -> int:
        """The upper triangle, diagonal first."""
        d = self.latent.dimensions
        return d * (d + 1) // 2

    @property
    def sensitivity_squared(self) -> int:
        """25·R⁴."""
        return DIAGONAL**2 * self.latent.radius**4

    def __call__(self, batch: EncodedBatch) -> Int64:
        """The weighted upper triangle of Σ z zᵀ, shape (length,)."""
        from dashboard.privacy import kernels

        looked_up = self.latent.lookup.checked(batch)
        sums = kernels.products(*kernels.sources(batch), looked_up, self.latent.radius)
        upper = sums[np.triu_indices(len(sums), 1)]
        return np.concatenate([DIAGONAL * np.diag(sums), OFF_DIAGONAL * upper])


@dataclass(frozen=True)
class Residuals:
    """For each center, how many customers are nearest to it and which way they pull it.

    A row belongs to one center only. Its residual is clipped toward zero into a
    ball of radius R and stands beside its weight B, so its vector's squared norm
    is at most R² + B².
    """

    space: Space
    centers: Int64
    radius: int
    weight: int
    name: str = "cells"

    @property
    def length(self) -> int:
        """A residual and a count for each center."""
        return int(self.centers.shape[0] * (self.centers.shape[1] + 1))

    @property
    def sensitivity_squared(self) -> int:
        """R² + B²."""
        return self.radius**2 + self.weight**2

    def __call__(self, batch: EncodedBatch) -> Int64:
        """Sums of residuals, then weighted counts, center by center, shape (length,)."""
        from dashboard.privacy import kernels

        looked_up = self.space.lookup.checked(batch)
        sums = kernels.residuals(
            *kernels.sources(batch), looked_up, self.centers.astype(np.float64), self.radius
        )
        sums[:, -1] *= self.weight
        return sums.ravel()


class Placed(Protocol):
    """Whatever puts customers on whole-number places, so that the nearest center is told."""

    @property
    def lookup(self) -> Lookup:
        """The whole-number place of every level and code, direction by direction."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class Sizes:
    """How many customers each segment has. A customer is in exactly one: squared norm 1."""

    space: Placed
    centers: Int64
    name: str = "sizes"
    sensitivity_squared: int = 1

    @property
    def length(self) -> int:
        """One count per segment."""
        return len(self.centers)

    def __call__(self, batch: EncodedBatch) -> Int64:
        """Customers per segment, shape (segments,)."""
        return _tallies(batch, self.space.lookup, self.centers, _NOWHERE, 0)[:, 0]


@dataclass(frozen=True)
class Profiles:
    """How each column is spread within each segment.

    A customer is in one segment and, there, in one part of each column's
    histogram: the squared norm is exactly the number of columns.
    """

    space: Placed
    centers: Int64
    columns: tuple[Bins, ...]
    name: str = "profiles"

    @property
    def length(self) -> int:
        """All columns' parts for the first segment, then for the next."""
        return len(self.centers) * sum(column.size for column in self.columns)

    @property
    def sensitivity_squared(self) -> int:
        """One per column."""
        return len(self.columns)

    def __call__(self, batch: EncodedBatch) -> Int64:
        """Counts per segment and part, shape (length,)."""
        parts = self.length // len(self.centers)
        counts = _tallies(batch, self.space.lookup, self.centers, self._bins, parts)
        return counts[:, 1:].ravel()

    @cached_property
    def _bins(self) -> Lookup:
        return in_a_row(self.columns)


def _tallies(batch: EncodedBatch, space: Lookup, centers: Int64, bins: Lookup, parts: int) -> Int64:
    from dashboard.privacy import kernels

    return kernels.tallies(
        *kernels.sources(batch),
        space.checked(batch),
        centers.astype(np.float64),
        bins.checked(batch),
        parts,
    )


_NOWHERE: Final = lookup_of(())
_ONE_CENTER: Final = np.zeros((1, 0), dtype=np.int64)
"""A space without directions: everybody is nearest to its one center."""


def nearest_center(places: Float, centers: Int64) -> Int64:
    """The index of each place's nearest center, the first one in a tie; exact in whole numbers."""
    from dashboard.privacy import grouping

    return grouping.nearest(places, centers)[0]


def radius_for(dimensions: int, unit: int) -> int:
    """The clipping radius √d + 1.5 of normal scores, in lattice units, rounded down."""
    return math.floor((math.sqrt(dimensions) + 1.5) * unit)
