"""A CSV file of customers becomes a published release: ours against the usual way.

    python -m benchmarks.pipeline --rows 10000000 --json OUT

Ours: receive, keep one row per customer who may be used, buy a map, publish eight
segments. The usual way, without protection: pandas ``read_csv``, scikit-learn
``KMeans(n_init=10)`` on ten standardized columns, and a pandas table of every column
by segment. Each runs in a process of its own, so the peaks are its own.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.customers import DESCRIBED, FEATURES, LABELS, NUMBERS, write
from benchmarks.measuring import Stages, Watch, measured, told

SEGMENTS = 8
BAR, MEMORY_BAR = 0.25, 2048


def ours(path: Path) -> Stages:
    """The product's own verbs, in a folder of its own."""
    from dashboard import workflow
    from dashboard.plan import Plan
    from dashboard.receipts import Choices, Upload
    from dashboard.settings import Settings

    warm()
    with tempfile.TemporaryDirectory(prefix="private-segments-") as folder:
        settings = replace(Settings(), data_dir=Path(folder), max_upload_mb=65_536)
        workspace = workflow.open_workspace(settings)
        watch = Watch()
        received = workflow.receive(workspace, [Upload(path.name, path)])
        watch.ended("receive")
        kept = workflow.keep(
            workspace,
            received.staged_id,
            Choices("to measure", "customer_id", ("opt_in",), (*FEATURES, *DESCRIBED), "age"),
        )
        watch.ended("keep")
        bought = workflow.buy_map(
            workspace, kept.dataset_id, Plan(FEATURES, DESCRIBED, min_segment_size=11)
        )
        watch.ended("map")
        workflow.publish(workspace, bought.id, SEGMENTS, (), "Measured")
        watch.ended("publish")
        return watch.stages


def warm() -> None:
    """Imports are a matter of starting the program, not of rows; the app does them likewise."""
    from dashboard.vault import columnar, columns, delimited, intake, table  # noqa: F401
    from dashboard.workflow.warming import load

    list(load())


def usual(path: Path) -> Stages:
    """Pandas and scikit-learn as most people write it."""
    import numpy as np
    import pandas as pd
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    watch = Watch()
    table = pd.read_csv(path)
    watch.ended("read_csv")
    table = table[(table["opt_in"] == "yes") & (table["age"] >= 16)]
    table = table.drop_duplicates("customer_id", keep="last")
    points = table[list(NUMBERS)].to_numpy(float)
    logs = [place for place, bounds in enumerate(NUMBERS.values()) if bounds.log]
    points[:, logs] = np.log1p(points[:, logs])
    points = StandardScaler().fit_transform(points)
    watch.ended("prepare")
    segment = KMeans(SEGMENTS, n_init=10, random_state=0).fit(points).labels_
    watch.ended("KMeans")
    for name in NUMBERS:
        pd.crosstab(segment, pd.cut(table[name], 32))
    for name in LABELS:
        pd.crosstab(segment, table[name].to_numpy())
    watch.ended("profile tables")
    return watch.stages


def main() -> None:
    """Measure both and say the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--usual-runs", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        path = Path(folder) / "customers.csv"
        write(path, asked.rows)
        results: dict[str, object] = {"rows": asked.rows, "MiB of CSV": path.stat().st_size >> 20}
        mine = results["ours"] = measured(ours, path, runs=asked.runs)
        if asked.usual_runs:
            theirs = results["pandas + scikit-learn"] = measured(usual, path, runs=asked.usual_runs)
            results[f"ratio of seconds (bar {BAR})"] = mine.seconds / theirs.seconds
        results[f"peak MiB (bar {MEMORY_BAR})"] = mine.peak_mib
        told("pipeline", results, asked.json)


if __name__ == "__main__":
    main()
