"""What is asked of rows: integer totals, each with the proof of how far one customer moves it.

Every query maps a batch to the sum of its rows' vectors. ``sensitivity_squared``
bounds the squared L2 norm of one row's vector, so adding or removing one
customer changes the total by at most its root. All arithmetic is on whole
numbers: products and sums of integers below 2⁵³ are exact in float64, whatever
the order, so totals are bit-identical for any batch size or number of threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np

from dashboard.privacy.encoding import (
    LEVELS,
    EncodedBatch,
    Float,
    Int64,
    looked_up,
    missing_last,
)
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
    """

    is_number: bool
    place: int
    lookup: Int64
    size: int

    def of(self, batch: EncodedBatch) -> Int64:
        """The bin of every row in this column."""
        source = batch.levels if self.is_number else batch.codes
        return looked_up(self._rolled, source[:, self.place])

    @cached_property
    def _rolled(self) -> Int64:
        return missing_last(self.lookup)


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
        counts = [np.bincount(each.of(batch), minlength=each.size) for each in self.columns]
        return np.concatenate(counts).astype(np.int64)


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
        scores = clip_to_ball(self.latent.scores(batch), self.latent.radius)
        products = scores.T @ scores
        upper = products[np.triu_indices(len(products), 1)]
        whole = np.concatenate([DIAGONAL * np.diag(products), OFF_DIAGONAL * upper])
        return whole.astype(np.int64)


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
        places = self.space.places(batch)
        nearest, distances = _nearest(places, self.centers)
        k = len(self.centers)
        counts = np.bincount(nearest, minlength=k)
        sums = (nearest == np.arange(k)[:, None]).astype(np.float64) @ places
        sums -= counts[:, None] * self.centers.astype(np.float64)
        far = np.flatnonzero(distances > float(self.radius) ** 2)
        belongs = nearest[far]
        residuals = places[far] - self.centers[belongs]
        shortened = clip_to_ball(residuals, self.radius) - residuals
        for place in range(self.centers.shape[1]):
            sums[:, place] += np.bincount(belongs, weights=shortened[:, place], minlength=k)
        return np.column_stack([sums, counts * self.weight]).astype(np.int64).ravel()


class Placed(Protocol):
    """Whatever puts customers on whole-number places, so that the nearest center is told."""

    def places(self, batch: EncodedBatch) -> Float:
        """Whole-number places of customers, shape (customers, dimensions), as float64."""
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
        nearest = nearest_center(self.space.places(batch), self.centers)
        return np.bincount(nearest, minlength=len(self.centers)).astype(np.int64)


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
        k = len(self.centers)
        nearest = nearest_center(self.space.places(batch), self.centers)
        tables = [
            np.bincount(nearest * each.size + each.of(batch), minlength=k * each.size)
            for each in self.columns
        ]
        rows = [
            table.reshape(k, each.size) for table, each in zip(tables, self.columns, strict=True)
        ]
        return np.concatenate(rows, axis=1).astype(np.int64).ravel()


def nearest_center(places: Float, centers: Int64) -> Int64:
    """The index of each row's nearest center, the first one in a tie; exact in whole numbers."""
    return _nearest(places, centers)[0]


def _nearest(places: Float, centers: Int64) -> tuple[Int64, Float]:
    """The index of each row's nearest center, and the squared distance to it, a whole number."""
    exact = centers.astype(np.float64)
    distances = (-2.0 * exact) @ places.T
    distances += (exact**2).sum(axis=1)[:, None]
    nearest = np.zeros(len(places), dtype=np.int64)
    least = distances[0]
    for center, each in enumerate(distances[1:], 1):
        nearest[each < least] = center
        np.minimum(least, each, out=least)
    return nearest, least + _squares(places)


def _squares(vectors: Float) -> Float:
    """The squared length of each row's vector."""
    turned = vectors.T
    squares: Float = np.einsum("ij,ij->j", turned, turned)
    return squares


def clip_to_ball(vectors: Float, radius: int) -> Float:
    """Whole-number vectors, shortened toward zero where they are longer than the radius.

    The factor is a hair below radius/length and every coordinate is rounded
    toward zero, so that no rounding can lift a vector over the radius.
    """
    norms = _squares(vectors)
    over = norms > float(radius) ** 2
    if not over.any():
        return vectors
    clipped = vectors.copy()
    factors = radius / np.sqrt(norms[over]) * (1 - 1e-12)
    clipped[over] = np.trunc(vectors[over] * factors[:, None])
    return clipped


def radius_for(dimensions: int, unit: int) -> int:
    """The clipping radius √d + 1.5 of normal scores, in lattice units, rounded down."""
    return math.floor((math.sqrt(dimensions) + 1.5) * unit)
