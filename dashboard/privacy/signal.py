"""Whether the segments stand out of the noise, and an honest word where they don't."""

from __future__ import annotations

import math
from typing import Final

from dashboard.errors import NotEnoughDataError
from dashboard.plan import Plan
from dashboard.privacy.accounting import rho_units_of
from dashboard.privacy.segments import Geometry
from dashboard.terms import RHO_UNIT

WEAK_SIGNAL: Final = 40
WEAK_SIGNAL_ZEROS: Final = 60
NO_SIGNAL: Final = 10
"""Signal to noise n·√(2ρ)/(k√d): below 10 a picture would not be true, below 40 (60 where many
values are zero) it is said to be rough."""


def signal(count: int, rho: float, segments: int, dimensions: int) -> float:
    """How clearly segments stand out of the noise: n·√(2ρ)/(k√d)."""
    return count * math.sqrt(2 * rho) / (segments * math.sqrt(dimensions))


def warning_of(geometry: Geometry, segments: int) -> str | None:
    """A sentence where the picture would be rough, with what would help."""
    dimensions = geometry.space.dimensions
    rho = rho_units_of(geometry.synopsis.plan.epsilon) * RHO_UNIT
    found = signal(geometry.synopsis.count, rho, segments, dimensions)
    wanted = WEAK_SIGNAL_ZEROS if _many_zeros(geometry) else WEAK_SIGNAL
    if found >= wanted:
        return None
    fewer = max(2, math.floor(segments * found / wanted))
    help_ = f"{fewer} segments" if fewer < segments else "fewer features"
    return (
        f"This picture is rough: there are few customers for {segments} segments at this privacy. "
        f"More customers, {help_}, or a larger budget would make it clearer."
    )


def _many_zeros(geometry: Geometry) -> bool:
    return any(
        each.feature.kind == "number" and each.shares[0] > 0.4 for each in geometry.space.directions
    )


def check_signal(count: int, plan: Plan, dimensions: int, segments: int) -> None:
    """Refuse where noise would drown the segments, saying what would help."""
    rho = rho_units_of(plan.epsilon) * RHO_UNIT
    found = signal(count, rho, segments, dimensions)
    if found >= NO_SIGNAL:
        return
    needed = round(NO_SIGNAL / max(found, 1e-9) * max(count, 1), -1)
    raise NotEnoughDataError(
        f"There are too few customers for {segments} segments by {len(plan.features)} features "
        f"at this privacy: about {needed:,.0f} would be needed. More customers, fewer features, "
        "fewer segments or a larger budget would help."
    )
