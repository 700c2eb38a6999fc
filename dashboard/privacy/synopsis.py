"""The map: what a customer base looks like, bought once as noisy integers.

Three questions in a row, each asked where the last answer pointed: margins
say how each column is spread, moments how columns move together; from both a
Gaussian copula invents customers, whose micro-cells are then filled with noisy
counts of the real ones. All that is not a question is free post-processing.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from dashboard.errors import NotEnoughDataError
from dashboard.plan import Plan, plan_from
from dashboard.privacy.copula import correlations, invent
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.interview import Interview
from dashboard.privacy.margins import directions_of, margin_bins, read_margins
from dashboard.privacy.queries import (
    Margins,
    Moments,
    Residuals,
    radius_for,
)
from dashboard.privacy.space import (
    SCORE_UNIT,
    Latent,
    Space,
    whole_centers,
)
from dashboard.privacy.suppression import selection_threshold

CELL_REACH: Final = 0.7
"""The part of the invented customers whose residual is not shortened."""


FEW: Final = 3_000
"""How many invented customers are enough to find out where micro-cells lie, roughly."""


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
        return {**vars(self), "plan": asdict(self.plan)}


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


def grid_size(count: int, dimensions: int, rho: float) -> int:
    """How many micro-cells the noise allows: n·√(2ρ)/(6√d), from 12 to 48."""
    return int(np.clip(count * math.sqrt(2 * rho) / (6 * math.sqrt(dimensions)), 12, 48))


def grid_of(invented: Float, cells: int) -> Int64:
    """Centers of micro-cells among invented customers, on the lattice; as many as lie apart.

    They are looked for among some of them, and settle among all.
    """
    from dashboard.privacy import grouping

    alike = np.ones(len(invented))
    found = grouping.grouped(invented[:FEW], alike[:FEW], cells, starts=1, rounds=50)
    settled = grouping.settled(invented, alike, found, rounds=10)
    return np.unique(whole_centers(settled), axis=0)


def radius_of(invented: Float, centers: Int64, part: float) -> int:
    """The distance within which that part of the invented customers lie from their center."""
    from dashboard.privacy import grouping

    _, squares = grouping.nearest(invented, centers)
    return max(1, int(np.quantile(np.sqrt(squares), part)))


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
    directions = tuple(directions_of(plan, margins, interview.sigma("margins"), count))
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
    return tuple(map(tuple, table.astype(np.int64).tolist()))
