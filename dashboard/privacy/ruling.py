"""The rule that a release tells: as exact as its centers, and silent where its profiles are.

A center's place in the direction of a flag or a label is the share of that answer in the
segment, and the middle of the direction is its share in the whole base. Where a profile hides
a part, the rule must not tell it on the side, nor as what is missing to a whole. So in such
a column centers, middles and spreads follow from what is shown: the shares that are told, and
the middle of what a hidden part may hold. A label that the whole base hides has no axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dashboard.privacy.encoding import LEVELS, Int64
from dashboard.privacy.space import REACH, UNIT, Dimension, Space
from dashboard.privacy.synopsis import as_rows
from dashboard.release import Bar, ColumnProfile, Segment
from dashboard.rule import Axis, Rule

_LEAST_VARIANCE = 0.01
"""Of a column of labels, as for the directions of the space."""


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
    told = {
        place: _told_direction(each, whole[each.feature.name])
        for place, each in enumerate(space.directions)
    }
    kept = {place: each for place, each in told.items() if each is not None}
    if not kept:
        return None
    steps = [
        [
            _told_step(space.directions[place], each, int(center[place]), row, most_hidden)
            for place, each in kept.items()
        ]
        for center, row in zip(centers, rows, strict=True)
    ]
    axes = tuple(
        Axis(each.feature.name, each.label, each.middle, each.spread) for each in kept.values()
    )
    table = np.array(steps, dtype=np.int64).reshape(len(rows), len(kept))
    return Rule(axes, as_rows(table), levels=LEVELS, unit=UNIT, reach=REACH)


def space_of(rule: Rule, space: Space) -> Space:
    """The space in which a rule's centers lie: the axes that it has, with its own scales."""
    known = {(each.feature.name, each.label): each for each in space.directions}
    return Space(
        tuple(
            replace(known[each.column, each.label], middle=each.middle, spread=each.spread)
            for each in rule.axes
        )
    )


def _told_direction(direction: Dimension, column: ColumnProfile) -> Dimension | None:
    """A direction with a scale that may be told; ``None`` where the whole base hides it."""
    named = [each for each in column.bars if each.label != direction.feature.rest]
    if direction.is_number or all(each.share for each in named):
        return direction
    share = _bar(direction, column).share
    if column.kind == "flag" or share is None:
        return None
    shares = [each.share.value for each in named if each.share]
    variance = sum(each * (1 - each) for each in shares)
    spread = math.sqrt(max(variance, _LEAST_VARIANCE))
    return replace(direction, middle=share.value, spread=spread)


def _told_step(
    direction: Dimension, told: Dimension, step: int, row: Segment, most_hidden: int
) -> int:
    """Where a center may be told to stand in a direction."""
    column = next(each for each in row.profile if each.name == direction.feature.name)
    if not direction.is_number and not all(each.share for each in column.bars):
        return int(told.steps(_told_share(direction, column, most_hidden / row.size)))
    return step if told == direction else int(told.steps(direction.parts(step)))


def _told_share(direction: Dimension, column: ColumnProfile, most: float) -> float:
    """The share of an answer in a segment whose profile hides some part of the column."""
    middle = float(np.clip(most, 0, 1)) / 2
    bar = _bar(direction, column)
    if column.kind == "flag":
        no, yes = (each.share is not None for each in column.bars)
        return 0.5 if no == yes else (1 - middle if yes else middle)
    return bar.share.value if bar.share else middle


def _bar(direction: Dimension, column: ColumnProfile) -> Bar:
    label = direction.label if column.kind == "category" else "yes"
    return next(each for each in column.bars if each.label == label)
