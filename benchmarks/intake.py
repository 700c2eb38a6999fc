"""Files from the owner's folder become kept tables: seconds, MB a second, and peak memory.

    python -m benchmarks.intake --rows 1000000,10000000 --json OUT

One file of CSV and one of Parquet of each size, read where they lie and kept as the product
does; then the largest CSV several times at once, by as many people. Their tables are read two
at a time (``turns.AT_ONCE``), so that memory stays within what is stated.
"""

from __future__ import annotations

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.customers import DESCRIBED, FEATURES, write
from benchmarks.measuring import Stages, Watch, measured, told
from benchmarks.pipeline import warm

MEMORY_BAR = 2048
"""MiB that one table of ten million customers may need."""


def intake(folder: Path, name: str, people: int = 1) -> Stages:
    """The same file of the folder, received and kept by so many people at once."""
    from dashboard import workflow
    from dashboard.receipts import Choices
    from dashboard.settings import Settings

    warm()
    with tempfile.TemporaryDirectory(prefix="private-segments-") as data:
        settings = replace(Settings(), data_dir=Path(data), folder=folder)
        workspace = workflow.open_workspace(settings)
        watch = Watch()

        def receive(_person: int) -> str:
            uploads = workflow.folder_uploads(workspace, [name])
            return workflow.receive(workspace, uploads).staged_id

        def keep(staged_id: str) -> None:
            columns = (*FEATURES, *DESCRIBED)
            choices = Choices("to measure", "customer_id", ("opt_in",), columns, "age")
            workflow.keep(workspace, staged_id, choices)

        with ThreadPoolExecutor(people) as together:
            staged = list(together.map(receive, range(people)))
            watch.ended("receive")
            list(together.map(keep, staged))
            watch.ended("keep")
        return watch.stages


def main() -> None:
    """Measure each format at each size, then several people at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="1000000")
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    results: dict[str, object] = {f"peak MiB, bar at {10_000_000:,} rows": MEMORY_BAR}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as made:
        folder = Path(made)
        for rows in sorted(map(int, asked.rows.split(","))):
            for ending in ("csv", "parquet"):
                path = folder / f"customers-{rows}.{ending}"
                write(path, rows)
                megabytes = path.stat().st_size / 1e6
                found = measured(intake, folder, path.name, runs=asked.runs)
                results[f"{rows:,} rows, {ending}, {megabytes:,.0f} MB"] = found
                results[f"{rows:,} rows, {ending}, MB a second"] = megabytes / found.seconds
            if asked.people > 1:
                several = measured(
                    intake, folder, f"customers-{rows}.csv", asked.people, runs=asked.runs
                )
                results[f"{rows:,} rows, csv, {asked.people} at once"] = several
    told("intake", results, asked.json)


if __name__ == "__main__":
    main()
