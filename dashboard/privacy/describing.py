"""Parts of every answer: a segment with its ranges, the hidden group, the total, the whole base."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dashboard.plan import MIN_SEGMENTS
from dashboard.privacy import accuracy, naming
from dashboard.privacy.encoding import Int64
from dashboard.privacy.portraits import Portrait, traits_of
from dashboard.privacy.profiles import (
    Column,
    flag_typical,
    histogram_typical,
    number_typical,
    profile_of,
)
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT, Dimension
from dashboard.privacy.steps import next_steps
from dashboard.privacy.suppression import Shown
from dashboard.release import (
    ColumnProfile,
    Estimate,
    HiddenGroup,
    Segment,
)

TRAITS: Final = 3
"""How many traits of a segment are told."""

Drawn = tuple[Segment, Portrait]
"""A segment without its name, and what it will be named by."""


def segment_of(
    geometry: Geometry,
    center: Int64,
    size: int,
    parts: int,
    shown: Shown,
    sigma: float,
    profile: tuple[ColumnProfile, ...],
    portrait: Portrait,
) -> Segment:
    """One segment that may be seen, with its ranges; named beside the others by :func:`named`."""
    people = accuracy.people(size, accuracy.half_width(sigma, parts))
    share = accuracy.share_of(
        size, max(shown.total, 1), sigma * math.sqrt(parts), max(1, round(shown.parts / parts) - 1)
    )
    return Segment(
        name="",
        size=int(people.value),
        size_low=int(people.low),
        size_high=int(people.high),
        share=share.value,
        share_low=share.low,
        share_high=share.high,
        center=center_values(geometry.space.directions, center, profile),
        profile=profile,
        traits=traits_of(portrait)[:TRAITS],
        next_step="",
    )


def center_values(
    directions: Sequence[Dimension], center: Int64, profile: Sequence[ColumnProfile]
) -> dict[str, float | dict[str, float]]:
    """A center in the features' own units: numbers, and shares where the profile shows them.

    A number is the center's own place. The share of a flag or a label is told only
    where the profile tells it, with the same digits, so that both say one thing.
    """
    values: dict[str, float | dict[str, float]] = {}
    for direction, step in zip(directions, center, strict=True):
        if direction.is_number:
            values[direction.feature.name] = float(f"{direction.typical(float(step)):.6g}")
    wanted = {each.feature.name for each in directions if not each.is_number}
    for column in profile:
        if column.name not in wanted:
            continue
        if column.kind == "flag" and column.typical:
            values[column.name] = column.typical.value
        elif column.kind == "category":
            values[column.name] = {bar.label: bar.share.value for bar in column.bars if bar.share}
    return values


def named(drawn: Sequence[Drawn], names: Sequence[str]) -> tuple[Segment, ...]:
    """Segments under the given names, or under what sets them apart, each with a next step."""
    portraits = [portrait for _, portrait in drawn]
    suggested = naming.names_of(portraits)
    wanted = [
        " ".join(names[place].split())[:80]
        if place < len(names) and names[place].strip()
        else suggested[place]
        for place in range(len(drawn))
    ]
    told = zip(drawn, naming.unique(wanted), next_steps(portraits), strict=True)
    return tuple(replace(row, name=name, next_step=step) for (row, _), name, step in told)


def alike(rows: Sequence[Segment]) -> str | None:
    """A sentence where two segments or more differ from everybody by less than the noise."""
    plain = sum(not each.traits for each in rows)
    if plain < 2:
        return None
    helps = "Fewer segments" if len(rows) > MIN_SEGMENTS else "More customers or a higher epsilon"
    return (
        f"{plain} of {len(rows)} segments differ from everybody by less than the noise, so no "
        f"trait names them. {helps} would tell more."
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
        each.feature.name: number_typical(each, 0.0, margin_error(geometry))
        for each in geometry.space.directions
        if each.is_number
    }
    profiles = []
    for column in columns:
        counts, missing = column.overall, synopsis.margins[column.feature.name][-1]
        typical = middles.get(column.feature.name)
        if column.feature.kind == "flag":
            typical = flag_typical(counts, sigma)
        elif column.feature.scale and typical is None:
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


def margin_error(geometry: Geometry) -> float:
    """The 95 % half-width of a margin's mean, in lattice steps: noise in 32 parts over four sd."""
    sigma = math.sqrt(geometry.synopsis.noise["margins"])
    return accuracy.Z * sigma * math.sqrt(32) / max(geometry.synopsis.count, 1) * 2 * UNIT
