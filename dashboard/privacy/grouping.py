"""Groups among points that follow from noisy numbers, compiled: no customer comes here.

k-means with careful beginnings, as scikit-learn has it (Arthur and Vassilvitskii 2007, the best of
a few candidates each time; then Lloyd's rounds), for the small tables of a map: of dozens or
thousands of points a general library spends most of its time on checking what it was given.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import types

from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.kernels import BLOCK, compiled, part, put_nearest, put_squares

_TOLERANCE: Final = 1e-4
"""Rounds end when the centers' squared moves sum to this part of a direction's variance."""

_POINTS, _EACH, _PLACES = types.float64[:, ::1], types.float64[::1], types.int64[::1]


def grouped(points: Float, weights: Float, k: int, starts: int, rounds: int) -> Float:
    """Centers of k groups, shape (k, directions): the best end of so many beginnings.

    Where to begin is drawn from a public start, so the same points give the same groups.
    """
    chances = np.random.default_rng(0).random((starts, k, 2 + int(math.log(k))))
    return _found(points, weights, chances, np.empty((k, points.shape[1])), rounds)


def settled(points: Float, weights: Float, centers: Float, rounds: int) -> Float:
    """The same groups after at most so many more rounds, perhaps among other points."""
    return _found(points, weights, np.empty((1, 0, 0)), centers, rounds)


def _found(points: Float, weights: Float, chances: Float, known: Float, rounds: int) -> Float:
    least_move = _TOLERANCE * float(points.var(axis=0).mean())
    return _best(_across(points), _ours(weights), chances, _ours(known), rounds, least_move)


def nearest(points: Float, centers: Float | Int64) -> tuple[Int64, Float]:
    """Each point's nearest center, the first one in a tie, and the squared distance to it."""
    return _nearest(_across(points), _ours(centers))


def _across(points: Float) -> Float:
    return _ours(points.T)


def _ours(values: Float | Int64) -> Float:
    """As compiled code takes it: what is remembered can't be written to, and is copied."""
    return np.require(values, np.float64, ["C", "W"])


@part()
def _assign(across: Float, centers: Float, belongs: Int64, squares: Float) -> None:
    """Put every point to its nearest center, block by block."""
    directions, people = across.shape
    places, distances = np.empty((directions, BLOCK)), np.empty(BLOCK)
    least, near, own = np.empty(BLOCK), np.empty(BLOCK, np.int64), np.empty(BLOCK)
    for first in range(0, people, BLOCK):
        rows = min(BLOCK, people - first)
        for direction in range(directions):
            for row in range(rows):
                places[direction, row] = across[direction, first + row]
        put_nearest(places, rows, centers, distances, least, near)
        put_squares(places, rows, own)
        for row in range(rows):
            belongs[first + row] = near[row]
            squares[first + row] = max(own[row] + least[row], 0.0)


@compiled(types.Tuple([_PLACES, _EACH]), _POINTS, _POINTS)
def _nearest(across: Float, centers: Float) -> tuple[Int64, Float]:
    belongs, squares = np.empty(across.shape[1], np.int64), np.empty(across.shape[1])
    _assign(across, centers, belongs, squares)
    return belongs, squares


@part()
def _squares_from(across: Float, center: Float, squares: Float) -> None:
    squares[:] = 0.0
    for direction in range(len(across)):
        for point in range(len(squares)):
            away = across[direction, point] - center[direction]
            squares[point] += away * away


@part()
def _drawn(pull: Float, chance: float) -> int:
    """The point at a chance from 0 to 1, if each is drawn as often as it pulls."""
    whole = 0.0
    for point in range(len(pull)):
        whole += pull[point]
    reached, goal = 0.0, chance * whole
    for point in range(len(pull)):
        reached += pull[point]
        if reached > goal:
            return point
    return len(pull) - 1


@part()
def _begin(across: Float, weights: Float, chances: Float, centers: Float) -> None:
    """Choose points as first centers, each far from those before it: the best of some drawn."""
    people = len(weights)
    pull, tried = weights.copy(), np.empty(people)
    least, nearer = np.full(people, np.inf), np.empty(people)
    for center in range(len(centers)):
        smallest = np.inf
        for chance in chances[center, : 1 if center == 0 else chances.shape[1]]:
            drawn, whole = across[:, _drawn(pull, chance)], 0.0
            _squares_from(across, drawn, tried)
            for point in range(people):
                tried[point] = min(tried[point], least[point])
                whole += weights[point] * tried[point]
            if whole < smallest:
                smallest = whole
                centers[center] = drawn
                nearer[:] = tried
        for point in range(people):
            least[point] = nearer[point]
            pull[point] = weights[point] * nearer[point]


@part()
def _sum_up(across: Float, weights: Float, belongs: Int64, sums: Float) -> None:
    """Each group's weighted places, and its weight."""
    directions, people = across.shape
    sums[:] = 0.0
    for point in range(people):
        own = sums[belongs[point]]
        for direction in range(directions):
            own[direction] += weights[point] * across[direction, point]
        own[directions] += weights[point]


@part()
def _settle(across: Float, weights: Float, centers: Float, rounds: int, least_move: float) -> float:
    """Move centers to the means of their points until they rest; the weighted squares left."""
    directions, people = across.shape
    belongs, squares = np.empty(people, np.int64), np.empty(people)
    sums, left = np.empty((len(centers), directions + 1)), np.inf
    for _ in range(rounds):
        _assign(across, centers, belongs, squares)
        _sum_up(across, weights, belongs, sums)
        left, moved = 0.0, 0.0
        for point in range(people):
            squares[point] *= weights[point]
            left += squares[point]
        for center in range(len(centers)):
            worst, whole = 0, sums[center, directions]
            if whole == 0.0:  # nobody is left here: begin anew where somebody is worst off
                worst = int(np.argmax(squares))
                squares[worst] = 0.0
            for direction in range(directions):
                place = sums[center, direction] / whole if whole else across[direction, worst]
                moved += (place - centers[center, direction]) ** 2
                centers[center, direction] = place
        if moved <= least_move:
            break
    return left


@compiled(_POINTS, _POINTS, _EACH, types.float64[:, :, ::1], _POINTS, types.int64, types.float64)
def _best(
    across: Float, weights: Float, chances: Float, known: Float, rounds: int, least_move: float
) -> Float:
    """The best end of all beginnings that chances lead to, or of known centers alone."""
    best, least = known.copy(), np.inf
    for start in range(len(chances)):
        centers = known.copy()
        if chances.shape[2] > 0:
            _begin(across, weights, chances[start], centers)
        left = _settle(across, weights, centers, rounds, least_move)
        if start == 0 or left < least:
            least = left
            best[:] = centers
    return best
