"""Private counts and means of 5 segments × 20 categories: ours against other private tools.

    python -m benchmarks.peers --rows 1000000 --runs 3 --json OUT

Everybody starts from the same Parquet file and promises ε = 1 (δ = 10⁻⁶ where the noise is
Gaussian) for both statistics together. Cells are known to all, and values are cut to 0 to 1,000.
What each says is held against the truth, so that nobody is measured at something easier.
Imports and the start of Spark are not counted. Sides take turns, each run a new process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import told
from benchmarks.peers.common import CATEGORIES, CELLS, DELTA, EPSILON, HIGH, LOW, SEGMENTS
from benchmarks.peers.environments import PEERS, UnavailableError, command, last_line, ours

SECONDS_BETWEEN_LOOKS: Final = 0.1
MINUTES_AT_MOST: Final = 10


@dataclass(frozen=True)
class Side:
    """Medians of a side: seconds, mean error of a count and of a mean; the largest peak in MiB.

    The peak is that of all its processes together, looked at ten times a second.
    """

    package: str
    noise: str
    seconds: float
    peak_mib: float
    count_error: float
    mean_error: float

    def __str__(self) -> str:
        return (
            f"{self.seconds:8.2f} s  peak {self.peak_mib:6.0f} MiB  off by {self.count_error:5.1f} "
            f"customers, {self.mean_error:5.2f} in a mean  ({self.package}; {self.noise})"
        )


# ── the table ───────────────────────────────────────────────────────────────────────────
def write(path: Path, rows: int) -> np.ndarray[Any, Any]:
    """Invent customers; gives the exact count and mean of each cell, shape (cells, 2)."""
    draw = np.random.default_rng(7)
    segment = draw.choice(len(SEGMENTS), rows, p=[0.35, 0.25, 0.2, 0.15, 0.05])
    category = draw.choice(len(CATEGORIES), rows, p=np.arange(1, 21) / 210)
    spent = draw.gamma(2.0, 60 + 20 * segment + 5 * category).round(2)
    columns = {
        "segment": np.array(SEGMENTS)[segment],
        "category": np.array(CATEGORIES)[category],
        "spent": spent,
    }
    pq.write_table(pa.table(columns), path, compression="zstd")
    cell = segment * len(CATEGORIES) + category
    counts = np.bincount(cell, minlength=len(CELLS))
    sums = np.bincount(cell, np.clip(spent, LOW, HIGH), len(CELLS))
    return np.stack([counts, sums / np.maximum(counts, 1)], axis=1)


# ── one run ─────────────────────────────────────────────────────────────────────────────
def answer(start: list[str], table: Path, rho: float) -> dict[str, Any]:
    """Run one side once, in a session of its own whose memory is looked at.

    Raises:
        UnavailableError: it ended without an answer.
    """
    out = table.with_name("answer.json")
    out.unlink(missing_ok=True)
    with subprocess.Popen(
        [*start, str(table), str(out), str(rho)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        peak, over = [0.0], threading.Event()

        def look() -> None:
            while not over.wait(SECONDS_BETWEEN_LOOKS):
                peak[0] = max(peak[0], held_mib(process.pid))

        looking = threading.Thread(target=look)
        looking.start()
        try:
            _, said = process.communicate(timeout=60 * MINUTES_AT_MOST)
        except subprocess.TimeoutExpired:
            process.kill()
            raise UnavailableError(f"not ready after {MINUTES_AT_MOST} minutes") from None
        finally:
            over.set()
            looking.join()
    if process.returncode != 0 or not out.exists():
        raise UnavailableError(last_line(said))
    return {**json.loads(out.read_text()), "peak_mib": peak[0]}


def held_mib(session: int) -> float:
    """The memory of all processes of a session (Linux)."""
    pages = 0
    for each in Path("/proc").glob("[0-9]*"):
        try:
            fields = (each / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                pages += int(fields[21])
        except (OSError, IndexError):  # it has just ended
            continue
    return pages * 4 / 1024


def side(runs: list[dict[str, Any]], exact: np.ndarray[Any, Any]) -> Side:
    """Several runs of one side in a few numbers."""
    errors = [np.abs(np.array(run["cells"]) - exact).mean(axis=0) for run in runs]
    counts, means = np.median(errors, axis=0)
    return Side(
        package=runs[0]["package"],
        noise=runs[0]["noise"],
        seconds=statistics.median(run["seconds"] for run in runs),
        peak_mib=max(run["peak_mib"] for run in runs),
        count_error=float(counts),
        mean_error=float(means),
    )


def main() -> None:
    """Make what is missing, let sides take turns, and say the ratios."""
    from dashboard.privacy.accounting import epsilon_of, rho_units_of
    from dashboard.terms import RHO_UNIT

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default=",".join(each.name for each in PEERS))
    parser.add_argument("--environments", type=Path, default=Path.home() / ".cache" / "peers")
    parser.add_argument("--make", action="store_true", help="make environments, and no more")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rho = rho_units_of(EPSILON) * RHO_UNIT
    assert epsilon_of(rho, DELTA) <= EPSILON

    results: dict[str, object] = {}
    starts = {"ours": ours()}
    wanted = [each for each in PEERS if each.name in asked.only.split(",")]
    for peer in wanted:
        try:
            starts[peer.name] = command(peer, asked.environments)
        except UnavailableError as reason:
            results[peer.name] = f"can't be installed here: {reason}"
    if not asked.make:
        results |= turns(starts, asked.rows, asked.runs, rho)
        mine = results["ours"]
        for peer in wanted:
            theirs = results[peer.name]
            if isinstance(mine, Side) and isinstance(theirs, Side):
                bar = f" (bar {peer.bar})" if peer.bar else ""
                results[f"ratio to {peer.name}{bar}"] = mine.seconds / theirs.seconds
    told("peers", results, asked.json)


def turns(starts: dict[str, list[str]], rows: int, runs: int, rho: float) -> dict[str, object]:
    """Every side once, then every side again; a side that fails says why and runs no more."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in starts}
    failed: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        table = Path(folder) / "customers.parquet"
        exact = write(table, rows)
        for _ in range(runs):
            for name, start in starts.items():
                if name not in failed:
                    try:
                        found[name].append(answer(start, table, rho))
                    except UnavailableError as reason:
                        failed[name] = f"can't run here: {reason}"
    return {name: failed.get(name) or side(found[name], exact) for name in starts}


if __name__ == "__main__":
    main()
