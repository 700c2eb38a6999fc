"""Known groups: the questions move as little as declared, and the answer is the public rule's."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import rfm
from dashboard.errors import NotEnoughDataError
from dashboard.privacy.accounting import known_price, rho_units_of
from dashboard.privacy.encoding import Encoder
from dashboard.privacy.known import draw_known, known_from, measures, possible, questions
from dashboard.privacy.known_release import known_release
from dashboard.release import Release, release_from
from dashboard.rfm import FREQUENCY, GROUP, GROUPS, MONETARY, RECENCY
from tests.privacy.orders import CUTS, KNOWN, SCHEMA, customers, interview
from tests.privacy.tables import NoNoise, repeatable

ANY_NUMBER = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 60.0, 61.0, 500.0, 5e-324, 1e308, -1e308]),
)
ROW = st.fixed_dictionaries(
    {
        RECENCY: ANY_NUMBER,
        FREQUENCY: ANY_NUMBER,
        MONETARY: ANY_NUMBER,
        GROUP: st.one_of(st.none(), st.sampled_from(GROUPS), st.text()),
    }
)


@cache
def released(*, noisy: bool = True, customers_: int = 6_000) -> Release:
    tap = repeatable() if noisy else NoNoise()
    known = draw_known(interview(customers(customers_), tap), KNOWN, CUTS)
    return _told(known_from(json.loads(json.dumps(known.to_stored()))))


def _told(known: object) -> Release:
    return known_release(
        release_id="r",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        plan=KNOWN,
        cuts=CUTS,
        known=known,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("place", [0, 1])
@settings(max_examples=200, deadline=None)
@given(row=ROW)
def test_no_row_moves_a_question_further_than_declared(place: int, row: dict[str, object]) -> None:
    query = questions(KNOWN, CUTS)[place]
    batch = pa.RecordBatch.from_pylist([row], schema=SCHEMA)
    vector = query(Encoder(KNOWN)(batch))
    assert vector.shape == (query.length,)
    assert sum(int(each) ** 2 for each in vector) == query.sensitivity_squared


@given(st.lists(ROW, max_size=8), st.integers(0, 8))
def test_a_total_is_the_sum_of_its_parts(rows: list[dict[str, object]], cut: int) -> None:
    for query in questions(KNOWN, CUTS):
        whole, first, rest = (
            query(Encoder(KNOWN)(pa.RecordBatch.from_pylist(part, schema=SCHEMA)))
            for part in (rows, rows[:cut], rows[cut:])
        )
        assert (whole == first + rest).all()


def test_the_whole_epsilon_buys_the_two_questions() -> None:
    assert known_price(KNOWN).rho_units == rho_units_of(KNOWN.epsilon)
    assert released().budget.epsilon <= KNOWN.epsilon


def test_without_noise_sizes_are_those_of_the_rule() -> None:
    table = customers()
    counts = dict(
        zip(*(each.to_pylist() for each in table[GROUP].value_counts().flatten()), strict=True)
    )
    sizes = draw_known(interview(table, NoNoise()), KNOWN, CUTS).sizes
    assert dict(zip(GROUPS, sizes, strict=True)) == {g: counts.get(g, 0) for g in GROUPS}


def test_without_noise_typical_values_are_close_to_the_true_means() -> None:
    table = customers()
    for segment in released(noisy=False).segments:
        own = table.filter(pc.equal(table[GROUP], segment.name))
        recency = float(np.mean(own[RECENCY].to_numpy()))
        assert segment.center[RECENCY] == pytest.approx(recency, abs=max(5, 0.07 * recency))
        for name in (FREQUENCY, MONETARY):
            mean = float(np.expm1(np.log1p(own[name].to_numpy()).mean()))
            assert segment.center[name] == pytest.approx(mean, rel=0.07), (segment.name, name)


def test_a_part_that_the_rule_leaves_no_room_for_holds_nobody() -> None:
    known = draw_known(interview(customers(), NoNoise()), KNOWN, CUTS)
    for group, profiles in zip(GROUPS, known.profiles, strict=True):
        for counts, may in zip(profiles, possible(KNOWN, CUTS)[group], strict=True):
            assert not any(n for n, open_ in zip(counts, may, strict=False) if not open_), group


def test_groups_stand_in_the_order_of_the_ladder_with_a_next_step_and_their_rule() -> None:
    told = released()
    names = [each.name for each in told.segments]
    assert names == [group for group in GROUPS if group in names]
    for each in told.segments:
        assert each.next_step == rfm.NEXT_STEPS[each.name]
        assert each.traits[0].words == rfm.rule_words(each.name, CUTS)


def test_small_groups_are_hidden_and_the_total_is_the_sum_of_what_is_shown() -> None:
    told = released(customers_=300)
    assert told.other is not None
    assert told.total.value == sum(each.size for each in told.segments) + (told.other.size or 0)
    hidden = set(GROUPS) - {each.name for each in told.segments}
    assert hidden
    assert all(each.size >= told.threshold - 5 for each in told.segments)


def test_what_is_said_of_everybody_is_the_sum_of_the_groups_shown_only() -> None:
    """So that nobody can solve for a hidden group by subtraction."""
    table = customers(300)
    known = draw_known(interview(table, repeatable()), KNOWN, CUTS)
    told = _told(known)
    shown = [GROUPS.index(each.name) for each in told.segments]
    assert len(shown) < len(GROUPS)
    blind = [
        profile if place in shown else tuple(tuple(0 for _ in part) for part in profile)
        for place, profile in enumerate(known.profiles)
    ]
    assert _told(type(known)(known.sizes, tuple(blind), known.noise)).overall == told.overall


def test_hardly_anybody_is_refused_in_a_sentence() -> None:
    known = draw_known(interview(customers(12), repeatable()), KNOWN, CUTS)
    with pytest.raises(NotEnoughDataError, match="No known group has"):
        _told(known)


def test_a_release_reads_back_as_itself() -> None:
    assert release_from(released().to_json()) == released()


def test_parts_begin_at_the_cuts_so_that_the_rule_is_exact() -> None:
    recency, orders, spent = measures(KNOWN, CUTS)
    assert {61.0, 181.0, 366.0} <= set(recency.shown.edges)
    assert {2.0, 5.0} <= set(orders.shown.edges)
    assert 500.0 in spent.shown.edges
