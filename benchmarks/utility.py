"""How much accuracy privacy costs: inertia of private segments over scikit-learn's.

    python -m benchmarks.utility --data DIR --epsilon 0.1,0.3,1,3 --seeds 10 --json OUT

Both modes are measured: ``scaled`` starts from values standardized with their
true mean and spread (as in the literature); ``raw`` goes from raw columns with
declared bounds to the released centers, as the product does.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.cluster import KMeans

from benchmarks.tables import Table, mixtures, oracle_scaled, real_tables, standardized
from dashboard.plan import Plan
from dashboard.privacy.accounting import map_units, publish_units
from dashboard.privacy.encoding import Encoder
from dashboard.privacy.interview import Interview
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.privacy.queries import Count
from dashboard.privacy.segments import Geometry, sharpen
from dashboard.privacy.synopsis import draw_map
from dashboard.vault.scan import Rows


def private_centers(table: Table, epsilon: float) -> pd.DataFrame:
    """Buy a map and sharpened centers as the gate does, without ledger; centers in own units."""
    plan = Plan(table.features, epsilon=epsilon)
    batches = pa.Table.from_pandas(table.values, preserve_index=False).to_batches(65_536)
    paid = {**map_units(plan), **publish_units(plan)}

    def open_rows(encoder: Encoder) -> Rows:
        return Rows(batches, encoder)

    interview = Interview(open_rows, plan, paid, DiscreteGaussianNoise())
    count = int(interview.ask(Count())[0])
    geometry = Geometry(draw_map(interview, count))
    centers, _ = geometry.segments(table.k)
    centers = sharpen(interview, geometry, centers)
    directions = geometry.space.directions
    return pd.DataFrame(
        [
            {
                each.feature.name: each.typical(step)
                for each, step in zip(directions, row, strict=True)
            }
            for row in centers
        ]
    )


def inertia(points: np.ndarray, centers: np.ndarray) -> float:
    """Sum of squared distances to the nearest center."""
    distances = (points**2).sum(1)[:, None] - 2 * points @ centers.T + (centers**2).sum(1)
    return float(distances.min(axis=1).sum())


def ratios(table: Table, epsilon: float, seeds: int) -> list[float]:
    """The private inertia over scikit-learn's best of ten, once for each draw of the noise."""
    points = standardized(table, table.values)
    best = KMeans(table.k, n_init=10, random_state=0).fit(points).inertia_
    return [
        inertia(points, standardized(table, private_centers(table, epsilon))) / best
        for _ in range(seeds)
    ]


def main() -> None:
    """Measure, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--epsilon", default="0.1,0.3,1,3")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--mode", choices=["raw", "scaled", "both"], default="both")
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    tables = [*(real_tables(asked.data) if asked.data else ()), *mixtures()]
    found = []
    for mode in ("raw", "scaled") if asked.mode == "both" else (asked.mode,):
        for epsilon in map(float, asked.epsilon.split(",")):
            logs = []
            for table in tables:
                if len(table.values) < 1000 or (asked.only and table.name not in asked.only):
                    continue
                chosen = oracle_scaled(table) if mode == "scaled" else table
                drawn = ratios(chosen, epsilon, asked.seeds)
                median, high = float(np.median(drawn)), float(np.quantile(drawn, 0.9))
                logs.append(math.log(median))
                found.append(
                    {"mode": mode, "epsilon": epsilon, "table": table.name}
                    | {"median": median, "p90": high}
                )
                print(f"{mode:7}{epsilon:5} {table.name:22}{median:8.4f}{high:8.4f}", flush=True)
            print(f"{mode:7}{epsilon:5} geometric mean {math.exp(np.mean(logs)):8.4f}", flush=True)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
