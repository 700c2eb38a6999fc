"""How far segments are from everybody, computed from noisy values only."""

import math
from dataclasses import replace

import pytest

from dashboard.plan import Feature
from dashboard.release import Bar, ColumnProfile, Estimate, Segment
from dashboard.terms import Bounds
from dashboard.ui import deviation
from tests.fixtures_release import FEATURES, PROFILED, sample_release

RELEASE = sample_release()


def rows() -> dict[str, deviation.Row]:
    made = deviation.rows(RELEASE.segments, RELEASE.overall, FEATURES + PROFILED)
    return {row.title: row for row in made}


def test_every_column_has_a_row() -> None:
    titles = list(rows())
    assert titles[:6] == [
        "Total spent",
        "Orders",
        "Recency days",
        "Age",
        "Newsletter",
        "Mobile app",
    ]
    assert titles[6].startswith("Country: ")
    assert titles[7].startswith("Favorite aisle: ")


def test_more_is_above_and_less_is_below() -> None:
    orders = rows()["Orders"].cells
    assert orders[0]
    assert orders[0].deviation.value > 0.5
    assert orders[2]
    assert orders[2].deviation.value < -0.3


def test_what_is_too_uncertain_has_no_color() -> None:
    assert rows()["Total spent"].cells[4] is None


def test_ranges_keep_their_order() -> None:
    for row in rows().values():
        for cell in filter(None, row.cells):
            assert cell.deviation.low <= cell.deviation.value <= cell.deviation.high


def test_a_category_is_told_by_the_label_that_differs_most() -> None:
    toys_and_gardens = rows()
    assert "Favorite aisle: Garden" in toys_and_gardens


def test_a_map_without_profiles_is_told_by_its_centers() -> None:
    bare = tuple(replace(each, profile=()) for each in RELEASE.segments)
    told = deviation.rows(bare, RELEASE.overall, FEATURES)
    assert [row.title for row in told][:2] == ["Total spent", "Orders"]
    assert all(row.cells[0] for row in told)


@pytest.mark.parametrize("bars", [(), (Bar("0 to 1", None, "too few people", 0, 1),)])
def test_a_column_of_which_nothing_is_known_has_no_row(bars: tuple[Bar, ...]) -> None:
    feature = Feature("age", "number", Bounds(0, 120))
    whole = ColumnProfile("age", "number", None, bars)
    assert deviation.rows(RELEASE.segments, (whole,), (feature,)) == ()


def test_one_standard_deviation_is_one() -> None:
    feature = Feature("age", "number", Bounds(0, 100))
    half = Estimate(0.5, 0.5, 0.5)
    bars = (Bar("low", half, None, 20, 40), Bar("high", half, None, 60, 80))
    whole = ColumnProfile("age", "number", Estimate(50, 50, 50), bars)
    own = ColumnProfile("age", "number", Estimate(70, 66, 74), ())
    segment: Segment = replace(RELEASE.segments[0], profile=(own,))
    (row,) = deviation.rows((segment,), (whole,), (feature,))
    assert row.cells[0]
    assert math.isclose(row.cells[0].deviation.value, 1.0)
    assert math.isclose(row.cells[0].deviation.low, 0.8)


def row(*values: Estimate) -> deviation.Row:
    feature = Feature("spend", "number", Bounds(0, 100))
    bars = tuple(
        Bar("", Estimate(0.25, 0.2, 0.3), low=low, high=low + 25.0)
        for low in (0.0, 25.0, 50.0, 75.0)
    )
    whole = ColumnProfile("spend", "number", Estimate(50, 46, 54), bars)
    segments = tuple(
        replace(each, profile=(ColumnProfile("spend", "number", value, bars),))
        for each, value in zip(RELEASE.segments, values, strict=False)
    )
    (made,) = deviation.rows(segments, (whole,), (feature,))
    return made


def test_a_difference_from_everybody_within_the_noise_is_none() -> None:
    near, far = row(Estimate(53, 50.5, 55.5), Estimate(58, 55.5, 60.5)).cells
    assert near
    assert near.deviation.low > 0 or near.differs == 0.0
    assert far
    assert far.differs > 0


def test_the_noise_of_everybody_counts_too() -> None:
    (told, _) = row(Estimate(53, 50.5, 55.5), Estimate(58, 55.5, 60.5)).cells
    assert told
    assert told.deviation.low < 0 < told.deviation.value
    assert told.differs == 0.0


@pytest.mark.parametrize(("second", "side"), [(56.0, 0), (70.0, -1), (20.0, 1)])
def test_two_segments_differ_only_by_more_than_both_their_noise(second: float, side: int) -> None:
    told = row(Estimate(50, 45, 55), Estimate(second, second - 5, second + 5))
    assert told.apart(0, 1) == side
    assert told.apart(1, 0) == -side


def test_what_is_hidden_is_not_compared() -> None:
    assert rows()["Total spent"].apart(0, 4) == 0
