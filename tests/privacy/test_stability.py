from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import numpy as np
import pytest

from benchmarks.coverage import PLAN as COVERED
from benchmarks.coverage import base
from benchmarks.steadiness import held
from dashboard.plan import Plan
from dashboard.privacy.exploring import exploration
from dashboard.privacy.queries import Count, nearest_center
from dashboard.privacy.replay import replayed
from dashboard.privacy.segments import Geometry
from dashboard.privacy.stability import TURNS, map_stability, published_stability, together
from dashboard.privacy.synopsis import draw_map
from tests.privacy.tables import PLAN, interview, repeatable, shop
from tests.privacy.test_releasing import bought, released


def map_of(epsilon: float, customers: int = 4_000, seed: int = 7) -> Geometry:
    plan = Plan(PLAN.features[:2], epsilon=epsilon)
    talk = interview(shop(customers), repeatable(seed), plan)
    return Geometry(draw_map(talk, max(int(talk.ask(Count())[0]), 1)))


def test_clear_groups_stay_together_and_slices_of_them_do_not() -> None:
    geometry = map_of(1.0)
    assert map_stability(geometry, 2) > 0.95
    assert map_stability(geometry, 9) < map_stability(geometry, 2)


def test_more_privacy_makes_segments_less_steady() -> None:
    assert map_stability(map_of(0.1), 2) < map_stability(map_of(5.0), 2)


def test_more_noise_around_published_centers_makes_them_less_steady() -> None:
    geometry, published = bought(5)
    loud = {name: 400 * noise for name, noise in published.noise.items()}
    steady = published_stability(geometry, published)
    assert published_stability(geometry, replace(published, noise=loud)) < steady <= 1


def test_the_same_map_is_always_as_steady() -> None:
    geometry = map_of(0.3)
    again = Geometry(geometry.synopsis)
    assert map_stability(geometry, 4) == map_stability(again, 4) == map_stability(geometry, 4)


def test_two_who_look_at_one_map_together_play_it_through_once() -> None:
    geometry, begin = map_of(1.0), Barrier(2)

    def look(k: int) -> float:
        begin.wait()
        return map_stability(geometry, k)

    with ThreadPoolExecutor(2) as pool:
        together_seen = list(pool.map(look, (3, 4)))
    assert len(geometry.turns) == TURNS
    again = Geometry(geometry.synopsis)
    assert together_seen == [map_stability(again, k) for k in (3, 4)]


def test_the_map_and_the_release_tell_how_steady_they_are() -> None:
    assert exploration("m", bought()[0], 3).stability == pytest.approx(
        map_stability(bought()[0], 3), abs=0.01
    )
    assert released().stability == pytest.approx(published_stability(*bought()), abs=0.01)


def test_whoever_was_invented_for_a_map_stays_as_they_are() -> None:
    """They are remembered by what they follow from, so nobody may move them."""
    geometry = map_of(1.0)
    assert Geometry(geometry.synopsis).invented is geometry.invented
    with pytest.raises(ValueError, match="read-only"):
        geometry.invented[0, 0] = 1.0


def test_pairs_are_counted_as_a_person_would() -> None:
    people, alone = np.array([[0.0], [1.0], [2.0], [10.0]]), np.ones(4)
    one = np.array([[1], [10]])
    assert together(people, alone, [one, one]) == 1.0
    assert together(people, alone, [one, one[::-1]]) == 1.0
    split = np.array([[0], [2], [10]])
    assert nearest_center(people, split).tolist() == [0, 0, 1, 2]
    # {0, 1, 2}, {10} hold 9 + 1 pairs; {0, 1}, {2}, {10} hold 4 + 1 + 1, all of them in both.
    assert together(people, alone, [one, split]) == pytest.approx((6 / 10 + 6 / 6) / 2)
    assert together(people[:2], np.array([3.0, 1.0]), [split, one]) == 1.0


def test_a_map_played_through_without_noise_is_the_same_map() -> None:
    geometry = map_of(1.0)
    still = replace(geometry.synopsis, noise=dict.fromkeys(geometry.synopsis.noise, 0))
    assert replayed(still, Geometry(still).space, 2) == [still, still]


def test_other_noise_reaches_margins_moments_and_cells() -> None:
    stored = map_of(1.0).synopsis
    turn, other = replayed(stored, Geometry(stored).space, 2)
    for name in ("margins", "moments", "cells", "grid"):
        assert len({repr(getattr(each, name)) for each in (turn, other, stored)}) == 3, name


@pytest.mark.statistical
@pytest.mark.parametrize("epsilon", [0.3, 1.0])
@pytest.mark.parametrize("customers", ["two plain groups", "four that overlap"])
def test_no_more_is_said_than_holds_between_purchases(epsilon: float, customers: str) -> None:
    """Eight purchases with noise of their own, each pair held against what was said.

    Over fourteen such eights with other noise, what was said lay above what held by 0.04 on the
    average at most, with a standard deviation of 0.03. 0.15 is 3.7 of them away: for a change that
    draws other noise, a false alarm in about 8,000 for each statement, in 300 for the two dozen
    of all cases (normal tail). This noise is repeatable, so there is none while the code stays
    as it is. What was said of releases before margins and moments were played through was 0.19
    too high here.
    """
    table, plan = {
        "two plain groups": (shop(), Plan(PLAN.features[:2], epsilon=epsilon)),
        "four that overlap": (base(), replace(COVERED, epsilon=epsilon)),
    }[customers]
    told = list(held(table, plan, 8, repeatable(3)))
    assert {(each.what, each.segments) for each in told} >= {("map", 2), ("release", 2)}
    for each in told:
        assert each.said <= each.real + 0.15, each
