"""The rule of a release: which segment a customer belongs to, in public and noisy numbers only.

Owners apply it to their own tables, in their own warehouse; the dashboard never gives
rows away. Nothing here was counted anew: middles and spreads follow from the noisy
margins, centers from the noisy sums of publishing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.rfm import Cuts, cuts_from


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction in which customers are compared: a number, a flag's yes, or one label.

    ``middle`` and ``spread`` are parts of the column's declared range (0 to 1); for a flag
    or a label they are its share and the spread that its column is scaled by.
    """

    column: str
    label: str | None
    middle: float
    spread: float


@dataclass(frozen=True, slots=True)
class Rule:
    """How a release's segments are told apart: by the nearest center, or by public cuts.

    ``centers`` holds whole lattice places, one per segment that is shown and in their order;
    ``cuts`` is set instead where segments are known groups. A range has ``levels`` steps, a
    standard deviation has ``unit`` of them, and nobody is farther out than ``reach``.
    """

    axes: tuple[Axis, ...] = ()
    centers: tuple[tuple[int, ...], ...] = ()
    cuts: Cuts | None = None
    levels: int = 32_768
    unit: int = 512
    reach: int = 4


def rule_from(stored: dict[str, Any]) -> Rule:
    """Read a rule back from its stored form (``dataclasses.asdict``).

    What stands for a number must be one, because rules are written as code.
    """
    return Rule(
        axes=tuple(_axis_from(each) for each in stored["axes"]),
        centers=tuple(tuple(int(step) for step in each) for each in stored["centers"]),
        cuts=cuts_from(stored["cuts"]) if stored["cuts"] else None,
        levels=int(stored["levels"]),
        unit=int(stored["unit"]),
        reach=int(stored["reach"]),
    )


def _axis_from(stored: dict[str, Any]) -> Axis:
    label = stored["label"]
    return Axis(
        column=str(stored["column"]),
        label=None if label is None else str(label),
        middle=float(stored["middle"]),
        spread=float(stored["spread"]),
    )
