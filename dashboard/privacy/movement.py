"""What changed between two releases of one customer base, told from their noisy numbers only.

Nothing is asked and nothing is bought. From two releases nobody can tell who went where,
so none of this says it: each segment's size then is held against its size now, with the
noise of both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Final

from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.privacy import accuracy
from dashboard.release import Change, Estimate, Movement, Release, Segment
from dashboard.rule import Rule

ALIKE: Final = 1.0
"""Standard deviations per feature, at most, between two centers that may be one segment."""

Key = tuple[str, str | None]


def movement_of(earlier: Release, later: Release) -> Movement:
    """Hold a release against an earlier one of the same customers.

    Known groups are matched by their name. Learned segments are matched where each of two
    is the other's nearest, by centers on the earlier one's scale, and not too far off.

    Raises:
        BadInputError: they answer different questions, so nothing can be held together.
    """
    _check(earlier, later)
    pairs = _pairs(earlier, later)
    known = later.rule is not None and later.rule.cuts is not None
    return Movement(
        earlier_id=earlier.id,
        later_id=later.id,
        earlier_on=earlier.created_on,
        later_on=later.created_on,
        changes=tuple(
            _change(earlier.segments[one], later.segments[other], one, other)
            for one, other in sorted(pairs.items(), key=lambda pair: pair[1])
        ),
        gone=tuple(each.name for place, each in enumerate(earlier.segments) if place not in pairs),
        new=tuple(
            each.name for place, each in enumerate(later.segments) if place not in pairs.values()
        ),
        total=_difference(earlier.total, later.total),
        same_rule=known,
    )


def comparable(earlier: Release, later: Release) -> bool:
    """Whether two releases answer the same question, so that movement can be told."""
    try:
        _check(earlier, later)
    except BadInputError:
        return False
    return True


def _check(earlier: Release, later: Release) -> None:
    if earlier.rule is None or later.rule is None:
        raise BadInputError("One of these releases holds no rule, so they can't be compared.")
    if (earlier.unit, earlier.adjacency) != (later.unit, later.adjacency):
        raise BadInputError("One counts customers and the other rows, so they can't be compared.")
    if earlier.rule.cuts != later.rule.cuts:
        raise BadInputError(
            "These releases group customers by different rules, so they can't be compared. Publish "
            "the same kind of segments again."
        )
    if _question(earlier.features) != _question(later.features):
        raise BadInputError(
            "These releases are of different plans: other columns or other ranges make customers "
            "alike. So they can't be compared."
        )


def _question(features: Sequence[Feature]) -> set[Feature]:
    """What makes customers alike; up to which day days are counted may differ, and labels."""
    return {
        replace(each, dates=None, domain=None if each.kind == "category" else each.domain)
        for each in features
    }


# ── which is which ──────────────────────────────────────────────────────────────────────
def _pairs(earlier: Release, later: Release) -> dict[int, int]:
    """Places of segments that are one and the same, from the earlier to the later release."""
    first, second = earlier.rule or Rule(), later.rule or Rule()
    if second.cuts:
        places = {each.name: place for place, each in enumerate(later.segments)}
        named = enumerate(earlier.segments)
        return {place: places[each.name] for place, each in named if each.name in places}
    apart = _distances(first, second)
    if not apart:
        return {}
    ones, others = ({pair[side] for pair in apart} for side in (0, 1))
    nearest = {one: min(others, key=lambda other: apart[one, other]) for one in ones}
    back = {other: min(ones, key=lambda one: apart[one, other]) for other in others}
    return {
        one: other
        for one, other in nearest.items()
        if back[other] == one and apart[one, other] <= ALIKE
    }


def _distances(first: Rule, second: Rule) -> Mapping[tuple[int, int], float]:
    """How far centers lie from each other, in the earlier spreads, per direction."""
    axes = {(each.column, each.label): each for each in first.axes}
    ones, others = _parts(first), _parts(second)
    common = [key for key in axes if others and key in others[0]]
    return {
        (one, other): math.sqrt(
            sum(((a[key] - b[key]) / axes[key].spread) ** 2 for key in common) / len(common)
        )
        for (one, a), (other, b) in product(enumerate(ones), enumerate(others))
        if common
    }


def _parts(rule: Rule) -> list[dict[Key, float]]:
    """Centers as parts of each column's declared range, which both releases share."""
    return [
        {
            (axis.column, axis.label): axis.middle + step / rule.unit * axis.spread
            for axis, step in zip(rule.axes, center, strict=True)
        }
        for center in rule.centers
    ]


# ── how much ────────────────────────────────────────────────────────────────────────────
def _change(before: Segment, after: Segment, one: int, other: int) -> Change:
    sizes = [Estimate(each.size, each.size_low, each.size_high) for each in (before, after)]
    shares = [Estimate(each.share, each.share_low, each.share_high) for each in (before, after)]
    return Change(
        name=after.name,
        earlier_name=before.name,
        earlier_place=one,
        later_place=other,
        size_before=sizes[0],
        size_after=sizes[1],
        share_before=shares[0],
        share_after=shares[1],
        people=_difference(*sizes),
        share=_difference(*shares),
    )


def _difference(before: Estimate, after: Estimate) -> Estimate:
    """What changed, with a 95 % range: both have noise of their own, so variances add."""
    width = math.hypot(
        *(max(each.high - each.value, each.value - each.low) for each in (before, after))
    )
    value = after.value - before.value
    return accuracy.estimate(value, value - width, value + width)
