"""Customers' own word: a page where anyone can say no, and a letterbox that only the vault opens.

Nobody is asked to prove who they are, so nobody can say yes there, and whether an id is
known is not looked up: known and unknown get the same thanks. What is dropped in is sealed
at once to a key whose other half derives from the vault's: a program that only serves
pages, or whoever reads its store, learns nothing (HPKE, RFC 9180, base mode).
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from dashboard.errors import BadInputError
from dashboard.receipts import ChoicePage
from dashboard.records.db import Records
from dashboard.records.tables import choice_pages as pages
from dashboard.records.visits import Visits
from dashboard.records.visits import letters as box

WISHES: Final = ("group", "marketing")
"""Not to be grouped with others; not to get marketing. Each is a no to being in segments."""

LONGEST: Final = 200
MOST_A_MINUTE: Final = 60
MOST_WAITING: Final = 20_000
_MAX_NAME: Final = 80
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_PADDED: Final = 1024


# ── the page ────────────────────────────────────────────────────────────────────────────
def open_page(
    records: Records, *, owner: str, name: str, public_key: bytes, now: datetime
) -> ChoicePage:
    """Open a page for this owner's customers; the one that is open already stays as it is.

    Raises:
        BadInputError: the page has no name by which customers know who asks.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= _MAX_NAME:
        raise BadInputError("Say by which name your customers know you, in up to 80 characters.")
    known = page_of(records, owner)
    if known is not None:
        return known
    made = ChoicePage(secrets.token_urlsafe(16), name, bytes(public_key))
    row = {
        "token": made.token,
        "owner": owner,
        "name": name,
        "public_key": public_key.hex(),
        "made_at": now.astimezone(UTC),
    }
    with records.write() as connection:
        connection.execute(pages.insert().values(**row))
    return made


def page_of(records: Records, owner: str) -> ChoicePage | None:
    """This owner's open page, if there is one."""
    return _one(records, pages.c.owner == owner)


def find_page(records: Records, token: str) -> ChoicePage | None:
    """The open page at an address, if there is one."""
    return _one(records, pages.c.token == token) if _TOKEN.fullmatch(token) else None


def _one(records: Records, condition: Any) -> ChoicePage | None:
    wanted = select(pages).where(condition, pages.c.closed_at.is_(None))
    with records.read() as connection:
        row = connection.execute(wanted).first()
    return None if row is None else _page(row)


def _page(row: Row[Any]) -> ChoicePage:
    return ChoicePage(row.token, row.name, bytes.fromhex(row.public_key))


def close_page(records: Records, owner: str, now: datetime) -> None:
    """Close this owner's page; letters that were dropped in stay."""
    mine = update(pages).where(pages.c.owner == owner, pages.c.closed_at.is_(None))
    with records.write() as connection:
        connection.execute(mine.values(closed_at=now.astimezone(UTC)))


def tokens_of(records: Records, owner: str) -> tuple[str, ...]:
    """The addresses of all pages that this owner ever had."""
    with records.read() as connection:
        return tuple(connection.scalars(select(pages.c.token).where(pages.c.owner == owner)))


# ── the letterbox ───────────────────────────────────────────────────────────────────────
def drop(visits: Visits, page: ChoicePage, who: str, wish: str, now: datetime) -> bool:
    """Seal what a customer says and keep it; ``False`` where too many come at once.

    Raises:
        BadInputError: nothing was said, or no wish of ours was chosen.
    """
    who = " ".join(who.split())
    if not 1 <= len(who) <= LONGEST or wish not in WISHES:
        raise BadInputError("Write your e-mail address or customer number, and choose a wish.")
    letter = json.dumps({"who": who, "wish": wish}, ensure_ascii=False)
    sealed = _sealed(page, letter.encode(errors="replace"))
    lately = select(func.count()).where(
        box.c.page == page.token, box.c.at > now - timedelta(minutes=1)
    )
    waiting = select(func.count()).where(box.c.page == page.token)
    with visits.write() as connection:
        if (connection.scalar(lately) or 0) >= MOST_A_MINUTE:
            return False
        if (connection.scalar(waiting) or 0) >= MOST_WAITING:
            return False
        row = {"id": secrets.token_hex(16), "page": page.token, "at": now, "sealed": sealed.hex()}
        connection.execute(box.insert().values(**row))
    return True


def _sealed(page: ChoicePage, letter: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    whose = X25519PublicKey.from_public_bytes(page.public_key)
    padded = letter.ljust(_PADDED)  # so that its length tells nothing of the id
    return bytes(suite.encrypt(padded, whose, info=page.token.encode()))


def letters(visits: Visits, tokens: Iterable[str]) -> tuple[tuple[str, str, bytes], ...]:
    """What lies in the letterboxes of these pages: id, page and sealed bytes, oldest first."""
    mine = select(box).where(box.c.page.in_(list(tokens))).order_by(box.c.at, box.c.id)
    with visits.read() as connection:
        return tuple((row.id, row.page, _bytes(row.sealed)) for row in connection.execute(mine))


def _bytes(stored: str) -> bytes:
    """Sealed bytes as they are stored; none where something else was put in their place."""
    try:
        return bytes.fromhex(stored)
    except ValueError:
        return b""


def burn(visits: Visits, ids: Iterable[str]) -> None:
    """Delete letters that were read."""
    with visits.write() as connection:
        connection.execute(delete(box).where(box.c.id.in_(list(ids))))
