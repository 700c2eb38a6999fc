"""One measured piece of work: in a process of its own, with its seconds and its peak memory."""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Stages = dict[str, float]
"""Seconds by the name of what was done."""


@dataclass(frozen=True)
class Measured:
    """The median of several runs: seconds, the largest peak in MiB, and seconds by stage."""

    seconds: float
    peak_mib: float
    stages: Stages = field(default_factory=dict)


class Watch:
    """Seconds by stage; a stage ends where the next one begins."""

    def __init__(self) -> None:
        self.stages: Stages = {}
        self._begun = time.perf_counter()

    def ended(self, stage: str) -> None:
        """Say what was done since the last call."""
        now = time.perf_counter()
        self.stages[stage] = self.stages.get(stage, 0.0) + now - self._begun
        self._begun = now


def measured(work: Callable[..., Stages], *arguments: object, runs: int = 3) -> Measured:
    """Run a function of a module several times, each in a fresh process.

    The function does what need not be measured (imports, loading) before it makes its
    :class:`Watch`, and returns the watch's stages.
    """
    found = [_alone(work, arguments) for _ in range(runs)]
    seconds = [sum(stages.values()) for stages, _ in found]
    middle = sorted(range(runs), key=lambda each: seconds[each])[runs // 2]
    peak = max(peak for _, peak in found)
    return Measured(statistics.median(seconds), peak, found[middle][0])


def _alone(work: Callable[..., Stages], arguments: tuple[object, ...]) -> tuple[Stages, float]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    try:
        stages, peak = ours.recv()
    finally:
        process.join()
    return stages, peak


def _run(out: Connection, work: Callable[..., Stages], arguments: tuple[object, ...]) -> None:
    stages = work(*arguments)
    out.send((stages, _peak_mib()))


def _peak_mib() -> float:
    """The most memory that this process ever held, as Linux counts it (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(each.split()[1]) / 1024 for each in lines if each.startswith("VmHWM"))


def machine() -> str:
    """The machine in a few words: cores, memory, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}"
    )


def told(name: str, results: Mapping[str, Any], out: Path | None) -> None:
    """Print results line by line, and write them as JSON where a path is given."""
    for each, value in results.items():
        print(f"{each:<44} {_plain(value)}", flush=True)
    written(name, results, out)


def written(name: str, results: Mapping[str, Any], out: Path | None) -> None:
    """Write results as JSON with date and machine, where a path is given."""
    if out is not None:
        whole = {
            "benchmark": name,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "results": {
                each: asdict(value) if is_dataclass(value) else value
                for each, value in results.items()
            },
        }
        out.write_text(json.dumps(whole, indent=2) + "\n")


def _plain(value: object) -> str:
    if isinstance(value, Measured):
        slowest = sorted(value.stages.items(), key=lambda each: -each[1])
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in slowest)
        return f"{value.seconds:8.2f} s  peak {value.peak_mib:6.0f} MiB  ({stages})"
    return f"{value:8.3f}" if isinstance(value, float) else str(value)
