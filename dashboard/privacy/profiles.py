"""What segments look like: distributions, typical values and traits, all from noisy integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from dashboard.plan import Feature
from dashboard.privacy import accuracy
from dashboard.privacy.encoding import LEVELS, Float, scaled, value_of
from dashboard.privacy.margins import shares_of
from dashboard.privacy.queries import BINS, Bins, even_bins, flag_bins, label_bins
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import UNIT, Dimension
from dashboard.privacy.suppression import hide_cell, suppression_threshold
from dashboard.release import Bar, ColumnProfile, Estimate
from dashboard.terms import Bounds
from dashboard.wording import amount

BARS: Final = 7
"""About how many parts a number's distribution is shown in."""


@dataclass(frozen=True)
class Column:
    """How one column is shown: its bars' labels, their edges, and where each value falls."""

    feature: Feature
    labels: tuple[str, ...]
    edges: tuple[float, ...]
    bins: Bins
    overall: tuple[float, ...]
    overall_parts: tuple[int, ...]


def columns_of(geometry: Geometry) -> tuple[Column, ...]:
    """How every column is shown; edges follow the noisy margins and are round numbers."""
    plan = geometry.synopsis.plan
    numbers = [each.name for each in plan.columns if each.scale]
    labeled = [each.name for each in plan.columns if not each.scale]
    return tuple(
        _number_column(geometry, each, numbers.index(each.name))
        if each.kind == "number"
        else _level_column(geometry, each, numbers.index(each.name))
        if each.kind == "level"
        else _label_column(geometry, each, labeled.index(each.name))
        for each in plan.columns
    )


def _number_column(geometry: Geometry, feature: Feature, place: int) -> Column:
    bounds = feature.bounds or Bounds(0, 1)
    counts = geometry.synopsis.margins[feature.name]
    sigma = math.sqrt(geometry.synopsis.noise["margins"])
    levels = _cuts(shares_of(counts[:-1], sigma, geometry.synopsis.count - counts[-1]), bounds)
    edges = tuple(float(_tidy(value_of(cut / LEVELS, bounds))) for cut in [0, *levels, LEVELS])
    lookup = np.empty(LEVELS + 1, dtype=np.int64)
    lookup[0] = len(levels) + 1
    lookup[1:] = np.searchsorted(np.asarray(levels), np.arange(LEVELS), side="right")
    bins = Bins(is_number=True, place=place, lookup=lookup, size=len(levels) + 2)
    fine, parts = _regroup(counts, levels)
    return Column(feature, _range_labels(edges, bounds), edges, bins, fine, parts)


def _level_column(geometry: Geometry, feature: Feature, place: int) -> Column:
    """A bar for each label in its order; edges lie halfway between 1, 2, 3 and so on."""
    labels = feature.domain.labels if feature.domain else ()
    counts = geometry.synopsis.margins[feature.name][:-1]
    edges = tuple(place + 0.5 for place in range(len(labels) + 1))
    bins = even_bins(place, len(labels))
    return Column(feature, labels, edges, bins, tuple(map(float, counts)), tuple(1 for _ in counts))


def _label_column(geometry: Geometry, feature: Feature, place: int) -> Column:
    counts = geometry.synopsis.margins[feature.name]
    named = feature.domain.labels if feature.domain else ()
    flag = feature.kind == "flag"
    labels = ("no", "yes") if flag else (*named, feature.rest)
    bins = flag_bins(place) if flag else label_bins(place, len(named))
    shown = counts[: len(labels)]
    return Column(
        feature, labels, (), bins, tuple(float(each) for each in shown), tuple(1 for _ in shown)
    )


def _cuts(shares: Float, bounds: Bounds) -> list[int]:
    """Levels that cut a number's range into about seven well-filled parts at round values."""
    cumulated = np.concatenate([[0.0], np.cumsum(shares)])
    places = np.interp(np.linspace(0, 1, BARS + 1)[1:-1], cumulated, np.linspace(0, 1, BINS + 1))
    values = np.unique(value_of(places, bounds))
    gaps = np.diff(values) if len(values) > 1 else np.array([abs(values[0]) or 1.0])
    levels: list[int] = []
    for place, value in enumerate(values):
        gap = float(gaps[max(0, min(place, len(gaps) - 1))])
        step = accuracy.step_for(gap * 2.5)
        neat = accuracy.rounded(float(value), max(1.0, step) if bounds.whole else step)
        part = float(
            (scaled(max(neat, bounds.low), bounds) - scaled(bounds.low, bounds))
            / (scaled(bounds.high, bounds) - scaled(bounds.low, bounds))
        )
        level = math.ceil(part * (LEVELS - 1))
        if 0 < level < LEVELS and level not in levels:
            levels.append(level)
    return sorted(levels)


def _tidy(value: float) -> float:
    """A cut in its own units, without the dust that the lattice leaves."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    return float(f"{value:.3g}")


def _regroup(
    counts: tuple[int, ...], levels: list[int]
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """The fine margin's noisy counts summed into the bars; a part that is cut is shared out."""
    width = LEVELS / BINS
    edges = np.array([0, *levels, LEVELS], dtype=np.float64) / width
    cumulated = np.concatenate([[0.0], np.cumsum(counts[:-1])])
    sums = np.diff(np.interp(edges, np.arange(BINS + 1), cumulated))
    parts = np.maximum(1, np.ceil(np.diff(edges))).astype(int)
    return tuple(float(each) for each in sums), tuple(int(each) for each in parts)


def _range_labels(edges: tuple[float, ...], bounds: Bounds) -> tuple[str, ...]:
    """Bars' names: 2–3 for counts, 20–30 for amounts (from 20 to below 30)."""
    inner = edges[1:-1]
    if not inner:
        return ("all",)
    if bounds.whole:
        parts = [int(bounds.low), *(round(each) for each in inner)]
        named = [
            f"{low}" if high - low == 1 else f"{amount(low)}–{amount(high - 1)}"
            for low, high in pairwise(parts)
        ]
        return (*named, f"{amount(parts[-1])} or more")
    middle = [f"{amount(low)}–{amount(high)}" for low, high in pairwise(inner)]
    return (f"below {amount(inner[0])}", *middle, f"{amount(inner[-1])} or more")


# ── one group ───────────────────────────────────────────────────────────────────────────
def profile_of(
    column: Column,
    counts: Sequence[float],
    parts: Sequence[int],
    missing: float,
    sigma: float,
    min_segment_size: int,
    typical: Estimate | None,
) -> ColumnProfile:
    """One column's distribution within one group, with small and uncertain parts hidden.

    Shares are among the parts that are shown, so that no hidden part is what is missing to
    a whole. Of everybody they are smaller, and how much smaller stays open: their ranges
    reach down to what they would be with every hidden part as large as one may be, and where
    a part is just large enough to be shown, they are lower by what noise may have lifted it. A
    flag of which one side is hidden has no typical value.

    Args:
        column: how the column is shown.
        counts: noisy counts of its bars.
        parts: of how many noisy numbers each count is the sum.
        missing: the noisy count of those without a value.
        sigma: the noise scale of one noisy number.
        min_segment_size: the policy's smallest group, in people.
        typical: the group's typical value, where it is known.
    """
    spreads = [sigma * math.sqrt(terms) for terms in parts]
    least = [suppression_threshold(min_segment_size, spread) for spread in spreads]
    reasons = [
        hide_cell(count, accuracy.half_width(spread), threshold)
        for count, spread, threshold in zip(counts, spreads, least, strict=True)
    ]
    room = sum(
        max(threshold, accuracy.half_width(spread))
        for spread, threshold, reason in zip(spreads, least, reasons, strict=True)
        if reason
    )
    lifted = [
        (0.0, 0.0) if reason else accuracy.lifted(count, threshold, spread)
        for count, spread, threshold, reason in zip(counts, spreads, least, reasons, strict=True)
    ]
    seen = [count for count, reason in zip(counts, reasons, strict=True) if not reason]
    base = sum(seen)
    bars = tuple(
        Bar(
            label=column.labels[place],
            share=None
            if reason
            else _of_everybody(
                accuracy.share_of(counts[place], base, spreads[place], len(seen) - 1),
                base,
                room,
                lifted[place],
            ),
            hidden=reason,
            low=column.edges[place] if column.edges else None,
            high=column.edges[place + 1] if column.edges else None,
        )
        for place, reason in enumerate(reasons)
    )
    if column.feature.kind == "flag" and typical and base > 0:
        no, yes = lifted
        low = max(0.0, typical.low - (yes[0] - no[1]) / base)
        high = min(1.0, typical.high + (no[0] - yes[1]) / base)
        value = typical.value
        typical = accuracy.estimate(value, min(low, value), max(high, value))
    known = bool(seen) and not (column.feature.kind == "flag" and any(reasons))
    return ColumnProfile(
        name=column.feature.name,
        kind=column.feature.kind,
        typical=typical if known else None,
        bars=bars,
        missing=accuracy.share_of(missing, base + missing, sigma, len(seen))
        if seen and missing >= suppression_threshold(min_segment_size, sigma)
        else None,
    )


def _of_everybody(
    share: Estimate, base: float, room: float, lifted: tuple[float, float]
) -> Estimate:
    """A share of what is shown, with a range that holds for all.

    Hidden parts take up to a room, and what is shown because noise lifted it is that much less.
    """
    down, less = lifted
    if room <= 0 and down <= 0:
        return share
    low = max(0.0, share.low - down / base) * base / (base + room)
    return accuracy.estimate(share.value, low, max(share.value, share.high - less / base))


def number_typical(direction: Dimension, step: float, width: float) -> Estimate | None:
    """A feature's typical value from a place and its 95 % half-width, in lattice steps.

    ``None`` where the half-width exceeds how much customers differ in all (one standard
    deviation): nothing would be told that is not known of everybody.
    """
    if width > UNIT:
        return None
    low, high = direction.typical(step - width), direction.typical(step + width)
    return accuracy.estimate(direction.typical(step), low, high)


def flag_typical(counts: Sequence[float], sigma: float) -> Estimate | None:
    """The share of yes among those who answered."""
    no, yes = counts[0], counts[1]
    return accuracy.share_of(yes, no + yes, sigma, 1) if no + yes > 5 * sigma else None


def histogram_typical(column: Column, counts: Sequence[float], sigma: float) -> Estimate | None:
    """A described number's typical value from its distribution: the mean of the bars' middles.

    Each bar stands at the middle of its edges on the scale on which the number
    is compared; with noise σ on each bar the mean's variance is Σσ²(m−mean)²/N². Where
    within a bar its people lie is not known: of a bar with share p and width w, anywhere
    is as likely, which adds Σp²w²/12.
    """
    bounds, total = column.feature.scale, float(sum(counts))
    if bounds is None or total <= 5 * sigma:
        return None
    edges = np.asarray(scaled(np.clip(column.edges, bounds.low, bounds.high), bounds))
    middles = (edges[:-1] + edges[1:]) / 2
    if len(middles) > 2:
        middles[0] = edges[1] - (edges[2] - edges[1]) / 2
        middles[-1] = edges[-2] + (edges[-2] - edges[-3]) / 2
    shares = np.clip(counts, 0, None) / max(np.clip(counts, 0, None).sum(), 1)
    mean = float(shares @ middles)
    noise = sigma**2 * float(((middles - mean) ** 2).sum()) / total**2
    wide = np.diff(edges)
    if len(wide) > 2:
        wide[0], wide[-1] = wide[1], wide[-2]
    width = accuracy.Z * math.sqrt(noise + float(((shares * wide) ** 2).sum()) / 12)

    def back(place: float) -> float:
        part = (place - scaled(bounds.low, bounds)) / (
            scaled(bounds.high, bounds) - scaled(bounds.low, bounds)
        )
        return float(value_of(part, bounds))

    return accuracy.estimate(back(mean), back(mean - width), back(mean + width))
