"""Would other noise have put the same people together? The purchase played through again."""

from __future__ import annotations

import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Final

import numpy as np

from dashboard.privacy.copula import other_noise
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.published import Published
from dashboard.privacy.queries import nearest_center
from dashboard.privacy.replay import replayed
from dashboard.privacy.segments import CROWD, SHARPEN_REACH, Geometry, doubt, tracked
from dashboard.privacy.space import between
from dashboard.privacy.synopsis import radius_of, weight_of

TURNS: Final = 6
"""How many times a purchase is played through; every two of them are compared."""

_PLAYING: Final = threading.Lock()


def map_stability(geometry: Geometry, k: int) -> float:
    """How often two customers who share a segment would share one in another map.

    The map is played through again with noise on its margins, moments and cells, segments
    are looked for in each turn, and every two turns are compared: free, since nothing but
    the stored map is used, and always the same for the same map. Two turns differ by two
    draws of noise, as two purchases do, and each lies around a map that is noisy itself, so
    that it may hold less clear groups than a purchase. What is said is rather too low, and
    at most a few parts of a hundred too high (``python -m benchmarks.steadiness``).

    Args:
        geometry: what the map tells.
        k: the number of segments.

    Returns:
        A share from 0 to 1.
    """
    if k not in geometry.steadiness:
        geometry.steadiness[k] = together(*geometry.crowd, beginnings(geometry, k))
    return geometry.steadiness[k]


def published_stability(geometry: Geometry, published: Published) -> float:
    """The same for published segments: each turn's segments are sharpened with other noise, too."""
    noise = other_noise("sharpening", TURNS, (len(_rounds(published)), *_shape(published)))
    turns = beginnings(geometry, len(published.centers))
    ends = [_sharpened(geometry, published, *each) for each in zip(turns, noise, strict=True)]
    return together(*geometry.crowd, ends)


def _sharpened(geometry: Geometry, published: Published, centers: Int64, noise: Float) -> Int64:
    """Centers of one turn after both rounds, asked of invented customers instead of real ones."""
    places, weights = geometry.crowd
    belief = doubt(geometry, centers)
    for name, each in zip(_rounds(published), noise, strict=True):
        radius = radius_of(places, centers, SHARPEN_REACH)
        weight = weight_of(radius, centers.shape[1])
        sigma = math.sqrt(published.noise[name])
        answers = _pulled(places, weights, centers, radius) * ([1] * centers.shape[1] + [weight])
        told = np.rint(answers + sigma * each[: len(centers)]).astype(np.int64)
        centers, belief = tracked(centers, told, weight, sigma, belief)
    return centers


def _rounds(published: Published) -> list[str]:
    return sorted(name for name in published.noise if name.startswith("sharpen"))


def _shape(published: Published) -> tuple[int, int]:
    k, d = published.centers.shape
    return k, d + 1


def beginnings(geometry: Geometry, k: int) -> list[Int64]:
    """The centers of k segments in each turn of the map, on the map's own lattice."""

    def begun(turn: Geometry) -> Int64:
        centers, _ = turn.segments(min(k, turn.places_apart))
        return between(turn.space, geometry.space, centers)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(begun, _turns(geometry)))


def _turns(geometry: Geometry) -> list[Geometry]:
    """The turns of a map, played once, also where several people look at the same time."""
    with _PLAYING:
        if not geometry.turns:
            told = replayed(geometry.synopsis, geometry.space, TURNS)
            geometry.turns.extend(Geometry(each, CROWD) for each in told)
        return geometry.turns


def together(places: Float, weights: Float, turns: list[Int64]) -> float:
    """Of all pairs of people who share a center in one turn, the share that also does in another.

    The mean over every two turns, either way, of Σ n_ij² / Σ a_i², with the weight n_ij of
    those at center i in one and j in the other, and a_i = Σ_j n_ij.
    """
    belongs = [nearest_center(places, centers) for centers in turns]
    most = max(len(centers) for centers in turns)
    shares = []
    for one, other in permutations(belongs, 2):
        both = np.bincount(one * most + other, weights=weights, minlength=most**2)
        table = both.reshape(most, most)
        shares.append(float((table**2).sum() / (table.sum(axis=1) ** 2).sum()))
    return float(np.mean(shares))


def _pulled(places: Float, weights: Float, centers: Int64, radius: int) -> Float:
    """What such people would tell: sums of shortened residuals and people, center by center."""
    belongs = nearest_center(places, centers)
    residuals = places - centers[belongs]
    lengths = np.maximum(np.sqrt((residuals**2).sum(axis=1)), radius)
    shortened = residuals * (radius / lengths)[:, None]
    mine = (np.arange(len(centers))[:, None] == belongs) * weights
    return np.hstack([mine @ shortened, mine.sum(axis=1, keepdims=True)])
