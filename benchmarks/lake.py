"""A Parquet file of customers becomes a release: asked on Spark, against read and kept here.

    python -m benchmarks.lake --rows 1000000 --json OUT

Both ways use the product's own verbs on the same file and the same labels, each in a process
of its own. Spark runs inside that process on two cores; its start, until the table's
columns are told, is the stage "receive". The peak is that of the Python process, without
Java and its workers.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.customers import DESCRIBED, FEATURES, LABELS, write
from benchmarks.measuring import Stages, Watch, measured, told
from benchmarks.pipeline import SEGMENTS, warm

SOURCES = """
[lake]
kind = "spark"
address = "local[2]"
[lake.tables.customers]
table = "parquet.`{path}`"
id = "customer_id"
consent = ["opt_in"]
"""


def published(path: Path, *, on_spark: bool) -> Stages:
    """Receive, keep, buy a map and publish, in a folder of its own."""
    from dashboard import workflow
    from dashboard.plan import Plan
    from dashboard.receipts import Choices, Upload
    from dashboard.settings import Settings
    from dashboard.terms import Domain

    warm()
    described = [replace(each, domain=Domain(tuple(LABELS[each.name]))) for each in DESCRIBED]
    columns = (*FEATURES, *described)
    with tempfile.TemporaryDirectory(prefix="private-segments-") as folder:
        sources = Path(folder) / "sources.toml"
        sources.write_text(SOURCES.format(path=path))
        settings = replace(Settings(), data_dir=Path(folder), max_upload_mb=4096, sources=sources)
        workspace = workflow.open_workspace(settings)
        watch = Watch()
        here = (Upload(path.name, path),)
        given = workflow.table_uploads(workspace, "lake.customers") if on_spark else here
        received = workflow.receive(workspace, given)
        watch.ended("receive")
        choices = Choices("to measure", "customer_id", ("opt_in",), columns, "age")
        kept = workflow.keep(workspace, received.staged_id, choices)
        watch.ended("keep")
        bought = workflow.buy_map(
            workspace, kept.dataset_id, Plan(FEATURES, tuple(described), min_segment_size=11)
        )
        watch.ended("map")
        workflow.publish(workspace, bought.id, SEGMENTS, (), "Measured")
        watch.ended("publish")
        return watch.stages


def on_spark(path: Path) -> Stages:
    """The table stays where it is."""
    return published(path, on_spark=True)


def here(path: Path) -> Stages:
    """The file is read and kept in the vault."""
    return published(path, on_spark=False)


def main() -> None:
    """Measure both and say the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        path = Path(folder) / "customers.parquet"
        write(path, asked.rows)
        theirs = measured(on_spark, path, runs=asked.runs)
        mine = measured(here, path, runs=asked.runs)
        results = {
            "rows": asked.rows,
            "on Spark": theirs,
            "read here": mine,
            "ratio of seconds": theirs.seconds / mine.seconds,
        }
        told("lake", results, asked.json)


if __name__ == "__main__":
    main()
