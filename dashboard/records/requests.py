"""What customers ask of us: a diary of requests, each with the day by which it must be answered.

Who asked is not in it. The identifier is needed at the moment of answering only; a
diary that held it would be one more file about people.
"""

from __future__ import annotations

import calendar
import secrets
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Row, select, update

from dashboard.errors import BadInputError, NotFoundError
from dashboard.receipts import Request, RequestKind
from dashboard.records.db import Records
from dashboard.records.tables import requests as diary

KINDS: Final[tuple[RequestKind, ...]] = ("access", "erasure", "correction", "objection")
_MAX_WORDS: Final = 120


def due_on(received_on: date) -> date:
    """One calendar month later, or the last day of that month (GDPR, article 12(3))."""
    year, month = divmod(received_on.year * 12 + received_on.month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(received_on.day, last))


def add(
    records: Records, *, owner: str, kind: RequestKind, received_on: date, checked_by: str
) -> Request:
    """Note that somebody asked; ``checked_by`` is who of us made sure that it was them.

    Raises:
        BadInputError: the kind is none of ours, or nobody made sure who asked.
    """
    checked_by = " ".join(checked_by.split())
    if kind not in KINDS:
        raise BadInputError(f"A request is one of {', '.join(KINDS)}. Choose one of them.")
    if not checked_by or len(checked_by) > _MAX_WORDS or "@" in checked_by:
        raise BadInputError(
            "Say in a few words, without an address, who of you made sure who asked."
        )
    row = {
        "id": secrets.token_hex(16),
        "owner": owner,
        "kind": kind,
        "received_on": received_on.isoformat(),
        "due_on": due_on(received_on).isoformat(),
        "checked_by": checked_by,
        "status": "open",
        "outcome": "",
    }
    with records.write() as connection:
        connection.execute(diary.insert().values(**row))
    return find(records, row["id"], owner)


def close(records: Records, request_id: str, owner: str, *, outcome: str, now: datetime) -> None:
    """Note what was done; a request is closed once and stays as it was closed.

    Raises:
        NotFoundError: there is no such request of this owner's.
    """
    find(records, request_id, owner)
    mine = update(diary).where(diary.c.id == request_id, diary.c.status == "open")
    with records.write() as connection:
        connection.execute(
            mine.values(status="done", outcome=outcome, closed_at=now.astimezone(UTC))
        )


def find(records: Records, request_id: str, owner: str) -> Request:
    """One request of this owner's.

    Raises:
        NotFoundError: unknown or somebody else's.
    """
    wanted = select(diary).where(diary.c.id == request_id, diary.c.owner == owner)
    with records.read() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such request. Choose one from the list.")
    return _request(row)


def listed(records: Records, owner: str) -> tuple[Request, ...]:
    """This owner's requests: open ones first, by the day on which they are due."""
    mine = (
        select(diary)
        .where(diary.c.owner == owner)
        .order_by(diary.c.status.desc(), diary.c.due_on, diary.c.id)
    )
    with records.read() as connection:
        return tuple(_request(row) for row in connection.execute(mine))


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        kind=row.kind,
        received_on=date.fromisoformat(row.received_on),
        due_on=date.fromisoformat(row.due_on),
        checked_by=row.checked_by,
        open=row.status == "open",
        outcome=row.outcome,
        closed_at=row.closed_at,
    )
