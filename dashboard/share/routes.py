"""The addresses of the window: ``/s/{token}`` opens a release, ``/health`` says that we live.

Each view asks the door; only the writing of the page is remembered. Whoever is refused gets
one and the same answer, whatever the reason.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard.receipts import Link
from dashboard.records import door, opinions, passphrases, previews
from dashboard.records.db import Records
from dashboard.records.door import Found
from dashboard.records.visits import Visits, settle_all
from dashboard.share import assets, forms, page
from dashboard.share.headers import COMMON, page_headers
from dashboard.share.together import Together

SECONDS_KEPT: Final = 30
"""How long a reader's browser may show a page without asking us whether its link is still open."""

PROOF: Final = "proof"
"""The cookie that says that a browser knew the passphrase."""

_PAGES_KEPT: Final = 64
_HTML: Final = "text/html; charset=utf-8"
_FRESH: Final = "no-store"
_KEPT: Final = f"private, max-age={SECONDS_KEPT}, must-revalidate"
_ASK_FIRST: Final = "private, no-cache"


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
ASKS: Final = prepare(page.plain(forms.ASKED, forms.ASKED_WHY, forms.passphrase()))
THANKS: Final = prepare(page.plain(forms.THANKS, forms.THANKS_WHY, forms.back()))


@dataclass(frozen=True, slots=True)
class _Met:
    """What stands behind a token, where visits are counted, and whether the door stays shut."""

    found: Found | None
    visits: Visits | None
    shut: bool


class Window:
    """Opens links, and remembers the pages written last.

    Args:
        records: gives the memory; called at the first visit, so that starting stays fast.
        visits: gives the store in which visits are counted, or ``None`` where this
            program may not write: then no opinion is asked for, and links that need
            counting stay shut.
    """

    def __init__(
        self, records: Callable[[], Records], visits: Callable[[], Visits | None] = lambda: None
    ) -> None:
        self._records = records
        self._visits = visits
        self._pages: OrderedDict[tuple[str, str, bool], Prepared] = OrderedDict()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._looking = Together(self._meet)
        self._entering = Together(self._enter)

    # ── visits ──────────────────────────────────────────────────────────────────────────
    async def show(self, request: Request) -> Response:
        """Answer a visit to a shared link, or what its page's form says."""
        if request.method != "POST":
            return await self._look(request)
        if not forms.from_our_page(request):
            return _refused(request)
        told = await forms.told(request)
        return await run_in_threadpool(self._hear, request, told, datetime.now(UTC))

    async def _look(self, request: Request) -> Response:
        met = await self._looking.ask(_token(request))
        found, visits, now = met.found, met.visits, datetime.now(UTC)
        if found is None or met.shut:
            return _refused(request)
        if not _proven(request, found, now):
            return _answer(request, ASKS, 200, _FRESH)
        asks = visits is not None
        prepared = self._known(found, asks=asks)
        if prepared is None:
            prepared = await run_in_threadpool(self.page, found, asks=asks)
        counted = found.lock is not None or found.link.max_views is not None
        headers = page_headers(found.link.embed)
        kept = _ASK_FIRST if counted else _KEPT
        if _unchanged(request, prepared):
            return Response(status_code=304, headers=_with(headers, prepared, kept))
        if request.method == "GET" and visits and not await self._enters(visits, found.link, now):
            return _refused(request)
        return _answer(request, prepared, 200, kept, headers)

    def _meet(self, tokens: Sequence[str]) -> list[_Met]:
        """Look behind tokens; refusals are counted."""
        now = datetime.now(UTC)
        all_found, visits = door.find_all(self._records(), tokens, now), self._visits()
        return [
            _Met(found, visits, found is not None and _shut(found, visits, now))
            for found in all_found
        ]

    async def _enters(self, visits: Visits, link: Link, now: datetime) -> bool:
        """Count a view: in memory, or on the disk where there is a largest number."""
        if link.max_views is None:
            return visits.enter(link, now)
        return await self._entering.ask(link)

    def _enter(self, links: Sequence[Link]) -> Sequence[bool]:
        visits = self._visits()
        return visits.enter_all(links, datetime.now(UTC)) if visits else [False] * len(links)

    def _hear(self, request: Request, told: Mapping[str, str], now: datetime) -> Response:
        found, visits = door.find(self._records(), _token(request), now), self._visits()
        entering = "passphrase" in told
        if found is None or visits is None or _shut(found, visits, now, inside=not entering):
            return _refused(request)
        if entering and found.lock:
            proof = door.try_passphrase(found, told["passphrase"], visits, now)
            return _let_in(request, proof) if proof else _answer(request, ASKS, 200, _FRESH)
        if not _proven(request, found, now):
            return _answer(request, ASKS, 200, _FRESH)
        opinions.say(visits, found.link.id, told.get("opinion", ""), told.get("part", ""), now)
        return _answer(request, THANKS, 200, _FRESH, page_headers(found.link.embed))

    async def preview(self, request: Request) -> Response:
        """Show its owner what a link's readers see; nothing is counted, nothing is kept."""
        if request.method == "POST":
            return _answer(request, THANKS, 200, _FRESH)
        return await run_in_threadpool(self._preview, request, datetime.now(UTC))

    def _preview(self, request: Request, now: datetime) -> Response:
        link_id = previews.link_behind(request.path_params["path"], now)
        found = door.of_id(self._records(), link_id, now) if link_id else None
        if found is None:
            return _refused(request)
        return _answer(request, self.page(found, asks=True), 200, _FRESH)

    # ── pages ───────────────────────────────────────────────────────────────────────────
    def page(self, found: Found, *, asks: bool) -> Prepared:
        """The page behind a link, written once; with the question for an opinion, or without."""
        with self._writing:  # a crowd at a new link waits for one page rather than writing many
            known = self._known(found, asks=asks)
            if known is not None:
                return known
            release = door.release_behind(self._records(), found)
            opinion = forms.feedback() if asks else None
            prepared = prepare(page.render(release, found.link, opinion))
            with self._lock:
                self._pages[found.digest, found.link.id, asks] = prepared
                while len(self._pages) > _PAGES_KEPT:
                    self._pages.popitem(last=False)
            return prepared

    def _known(self, found: Found, *, asks: bool) -> Prepared | None:
        key = (found.digest, found.link.id, asks)
        with self._lock:
            known = self._pages.get(key)
            if known is not None:
                self._pages.move_to_end(key)
            return known


def _token(request: Request) -> str:
    return str(request.path_params.get("token", ""))


def _shut(found: Found, visits: Visits | None, now: datetime, *, inside: bool = False) -> bool:
    why = door.shut(found, visits, now, inside=inside)
    if why and visits:
        visits.refuse(found.link, why, now)
    return why is not None


def _proven(request: Request, found: Found, now: datetime) -> bool:
    """Whether no passphrase is asked for, or this browser has shown that it knows it."""
    if found.lock is None:
        return True
    return passphrases.proven(found.lock, found.link, request.cookies.get(PROOF, ""), now)


def _let_in(request: Request, proof: str) -> Response:
    """Lead to the page, with the proof for this address alone."""
    way = RedirectResponse(_token(request), 303, {**page_headers(), "Cache-Control": _FRESH})
    way.set_cookie(
        PROOF,
        proof,
        max_age=int(passphrases.PROOF.total_seconds()),
        path=request.url.path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return way


# ── answers ─────────────────────────────────────────────────────────────────────────────
def _refused(request: Request) -> Response:
    return _answer(request, NOT_FOUND, 404, _FRESH)


def _unchanged(request: Request, page: Prepared) -> bool:
    return page.etag in request.headers.get("if-none-match", "")


def _with(headers: Mapping[str, str], page: Prepared, kept: str) -> dict[str, str]:
    vary = "Accept-Encoding" if kept == _KEPT else "Accept-Encoding, Cookie"
    return {**headers, "Cache-Control": kept, "Vary": vary, "ETag": page.etag}


def _answer(
    request: Request,
    page: Prepared,
    status: int,
    kept: str,
    headers: Mapping[str, str] = page_headers(),
) -> Response:
    complete = _with(headers, page, kept)
    if "gzip" in request.headers.get("accept-encoding", ""):
        complete["Content-Encoding"] = "gzip"
        return Response(page.packed, status, complete, _HTML)
    return Response(page.plain, status, complete, _HTML)


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={**COMMON, "Cache-Control": "no-store"})


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Write down the last visits when the server is told to end; it ends without a word then."""
    yield
    await run_in_threadpool(settle_all)


def routes(
    records: Callable[[], Records], visits: Callable[[], Visits | None] = lambda: None
) -> list[Route]:
    """The addresses that strangers reach; ``records`` and ``visits`` are called at each visit."""
    window = Window(records, visits)
    return [
        assets.route(COMMON),
        Route("/s/{token:path}", window.show, methods=["GET", "POST"]),
        Route("/s", window.show, methods=["GET", "POST"]),
        Route("/health", _health, methods=["GET"]),
    ]


def owner_routes(records: Callable[[], Records]) -> list[Route]:
    """The addresses beside the app that its owner alone reaches: what a link's readers see."""
    window = Window(records)
    return [Route("/preview/{path:path}", window.preview, methods=["GET", "POST"])]
