"""What sets a segment apart: how far each column lies from everybody, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.privacy.encoding import Int64
from dashboard.privacy.families import family_of, phrase, short
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT, Dimension
from dashboard.privacy.spoken import bare, plain
from dashboard.release import ColumnProfile, Estimate, Trait
from dashboard.terms import Bounds
from dashboard.wording import amount, level, part

TRAIT_DEVIATION: Final = 0.35
"""Standard deviations from the whole base at which a number sets a segment apart."""

TRAIT_SHARE: Final = 0.10
"""Difference in share at which a label sets a segment apart."""

_SHARES_AS_SDS: Final = 2.5
"""How much a difference in share counts beside standard deviations."""

_VERY: Final = 1.5
_NO, _YES = ("no", "none", "false", "0"), ("yes", "true", "1")
_LONG_LABEL: Final = 30
_CODED: Final = 0.6
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
    def more(self) -> bool:
        """Whether it is the high end of its theme: short gaps between orders are more orders."""
        return (self.deviation > 0) != (self.label is None and family_of(self.column).turned)

    @property
    def weight(self) -> float:
        """How well a name can be made of it; of codes such as A1 none can that people know."""
        if self.label is None:
            return family_of(self.column).weight
        return _CODED if _is_code(self.label) else 1.0

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
    rests = {each.name: each.rest for each in geometry.synopsis.plan.columns}
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
        for mark in share_marks(each, everybody[each.name], rests[each.name])
    )
    return numbers + shares


def traits_of(portrait: Portrait) -> tuple[Trait, ...]:
    """What sets a segment apart, the strongest first; a new theme before one told already."""
    found = sorted((each for each in portrait if each.stands_out), key=lambda m: -abs(m.strength))
    told: list[Mark] = []
    for mark in found:
        if mark.theme not in {each.theme for each in told} and not _said_already(mark, told):
            told.append(mark)
    told += [mark for mark in found if mark not in told and not _said_already(mark, told)]
    return tuple(Trait(each.column, each.said, round(each.deviation, 2)) for each in told[:_TRAITS])


def _said_already(mark: Mark, told: Sequence[Mark]) -> bool:
    """Whether another column says the same in the same words: “no internet service”."""
    return mark.label is not None and mark.short in {each.short for each in told}


def _number_mark(direction: Dimension, step: float, width: float) -> Mark:
    deviation, name = step / UNIT, direction.feature.name
    words = phrase(name, high=deviation > 0)
    gradable = words.startswith(("high", "low", "many", "few"))
    very = "very " if abs(deviation) > _VERY and gradable else ""
    mine, all_ = _value(direction, step), _value(direction, 0.0)
    said = f"{very}{words} (about {mine}; overall {all_})"
    return Mark(name, None, deviation, width / UNIT, said, short(name, high=deviation > 0))


def _value(direction: Dimension, step: float) -> str:
    """A place in the column's own units, no finer than the column itself."""
    value, feature = direction.typical(step), direction.feature
    if feature.domain is not None:
        return level(value, feature.domain.labels)
    if feature.dates is not None:
        days = amount(abs(round(value)))
        return f"{days} days ago" if value >= 0 else f"in {days} days"
    if feature.bounds is not None and _is_year(feature.bounds):
        return f"{value:.0f}"
    fine = feature.bounds is not None and feature.bounds.high - feature.bounds.low < 10
    return amount(round(value, 2 if fine else 1))


def _is_year(bounds: Bounds) -> bool:
    return bounds.whole and bounds.low >= 1_800 and bounds.high <= 2_200


def share_marks(mine: ColumnProfile, everybody: ColumnProfile, rest: str) -> list[Mark]:
    """What each label of a category says, or each side of a flag; the rest says nothing."""
    whole = {bar.label: bar.share for bar in everybody.bars}
    if mine.kind == "flag":
        base = everybody.typical
        if not mine.typical or not base:
            return []
        turned = _rest(mine.typical), _rest(base)
        return [_share_mark(mine, "yes", mine.typical, base), _share_mark(mine, "no", *turned)]
    return [
        _share_mark(mine, bar.label, bar.share, base)
        for bar in mine.bars
        if bar.label != rest and bar.share and (base := whole.get(bar.label))
    ]


def _rest(share: Estimate) -> Estimate:
    """What is missing to a whole."""
    return Estimate(1 - share.value, 1 - share.high, 1 - share.low)


def _share_mark(column: ColumnProfile, label: str, mine: Estimate, base: Estimate) -> Mark:
    """What one label says; where others are hidden, the least that its share can be."""
    noise = (mine.high - mine.low + base.high - base.low) / 2
    share, told = mine.value, part(mine.value)
    if any(bar.share is None for bar in column.bars):
        share, told = mine.low, f"at least {part(mine.low)}"
        noise = (base.high - base.low) / 2
    words = f"{_label_said(column, label)} ({told} of them; overall {part(base.value)})"
    short = _label_short(bare(column.name), label, share)
    return Mark(column.name, label, share - base.value, noise, words, short)


def _label_said(column: ColumnProfile, label: str) -> str:
    """How a trait says a label: “payment method: Mailed check”, “loyalty card”, “no churn”."""
    name = plain(column.name)
    if column.kind == "flag":
        return name if label == "yes" else f"no {name}"
    return f"{name}: {label}"


def _label_short(name: str, label: str, share: float) -> str:
    """How a name says a label: “mostly online”, “no internet service”, “more plan B”."""
    low = label.casefold()
    if low in _NO or low in _YES:
        return f"{'no' if low in _NO else 'with'} {name}"
    if low.startswith(("no ", "without ")):
        return label[:1].lower() + label[1:]
    told = f"{name} {label}" if _is_code(label) else label
    told = told if len(told) <= _LONG_LABEL else f"{told[: _LONG_LABEL - 1].rstrip()}…"
    return f"{'mostly' if share > 0.5 else 'more'} {told}"


def _is_code(label: str) -> bool:
    short = len(label) < 3 or label.isdecimal()
    return short and label.casefold() not in (*_NO, *_YES)
