"""Asks an ASGI program as a browser would, and hands back exactly what it answered."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode()


OURS = {"sec_fetch_site": "same-origin", "content_type": "application/x-www-form-urlencoded"}
"""What a browser says of a form that was sent from our page."""


def send(app: Any, path: str, headers: Mapping[str, str] = OURS, **fields: str) -> Answer:
    """Send a form to its page's address, as a browser does from our page."""
    return visit(app, path, "POST", urlencode(fields).encode(), **headers)


def visit(app: Any, path: str, method: str = "GET", content: bytes = b"", **headers: str) -> Answer:
    """One request; ``if_none_match=…`` sends the header If-None-Match."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": headers.pop("scheme", "http"),
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    # In a thread of its own, because browser tests leave their loop running in this one.
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, app(scope, receive, send)).result()
    pairs = tuple((k.decode(), v.decode()) for k, v in sent[0]["headers"])
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], pairs, body)
