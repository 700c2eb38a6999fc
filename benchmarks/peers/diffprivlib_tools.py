"""diffprivlib's tools on a pandas frame: a histogram, and a sum for each cell, which are apart."""

import warnings
from importlib.metadata import version

import pandas as pd
from common import CATEGORIES, EPSILON, HIGH, LOW, SEGMENTS, Answer, mean, run
from diffprivlib import BudgetAccountant, tools


def work(path: str) -> Answer:
    """Half of epsilon for the counts and half for the sums."""
    warnings.simplefilter("ignore")
    frame, free = pd.read_parquet(path), {"epsilon": EPSILON / 2}
    places = (
        frame[name].astype(pd.CategoricalDtype(labels)).cat.codes
        for name, labels in (("segment", SEGMENTS), ("category", CATEGORIES))
    )
    sides = [len(SEGMENTS), len(CATEGORIES)]
    ends = [(-0.5, each - 0.5) for each in sides]
    counts, *_ = tools.histogram2d(
        *places, bins=sides, range=ends, accountant=BudgetAccountant(), **free
    )
    found = {}
    for cell, spent in frame.groupby(["segment", "category"])["spent"]:
        n = counts[SEGMENTS.index(cell[0]), CATEGORIES.index(cell[1])]
        s = tools.sum(spent.to_numpy(), bounds=(LOW, HIGH), accountant=BudgetAccountant(), **free)
        found[cell] = (float(n), mean(n, s))
    return found


run(f"diffprivlib {version('diffprivlib')}", "geometric, Laplace", work)
