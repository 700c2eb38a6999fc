"""From bought noisy numbers to the immutable release that people see."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dashboard import __version__
from dashboard.privacy import accuracy
from dashboard.privacy.accounting import (
    count_price,
    map_price,
    publish_price,
    ranges_price,
    spent_of,
)
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
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.exploring import explored_places
from dashboard.privacy.means import known_part, mean_places, means_error
from dashboard.privacy.narrative import account_of
from dashboard.privacy.picture import picture
from dashboard.privacy.piling import piled_up
from dashboard.privacy.portraits import portrait_of
from dashboard.privacy.profiles import (
    Column,
    columns_of,
    flag_typical,
    histogram_typical,
    number_typical,
    profile_of,
)
from dashboard.privacy.published import Published
from dashboard.privacy.ruling import rule_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.signal import warning_of
from dashboard.privacy.space import UNIT, whole_centers
from dashboard.privacy.stability import published_stability
from dashboard.privacy.suppression import Shown, suppress, suppression_threshold
from dashboard.release import (
    ColumnProfile,
    Estimate,
    Release,
)
from dashboard.terms import Adjacency


def release_of(
    *,
    release_id: str,
    title: str,
    created_on: str,
    unit: str,
    geometry: Geometry,
    published: Published,
    names: Sequence[str],
) -> Release:
    """The immutable answer, from what the map and publishing bought."""
    plan = geometry.synopsis.plan
    order, given = as_explored(geometry, published, names)
    sigma = math.sqrt(published.noise["sizes"])
    sizes = [published.sizes[place] for place in order]
    centers = published.centers[order]
    shown = suppress(sizes, [1] * len(sizes), plan.min_segment_size, sigma)
    columns = columns_of(geometry)
    overall = overall_of(geometry, columns)
    drawn = tuple(
        _published(
            geometry, centers[place], sizes[place], published, order[place], shown, columns, overall
        )
        for place in shown.visible
    )
    points, axes = picture(geometry, centers, shown)
    other = other_of(shown, sigma)
    price = ranges_price(plan) + count_price(plan) + map_price(plan) + publish_price(plan)
    threshold = suppression_threshold(plan.min_segment_size, sigma)
    spread = math.sqrt(published.noise["profiles"])
    most_hidden = max(
        suppression_threshold(plan.min_segment_size, spread), accuracy.half_width(spread)
    )
    rows = named(drawn, [given.get(order[place], "") for place in shown.visible])
    return Release(
        id=release_id,
        title=title,
        created_on=created_on,
        version=__version__,
        segments=rows,
        other=other,
        total=total_of(rows, other, accuracy.half_width(sigma, shown.parts)),
        overall=overall,
        points=points,
        axes=axes,
        features=plan.features,
        profiled=plan.profiled,
        budget=spent_of(price),
        unit=unit,
        adjacency=Adjacency.ADD_OR_REMOVE_ONE.value,
        threshold=threshold,
        account=account_of(plan, geometry, len(sizes), shown, threshold, unit),
        stability=round(published_stability(geometry, published), 2),
        notes=(
            *filter(None, (warning_of(geometry, len(sizes)), alike(rows))),
            *piled_up(geometry, advise=False),
        ),
        rule=rule_of(geometry.space, centers[list(shown.visible)], rows, overall, most_hidden),
    )


def as_explored(
    geometry: Geometry, published: Published, names: Sequence[str]
) -> tuple[list[int], dict[int, str]]:
    """Published segments in the order in which the map showed them, and the names given there.

    Sharpening moves centers; each is taken for the map's segment that it lies nearest to,
    all together at the least squared distance, so that letters, colors and names stay
    with the customers they were chosen for. What the map hid comes last.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    centers, _ = geometry.segments(len(published.sizes))
    apart = cdist(centers.astype(np.float64), published.centers.astype(np.float64), "sqeuclidean")
    matched = [int(each) for each in linear_sum_assignment(apart)[1]]
    seen = explored_places(geometry, len(centers))
    hidden = [place for place in range(len(centers)) if place not in seen]
    given = {matched[place]: name for place, name in zip(seen, names, strict=False)}
    return [matched[place] for place in (*seen, *hidden)], given


def _published(
    geometry: Geometry,
    center: Int64,
    size: int,
    published: Published,
    place: int,
    shown: Shown,
    columns: Sequence[Column],
    overall: Sequence[ColumnProfile],
) -> Drawn:
    means = mean_places(published, place)
    widths = means_error(published, place)
    sigma = math.sqrt(published.noise["profiles"])
    profile = []
    for column, counts in zip(columns, published.profiles[place], strict=True):
        *bars, missing = counts
        typical = _typical(geometry, column, counts, sigma, (means, widths), size)
        policy = geometry.synopsis.plan.min_segment_size
        ones = [1] * len(bars)
        profile.append(profile_of(column, bars, ones, missing, sigma, policy, typical))
    unsure = math.hypot(min(float(widths.max()), 4.0 * UNIT), margin_error(geometry))
    portrait = portrait_of(geometry, whole_centers(means), unsure, profile, overall)
    spread = math.sqrt(published.noise["sizes"])
    row = segment_of(geometry, center, size, 1, shown, spread, tuple(profile), portrait)
    return row, portrait


def _typical(
    geometry: Geometry,
    column: Column,
    counts: Sequence[int],
    sigma: float,
    measured: tuple[Float, Float],
    size: int,
) -> Estimate | None:
    *bars, missing = counts
    if column.feature.kind == "category":
        return None
    if column.feature.kind == "flag":
        return flag_typical(bars, sigma)
    for direction, step, width in zip(geometry.space.directions, *measured, strict=True):
        if direction.feature.name == column.feature.name:
            known = known_part(missing, size, sigma)
            return number_typical(direction, float(step / known), float(width / known))
    return histogram_typical(column, bars, sigma)
