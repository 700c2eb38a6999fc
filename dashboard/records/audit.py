"""The audit log: who did what and when, in lines that can't be changed unnoticed.

Each line carries a keyed hash over itself and the line before. Changing,
swapping or removing a line breaks the chain at that place. A chain cut at its
end is found by comparing with a head that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, RowMapping, select

from dashboard.errors import InternalError
from dashboard.records.db import Records, stand_in_line
from dashboard.records.tables import audit

VIEWER: Final = "viewer"
"""The only actor that may write without the key: a viewer process holds none."""

_QUEUE: Final = 7001
_START: Final = "start"
_SECRET_LIKE: Final = re.compile(r"/s/|@|(?<![\w-])(?![0-9a-f]+(?![\w-]))[\w-]{40,}")
_MAX_WORDS: Final = 200

Detail = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    seq: int
    at: datetime
    actor: str
    action: str
    object: str
    detail: Mapping[str, Detail]
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last line's number and hash: kept elsewhere, it proves that nothing was cut off."""

    seq: int
    hash: str


def note(
    records: Records,
    *,
    actor: str,
    action: str,
    object: str,
    detail: Mapping[str, Detail],
    now: datetime,
    key: bytes | None,
) -> Head:
    """Append one line; never a customer's value, a token or an exact count of people.

    Raises:
        InternalError: a detail looks like something that must not be kept, or the
            key is missing for anybody but the viewer.
    """
    if key is None and actor != VIEWER:
        raise InternalError("an audit line needs the key")
    _discreet(actor, action, object, *detail.values())
    with records.write() as connection:
        stand_in_line(connection, _QUEUE)
        last = _last(connection)
        line = {
            "seq": 1 if last is None else last.seq + 1,
            "at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
            "actor": actor,
            "action": action,
            "object": object,
            "detail": json.dumps(dict(detail), sort_keys=True, ensure_ascii=False),
            "prev": _START if last is None else last.hash,
        }
        sealed = _seal(line, key)
        connection.execute(audit.insert().values(**line, hash=sealed))
    return Head(int(line["seq"]), sealed)


def is_discreet(told: Detail) -> bool:
    """Whether something may stand in the log: no address, no token, no long text."""
    return not isinstance(told, str) or (len(told) <= _MAX_WORDS and not _SECRET_LIKE.search(told))


def _discreet(*told: Detail) -> None:
    for each in told:
        if not is_discreet(each):
            raise InternalError("an audit line must not hold addresses, tokens or long texts")


def _last(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).one_or_none()


def _seal(line: Mapping[str, Any], key: bytes | None) -> str:
    told = json.dumps(dict(line), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if key is None:
        return "open:" + hashlib.sha256(told.encode()).hexdigest()
    return "keyed:" + hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def head(records: Records) -> Head | None:
    """The last line's number and hash; ``None`` while the log is empty."""
    with records.read() as connection:
        last = _last(connection)
    return None if last is None else Head(last.seq, last.hash)


def entries(
    records: Records, *, limit: int = 200, before: int | None = None, actor: str | None = None
) -> tuple[Entry, ...]:
    """The newest lines, newest first; ``before`` goes on from an older line, ``actor`` chooses."""
    query = select(audit).order_by(audit.c.seq.desc()).limit(limit)
    if actor is not None:
        query = query.where(audit.c.actor == actor)
    if before is not None:
        query = query.where(audit.c.seq < before)
    with records.read() as connection:
        return tuple(_entry(row) for row in connection.execute(query))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        seq=row.seq,
        at=datetime.fromisoformat(row.at),
        actor=row.actor,
        action=row.action,
        object=row.object,
        detail=json.loads(row.detail),
        hash=row.hash,
    )


def verify(records: Records, key: bytes, kept: Head | None = None) -> int | None:
    """The number of the first broken line, or ``None`` where the whole log holds.

    Args:
        records: the memory.
        key: the key with which the lines were sealed.
        kept: a head that was kept elsewhere; a log cut before it, or rewritten up
            to it, is broken there.
    """
    prev, number = _START, 0
    with records.read() as connection:
        for row in connection.execute(select(audit).order_by(audit.c.seq)).mappings():
            number += 1
            if row["seq"] != number or row["prev"] != prev or not _holds(row, key):
                return number
            if kept is not None and kept.seq == number and kept.hash != row["hash"]:
                return number
            prev = row["hash"]
    return number + 1 if kept is not None and kept.seq > number else None


def _holds(row: RowMapping, key: bytes) -> bool:
    line = {column.name: row[column] for column in audit.c if column is not audit.c.hash}
    used = None if row["hash"].startswith("open:") and row["actor"] == VIEWER else key
    return hmac.compare_digest(_seal(line, used).encode(), row["hash"].encode())
