"""What a bought map shows for any number of segments: free, because it asks nothing of rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from dashboard.errors import NotEnoughDataError
from dashboard.plan import MIN_SEGMENTS
from dashboard.privacy import accuracy
from dashboard.privacy.describing import (
    Drawn,
    alike,
    margin_error,
    named,
    other_of,
    overall_of,
    segment_of,
    total_of,
)
from dashboard.privacy.encoding import Int64
from dashboard.privacy.picture import picture
from dashboard.privacy.piling import piled_up
from dashboard.privacy.portraits import portrait_of
from dashboard.privacy.profiles import (
    columns_of,
    number_typical,
)
from dashboard.privacy.segments import Geometry
from dashboard.privacy.signal import check_signal, warning_of
from dashboard.privacy.space import UNIT, Dimension
from dashboard.privacy.splitting import split_of
from dashboard.privacy.stability import map_stability
from dashboard.privacy.suppression import Shown, suppress, suppression_threshold
from dashboard.release import (
    Bar,
    ColumnProfile,
    Exploration,
)

BLUR: Final = 0.2
"""How far a segment's center on the map may be from the mean of its customers, in standard
deviations, beside the noise."""


def exploration(map_id: str, geometry: Geometry, segments: int | None) -> Exploration:
    """What the map shows for a number of segments; ``None`` takes the suggested number."""
    suggested, reason = geometry.suggestion
    k = segments or suggested
    check_signal(geometry.synopsis.count, geometry.synopsis.plan, geometry.space.dimensions, k)
    centers, belongs = geometry.segments(k)
    sizes, shown = _map_sizes(geometry, belongs, k)
    cells = np.bincount(belongs, minlength=k)
    columns = columns_of(geometry)
    overall = overall_of(geometry, columns)
    drawn = tuple(
        _explored(geometry, centers[place], sizes[place], int(cells[place]), shown, overall)
        for place in shown.visible
    )
    points, axes = picture(geometry, centers, shown)
    rows, other = named(drawn, ()), other_of(shown, geometry.cell_sigma)
    return Exploration(
        map_id=map_id,
        k=k,
        suggested=suggested,
        reason=reason,
        segments=rows,
        other=other,
        total=total_of(rows, other, accuracy.half_width(geometry.cell_sigma, shown.parts)),
        overall=overall,
        points=points,
        axes=axes,
        features=geometry.synopsis.plan.features,
        threshold=suppression_threshold(
            geometry.synopsis.plan.min_segment_size, geometry.cell_sigma
        ),
        warning=" ".join(filter(None, (warning_of(geometry, k), alike(rows)))) or None,
        most=geometry.most_segments,
        hints=piled_up(geometry, advise=True),
        one_more=split_of(geometry, k, shown.visible),
        stability=round(map_stability(geometry, k), 2),
    )


def explored_places(geometry: Geometry, segments: int) -> tuple[int, ...]:
    """Which of a map's segments an exploration shows, in its order; names are given by it."""
    _, belongs = geometry.segments(segments)
    return _map_sizes(geometry, belongs, segments)[1].visible


def check_visible(geometry: Geometry, segments: int) -> None:
    """Refuse to publish where fewer than two segments would be shown, as far as the map knows.

    Raises:
        NotEnoughDataError: with what would help. It tells no size: hidden ones stay hidden.
    """
    if geometry.shows_two(segments):
        return
    fewer = "fewer segments, " if segments > MIN_SEGMENTS else ""
    raise NotEnoughDataError(
        f"Of {segments} segments fewer than two would be large enough to be shown: at this privacy "
        f"it takes about {geometry.least_shown} people each. Publishing would tell nothing, so "
        f"nothing was spent on it. What would help: {fewer}other features, a higher epsilon or "
        "more customers."
    )


def _map_sizes(geometry: Geometry, belongs: Int64, k: int) -> tuple[list[int], Shown]:
    counts = [geometry.counts[belongs == place] for place in range(k)]
    sizes = [round(float(each.sum())) for each in counts]
    policy = geometry.synopsis.plan.min_segment_size
    cells = [max(len(each), 1) for each in counts]
    return sizes, suppress(sizes, cells, policy, geometry.cell_sigma)


def _explored(
    geometry: Geometry,
    center: Int64,
    size: int,
    cells: int,
    shown: Shown,
    overall: Sequence[ColumnProfile],
) -> Drawn:
    width = _step_error(geometry, size, max(cells, 1))
    sigma = geometry.cell_sigma * math.sqrt(max(cells, 1))
    least = suppression_threshold(geometry.synopsis.plan.min_segment_size, sigma)
    places = list(zip(geometry.space.directions, center.tolist(), strict=True))
    profile = tuple(
        _center_profile(
            each,
            [place for place in places if place[0].feature.name == each.name],
            width,
            least / max(size, 1),
        )
        for each in overall
        if each.name in {feature.name for feature in geometry.synopsis.plan.features}
    )
    portrait = portrait_of(
        geometry, center, math.hypot(width, margin_error(geometry)), profile, overall
    )
    row = segment_of(
        geometry, center, size, max(cells, 1), shown, geometry.cell_sigma, profile, portrait
    )
    return row, portrait


def _center_profile(
    column: ColumnProfile, places: Sequence[tuple[Dimension, int]], width: float, least: float
) -> ColumnProfile:
    """A feature as the map tells it: its typical value, or the shares of labels above ``least``."""
    told = [
        (direction, number_typical(direction, float(step), width)) for direction, step in places
    ]
    if column.kind == "number":
        return replace(column, typical=told[0][1], bars=(), missing=None)
    if column.kind == "level":
        bars = tuple(
            replace(bar, share=None, hidden="too uncertain to show") for bar in column.bars
        )
        return replace(column, typical=told[0][1], bars=bars, missing=None)
    if column.kind == "flag":
        share = told[0][1]
        seen = share is not None and least <= share.value <= 1 - least
        return replace(column, typical=share if seen else None, bars=(), missing=None)
    bars = tuple(
        Bar(direction.label or "", share)
        for direction, share in told
        if share is not None and share.value >= least
    )
    return replace(column, typical=None, bars=bars, missing=None)


def _step_error(geometry: Geometry, size: int, cells: int) -> float:
    """The 95 % half-width of a center's coordinate, in lattice steps.

    The noise of its micro-cells, and what they blur: customers near a border belong to
    another segment than their cell, which moved means by a twentieth of a standard
    deviation on the average and by a fifth at most (``python -m benchmarks.coverage``).
    """
    sigma = math.sqrt(geometry.synopsis.noise["cells"])
    noise = accuracy.Z * sigma * math.sqrt(cells) / max(size, 1)
    return math.hypot(min(noise, 4.0 * UNIT), BLUR * UNIT)
