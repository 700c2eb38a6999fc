"""Looking at a link as its readers see it: an address for its owner, good for some hours.

The dashboard's page makes the address and the same process answers it, outside of ``/s``, so
that a proxy's login guards it like the rest of the dashboard.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

HOURS: Final = 12
_KEY: Final = secrets.token_bytes(32)
_PATH: Final = re.compile(r"([A-Za-z0-9_-]{1,64})/(\d{10})\.([0-9a-f]{64})", re.ASCII)


def path_to(link_id: str, now: datetime) -> str:
    """Where the owner sees the page of a link until some hours from now."""
    until = int((now + timedelta(hours=HOURS)).timestamp())
    return f"/preview/{link_id}/{until}.{_seal(link_id, until)}"


def link_behind(path: str, now: datetime) -> str | None:
    """The link whose page an address opens; ``None`` where it is over or not ours."""
    found = _PATH.fullmatch(path)
    if found is None or now >= datetime.fromtimestamp(int(found[2]), UTC):
        return None
    right = hmac.compare_digest(_seal(found[1], int(found[2])), found[3])
    return found[1] if right else None


def _seal(link_id: str, until: int) -> str:
    return hmac.new(_KEY, f"{link_id} {until}".encode(), hashlib.sha256).hexdigest()
