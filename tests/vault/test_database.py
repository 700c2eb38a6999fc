"""A table in PostgreSQL gives what its export gives, and of who says no nothing but that."""

from __future__ import annotations

import csv
import logging
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dashboard import cli, workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Choices, Kept, Upload
from dashboard.settings import Settings
from dashboard.sources import SourceTable
from dashboard.vault import refusing_sql
from dashboard.vault.database import table_pieces
from tests.records.server import Server

NAMES = (
    *("customer_id", "email", "newsletter", "profiling_opt_out", "age", "orders"),
    *("total spent", "rate", "tier", "member", "signup", "seen_at", 'odd "name"; DROP'),
)
KINDS = (
    *("bigint", "text", "text", "boolean", "integer", "smallint", "numeric(12,2)"),
    *("double precision", "varchar(20)", "boolean", "date", "timestamp", "text"),
)
TIERS = ("bronze", "silver", "gold", "only, “one”", None, "  spaced ", "line\nbreak")


def _row(each: int) -> tuple[Any, ...]:
    """One row: most customers have one, some two; of every kind some are missing."""
    customer = each if each < 400 else each - 400
    some = None if each % 11 == 0 else each
    return (
        None if each % 97 == 5 else customer,
        f"C{customer}@shop.example",
        ("yes", "no", None, "Unsubscribed", "yes", "yes")[each % 6],
        None if each % 5 else each % 35 == 0,
        12 if each % 50 == 7 else 20 + each % 60,
        each % 9,
        None if some is None else Decimal(each * 7) / 100,
        (each / 7, float("nan"), None, 1e300, -0.0, 3.0)[each % 6],
        TIERS[0] if each % 40 else TIERS[each // 40 % len(TIERS)],
        None if some is None else each % 2 == 0,
        date(2020, 1, 1) + timedelta(days=each),
        None if some is None else f"2024-05-06 07:08:{each % 60:02d}",
        f'say "{each % 3}"',
    )


ROWS = tuple(_row(each) for each in range(460))


@dataclass(frozen=True)
class Shop:
    """A database with one schema of a test's own."""

    server: Server
    schema: str

    def run(self, *statements: str) -> None:
        self.server.run(*statements)

    @property
    def address(self) -> str:
        return f"postgresql://owner@/postgres?host={self.server.folder}"

    def table(self, table: str = "customers", **said: Any) -> SourceTable:
        place = f"{self.schema}.{table}"
        return SourceTable("shop.customers", "postgresql", self.address, place, **said)


@pytest.fixture(scope="module")
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    import psycopg
    from psycopg import sql

    server: Server = request.getfixturevalue("postgresql")
    made = Shop(server, f"shop_{secrets.token_hex(6)}")
    columns = sql.SQL(", ").join(
        sql.SQL("{} " + kind).format(sql.Identifier(name))
        for name, kind in zip(NAMES, KINDS, strict=True)
    )
    place = sql.Identifier(made.schema, "customers")
    with psycopg.connect(made.address) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(made.schema)))
        connection.execute(sql.SQL("CREATE TABLE {} ({}, place serial)").format(place, columns))
        many = sql.SQL("INSERT INTO {} VALUES ({})").format(
            place, sql.SQL(", ").join([sql.Placeholder()] * len(NAMES))
        )
        connection.cursor().executemany(many, ROWS)
    yield made
    made.run(f"DROP SCHEMA {made.schema} CASCADE")


@pytest.fixture
def workspace(settings: Settings) -> workflow.Workspace:
    return workflow.open_workspace(settings)


@pytest.fixture
def file(tmp_path: Path) -> Upload:
    """The same rows as a CSV file, by Python's own writer."""
    path = tmp_path / "customers.csv"
    with path.open("w", newline="", encoding="utf-8") as sink:
        writer = csv.writer(sink)
        writer.writerow([*NAMES, "place"])
        writer.writerows((*row, place) for place, row in enumerate(ROWS, 1))
    return Upload(path.name, path)


def _kept(
    workspace: workflow.Workspace, upload: Upload, **chosen: Any
) -> tuple[Kept, str, tuple[Any, ...]]:
    """The receipt, the keyed digest of what is kept, and its values, as if nothing came before."""
    assert workspace.vault
    shutil.rmtree(workspace.vault.directory / "suppressions", ignore_errors=True)
    received = workflow.receive(workspace, [upload])
    usable = {each.name: each.suggested for each in received.columns if each.suggested}
    names = ("age", "orders", "total spent", "rate", "tier", "member", "signup")
    choices = Choices(
        "to group",
        "customer_id",
        ("newsletter", "profiling_opt_out"),
        tuple(kept for name in names if (kept := usable[name])),
        age_column="age",
        name="customers",
    )
    kept = workflow.keep(workspace, received.staged_id, replace(choices, **chosen))
    digest = workspace.vault.content_key(kept.dataset_id, workspace.owner)
    rows = workspace.vault.read(kept.dataset_id, workspace.owner).drop(["customer"])
    table = tuple(sorted(map(repr, rows.to_pylist())))
    return replace(kept, dataset_id=""), digest, table


CONSENT = {"id": "customer_id", "consent": ("newsletter", "profiling_opt_out"), "order": ("place",)}
DECLARED = [
    {},
    {**CONSENT, "also": ("email", "age")},
]


@pytest.mark.parametrize("said", DECLARED, ids=["read whole", "noes heard by the database"])
@pytest.mark.parametrize("basis", ["interests", "consent"])
def test_a_table_is_kept_as_its_export_is_to_the_bit(
    shop: Shop, workspace: workflow.Workspace, file: Upload, said: dict[str, Any], basis: str
) -> None:
    table = Upload("shop.customers", shop.table(**said))
    of_file, of_table = (_kept(workspace, each, basis=basis) for each in (file, table))
    assert of_file == of_table
    receipt = of_table[0]
    counts = (receipt.said_no, receipt.unknown, receipt.minors, receipt.without_id)
    assert min(counts) > 0
    assert receipt.duplicates > 0


def _texts(source: SourceTable, *, channels: bool = True) -> pa.Table:
    pieces = table_pieces(source, channels=channels, read_so_far=lambda part, size: None)
    return pa.concat_tables(pieces)


def test_of_who_says_no_in_any_row_nothing_else_leaves_the_database(shop: Shop) -> None:
    read = _texts(shop.table(**{**CONSENT, "also": ("email",)})).to_pylist()
    refusing = {
        row[0]
        for row in ROWS
        if row[0] is not None and (row[2] in ("no", "Unsubscribed") or row[3])
    }
    both = [row for row in read if row["customer_id"] and int(row["customer_id"]) in refusing]
    assert {row["newsletter"] for row in both} > {"yes", "no"}  # a yes beside a no
    for row in both:
        assert row["email"]
        assert row["age"] is row["total spent"] is row["tier"] is row["place"] is None
    others = [row for row in read if row["customer_id"] and row not in both]
    assert all(row["place"] for row in others)
    assert len(read) == len(ROWS)


def test_who_refuses_letters_only_is_left_to_the_vault_where_that_is_no_refusal(
    shop: Shop,
) -> None:
    shop.run(
        f"CREATE TABLE {shop.schema}.letters (id int, email_opt_out text, spend int)",
        f"INSERT INTO {shop.schema}.letters VALUES (1, 'yes', 10), (2, 'no', 20)",
    )
    source = shop.table("letters", id="id", consent=("email_opt_out",))
    assert _texts(source).column("spend").to_pylist() == [None, "20"]
    assert _texts(source, channels=False).column("spend").to_pylist() == ["10", "20"]


def test_a_column_of_too_many_answers_is_refused_and_not_read_past(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusing_sql, "_MOST_ANSWERS", 2)
    shop.run(
        f"CREATE TABLE {shop.schema}.days (id int, opted_out text, city text)",
        f"INSERT INTO {shop.schema}.days "
        "SELECT n, '2026-08-0' || n, 'canary' FROM generate_series(1, 3) AS n",
    )
    with pytest.raises(BadInputError, match=r"opted_out.*too many") as refused:
        _texts(shop.table("days", id="id", consent=("opted_out",)))
    assert "2026" not in str(refused.value)


def test_the_same_customer_written_in_other_ways_is_one_for_the_database(shop: Shop) -> None:
    shop.run(
        f"CREATE TABLE {shop.schema}.ways (email text, unsubscribed_at text, spend int)",
        f"INSERT INTO {shop.schema}.ways VALUES (' Ann@x.io', '2024-01-01', 1), "
        "('ann@X.io ', NULL, 2), ('bob@x.io', ' ', 3), (NULL, '2024-01-01', 4), (NULL, '', 5)",
    )
    source = shop.table("ways", id="email", consent=("unsubscribed_at",))
    assert _texts(source).column("spend").to_pylist() == [None, None, "3", None, "5"]


def test_what_was_declared_holds_whatever_the_giver_chooses(
    shop: Shop, workspace: workflow.Workspace
) -> None:
    given = Upload("shop.customers", shop.table(**CONSENT))
    received = workflow.receive(workspace, [given])
    suggested = workflow.suggest(received, "to group")
    assert suggested.id_column == "customer_id"
    assert set(suggested.consent_columns) >= set(CONSENT["consent"])
    missing = [each for each in received.flaws if each.column == "total spent"]
    assert not any("missing" in repr(each) for each in missing)  # what a no held back is no flaw
    with pytest.raises(BadInputError, match="owner declared that “customer_id”"):
        workflow.keep(workspace, received.staged_id, replace(suggested, id_column="email"))
    kept = workflow.keep(workspace, received.staged_id, replace(suggested, consent_columns=()))
    assert kept.said_no > 0


@pytest.mark.attack
def test_nobody_counts_in_a_table_by_taking_any_column_for_consent_or_an_age(
    shop: Shop, workspace: workflow.Workspace
) -> None:
    """How many are left out would answer any question about rows that the giver doesn't hold."""
    received = workflow.receive(workspace, [Upload("shop.customers", shop.table(**CONSENT))])
    suggested = workflow.suggest(received, "to group")
    assert received.masked_rows == ()
    assert workflow.unlisted(workspace, received, ["place"]) == ()
    for asked in (
        replace(suggested, consent_columns=(*suggested.consent_columns, "place")),
        replace(suggested, age_column="total spent"),
    ):
        with pytest.raises(BadInputError, match="stays with its owner"):
            workflow.keep(workspace, received.staged_id, asked)
    assert workflow.keep(workspace, received.staged_id, suggested).customers > 0


def test_a_look_changes_nothing_and_sees_one_moment(shop: Shop) -> None:
    shop.run(
        f"CREATE TABLE {shop.schema}.once (id int, n int)",
        f"INSERT INTO {shop.schema}.once VALUES (1, 1)",
        f"CREATE FUNCTION {shop.schema}.bump() RETURNS int LANGUAGE sql AS "
        f"'UPDATE {shop.schema}.once SET n = n + 1 RETURNING n'",
        f"CREATE VIEW {shop.schema}.changing AS SELECT id, {shop.schema}.bump() AS n "
        f"FROM {shop.schema}.once",
    )
    with pytest.raises(BadInputError, match="25006"):  # read-only
        _texts(shop.table("changing"))
    assert _texts(shop.table("once")).to_pylist() == [{"id": "1", "n": "1"}]


def test_columns_that_were_not_granted_are_not_read(shop: Shop) -> None:
    role = f"reader_{shop.schema}"
    shop.run(
        f"CREATE ROLE {role} LOGIN",
        f"GRANT USAGE ON SCHEMA {shop.schema} TO {role}",
        f'GRANT SELECT (customer_id, "total spent") ON {shop.schema}.customers TO {role}',
    )
    try:
        address = shop.address.replace("owner@", f"{role}@")
        source = replace(shop.table(), address=address)
        assert _texts(source).column_names == ["customer_id", "total spent"]
        with pytest.raises(BadInputError, match="column “age”, which is not there or may not be"):
            _texts(replace(source, order=("age",)))
    finally:
        shop.run(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


ODD = "\"; DROP TABLE x; -- %s {} '"


def test_no_name_is_taken_for_a_command(shop: Shop) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(shop.address) as connection:
        name, column = sql.Identifier(shop.schema, ODD), sql.Identifier(ODD)
        connection.execute(sql.SQL("CREATE TABLE {} ({} text, spend int)").format(name, column))
        connection.execute(sql.SQL("INSERT INTO {} VALUES ({}, 3)").format(name, "it's \\ %s"))
    said = {"id": ODD, "consent": (ODD,), "order": (ODD,)}
    assert _texts(shop.table(ODD, **said)).column("spend").to_pylist() == ["3"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("CREATE TABLE {0}.lists (id int, tags text[])", "column “tags”: it holds lists"),
        ("CREATE TABLE {0}.lists (id int, tags jsonb)", "column “tags”: it holds lists"),
        ("CREATE TABLE {0}.lists (id int)", "no rows"),
        ("CREATE VIEW {0}.lists AS SELECT 'Zoe Quist'::text::int AS n", "PostgreSQL says 22P02"),
        ("CREATE VIEW {0}.lists AS SELECT pg_sleep(600)::text AS n", "took longer than 1 minutes"),
        ("CREATE TYPE {0}.lists AS (id int)", "is not in the database"),
    ],
)
def test_what_cannot_be_read_is_said_without_a_value(
    shop: Shop, made: str, said: str, caplog: pytest.LogCaptureFixture, monkeypatch: Any
) -> None:
    monkeypatch.setattr("dashboard.vault.database.UNIT", "ms")
    shop.run(made.format(shop.schema))
    try:
        with caplog.at_level(logging.DEBUG), pytest.raises(BadInputError, match=said) as refusal:
            _texts(replace(shop.table("lists"), minutes=1 if "sleep" in made else 60_000))
        assert "Quist" not in str(refusal.value) + caplog.text
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    finally:
        kind = next(each for each in ("TABLE", "VIEW", "TYPE") if f"CREATE {each}" in made)
        shop.run(f"DROP {kind} {shop.schema}.lists")


def test_an_address_and_its_password_are_in_no_sentence(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = replace(
        shop.table(), address=f"postgresql://me:hunter2@/nowhere?host={shop.server.folder}"
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(BadInputError) as refusal:
        _texts(nowhere)
    assert "shop.customers can't be reached" in str(refusal.value)
    for secret in ("hunter2", str(shop.server.folder), "nowhere"):
        assert secret not in str(refusal.value) + caplog.text


def test_a_table_is_offered_by_its_declared_name_only(
    shop: Shop,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(
        f'[shop]\nkind = "postgresql"\naddress = "{shop.address}"\n'
        f'[shop.tables.customers]\ntable = "{shop.schema}.customers"\n'
    )
    workspace = workflow.open_workspace(replace(settings, sources=path))
    assert workflow.source_tables(workspace) == ("shop.customers",)
    given = workflow.table_uploads(workspace, "shop.customers")
    assert shop.address not in repr(given)
    assert workflow.receive(workspace, given).rows == len(ROWS)
    with pytest.raises(BadInputError, match="read by itself"):
        workflow.receive(workspace, [*given, *given])
    with pytest.raises(BadInputError, match="no declared table"):
        workflow.table_uploads(workspace, shop.address)
    monkeypatch.setenv("DASHBOARD_SOURCES", str(path))
    assert cli.main(["columns", "--source", "shop.customers"]) == 0
    assert "customer_id: id" in capsys.readouterr().out
    demo = replace(workspace, settings=replace(workspace.settings, mode="demo"))
    assert workflow.source_tables(demo) == ()
    with pytest.raises(BadInputError, match="sample shop only"):
        workflow.receive(demo, given)


def test_a_reading_that_is_cancelled_lets_the_database_go(
    shop: Shop, workspace: workflow.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    class CancelledError(Exception):
        pass

    def cancel(done: float, doing: str) -> None:
        if "MB" in doing:
            raise CancelledError

    monkeypatch.setattr("dashboard.vault.database._CHUNK", 1000)
    with pytest.raises(CancelledError):
        workflow.receive(workspace, [Upload("shop.customers", shop.table())], cancel)
    with psycopg.connect(shop.address, autocommit=True) as connection:
        connection.execute("SET statement_timeout = '60s'")
        connection.execute(  # a connection that was let go takes a moment to be gone
            """DO $$ BEGIN WHILE EXISTS (
                SELECT FROM pg_stat_activity WHERE application_name = 'private-segments'
            ) LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$"""
        )
