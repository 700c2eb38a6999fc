"""Groups among points that follow from noisy numbers: compiled k-means, held against the usual."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.privacy.encoding import Float
from dashboard.privacy.grouping import grouped, nearest, settled
from dashboard.privacy.synopsis import grid_of
from tests.privacy.reference import nearest as nearest_by_numpy


def crowd(points: int, directions: int = 3, seed: int = 0) -> tuple[Float, Float]:
    draw = np.random.default_rng(seed)
    middles = draw.integers(-1_500, 1_500, (6, directions))
    places = middles[draw.integers(0, 6, points)] + draw.normal(0, 150, (points, directions))
    return places, draw.random(points) * 100


def left(points: Float, weights: Float, centers: Float) -> float:
    """The weighted squares that are left within groups."""
    squares = ((points[:, None] - centers[None]) ** 2).sum(axis=2)
    return float(weights @ squares.min(axis=1))


@pytest.mark.parametrize("points", [1, 255, 257, 1_000])
@pytest.mark.parametrize("directions", [1, 3, 4, 9])
def test_the_nearest_center_is_numpys_and_the_first_in_a_tie(points: int, directions: int) -> None:
    draw = np.random.default_rng([points, directions])
    places = np.trunc(draw.normal(0, 700, (points, directions)))
    centers = np.trunc(draw.normal(0, 700, (7, directions)))
    centers[3], centers[6] = centers[2], centers[0]
    belongs, squares = nearest(places, centers)
    assert belongs.tolist() == nearest_by_numpy(places, centers.astype(np.int64)).tolist()
    assert squares.tolist() == ((places - centers[belongs]) ** 2).sum(axis=1).tolist()


@pytest.mark.parametrize("k", [2, 4, 6, 9])
@pytest.mark.parametrize("points", [40, 600])
def test_groups_are_as_close_as_scikit_learns(points: int, k: int) -> None:
    from sklearn.cluster import KMeans

    places, weights = crowd(points, seed=k)
    theirs = KMeans(k, n_init=10, random_state=0).fit(places, sample_weight=weights)
    ours = grouped(places, weights, k, starts=20, rounds=300)
    assert left(places, weights, ours) <= 1.01 * left(places, weights, theirs.cluster_centers_)


def test_the_same_points_give_the_same_groups() -> None:
    places, weights = crowd(300)
    once, again = (grouped(places, weights, 5, starts=3, rounds=50) for _ in range(2))
    assert once.tolist() == again.tolist()


@pytest.mark.parametrize("directions", [1, 3])
def test_what_can_not_be_written_to_is_grouped_too(directions: int) -> None:
    places, weights = crowd(300, directions)
    centers = grouped(places, weights, 5, starts=3, rounds=50)
    for each in (places, weights, centers):
        each.flags.writeable = False
    assert grouped(places, weights, 5, starts=3, rounds=50).tolist() == centers.tolist()
    assert settled(places, weights, centers, rounds=9).shape == centers.shape
    assert len(nearest(places, centers)[0]) == 300


def test_a_weight_of_three_counts_like_three_in_one_place() -> None:
    places, _ = crowd(60)
    weights = np.arange(60) % 3 + 1.0
    often = np.repeat(places, weights.astype(int), axis=0)
    begun = places[:4].copy()
    one = settled(places, weights, begun, rounds=200)
    other = settled(often, np.ones(len(often)), begun, rounds=200)
    assert one == pytest.approx(other)


def test_who_is_alone_far_off_gets_a_center_where_another_would_have_nobody() -> None:
    places = np.array([[0.0], [1.0], [2.0], [900.0]])
    found = settled(places, np.ones(4), np.array([[1.0], [1.0], [1.0]]), rounds=50)
    assert 900.0 in found[:, 0].tolist()


def test_a_grid_has_no_center_twice_where_there_are_fewer_places_than_cells() -> None:
    places = np.repeat(np.array([[0.0, 1.0], [5.0, 1.0], [9.0, 9.0]]), 4_000, axis=0)
    assert grid_of(places, 12).tolist() == [[0, 1], [5, 1], [9, 9]]
    assert grid_of(places[:1], 12).tolist() == [[0, 1]]
