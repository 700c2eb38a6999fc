"""“I need sizes within 5 %”: the budget that gives a wished accuracy, or what else would help.

A size's error follows from the plan alone, so no row is read and nothing is charged.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from dashboard.plan import Plan
from dashboard.privacy import accuracy
from dashboard.privacy.accounting import publish_units, sigma_squared
from dashboard.receipts import Wish

STEP: Final = 0.05
"""How finely an epsilon is proposed."""


def size_error(plan: Plan) -> int:
    """The 95 % half-width of a published segment's size, in people."""
    return accuracy.half_width(math.sqrt(sigma_squared(1, publish_units(plan)["sizes"])))


def wish_of(plan: Plan, part: float, people: int, most: float) -> Wish:
    """The smallest epsilon at which a group's size is right within a part of it.

    Args:
        plan: what is asked; its own epsilon is not used.
        part: the wished 95 % half-width as a part of the group, above 0.
        people: how large the group is that this should hold for.
        most: the largest epsilon that may be spent.
    """
    wanted = part * people
    steps = range(1, math.floor(most / STEP + 1e-9) + 1)
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        if size_error(_at(plan, steps[middle])) <= wanted:
            high = middle
        else:
            low = middle + 1
    goal = f"± {100 * part:.3g} %"
    group = f"a group of {people:,} people"
    if low < len(steps):
        epsilon = round(steps[low] * STEP, 2)
        error = size_error(_at(plan, steps[low]))
        return Wish(
            epsilon,
            f"For {goal} of {group}, a privacy loss (epsilon) of {epsilon:g} is enough "
            f"(± {error} people).",
        )
    if not steps:
        return Wish(None, "These customers have no budget left for a release.")
    best = size_error(_at(plan, steps[-1]))
    return Wish(
        None,
        f"No budget that is left gives {goal} of {group}: the best is ± {best} people. "
        f"Groups of {math.ceil(best / part):,} people or more would be within it: fewer, larger "
        "segments help.",
    )


def _at(plan: Plan, step: int) -> Plan:
    return replace(plan, epsilon=round(step * STEP, 2))
