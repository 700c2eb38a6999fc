"""How far a segment is from everybody, in a unit that any two columns share.

Numbers are compared in standard deviations of the whole base (on a log scale
where the plan says so), shares of yes and of labels likewise. Everything is
computed from a release's noisy values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from dashboard import wording
from dashboard.plan import Feature
from dashboard.release import ColumnProfile, Estimate, Segment


@dataclass(frozen=True, slots=True)
class Cell:
    """One segment in one row: its value with range, and the deviation of each from everybody.

    The deviation's range covers the noise of the segment's value and of everybody's.
    """

    value: Estimate
    deviation: Estimate
    words: str

    @property
    def differs(self) -> float:
        """The deviation from everybody where it is larger than the noise, else zero."""
        return self.deviation.value if self.deviation.low * self.deviation.high > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One column (or one label of it) across segments; ``None`` where nothing may be told."""

    title: str
    cells: tuple[Cell | None, ...]

    def apart(self, one: int, another: int) -> int:
        """Which of two segments is higher: 1 the first, -1 the second, 0 where noise decides."""
        first, second = self.cells[one], self.cells[another]
        if first is None or second is None:
            return 0
        gap = first.value.value - second.value.value
        noise = math.hypot(*((each.value.high - each.value.low) / 2 for each in (first, second)))
        return 0 if abs(gap) <= noise else 1 if gap > 0 else -1

    @property
    def spread(self) -> float:
        """How much the segments differ here."""
        told = [cell.deviation.value for cell in self.cells if cell]
        return max(told) - min(told) if told else 0.0


@dataclass(frozen=True, slots=True)
class _Scale:
    middle: float
    spread: float
    log: bool = False
    noise: float = 0.0

    def __call__(self, value: float) -> float:
        place = math.log1p(max(value, 0.0)) if self.log else value
        return (place - self.middle) / self.spread


def rows(
    segments: Sequence[Segment], overall: Sequence[ColumnProfile], features: Sequence[Feature]
) -> tuple[Row, ...]:
    """One row for each column that can be compared, in the given order."""
    whole = {profile.name: profile for profile in overall}
    made = (
        _row(feature, segments, whole[feature.name])
        for feature in features
        if feature.name in whole
    )
    return tuple(row for row in made if row is not None)


def _row(feature: Feature, segments: Sequence[Segment], whole: ColumnProfile) -> Row | None:
    if feature.kind == "category":
        return _label_row(feature, segments, whole)
    scale = _number_scale(feature, whole) if feature.scale else _share_scale(whole.typical)
    values = [_typical(segment, feature) for segment in segments]
    if scale is None or not any(values):
        return None
    say = _saying(feature)
    cells = tuple(_cell(value, scale, say(value.value)) if value else None for value in values)
    return Row(wording.feature_words(feature), cells)


def _label_row(feature: Feature, segments: Sequence[Segment], whole: ColumnProfile) -> Row | None:
    """The label of a category by which the segments differ most."""
    candidates = []
    for bar in whole.bars:
        scale = _share_scale(bar.share)
        if scale is None:
            continue
        shares = [_label_share(segment, feature.name, bar.label) for segment in segments]
        cells = tuple(
            _cell(each, scale, wording.part(each.value)) if each else None for each in shares
        )
        candidates.append(Row(f"{wording.feature_words(feature)}: {bar.label}", cells))
    return max(candidates, key=lambda row: row.spread, default=None)


def _cell(value: Estimate, scale: _Scale, said: str) -> Cell:
    place, low, high = (scale(each) for each in (value.value, value.low, value.high))
    low, high = (
        place - math.hypot(place - low, scale.noise),
        place + math.hypot(high - place, scale.noise),
    )
    return Cell(value, Estimate(place, low, high), said)


def _saying(feature: Feature) -> Callable[[float], str]:
    if feature.domain is not None:
        return partial(wording.level, labels=feature.domain.labels)
    return wording.number if feature.kind == "number" else wording.part


def profile_of(segment: Segment, name: str) -> ColumnProfile | None:
    """How a column is spread within a segment, where that was bought."""
    return next((profile for profile in segment.profile if profile.name == name), None)


def _typical(segment: Segment, feature: Feature) -> Estimate | None:
    profile = profile_of(segment, feature.name)
    if profile is not None:
        return profile.typical
    center = segment.center.get(feature.name)
    return Estimate(center, center, center) if isinstance(center, (int, float)) else None


def _label_share(segment: Segment, name: str, label: str) -> Estimate | None:
    profile = profile_of(segment, name)
    if profile is not None:
        return next((bar.share for bar in profile.bars if bar.label == label), None)
    center = segment.center.get(name)
    share = center.get(label) if isinstance(center, Mapping) else None
    return None if share is None else Estimate(share, share, share)


def _share_scale(share: Estimate | None) -> _Scale | None:
    if share is None:
        return None
    part = min(max(share.value, 0.02), 0.98)
    spread = math.sqrt(part * (1 - part))
    return _Scale(part, spread, noise=(share.high - share.low) / 2 / spread)


def _number_scale(feature: Feature, whole: ColumnProfile) -> _Scale | None:
    """Middle and spread of everybody, from the noisy bars."""
    log = bool(feature.bounds and feature.bounds.log)
    places, weights = [], []
    for bar in whole.bars:
        if bar.share is None or bar.low is None or bar.high is None:
            continue
        ends = [math.log1p(max(each, 0.0)) if log else each for each in (bar.low, bar.high)]
        places.append(sum(ends) / 2)
        weights.append(max(bar.share.value, 0.0))
    total = sum(weights)
    if total <= 0:
        return None
    middle = sum(p * w for p, w in zip(places, weights, strict=True)) / total
    variance = sum(w * (p - middle) ** 2 for p, w in zip(places, weights, strict=True)) / total
    if variance <= 0:
        return None
    if whole.typical is None:
        return _Scale(middle, math.sqrt(variance), log)
    scale = _Scale(0.0, math.sqrt(variance), log)
    low, middle, high = map(scale, (whole.typical.low, whole.typical.value, whole.typical.high))
    return _Scale(middle * scale.spread, scale.spread, log, (high - low) / 2)
