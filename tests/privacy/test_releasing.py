from __future__ import annotations

import json
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

from dashboard import wording
from dashboard.plan import Feature, Plan
from dashboard.privacy.describing import overall_of
from dashboard.privacy.exploring import exploration
from dashboard.privacy.profiles import columns_of, profile_of
from dashboard.privacy.published import Published, draw_published, published_from
from dashboard.privacy.queries import Count
from dashboard.privacy.releasing import release_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.synopsis import draw_map, synopsis_from
from dashboard.release import Release, release_from
from dashboard.terms import Domain
from tests.privacy.tables import PLAN, NoNoise, interview, repeatable, shop


@cache
def bought(k: int = 2, *, noisy: bool = True) -> tuple[Geometry, Published]:
    talk = interview(shop(), repeatable() if noisy else NoNoise())
    count = int(talk.ask(Count())[0])
    geometry = Geometry(draw_map(talk, count))
    return geometry, draw_published(talk, geometry, k)


def released(k: int = 2, names: tuple[str, ...] = (), *, noisy: bool = True) -> Release:
    geometry, published = bought(k, noisy=noisy)
    return release_of(
        release_id="r",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        geometry=geometry,
        published=published,
        names=names,
    )


def test_the_two_groups_of_the_shop_are_found() -> None:
    older, younger = sorted(released().segments, key=lambda each: -float(each.center["age"]))  # type: ignore[arg-type]
    assert older.center["age"] == pytest.approx(58, abs=2)
    assert younger.center["age"] == pytest.approx(27, abs=2)
    assert older.center["spend"] == pytest.approx(900, rel=0.15)
    assert younger.center["spend"] == pytest.approx(60, rel=0.15)
    assert older.share == pytest.approx(0.4, abs=0.04)


def test_a_release_reads_back_as_itself() -> None:
    release = released()
    assert release_from(release.to_json()) == release


def test_stored_numbers_give_the_same_release() -> None:
    geometry, published = bought()
    again = published_from(json.loads(json.dumps(published.to_stored())))
    map_again = synopsis_from(json.loads(json.dumps(geometry.synopsis.to_stored())))
    assert map_again == geometry.synopsis
    assert np.array_equal(again.centers, published.centers)
    assert (again.sizes, again.profiles, again.noise) == (
        published.sizes,
        published.profiles,
        published.noise,
    )


def test_a_category_is_told_by_label_and_a_flag_by_its_share() -> None:
    for segment in released().segments:
        channel = segment.center["channel"]
        assert isinstance(channel, dict)
        assert set(channel) <= {"web", "store"}
        assert 0 <= float(segment.center["member"]) <= 1  # type: ignore[arg-type]


def test_labels_in_order_are_told_by_label_and_by_their_middle() -> None:
    older, younger = sorted(released().segments, key=lambda each: -float(each.center["age"]))  # type: ignore[arg-type]
    assert float(older.center["tier"]) > float(younger.center["tier"])  # type: ignore[arg-type]
    tiers = [next(each for each in one.profile if each.name == "tier") for one in (older, younger)]
    assert [bar.label for bar in tiers[0].bars] == ["Bronze", "Silver", "Gold"]
    assert wording.typical(tiers[0]) == "about Silver to Gold"
    shares = [each.bars[2].share for each in tiers]
    assert shares[0]
    assert shares[1]
    assert shares[0].value == pytest.approx(0.7, abs=0.05)
    assert shares[1].value == pytest.approx(0.1, abs=0.05)


def test_a_map_tells_the_middle_of_labels_and_none_of_their_shares() -> None:
    for segment in exploration("m", bought()[0], 2).segments:
        tier = next(each for each in segment.profile if each.name == "tier")
        assert tier.typical
        assert not any(bar.share for bar in tier.bars)
        assert wording.typical(tier).startswith("about ")


def test_every_estimate_lies_in_its_range() -> None:
    release = released(3)
    estimates = [release.total]
    for segment in release.segments:
        assert segment.size_low <= segment.size <= segment.size_high
        assert segment.share_low <= segment.share <= segment.share_high
        for column in segment.profile:
            estimates += [column.typical] if column.typical else []
            estimates += [bar.share for bar in column.bars if bar.share]
    assert all(each.low <= each.value <= each.high for each in estimates)


def test_without_noise_sizes_and_shares_are_the_exact_ones() -> None:
    release = released(noisy=False)
    assert release.total.value == pytest.approx(4_000, abs=10)
    assert sum(each.share for each in release.segments) == pytest.approx(1, abs=0.01)


def test_a_hidden_cell_has_a_reason_and_no_number() -> None:
    bars = [bar for each in released(4).segments for column in each.profile for bar in column.bars]
    assert any(bar.hidden for bar in bars)
    assert all((bar.share is None) == (bar.hidden is not None) for bar in bars)


def test_names_can_be_given_and_are_made_unique() -> None:
    assert {each.name for each in released(names=("Stars", "Stars")).segments} == {
        "Stars",
        "Stars (2)",
    }


def test_the_suggested_number_of_segments_is_the_true_one() -> None:
    plan = Plan(PLAN.features[:2])
    talk = interview(shop(), repeatable(), plan)
    seen = exploration("m", Geometry(draw_map(talk, int(talk.ask(Count())[0]))), None)
    assert seen.k == seen.suggested == 2
    assert "stand apart" in seen.reason


def test_no_number_is_suggested_with_which_fewer_than_two_segments_would_be_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Geometry, "shows_two", lambda _, k: k in (3, 5))
    best, reason = Geometry(bought()[0].synopsis).suggestion
    assert best in (3, 5)
    assert reason.startswith(f"With {best} segments the groups stand apart most")
    monkeypatch.setattr(Geometry, "shows_two", lambda _, k: k == 4)
    best, reason = Geometry(bought()[0].synopsis).suggestion
    assert best == 4
    assert reason.startswith("Only with 4 segments are at least two large enough to be shown.")


@pytest.mark.parametrize("k", range(2, 13))
def test_every_number_of_segments_can_be_explored_and_adds_up(k: int) -> None:
    seen = exploration("m", bought()[0], k)
    told = sum(each.size for each in seen.segments)
    assert seen.total.value == told + ((seen.other.size or 0) if seen.other else 0)
    assert len({each.name for each in seen.segments}) == len(seen.segments)
    assert {point.segment for point in seen.points} <= {-1, *range(len(seen.segments))}


def test_the_account_says_what_was_done_and_what_it_cost() -> None:
    account = " ".join(released().account)
    for said in ("ε = 1", "δ = 1e-06", "noise", "invented", "not shown"):
        assert said in account


def test_what_the_profile_hides_the_center_and_the_traits_do_not_tell() -> None:
    """A declared label that one person holds, and a flag that hardly anybody has."""
    table = shop()
    lone = np.array(table["channel"].to_pylist(), dtype=object)
    lone[0] = "lone"
    rare = np.zeros(4_000, dtype=np.int8)
    rare[:6] = 1
    table = table.set_column(3, "member", pa.array(rare)).set_column(
        4, "channel", pa.array(lone.tolist())
    )
    channel = Feature("channel", "category", domain=Domain(("web", "store", "lone")))
    talk = interview(table, repeatable(), Plan((*PLAN.features[:3], channel)))
    geometry = Geometry(draw_map(talk, int(talk.ask(Count())[0])))
    release = release_of(
        release_id="r",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        geometry=geometry,
        published=draw_published(talk, geometry, 2),
        names=(),
    )
    for answer in (release, exploration("m", geometry, 2)):
        assert "lone" not in repr([each.center for each in answer.segments])
        assert "lone" not in repr([each.traits for each in answer.segments])
        for segment in answer.segments:
            member = next(each for each in segment.profile if each.name == "member")
            assert member.typical is None
            assert "member" not in segment.center


def test_shown_parts_are_shares_of_what_is_shown() -> None:
    for segment in released(4).segments:
        for column in segment.profile:
            seen = [bar.share.value for bar in column.bars if bar.share]
            assert not seen or sum(seen) == pytest.approx(1, abs=0.04)


def test_a_share_beside_hidden_parts_says_how_small_it_may_be_of_everybody() -> None:
    column = columns_of(bought()[0])[[each.name for each in PLAN.columns].index("channel")]
    told = profile_of(column, [400.0, 30.0, 20.0], [1, 1, 1], 0.0, 10.0, 11, None)
    first, *others = told.bars
    assert [bar.share for bar in others] == [None, None]
    assert first.share is not None
    assert first.share.value == 1
    assert first.share.low <= 400 / 450 <= first.share.high
    alone = profile_of(column, [400.0, 300.0, 200.0], [1, 1, 1], 0.0, 10.0, 11, None).bars[0]
    assert alone.share is not None
    assert alone.share.high - alone.share.low < first.share.high - first.share.low


def test_customers_own_other_is_never_mixed_up_with_the_labels_that_are_not_named() -> None:
    table = shop()
    channel = np.asarray(table["channel"]).astype(object)
    channel[channel == "store"] = "Other"
    channel[::5] = "fax"
    table = table.set_column(table.column_names.index("channel"), "channel", pa.array(channel))
    own = Feature("channel", "category", domain=Domain(("web", "Other")))
    plan = Plan((*PLAN.features[:3], own))
    asking = interview(table, NoNoise(), plan)
    geometry = Geometry(draw_map(asking, int(asking.ask(Count())[0])))
    (profile,) = (
        each for each in overall_of(geometry, columns_of(geometry)) if each.bars[0].label == "web"
    )
    told = {bar.label: bar.share.value for bar in profile.bars if bar.share}
    truth = {
        label: float(np.mean(channel == name))
        for label, name in (("web", "web"), ("Other", "Other"), ("all others", "fax"))
    }
    assert told == pytest.approx(truth, abs=0.01)


def test_the_rest_of_labels_has_a_name_that_no_customer_uses() -> None:
    assert Domain(("web",)).rest == "other"
    assert Domain(("OTHER", "web")).rest == "all others"
    assert Domain(("other", "All others", "all others 2")).rest == "all others 3"
