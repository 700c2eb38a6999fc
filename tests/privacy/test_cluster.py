"""Totals of customers on a Spark cluster are those of this machine, to the last bit."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.errors import BadInputError
from dashboard.plan import Plan
from dashboard.privacy.accounting import map_units, publish_units
from dashboard.privacy.encoding import Encoder
from dashboard.privacy.interview import Interview, on_cluster
from dashboard.privacy.synopsis import draw_map
from dashboard.sources import SourceTable
from dashboard.terms import Domain
from dashboard.vault import cluster
from tests.cluster import HOST, NO_JAVA, java_home
from tests.privacy.tables import PLAN, NoNoise, interview, opener, repeatable, shop
from tests.privacy.test_queries import asked

ADDRESS = os.environ.get("SPARK_ADDRESS", "local[2]")
"""Which cluster is asked; `make cluster` names others."""

pytestmark = pytest.mark.filterwarnings(  # rows reach the workers by Arrow alone
    "ignore:PySpark does not yet fully support pandas:FutureWarning"
)

CLOSED = Plan(
    PLAN.features, (replace(PLAN.profiled[0], domain=Domain(("North", "South", "East"))),)
)


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    home = java_home()
    if home is None and os.environ.get("CI"):
        pytest.fail(NO_JAVA, pytrace=False)
    if home is None:
        pytest.skip(NO_JAVA)
    os.environ.update(JAVA_HOME=str(home), PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP=HOST)
    session = cluster.session(SourceTable("lake.customers", "spark", ADDRESS, "customers"))
    yield session
    session.stop()


@pytest.fixture(scope="module")
def customers() -> pa.Table:
    """A shop with blanks, NaNs, infinities, labels that one customer has, and odd sizes."""
    table = shop(3_001).drop_columns(["customer"])
    odd = pa.Table.from_pylist(
        [
            {"spend": None, "age": float("nan"), "member": None, "channel": None},
            {"spend": float("inf"), "age": -0.0, "member": 1, "channel": "moon", "tier": "BRONZE"},
            {"spend": 5e-324, "age": 1e308, "member": 0, "region": "Atlantis", "tier": " Silver"},
        ],
        schema=table.schema,
    )
    return pa.concat_tables([table, odd]).combine_chunks()


@pytest.fixture(scope="module")
def frame(spark: Any, customers: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same customers in parts of 0, 1, 40 and all others."""
    folder = tmp_path_factory.mktemp("lake")
    parts = []
    for start, count in ((0, 0), (0, 1), (1, 40), (41, len(customers))):
        path = folder / f"{start}-{count}.parquet"
        pq.write_table(customers.slice(start, count), path)
        parts.append(spark.read.parquet(str(path)).coalesce(1))
    empty, one, few, most = parts
    return empty.union(one).union(few).union(most)


@pytest.mark.parametrize("place", range(7))
def test_every_total_is_that_of_this_machine(frame: Any, customers: pa.Table, place: int) -> None:
    encoder, queries = asked()
    here = opener(customers, 700)(Encoder(encoder.plan)).total(queries[place])
    there = on_cluster(frame)(Encoder(encoder.plan)).total(queries[place])
    assert there.dtype == np.int64
    assert np.array_equal(there, here)
    assert here.any()


def test_a_map_drawn_on_a_cluster_is_that_of_this_machine(frame: Any, customers: pa.Table) -> None:
    paid = {**map_units(CLOSED), **publish_units(CLOSED)}
    there = Interview(on_cluster(frame), CLOSED, paid, repeatable())
    here = interview(customers, repeatable(), CLOSED)
    assert draw_map(there, 3_000).to_stored() == draw_map(here, 3_000).to_stored()


def test_nobody_on_a_cluster_is_a_total_of_zeros(frame: Any) -> None:
    encoder, queries = asked()
    nobody = on_cluster(frame.limit(0))(Encoder(encoder.plan))
    for query in queries:
        assert nobody.total(query).tolist() == [0] * query.length


def test_only_whole_totals_leave_the_cluster(frame: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, queries = asked()
    sent: list[list[Any]] = []
    kind = type(frame)
    collect = kind.collect

    def watched(asked_for: Any) -> Any:
        sent.append(collect(asked_for))
        return sent[-1]

    monkeypatch.setattr(kind, "collect", watched)
    total = on_cluster(frame)(Encoder(encoder.plan)).total(queries[-1])
    (rows,) = sent
    assert sorted(tuple(row) for row in rows) == [
        (place, int(total[place])) for place in np.flatnonzero(total)
    ]


def test_labels_that_nobody_declared_are_refused_before_a_row_is_read() -> None:
    with pytest.raises(BadInputError, match="“region” stays on a cluster"):
        Interview(on_cluster(None), PLAN, {}, NoNoise())


def test_a_failure_on_the_cluster_tells_no_value(
    frame: Any, caplog: pytest.LogCaptureFixture
) -> None:
    encoder, queries = asked()
    secret = frame.selectExpr(
        "raise_error(concat('secret ', region)) AS spend",
        "age",
        "member",
        "channel",
        "tier",
        "region",
    )
    with caplog.at_level(logging.DEBUG, "dashboard"), pytest.raises(BadInputError) as refused:
        on_cluster(secret)(Encoder(encoder.plan)).total(queries[0])
    assert "secret" not in str(refused.value) + caplog.text
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
