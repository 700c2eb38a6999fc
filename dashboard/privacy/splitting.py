"""What one more segment would bring, told from the map for free."""

from __future__ import annotations

import math

import numpy as np

from dashboard.privacy import accuracy
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.families import short
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT, Dimension
from dashboard.privacy.spoken import bare
from dashboard.release import Split


def split_of(geometry: Geometry, k: int, visible: tuple[int, ...]) -> Split | None:
    """Which of k segments k + 1 would divide, and what tells the two parts apart.

    The centers for k + 1 are matched to those for k; the one left over has its customers
    from the segment that held most of its cells before. Where the two parts differ by
    less than the noise, ``into`` is empty.

    Args:
        geometry: what the map tells.
        k: the number of segments that is looked at.
        visible: which of them are shown, in their order.

    Returns:
        ``None`` where one more can't be had, or a hidden segment would be divided.
    """
    if k + 1 > geometry.most_segments:
        return None
    (before, held), (after, holds) = geometry.segments(k), geometry.segments(k + 1)
    new, kept = _left_over(before, after)
    came = held[holds == new]
    weights = np.bincount(came, weights=geometry.weights[holds == new], minlength=k)
    parent = int(weights.argmax())
    if parent not in visible:
        return None
    pair = after[[new, kept[parent]]].astype(np.float64)
    widths = [_width(geometry, holds == place) for place in (new, kept[parent])]
    return Split(k + 1, visible.index(parent), _told(geometry, pair, math.hypot(*widths)))


def _left_over(before: Int64, after: Int64) -> tuple[int, list[int]]:
    """The center of the larger set that none of the smaller is matched to, and the matches."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    apart = cdist(before.astype(np.float64), after.astype(np.float64), "sqeuclidean")
    kept = [int(each) for each in linear_sum_assignment(apart)[1]]
    return next(place for place in range(len(after)) if place not in kept), kept


def _width(geometry: Geometry, mine: np.ndarray) -> float:
    """The 95 % half-width of a coordinate of a center made of these micro-cells."""
    size = max(float(geometry.weights[mine].sum()), 1.0)
    sigma = math.sqrt(geometry.synopsis.noise["cells"] * max(int(mine.sum()), 1))
    return accuracy.Z * sigma / size


def _told(geometry: Geometry, pair: Float, width: float) -> tuple[str, ...]:
    """Both parts by the direction in which they lie furthest apart, the new one first."""
    gaps = pair[0] - pair[1]
    place = int(np.abs(gaps).argmax())
    gap = float(gaps[place])
    if abs(gap) < max(width, UNIT / 3):
        return ()
    direction = geometry.space.directions[place]
    return _end(direction, high=gap > 0), _end(direction, high=gap < 0)


def _end(direction: Dimension, *, high: bool) -> str:
    name = bare(direction.feature.name)
    if direction.is_number:
        return short(direction.feature.name, high=high)
    if direction.feature.kind == "flag":
        return f"{'with' if high else 'without'} {name}"
    return f"{'more' if high else 'fewer'} {direction.label}"
