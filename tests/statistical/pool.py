"""Two processes that run cases, one for each of two neighboring tables."""

from __future__ import annotations

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from tests.statistical.auditor import Float
from tests.statistical.cases import HONEST, cases


def workers() -> ProcessPoolExecutor:
    """Two fresh processes; each loads the program once."""
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


def both_worlds(
    pool: ProcessPoolExecutor, name: str, runs: int
) -> tuple[dict[str, Float], dict[str, Float]]:
    """The scores of a case's runs on both tables; what one table never told is NaN there."""
    pending = [pool.submit(drawn, name, world, runs) for world in (0, 1)]
    first, second = (each.result() for each in pending)
    for score in first.keys() ^ second.keys():
        absent = np.full(runs, math.nan)
        first.setdefault(score, absent)
        second.setdefault(score, absent)
    return first, second


def drawn(name: str, world: int, runs: int) -> dict[str, Float]:
    """A case's runs on one table, with the noise of the product."""
    return cases()[name].what.draw(world, runs, HONEST)
