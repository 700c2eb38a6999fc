"""Whether the segments stand out of the noise, and an honest word where they don't."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from dashboard.errors import NotEnoughDataError
from dashboard.plan import MAX_SEGMENTS, MIN_SEGMENTS, Plan
from dashboard.privacy import accuracy
from dashboard.privacy.accounting import epsilon_of, map_units, rho_units_of, sigma_squared
from dashboard.terms import RHO_UNIT
from dashboard.wording import with_range

if TYPE_CHECKING:
    from dashboard.privacy.segments import Geometry

WEAK_SIGNAL: Final = 40
WEAK_SIGNAL_ZEROS: Final = 60
NO_SIGNAL: Final = 10
"""Signal to noise n·√(2ρ)/(k√d): below 10 a picture would not be true, below 40 (60 where many
values are zero) it is said to be rough."""

LARGEST_EPSILON: Final = 3.0
"""The most that is ever proposed to spend on one release: a customer base's usual cap."""


def signal(count: int, rho: float, segments: int, dimensions: int) -> float:
    """How clearly segments stand out of the noise: n·√(2ρ)/(k√d)."""
    return count * math.sqrt(2 * rho) / (segments * math.sqrt(dimensions))


def signal_of(count: int, plan: Plan, segments: int, dimensions: int) -> float:
    """The same for a plan's epsilon."""
    return signal(count, rho_units_of(plan.epsilon) * RHO_UNIT, segments, dimensions)


def least_dimensions(plan: Plan) -> int:
    """How many directions a plan's features span at least, before any label is known."""
    labels = [len(each.domain.labels) if each.domain else 1 for each in plan.features]
    return sum(
        count if each.kind == "category" and count > 2 else 1
        for each, count in zip(plan.features, labels, strict=True)
    )


def most_by_signal(count: int, plan: Plan, dimensions: int) -> int:
    """The most segments that still stand out of the noise; 0 where not even one does."""
    return min(MAX_SEGMENTS, math.floor(signal_of(count, plan, 1, dimensions) / NO_SIGNAL))


def warning_of(geometry: Geometry, segments: int) -> str | None:
    """A sentence where the picture would be rough, with what would help and by how much."""
    dimensions, synopsis = geometry.space.dimensions, geometry.synopsis
    found = signal_of(synopsis.count, synopsis.plan, segments, dimensions)
    wanted = WEAK_SIGNAL_ZEROS if _many_zeros(geometry) else WEAK_SIGNAL
    if found >= wanted:
        return None
    helps = _any_of(helping(synopsis.count, synopsis.plan, dimensions, segments, wanted))
    return (
        f"This picture is rough: there are few customers for {segments} segments at this privacy. "
        f"It would be clear with {helps}."
    )


def check_signal(count: int, plan: Plan, dimensions: int, segments: int) -> None:
    """Refuse where noise would drown the segments, saying what would help and by how much."""
    if signal_of(count, plan, segments, dimensions) >= NO_SIGNAL:
        return
    features = len(plan.features)
    noise = accuracy.half_width(math.sqrt(sigma_squared(1, map_units(plan)["count"])))
    people = with_range(accuracy.people(count, noise))
    raise NotEnoughDataError(
        f"There are too few customers, {people} of them, for {segments} segments by {features} "
        f"feature{'' if features == 1 else 's'} at this privacy; what noise leaves would not be "
        f"true. It would take {_any_of(helping(count, plan, dimensions, segments, NO_SIGNAL))}."
    )


def helping(count: int, plan: Plan, dimensions: int, segments: int, wanted: float) -> Iterator[str]:
    """What alone would bring the signal to what is wanted: each of it sufficient, none of it free.

    The signal grows with customers and with √ρ, and falls with segments and with the root
    of the directions; each is solved for with the others as they are.
    """
    found = max(signal_of(count, plan, segments, dimensions), 1e-9)
    fewer = math.floor(segments * found / wanted)
    if MIN_SEGMENTS <= fewer < segments:
        yield f"{fewer} segments"
    left = math.floor(dimensions * (found / wanted) ** 2)
    if 1 <= left < dimensions == len(plan.features):
        yield f"{left} feature{'' if left == 1 else 's'}"
    rho = rho_units_of(plan.epsilon) * RHO_UNIT * (wanted / found) ** 2
    epsilon = math.ceil(epsilon_of(rho) * 10) / 10
    if plan.epsilon < epsilon <= LARGEST_EPSILON:
        yield f"epsilon {epsilon:g}"
    if count > 0:
        yield f"about {_rounded_up(count * wanted / found):,} customers"
    else:
        yield "more customers"


def _rounded_up(number: float) -> int:
    """Two digits are enough for advice; never fewer than needed."""
    step: int = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return math.ceil(number / step) * step


def _any_of(parts: Iterator[str]) -> str:
    told = list(parts)
    return ", ".join(told[:-1]) + (" or " if told[:-1] else "") + told[-1]


def _many_zeros(geometry: Geometry) -> bool:
    return any(
        each.feature.kind == "number" and each.shares[0] > 0.4 for each in geometry.space.directions
    )
