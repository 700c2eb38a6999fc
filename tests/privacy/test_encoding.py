from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.plan import Feature, Plan
from dashboard.privacy.encoding import LEVELS, MISSING, Encoder, levels_of, scaled, value_of
from dashboard.privacy.queries import even_bins
from dashboard.terms import Bounds, Domain
from tests.privacy.reference import bins

MONEY = Bounds(0, 1_000_000, log=True)


def test_bounds_are_the_first_and_the_last_level() -> None:
    levels = levels_of(np.array([0.0, 1e6]), MONEY)
    assert levels.tolist() == [0, LEVELS - 1]


@pytest.mark.parametrize("beyond", [1e7, 1e308])
def test_what_lies_beyond_a_bound_counts_as_the_bound(beyond: float) -> None:
    assert levels_of(np.array([beyond, -beyond]), MONEY).tolist() == [LEVELS - 1, 0]


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_missing(odd: float) -> None:
    assert levels_of(np.array([odd]), MONEY).tolist() == [MISSING]


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_every_number_has_a_level_or_is_missing(value: float) -> None:
    level = int(levels_of(np.array([value]), Bounds(-5, 5))[0])
    assert -1 <= level < LEVELS


@given(st.floats(0, 1e6))
def test_a_level_leads_back_to_about_its_number(value: float) -> None:
    level = levels_of(np.array([value]), MONEY)[0]
    assert value_of(level / (LEVELS - 1), MONEY) == pytest.approx(value, rel=1e-3, abs=1e-3)


def test_only_declared_labels_have_codes_of_their_own() -> None:
    encoder = Encoder(Plan((Feature("plan", "category", domain=Domain(("a", "b"))),)))
    batch = pa.RecordBatch.from_pydict({"plan": ["b", "secret", None, "a"]})
    assert encoder(batch).codes[:, 0].tolist() == [1, 2, MISSING, 0]
    assert "secret" not in encoder.vocabulary["plan"]


def test_labels_in_order_have_equal_parts_of_the_range_to_themselves() -> None:
    labels = ("low", "medium", "high")
    encoder = Encoder(Plan((Feature("plan", "level", domain=Domain(labels)),)))
    batch = pa.RecordBatch.from_pydict({"plan": ["low", "HIGH", None, " medium", "secret"]})
    levels = encoder(batch).levels[:, 0]
    assert levels[[2, 4]].tolist() == [MISSING, MISSING]
    assert (levels[[0, 3, 1]].astype(int) * 3 // LEVELS).tolist() == [0, 1, 2]


@pytest.mark.parametrize("count", [2, 5, 10, 50])
def test_every_level_falls_into_its_own_part(count: int) -> None:
    labels = tuple(str(place) for place in range(count))
    encoder = Encoder(Plan((Feature("plan", "level", domain=Domain(labels)),)))
    batch = encoder(pa.RecordBatch.from_pydict({"plan": list(labels)}))
    assert bins(even_bins(0, count), batch).tolist() == list(range(count))


def test_open_labels_get_the_same_code_in_every_batch() -> None:
    encoder = Encoder(Plan((Feature("plan", "category"),)))
    one = encoder(pa.RecordBatch.from_pydict({"plan": ["x", "y"]})).codes[:, 0]
    two = encoder(pa.RecordBatch.from_pydict({"plan": ["y", "z", "x"]})).codes[:, 0]
    assert one.tolist() == [0, 1]
    assert two.tolist() == [1, 2, 0]


def test_what_was_encoded_before_labels_were_declared_becomes_what_is_encoded_after() -> None:
    city, plan, member = (Feature("city", "category"), Feature("plan", "category"), "member")
    before = Encoder(Plan((city, Feature(member, "flag")), (plan,)))
    after = Encoder(
        Plan((replace(city, domain=Domain(("y", "w"))), Feature(member, "flag")), (plan,))
    )
    batch = pa.RecordBatch.from_pydict(
        {"city": ["x", None, "y", "z", "y"], member: [0, 1, None, 1, 0], "plan": list("babca")},
        schema=pa.schema({"city": pa.string(), member: pa.int8(), "plan": pa.string()}),
    )
    known = before(batch)
    recoded = before.recoder(after)(known)
    assert recoded.codes[:, 0].tolist() == [2, -1, 0, 2, 0]
    assert recoded.codes.tolist() == after(batch).codes.tolist()
    assert known.codes[:, 0].tolist() == [0, -1, 1, 2, 1]
    assert after.labels(plan) == before.labels(plan) == ("b", "a", "c")


def test_a_learned_label_stays_out_of_reprs() -> None:
    encoder = Encoder(Plan((Feature("plan", "category"),)))
    encoder(pa.RecordBatch.from_pydict({"plan": ["canary-label"]}))
    assert "canary-label" not in repr(encoder)


@pytest.mark.parametrize("bounds", [Bounds(-2, 2), Bounds(18, 120), Bounds(3, 7, log=True), MONEY])
def test_compiled_levels_are_those_of_plain_arithmetic(bounds: Bounds) -> None:
    """Also at the very places at which levels begin, where a last bit would tell."""
    starts = value_of(np.arange(LEVELS) / (LEVELS - 1), bounds)
    odd = [np.nan, np.inf, -np.inf, 1e308, -1e308, -0.0, 5e-324]
    values = np.concatenate([starts, np.nextafter(starts, -np.inf), odd])
    values.flags.writeable = False  # as Arrow hands numbers over
    low, high = (scaled(each, bounds) for each in (bounds.low, bounds.high))
    part = (scaled(np.clip(values, bounds.low, bounds.high), bounds) - low) / (high - low)
    plain = np.clip(np.floor(part * (LEVELS - 1)), 0, LEVELS - 1)
    plain[~np.isfinite(values)] = MISSING
    assert levels_of(values, bounds).tolist() == plain.tolist()
