"""Buying a map and publishing, against k-means without and with protection.

    python -m benchmarks.speed --rows 200000,2000000 --json OUT

Eight Gaussian groups in ten columns. Ours starts from the encrypted table in the vault,
as the product does, and ends with a stored release, ledger and all. The others get
the values as an array in memory. All run here and now, each in a process of its own.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.measuring import Stages, Watch, measured, told
from benchmarks.tables import mixture

COLUMNS, SEGMENTS = 10, 8
BARS = {200_000: (0.40, 0.40), 2_000_000: (0.15, 0.10)}
"""Highest ratios to scikit-learn's and to diffprivlib's seconds, by rows."""


def ours(path: Path) -> Stages:
    """Map and release through the gate."""
    import pyarrow as pa

    from dashboard import workflow
    from dashboard.plan import Feature, Plan
    from dashboard.receipts import Dataset
    from dashboard.records import register
    from dashboard.settings import Settings
    from dashboard.terms import Bounds
    from dashboard.workflow.warming import load

    list(load())
    values = np.load(path)
    names = [f"x{place}" for place in range(COLUMNS)]
    features = tuple(Feature(name, "number", Bounds(-2, 2)) for name in names)
    customers = np.random.default_rng(0).bytes(16 * len(values))
    rows = pa.table(
        {
            "customer": pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), len(values), [None, pa.py_buffer(customers)]
            ),
            **{name: values[:, place] for place, name in enumerate(names)},
        }
    )
    del values
    with tempfile.TemporaryDirectory(prefix="private-segments-") as folder:
        workspace = workflow.open_workspace(replace(Settings(), data_dir=Path(folder)))
        vault, now = workspace.vault, datetime.now(UTC)
        assert vault is not None
        dataset_id = vault.put(
            rows, owner="owner", purpose="dataset", expires_at=now + timedelta(days=1)
        )
        del rows
        dataset = Dataset(
            id=dataset_id,
            name="measured",
            purpose="to measure",
            columns=features,
            unit="customer",
            created_at=now,
            expires_on=now.date() + timedelta(days=1),
            lineage="measured",
        )
        register.add_dataset(workspace.records, dataset, "owner")
        watch = Watch()
        bought = workflow.buy_map(workspace, dataset_id, Plan(features, min_segment_size=11))
        watch.ended("map")
        workflow.publish(workspace, bought.id, SEGMENTS, (), "Measured")
        watch.ended("publish")
        return watch.stages


def scikit_learn(path: Path) -> Stages:
    """scikit-learn's best of ten; protects nobody."""
    from sklearn.cluster import KMeans

    values = np.load(path)
    watch = Watch()
    KMeans(SEGMENTS, n_init=10, random_state=0).fit(values)
    watch.ended("fit")
    return watch.stages


def diffprivlib(path: Path) -> Stages:
    """The private k-means of diffprivlib, as its documentation calls it."""
    from diffprivlib.accountant import BudgetAccountant
    from diffprivlib.models import KMeans

    values = np.load(path)
    watch = Watch()
    KMeans(SEGMENTS, epsilon=1.0, bounds=(-2, 2), accountant=BudgetAccountant()).fit(values)
    watch.ended("fit")
    return watch.stages


def main() -> None:
    """Measure all three at each number of rows and say the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="200000,2000000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    results: dict[str, object] = {}
    for rows in map(int, asked.rows.split(",")):
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            path = Path(folder) / "values.npy"
            np.save(path, mixture(rows, COLUMNS, SEGMENTS).values.to_numpy())
            mine = measured(ours, path, runs=asked.runs)
            results[f"{rows}: ours"] = mine
            bars = BARS.get(rows, ("-", "-"))
            for bar, peer in zip(bars, (scikit_learn, diffprivlib), strict=True):
                theirs = measured(peer, path, runs=asked.runs)
                results[f"{rows}: {peer.__name__}"] = theirs
                ratio = mine.seconds / theirs.seconds
                results[f"{rows}: ratio to {peer.__name__} (bar {bar})"] = ratio
    told("speed", results, asked.json)


if __name__ == "__main__":
    main()
