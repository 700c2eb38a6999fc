"""What we tell browsers about safety: strictest for our own pages, as strict as works for the rest.

The share page needs one style sheet, named by its hash, and may load our script files. Streamlit's
own pages need scripts of their own origin, WebSockets and inline styles.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.share.page import STYLE_HASH

_EMPTY: Final = f"'sha256-{base64.b64encode(hashlib.sha256(b'').digest()).decode()}'"
"""A style sheet with nothing in it: plotly makes one, and fills it by script."""

COMMON: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Headers that every answer of this program carries."""

_OF_A_PAGE: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": f"'sha256-{STYLE_HASH}' {_EMPTY}",
    "img-src": "data:",
    "base-uri": "'none'",
    "form-action": "'self'",
}
"""What a page of this room may use: our script files, its style and pictures, a form to itself."""


def page_policy(embed: Sequence[str] = ()) -> str:
    """Content security of the pages of this room: our own files, nothing from elsewhere.

    ``embed`` names the sites that may show the page inside theirs; nobody where it is empty.
    """
    whole = {**_OF_A_PAGE, "frame-ancestors": " ".join(embed) or "'none'"}
    return "; ".join(f"{name} {value}" for name, value in whole.items())


def page_headers(embed: Sequence[str] = ()) -> dict[str, str]:
    """All headers of safety for a page of this room.

    The older header against frames knows no list of sites, so a page that may be shown
    inside another goes without it; browsers follow the policy.
    """
    headers = {
        **COMMON,
        "Content-Security-Policy": page_policy(embed),
        "X-Robots-Tag": "noindex, nofollow",
    }
    if embed:
        del headers["X-Frame-Options"]
    return headers


_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def app_policy(index_html: str = "") -> str:
    """Content security for the app's own pages; inline scripts of its index are named by hash."""
    scripts = " ".join(_hashes(_INLINE_SCRIPT.findall(index_html)))
    return (
        f"default-src 'self'; script-src 'self' {scripts}; ".replace(" ;", ";")
        + "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; "
        "frame-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def _hashes(scripts: Iterable[str]) -> list[str]:
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'"
        for each in scripts
    ]


class Closed:
    """Answers “not found” at addresses that the program does not need.

    Args:
        app: what answers everywhere else.
        beginnings: how the addresses begin that are closed.
    """

    def __init__(self, app: ASGIApp, beginnings: tuple[str, ...]) -> None:
        self.app = app
        self.beginnings = beginnings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless its address is closed."""
        if scope["type"] == "http" and scope["path"].startswith(self.beginnings):
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class SecurityHeaders:
    """Adds the headers to every answer that does not bring a policy of its own.

    Args:
        app: what answers.
        policy: the content security of answers that bring none, from :func:`app_policy`.
    """

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.headers = {**COMMON, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "content-security-policy" not in headers:
                    for name, value in self.headers.items():
                        headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, complete)
