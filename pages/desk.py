"""Privacy desk: what is kept and owed, what customers asked, and what was done."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import workflow
from dashboard.ui import cards, desk, state, words
from dashboard.ui.boundary import boundary

workspace = state.current(workflow.Workspace)
today = datetime.now(UTC).date()


def answer() -> None:
    """Note what customers ask, and see what is due."""
    st.header(words.REQUESTS_TITLE)
    cards.show_note(words.REQUESTS_NOTE)
    asked = desk.ask_request(today)
    if asked:
        with boundary():
            workflow.note_request(workspace, *asked)
    desk.show_requests(workflow.requests(workspace), today)


st.title(words.DESK_TITLE)
cards.show_lead(words.DESK_LEAD)
kept = workflow.datasets(workspace)
if kept:
    st.header(words.BASES_TITLE)
    desk.show_budgets(workflow.budgets(workspace))
    st.header(words.TABLES_TITLE)
    desk.show_clocks(kept)
else:
    st.info(words.DESK_EMPTY)
if workspace.settings.mode != "demo":
    answer()
st.header(words.LOG_TITLE)
desk.show_log(workflow.audit_log(workspace))
