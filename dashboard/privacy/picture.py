"""The scatter picture: invented customers on the two directions in which segments differ most."""

from __future__ import annotations

from typing import Final

import numpy as np

from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.queries import nearest_center
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT
from dashboard.privacy.spoken import plain
from dashboard.privacy.suppression import Shown
from dashboard.release import Point

POINTS: Final = 360
"""How many invented customers the scatter picture shows."""


def picture(
    geometry: Geometry, centers: Int64, shown: Shown
) -> tuple[tuple[Point, ...], tuple[str, str]]:
    """Invented customers on the two directions in which segments differ most, and what those mean.

    A point's ``segment`` counts the visible segments from 0; -1 is a hidden one.
    """
    sample = geometry.invented[:POINTS]
    spread = centers - centers.mean(axis=0)
    _, _, directions = np.linalg.svd(spread.astype(np.float64), full_matrices=True)
    plane = np.zeros((2, sample.shape[1]))
    plane[: min(2, len(directions))] = directions[:2]
    if sample.shape[1] == 1:
        plane[1] = 0.0
    plane *= np.where(plane[np.arange(2), np.abs(plane).argmax(axis=1)] < 0, -1.0, 1.0)[:, None]
    flat = sample @ plane.T / UNIT
    if sample.shape[1] == 1:
        flat[:, 1] = (np.arange(len(flat)) % 21 - 10) / 10
    belongs = nearest_center(sample, centers)
    places = {segment: place for place, segment in enumerate(shown.visible)}
    points = tuple(
        Point(round(float(x), 2), round(float(y), 2), places.get(int(segment), -1))
        for (x, y), segment in zip(flat, belongs, strict=True)
    )
    return points, (_axis(geometry, plane[0]), _axis(geometry, plane[1]))


def _axis(geometry: Geometry, loads: Float) -> str:
    """What grows along a direction, in words: its one or two strongest columns."""
    strongest = [int(each) for each in np.argsort(-np.abs(loads))[:2]]
    kept = [each for each in strongest if abs(loads[each]) > 0.35]
    said = []
    for each in kept:
        direction = geometry.space.directions[each]
        name = plain(direction.feature.name)
        label = f" {direction.label}" if direction.feature.kind == "category" else ""
        said.append(f"{'more' if loads[each] > 0 else 'less'} {name}{label}")
    return ", ".join(said) + " →" if said else "a mix of features →"
