"""One broken file is given, and what happened is written down."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dashboard.errors import BadInputError
from dashboard.receipts import Upload
from dashboard.vault import columns, intake, quality
from tests.fuzz.broken import CANARY, made

MAX_BYTES = 8 << 20
MEMORY_MB = 256
SECONDS = 10.0
"""Time of the processor for one file: a busy machine makes no difference to it."""

TODAY = date(2026, 6, 15)


@dataclass
class Tally:
    """What became of many files."""

    refused: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    grown_mb: float = 0.0


def give_all(numbers: Iterable[int]) -> Tally:
    """Give many broken files, one after the other; anything unexpected is in ``wrong``."""
    tally = Tally()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    before, tempfile.tempdir = Path.cwd(), str(folder)
    os.chdir(folder)
    at_first = None
    try:
        for number in numbers:
            kind, upload = made(number)
            start = time.process_time()
            _give(kind, number, upload, tally)
            tally.slowest = max(tally.slowest, (time.process_time() - start, f"{kind} {number}"))
            left = [path.name for path in folder.iterdir()]
            if left:
                tally.wrong.append(f"{kind} {number}: left {left} on disk")
            at_first = _peak_mb() if at_first is None else at_first
    finally:
        os.chdir(before)
        tempfile.tempdir = None
    tally.grown_mb = _peak_mb() - (at_first or 0.0)
    folder.rmdir()
    if tally.slowest[0] > SECONDS:
        tally.wrong.append(f"{tally.slowest[1]}: took {tally.slowest[0]:.1f} s")
    return tally


def _give(kind: str, number: int, upload: Upload, tally: Tally) -> None:
    try:
        raw = intake.read(
            [upload], max_bytes=MAX_BYTES, memory_limit_mb=MEMORY_MB, progress=lambda *_: None
        )
        findings = columns.describe(raw.table, TODAY)
        quality.flaws(raw.table, findings, TODAY)
    except BadInputError as refusal:
        tally.refused[kind] += 1
        tally.wrong += [
            f"{kind} {number}: {each}" for each in _faults(str(refusal), raw_name(upload))
        ]
    except Exception as mistake:  # noqa: BLE001 - whatever comes out here is what is looked for
        tally.wrong.append(f"{kind} {number}: {type(mistake).__name__} instead of a sentence")
    else:
        tally.read[kind] += 1
        if not raw.table.num_rows or len(set(raw.table.column_names)) < raw.table.num_columns:
            tally.wrong.append(f"{kind} {number}: read, but not clean")


def raw_name(upload: Upload) -> str:
    """The part of a file's name that its sentence must say."""
    return "t" if "t" in upload.name else upload.name[-4:]


def _faults(sentence: str, name: str) -> list[str]:
    found = []
    if name not in sentence:
        found.append("the sentence names no file")
    if not sentence.endswith(".") or not 20 < len(sentence) < 400:
        found.append("no sentence")
    if CANARY in sentence:
        found.append("the sentence holds a value")
    return found


def _peak_mb() -> float:
    """The most memory that this process ever held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
