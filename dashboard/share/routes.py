"""The addresses of the window: ``/s/{token}`` opens a release, ``/health`` says that we live.

Each view checks the link; only the writing of the page is remembered. Unknown,
malformed, expired and revoked links get one and the same answer.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dashboard.records import links
from dashboard.records.db import Records
from dashboard.share import page
from dashboard.share.headers import COMMON, PAGE_POLICY

SECONDS_KEPT: Final = 30
"""How long a reader's browser may show a page without asking us whether its link is still open."""

_PAGES_KEPT: Final = 64
_HTML: Final = "text/html; charset=utf-8"
_SAFE: Final = {
    **COMMON,
    "Content-Security-Policy": PAGE_POLICY,
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page as it travels: its bytes, plain and compressed, and the name of this version."""

    plain: bytes
    packed: bytes
    etag: str


def prepare(text: str) -> Prepared:
    """Make a page ready to be sent many times, byte for byte the same."""
    plain = text.encode()
    etag = f'W/"{hashlib.sha256(plain).hexdigest()}"'
    return Prepared(plain, gzip.compress(plain, 9, mtime=0), etag)


NOT_FOUND: Final = prepare(
    page.plain(
        "This link does not open anything",
        "It may have expired, or it was closed by the person who shared it. "
        "Ask them for a new one.",
    )
)


class Window:
    """Opens links, and remembers the pages written last.

    Args:
        records: gives the memory; called at the first visit, so that starting stays fast.
    """

    def __init__(self, records: Callable[[], Records]) -> None:
        self._records = records
        self._pages: OrderedDict[tuple[str, str], Prepared] = OrderedDict()
        self._lock = threading.Lock()

    async def show(self, request: Request) -> Response:
        """Answer a visit to a shared link."""
        token = request.path_params.get("token", "")
        found = await run_in_threadpool(self.open, token, datetime.now(UTC))
        if found is None:
            return _answer(request, NOT_FOUND, 404, "no-store")
        return _answer(request, found, 200, f"private, max-age={SECONDS_KEPT}, must-revalidate")

    def open(self, token: str, now: datetime) -> Prepared | None:
        """The page behind a token, or ``None`` where nothing may be shown."""
        records = self._records()
        live = links.live_link(records, token, now)
        if live is None:
            return None
        digest, link = live
        return self._known((digest, link.id)) or self._write(records, token, now)

    def _known(self, key: tuple[str, str]) -> Prepared | None:
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
            return found

    def _write(self, records: Records, token: str, now: datetime) -> Prepared | None:
        opened = links.open_link(records, token, now)
        if opened is None:
            return None
        release, link = opened
        prepared = prepare(page.render(release, link))
        with self._lock:
            self._pages[release.digest, link.id] = prepared
            while len(self._pages) > _PAGES_KEPT:
                self._pages.popitem(last=False)
        return prepared


def _answer(request: Request, page: Prepared, status: int, kept: str) -> Response:
    headers = {**_SAFE, "Cache-Control": kept, "Vary": "Accept-Encoding", "ETag": page.etag}
    if status == 200 and page.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(page.packed, status, headers, _HTML)
    return Response(page.plain, status, headers, _HTML)


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={**COMMON, "Cache-Control": "no-store"})


def routes(records: Callable[[], Records]) -> list[Route]:
    """The addresses that are served beside the app; ``records`` is called at the first visit."""
    window = Window(records)
    return [
        Route("/s/{token:path}", window.show, methods=["GET"]),
        Route("/s", window.show, methods=["GET"]),
        Route("/health", _health, methods=["GET"]),
    ]
