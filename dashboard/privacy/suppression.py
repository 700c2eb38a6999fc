"""Which groups may be seen: the one decision that every exit shows.

Small groups are judged by their noisy size, never by the exact one, so the
decision itself tells nothing new. Hidden groups are merged; totals are sums of
the noisy numbers that are shown, so nothing can be solved for by subtraction.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from dashboard.privacy.accounting import SELECTION_UNITS
from dashboard.release import Hidden
from dashboard.terms import DELTA_UNIT

MARGIN: Final = 2.0
"""Noise scales that are added to the smallest group's size before anything is shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which segments may be seen, and the noisy size of the rest merged into one.

    ``other`` is ``None`` where nothing is hidden or even the merged group is too
    small; ``total`` is the sum of what is shown, made of ``parts`` noisy numbers.
    """

    visible: tuple[int, ...]
    hidden: tuple[int, ...]
    other: int | None
    total: int
    parts: int


def suppression_threshold(min_segment_size: int, sigma: float) -> int:
    """The noisy size below which a group is not shown: the policy's minimum plus two sigma."""
    return min_segment_size + math.ceil(MARGIN * sigma)


def suppress(
    sizes: Sequence[int], cells: Sequence[int], min_segment_size: int, sigma: float
) -> Shown:
    """Decide from noisy sizes which groups may be seen.

    Args:
        sizes: each group's noisy size.
        cells: of how many noisy numbers each size is the sum.
        min_segment_size: the policy's smallest group, in people.
        sigma: the noise scale of one noisy number.
    """
    visible = tuple(
        place
        for place, (size, parts) in enumerate(zip(sizes, cells, strict=True))
        if size >= suppression_threshold(min_segment_size, sigma * math.sqrt(parts))
    )
    hidden = tuple(place for place in range(len(sizes)) if place not in visible)
    merged, parts = sum(sizes[each] for each in hidden), sum(cells[each] for each in hidden)
    tell = bool(hidden) and merged >= suppression_threshold(
        min_segment_size, sigma * math.sqrt(parts)
    )
    return Shown(
        visible=visible,
        hidden=hidden,
        other=merged if tell else None,
        total=sum(sizes[each] for each in visible) + (merged if tell else 0),
        parts=sum(cells[each] for each in visible) + (parts if tell else 0),
    )


def hide_cell(noisy: float, half_width: float, threshold: int) -> Hidden | None:
    """Why one cell of a profile is not shown, or ``None`` if it may be seen.

    Args:
        noisy: the cell's noisy count.
        half_width: its 95 % half-width, in people.
        threshold: the noisy size below which a group is not shown.
    """
    if noisy < threshold:
        return "too few people"
    if half_width >= noisy:
        return "too uncertain to show"
    return None


@cache
def selection_threshold(sigma_squared: int, open_columns: int) -> int:
    """The noisy count that a label must exceed before it may be named.

    A label that one customer holds alone has the noisy count 1 + N and is named
    where it exceeds the threshold τ, that is where N ≥ τ. τ is the smallest whole
    number for which that has a probability of at most δ divided by the columns
    whose names are searched, δ being :data:`SELECTION_UNITS`; a union bound over
    the one label per column that a customer can hold gives δ in all.
    """
    delta = SELECTION_UNITS * DELTA_UNIT / max(open_columns, 1)
    reach = math.ceil(12 * math.sqrt(sigma_squared)) + 12
    x = np.arange(-reach, reach + 1, dtype=np.float64)
    weights = np.exp(-(x**2) / (2 * sigma_squared))
    tail = np.cumsum(weights[::-1])[::-1] / weights.sum()
    return int(x[tail <= delta][0])
