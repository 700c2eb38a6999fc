"""What sets a segment apart: how far each column lies from everybody, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.privacy.encoding import Int64
from dashboard.privacy.families import bare, family_of, phrase, plain
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT, Dimension
from dashboard.release import ColumnProfile, Estimate, Trait
from dashboard.wording import amount, level

TRAIT_DEVIATION: Final = 0.35
"""Standard deviations from the whole base at which a number sets a segment apart."""

TRAIT_SHARE: Final = 0.10
"""Difference in share at which a label sets a segment apart."""

_SHARES_AS_SDS: Final = 2.5
"""How much a difference in share counts beside standard deviations."""

_VERY: Final = 1.5
_TRAITS: Final = 5


@dataclass(frozen=True)
class Mark:
    """One column, or one label of it, in one segment: how far from everybody, and how sure.

    ``deviation`` is in standard deviations (numbers, levels) or in shares (flags, labels) and
    ``noise`` is its 95 % half-width. ``said`` is the trait in words; ``short`` is how a name
    says it, empty where the segment is not different enough.
    """

    column: str
    label: str | None
    deviation: float
    noise: float
    said: str
    short: str

    @property
    def strength(self) -> float:
        """The deviation in a unit that numbers and shares have in common, with its sign."""
        return self.deviation * (_SHARES_AS_SDS if self.label is not None else 1.0)

    @property
    def stands_out(self) -> bool:
        """Whether the deviation is large, and larger than its noise; labels only count upward."""
        if self.label is not None:
            return self.deviation > max(TRAIT_SHARE, self.noise)
        return abs(self.deviation) >= TRAIT_DEVIATION and abs(self.deviation) > self.noise

    @property
    def theme(self) -> str:
        """What it is about; two marks of one theme tell the same story."""
        return family_of(self.column).theme if self.label is None else self.column


Portrait = tuple[Mark, ...]
"""All columns of one segment."""


def portrait_of(
    geometry: Geometry,
    center: Int64,
    width: float,
    profile: Sequence[ColumnProfile],
    overall: Sequence[ColumnProfile],
) -> Portrait:
    """How far a segment lies from everybody in each column.

    Args:
        geometry: what the map tells.
        center: the segment's place on the lattice.
        width: the 95 % half-width of each of its coordinates, in lattice steps.
        profile: the segment's columns; what they hide is not told here either.
        overall: the whole base's columns.
    """
    everybody = {each.name: each for each in overall}
    untold = {each.name for each in profile if each.typical is None}
    numbers = tuple(
        _number_mark(direction, float(step), width)
        for direction, step in zip(geometry.space.directions, center, strict=True)
        if direction.is_number and direction.feature.name not in untold
    )
    shares = tuple(
        mark
        for each in profile
        if each.kind in ("flag", "category")
        for mark in _share_marks(each, everybody[each.name])
    )
    return numbers + shares


def traits_of(portrait: Portrait) -> tuple[Trait, ...]:
    """What sets a segment apart, the strongest first; a new theme before one told already."""
    found = sorted((each for each in portrait if each.stands_out), key=lambda m: -abs(m.strength))
    told: list[Mark] = []
    for mark in found:
        if mark.theme not in {each.theme for each in told}:
            told.append(mark)
    told += [mark for mark in found if mark not in told]
    return tuple(Trait(each.column, each.said, round(each.deviation, 2)) for each in told[:_TRAITS])


def _number_mark(direction: Dimension, step: float, width: float) -> Mark:
    deviation, name = step / UNIT, direction.feature.name
    words = phrase(name, high=deviation > 0)
    gradable = words.startswith(("high", "low", "many", "few"))
    very = "very " if abs(deviation) > _VERY and gradable else ""
    mine, all_ = _value(direction, step), _value(direction, 0.0)
    said = f"{very}{words} (about {mine}; overall {all_})"
    return Mark(name, None, deviation, width / UNIT, said, family_short(name, high=deviation > 0))


def family_short(column: str, *, high: bool) -> str:
    """How a name says one end of a number: without units and counting words."""
    return family_of(column).ends[high].format(name=bare(column), what=bare(column))


def _value(direction: Dimension, step: float) -> str:
    """A place in the column's own units, no finer than the column itself."""
    value, feature = direction.typical(step), direction.feature
    if feature.domain is not None:
        return level(value, feature.domain.labels)
    if family_of(feature.name).theme == "age" and value > 1_000:
        return f"{value:.0f}"
    fine = feature.bounds is not None and feature.bounds.high < 10
    said = amount(value if fine or abs(value) >= 10 else round(value, 1))
    return f"{said} days" if feature.dates else said


def _share_marks(mine: ColumnProfile, everybody: ColumnProfile) -> list[Mark]:
    whole = {bar.label: bar.share for bar in everybody.bars}
    if mine.kind == "flag":
        base = everybody.typical
        return [_share_mark(mine, "yes", mine.typical, base)] if mine.typical and base else []
    return [
        _share_mark(mine, bar.label, bar.share, base)
        for bar in mine.bars
        if bar.label != "other" and bar.share and (base := whole.get(bar.label))
    ]


def _share_mark(column: ColumnProfile, label: str, mine: Estimate, base: Estimate) -> Mark:
    noise = (mine.high - mine.low + base.high - base.low) / 2
    name = plain(column.name)
    said = name if column.kind == "flag" else f"{name} {label}"
    words = f"{said} ({mine.value:.0%} of them; overall {base.value:.0%})"
    short = _label_short(bare(column.name), label, mine.value)
    return Mark(column.name, label, mine.value - base.value, noise, words, short)


def _label_short(name: str, label: str, share: float) -> str:
    """How a name says a label: “mostly online”, “no internet service”, “more plan B”."""
    if label.casefold() in ("no", "none", "false", "0"):
        return f"no {name}"
    if label.casefold() in ("yes", "true", "1"):
        return f"with {name}"
    told = f"{name} {label}" if len(label) < 3 or label.isdecimal() else label
    return f"{'mostly' if share > 0.5 else 'more'} {told}"
