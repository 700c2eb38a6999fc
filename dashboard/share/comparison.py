"""How far each segment is from everybody, so that unlike columns can stand in one table.

Numbers are compared in standard deviations of the whole base, shares likewise;
both come from the noisy values of a release. Where a value's range reaches
across the border of a class, the class nearer to everybody is named.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

from dashboard import wording
from dashboard.plan import Feature
from dashboard.release import Bar, ColumnProfile, Estimate, Release, Segment

_CLEAR: Final = 0.25
_STRONG: Final = 0.8
LEVELS: Final = {
    -2: "much lower",
    -1: "lower",
    0: "about the same",
    1: "higher",
    2: "much higher",
}
"""The classes of deviation from everybody, in words."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One segment in one row: its value, short and with its range, and its class of deviation."""

    short: str
    ranged: str
    level: int


@dataclass(frozen=True, slots=True)
class Row:
    """One column, or one label of it, across everybody and each segment."""

    title: str
    everybody: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Places a value on a scale on which everybody is 0 and one standard deviation is 1."""

    middle: float
    spread: float
    log: bool = False
    noise: float = 0.0

    def level(self, e: Estimate) -> int:
        low, value, high = (self._place(each) for each in (e.low, e.value, e.high))
        low = value - math.hypot(value - low, self.noise)
        high = value + math.hypot(high - value, self.noise)
        surely = min((low, high), key=abs) if low * high > 0 else 0.0
        weakest = min(abs(value), abs(surely))
        size = 2 if weakest >= _STRONG else 1 if weakest >= _CLEAR else 0
        return size if value > 0 else -size

    def _place(self, value: float) -> float:
        return (_on(value, log=self.log) - self.middle) / self.spread


def rows(release: Release) -> tuple[Row, ...]:
    """One row for each column in which segments can be compared, in the order of the plan."""
    whole = {profile.name: profile for profile in release.overall}
    made = [
        row
        for feature in (*release.features, *release.profiled)
        if feature.name in whole
        for row in _rows(feature, whole[feature.name], release.segments)
    ]
    return tuple(row for row in made if any(row.cells))


def profile_of(segment: Segment, name: str) -> ColumnProfile | None:
    """How one column is spread within a segment."""
    return next((each for each in segment.profile if each.name == name), None)


def _rows(feature: Feature, whole: ColumnProfile, segments: tuple[Segment, ...]) -> list[Row]:
    title = wording.feature_words(feature)
    profiles = [profile_of(segment, feature.name) for segment in segments]
    if feature.kind == "category":
        return _telling_label(title, whole, profiles)
    values = [profile.typical if profile else None for profile in profiles]
    if feature.kind == "flag":
        return [_share_row(title, whole.typical, values)]
    return [_number_row(title, feature, whole, values)]


def _telling_label(
    title: str, whole: ColumnProfile, profiles: list[ColumnProfile | None]
) -> list[Row]:
    """The label of a category whose share differs most between segments."""
    apart: list[tuple[float, Row]] = []
    for bar in whole.bars:
        shares = [_share_of(profile, bar.label) for profile in profiles]
        told = [each.value for each in shares if each]
        if bar.share and told:
            row = _share_row(f"{title}: {bar.label}", bar.share, shares)
            apart.append((max(told) - min(told), row))
    return [max(apart, key=lambda each: each[0])[1]] if apart else []


def _share_of(profile: ColumnProfile | None, label: str) -> Estimate | None:
    bars: tuple[Bar, ...] = profile.bars if profile else ()
    return next((bar.share for bar in bars if bar.label == label), None)


def _share_row(title: str, whole: Estimate | None, shares: list[Estimate | None]) -> Row:
    ruler = None
    if whole:
        part = min(max(whole.value, 0.02), 0.98)
        spread = math.sqrt(part * (1 - part))
        ruler = _Ruler(part, spread, noise=(whole.high - whole.low) / 2 / spread)
    return _row(title, whole, shares, ruler, wording.part, wording.percent)


def _number_row(
    title: str, feature: Feature, whole: ColumnProfile, values: list[Estimate | None]
) -> Row:
    ruler = _number_ruler(feature, whole)
    if feature.domain is None:
        return _row(title, whole.typical, values, ruler, wording.amount, wording.with_range)
    labels = feature.domain.labels

    def ranged(e: Estimate) -> str:
        return f"about {wording.level(e.value, labels)}"

    return _row(title, whole.typical, values, ruler, partial(wording.level, labels=labels), ranged)


def _row(
    title: str,
    whole: Estimate | None,
    values: list[Estimate | None],
    ruler: _Ruler | None,
    short: Callable[[float], str],
    ranged: Callable[[Estimate], str],
) -> Row:
    return Row(
        title=title,
        everybody=ranged(whole) if whole else wording.hidden("too uncertain to show"),
        cells=tuple(
            Cell(short(each.value), ranged(each), ruler.level(each) if ruler else 0)
            if each
            else None
            for each in values
        ),
    )


def _number_ruler(feature: Feature, whole: ColumnProfile) -> _Ruler | None:
    """Middle and spread of everybody, from the noisy parts of the distribution."""
    log = bool(feature.bounds and feature.bounds.log)
    parts = [
        ((_on(bar.low, log=log) + _on(bar.high, log=log)) / 2, max(bar.share.value, 0.0))
        for bar in whole.bars
        if bar.share and bar.low is not None and bar.high is not None
    ]
    weight = sum(share for _, share in parts)
    if weight <= 0:
        return None
    mean = sum(place * share for place, share in parts) / weight
    spread = math.sqrt(sum(share * (place - mean) ** 2 for place, share in parts) / weight)
    if spread <= 0:
        return None
    if whole.typical is None:
        return _Ruler(mean, spread, log)
    low, middle, high = (
        _on(each, log=log) for each in (whole.typical.low, whole.typical.value, whole.typical.high)
    )
    return _Ruler(middle, spread, log, (high - low) / 2 / spread)


def _on(value: float, *, log: bool) -> float:
    return math.log1p(max(value, 0.0)) if log else value


def larger_sentences(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    """For each neighbor in the order of size: which is larger, and how sure that is."""
    by_size = sorted(segments, key=lambda segment: (-segment.size, segment.name))
    return tuple(wording.larger(one, other) for one, other in pairwise(by_size))
