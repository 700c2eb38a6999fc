"""A table in PostgreSQL: copied out as CSV in one look at one moment, and read like a file.

The server writes the rows as CSV, and :func:`delimited.text_pieces` reads them as it reads
an export: so a table and its export give the same texts. The look may change nothing,
ends by itself, and takes only columns that the database lets its user see. Where the
owner declared ``consent``, the database is told which of its answers are a no, as
``consent.py`` reads them; of whoever gave one only what tells who it is leaves the
database. The vault hears every no again, so a no that SQL missed is heard all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from dashboard.errors import BadInputError, ConfigurationError
from dashboard.sources import SourceTable
from dashboard.vault import refusing_sql
from dashboard.vault.delimited import text_pieces
from dashboard.vault.texts import bound

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa
    from psycopg import sql

UNIT: Final = "min"
"""In what the longest reading is counted."""

_CHUNK: Final = 1 << 22
_SIMPLE: Final = "NSDBEIT"
"""Kinds of values that have one text each, by PostgreSQL's own letters: numbers, texts, days…"""

_SETTINGS: Final = {
    "search_path": "pg_catalog",  # no function of somebody else's is called by our names
    "client_encoding": "UTF8",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "iso_8601",
    "TimeZone": "UTC",
    "extra_float_digits": "1",  # numbers read back exactly
    "bytea_output": "hex",
    "synchronize_seqscans": "off",  # rows come in one order
    "max_parallel_workers_per_gather": "0",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "10min",
}
_COLUMNS: Final = """
SELECT a.attname, t.typcategory, t.typname, greatest(c.reltuples, 0)::float8
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attnum
"""


def table_pieces(
    source: SourceTable, *, channels: bool, read_so_far: Callable[[float, int], None]
) -> Iterator[pa.Table]:
    """Read one declared table, piece by piece, as texts.

    Args:
        source: the table, as the owner declared it.
        channels: whether who refuses messages only refuses, too.
        read_so_far: told which part of the rows was read, as far as the database knows
            how many there are, and how many bytes.

    Raises:
        BadInputError: the table can't be reached or read; the sentence holds neither
            value nor address.
        ConfigurationError: the driver is not installed.
    """
    with _looking(source) as connection:
        names, kinds, about = _columns(connection, source)
        query = _query(connection, source, names, kinds, channels=channels)
        chunks = _chunks(connection, query, about, read_so_far)
        for piece in text_pieces(chunks, source.name, delimiter=","):
            yield bound(piece, source)


@contextmanager
def _looking(source: SourceTable) -> Iterator[psycopg.Connection]:
    """One moment of the database, to look at only; whatever it says, a sentence comes out."""
    try:
        import psycopg
    except ImportError:
        raise ConfigurationError(
            "Tables in PostgreSQL need its driver: pip install -r requirements-postgresql.txt"
        ) from None
    try:
        with psycopg.connect(
            source.address, connect_timeout=10, application_name="private-segments"
        ) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.prepare_threshold = None
            limits = {**_SETTINGS, "statement_timeout": f"{source.minutes}{UNIT}"}
            for name, value in limits.items():
                connection.execute("SELECT set_config(%s, %s, true)", (name, value))
            yield connection
    except psycopg.Error as refusal:
        raise _refused(source, refusal.sqlstate) from None


def _refused(source: SourceTable, state: str | None) -> BadInputError:
    """What went wrong, by the code alone: the server's own words may hold a value."""
    logging.getLogger(__name__).warning("%s refused (SQLSTATE %s)", source.name, state or "none")
    why = {
        None: "can't be reached, or its user can't log in. Ask the owner to check the address",
        "57014": f"took longer than {source.minutes} minutes. Ask the owner for more, or for less",
        "55P03": "is locked by somebody else. Try again later",
        "42501": "may not be read. Ask the owner to grant SELECT",
    }
    return BadInputError(
        f"{source.name} {why.get(state, f'could not be read (PostgreSQL says {state})')}."
    )


def _columns(
    connection: psycopg.Connection, source: SourceTable
) -> tuple[list[str], dict[str, str], float]:
    """The names and kinds of the columns that may be read, and about how many rows there are."""
    schema, table = _place(source)
    found = connection.execute(_COLUMNS, (schema, table)).fetchall()
    if not found:
        raise BadInputError(
            f"{source.name} is not in the database, or no column of it may be read. Ask the owner "
            "to check its name and to grant SELECT."
        )
    for name, category, kind, _ in found:
        if category not in _SIMPLE and kind != "uuid":
            raise BadInputError(
                f"{source.name}, column “{name}”: it holds lists, records or raw bytes. Ask the "
                "owner for a view without it, or to grant SELECT on the other columns only."
            )
    names = [name for name, *_ in found]
    for name in (source.id, *source.consent, *source.also, *source.order):
        if name is not None and name not in names:
            raise BadInputError(
                f"{source.name} was declared with a column “{name}”, which is not there or may "
                "not be read. Ask the owner to check the file that DASHBOARD_SOURCES names."
            )
    return names, {name: category for name, category, *_ in found}, found[0][3]


def _place(source: SourceTable) -> tuple[str, str]:
    schema, dot, table = source.table.partition(".")
    return (schema, table) if dot else ("public", schema)


def _query(
    connection: psycopg.Connection,
    source: SourceTable,
    names: Sequence[str],
    kinds: dict[str, str],
    *,
    channels: bool,
) -> sql.Composed:
    """All rows in their order, blank where somebody who said no has nothing to tell us."""
    from psycopg import sql

    place = sql.Identifier(*_place(source))
    refusing = refusing_sql.refusals(connection, source, place, channels=channels)
    stay = {source.id, *source.consent, *source.also}
    columns = []
    for name in names:
        value = sql.SQL("t.{}").format(sql.Identifier(name))
        if kinds[name] == "B":
            value = sql.SQL("{}::text").format(value)
        if refusing and name not in stay:
            value = sql.SQL("CASE WHEN NOT no.said THEN {} END").format(value)
        columns.append(sql.SQL("{} AS {}").format(value, sql.Identifier(name)))
    query = sql.SQL("SELECT {} FROM {} AS t").format(sql.SQL(", ").join(columns), place)
    if refusing:
        query += refusing
    if source.order:
        order = (sql.SQL("t.{} NULLS FIRST").format(sql.Identifier(each)) for each in source.order)
        query += sql.SQL(" ORDER BY ") + sql.SQL(", ").join(order)
    return query


def _chunks(
    connection: psycopg.Connection,
    query: sql.Composed,
    about: float,
    read_so_far: Callable[[float, int], None],
) -> Iterator[bytes]:
    """What the server writes, a few megabytes at a time."""
    from psycopg import sql

    whole = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER true)").format(query)
    rows = size = held = 0
    parts: list[Any] = []
    with connection.cursor() as cursor, cursor.copy(whole) as copy:
        for part in copy:
            parts.append(part)
            rows += 1
            held += len(part)
            if held >= _CHUNK:
                size += held
                read_so_far(min(rows / about, 0.99) if about else 0.0, size)
                yield b"".join(parts)
                parts, held = [], 0
    yield b"".join(parts)
