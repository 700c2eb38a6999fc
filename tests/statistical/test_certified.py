"""The program's own questions, maps, releases and gate leak no more than their price says.

Each check is wrong with a probability of at most its case's ``alarm``; all together at most
10⁻⁶, of which lone labels take what their own δ allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest

from dashboard.privacy import suppression
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.terms import DELTA_UNIT
from tests.statistical.auditor import Scores, certified_delta, certify
from tests.statistical.cases import MANY, cases
from tests.statistical.neighbors import ATLANTIS, NAMED, at
from tests.statistical.pool import both_worlds, workers
from tests.statistical.runs import Names

pytestmark = pytest.mark.statistical

ALL_ALARMS = 1e-6


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    with workers() as started:
        yield started


@pytest.mark.parametrize("name", cases())
def test_no_more_leaks_than_is_claimed(name: str, pool: ProcessPoolExecutor) -> None:
    case = cases()[name]
    first, second = both_worlds(pool, name, case.runs)
    proven = certify(first, second, case.alarm)
    assert proven.epsilon <= case.claimed, proven
    assert proven.rho <= case.claimed_rho, proven
    assert not times(first, "Atlantis named")
    assert not times(second, "Atlantis named")


def times(scores: Scores, score: str) -> int:
    return int(scores[score].sum()) if score in scores else 0


def test_a_lone_label_is_named_as_rarely_as_the_threshold_promises() -> None:
    allowed = 0.02
    with patch.object(suppression, "SELECTION_UNITS", round(allowed / DELTA_UNIT)):
        lax = Names(ATLANTIS, at(NAMED, 4), suppression.selection_threshold.__wrapped__)
        told = lax.draw(1, 3_000, DiscreteGaussianNoise())
    named = times(told, "Atlantis named")
    assert certified_delta(named, 0, 3_000, -99.0, MANY) <= allowed
    assert named > 6, "the threshold is so strict that this test sees nothing"


def test_all_checks_together_raise_a_false_alarm_once_in_a_million() -> None:
    lone = sum(case.runs for name, case in cases().items() if "lone label" in name)
    named_by_chance = lone * suppression.SELECTION_UNITS * DELTA_UNIT
    alarms = sum(case.alarm for case in cases().values()) + MANY
    assert alarms + named_by_chance < ALL_ALARMS


@pytest.mark.parametrize("name", cases())
def test_every_check_would_notice_a_mechanism_that_hides_nothing(name: str) -> None:
    case = cases()[name]
    bare = [{"seen": np.full(case.runs, float(world))} for world in (0, 1)]
    assert certify(*bare, case.alarm).rho > case.claimed_rho
