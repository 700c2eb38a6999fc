"""What privacy costs: zCDP rho in whole units, and epsilon at delta as people state it.

A total with squared L2 sensitivity Δ² under discrete Gaussian noise σ² costs
rho = Δ²/(2σ²); costs add (Bun, Steinke 2016). Every epsilon is stated through
the tight conversion of Canonne, Kamath and Steinke (2020, proposition 12).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Final

from dashboard.plan import MAP_SHARE, Plan
from dashboard.terms import DELTA, DELTA_UNIT, RHO_UNIT, SELECTION_DELTA, Price, Spent

CONVERSION_DELTA: Final = DELTA - SELECTION_DELTA
"""The part of delta at which rho becomes epsilon; the rest is kept for category names."""

SELECTION_UNITS: Final = 100
"""What naming one release's categories costs, in units of delta: 10⁻¹⁰."""

SELECTION_CAP_UNITS: Final = round(SELECTION_DELTA / DELTA_UNIT)

MAP_SPLIT: Final[Mapping[str, float]] = {
    "count": 0.04,
    "margins": 0.24,
    "moments": 0.20,
    "cells": 0.52,
}
"""How the map's half of rho is shared among its queries."""

SHARPEN_ROUNDS: Final = 2

PUBLISH_SPLIT: Final[Mapping[str, float]] = {
    **{f"sharpen {turn}": 0.62 / SHARPEN_ROUNDS for turn in range(1, SHARPEN_ROUNDS + 1)},
    "means": 0.08,
    "sizes": 0.10,
    "profiles": 0.20,
}
"""How the publishing half of rho is shared among its queries."""


KNOWN_SPLIT: Final[Mapping[str, float]] = {"sizes": 0.40, "profiles": 0.60}
"""How the rho of known groups is shared: nothing else is asked."""

RANGE_UNITS: Final = 1_000_000
"""What the range of one number costs where it is bought: ρ = 0.001, that is σ² = 500."""


@cache
def epsilon_of(rho: float, delta: float = CONVERSION_DELTA) -> float:
    """The epsilon that a rho amounts to at a delta: the smallest over all orders α > 1.

    ε = αρ + ln(1/(αδ))/(α−1) + ln(1−1/α), minimized by golden section on ln(α−1),
    in which the bound has a single minimum.
    """
    if rho <= 0:
        return 0.0

    def bound(log_excess: float) -> float:
        excess = math.exp(log_excess)
        alpha = 1 + excess
        return alpha * rho - (math.log(alpha) + math.log(delta)) / excess + math.log(excess / alpha)

    low, high, ratio = -12.0, 20.0, (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = bound(left), bound(right)
    for _ in range(60):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = bound(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = bound(right)
    return max(0.0, bound((low + high) / 2))


@cache
def rho_units_of(epsilon: float) -> int:
    """The most ledger units that may be spent for an epsilon; never a unit too many."""
    low, high = 0, math.ceil(epsilon * epsilon / RHO_UNIT) + math.ceil(epsilon / RHO_UNIT)
    while high - low > 1:
        middle = (low + high) // 2
        if epsilon_of(middle * RHO_UNIT) <= epsilon:
            low = middle
        else:
            high = middle
    return low


def needs_names(plan: Plan) -> bool:
    """Whether the plan has categories whose names must be found, at a delta of their own."""
    return any(each.kind == "category" and each.domain is None for each in plan.columns)


def _part(units: int, split: Mapping[str, float]) -> dict[str, int]:
    """Share whole units; what rounding leaves goes to the last name, so that parts sum to all."""
    parts = {name: math.floor(units * share) for name, share in split.items()}
    parts[list(split)[-1]] += units - sum(parts.values())
    return parts


def map_units(plan: Plan) -> dict[str, int]:
    """The ledger units of each of the map's queries."""
    return _part(math.floor(rho_units_of(plan.epsilon) * MAP_SHARE), MAP_SPLIT)


def publish_units(plan: Plan) -> dict[str, int]:
    """The ledger units of each of the publishing queries."""
    whole = rho_units_of(plan.epsilon)
    return _part(whole - math.floor(whole * MAP_SHARE), PUBLISH_SPLIT)


def known_units(plan: Plan) -> dict[str, int]:
    """The ledger units of the two queries of known groups."""
    return _part(rho_units_of(plan.epsilon), KNOWN_SPLIT)


def known_price(plan: Plan) -> Price:
    """What known groups cost: their groups are public, so the whole epsilon buys two answers."""
    return Price(sum(known_units(plan).values()))


def count_price(plan: Plan) -> Price:
    """What the count costs, bought first because it decides whether a map is possible."""
    return Price(map_units(plan)["count"])


def map_price(plan: Plan) -> Price:
    """What the rest of the map costs."""
    units = sum(map_units(plan).values()) - map_units(plan)["count"]
    return Price(units, SELECTION_UNITS if needs_names(plan) else 0)


def publish_price(plan: Plan) -> Price:
    """What publishing costs."""
    return Price(sum(publish_units(plan).values()))


def range_price() -> Price:
    """What the range of one number costs."""
    return Price(RANGE_UNITS)


def ranges_price(plan: Plan) -> Price:
    """What was paid for the ranges of a plan that were bought."""
    bought = sum(1 for each in plan.columns if each.bounds and each.bounds.bought)
    return Price(bought * RANGE_UNITS)


def cap_price(epsilon: float) -> Price:
    """The most that a customer base, or a whole workspace, may ever spend."""
    return Price(rho_units_of(epsilon), SELECTION_CAP_UNITS)


def spent_of(price: Price) -> Spent:
    """A price as a release states it: rho, and epsilon at the whole delta."""
    rho = price.rho_units * RHO_UNIT
    return Spent(epsilon=round(epsilon_of(rho), 6), delta=DELTA, rho=round(rho, 9))


def sigma_squared(sensitivity_squared: int, rho_units: int) -> int:
    """The whole σ² that makes a total cost at most these units: ⌈Δ²/(2ρ)⌉, in exact arithmetic."""
    if rho_units < 1:
        raise ValueError("a query must cost at least one unit")
    units_per_rho = round(1 / RHO_UNIT)
    return -(-sensitivity_squared * units_per_rho // (2 * rho_units))
