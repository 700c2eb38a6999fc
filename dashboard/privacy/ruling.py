"""The rule that a release tells: as exact as its centers, and silent where its profiles are.

A center's place in the direction of a flag or a label is the share of that answer in the
segment. Where a profile hides a part, the rule must not tell it on the side. So in a
column of which a segment's profile hides any part, the segment's center follows from what is
shown: the shares that are told, and the middle of what a hidden part may hold. In a column's
direction that the whole base hides there is no axis at all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.privacy.encoding import LEVELS, Int64
from dashboard.privacy.space import REACH, UNIT, Dimension, Space
from dashboard.privacy.synopsis import as_rows
from dashboard.release import Bar, ColumnProfile, Segment
from dashboard.rule import Axis, Rule


def rule_of(
    space: Space,
    centers: Int64,
    rows: Sequence[Segment],
    overall: Sequence[ColumnProfile],
    most_hidden: int,
) -> Rule | None:
    """How segments that are shown are told apart; ``None`` where nothing may tell them apart.

    Args:
        space: where customers lie.
        centers: the shown segments' centers, shape (segments, directions).
        rows: the shown segments, in the same order.
        overall: the profiles of the whole base.
        most_hidden: up to how many noisy people a part is hidden.
    """
    whole = {each.name: each for each in overall}
    axes = [
        place
        for place, each in enumerate(space.directions)
        if each.is_number or not _hides(each, whole[each.feature.name])
    ]
    if not axes:
        return None
    told = centers.copy()
    for center, row in zip(told, rows, strict=True):
        profile = {each.name: each for each in row.profile}
        for place in axes:
            direction = space.directions[place]
            share = _told_share(direction, profile[direction.feature.name], most_hidden / row.size)
            if share is not None:
                center[place] = int(direction.steps(share))
    kept = [space.directions[place] for place in axes]
    return Rule(
        tuple(Axis(each.feature.name, each.label, each.middle, each.spread) for each in kept),
        as_rows(told[:, axes]),
        levels=LEVELS,
        unit=UNIT,
        reach=REACH,
    )


def axes_of(rule: Rule, space: Space) -> list[int]:
    """The directions of a space that a rule has an axis for, in the rule's order."""
    named = {(each.feature.name, each.label): at for at, each in enumerate(space.directions)}
    return [named[each.column, each.label] for each in rule.axes]


def _bar(direction: Dimension, column: ColumnProfile) -> Bar:
    label = direction.label if column.kind == "category" else "yes"
    return next(each for each in column.bars if each.label == label)


def _hides(direction: Dimension, column: ColumnProfile) -> bool:
    bars = column.bars if column.kind == "flag" else (_bar(direction, column),)
    return any(each.share is None for each in bars)


def _told_share(direction: Dimension, column: ColumnProfile, most: float) -> float | None:
    """The share that a segment's profile lets be told; ``None`` where it hides nothing."""
    if direction.is_number or all(each.share for each in column.bars):
        return None
    middle = float(np.clip(most, 0, 1)) / 2
    bar = _bar(direction, column)
    if column.kind == "flag":
        no, yes = (each.share is not None for each in column.bars)
        return 0.5 if no == yes else (1 - middle if yes else middle)
    return bar.share.value if bar.share else middle
