"""Shared links: an unguessable address that opens one release until a day, or until revoked.

Only the SHA-256 of a token is kept: 256 random bits can't be found from it, so
whoever reads the database opens nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, select, update

from dashboard.errors import BadInputError, NotFoundError
from dashboard.receipts import Link, NewLink
from dashboard.records.db import Records
from dashboard.records.tables import links, releases
from dashboard.release import Release, release_from

MAX_DAYS: Final = 90
MAX_LABEL: Final = 120
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SHOWN: Final[tuple[ColumnElement[Any], ...]] = (
    links.c.id,
    links.c.release_id,
    links.c.label,
    links.c.created_at,
    links.c.expires_at,
    links.c.revoked_at,
)

_LIVE: Final = (
    select(*_SHOWN)
    .join(releases, releases.c.id == links.c.release_id)
    .where(
        links.c.token_sha256 == bindparam("hashed"),
        links.c.revoked_at.is_(None),
        links.c.expires_at > bindparam("now"),
    )
)
_WITH_BODY: Final = _LIVE.add_columns(releases.c.body)
_WITH_DIGEST: Final = _LIVE.add_columns(releases.c.digest)


def create(
    records: Records, *, owner: str, release_id: str, label: str, days: int, now: datetime
) -> NewLink:
    """Make a link to a release; its path is known at this moment only.

    Raises:
        BadInputError: the number of days or the label can't be used.
        NotFoundError: the release is unknown or somebody else's.
    """
    label = " ".join(label.split())
    if not 1 <= days <= MAX_DAYS:
        raise BadInputError(f"A link lives 1 to {MAX_DAYS} days; {days} is outside. Choose again.")
    if len(label) > MAX_LABEL:
        raise BadInputError(f"The name of a link has at most {MAX_LABEL} characters; shorten it.")
    token = secrets.token_urlsafe(32)
    link = Link(secrets.token_urlsafe(16), release_id, label, now, now + timedelta(days=days), None)
    _store(records, link, owner, token)
    return NewLink(link=link, path=f"/s/{token}")


def _store(records: Records, link: Link, owner: str, token: str) -> None:
    mine = select(releases.c.id).where(releases.c.id == link.release_id, releases.c.owner == owner)
    row = {
        "id": link.id,
        "token_sha256": _hashed(token),
        "owner": owner,
        "release_id": link.release_id,
        "label": link.label,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
    }
    with records.write() as connection:
        if connection.scalar(mine) is None:
            raise NotFoundError("There is no such release to share. Choose one from your list.")
        connection.execute(links.insert().values(**row))


def open_link(records: Records, token: str, now: datetime) -> tuple[Release, Link] | None:
    """The release behind a token; ``None`` alike for unknown, malformed, expired and revoked."""
    row = _live(records, token, now, _WITH_BODY)
    return None if row is None else (release_from(row.body), _link(row))


def live_link(records: Records, token: str, now: datetime) -> tuple[str, Link] | None:
    """The digest of the release behind a token, with its link: the quick look at each visit."""
    row = _live(records, token, now, _WITH_DIGEST)
    return None if row is None else (row.digest, _link(row))


def _live(
    records: Records, token: str, now: datetime, query: Select[*tuple[Any, ...]]
) -> Row[*tuple[Any, ...]] | None:
    """The open link behind a token. A malformed token is looked up too, to take as long."""
    known = _TOKEN.fullmatch(token) is not None
    asked = {"hashed": _hashed(token if known else ""), "now": now}
    with records.read() as connection:
        return connection.execute(query, asked).one_or_none()


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    return Link(row.id, row.release_id, row.label, row.created_at, row.expires_at, row.revoked_at)


def of_release(records: Records, owner: str, release_id: str) -> tuple[Link, ...]:
    """The links of a release, newest first, without their tokens."""
    mine = (
        select(*_SHOWN)
        .where(links.c.owner == owner, links.c.release_id == release_id)
        .order_by(links.c.created_at.desc(), links.c.id)
    )
    with records.read() as connection:
        return tuple(_link(row) for row in connection.execute(mine))


def revoke(records: Records, owner: str, link_id: str, now: datetime) -> None:
    """Close a link for ever; closing it again changes nothing.

    Raises:
        NotFoundError: the link is unknown or somebody else's.
    """
    mine = and_(links.c.owner == owner, links.c.id == link_id)
    with records.write() as connection:
        if connection.scalar(select(links.c.id).where(mine)) is None:
            raise NotFoundError("There is no such link. Choose one from the list of the release.")
        connection.execute(
            update(links).where(mine, links.c.revoked_at.is_(None)).values(revoked_at=now)
        )


def revoke_all(records: Records, owner: str, release_id: str, now: datetime) -> int:
    """Close every open link of a release; says how many there were."""
    still_open = update(links).where(
        links.c.owner == owner,
        links.c.release_id == release_id,
        links.c.revoked_at.is_(None),
        links.c.expires_at > now,
    )
    with records.write() as connection:
        return connection.execute(still_open.values(revoked_at=now)).rowcount
