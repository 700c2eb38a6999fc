"""Would other noise have put the same people together? Played through on invented customers."""

from __future__ import annotations

from typing import Final

import numpy as np

from dashboard.privacy.copula import other_noise
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.published import Published
from dashboard.privacy.queries import nearest_center
from dashboard.privacy.segments import Geometry

TURNS: Final = 10
"""How many times the noise is drawn anew."""

STARTS: Final = 6
"""From how many beginnings segments are looked for each time."""


def map_stability(geometry: Geometry, k: int) -> float:
    """How often two customers who share a segment would share one in a map with other noise.

    Noise of the cells' public scale is added to the stored cells once more, segments
    are looked for again, and invented customers are assigned: free, since nothing but
    the stored map is used, and always the same for the same map.

    Args:
        geometry: what the map tells.
        k: the number of segments.

    Returns:
        A share from 0 to 1.
    """
    if k in geometry.steadiness:
        return geometry.steadiness[k]
    cells = np.asarray(geometry.synopsis.cells, dtype=np.float64)
    sigma = float(np.sqrt(geometry.synopsis.noise["cells"]))
    centers, _ = geometry.segments(k)
    turns = []
    for noise in other_noise(TURNS, cells.shape) * sigma:
        rows = tuple(tuple(int(each) for each in row) for row in np.rint(cells + noise))
        again = geometry.with_cells(rows)
        turns.append(again.looked_for(min(k, again.most_segments), STARTS)[0])
    geometry.steadiness[k] = together(geometry.invented, centers, turns)
    return geometry.steadiness[k]


def published_stability(geometry: Geometry, published: Published) -> float:
    """The same for published segments: with other noise around their sharpened centers.

    A center's coordinate is a residual sum over the segment's size; its noise scale is
    that of the last sharpening divided by the size.
    """
    last = max(name for name in published.noise if name.startswith("sharpen"))
    sizes = np.maximum(np.asarray(published.sizes, dtype=np.float64), 1.0)
    scale = np.sqrt(published.noise[last]) / sizes[:, None]
    noise = other_noise(TURNS, published.centers.shape) * scale
    turns = [np.rint(published.centers + each).astype(np.int64) for each in noise]
    return together(geometry.invented, published.centers, turns)


def together(people: Float, centers: Int64, turns: list[Int64]) -> float:
    """Of all pairs of people who share a center, the share that also does in another turn.

    The mean over all turns of Σ n_ij(n_ij − 1) / Σ a_i(a_i − 1), with n_ij people at
    center i before and j after, and a_i = Σ_j n_ij.
    """
    before = nearest_center(people, centers)
    held = np.bincount(before).astype(np.float64)
    pairs = float((held * (held - 1)).sum())
    if pairs <= 0:
        return 1.0
    shares = []
    for turn in turns:
        after = nearest_center(people, turn)
        both = np.bincount(before * len(turn) + after).astype(np.float64)
        shares.append(float((both * (both - 1)).sum()) / pairs)
    return float(np.mean(shares))
