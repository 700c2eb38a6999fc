"""How far noise may have moved a number: 95 % ranges from public noise scales alone.

Ranges cover the privacy noise only. Values and ranges are rounded alike, to a
fifth of the range, ranges outward, so that no digit pretends to more than is known.
"""

from __future__ import annotations

import math
from typing import Final

from dashboard.release import Estimate

Z: Final = 1.959964
"""95 % of a normal distribution lies within this many standard deviations."""


def half_width(sigma: float, parts: int = 1) -> int:
    """The 95 % half-width of a sum of noisy counts, in people: ⌈1.96·σ·√parts − ½⌉."""
    return max(0, math.ceil(Z * sigma * math.sqrt(parts) - 0.5))


def share_range(part: float, base: float, sigma: float, rest: int) -> tuple[float, float]:
    """The 95 % range of a share A/B with B = A + R, R being ``rest`` noisy counts (Fieller 1954).

    If p is the true share, A − pB = (1−p)A − pR is normal around zero with the variance
    v(p) = σ²((1−p)² + rest·p²), whatever the size of the group. So the range is all p with
    (A − pB)² ≤ z²·v(p): between the roots of a parabola, or everything where B itself
    can't be told from zero. It is no wider than it needs near 0 and 1, and holds in small
    groups, too.
    """
    noise = (Z * sigma) ** 2
    steep = base**2 - noise * (1 + rest)
    if base <= 0 or steep <= 0:
        return 0.0, 1.0
    middle = part * base - noise
    root = math.sqrt(max(middle**2 - steep * (part**2 - noise), 0.0))
    low, high = (middle - root) / steep, (middle + root) / steep
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


def lifted(count: float, threshold: float, sigma: float) -> tuple[float, float]:
    """How many people lower than usual both ends of a shown count's range lie.

    A count is shown only from a threshold on, so of those just above it noise lifted more than
    it lowered. Given that it is shown, a true size t gives a count as large as c with the
    chance Φ((t − c)/σ)/Φ((t − threshold)/σ); the ends are the t at which that is 2.5 % and
    97.5 %. Far above the threshold they are the usual ones.
    """
    if sigma <= 0 or count - threshold > _CLEARLY_SHOWN * sigma:
        return 0.0, 0.0
    tail = (1 - math.erf(Z / math.sqrt(2))) / 2
    low, high = (_size_at(chance, count, threshold, sigma) for chance in (tail, 1 - tail))
    return count - Z * sigma - low, count + Z * sigma - high


def _size_at(chance: float, count: float, threshold: float, sigma: float) -> float:
    """The true size that gives, if anything is shown, a count as large as this with a chance."""
    from scipy.special import log_ndtr

    low, high, goal = count - _FARTHEST * sigma, count + Z * sigma, math.log(chance)
    while high - low > 0.01 * sigma:
        middle = (low + high) / 2
        found = log_ndtr((middle - count) / sigma) - log_ndtr((middle - threshold) / sigma)
        low, high = (middle, high) if found < goal else (low, middle)
    return float(low)


_CLEARLY_SHOWN: Final = 4.0
_FARTHEST: Final = 40.0
"""Noise scales: from where on nothing is lifted, and how far the lower end reaches at most."""


def step_for(width: float) -> float:
    """The rounding step for a half-width: the largest of 1, 2, 5 × 10ʲ up to its fifth."""
    if width <= 0 or not math.isfinite(width):
        return 0.0
    goal = width / 5
    power = 10.0 ** math.floor(math.log10(goal))
    return max(power * digit for digit in (1, 2, 5) if power * digit <= goal * (1 + 1e-9))


def rounded(value: float, step: float) -> float:
    """A number rounded to a step, without the dust of binary fractions."""
    if step <= 0:
        return value
    return round(round(value / step) * step, max(0, -math.floor(math.log10(step)) + 1))


def estimate(value: float, low: float, high: float) -> Estimate:
    """An estimate whose value and range are rounded alike, the range outward: it covers no less."""
    step = step_for((high - low) / 2)
    return Estimate(rounded(value, step), *_outward(low, high, step))


def _outward(low: float, high: float, step: float) -> tuple[float, float]:
    if step <= 0:
        return low, high
    dust = 1e-9
    ends = math.floor(low / step + dust) * step, math.ceil(high / step - dust) * step
    return rounded(ends[0], step), rounded(ends[1], step)


def people(value: float, width: float) -> Estimate:
    """A number of people with its range: whole, and never below zero."""
    step = max(1.0, step_for(width))
    low, high = _outward(max(0.0, value - width), max(0.0, value + width), step)
    return Estimate(*(float(round(each)) for each in (rounded(max(0.0, value), step), low, high)))


def share_of(part: float, base: float, sigma: float, rest: int) -> Estimate:
    """A share of a group from 0 to 1 with its range."""
    share = min(max(part / base, 0.0), 1.0) if base > 0 else 0.0
    low, high = share_range(part, base, sigma, rest)
    return estimate(share, min(low, share), max(high, share))
