"""A fresh memory for each test, on SQLite and on PostgreSQL, and a purchase that was paid for."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue

import pytest
from sqlalchemy import Connection, text

from dashboard.records import ledger
from dashboard.records.db import Records
from dashboard.terms import Price
from tests.records.buyers import Buyer, buyer
from tests.records.server import Server

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
"""Marks for what only one of the two can do; everything else is held on both."""


@pytest.fixture(scope="session")
def nurseries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queue[tuple[Buyer, Path]]]:
    """Two warm processes that fork buyers, each with the folder for its temporary files."""
    places = [tmp_path_factory.mktemp("scratch") for _ in range(2)]
    waiting: Queue[tuple[Buyer, Path]] = Queue()
    with ExitStack() as open_ones, ThreadPoolExecutor(2) as side_by_side:
        made = [side_by_side.submit(open_ones.enter_context, buyer(each)) for each in places]
        for process, place in zip(made, places, strict=True):
            waiting.put((process.result(), place))
        yield waiting


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty memory."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'memory' / 'records.sqlite3'}"
        return
    started: Server = request.getfixturevalue("postgresql")
    schema = f"test_{secrets.token_hex(8)}"
    started.run(f"CREATE SCHEMA {schema}")
    yield started.url(schema)
    started.run(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    opened = Records(url)
    ledger.open_lineage(opened, "base", Price(100, 100))
    yield opened
    opened.close()


def drop_guards(connection: Connection) -> None:
    """What somebody with every right to the database could do before changing history."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for (name,) in names.all():
        connection.execute(text(f"DROP TRIGGER {name}"))


@pytest.fixture
def paid(records: Records) -> Callable[..., str]:
    """Charges a purchase of one unit and gives its request id."""

    def pay(request_id: str, owner: str = "ana") -> str:
        ledger.charge(
            records,
            lineage="base",
            request_id=request_id,
            owner=owner,
            price=Price(1),
            purpose="map",
            now=NOW,
        )
        return request_id

    return pay
