"""Where errors become sentences: the person reads what to do, the log reads where it was."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard import logs
from dashboard.errors import InternalError, NotFoundError, PrivateSegmentsError
from dashboard.ui import state, words

logger = logging.getLogger(__name__)


@contextmanager
def boundary() -> Iterator[None]:
    """Show a refusal as its sentence, and a mistake of ours as a reference number."""
    try:
        yield
    except PrivateSegmentsError as refusal:
        _show(refusal)
    except Exception as mistake:  # noqa: BLE001 - the one place that catches everything
        reference = secrets.token_hex(3)
        logger.error("internal error %s: %s", reference, logs.places(mistake))  # noqa: TRY400
        _show(InternalError(words.internal(reference)))


def _show(refusal: PrivateSegmentsError) -> None:
    if isinstance(refusal, NotFoundError):
        state.let_go()
    st.error(words.safe(str(refusal)), icon=":material/info:")
    if isinstance(refusal, NotFoundError):
        state.show_link("start", words.TO_START)


@contextmanager
def working(doing: str) -> Iterator[Callable[[float, str], None]]:
    """Show that something long is going on; the yielded function tells how far it is."""
    with st.status(doing, expanded=True) as status:
        bar = st.progress(0.0)

        def tell(done: float, now: str) -> None:
            bar.progress(min(max(done, 0.0), 1.0), text=now)

        yield tell
        status.update(label=words.DONE, state="complete", expanded=False)
