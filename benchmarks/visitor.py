"""A browser's side of Streamlit's socket, without a browser: opens a page, changes a widget."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LARGEST: Final = 2**26
ID: Final = "$$ID-"
"""How Streamlit names a widget: behind it a hash, then the key that the page gave it."""

OVER: Final = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@dataclass
class Visitor:
    """One session over a socket of its own; what was chosen is sent with each rerun."""

    port: int
    page: str = ""
    query: str = ""
    script: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, WidgetState] = field(default_factory=dict)
    bytes_of_last_run: int = 0
    _socket: ClientConnection | None = None

    async def open(self) -> Self:
        """Connect, as the page's script in a browser does."""
        self._socket = await connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],
            max_size=LARGEST,
            compression=None,
            proxy=None,
        )
        return self

    async def close(self) -> None:
        """Leave."""
        if self._socket:
            await self._socket.close()

    def choose(self, key: str, words: str) -> None:
        """Choose one of several, as ``st.segmented_control`` has them."""
        state = WidgetState(id=self.ids[key])
        state.string_array_value.data[:] = [words]
        self.chosen[key] = state

    def type(self, key: str, words: str) -> None:
        """Type into a text box."""
        self.chosen[key] = WidgetState(id=self.ids[key], string_value=words)

    async def run(self) -> float:
        """Run the page with what was chosen; seconds until its last word came."""
        assert self._socket is not None
        state = ClientState(
            query_string=self.query,
            page_name="" if self.script else self.page,
            page_script_hash=self.script,
            context_info=ContextInfo(
                timezone="UTC", locale="en-US", url=f"http://127.0.0.1:{self.port}/{self.page}"
            ),
        )
        state.widget_states.widgets.extend(self.chosen.values())
        self.bytes_of_last_run, begun = 0, time.perf_counter()
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        while True:
            frame = await self._socket.recv()
            assert isinstance(frame, bytes)
            self.bytes_of_last_run += len(frame)
            if self._hear(ForwardMsg.FromString(frame)):
                return time.perf_counter() - begun

    def _hear(self, message: ForwardMsg) -> bool:
        """Remember what widgets are called; says whether the run is over."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.script = message.new_session.page_script_hash
        elif kind == "navigation":
            self.script = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._note(message.delta.new_element)
        return kind == "script_finished" and message.script_finished in OVER

    def _note(self, element: Element) -> None:
        which = element.WhichOneof("type")
        assert which != "exception", "the page broke"
        its_id = str(getattr(getattr(element, str(which)), "id", ""))
        if its_id.startswith(ID):
            self.ids[its_id.removeprefix(ID).partition("-")[2]] = its_id
