"""Start: what this is, one click to segments, and the way back to earlier work."""

from __future__ import annotations

import streamlit as st

from dashboard import workflow
from dashboard.ui import cards, lists, state, words
from dashboard.ui.boundary import boundary, working

workspace = state.current(workflow.Workspace)


def try_sample() -> None:
    """From nothing to segments of the sample shop."""
    with working(words.SAMPLE_WORKING) as tell:
        received = workflow.receive(workspace, workflow.sample_uploads())
        choices = workflow.suggest(received, words.SAMPLE_PURPOSE)
        kept = workflow.keep(workspace, received.staged_id, choices)
        plan = workflow.default_plan(workspace, kept.dataset_id)
        bought = workflow.buy_map(workspace, kept.dataset_id, plan, tell)
    state.choose("dataset", kept.dataset_id)
    state.choose("map", bought.id)
    state.go("segments")


def try_orders() -> None:
    """From the sample shop's orders to known groups, published."""
    with working(words.SAMPLE_WORKING) as tell:
        received = workflow.receive(workspace, workflow.sample_orders())
        choices = workflow.suggest_orders(received, words.SAMPLE_PURPOSE)
        kept = workflow.keep(workspace, received.staged_id, choices)
        plan = workflow.known_plan(workspace, kept.dataset_id)
        made = workflow.publish_known(workspace, kept.dataset_id, plan, progress=tell)
    state.choose("dataset", kept.dataset_id)
    state.choose("release", made.id)
    state.go("release")


st.title(words.START_TITLE)
st.markdown(words.START_LEAD)
with st.container(horizontal=True):
    wants_sample = st.button(words.TRY_SAMPLE, type="primary", key="try-sample")
    wants_orders = st.button(words.TRY_ORDERS, key="try-orders")
    if workspace.settings.mode != "demo" and st.button(words.USE_MINE, key="use-mine"):
        state.go("data")
cards.show_note(words.SAMPLE_HINT)
if wants_sample:
    with boundary():
        try_sample()
if wants_orders:
    with boundary():
        try_orders()

work: lists.Work = (
    *workflow.releases(workspace),
    *workflow.maps(workspace),
    *workflow.datasets(workspace),
)
if work:
    st.header(words.RESUME_TITLE)
    lists.show_resume(work)
else:
    cards.show_steps()
