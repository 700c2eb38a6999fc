"""From noisy integers to what people see: explorations and releases, through one suppression.

Nothing here asks a question of rows, so nothing here costs anything.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from dashboard import __version__
from dashboard.plan import Feature, Plan
from dashboard.privacy import accuracy, naming
from dashboard.privacy.accounting import (
    count_price,
    map_price,
    publish_price,
    rho_units_of,
    spent_of,
)
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.profiles import (
    Column,
    columns_of,
    flag_typical,
    histogram_typical,
    number_typical,
    profile_of,
    traits_of,
)
from dashboard.privacy.published import Published
from dashboard.privacy.queries import nearest_center
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT, Dimension
from dashboard.privacy.suppression import Shown, suppress, suppression_threshold
from dashboard.release import (
    ColumnProfile,
    Estimate,
    Exploration,
    HiddenGroup,
    Point,
    Release,
    Segment,
)
from dashboard.terms import RHO_UNIT, Adjacency

POINTS: Final = 360
"""How many invented customers the scatter picture shows."""

WEAK_SIGNAL: Final = 40
WEAK_SIGNAL_ZEROS: Final = 60
NO_SIGNAL: Final = 10
"""Signal to noise n·√(2ρ)/(k√d): below 10 a picture would not be true, below 40 (60 where many
values are zero) it is said to be rough."""


def signal(count: int, rho: float, segments: int, dimensions: int) -> float:
    """How clearly segments stand out of the noise: n·√(2ρ)/(k√d)."""
    return count * math.sqrt(2 * rho) / (segments * math.sqrt(dimensions))


def warning_of(geometry: Geometry, segments: int) -> str | None:
    """A sentence where the picture would be rough, with what would help."""
    dimensions = geometry.space.dimensions
    rho = rho_units_of(geometry.synopsis.plan.epsilon) * RHO_UNIT
    found = signal(geometry.synopsis.count, rho, segments, dimensions)
    wanted = WEAK_SIGNAL_ZEROS if _many_zeros(geometry) else WEAK_SIGNAL
    if found >= wanted:
        return None
    fewer = max(2, math.floor(segments * found / wanted))
    help_ = f"{fewer} segments" if fewer < segments else "fewer features"
    return (
        f"This picture is rough: there are few customers for {segments} segments at this privacy. "
        f"More customers, {help_}, or a larger budget would make it clearer."
    )


def _many_zeros(geometry: Geometry) -> bool:
    return any(each.is_number and each.shares[0] > 0.4 for each in geometry.space.directions)


# ── explore ─────────────────────────────────────────────────────────────────────────────
def exploration(map_id: str, geometry: Geometry, segments: int | None) -> Exploration:
    """What the map shows for a number of segments; ``None`` takes the suggested number."""
    suggested, reason = geometry.suggestion
    k = segments or suggested
    centers, belongs = geometry.segments(k)
    sizes, shown = _map_sizes(geometry, belongs, k)
    cells = np.bincount(belongs, minlength=k)
    columns = columns_of(geometry)
    overall = overall_of(geometry, columns)
    rows = tuple(
        _explored(geometry, centers[place], sizes[place], int(cells[place]), shown, overall)
        for place in shown.visible
    )
    points, axes = picture(geometry, centers, shown)
    other = other_of(shown, geometry.cell_sigma)
    return Exploration(
        map_id=map_id,
        k=k,
        suggested=suggested,
        reason=reason,
        segments=_named(rows, ()),
        other=other,
        total=total_of(rows, other, accuracy.half_width(geometry.cell_sigma, shown.parts)),
        overall=overall,
        points=points,
        axes=axes,
        features=geometry.synopsis.plan.features,
        threshold=suppression_threshold(
            geometry.synopsis.plan.min_segment_size, geometry.cell_sigma
        ),
        warning=warning_of(geometry, k),
    )


def explored_places(geometry: Geometry, segments: int) -> tuple[int, ...]:
    """Which of a map's segments an exploration shows, in its order; names are given by it."""
    _, belongs = geometry.segments(segments)
    return _map_sizes(geometry, belongs, segments)[1].visible


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
) -> Segment:
    width = _step_error(geometry, size, max(cells, 1))
    profile = tuple(
        replace(each, typical=_center_typical(geometry, each, center, width), bars=(), missing=None)
        for each in overall
        if each.name in {feature.name for feature in geometry.synopsis.plan.features}
    )
    traits = traits_of(geometry, center, (), ())
    sigma = geometry.cell_sigma
    return segment_of(geometry, center, size, max(cells, 1), shown, sigma, profile, traits)


def _step_error(geometry: Geometry, size: int, cells: int) -> float:
    """The 95 % half-width of a center's coordinate, in lattice steps."""
    sigma = math.sqrt(geometry.synopsis.noise["cells"])
    return min(accuracy.Z * sigma * math.sqrt(cells) / max(size, 1), 4.0 * UNIT)


def _center_typical(
    geometry: Geometry, profile: ColumnProfile, center: Int64, width: float
) -> Estimate | None:
    if profile.kind == "category":
        return None
    for direction, step in zip(geometry.space.directions, center, strict=True):
        if direction.feature.name == profile.name:
            return number_typical(direction, float(step), width)
    return None


# ── publish ─────────────────────────────────────────────────────────────────────────────
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
    order = sorted(range(len(published.sizes)), key=lambda place: -published.sizes[place])
    sigma = math.sqrt(published.noise["sizes"])
    sizes = [published.sizes[place] for place in order]
    centers = published.centers[order]
    shown = suppress(sizes, [1] * len(sizes), plan.min_segment_size, sigma)
    columns = columns_of(geometry)
    overall = overall_of(geometry, columns)
    rows = tuple(
        _published(
            geometry, centers[place], sizes[place], published, order[place], shown, columns, overall
        )
        for place in shown.visible
    )
    points, axes = picture(geometry, centers, shown)
    other = other_of(shown, sigma)
    price = count_price(plan) + map_price(plan) + publish_price(plan)
    threshold = suppression_threshold(plan.min_segment_size, sigma)
    given = dict(zip(explored_places(geometry, len(sizes)), names, strict=False))
    return Release(
        id=release_id,
        title=title,
        created_on=created_on,
        version=__version__,
        segments=_named(rows, [given.get(order[place], "") for place in shown.visible]),
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
        notes=tuple(filter(None, [warning_of(geometry, len(sizes))])),
    )


def _published(
    geometry: Geometry,
    center: Int64,
    size: int,
    published: Published,
    place: int,
    shown: Shown,
    columns: Sequence[Column],
    overall: Sequence[ColumnProfile],
) -> Segment:
    last = max(name for name in published.noise if name.startswith("sharpen"))
    width = accuracy.Z * math.sqrt(published.noise[last]) / max(size, 1)
    sigma = math.sqrt(published.noise["profiles"])
    profile = []
    for column, counts in zip(columns, published.profiles[place], strict=True):
        *bars, missing = counts
        typical = _typical(geometry, column, bars, sigma, center, min(width, 4.0 * UNIT))
        policy = geometry.synopsis.plan.min_segment_size
        ones = [1] * len(bars)
        profile.append(profile_of(column, bars, ones, missing, sigma, policy, typical))
    traits = traits_of(geometry, center, profile, overall)
    spread = math.sqrt(published.noise["sizes"])
    return segment_of(geometry, center, size, 1, shown, spread, tuple(profile), traits)


def _typical(
    geometry: Geometry,
    column: Column,
    bars: Sequence[int],
    sigma: float,
    center: Int64,
    width: float,
) -> Estimate | None:
    if column.feature.kind == "category":
        return None
    if column.feature.kind == "flag":
        return flag_typical(bars, sigma)
    for direction, step in zip(geometry.space.directions, center, strict=True):
        if direction.feature.name == column.feature.name:
            return number_typical(direction, float(step), width)
    return histogram_typical(column, bars, sigma)


# ── parts of both ───────────────────────────────────────────────────────────────────────
def segment_of(
    geometry: Geometry,
    center: Int64,
    size: int,
    parts: int,
    shown: Shown,
    sigma: float,
    profile: tuple[ColumnProfile, ...],
    traits: tuple,  # type: ignore[type-arg]
) -> Segment:
    """One segment that may be seen, with its ranges."""
    people = accuracy.people(size, accuracy.half_width(sigma, parts))
    share = accuracy.share_of(
        size, max(shown.total, 1), sigma * math.sqrt(parts), max(1, round(shown.parts / parts) - 1)
    )
    return Segment(
        name=naming.name_of(traits),
        size=int(people.value),
        size_low=int(people.low),
        size_high=int(people.high),
        share=share.value,
        share_low=share.low,
        share_high=share.high,
        center=center_values(geometry.space.directions, center),
        profile=profile,
        traits=traits[:3],
        next_step=naming.next_step(traits),
    )


def center_values(
    directions: Sequence[Dimension], center: Int64
) -> dict[str, float | dict[str, float]]:
    """A center in the features' own units: a number, a share of yes, or a share for each label."""
    values: dict[str, float | dict[str, float]] = {}
    for direction, step in zip(directions, center, strict=True):
        value = float(f"{direction.typical(float(step)):.6g}")
        if direction.feature.kind != "category":
            values[direction.feature.name] = value
        else:
            labels = values.setdefault(direction.feature.name, {})
            if isinstance(labels, dict):
                labels[direction.label or ""] = value
    return values


def _named(rows: Sequence[Segment], names: Sequence[str]) -> tuple[Segment, ...]:
    """Segments under the given names; where one is missing, under what sets them apart."""
    wanted = [
        " ".join(names[place].split())[:80]
        if place < len(names) and names[place].strip()
        else row.name
        for place, row in enumerate(rows)
    ]
    return tuple(
        replace(row, name=name) for row, name in zip(rows, naming.unique(wanted), strict=True)
    )


def other_of(shown: Shown, sigma: float) -> HiddenGroup | None:
    """The merged group of what is too small to show, with its size where it may be told."""
    if not shown.hidden:
        return None
    if shown.other is None:
        return HiddenGroup(len(shown.hidden), None, None, None)
    people = accuracy.people(shown.other, accuracy.half_width(sigma, len(shown.hidden)))
    return HiddenGroup(len(shown.hidden), int(people.value), int(people.low), int(people.high))


def total_of(rows: Sequence[Segment], other: HiddenGroup | None, width: int) -> Estimate:
    """Everybody who is shown: exactly the sum of the sizes beside it, so that it adds up."""
    told = sum(row.size for row in rows) + ((other.size or 0) if other else 0)
    around = accuracy.people(told, width)
    return Estimate(float(told), around.low, around.high)


def overall_of(geometry: Geometry, columns: Sequence[Column]) -> tuple[ColumnProfile, ...]:
    """The whole base's distributions, from the noisy margins."""
    synopsis = geometry.synopsis
    sigma = math.sqrt(synopsis.noise["margins"])
    middles = {
        each.feature.name: number_typical(each, 0.0, _margin_error(geometry))
        for each in geometry.space.directions
        if each.is_number
    }
    profiles = []
    for column in columns:
        counts, missing = column.overall, synopsis.margins[column.feature.name][-1]
        typical = middles.get(column.feature.name)
        if column.feature.kind == "flag":
            typical = flag_typical(counts, sigma)
        elif column.feature.kind == "number" and typical is None:
            typical = histogram_typical(column, counts, sigma)
        profiles.append(
            profile_of(
                column,
                counts,
                column.overall_parts,
                missing,
                sigma,
                synopsis.plan.min_segment_size,
                typical,
            )
        )
    return tuple(profiles)


def _margin_error(geometry: Geometry) -> float:
    """The 95 % half-width of a margin's mean, in lattice steps: noise in 32 parts over four sd."""
    sigma = math.sqrt(geometry.synopsis.noise["margins"])
    return accuracy.Z * sigma * math.sqrt(32) / max(geometry.synopsis.count, 1) * 2 * UNIT


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
        name = naming.plain(direction.feature.name)
        label = f" {direction.label}" if direction.feature.kind == "category" else ""
        said.append(f"{'more' if loads[each] > 0 else 'less'} {name}{label}")
    return ", ".join(said) + " →" if said else "a mix of features →"


def account_of(
    plan: Plan, geometry: Geometry, k: int, shown: Shown, threshold: int, unit: str
) -> tuple[str, ...]:
    """What was done, in numbered sentences for anyone who asks."""
    bought = spent_of(count_price(plan) + map_price(plan))
    published = spent_of(publish_price(plan))
    everything = spent_of(count_price(plan) + map_price(plan) + publish_price(plan))
    hidden = len(shown.hidden)
    return (
        f"Rows were reduced to {unit} each; people who said no were left out first.",
        (
            f"{_list(plan.features)} decide who is alike, each within a range that was declared "
            "without looking at the data."
        ),
        (
            f"A map was bought once for ε {bought.epsilon:.2g}: a noisy count, "
            f"{len(plan.columns)} noisy distributions, how the features move together, and "
            f"{len(geometry.synopsis.grid)} small noisy neighborhoods."
        ),
        f"{k} segments were chosen by looking at the map, which cost nothing.",
        (
            f"Publishing cost ε {published.epsilon:.2g}: centers were sharpened three "
            "times, then their sizes and distributions were counted, with noise on every number."
        ),
        f"Groups below {threshold} noisy people are not shown; "
        + (f"{hidden} of {k} were merged." if hidden else "none had to be hidden."),
        "The total is the sum of the noisy sizes shown. Points in the picture are invented.",
        (
            f"All in all one customer's presence changes the odds of any such result by at most "
            f"ε = {everything.epsilon:.3g} (δ = {everything.delta:.0e}, ρ = {everything.rho:.3g})."
        ),
    )


def _list(features: Sequence[Feature]) -> str:
    names = [naming.plain(each.name) for each in features]
    joined = ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]
    return joined[:1].upper() + joined[1:]
