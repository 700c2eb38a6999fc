"""The sums over customers, compiled: each row is read once, and nothing is kept of it.

Whole numbers are held as float64 while they are compared, and added up as int64. Products
and sums of whole numbers below 2⁵³ are exact in either, whatever the order, so that the
answers are those of plain arithmetic, to the last bit; tests hold them against NumPy.

Compiled code is kept beside this file, or in the person's own cache (``NUMBA_CACHE_DIR``).
Where neither can be written it is compiled again by each process, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np
from numba import njit, types

from dashboard.privacy.encoding import LEVELS, MISSING, EncodedBatch, Float, Int16, Int32, Int64
from dashboard.privacy.lookup import MIDDLE, Packed

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

BLOCK: Final = 256
"""So many customers at a time: their places fit into a core's nearest memory."""

_ANY_ORDER: Final = {"reassoc", "contract"}
"""Sums and products of whole numbers are exact in any order, so it may be the fastest one."""

_LEVELS, _CODES, _CENTERS, _TABLE = (
    each[:, ::1] for each in (types.int16, types.int32, types.float64, types.int64)
)
_LOOKUP = types.Tuple(
    [each[::1] for each in (types.boolean, types.int64, types.int64, types.int32)]
)


def compiled(
    told: Any, *asked: Any
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Compile at once for these types alone, and keep it for later processes where possible."""

    def made_of(kernel: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        made: Callable[Asked, Answer]
        try:
            made = njit(told(*asked), nogil=True, error_model="numpy", cache=True)(kernel)
        except (RuntimeError, OSError):  # no folder can be written
            made = njit(told(*asked), nogil=True, error_model="numpy")(kernel)
        return made

    return made_of


def part(
    **options: Any,
) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """A part of a kernel, compiled into it."""

    def made_of(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        made: Callable[Asked, Answer] = njit(**options)(function)
        return made

    return made_of


@part()
def _look_up(
    levels: Int16, codes: Int32, lookup: Packed, table: int, first: int, rows: int, out: Int32
) -> None:
    """What one table says of some customers; missing is negative, a late code is the last."""
    numeric, places, starts, entries = lookup
    own, column = entries[starts[table] : starts[table + 1]], places[table]
    last = len(own) - 1
    if numeric[table]:  # an entry for each level there is: nothing to compare, no sign to look at
        for row in range(rows):
            out[row] = own[np.uint64(np.int64(levels[column, first + row]) + MIDDLE)]
    else:
        for row in range(rows):
            code = np.int64(codes[column, first + row])
            out[row] = own[0 if code < 0 else min(int(code) + 1, last)]


@part()
def _put_places(
    levels: Int16, codes: Int32, lookup: Packed, first: int, rows: int, found: Int32, places: Float
) -> None:
    """Where some customers lie, direction by direction."""
    for direction in range(len(places)):
        _look_up(levels, codes, lookup, direction, first, rows, found)
        for row in range(rows):
            places[direction, row] = found[row]


@part(fastmath=_ANY_ORDER)
def put_nearest(
    places: Float, rows: int, centers: Float, distances: Float, least: Float, nearest: Int64
) -> None:
    """The first of the nearest centers, and the squared distance less the customer's own square.

    Four directions at a time, so that distances are fetched and put back a quarter as often.
    """
    directions = len(places)
    for center in range(len(centers)):
        own = centers[center]
        distances[:rows] = np.sum(own * own)
        for first in range(0, directions - 3, 4):
            a, b = -2.0 * own[first], -2.0 * own[first + 1]
            c, d = -2.0 * own[first + 2], -2.0 * own[first + 3]
            w, x, y, z = places[first], places[first + 1], places[first + 2], places[first + 3]
            for row in range(rows):
                distances[row] += a * w[row] + b * x[row] + c * y[row] + d * z[row]
        for direction in range(directions - directions % 4, directions):
            slope = -2.0 * own[direction]
            for row in range(rows):
                distances[row] += slope * places[direction, row]
        for row in range(rows):
            closer = center == 0 or distances[row] < least[row]
            least[row] = distances[row] if closer else least[row]
            nearest[row] = center if closer else nearest[row]


@part()
def put_squares(places: Float, rows: int, squares: Float) -> None:
    """The squared length of each customer's vector."""
    squares[:rows] = 0.0
    for direction in range(len(places)):
        for row in range(rows):
            squares[row] += places[direction, row] * places[direction, row]


@part()
def _shortening(square: float, radius: int) -> float:
    """What a vector is multiplied by so that it stays in the ball; a hair below radius/length."""
    if square <= float(radius) ** 2:
        return 1.0
    return float(radius / np.sqrt(square) * (1 - 1e-12))


@compiled(_TABLE, _LEVELS, _CODES, _LOOKUP, _CENTERS, types.int64)
def residuals(levels: Int16, codes: Int32, lookup: Packed, centers: Float, radius: int) -> Int64:
    """Per center the sum of its customers' residuals, each in the ball, and their number.

    Shape (centers, directions + 1). Every coordinate is rounded toward zero.
    """
    k, directions = centers.shape
    sums = np.zeros((k, directions + 1), dtype=np.int64)
    places, found = np.empty((directions, BLOCK)), np.empty(BLOCK, dtype=np.int32)
    distances, least, squares = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    nearest = np.empty(BLOCK, dtype=np.int64)
    for first in range(0, levels.shape[1], BLOCK):
        rows = min(BLOCK, levels.shape[1] - first)
        _put_places(levels, codes, lookup, first, rows, found, places)
        put_nearest(places, rows, centers, distances, least, nearest)
        put_squares(places, rows, squares)
        for row in range(rows):
            center = nearest[row]
            factor = _shortening(squares[row] + least[row], radius)
            for direction in range(directions):
                away = places[direction, row] - centers[center, direction]
                sums[center, direction] += np.int64(away * factor)
            sums[center, directions] += 1
    return sums


@compiled(_TABLE, _LEVELS, _CODES, _LOOKUP, _CENTERS, _LOOKUP, types.int64)
def tallies(
    levels: Int16, codes: Int32, lookup: Packed, centers: Float, bins: Packed, parts: int
) -> Int64:
    """Per center the number of its customers, then of those in each part of each table of bins.

    Shape (centers, 1 + parts). The tables of bins tell places in the answer.
    """
    k, directions = centers.shape
    counts = np.zeros((k, 1 + parts), dtype=np.int64)
    places, found = np.empty((directions, BLOCK)), np.empty(BLOCK, dtype=np.int32)
    distances, least = np.empty(BLOCK), np.empty(BLOCK)
    nearest = np.empty(BLOCK, dtype=np.int64)
    for first in range(0, levels.shape[1], BLOCK):
        rows = min(BLOCK, levels.shape[1] - first)
        _put_places(levels, codes, lookup, first, rows, found, places)
        put_nearest(places, rows, centers, distances, least, nearest)
        for row in range(rows):
            counts[nearest[row], 0] += 1
        for column in range(len(bins[1])):
            _look_up(levels, codes, bins, column, first, rows, found)
            for row in range(rows):
                counts[nearest[row], found[row]] += 1
    return counts


@part(fastmath=_ANY_ORDER)
def _product(one: Float, other: Float, rows: int) -> float:
    """Σ xy of whole numbers."""
    total = 0.0
    for row in range(rows):
        total += one[row] * other[row]
    return total


@compiled(_TABLE, _LEVELS, _CODES, _LOOKUP, types.int64)
def products(levels: Int16, codes: Int32, lookup: Packed, radius: int) -> Int64:
    """Σ z zᵀ of customers' vectors, each in the ball; the upper triangle, the rest is zero."""
    directions = len(lookup[1])
    sums = np.zeros((directions, directions), dtype=np.int64)
    places, found = np.empty((directions, BLOCK)), np.empty(BLOCK, dtype=np.int32)
    squares = np.empty(BLOCK)
    for first in range(0, levels.shape[1], BLOCK):
        rows = min(BLOCK, levels.shape[1] - first)
        _put_places(levels, codes, lookup, first, rows, found, places)
        put_squares(places, rows, squares)
        for row in range(rows):
            factor = _shortening(squares[row], radius)
            for direction in range(directions):
                places[direction, row] = np.trunc(places[direction, row] * factor)
        for one in range(directions):
            for other in range(one, directions):
                sums[one, other] += np.int64(_product(places[one], places[other], rows))
    return sums


_NUMBERS = types.Array(types.float64, 1, "C", readonly=True)


@compiled(types.int16[::1], _NUMBERS, _NUMBERS, types.float64, types.float64)
def levels(values: Float, places: Float, low: float, high: float) -> Int16:
    """Where numbers stand between two ends, as levels, rounded toward zero; -1 if not finite.

    ``places`` are the numbers on the scale of the ends, on which they are clipped.
    """
    found = np.empty(len(values), dtype=np.int16)
    for row in range(len(values)):
        place = places[row]
        place = low if place < low else place
        place = high if place > high else place
        level = np.int16(np.int32((place - low) / (high - low) * (LEVELS - 1.0)))
        found[row] = level if abs(values[row]) < np.inf else np.int16(MISSING)
    return found


def sources(batch: EncodedBatch) -> tuple[Int16, Int32]:
    """A batch's columns as kernels read them: one after the other in memory."""
    return np.ascontiguousarray(batch.levels.T), np.ascontiguousarray(batch.codes.T)
