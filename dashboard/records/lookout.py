"""Looking into a SQLite file with no right to write: neither to it nor to its folder.

While somebody writes, the file has two companions (``-wal`` and ``-shm``), and a
reader needs to read these only. When the last writer leaves, SQLite folds them into
the file and removes them; a reader who may not make them then reads the file as it
lies, and looks afterwards whether it stayed as it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from dashboard.errors import InternalError

_BUSY_SECONDS: Final = 30

_Lay = tuple[int, int, int]
_Kind = TypeVar("_Kind", bound=sqlite3.Connection)


def reading_engine(file: Path) -> Engine:
    """An engine that opens the file anew for each look, so that no look keeps a writer waiting."""
    engine = create_engine("sqlite://", creator=lambda: _look(file), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


@contextmanager
def steady(connection: Connection) -> Iterator[None]:
    """Make sure that a file which was read as it lay did not change meanwhile.

    Raises:
        InternalError: it did, within these milliseconds; asking again helps.
    """
    opened = connection.connection.driver_connection
    yield
    if isinstance(opened, _Still) and _lay(opened.file) != opened.lay:
        raise InternalError("the records changed while they were read as they lay")


class _Still(sqlite3.Connection):
    """A connection that takes the file as it lies; nobody was writing when it was opened."""

    file: Path
    lay: _Lay


def _lay(file: Path) -> _Lay:
    try:
        found = file.stat()
    except OSError:
        raise sqlite3.OperationalError("there are no records, or they can't be read") from None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _look(file: Path) -> sqlite3.Connection:
    """Open beside the writers, or as the file lies where there are none."""
    for _ in range(2):  # a writer may leave between the two tries, but not come and leave
        beside = _open(file, "mode=ro", sqlite3.Connection)
        try:
            beside.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except sqlite3.OperationalError:
            beside.close()
        else:
            return beside
        lay = _lay(file)
        if not _written(file):
            still = _open(file, "mode=ro&immutable=1", _Still)
            still.file, still.lay = file, lay
            return still
    raise sqlite3.OperationalError("the records' companion files can't be read")


def _written(file: Path) -> bool:
    """Whether something is written beside the file that is not in it yet."""
    journal = file.with_name(f"{file.name}-wal")
    return journal.exists() and journal.stat().st_size > 0


def _open(file: Path, how: str, kind: type[_Kind]) -> _Kind:
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?{how}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        factory=kind,
    )
