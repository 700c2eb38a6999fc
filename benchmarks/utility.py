"""How much accuracy privacy costs: inertia of private segments over scikit-learn's.

    python -m benchmarks.utility --data DIR --epsilon 0.1,0.3,1,3 --seeds 10 --json OUT

Two modes: ``scaled`` starts from values standardized with their true mean and
spread (as in the literature); ``raw`` goes from raw columns with declared bounds
to the released centers, as the product does. Each method's centers are judged on
the true rows: inertia over scikit-learn's (not private), agreement with its
segments (adjusted Rand index), and the smallest segment's true size. diffprivlib's
private k-means runs beside it. Rows are asked with the product's own questions and
noise; tables that the product would refuse (signal below 10) are measured all the same.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.metrics import adjusted_rand_score

from benchmarks.centers import diffprivlib_centers, exact_centers
from benchmarks.tables import (
    Float,
    Table,
    compared,
    mixtures,
    oracle_scaled,
    real_tables,
    standardized,
)
from dashboard.plan import Plan
from dashboard.privacy.accounting import map_units, publish_units, rho_units_of
from dashboard.privacy.encoding import Encoder
from dashboard.privacy.interview import Interview
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.privacy.queries import Count
from dashboard.privacy.segments import Geometry, sharpen
from dashboard.privacy.signal import signal
from dashboard.privacy.synopsis import draw_map
from dashboard.terms import RHO_UNIT
from dashboard.vault.scan import Rows

BARS = {0.1: 1.15, 0.3: 1.02, 1.0: 1.006, 3.0: 1.003}
"""Geometric means to stay below in scaled mode, over all tables of at least 1,000 rows."""


@dataclass(frozen=True)
class Drawn:
    """One draw of one method: its ratio, agreement and smallest segment."""

    ratio: float
    agreement: float
    smallest: int


@dataclass(frozen=True)
class Row:
    """One line of the table: a method on a table at an epsilon."""

    mode: str
    epsilon: float
    table: str
    method: str
    signal: float
    median: float
    p90: float
    agreement: float
    smallest: float
    suggested: tuple[int, ...]


def private_centers(table: Table, epsilon: float) -> tuple[Float, int]:
    """Buy a map and sharpened centers as the gate does, without ledger.

    Returns the centers as compared values, and the number of segments that the map suggests.
    """
    plan = Plan(table.features, epsilon=epsilon)
    batches = pa.Table.from_pandas(table.values, preserve_index=False).to_batches(65_536)
    paid = {**map_units(plan), **publish_units(plan)}

    def open_rows(encoder: Encoder) -> Rows:
        return Rows(encoder.learning(batches), encoder)

    interview = Interview(open_rows, plan, paid, DiscreteGaussianNoise())
    count = int(interview.ask(Count())[0])
    geometry = Geometry(draw_map(interview, count))
    centers = sharpen(interview, geometry, geometry.segments(table.k)[0])
    names = [each.feature.name for each in geometry.space.directions]
    own = [
        [each.typical(step) for each, step in zip(geometry.space.directions, row, strict=True)]
        for row in centers
    ]
    return compared(table, pd.DataFrame(own, columns=names)), geometry.suggestion[0]


class Judge:
    """Scores centers on the true rows of one table, against scikit-learn's."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.points = standardized(table, compared(table, table.values))
        self.best, self.labels = self._assign(exact_centers(self.points, table.k))

    def _assign(self, centers: Float) -> tuple[float, np.ndarray]:
        distances = (self.points**2).sum(1)[:, None] - 2 * self.points @ centers.T
        distances += (centers**2).sum(1)
        return float(distances.min(axis=1).sum()), distances.argmin(axis=1)

    def score(self, centers: Float) -> Drawn:
        """One draw's figures; ``centers`` are compared values."""
        inertia, labels = self._assign(standardized(self.table, centers))
        sizes = np.bincount(labels, minlength=self.table.k)
        agreement = adjusted_rand_score(self.labels, labels)
        return Drawn(inertia / self.best, float(agreement), int(sizes.min()))


def measured(mode: str, judge: Judge, epsilon: float, seeds: int) -> Iterator[Row]:
    """Ours, then diffprivlib's, each with its own draws of the noise."""
    table = judge.table
    ours = [private_centers(table, epsilon) for _ in range(seeds)]
    theirs = [diffprivlib_centers(table, epsilon) for _ in range(seeds)]
    rho = rho_units_of(epsilon) * RHO_UNIT
    found = signal(len(table.values), rho, table.k, len(table.features))
    for method, many in (("ours", [each for each, _ in ours]), ("diffprivlib", theirs)):
        drawn = [judge.score(each) for each in many]
        yield Row(
            mode,
            epsilon,
            table.name,
            method,
            found,
            float(np.median([each.ratio for each in drawn])),
            float(np.quantile([each.ratio for each in drawn], 0.9)),
            float(np.median([each.agreement for each in drawn])),
            float(np.median([each.smallest for each in drawn])),
            tuple(k for _, k in ours) if method == "ours" else (),
        )


def told(row: Row, k: int) -> str:
    """A line of the table for people."""
    right = f"{sum(each == k for each in row.suggested)}/{len(row.suggested)}"
    return (
        f"{row.mode:7}{row.epsilon:5g} {row.table:20}{row.method:13}{row.signal:7.1f}"
        f"{row.median:9.4f}{row.p90:9.4f}{row.agreement:7.3f}{row.smallest:8.0f}"
        + (f"  {right} {min(row.suggested)}–{max(row.suggested)}" if row.suggested else "")
    )


def means(rows: Sequence[Row]) -> Iterator[str]:
    """Geometric means of the medians, per mode, epsilon and method, and whether the bar is met."""
    kinds = dict.fromkeys((each.mode, each.epsilon, each.method) for each in rows)
    for mode, epsilon, method in kinds:
        medians = [
            each.median
            for each in rows
            if (each.mode, each.epsilon, each.method) == (mode, epsilon, method)
        ]
        mean = math.exp(float(np.mean(np.log(medians))))
        line = f"{mode:7}{epsilon:5g} geometric mean of {len(medians):<2} {method:13}{mean:8.4f}"
        if mode == "scaled" and method == "ours" and epsilon in BARS:
            line += f"  bar {BARS[epsilon]}: {'met' if mean <= BARS[epsilon] else 'missed'}"
        yield line


def main() -> None:
    """Measure, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--epsilon", default="0.1,0.3,1,3")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--mode", choices=["raw", "scaled", "both"], default="both")
    parser.add_argument("--only", default="", help="names of tables, with commas between")
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    tables = [*(real_tables(asked.data) if asked.data else ()), *mixtures()]
    wanted = [
        each
        for each in tables
        if (each.name in asked.only.split(",") if asked.only else len(each.values) >= 1000)
    ]
    print("mode     eps table               method        signal   median      p90    ARI smallest")
    rows: list[Row] = []
    for mode in ("scaled", "raw") if asked.mode == "both" else (asked.mode,):
        judges = [Judge(oracle_scaled(each) if mode == "scaled" else each) for each in wanted]
        for epsilon in map(float, asked.epsilon.split(",")):
            for judge in judges:
                for row in measured(mode, judge, epsilon, asked.seeds):
                    rows.append(row)
                    print(told(row, judge.table.k), flush=True)
    print(*means(rows), sep="\n")
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in rows], indent=1))


if __name__ == "__main__":
    main()
