"""Refusals and warnings say what would help, and what they propose does help."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dashboard.errors import NotEnoughDataError
from dashboard.plan import Feature, Plan
from dashboard.privacy.exploring import exploration
from dashboard.privacy.means import mean_places
from dashboard.privacy.releasing import as_explored
from dashboard.privacy.segments import Geometry
from dashboard.privacy.signal import (
    NO_SIGNAL,
    check_signal,
    helping,
    least_dimensions,
    most_by_signal,
    signal_of,
)
from dashboard.terms import Bounds, Domain
from tests.privacy.test_releasing import bought, released

NUMBERS = tuple(Feature(f"x{place}", "number", Bounds(0, 1)) for place in range(4))


@pytest.mark.parametrize("count", [250, 440, 900, 2_000])
def test_each_proposal_alone_is_enough_and_hardly_more(count: int) -> None:
    plan, k = Plan(NUMBERS), 8
    told = " / ".join(helping(count, plan, 4, k, 40))
    fewer = re.search(r"(\d+) segments", told)
    features = re.search(r"(\d+) features?", told)
    epsilon = re.search(r"epsilon ([\d.]+)", told)
    people = re.search(r"about ([\d,]+) customers", told)
    assert people
    assert signal_of(int(people[1].replace(",", "")), plan, k, 4) >= 40
    assert signal_of(int(int(people[1].replace(",", "")) * 0.85), plan, k, 4) < 40
    if fewer:
        assert signal_of(count, plan, int(fewer[1]), 4) >= 40
        assert signal_of(count, plan, int(fewer[1]) + 1, 4) < 40
    if features:
        assert signal_of(count, plan, k, int(features[1])) >= 40
        assert signal_of(count, plan, k, int(features[1]) + 1) < 40
    if epsilon:
        assert signal_of(count, replace(plan, epsilon=float(epsilon[1])), k, 4) >= 40
        assert signal_of(count, replace(plan, epsilon=float(epsilon[1]) - 0.2), k, 4) < 40


def test_a_refusal_says_why_and_how_many_customers_it_would_take() -> None:
    with pytest.raises(NotEnoughDataError, match=r"3 segments by 4 features.*about [\d,]+ cust"):
        check_signal(100, Plan(NUMBERS), 4, 3)
    check_signal(10_000, Plan(NUMBERS), 4, 3)


def test_as_many_segments_are_offered_as_stand_out() -> None:
    most = most_by_signal(440, Plan(NUMBERS), 4)
    assert signal_of(440, Plan(NUMBERS), most, 4) >= NO_SIGNAL
    assert signal_of(440, Plan(NUMBERS), most + 1, 4) < NO_SIGNAL


def test_a_category_with_declared_labels_counts_one_direction_for_each() -> None:
    channel = Feature("channel", "category", domain=Domain(("web", "store", "app")))
    two = Feature("two", "category", domain=Domain(("a", "b")))
    assert least_dimensions(Plan((*NUMBERS, channel, two, Feature("open", "category")))) == 9


def test_what_noise_would_drown_is_not_explored() -> None:
    geometry, _ = bought()
    small = Geometry(replace(geometry.synopsis, count=150))
    with pytest.raises(
        NotEnoughDataError, match=r"too few customers, about 150 \(\d+–\d+\) of them"
    ):
        exploration("m", small, 9)


def test_a_published_segment_keeps_its_letter() -> None:
    geometry, published = bought(3)
    seen = exploration("m", geometry, 3).segments
    turned = replace(
        published,
        centers=published.centers[::-1].copy(),
        sizes=published.sizes[::-1],
        means=published.means[::-1],
        profiles=published.profiles[::-1],
    )
    order, given = as_explored(geometry, turned, ["first", "second", "third"])
    assert order == [2, 1, 0]
    assert given == {2: "first", 1: "second", 0: "third"}
    for mine, theirs in zip(seen, released(3).segments, strict=True):
        assert float(mine.center["age"]) == pytest.approx(float(theirs.center["age"]), abs=12)  # type: ignore[arg-type]


def test_the_mean_of_a_segment_is_measured_beside_its_center() -> None:
    """Without noise, the mean of a segment at rest lies where its center does."""
    geometry, published = bought(2, noisy=False)
    dimensions = geometry.space.dimensions
    assert all(len(each) == dimensions for each in published.means)
    assert abs(mean_places(published, 0) - published.centers[0]).max() < 60
