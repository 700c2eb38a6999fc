"""The files that shared pages may load: our own script, and plotly for whoever opens a chart.

Their names hold a hash of what is in them, so a browser keeps them for good. They
lie under ``/s/``, beside the links, because a proxy lets nothing else through to strangers.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PLACE: Final = "/s/static"
"""Where the files are served; no token looks like this."""

_MAP_STYLE: Final = re.compile(r"textContent='\.maplibregl(?:[^'\\]|\\.)*'")
_KEPT: Final = "public, max-age=31536000, immutable"
_JAVASCRIPT: Final = "text/javascript; charset=utf-8"


def script() -> str:
    """Our own script: it makes charts of the tables that are on the page, and asks nobody."""
    return Path(__file__).with_name("page.js").read_text("utf-8")


def plotly() -> str:
    """The charting library as its Python wheel brings it, so that no machine has to fetch it.

    Found without being imported: a viewer's process has no use for the library itself.
    Without the style sheet of its street maps, which we don't draw and our content
    security would refuse.
    """
    places = (Path(folder, "plotly", "package_data", "plotly.min.js") for folder in sys.path)
    file = next(place for place in places if place.is_file())
    return _MAP_STYLE.sub("textContent=''", file.read_text("utf-8"))


_SOURCES: Final = {"page": script, "plotly": plotly}


@cache
def names() -> Mapping[str, str]:
    """The name under which each file is served, with a hash of what is in it."""
    return {
        which: f"{which}.{hashlib.sha256(source().encode()).hexdigest()[:16]}.js"
        for which, source in _SOURCES.items()
    }


def address(which: str) -> str:
    """Where a page finds ``page`` or ``plotly``."""
    return f"{PLACE}/{names()[which]}"


@dataclass(frozen=True, slots=True)
class _Packed:
    plain: bytes
    small: bytes


@cache
def _packed(which: str) -> _Packed:
    plain = _SOURCES[which]().encode()
    return _Packed(plain, gzip.compress(plain, 9, mtime=0))


def route(common: Mapping[str, str]) -> Route:
    """The address of the files; ``common`` are the headers that every answer carries."""

    async def send(request: Request) -> Response:
        asked = request.path_params["name"]
        which = next((each for each, name in names().items() if name == asked), None)
        if which is None:
            return Response(status_code=404, headers={**common, "Cache-Control": "no-store"})
        found = await run_in_threadpool(_packed, which)
        headers = {**common, "Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(found.small, 200, headers, _JAVASCRIPT)
        return Response(found.plain, 200, headers, _JAVASCRIPT)

    return Route(f"{PLACE}/{{name}}", send, methods=["GET"])
