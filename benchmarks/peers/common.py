"""What the scripts of all sides share: the table's shape, the promise, the clock, the answer.

It runs in the peers' own environments too, so it knows the standard library only.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Final

SEGMENTS: Final = tuple(f"S{each}" for each in range(5))
CATEGORIES: Final = tuple(f"C{each:02d}" for each in range(20))
CELLS: Final = tuple(product(SEGMENTS, CATEGORIES))
LOW, HIGH = 0.0, 1_000.0
EPSILON, DELTA = 1.0, 1e-6

Cell = tuple[str, str]
Answer = Mapping[Cell, tuple[float, float]]
"""Per segment and category the noisy count and the noisy mean."""


def mean(count: float, total: float) -> float:
    """A mean from a noisy count and a noisy sum."""
    return float(total) / max(float(count), 1.0)


def rho() -> float:
    """What (EPSILON, DELTA) amounts to in zCDP, as the program accounts it."""
    return float(sys.argv[3])


def run(package: str, noise: str, work: Callable[[str], Answer]) -> None:
    """Answer once: libraries are loaded when the clock starts, the table is not."""
    begun = time.perf_counter()
    answer = work(sys.argv[1])
    seconds = time.perf_counter() - begun
    cells = [[float(each) for each in answer.get(cell, (0.0, 0.0))] for cell in CELLS]
    told = {"package": package, "noise": noise, "seconds": seconds, "cells": cells}
    Path(sys.argv[2]).write_text(json.dumps(told))
