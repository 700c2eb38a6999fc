"""Totals of customers on a Spark cluster are those of this machine, to the last bit."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkException

from dashboard import workflow
from dashboard.errors import BadInputError, ConfigurationError
from dashboard.plan import Plan
from dashboard.privacy.encoding import EncodedBatch, Encoder
from dashboard.privacy.interview import Interview, on_cluster
from dashboard.receipts import Answer, Kept, Upload
from dashboard.release import Release
from dashboard.settings import Settings
from dashboard.sources import SourceTable
from dashboard.terms import Bounds, Domain
from dashboard.vault import cluster, lake, lineage
from dashboard.vault.beside import TOLD, Wanted, judging, naming
from dashboard.vault.cluster import SparkRows
from dashboard.vault.identities import Values
from dashboard.vault.lineage import hashes_of
from dashboard.vault.pseudonyms import normal_forms
from dashboard.vault.suppression import codes_of, ids_of, suppress_ids
from dashboard.workflow import looking
from tests.cluster import HOST, NO_JAVA, java_home
from tests.privacy import lake as lake_tables
from tests.privacy.tables import PLAN, NoNoise, opener, repeatable, shop
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
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    cluster.close()


# ── who may be used, decided on the cluster ─────────────────────────────────────────────
@pytest.fixture(scope="module")
def asked_for() -> Wanted:
    return lake_tables.wanted()


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """The table on the cluster, as this machine would read its export."""
    return lake_tables.texts(lake_tables.lines(), tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> SourceTable:
    folder = lake_tables.spread(lake_tables.lines(), tmp_path_factory.mktemp("lake") / "lines")
    return SourceTable(
        "lake.customers",
        "spark",
        ADDRESS,
        f"parquet.`{folder}`",
        id="customer id",
        order=("changed_at",),
    )


@pytest.fixture(scope="module")
def sent() -> list[Any]:
    """Whatever left the cluster during the look."""
    return []


@pytest.fixture(scope="module")
def look(spark: Any, source: SourceTable, asked_for: Wanted, sent: list[Any]) -> lake.Seen:
    kind = type(spark.range(1))
    with pytest.MonkeyPatch.context() as patch:
        for way in ("collect", "toArrow", "toPandas", "toLocalIterator", "take", "head"):
            patch.setattr(kind, way, _watched(getattr(kind, way), sent))
        patch.setattr(lake, "TOGETHER", 500)
        return lake.seen(source, asked_for)


def _watched(way: Any, sent: list[Any]) -> Any:
    def watched(*arguments: Any, **more: Any) -> Any:
        sent.append(way(*arguments, **more))
        return sent[-1]

    return watched


@pytest.fixture(scope="module")
def odd() -> pa.Table:
    """Customers with NaNs, infinities, and labels that nobody else has, as no vault keeps them."""
    table = shop(38).drop_columns(["customer"])
    odd = pa.Table.from_pylist(
        [
            {"spend": None, "age": float("nan"), "member": None, "channel": None},
            {"spend": float("inf"), "age": -0.0, "member": 1, "channel": "moon", "tier": "BRONZE"},
            {"spend": 5e-324, "age": 1e308, "member": 0, "region": "Atlantis", "tier": " Silver"},
        ],
        schema=table.schema,
    )
    return pa.concat_tables([odd, table])


@pytest.fixture(scope="module")
def customers(odd: pa.Table, export: pa.Table, asked_for: Wanted) -> pa.Table:
    """All of them, on this machine: the odd ones, and those of the export who may be used."""
    kept = lake_tables.here(export, asked_for).rows.drop_columns(["customer"])
    return pa.concat_tables([odd, kept]).combine_chunks()


@pytest.fixture(scope="module")
def frame(
    spark: Any, look: lake.Seen, odd: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """The same customers on the cluster, in parts of 0, 1, 40 and whatever the look gave."""
    folder = tmp_path_factory.mktemp("parts")
    parts = []
    for start, count in ((0, 0), (0, 1), (1, 40)):
        path = folder / f"{start}-{count}.parquet"
        pq.write_table(odd.slice(start, count), path)
        parts.append(spark.read.parquet(str(path)).coalesce(1))
    empty, one, few = parts
    return empty.union(one).union(few).union(look.frame)


@pytest.fixture(scope="module")
def rows(frame: Any) -> SparkRows[EncodedBatch]:
    return on_cluster(frame)(Encoder(asked()[0].plan))


@pytest.mark.parametrize("place", range(7))
def test_every_total_is_that_of_this_machine(
    rows: SparkRows[EncodedBatch], customers: pa.Table, place: int
) -> None:
    encoder, queries = asked()
    here = opener(customers, 700)(Encoder(encoder.plan)).total(queries[place])
    there = rows.total(queries[place])
    assert there.dtype == np.int64
    assert np.array_equal(there, here)
    assert here.any()


def test_nobody_on_a_cluster_is_a_total_of_zeros(frame: Any) -> None:
    encoder, queries = asked()
    nobody = on_cluster(frame.limit(0))(Encoder(encoder.plan))
    assert nobody.total(queries[-1]).tolist() == [0] * queries[-1].length


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


def test_who_may_be_used_is_decided_on_the_cluster_as_here(
    look: lake.Seen, export: pa.Table, asked_for: Wanted
) -> None:
    kept = lake_tables.here(export, asked_for)
    receipt = replace(kept.receipt("x", lake_tables.DAY), far=True)
    assert look.receipt("x", asked_for, len(export.column_names), lake_tables.DAY) == receipt
    assert min(receipt.said_no, receipt.minors, receipt.listed or 0, receipt.unlisted) > 0
    assert min(receipt.duplicates, receipt.without_id, receipt.unknown) > 0


def test_what_only_leaves_the_cluster_is_sums_and_keyed_codes(
    look: lake.Seen, sent: list[Any], export: pa.Table, asked_for: Wanted
) -> None:
    (sums,), hashes, objections = sent
    assert tuple(sums.asDict()) == TOLD
    assert hashes.column_names == ["hash"]
    assert objections.column_names == ["hash", "more"]
    known = hashes_of(asked_for.hash_key, Values(export, lake_tables.TELLING, (), "customer id"))
    assert np.array_equal(look.hashes, known)
    rows = asked_for.refusing.objections(export, asked_for.choices.consent_columns)
    forms = normal_forms(ids_of(export, rows, lake_tables.TELLING))
    codes = np.concatenate([made[named] for named, made in codes_of(b"l" * 32, forms)])
    assert np.array_equal(np.unique(look.objections, axis=0), np.unique(codes, axis=0))
    assert len(codes)


@pytest.mark.parametrize("most", [10, 500])
def test_of_very_many_ids_the_cluster_gives_the_hashes_that_a_lineage_keeps(
    spark: Any, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    hashes = np.random.default_rng(3).integers(0, 1 << 64, 900, np.uint64)
    signed = (hashes ^ np.uint64(1 << 63)).view(np.int64)
    frame = spark.createDataFrame(pa.table({"hash": np.repeat(signed, 2)}))
    for room in (lineage, lake):
        monkeypatch.setattr(room, "MOST_HASHES", most)
    kept = lake._smallest(frame, 1_800)
    assert np.array_equal(kept, lineage.sampled(np.unique(hashes)))
    assert len(kept) == max(most, (hashes < lineage.ALWAYS_KEPT).sum())


def test_nothing_depends_on_where_a_row_lay(look: lake.Seen, asked_for: Wanted) -> None:
    lines = lake_tables.lines()
    order = np.random.default_rng(1).permutation(len(lines))
    assert _content(lines.take(order), asked_for, 1) == look.content
    assert _content(lines.take(order[::-1]), asked_for, 7) == look.content


def test_one_other_value_is_seen(look: lake.Seen, asked_for: Wanted) -> None:
    lines = lake_tables.lines()
    values = lines["spend"].to_pylist()
    values[-1] = 1.25
    changed = lines.set_column(0, "spend", pa.array(values))
    assert _content(changed, asked_for, 3) != look.content
    assert _content(lines, replace(asked_for, rows_key=b"o" * 32), 3) != look.content


def _content(lines: pa.Table, asked_for: Wanted, groups: int) -> str:
    """The name that a look gives to these rows, worked out by its workers' own functions."""
    chosen = lines.select([*asked_for.columns, "changed_at"])
    places = [f"c{place}" for place in range(chosen.num_columns)]
    batches = chosen.rename_columns(places).to_batches(max_chunksize=333)
    named = pa.Table.from_batches(naming(asked_for)(batches))
    group = named.column("who").to_numpy() % groups
    parts = [judging(asked_for, 1)(named.filter(group == each)) for each in range(groups)]
    told = pa.concat_tables(parts)
    sums = {name: pa.compute.sum(told.column(name)).as_py() or 0 for name in TOLD}
    return lake.content_of(sums, asked_for.choices.kept)


# ── the whole way ───────────────────────────────────────────────────────────────────────
@pytest.fixture
def seat(settings: Settings, source: SourceTable, tmp_path: Path) -> workflow.Workspace:
    """A seat whose owner declared the table, with noise that both ways draw alike."""
    path = tmp_path / "sources.toml"
    path.write_text(
        f'[lake]\nkind = "spark"\naddress = "{ADDRESS}"\n[lake.tables.customers]\n'
        f'table = "{source.table}"\nid = "customer id"\norder = ["changed_at"]\n'
        'consent = ["email opt.in"]\nlabels.region = ["North", "South", "East"]\n'
    )
    return workflow.open_workspace(replace(settings, sources=path))


def _released(seat: workflow.Workspace, uploads: Any) -> tuple[Kept, Release, Bounds]:
    """What the giver is told, a release in two segments, and a bought range."""
    seat = replace(seat, noise=repeatable())
    received = workflow.receive(seat, uploads)
    choices = replace(
        workflow.suggest(received, "tests"),
        id_column="customer id",
        kept=CLOSED.columns,
        name="customers",
        answers=(Answer("email opt.in", "by all means", "in"),),
    )
    kept = workflow.keep(seat, received.staged_id, choices)
    bought = workflow.buy_map(seat, kept.dataset_id, replace(CLOSED, epsilon=2.0))
    release = workflow.publish(seat, bought.id, 2)
    return kept, release, workflow.buy_range(seat, kept.dataset_id, "spend")


def test_a_release_of_a_table_on_a_cluster_is_that_of_its_export(
    spark: Any, seat: workflow.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.parquet"
    pq.write_table(lake_tables.lines(), path)
    here, release, range_here = _released(seat, [Upload(path.name, path)])
    assert seat.vault
    shutil.rmtree(seat.vault.directory / "suppressions")
    seat = replace(seat, settings=replace(seat.settings, epsilon_cap=9.0, workspace_epsilon_cap=9))
    there, far, range_there = _released(seat, workflow.table_uploads(seat, "lake.customers"))
    assert replace(far, id=release.id) == release
    assert range_there == range_here
    assert replace(there, dataset_id=here.dataset_id, listed=here.listed, far=False) == here
    assert len(workflow.budgets(seat)) == 1

    monkeypatch.setattr(lake, "seen", _nobody_looks)
    ((_, frame),) = [each for name, each in looking._held.items() if name[0] == seat.owner]
    assert looking.frame_of(seat, there.dataset_id) is frame
    monkeypatch.undo()
    looking._held.clear()
    kept = there.dataset_id
    assert looking.frame_of(seat, kept).count() == there.customers
    suppress_ids(seat.vault, seat.owner, [f"C-{place}" for place in range(900)], lake_tables.DAY)
    with pytest.raises(BadInputError, match=r"lake\.customers changed since"):
        workflow.buy_map(seat, kept, replace(CLOSED, epsilon=0.5))
    assert seat.vault.read(kept, seat.owner).num_rows == 0
    workflow.destroy(seat, kept)


def _nobody_looks(*_: Any) -> Any:
    raise AssertionError("the table was looked at again")


class _Gone:
    """A session of a cluster that was started again."""

    stopped = False

    @property
    def conf(self) -> Any:
        raise PySparkException("no such session: secret")

    def stop(self) -> None:
        self.stopped = True
        raise PySparkException("no such session: secret")


def test_a_cluster_that_was_started_again_is_found_again(
    source: SourceTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, back = _Gone(), object()
    monkeypatch.setattr(cluster, "_sessions", {source.address: gone})
    monkeypatch.setattr(cluster, "_knock", lambda address: None)
    monkeypatch.setattr(cluster, "_opened", lambda builder, address: back)
    assert cluster.session(source) is back
    assert gone.stopped


def test_each_refusal_says_what_to_do(
    spark: Any, source: SourceTable, asked_for: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInputError, match=r"lake\.customers is not on the cluster"):
        lake.columns_of(replace(source, table="crm.nowhere"))
    with pytest.raises(BadInputError, match="declared with a column “no such”"):
        lake.columns_of(replace(source, also=("no such",)))
    with pytest.raises(BadInputError, match="has no column “no such”"):
        lake.seen(replace(source, order=("no such",)), asked_for)
    elsewhere = replace(source, address="sc://127.0.0.1:1")
    with pytest.raises(BadInputError, match="lies on another cluster"):
        lake.columns_of(elsewhere)
    monkeypatch.setattr(cluster, "_sessions", {})
    with pytest.raises(BadInputError, match=r"can't be reached\. Ask its owner"):
        lake.columns_of(elsewhere)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ConfigurationError, match=r"pip install -r requirements-spark\.txt"):
        lake.columns_of(source)
