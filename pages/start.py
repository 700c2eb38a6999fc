"""Start: what this is, one click to segments, and the way back to earlier work."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from dashboard import workflow
from dashboard.receipts import Job, JobKind
from dashboard.ui import cards, lists, state, words, work
from dashboard.ui.boundary import boundary

workspace = state.current(workflow.Workspace)
deeds = work.deeds(workflow, workspace)


def go_on(done: Job) -> NoReturn:
    """Go to what came of the sample shop."""
    state.choose_made(done.made)
    state.go("segments" if done.kind == "sample" else "release")


def try_out(kind: JobKind, verb: Callable[..., object]) -> NoReturn:
    """From nothing to something of the sample shop to look at."""
    state.watch(workflow.begin(workspace, kind, verb, words.SAMPLE_PURPOSE).id)
    st.rerun()


st.title(words.START_TITLE)
ended = work.follow(deeds, "sample", "orders")
if ended:
    go_on(ended[0])
st.markdown(words.START_LEAD)
with st.container(horizontal=True):
    wants_sample = st.button(words.TRY_SAMPLE, type="primary", key="try-sample")
    wants_orders = st.button(words.TRY_ORDERS, key="try-orders")
    if workspace.settings.mode != "demo" and st.button(words.USE_MINE, key="use-mine"):
        state.go("data")
cards.show_note(words.SAMPLE_HINT)
if wants_sample:
    with boundary():
        try_out("sample", workflow.try_sample)
if wants_orders:
    with boundary():
        try_out("orders", workflow.try_orders)

earlier: lists.Work = (
    *workflow.releases(workspace),
    *workflow.maps(workspace),
    *workflow.datasets(workspace),
)
if earlier:
    st.header(words.RESUME_TITLE)
    lists.show_resume(earlier)
else:
    cards.show_steps()
