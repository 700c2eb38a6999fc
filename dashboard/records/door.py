"""The door: who comes with a token, and whether anything may be shown to them.

Checks come in one order: the token's hash, revoked, expired, paused, views used up, the
recipient's standing, and last the passphrase. Whoever is refused learns nothing of which it was.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, select

from dashboard.receipts import Link
from dashboard.records import passphrases, recipients
from dashboard.records.db import Records
from dashboard.records.tables import links, releases
from dashboard.records.tables import recipients as register
from dashboard.records.visits import Visits
from dashboard.release import Release, release_from

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

_STANDING: Final = (
    register.c.name,
    register.c.kind,
    register.c.contract_on,
    register.c.basis,
    register.c.review_due,
    register.c.country,
    register.c.transfer_basis,
)
"""What of the register is looked at for a visitor: not who the contact is, nor the contract."""

_BEHIND: Final = (
    select(
        links.c.id,
        links.c.release_id,
        links.c.label,
        links.c.created_at,
        links.c.expires_at,
        links.c.revoked_at,
        links.c.recipient_id,
        links.c.passphrase,
        links.c.max_views,
        links.c.embed,
        links.c.shared_by,
        links.c.paused_at,
        links.c.version,
        *_STANDING,
    )
    .join(releases, releases.c.id == links.c.release_id)
    .outerjoin(register, register.c.id == links.c.recipient_id)
)
_OF_TOKENS: Final = _BEHIND.add_columns(releases.c.digest, links.c.token_sha256).where(
    links.c.token_sha256.in_(bindparam("hashed", expanding=True))
)
_AT_ONCE: Final = 500
"""How many tokens one question to the database holds."""


@dataclass(frozen=True, slots=True)
class Found:
    """What stands behind a token, whether or not it may be shown.

    ``lock`` is the stored form of the passphrase that is asked for, if any.
    """

    link: Link
    digest: str
    lock: str | None


def find(records: Records, token: str, now: datetime) -> Found | None:
    """Look behind a token; ``None`` for one that was never given or was replaced."""
    return find_all(records, (token,), now)[0]


def find_all(records: Records, tokens: Sequence[str], now: datetime) -> tuple[Found | None, ...]:
    """Look behind several tokens at one moment, in their order.

    Malformed ones are looked up, too, to take as long.
    """
    asked = [hashed(each if TOKEN.fullmatch(each) else "") for each in tokens]
    there: dict[str, Found] = {}
    with records.read() as connection:
        for first in range(0, len(asked), _AT_ONCE):
            some = {"hashed": asked[first : first + _AT_ONCE]}
            for row in connection.execute(_OF_TOKENS, some):
                there[row.token_sha256] = _found(row, now)
    return tuple(map(there.get, asked))


def hashed(token: str) -> str:
    """What is kept of a token: 256 random bits can't be found from it."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def listed(*conditions: Any) -> Select[*tuple[Any, ...]]:
    """A query for links with all that decides whether they open."""
    return _BEHIND.where(*conditions).order_by(links.c.created_at.desc(), links.c.id)


def link_of(row: Row[Any], now: datetime) -> Link:
    """A link as its owner sees it."""
    held = None
    if row.recipient_id is not None:
        standing = recipients.standing_of(row, row.recipient_id)
        held = recipients.obstacle(standing, now.astimezone(UTC).date())
    return Link(
        id=row.id,
        release_id=row.release_id,
        label=row.label,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        recipient_id=row.recipient_id,
        recipient=row.name or "",
        passphrase=row.passphrase is not None,
        max_views=row.max_views,
        embed=tuple(row.embed.split()),
        shared_by=row.shared_by,
        paused_at=row.paused_at,
        held_because=held or "",
        version=row.version,
    )


def shut(found: Found, visits: Visits | None, now: datetime, *, inside: bool = False) -> str | None:
    """Why nothing may be shown, in one word for the owner's account; ``None`` where it may.

    Args:
        found: what stands behind the token.
        visits: where views and tries are counted; without it, links that need counting
            are shut.
        now: the moment of the visit.
        inside: the visitor has seen the page already, so that views are not asked about.
    """
    link = found.link
    if link.revoked_at is not None:
        return "revoked"
    if link.expires_at <= now:
        return "expired"
    if link.paused_at is not None:
        return "paused"
    if (link.max_views is not None or found.lock) and visits is None:
        return "uncounted"
    if not inside and visits is not None and visits.used_up(link):
        return "views"
    return "recipient" if link.held_because else None


def try_passphrase(found: Found, words: str, visits: Visits, now: datetime) -> str | None:
    """A proof for the browser where the passphrase is right and tries are left; else ``None``."""
    its_id = passphrases.begin(visits, found.link.id, now)
    if found.lock is None or its_id is None or not passphrases.fits(found.lock, words):
        visits.refuse(found.link, "passphrase", now)
        return None
    passphrases.succeeded(visits, its_id)
    return passphrases.proof(found.lock, found.link, now)


def release_behind(records: Records, found: Found) -> Release:
    """The release that a link opens; ask :func:`shut` before."""
    with records.read() as connection:
        body = select(releases.c.body).where(releases.c.id == found.link.release_id)
        return release_from(str(connection.scalar(body)))


def of_id(records: Records, link_id: str, now: datetime) -> Found | None:
    """A link by its id, for its owner's preview; nobody else knows the id."""
    with records.read() as connection:
        query = _BEHIND.add_columns(releases.c.digest).where(links.c.id == link_id)
        row = connection.execute(query).one_or_none()
    return None if row is None else _found(row, now)


def _found(row: Row[Any], now: datetime) -> Found:
    return Found(link_of(row, now), row.digest, row.passphrase)
