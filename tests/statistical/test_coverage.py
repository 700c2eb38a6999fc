"""Stated ranges hold the truth about as often as they say, in publications of a known base."""

from __future__ import annotations

from collections import defaultdict

import pytest

from benchmarks.coverage import Truth, base, publications
from tests.privacy.tables import repeatable

PUBLICATIONS, MAPS = 100, 5
ALARM = 1e-7
"""How improbable a false alarm is for each kind of statement; eight kinds make 10⁻⁶ at most."""


@pytest.mark.statistical
@pytest.mark.slow
def test_ranges_cover_the_truth_as_often_as_they_say() -> None:
    """One statement of a kind is taken from each publication, so that the trials are independent.

    Given the map, each covers with a chance of 95 %, or more where it says so. At 93 %, the
    least that is promised, fewer than the bound below has a chance of at most ALARM. Ranges
    half as wide cover 67 %, and fail here with a chance of 98 %.
    """
    from scipy.stats import binom

    held: dict[str, list[bool]] = defaultdict(list)
    truth = Truth(base())
    for turn, told in enumerate(publications(truth, PUBLICATIONS, MAPS, repeatable(11))):
        for kind in {each.kind for each in told if not each.kind.startswith("map")}:
            mine = [each for each in told if each.kind == kind]
            held[kind].append(mine[turn % len(mine)].covers)
    assert {"size", "share", "total", "number mean", "part of a distribution"} <= set(held)
    for kind, covered in held.items():
        least = binom.ppf(ALARM, len(covered), 0.93)
        assert sum(covered) >= least, (kind, sum(covered), len(covered))
