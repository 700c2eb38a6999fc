"""The list of people who said no, on the screen: how to add to it, never who is on it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.receipts import Listed, Upload
from dashboard.ui import cards, inputs, state, words


def show_refusals(
    waiting: int, max_mb: int, on_files: Callable[[tuple[Upload, ...]], None]
) -> None:
    """Explain the list, take files for it, and show what became of the last ones."""
    done = state.listed()
    with st.expander(words.REFUSALS_TITLE, expanded=done is not None):
        cards.show_note(words.REFUSALS_NOTE)
        if waiting:
            st.markdown(words.safe(words.refusals_waiting(waiting)))
        if done is not None:
            _show_listed(done)
        uploads = inputs.take_uploads(max_mb, words.REFUSALS_LABEL, "refusals")
        if uploads:
            on_files(uploads)


def _show_listed(done: Listed) -> None:
    st.success(words.safe(words.listed(done)), icon=":material/block:")
    if done.way_back:
        st.markdown(words.WAY_BACK)
        with st.container(horizontal=True):
            for each in done.way_back:
                st.download_button(
                    each.product, each.content, each.name, "text/csv", on_click="ignore"
                )
    st.button(words.DONE, key="listed-done", on_click=state.hold_listed, args=(None,))
