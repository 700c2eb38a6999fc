"""Shared links as their owner has them: made on terms, listed, paused, rotated, revoked.

Only the SHA-256 of a token is kept: 256 random bits can't be found from it, so
whoever reads the database opens nothing. What a visitor meets is :mod:`dashboard.records.door`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, select, update

from dashboard.errors import BadInputError, NotFoundError
from dashboard.receipts import Link, NewLink, Terms
from dashboard.records import passphrases, recipients
from dashboard.records.db import Records
from dashboard.records.door import hashed, link_of, listed
from dashboard.records.tables import links, releases

MAX_DAYS: Final = 90
MAX_LABEL: Final = 120
MAX_VIEWS: Final = 100_000
MAX_ORIGINS: Final = 8
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9-]{1,63})*")
_LOCAL: Final = ("localhost", "127.0.0.1")
_NO_TERMS: Final = Terms()


def create(
    records: Records,
    *,
    owner: str,
    release_id: str,
    label: str,
    days: int,
    now: datetime,
    terms: Terms = _NO_TERMS,
) -> NewLink:
    """Make a link to a release; its path is known at this moment only.

    Raises:
        BadInputError: the number of days, the label or a term can't be used, or the
            register does not say why the recipient may see it.
        NotFoundError: the release or the recipient is unknown or somebody else's.
    """
    label, shared_by = " ".join(label.split()), " ".join(terms.shared_by.split())
    if not 1 <= days <= MAX_DAYS:
        raise BadInputError(f"A link lives 1 to {MAX_DAYS} days; {days} is outside. Choose again.")
    if max(len(label), len(shared_by)) > MAX_LABEL:
        raise BadInputError(f"A name on a link has at most {MAX_LABEL} characters; shorten it.")
    if terms.max_views is not None and not 1 <= terms.max_views <= MAX_VIEWS:
        raise BadInputError(f"The largest number of views is 1 to {MAX_VIEWS:,}.")
    origins = tuple(dict.fromkeys(map(_origin, terms.embed)))
    if len(origins) > MAX_ORIGINS:
        raise BadInputError(f"A page can be shown inside at most {MAX_ORIGINS} sites.")
    if origins and terms.passphrase:
        raise BadInputError(
            "Inside another site a browser keeps no proof of a passphrase. Choose one of the two."
        )
    if terms.recipient_id:
        why = recipients.obstacle(recipients.find(records, owner, terms.recipient_id), now.date())
        if why:
            raise BadInputError(f"This link can't be made, because {why}. See the register.")
    token, its_id = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    row = {
        "id": its_id,
        "token_sha256": hashed(token),
        "owner": owner,
        "release_id": release_id,
        "label": label,
        "created_at": now,
        "expires_at": now + timedelta(days=days),
        "recipient_id": terms.recipient_id,
        "passphrase": passphrases.kept(terms.passphrase) if terms.passphrase else None,
        "max_views": terms.max_views,
        "embed": " ".join(origins),
        "shared_by": shared_by,
    }
    with records.write() as connection:
        _check_mine(connection, owner, release_id)
        connection.execute(links.insert().values(**row))
        return NewLink(_find(connection, owner, its_id, now), f"/s/{token}")


def _check_mine(connection: Connection, owner: str, release_id: str) -> None:
    mine = select(releases.c.id).where(releases.c.id == release_id, releases.c.owner == owner)
    if connection.scalar(mine) is None:
        raise NotFoundError("There is no such release to share. Choose one from your list.")


def _origin(written: str) -> str:
    """A site that may show the page inside its own, as a browser names it.

    Only https, or this machine for trying. Nothing that would widen a policy gets through:
    no path, no star, no space, no semicolon.
    """
    refused = BadInputError(
        "A site is written as https://name, with a port where it has one, and nothing behind it."
    )
    try:
        parts = urlsplit(written.strip().lower().rstrip("/"))
        port = parts.port
    except ValueError:
        raise refused from None
    host = parts.hostname or ""
    bare = f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
    if bare != written.strip().lower().rstrip("/") or not _HOST.fullmatch(host):
        raise refused
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
        raise refused
    return bare


def of_release(records: Records, owner: str, release_id: str, now: datetime) -> tuple[Link, ...]:
    """The links of a release, newest first, without their tokens."""
    with records.read() as connection:
        query = listed(links.c.owner == owner, links.c.release_id == release_id)
        return tuple(link_of(row, now) for row in connection.execute(query))


def of_owner(records: Records, owner: str, now: datetime) -> tuple[Link, ...]:
    """All links of an owner, newest first, without their tokens."""
    with records.read() as connection:
        query = listed(links.c.owner == owner)
        return tuple(link_of(row, now) for row in connection.execute(query))


def find(records: Records, owner: str, link_id: str, now: datetime) -> Link:
    """One link of this owner.

    Raises:
        NotFoundError: unknown or somebody else's.
    """
    with records.read() as connection:
        return _find(connection, owner, link_id, now)


def _find(connection: Connection, owner: str, link_id: str, now: datetime) -> Link:
    row = connection.execute(listed(_mine(owner, link_id))).one_or_none()
    if row is None:
        raise NotFoundError("There is no such link. Choose one from the list of the release.")
    return link_of(row, now)


def _mine(owner: str, link_id: str) -> Any:
    return and_(links.c.owner == owner, links.c.id == link_id)


def rotate(records: Records, owner: str, link_id: str, now: datetime) -> NewLink:
    """Give a link a new address, on the same terms; the old one is dead at once.

    Views are counted anew toward the largest number; proofs of the passphrase end.

    Raises:
        BadInputError: the link is over.
        NotFoundError: the link is unknown or somebody else's.
    """
    token = secrets.token_urlsafe(32)
    with records.write() as connection:
        link = _find(connection, owner, link_id, now)
        if link.revoked_at or link.expires_at <= now:
            raise BadInputError("This link is over and gets no new address. Make another one.")
        new = {"token_sha256": hashed(token), "version": links.c.version + 1}
        connection.execute(update(links).where(_mine(owner, link_id)).values(**new))
        return NewLink(_find(connection, owner, link_id, now), f"/s/{token}")


def pause(
    records: Records, owner: str, link_id: str, now: datetime, *, paused: bool = True
) -> None:
    """Close a link for a while, or open it again on the same terms.

    Raises:
        NotFoundError: the link is unknown or somebody else's.
    """
    with records.write() as connection:
        _find(connection, owner, link_id, now)
        changed = update(links).where(_mine(owner, link_id))
        connection.execute(changed.values(paused_at=now if paused else None))


def revoke(records: Records, owner: str, link_id: str, now: datetime) -> None:
    """Close a link for ever; closing it again changes nothing.

    Raises:
        NotFoundError: the link is unknown or somebody else's.
    """
    with records.write() as connection:
        _find(connection, owner, link_id, now)
        still_open = update(links).where(_mine(owner, link_id), links.c.revoked_at.is_(None))
        connection.execute(still_open.values(revoked_at=now))


def revoke_all(
    records: Records,
    owner: str,
    now: datetime,
    *,
    release_id: str | None = None,
    recipient_id: str | None = None,
) -> int:
    """Close every open link of a release or of a recipient; says how many there were."""
    if release_id is None and recipient_id is None:
        raise BadInputError("Say of which release or of which recipient all links are closed.")
    these = [links.c.owner == owner, links.c.revoked_at.is_(None), links.c.expires_at > now]
    if release_id is not None:
        these.append(links.c.release_id == release_id)
    if recipient_id is not None:
        these.append(links.c.recipient_id == recipient_id)
    with records.write() as connection:
        return connection.execute(update(links).where(*these).values(revoked_at=now)).rowcount


def ids_of(records: Records, owner: str) -> Iterable[str]:
    """The ids of all links of an owner, for counting or forgetting what hangs on them."""
    with records.read() as connection:
        return connection.scalars(select(links.c.id).where(links.c.owner == owner)).all()
