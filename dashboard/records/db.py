"""The memory's door: one database, opened privately, written durably, one writer at a time."""

from __future__ import annotations

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from dashboard.errors import ConfigurationError, InternalError
from dashboard.records import tables
from dashboard.records.guards import guards
from dashboard.records.lookout import reading_engine, steady

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_BUSY_SECONDS: Final = 30
_WRITES: Final = "private_segments_writes"
_WRITERS: Final = 7000


@dataclass(frozen=True, slots=True)
class Shape:
    """The tables of one store, their version, and how older ones become like them.

    Args:
        metadata: all tables of the store.
        versions: the table that holds the version's number.
        version: of these tables, from 1.
        steps: statements that lead from version 1 to 2, from 2 to 3, and so on.
        guarded: whether triggers keep its history from being rewritten.
    """

    metadata: MetaData
    versions: Table
    version: int
    steps: tuple[tuple[str, ...], ...] = ()
    guarded: bool = False


class Database:
    """A store that remembers: opened privately, written durably, one writer at a time.

    Args:
        url: an SQLAlchemy address. A SQLite file and its folder are made when absent,
            readable by their owner only.
        read_only: look only, as a viewer does: nothing is made, changed or locked, so
            the right to read is enough.

    Raises:
        ConfigurationError: the address can't be used, or a newer program wrote there.
    """

    shape: ClassVar[Shape]
    setting: ClassVar[str] = "DASHBOARD_DATABASE_URL"

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        address = _address(url, self.setting)
        self._engine = _reading_engine(address) if read_only else _engine(address)
        weakref.finalize(self, self._engine.dispose)
        self._reader = self._engine.execution_options(**_one_moment(address))
        self._writer = None if read_only else self._engine.execution_options(**{_WRITES: True})
        try:
            self._settle()
        except OperationalError as error:
            raise ConfigurationError(
                f"The records can't be opened. See that {self.setting} is right, that the "
                "database runs, and that this program may use it."
            ) from error

    def _settle(self) -> None:
        if self._writer is None:
            with self.read() as connection:
                _find_schema(connection, self.shape)
        else:
            with self.write() as connection:
                _settle_schema(connection, self.shape)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may change things: durable when the block ends, undone on error.

        One writer at a time, on PostgreSQL as on SQLite: so what a block has read still
        holds when it writes.

        Raises:
            InternalError: these records were opened to look only.
        """
        if self._writer is None:
            raise InternalError("records that were opened to look only can't be changed")
        with self._writer.begin() as connection:
            stand_in_line(connection, _WRITERS)
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that looks at a single moment and never waits for writers."""
        with self._reader.connect() as connection, steady(connection):
            yield connection

    def close(self) -> None:
        """Close every connection; nothing is lost, for all that was written is committed."""
        self._engine.dispose()


class Records(Database):
    """What the program remembers: ledger, maps, releases, links, audit and register; no rows."""

    shape = Shape(
        tables.metadata, tables.schema_version, tables.VERSION, tables.STEPS, guarded=True
    )


def insert_if_absent(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Add a row unless its key is taken; says whether it was added. Safe among racing writers."""
    statement = inserting(connection, table).values(**row).on_conflict_do_nothing()
    added = statement.returning(*table.primary_key)  # a driver need not count inserted rows
    return connection.execute(added).one_or_none() is not None


def inserting(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say what to do where its key is taken, in this database's own words."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


def stand_in_line(connection: Connection, queue: int) -> None:
    """Let writers of one kind through one by one; on SQLite every writer already waits its turn."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:queue)"), {"queue": queue})


def _address(url: str, setting: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            f"{setting} is not a database address; try sqlite:////data/records.sqlite3."
        ) from error
    name = address.get_backend_name()
    if name not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"{setting} must name SQLite or PostgreSQL.")
    if name == "sqlite" and address.database in (None, "", ":memory:"):
        raise ConfigurationError(f"{setting} must name a file: memory forgets budgets.")
    return address


def _one_moment(address: URL) -> dict[str, Any]:
    """PostgreSQL looks at a new moment in each statement unless told otherwise; SQLite does not."""
    if address.get_backend_name() == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _reading_engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        return _server(address)
    return reading_engine(Path(str(address.database)))


def _server(address: URL) -> Engine:
    try:
        engine = create_engine(address, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "PostgreSQL needs its driver: pip install -r requirements-postgresql.txt"
        ) from error
    event.listen(engine, "connect", _settle_server_connection)
    return engine


def _settle_server_connection(connection: Any, _record: object) -> None:
    """A purchase must be on the disk before noise is drawn, whatever the server's default is."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    connection.commit()


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        return _server(address)
    _make_private(Path(str(address.database)))
    engine = create_engine(
        address, connect_args={"timeout": _BUSY_SECONDS}, pool_size=8, max_overflow=64
    )
    event.listen(engine, "connect", _settle_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _settle_connection(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_SECONDS * 1000}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Turn write-ahead logging on once per file.

    SQLite answers "locked" at once, without waiting, where two processes turn it on
    together; whoever comes second finds it on at the next look.
    """
    until = time.monotonic() + _BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _settle_schema(connection: Connection, shape: Shape) -> None:
    """Make the tables, or bring older ones into today's shape; all of it, or nothing."""
    shape.metadata.create_all(connection)
    found, kept = _version(connection, shape), shape.versions
    for step in shape.steps[(found or shape.version) - 1 :]:
        for statement in step:
            connection.exec_driver_sql(statement)
    if shape.guarded:
        for guard in guards(connection.dialect.name):
            connection.exec_driver_sql(guard)
    if found is None:
        connection.execute(kept.insert().values(version=shape.version))
    elif found < shape.version:
        connection.execute(kept.update().values(version=shape.version))


def _find_schema(connection: Connection, shape: Shape) -> None:
    """Who may only look can't make or change the tables, so they must be there as they are."""
    known = inspect(connection).has_table(shape.versions.name)
    if not known or _version(connection, shape) != shape.version:
        raise ConfigurationError("There are no such records there yet. Start the dashboard once.")


def _version(connection: Connection, shape: Shape) -> int | None:
    found = connection.scalar(select(shape.versions.c.version))
    if found is not None and found > shape.version:
        raise ConfigurationError(
            f"These records were written by a newer program (version {found} of the tables; "
            f"this program knows {shape.version}). Start the newer program."
        )
    return found
