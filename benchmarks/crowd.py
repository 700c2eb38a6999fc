"""Several people give a large file at once, as through the browser: the memory of one process.

    python -m benchmarks.crowd --people 3 --mb 150

Every file is held as bytes, as Streamlit hands it over, then received and kept. People
beyond ``turns.AT_ONCE`` wait. Files are made for each person, so that nothing is shared.
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

ROWS_PER_MB = 7_450


def crowd(people: int, rows: int) -> Stages:
    """So many people, each with a file of so many customers."""
    from dashboard import workflow
    from dashboard.receipts import Choices, Upload
    from dashboard.settings import Settings

    warm()
    with tempfile.TemporaryDirectory(prefix="private-segments-") as folder:
        workspace = workflow.open_workspace(replace(Settings(), data_dir=Path(folder)))

        def give(number: int) -> None:
            path = Path(folder) / f"customers-{number}.csv"
            upload = Upload(path.name, path.read_bytes())
            path.unlink()
            received = workflow.receive(workspace, [upload])
            del upload
            choices = Choices(
                "to measure", "customer_id", ("opt_in",), (*FEATURES, *DESCRIBED), "age"
            )
            workflow.keep(workspace, received.staged_id, choices)

        for number in range(people):
            write(Path(folder) / f"customers-{number}.csv", rows)
        watch = Watch()
        with ThreadPoolExecutor(people) as together:
            list(together.map(give, range(people)))
        watch.ended(f"{people} at once")
        return watch.stages


def main() -> None:
    """Measure one person alone, and the crowd."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--mb", type=int, default=150)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = asked.mb * ROWS_PER_MB
    results: dict[str, object] = {
        f"{people} × {asked.mb} MB": measured(crowd, people, rows, runs=asked.runs)
        for people in (1, asked.people)
    }
    told("crowd", results, asked.json)


if __name__ == "__main__":
    main()
