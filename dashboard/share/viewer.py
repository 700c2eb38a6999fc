"""A program that only opens shared links: it may read the memory, count visits, and no more."""

from __future__ import annotations

from functools import cache

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dashboard.records.db import Records
from dashboard.records.visits import where_possible
from dashboard.settings import Settings
from dashboard.share import choices, page
from dashboard.share.headers import SecurityHeaders, page_policy
from dashboard.share.routes import lifespan, routes

_WELCOME = page.plain("Shared links only", "This address serves shared links only.")


async def _welcome(_request: Request) -> Response:
    return HTMLResponse(_WELCOME)


def viewer_app(settings: Settings) -> Starlette:
    """The viewer's whole program: shared links, a health check, and a plain front page."""

    @cache
    def records() -> Records:
        return Records(settings.records_url, read_only=True)

    visits = where_possible(settings.visits_address)
    return Starlette(
        routes=[
            *routes(records, visits),
            *choices.routes(records, visits),
            Route("/", _welcome, methods=["GET"]),
        ],
        middleware=[Middleware(SecurityHeaders, policy=page_policy())],
        lifespan=lifespan,
    )
