"""The map: what a customer base looks like, bought once as noisy integers.

Three questions in a row, each asked where the last answer pointed: margins
say how each column is spread, moments how columns move together; from both a
Gaussian copula invents customers, whose micro-cells are then filled with noisy
counts of the real ones. All that is not a question is free post-processing.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np

from dashboard.errors import NotEnoughDataError
from dashboard.plan import Feature, Plan, plan_from
from dashboard.privacy.encoding import Encoder, Float, Int64
from dashboard.privacy.interview import Interview
from dashboard.privacy.queries import (
    OFF_DIAGONAL,
    Bins,
    Margins,
    Moments,
    Residuals,
    even_bins,
    flag_bins,
    label_bins,
    radius_for,
)
from dashboard.privacy.space import (
    SCORE_UNIT,
    Dimension,
    Latent,
    Space,
    bin_scores,
    middle_and_spread,
    whole_centers,
)
from dashboard.privacy.suppression import selection_threshold
from dashboard.terms import Domain

MAX_LABELS: Final = 12
"""The most labels of a category that are named; the rest are "other"."""

INVENTED: Final = 12_000
"""How many customers are invented from the map to find its micro-cells."""

CELL_REACH: Final = 0.9
"""The part of the invented customers whose residual is not shortened."""


@dataclass(frozen=True)
class Synopsis:
    """What was bought: noisy integers, and the public facts needed to read them.

    ``plan`` has every category's domain filled in: declared, or selected.
    ``margins`` holds per column the noisy counts of its parts (32 parts of a
    number's range, or a category's labels and "other"; missing last).
    ``cells`` holds per micro-cell its noisy residual sums and weighted count.
    ``noise`` maps each query's name to its σ².
    """

    plan: Plan
    count: int
    margins: dict[str, tuple[int, ...]]
    moments: tuple[int, ...]
    grid: tuple[tuple[int, ...], ...]
    cells: tuple[tuple[int, ...], ...]
    cell_radius: int
    cell_weight: int
    noise: dict[str, int]

    def to_stored(self) -> dict[str, Any]:
        """The synopsis as plain values, ready to be stored."""
        return asdict(self)


def synopsis_from(stored: dict[str, Any]) -> Synopsis:
    """Read a synopsis back from :meth:`Synopsis.to_stored`."""
    return Synopsis(
        **{
            **stored,
            "plan": plan_from(stored["plan"]),
            "margins": {name: tuple(parts) for name, parts in stored["margins"].items()},
            "moments": tuple(stored["moments"]),
            "grid": tuple(tuple(each) for each in stored["grid"]),
            "cells": tuple(tuple(each) for each in stored["cells"]),
        }
    )


# ── margins ─────────────────────────────────────────────────────────────────────────────
def margin_bins(encoder: Encoder) -> tuple[Bins, ...]:
    """The parts of every column's histogram, in the plan's order."""
    numbers = {each.name: place for place, each in enumerate(encoder.numbers)}
    labeled = {each.name: place for place, each in enumerate(encoder.labeled)}
    return tuple(
        even_bins(numbers[each.name])
        if each.kind == "number"
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


def shares_of(counts: tuple[int, ...], sigma: float) -> Float:
    """Noisy counts of a number's margin as shares that sum to one, without far-off noise.

    Of all runs of neighboring parts the one is kept whose counts, each less
    three quarters of a sigma, sum to most: a lone noisy part far from the others
    does not pay for the empty ones between. Outside it the shares are zero.
    """
    noisy = np.asarray(counts, dtype=np.float64)
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


def directions_of(plan: Plan, margins: dict[str, tuple[int, ...]], sigma: float) -> list[Dimension]:
    """The directions of the space that the features span, scaled by their noisy margins."""
    numbers = [each.name for each in plan.columns if each.kind == "number"]
    labeled = [each.name for each in plan.columns if each.kind != "number"]
    directions: list[Dimension] = []
    for each in plan.features:
        counts = margins[each.name]
        if each.kind == "number":
            shares = shares_of(counts[:-1], sigma)
            middle, spread = middle_and_spread(shares)
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


# ── moments ─────────────────────────────────────────────────────────────────────────────
def correlations(latent: Latent, noisy: tuple[int, ...], count: int, sigma: float) -> Float:
    """How strongly directions move together, from noisy moments: a proper correlation matrix.

    Scores that are means within parts shrink a correlation by the variance that
    they keep, so it is divided out; values below the noise are drawn toward zero.
    """
    d = latent.dimensions
    kept = np.array(
        [
            float(np.asarray(each.shares) @ bin_scores(each.shares) ** 2)
            for each in latent.directions
        ]
    )
    kept = np.clip(kept, 0.2, 1.0)
    matrix = np.eye(d)
    upper = np.triu_indices(d, 1)
    unit = SCORE_UNIT**2 * max(count, 1)
    values = np.asarray(noisy[d:], dtype=np.float64) / (OFF_DIAGONAL * unit)
    error = sigma / (OFF_DIAGONAL * unit)
    weights = np.outer(kept, kept)[upper]
    shrunk = values * np.clip(1 - (error / np.maximum(np.abs(values), 1e-12)) ** 2, 0, 1)
    matrix[upper] = np.clip(shrunk / weights, -0.97, 0.97)
    matrix = matrix + matrix.T - np.eye(d)
    roots, vectors = np.linalg.eigh(matrix)
    proper = vectors @ np.diag(np.clip(roots, 1e-3, None)) @ vectors.T
    scale = np.sqrt(np.diag(proper))
    return np.asarray(proper / np.outer(scale, scale))


def invent(directions: tuple[Dimension, ...], correlation: Float, count: int = INVENTED) -> Float:
    """Invented customers on the lattice, shape (count, dimensions): free, and always the same ones.

    The generator's start is public: what it draws are pictures of noisy numbers,
    not noise that protects anybody.
    """
    normal = np.random.default_rng(2026).standard_normal((count, len(directions)))
    uniform = _normal_cdf(normal @ np.linalg.cholesky(correlation).T)
    places = np.empty_like(uniform)
    for column, each in enumerate(directions):
        cuts = np.concatenate([[0.0], np.cumsum(each.shares)])
        cuts[-1] = 1.0
        if each.is_number:
            edges = np.linspace(0, 1, len(each.shares) + 1)
            parts = np.interp(uniform[:, column], cuts, edges)
        else:
            parts = (uniform[:, column] > cuts[1]).astype(np.float64)
        places[:, column] = each.steps(parts)
    return places


def _normal_cdf(values: Float) -> Float:
    from scipy.special import ndtr

    return np.asarray(ndtr(values))


# ── cells ───────────────────────────────────────────────────────────────────────────────
def grid_size(count: int, dimensions: int, rho: float) -> int:
    """How many micro-cells the noise allows: n·√(2ρ)/(3√d), from 12 to 48."""
    return int(np.clip(count * math.sqrt(2 * rho) / (3 * math.sqrt(dimensions)), 12, 48))


def grid_of(invented: Float, cells: int) -> Int64:
    """Centers of micro-cells among invented customers, on the lattice."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    cells = min(cells, len(np.unique(invented, axis=0)))
    with threadpool_limits(1):
        fit = KMeans(cells, n_init=1, random_state=0, max_iter=50).fit(invented)
    return whole_centers(fit.cluster_centers_)


def radius_of(invented: Float, centers: Int64, part: float) -> int:
    """The distance within which that part of the invented customers lie from their center."""
    from scipy.spatial.distance import cdist

    nearest = cdist(invented, centers.astype(np.float64)).min(axis=1)
    return max(1, int(np.quantile(nearest, part)))


def weight_of(radius: int, dimensions: int) -> int:
    """How much a count weighs beside a residual: b/a with a² = √d/(√d + 0.35)."""
    return max(1, round(radius * math.sqrt(0.35 / math.sqrt(dimensions))))


def draw_map(interview: Interview, count: int) -> Synopsis:
    """Ask for margins, moments and cells, in this order, and say what was bought.

    Raises:
        NotEnoughDataError: no feature has a label that enough people share.
    """
    encoder = interview.encoder
    bins = margin_bins(encoder)
    noisy = interview.ask(Margins(bins))
    open_columns = sum(
        each.kind == "category" and each.domain is None for each in encoder.plan.columns
    )
    threshold = selection_threshold(interview.noise["margins"], open_columns)
    plan, margins = read_margins(encoder, bins, noisy, threshold)
    if open_columns:
        interview.recode(plan)
    directions = tuple(directions_of(plan, margins, interview.sigma("margins")))
    if not directions:
        raise NotEnoughDataError(
            "No label of the chosen features is shared by enough people to be named. "
            "Choose a number or a yes/no column as well."
        )
    latent = Latent(directions, radius_for(len(directions), SCORE_UNIT))
    moments = tuple(int(each) for each in interview.ask(Moments(latent)))
    grid, radius = _grid(latent, moments, count, interview)
    weight = weight_of(radius, len(directions))
    cells = interview.ask(Residuals(Space(directions), grid, radius, weight))
    return Synopsis(
        plan=plan,
        count=count,
        margins=margins,
        moments=moments,
        grid=as_rows(grid),
        cells=as_rows(cells.reshape(len(grid), -1)),
        cell_radius=radius,
        cell_weight=weight,
        noise=dict(interview.noise),
    )


def _grid(
    latent: Latent, moments: tuple[int, ...], count: int, interview: Interview
) -> tuple[Int64, int]:
    matrix = correlations(latent, moments, count, interview.sigma("moments"))
    invented = invent(latent.directions, matrix)
    rho = interview.rho_of_release
    grid = grid_of(invented, grid_size(count, latent.dimensions, rho))
    return grid, radius_of(invented, grid, CELL_REACH)


def as_rows(table: Int64) -> tuple[tuple[int, ...], ...]:
    """A table of whole numbers as plain values."""
    return tuple(tuple(int(each) for each in row) for row in table)
