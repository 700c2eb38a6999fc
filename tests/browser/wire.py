"""Everything that a browser receives: each frame of a socket and each body of an answer."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from google.protobuf.message import DecodeError
from google.protobuf.text_format import MessageToString
from playwright.sync_api import Error, Page, Response, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.attacks import planted

STATIC = Path(streamlit.__file__).with_name("static")
NAMES_OF_THINGS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}")
"""Ids and checksums: written in hexadecimal, they hold any four digits sooner or later."""


@dataclass(frozen=True)
class Received:
    """Something that came over the wire.

    Args:
        way: how it came.
        page: which page of the program was being shown, by Streamlit's own account.
        content: the bytes as they came, and for frames the message that they spell.
    """

    way: str
    page: str
    content: bytes


@dataclass
class Wire:
    """Listens to one page of a browser from now on."""

    page: Page
    received: list[Received] = field(default_factory=list)
    shown: str = ""
    _answers: list[Response] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)
        self.page.on("response", self._note)

    def _note(self, answer: Response) -> None:
        self._answers.append(answer)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._hear)

    def _hear(self, frame: bytes | str) -> None:
        raw = frame.encode() if isinstance(frame, str) else frame
        try:
            message = ForwardMsg.FromString(raw)
        except DecodeError:
            message = ForwardMsg()
        self._follow(message)
        spelled = MessageToString(message, as_utf8=True).encode()
        self.received.append(Received("frame", self.shown, raw + b"\n" + spelled))

    def _follow(self, message: ForwardMsg) -> None:
        """Know which page is being shown, and what the pages are called."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.shown = message.new_session.page_script_hash
        if kind == "navigation":
            self.shown = message.navigation.page_script_hash
            for each in message.navigation.app_pages:
                self._names[each.page_script_hash] = each.url_pathname or "start"

    def collect(self) -> list[Received]:
        """All that came until now, each with the name of the page that it came to.

        To be called before another address is opened, because the browser forgets then.
        """
        for answer in self._answers:
            place, body = urlsplit(answer.url).path, self._body(answer)
            if not _is_streamlits_own(place, body):
                self.received.append(Received(f"answer {place}", self.shown, body))
        self._answers.clear()
        names = self._names
        return [Received(e.way, names.get(e.page, e.page), e.content) for e in self.received]

    def _body(self, answer: Response) -> bytes:
        """What was answered; asked for again where the browser did not keep it."""
        try:
            return answer.body()
        except Error:
            return self.page.request.get(answer.url).body()


def _is_streamlits_own(place: str, body: bytes) -> bool:
    """A file that lies in Streamlit's package as it came, so that it can hold nothing of ours."""
    file = STATIC / place.lstrip("/")
    return file.is_file() and file.read_bytes() == body


def secrets_in(content: bytes) -> set[str]:
    """Which planted secrets stand in what came, also as bare numbers of 8 or 4 bytes."""
    return planted.secrets_in(content) | _bare(content, float(planted.SPEND), "<d", "<f")


def counts_in(content: bytes, count: int) -> set[str]:
    """The ways in which the exact number of customers stands in what came."""
    plain = NAMES_OF_THINGS.sub(b" ", content)
    return planted.counts_in(plain, count) | _bare(content, count, "<d", "<q")


def _bare(content: bytes, number: float, *kinds: str) -> set[str]:
    return {f"{number} as {kind}" for kind in kinds if struct.pack(kind, number) in content}
