"""The program as a server: the app for the owner, shared links for everybody else."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from starlette.types import ASGIApp

from dashboard import logs
from dashboard.settings import from_environment

MEASURED = ("/_stcore/metrics", "/_stcore/agent")
"""Streamlit's own addresses that tell how large uploads are, or drive the app without a screen."""

gc.disable()  # what is loaded here stays, so that looking for garbage in it would only take time
logs.set_up()
settings = from_environment(os.environ)

if settings.mode == "viewer":
    from dashboard.share.viewer import viewer_app

    app: ASGIApp = viewer_app(settings)
else:
    from collections.abc import AsyncIterator
    from contextlib import asynccontextmanager
    from functools import cache

    import streamlit as st
    from starlette.concurrency import run_in_threadpool
    from starlette.formparsers import MultiPartParser
    from starlette.middleware import Middleware

    from dashboard import workflow
    from dashboard.share import choices
    from dashboard.share.headers import Closed, SecurityHeaders, app_policy
    from dashboard.share.routes import lifespan, owner_routes, routes
    from dashboard.workflow import warming, working

    @cache
    def seat() -> workflow.Workspace:
        """The stores, opened at the first visit to a link."""
        return workflow.open_workspace(settings)

    @asynccontextmanager
    async def life(served: object) -> AsyncIterator[None]:
        """What takes long to load is loaded from the start on; at the end all clears up.

        Long works stop, and the last visits are written down.
        """
        warming.warm()
        async with lifespan(served):
            yield
            await run_in_threadpool(working.wind_down)

    MultiPartParser.spool_max_size = 0  # never: on the disk an upload would lie readable

    index = Path(st.__file__).with_name("static") / "index.html"
    app = st.App(
        Path(__file__).resolve().with_name("dashboard") / "main.py",
        lifespan=life,
        routes=[
            *routes(lambda: seat().records, lambda: seat().visits),
            *choices.routes(lambda: seat().records, lambda: seat().visits),
            *owner_routes(lambda: seat().records),
        ],
        middleware=[
            Middleware(SecurityHeaders, policy=app_policy(index.read_text("utf-8"))),
            Middleware(Closed, beginnings=MEASURED),
        ],
    )

gc.freeze()
gc.enable()
