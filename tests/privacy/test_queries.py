"""Every query against every row that one can think of: no row moves it further than declared."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.privacy import kernels, queries
from dashboard.privacy.encoding import EncodedBatch, Encoder
from dashboard.privacy.lookup import Table, lookup_of
from dashboard.privacy.margins import margin_bins
from dashboard.privacy.profiles import columns_of
from dashboard.privacy.queries import (
    Count,
    Margins,
    Moments,
    Profiles,
    Query,
    Residuals,
    Sizes,
    radius_for,
)
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import SCORE_UNIT, Latent
from dashboard.privacy.synopsis import draw_map
from tests.privacy.tables import PLAN, interview, repeatable, shop

ANY_NUMBER = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308, 120.0, 10_000.0, 1e-9]),
)
ROW = st.fixed_dictionaries(
    {
        "spend": ANY_NUMBER,
        "age": ANY_NUMBER,
        "member": st.sampled_from([None, 0, 1]),
        "channel": st.one_of(st.none(), st.sampled_from(["web", "store", "moon"]), st.text()),
        "tier": st.one_of(st.none(), st.sampled_from(["gold", "BRONZE", " Silver"]), st.text()),
        "region": st.one_of(st.none(), st.sampled_from(["North", "South", "East", "Atlantis"])),
    }
)
SCHEMA = pa.schema(
    [
        ("spend", pa.float64()),
        ("age", pa.float64()),
        ("member", pa.int8()),
        ("channel", pa.string()),
        ("tier", pa.string()),
        ("region", pa.string()),
    ]
)


@cache
def asked() -> tuple[Encoder, tuple[Query, ...]]:
    """All queries of a release, as the gate would ask them of a shop."""
    talk = interview(shop(), repeatable())
    talk.ask(Count())
    geometry = Geometry(draw_map(talk, 4_000))
    centers, _ = geometry.segments(3)
    bins = tuple(column.bins for column in columns_of(geometry))
    encoder = Encoder(geometry.synopsis.plan)
    latent = Latent(geometry.space.directions, radius_for(geometry.space.dimensions, SCORE_UNIT))
    return encoder, (
        Count(),
        Margins(margin_bins(encoder)),
        Moments(latent),
        Residuals(geometry.space, np.array(geometry.synopsis.grid), 700, 400),
        Residuals(geometry.space, centers, 1, 1, "sharpen 1"),
        Sizes(geometry.space, centers),
        Profiles(geometry.space, centers, bins),
    )


def answer(query: Query, rows: list[dict[str, object]]) -> np.ndarray:
    encoder, _ = asked()
    batch = pa.RecordBatch.from_pylist(rows, schema=SCHEMA)
    return query(encoder(batch))


def test_every_query_of_the_program_is_held_here() -> None:
    defined = {
        name
        for name, each in vars(queries).items()
        if isinstance(each, type) and hasattr(each, "sensitivity_squared") and name != "Query"
    }
    assert defined == {type(each).__name__ for each in asked()[1]}


@pytest.mark.parametrize("place", range(7))
@settings(max_examples=150, deadline=None)
@given(row=ROW)
def test_no_row_moves_a_total_further_than_declared(place: int, row: dict[str, object]) -> None:
    query = asked()[1][place]
    vector = answer(query, [row])
    assert vector.dtype == np.int64
    assert vector.shape == (query.length,)
    assert sum(int(each) ** 2 for each in vector) <= query.sensitivity_squared


@pytest.mark.parametrize("place", range(7))
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=12), cut=st.integers(0, 12), turn=st.randoms())
def test_a_total_is_the_sum_of_its_parts_in_any_order(
    place: int, rows: list[dict[str, object]], cut: int, turn: object
) -> None:
    query = asked()[1][place]
    whole = answer(query, rows)
    shuffled = list(rows)
    turn.shuffle(shuffled)  # type: ignore[attr-defined]
    parts = answer(query, shuffled[:cut]) + answer(query, shuffled[cut:])
    assert (whole == parts).all()


@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=20),
    st.integers(1, 10**4),
)
def test_clipping_never_lets_a_vector_over_its_radius(vector: list[int], radius: int) -> None:
    look_up = lookup_of(Table(False, 0, np.array([0, each])) for each in vector)
    batch = EncodedBatch(np.empty((1, 0), dtype=np.int16), np.zeros((1, 1), dtype=np.int32))
    origin = np.zeros((1, len(vector)))
    *clipped, one = kernels.residuals(
        *kernels.sources(batch), look_up.checked(batch), origin, radius
    )[0].tolist()
    assert one == 1
    assert sum(each**2 for each in clipped) <= radius**2
    assert all(abs(a) <= abs(b) and a * b >= 0 for a, b in zip(clipped, vector, strict=True))


def test_the_weights_of_the_moments_satisfy_the_proof() -> None:
    assert queries.OFF_DIAGONAL**2 <= 2 * queries.DIAGONAL**2


def test_a_larger_batch_gives_the_same_release() -> None:
    one = draw_map(interview(shop(), repeatable(), batch_rows=100), 4_000)
    other = draw_map(interview(shop(), repeatable(), batch_rows=10_000), 4_000)
    assert one == other


def test_the_radius_is_rounded_down() -> None:
    assert radius_for(4, 100) == 350
    assert radius_for(2, 256) == math.floor((math.sqrt(2) + 1.5) * 256)


def test_the_plan_of_these_tests_has_every_kind() -> None:
    assert {each.kind for each in PLAN.columns} == {"number", "flag", "level", "category"}
