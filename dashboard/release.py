"""The answer: a frozen, already protected description of segments.

A release is made once by the gate and never changes. Every page, link, chart
and export is a view of it. It holds estimates with their ranges, labels that
passed selection, and points of invented customers; no row and no exact count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from dashboard.plan import MAX_SEGMENTS, Feature, feature_from
from dashboard.rule import Rule, rule_from
from dashboard.terms import Kind, Spent

FORMAT: Final = "private-segments/1"

Hidden = Literal["too few people", "too uncertain to show"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the range that the privacy noise leaves open (95 %), both rounded alike."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a distribution: its label and its share of the group, or why it is hidden.

    For numbers ``low`` and ``high`` are the part's edges in the column's own units.
    """

    label: str
    share: Estimate | None
    hidden: Hidden | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """How one column is spread within one group.

    ``typical`` is the mean for numbers (the geometric kind on a log scale) and
    the share of yes for flags; ``None`` where it would be too uncertain.
    """

    name: str
    kind: Kind
    typical: Estimate | None
    bars: tuple[Bar, ...]
    missing: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that sets a segment apart, in words, with the deviation behind them.

    ``deviation`` is in standard deviations of the whole base (numbers) or in
    percentage points of share divided by 100 (flags and labels).
    """

    column: str
    words: str
    deviation: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One group of customers that belong together, described without exposing any of them.

    ``center`` maps a feature to its typical value in its own units; for a
    category it maps each label to its share.
    """

    name: str
    size: int
    size_low: int
    size_high: int
    share: float
    share_low: float
    share_high: float
    center: Mapping[str, float | Mapping[str, float]]
    profile: tuple[ColumnProfile, ...]
    traits: tuple[Trait, ...]
    next_step: str


@dataclass(frozen=True, slots=True)
class HiddenGroup:
    """The segments that were too small to show, merged into one line.

    Sizes are ``None`` where even the merged group is too small to be told.
    """

    segments: int
    size: int | None
    size_low: int | None
    size_high: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """An invented customer, drawn from the noisy map, at a place on the scatter picture."""

    x: float
    y: float
    segment: int


@dataclass(frozen=True, slots=True)
class Release:
    """What the world may see of one segmentation.

    ``total`` is the sum of the noisy sizes; ``threshold`` is the number of
    people below which a group is merged into ``other``; ``stability`` is how often
    two customers who share a segment would share one had the noise fallen otherwise;
    ``rule`` says which segment a customer belongs to, for the owner's own tables.
    """

    id: str
    title: str
    created_on: str
    version: str
    segments: tuple[Segment, ...]
    other: HiddenGroup | None
    total: Estimate
    overall: tuple[ColumnProfile, ...]
    points: tuple[Point, ...]
    axes: tuple[str, str]
    features: tuple[Feature, ...]
    profiled: tuple[Feature, ...]
    budget: Spent
    unit: str
    adjacency: str
    threshold: int
    account: tuple[str, ...]
    notes: tuple[str, ...] = ()
    stability: float | None = None
    rule: Rule | None = None
    format: str = field(default=FORMAT)

    def to_json(self) -> str:
        """The release as text, always the same text for the same release."""
        return json.dumps(
            self, default=_plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")
        )

    @property
    def digest(self) -> str:
        """SHA-256 of :meth:`to_json`: who holds a copy can check that it is what was released."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _plain(part: Any) -> dict[str, Any]:
    """One part of a release as names and values, in a tenth of the time of ``asdict``."""
    return {name: getattr(part, name) for name in part.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Split:
    """What one segment more would divide: which of those shown, and into what.

    ``into`` is empty where the two parts would differ by no more than the noise.
    """

    segments: int
    place: int
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the bought map says for one number of segments; free, and never published as such.

    ``suggested`` is the number of segments that the map itself favors, with the
    reason in words; ``most`` is how many segments stand out of the noise at most, ``hints``
    what would make the next map better, and ``one_more`` what one segment more would divide.
    """

    map_id: str
    k: int
    suggested: int
    reason: str
    segments: tuple[Segment, ...]
    other: HiddenGroup | None
    total: Estimate
    overall: tuple[ColumnProfile, ...]
    points: tuple[Point, ...]
    axes: tuple[str, str]
    features: tuple[Feature, ...]
    threshold: int
    warning: str | None
    stability: float | None = None
    most: int = MAX_SEGMENTS
    hints: tuple[str, ...] = ()
    one_more: Split | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One segment then and now, and what changed, with the range that both noises leave open.

    ``people`` and ``share`` are differences, now less then; the places are those in each release.
    """

    name: str
    earlier_name: str
    earlier_place: int
    later_place: int
    size_before: Estimate
    size_after: Estimate
    share_before: Estimate
    share_after: Estimate
    people: Estimate
    share: Estimate

    @property
    def clear(self) -> bool:
        """Whether the segment's size changed beyond the noise."""
        return self.people.low > 0 or self.people.high < 0


@dataclass(frozen=True, slots=True)
class Movement:
    """What changed between two releases of one customer base, from their noisy numbers only.

    ``gone`` and ``new`` name segments without a counterpart; ``same_rule`` says that both
    group by the same public rule, so that a change is people and never a moved border.
    """

    earlier_id: str
    later_id: str
    earlier_on: str
    later_on: str
    changes: tuple[Change, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    total: Estimate
    same_rule: bool


def _estimate(stored: dict[str, Any] | None) -> Estimate | None:
    return None if stored is None else Estimate(**stored)


def _profile(stored: dict[str, Any]) -> ColumnProfile:
    return ColumnProfile(
        name=stored["name"],
        kind=stored["kind"],
        typical=_estimate(stored["typical"]),
        bars=tuple(Bar(**{**bar, "share": _estimate(bar["share"])}) for bar in stored["bars"]),
        missing=_estimate(stored["missing"]),
    )


def _segment(stored: dict[str, Any]) -> Segment:
    return Segment(
        **{
            **stored,
            "profile": tuple(_profile(each) for each in stored["profile"]),
            "traits": tuple(Trait(**each) for each in stored["traits"]),
        }
    )


def release_from(text: str) -> Release:
    """Read a release back from :meth:`Release.to_json`.

    Raises:
        ValueError: the text is not a release of this program.
    """
    try:
        stored = json.loads(text)
        if stored["format"] != FORMAT:
            raise ValueError("not a release of this version")
        return Release(
            **{
                **stored,
                "segments": tuple(_segment(each) for each in stored["segments"]),
                "other": HiddenGroup(**stored["other"]) if stored["other"] else None,
                "total": Estimate(**stored["total"]),
                "overall": tuple(_profile(each) for each in stored["overall"]),
                "points": tuple(Point(**each) for each in stored["points"]),
                "axes": tuple(stored["axes"]),
                "features": tuple(feature_from(each) for each in stored["features"]),
                "profiled": tuple(feature_from(each) for each in stored["profiled"]),
                "budget": Spent(**stored["budget"]),
                "account": tuple(stored["account"]),
                "notes": tuple(stored["notes"]),
                "rule": rule_from(stored["rule"]) if stored.get("rule") else None,
            }
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError("this file is not a release of Private Segments") from error
