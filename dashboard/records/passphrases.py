"""Passphrases of links: kept as argon2id, five tries in a quarter of an hour, proven by a cookie.

A proof is a keyed hash over the link, its version and a moment; its key is the stored form of
the passphrase, which holds 128 random bits and never leaves the records. So a proof needs no
memory, and ends when the link is rotated.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select

from dashboard.errors import BadInputError
from dashboard.receipts import Link
from dashboard.records.visits import Visits, tries

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 8
LONGEST: Final = 128
"""Characters of a passphrase. Five tries in 15 minutes leave 43,200 guesses in 90 days."""

TRIES: Final = 5
WINDOW: Final = timedelta(minutes=15)
PROOF: Final = timedelta(hours=1)
"""How long a reader is not asked again."""

_PROOF: Final = re.compile(r"(\d{10})\.([0-9a-f]{64})", re.ASCII)
_one_at_a_time = threading.Lock()


def kept(words: str) -> str:
    """The form in which a passphrase is kept: argon2id with a salt of its own.

    Raises:
        BadInputError: it is too short or too long.
    """
    tidy = _tidy(words)
    if not SHORTEST <= len(tidy) <= LONGEST:
        raise BadInputError(f"A passphrase has {SHORTEST} to {LONGEST} characters.")
    return _hasher().hash(tidy)


def _tidy(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).split())


def _hasher() -> PasswordHasher:
    """RFC 9106's second choice: 64 MiB, three rounds; one lane, to leave others their processor."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)


def fits(stored: str, words: str) -> bool:
    """Whether this is the passphrase. One is tried at a time, so that a flood needs no memory."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    if len(words) > 4 * LONGEST:
        return False
    with _one_at_a_time:
        try:
            return _hasher().verify(stored, _tidy(words))
        except (Argon2Error, InvalidHashError):
            return False


# ── tries ───────────────────────────────────────────────────────────────────────────────
def begin(visits: Visits, link_id: str, now: datetime) -> str | None:
    """Note a try before it is looked at; ``None`` where the five of this quarter are used up."""
    of_this = tries.c.link_id == link_id
    with visits.write() as connection:
        connection.execute(delete(tries).where(of_this, tries.c.at <= now - WINDOW))
        if (connection.scalar(select(func.count()).where(of_this)) or 0) >= TRIES:
            return None
        its_id = secrets.token_hex(16)
        connection.execute(tries.insert().values(id=its_id, link_id=link_id, at=now))
    return its_id


def succeeded(visits: Visits, its_id: str) -> None:
    """Forget a try that was right: only wrong ones count."""
    with visits.write() as connection:
        connection.execute(delete(tries).where(tries.c.id == its_id))


# ── proofs ──────────────────────────────────────────────────────────────────────────────
def proof(stored: str, link: Link, now: datetime) -> str:
    """What a browser brings back for an hour instead of the passphrase."""
    until = int((now + PROOF).timestamp())
    return f"{until}.{_seal(stored, link, until)}"


def proven(stored: str, link: Link, brought: str, now: datetime) -> bool:
    """Whether a browser brings a proof for this link, as it is now, that has not ended."""
    found = _PROOF.fullmatch(brought)
    if found is None:
        return False
    until = int(found[1])
    right = hmac.compare_digest(_seal(stored, link, until), found[2])
    return right and now < datetime.fromtimestamp(until, UTC)


def _seal(stored: str, link: Link, until: int) -> str:
    told = f"{link.id} {link.version} {until}".encode()
    return hmac.new(stored.encode(), told, hashlib.sha256).hexdigest()
