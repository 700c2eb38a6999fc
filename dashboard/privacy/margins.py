"""How each column is spread: noisy histograms, labels that may be named, and a private scale."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from dashboard.plan import Feature, Plan
from dashboard.privacy.encoding import Encoder, Float, Int64
from dashboard.privacy.queries import (
    Bins,
    even_bins,
    flag_bins,
    label_bins,
)
from dashboard.privacy.space import (
    Dimension,
    middle_and_spread,
)
from dashboard.terms import Domain

MAX_LABELS: Final = 12
"""The most labels of a category that are named; the rest are "other"."""

CLEAR, FAINT = 45, 16
"""Customers per noise scale of a margin: from the first its counts are taken as they are, below
the second only what all of them say together is."""


def margin_bins(encoder: Encoder) -> tuple[Bins, ...]:
    """The parts of every column's histogram, in the plan's order."""
    numbers = {each.name: place for place, each in enumerate(encoder.numbers)}
    labeled = {each.name: place for place, each in enumerate(encoder.labeled)}
    return tuple(
        even_bins(numbers[each.name])
        if each.kind == "number"
        else even_bins(numbers[each.name], len(encoder.labels(each)))
        if each.kind == "level"
        else flag_bins(labeled[each.name])
        if each.kind == "flag"
        else label_bins(labeled[each.name], len(encoder.labels(each)))
        for each in encoder.plan.columns
    )


def read_margins(
    encoder: Encoder, bins: tuple[Bins, ...], noisy: Int64, threshold: int
) -> tuple[Plan, dict[str, tuple[int, ...]]]:
    """Split the noisy margins by column, and keep only labels that may be named.

    Labels nobody declared are named where their noisy count exceeds the stability
    threshold, the largest first and twelve at most; the others' counts are dropped.
    """
    ends = np.cumsum([each.size for each in bins])
    margins, columns = {}, []
    for asked, part in zip(encoder.plan.columns, np.split(noisy, ends[:-1]), strict=True):
        feature, counts = asked, [int(each) for each in part]
        if feature.kind == "category" and feature.domain is None:
            feature, counts = _select(feature, encoder.labels(feature), counts, threshold)
        margins[feature.name] = tuple(counts)
        columns.append(feature)
    cut = len(encoder.plan.features)
    return (
        replace(encoder.plan, features=tuple(columns[:cut]), profiled=tuple(columns[cut:])),
        margins,
    )


def _select(
    feature: Feature, labels: tuple[str, ...], counts: list[int], threshold: int
) -> tuple[Feature, list[int]]:
    *named, _, missing = counts
    passed = sorted(
        ((count, label) for label, count in zip(labels, named, strict=True) if count > threshold),
        key=lambda each: (-each[0], each[1]),
    )[:MAX_LABELS]
    if not passed:
        return feature, [0, missing]
    chosen = tuple(label for _, label in passed)
    return replace(feature, domain=Domain(chosen)), [count for count, _ in passed] + [0, missing]


def shares_of(counts: tuple[int, ...], sigma: float, count: int) -> Float:
    """Noisy counts of a number's margin as shares that sum to one, with the noise drawn out.

    The weaker the signal (customers per noise scale), the more the counts are drawn
    toward a bell curve that fills the declared range at three standard deviations:
    not at all where it is strong, by waves of like length where it is weaker, and
    all alike where it is very weak.
    """
    noisy = np.asarray(counts, dtype=np.float64)
    signal = count / max(sigma, 1e-9)
    if signal >= CLEAR:
        return _run(noisy, sigma)
    bell = _bell(len(noisy)) * max(count, 1)
    return _run(*_shrunk(noisy, bell, sigma, waves=signal >= FAINT))


def _bell(parts: int) -> Float:
    """What is expected of a margin that nothing is known of but its declared range."""
    from scipy.special import ndtr

    shares = np.diff(ndtr((np.linspace(0, 1, parts + 1) - 0.5) * 6))
    return np.asarray(shares / shares.sum())


def _shrunk(noisy: Float, expected: Float, sigma: float, *, waves: bool) -> tuple[Float, float]:
    """Counts drawn toward what is expected, and the noise scale that is left in each.

    The positive-part James–Stein rule on the cosine transform, which leaves the noise
    independent: band by band, each band of waves twice as fine, or on all at once.
    """
    from scipy.fft import dct, idct

    surprise = dct(noisy - expected, norm="ortho")
    edges = [each for each in (0, 1, 2, 3, 5, 9, 17) if each < len(noisy)] if waves else [0]
    kept, left = np.zeros_like(surprise), 0.0
    for first, last in pairwise([*edges, len(noisy)]):
        band, size = surprise[first:last], last - first
        energy = max(float(band @ band), 1e-9)
        factor = max(0.0, 1 - max(size - 2, 1) * sigma**2 / energy)
        kept[first:last] = factor * band
        left += size * factor**2
    return expected + idct(kept, norm="ortho"), sigma * math.sqrt(left / len(noisy))


def _run(noisy: Float, sigma: float) -> Float:
    """Shares without far-off noise.

    Of all runs of neighboring parts the one is kept whose counts, each less
    three quarters of a sigma, sum to most: a lone noisy part far from the others
    does not pay for the empty ones between. Outside it the shares are zero.
    """
    best, first, last, start, run = -math.inf, 0, len(noisy) - 1, 0, 0.0
    for place, gain in enumerate(noisy - 0.75 * sigma):
        if run <= 0:
            start, run = place, 0.0
        run += gain
        if run > best:
            best, first, last = run, start, place
    kept = np.zeros_like(noisy)
    kept[first : last + 1] = np.clip(noisy[first : last + 1], 0, None)
    return np.asarray(kept / kept.sum()) if kept.sum() > 0 else np.full(len(noisy), 1 / len(noisy))


def label_shares(counts: tuple[int, ...]) -> Float:
    """Noisy counts of labels as shares that sum to one."""
    kept = np.clip(np.asarray(counts, dtype=np.float64), 0, None)
    return kept / kept.sum() if kept.sum() > 0 else np.full(len(kept), 1 / max(len(kept), 1))


def directions_of(
    plan: Plan, margins: dict[str, tuple[int, ...]], sigma: float, count: int
) -> list[Dimension]:
    """The directions of the space that the features span, scaled by their noisy margins."""
    numbers = [each.name for each in plan.columns if each.scale]
    labeled = [each.name for each in plan.columns if not each.scale]
    directions: list[Dimension] = []
    for each in plan.features:
        counts = margins[each.name]
        if each.scale:
            level = each.kind == "level"
            shares = (
                label_shares(counts[:-1])
                if level
                else shares_of(counts[:-1], sigma, count - counts[-1])
            )
            middle, spread = middle_and_spread(shares, apart=level)
            directions.append(
                Dimension(each, numbers.index(each.name), None, None, middle, spread, tuple(shares))
            )
        else:
            directions += _label_directions(each, labeled.index(each.name), counts)
    return directions


def _label_directions(feature: Feature, place: int, counts: tuple[int, ...]) -> list[Dimension]:
    """One direction for a flag, one per label of a category; together they vary like one number."""
    labels: tuple[str, ...] = ("no", "yes") if feature.kind == "flag" else ()
    if feature.domain is not None:
        labels = feature.domain.labels
    shares = label_shares(counts[: len(labels)])
    known = [(code, label) for code, label in enumerate(labels)]
    if feature.kind == "flag" or len(known) == 2:
        known = known[1:]
    variance = sum(shares[code] * (1 - shares[code]) for code, _ in known)
    spread = math.sqrt(max(variance, 0.01))
    return [
        Dimension(
            feature,
            place,
            code,
            label,
            float(shares[code]),
            spread,
            (1 - float(shares[code]), float(shares[code])),
        )
        for code, label in known
    ]
