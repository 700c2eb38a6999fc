"""What changed between two releases: people beyond the noise, or nothing that can be told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from dashboard.errors import BadInputError
from dashboard.plan import Plan
from dashboard.privacy.known import draw_known
from dashboard.privacy.known_release import known_release
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.privacy.movement import comparable, movement_of
from dashboard.privacy.published import draw_published
from dashboard.privacy.queries import Count
from dashboard.privacy.releasing import release_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.synopsis import draw_map
from dashboard.release import Release
from dashboard.rfm import Cuts
from dashboard.wording import difference, moved, unmatched
from tests.privacy import orders
from tests.privacy.tables import PLAN, interview, repeatable, shop


def known(customers: int, seed: int, cuts: Cuts = orders.CUTS) -> Release:
    table = orders.customers(customers, seed=3)
    drawn = draw_known(orders.interview(table, repeatable(seed)), orders.KNOWN, cuts)
    return known_release(
        release_id=f"r{seed}",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        plan=orders.KNOWN,
        cuts=cuts,
        known=drawn,
    )


@cache
def learned(k: int, seed: int, plan: Plan = PLAN, customers: int = 4_000) -> Release:
    talk = interview(shop(customers), repeatable(seed), plan)
    geometry = Geometry(draw_map(talk, int(talk.ask(Count())[0])))
    return release_of(
        release_id=f"r{seed}",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        geometry=geometry,
        published=draw_published(talk, geometry, k),
        names=(),
    )


def test_known_groups_are_matched_by_name_and_a_real_change_is_seen() -> None:
    told = movement_of(known(6_000, 1), known(9_000, 2))
    assert told.same_rule
    assert not told.gone
    assert not told.new
    assert all(each.name == each.earlier_name for each in told.changes)
    largest = max(told.changes, key=lambda each: each.people.value)
    assert largest.clear
    assert moved(largest).startswith(f"“{largest.name}”: grew by about ")
    assert told.total.low < 3_000 < told.total.high


def test_the_band_covers_the_true_change_as_often_as_it_says() -> None:
    """60 pairs of 8 groups; at 95 % fewer than 430 of 480 has a chance below 10⁻⁶."""
    table, honest = orders.customers(6_000), DiscreteGaussianNoise()
    sizes = [
        draw_known(orders.interview(table, honest), orders.KNOWN, orders.CUTS) for _ in range(120)
    ]
    made = [
        known_release(
            release_id=str(n), title="t", created_on="2026-11-23", unit="one customer",
            plan=orders.KNOWN, cuts=orders.CUTS, known=each,
        )
        for n, each in enumerate(sizes)
    ]  # fmt: skip
    pairs = zip(made[::2], made[1::2], strict=True)
    changes = [each for pair in pairs for each in movement_of(*pair).changes]
    assert len(changes) == 480
    assert sum(not each.clear for each in changes) >= 430
    assert any(each.clear for each in changes)


def test_learned_segments_are_matched_by_their_centers_not_by_their_order() -> None:
    one, other = learned(2, 7), learned(2, 8)
    assert other.rule
    turned = replace(
        other,
        segments=other.segments[::-1],
        rule=replace(other.rule, centers=other.rule.centers[::-1]),
    )
    told = movement_of(one, turned)
    assert len(told.changes) == 2
    assert {each.later_place - each.earlier_place for each in told.changes} == {1, -1}
    assert all(abs(each.share.value) < 0.05 for each in told.changes)
    assert not told.same_rule


def test_a_segment_without_a_counterpart_is_new_or_gone() -> None:
    one, other = learned(2, 7), learned(2, 8)
    assert other.rule
    lone = replace(
        other,
        segments=other.segments[:1],
        rule=replace(other.rule, centers=other.rule.centers[:1]),
    )
    assert len(movement_of(one, lone).gone) == 1
    told = movement_of(lone, one)
    assert len(told.new) == 1
    assert "was not among the segments then" in unmatched(told)[0]


def test_the_same_numbers_show_no_change() -> None:
    told = movement_of(learned(2, 7), learned(2, 7))
    assert {difference(each.people) for each in told.changes} == {"no change beyond the noise"}


@pytest.mark.parametrize(
    "other",
    [
        lambda: known(6_000, 2, Cuts(days=(30, 90, 365))),
        lambda: learned(2, 7),
        lambda: replace(known(6_000, 2), unit="one row"),
        lambda: replace(known(6_000, 2), rule=None),
    ],
)
def test_different_questions_are_not_compared(other) -> None:
    with pytest.raises(BadInputError, match="can't be compared"):
        movement_of(known(6_000, 1), other())
    assert not comparable(known(6_000, 1), other())
    assert comparable(known(6_000, 1), known(6_000, 2))


def test_other_features_are_not_compared() -> None:
    fewer = Plan(PLAN.features[:2])
    with pytest.raises(BadInputError, match="different plans"):
        movement_of(learned(2, 7), learned(2, 9, fewer))
