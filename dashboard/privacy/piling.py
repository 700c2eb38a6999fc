"""Where values pile up at an end of a declared range, told from noisy margins alone, for free.

Whatever lies beyond a declared bound counts as the bound. Where more stand in the last part
of a range than in the one before it, by more than the noise, many probably lie beyond.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dashboard.plan import Feature, words_of
from dashboard.privacy.encoding import value_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.spoken import plain
from dashboard.terms import Bounds
from dashboard.wording import amount

LEAST: Final = 0.05
"""The part of everybody from which on a pile is worth a word."""

SURE: Final = 4.0
"""Noise scales of a difference by which a pile must stand out: of 60 ends that hold nobody, one is
taken for a pile in fewer than one map of 500."""

MOST_TOLD: Final = 3
_NATURAL: Final = (1, 5, 7, 10, 100)
"""Where a scale ends by itself, as shares, stars and percentages do."""

_SIGNED: Final = frozenset(
    ["margin", "profit", "net", "change", "delta", "growth", "diff", "difference", "gain", "result"]
)
"""Words of numbers that fall below zero; others stop there by themselves."""


@dataclass(frozen=True)
class Pile:
    """One end of a number's range at which more people stand than beside it."""

    feature: Feature
    high: bool
    share: float
    low_edge: float
    high_edge: float


def piles(geometry: Geometry) -> tuple[Pile, ...]:
    """The ends at which people pile up by more than the noise, the largest pile first."""
    found = (
        pile
        for each in geometry.synopsis.plan.columns
        if each.kind == "number" and each.bounds is not None
        for pile in _ends(geometry, each, each.bounds)
    )
    return tuple(sorted(found, key=lambda each: -each.share)[:MOST_TOLD])


def _ends(geometry: Geometry, feature: Feature, bounds: Bounds) -> Iterator[Pile]:
    counts = geometry.synopsis.margins[feature.name][:-1]
    people = max(geometry.synopsis.count, 1)
    noise = SURE * math.sqrt(2 * geometry.synopsis.noise["margins"])
    for high in (True, False):
        last, beside = (counts[-1], counts[-2]) if high else (counts[0], counts[1])
        if _stops_there(feature, bounds, high=high):
            continue
        if last - max(beside, 0) > max(noise, LEAST * people):
            first, end = ((len(counts) - 1) / len(counts), 1.0) if high else (0.0, 1 / len(counts))
            edges = (float(value_of(part, bounds)) for part in (first, end))
            yield Pile(feature, high, min(last / people, 1.0), *edges)


def _stops_there(feature: Feature, bounds: Bounds, *, high: bool) -> bool:
    """Whether nothing can lie beyond by the nature of the number."""
    if high:
        return not bounds.log and bounds.high in _NATURAL
    return bounds.low == 0 and not _SIGNED & set(words_of(feature.name))


def said(pile: Pile, *, advise: bool) -> str:
    """A pile in words; with the advice to declare a wider range where that can still be done."""
    end, beyond = ("upper", "larger") if pile.high else ("lower", "smaller")
    unit = " days" if pile.feature.dates else ""
    between = f"{amount(pile.low_edge)} to {amount(pile.high_edge)}{unit}"
    name = plain(pile.feature.name)
    sentence = (
        f"{_one_in(pile.share)} customers stand at the {end} end of the range for {name} "
        f"({between}), where everything {beyond} counts, too."
    )
    if advise:
        return f"{sentence} If {beyond} values occur, widen that range for the next map."
    return f"{sentence} Its means are rather too {'low' if pile.high else 'high'}."


def _one_in(share: float) -> str:
    if share >= 0.45:
        return f"About {round(10 * share)} in 10"
    return f"About 1 in {round(1 / share)}"


def piled_up(geometry: Geometry, *, advise: bool) -> tuple[str, ...]:
    """All piles in sentences; none where noise could have made them."""
    return tuple(said(each, advise=advise) for each in piles(geometry))
