from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from dashboard.plan import Plan
from dashboard.privacy.exploring import exploration
from dashboard.privacy.queries import Count, nearest_center
from dashboard.privacy.segments import Geometry
from dashboard.privacy.stability import map_stability, published_stability, together
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


def test_the_map_and_the_release_tell_how_steady_they_are() -> None:
    assert exploration("m", bought()[0], 3).stability == pytest.approx(
        map_stability(bought()[0], 3), abs=0.01
    )
    assert released().stability == pytest.approx(published_stability(*bought()), abs=0.01)


def test_pairs_are_counted_as_a_person_would() -> None:
    people = np.array([[0.0], [1.0], [2.0], [10.0]])
    before = np.array([[1], [10]])
    assert together(people, before, [before]) == 1.0
    assert together(people, before, [before[::-1]]) == 1.0
    split = np.array([[0], [2], [10]])
    belongs = nearest_center(people, split).tolist()
    assert belongs == [0, 0, 1, 2]
    assert together(people, before, [split]) == pytest.approx(1 / 3)
    assert together(people[:1], before, [split]) == 1.0


@pytest.mark.statistical
@pytest.mark.parametrize("k", [2, 5])
def test_maps_of_fresh_noise_agree_about_as_often_as_is_said(k: int) -> None:
    """Eight maps with noise of their own, each holding what it said against the next one.

    The steadiness is a mean over turns; what fresh maps show may be lower by the noise of
    their margins and moments as well, and a map differs from the next by two draws of
    noise instead of one. A gap beyond a quarter would show a wrong noise scale.
    """
    maps = [map_of(1.0, seed=seed) for seed in range(8)]
    said = np.mean([map_stability(each, k) for each in maps])
    held = []
    for one, other in itertools.pairwise(maps):
        centers, turned = one.segments(k)[0], other.segments(k)[0]
        held.append(together(one.invented, centers, [_in_space_of(one, other, turned)]))
    assert said - 0.25 <= np.mean(held) <= said + 0.1


def _in_space_of(one: Geometry, other: Geometry, centers: np.ndarray) -> np.ndarray:
    """Another map's centers on the first one's lattice."""
    parts = [each.parts(row) for each, row in zip(other.space.directions, centers.T, strict=True)]
    steps = [each.steps(part) for each, part in zip(one.space.directions, parts, strict=True)]
    return np.column_stack(steps).astype(np.int64)
