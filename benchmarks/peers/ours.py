"""The program's own way: its encoder, its compiled sums and its tap of noise, on the Parquet file.

The question is :class:`Residuals`: customers belong to the nearest center, here to the one
that stands exactly where their segment and category are, and pull it by what they spent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow.parquet as pq

from benchmarks.peers.common import (
    CATEGORIES,
    CELLS,
    EPSILON,
    HIGH,
    LOW,
    SEGMENTS,
    Answer,
    mean,
    run,
)
from dashboard.plan import Feature, Plan
from dashboard.privacy import kernels  # noqa: F401 - loaded before the clock starts
from dashboard.privacy.accounting import rho_units_of
from dashboard.privacy.encoding import LEVELS, EncodedBatch, Encoder
from dashboard.privacy.interview import Interview
from dashboard.privacy.lookup import Lookup, Table, lookup_of
from dashboard.privacy.mechanisms import DiscreteGaussianNoise, Noise
from dashboard.privacy.queries import Residuals
from dashboard.terms import Bounds, Domain
from dashboard.vault.scan import Rows

STEPS: Final = 4_096
"""Lattice steps from the middle of the range to its ends: the radius of a pull."""

APART: Final = 4 * STEPS
"""Cells lie so far from each other that no customer is nearer to another one."""

BATCH: Final = 65_536
PLAN: Final = Plan(
    (Feature("spent", "number", Bounds(LOW, HIGH)),),
    (
        Feature("segment", "category", domain=Domain(SEGMENTS)),
        Feature("category", "category", domain=Domain(CATEGORIES)),
    ),
    epsilon=EPSILON,
)


@dataclass(frozen=True)
class Places:
    """Puts customers where what they spent, their segment and their category lead."""

    @cached_property
    def lookup(self) -> Lookup:
        """Steps from the middle of what is spent, and two corners of a wide grid."""
        spent = np.trunc((2 * np.arange(LEVELS) / (LEVELS - 1) - 1) * STEPS)
        tables = [Table(is_number=True, place=0, entries=np.append(0.0, spent))]
        for place, labels in enumerate((SEGMENTS, CATEGORIES)):
            grid = np.append(0.0, np.arange(1.0, len(labels) + 1)) * APART
            tables.append(Table(is_number=False, place=place, entries=grid))
        return lookup_of(tables)


CENTERS: Final = np.array(
    [
        (0, (1 + SEGMENTS.index(segment)) * APART, (1 + CATEGORIES.index(category)) * APART)
        for segment, category in CELLS
    ]
)


def work(path: str, tap: Noise | None = None) -> Answer:
    """One paid question, charged with the whole epsilon; a weight as large as a pull."""

    def open_rows(encoder: Encoder) -> Rows[EncodedBatch]:
        return Rows(pq.ParquetFile(path).iter_batches(BATCH), encoder)

    paid = {"cells": rho_units_of(EPSILON)}
    interview = Interview(open_rows, PLAN, paid, tap or DiscreteGaussianNoise())
    asked = Residuals(Places(), CENTERS, radius=STEPS, weight=STEPS)  # type: ignore[arg-type]
    found = interview.ask(asked).reshape(len(CELLS), -1) / STEPS
    middle, half = (LOW + HIGH) / 2, (HIGH - LOW) / 2
    return {
        cell: (float(count), middle + half * mean(count, pull))
        for cell, (pull, *_, count) in zip(CELLS, found.tolist(), strict=True)
    }


if __name__ == "__main__":
    DiscreteGaussianNoise().add(np.zeros(1, dtype=np.int64), 1)
    run("ours", "discrete Gaussian", work)
