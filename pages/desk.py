"""Privacy desk: what is kept and owed, what customers asked, and what was done."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import workflow
from dashboard.ui import cards, desk, state, words
from dashboard.ui.boundary import boundary

workspace = state.current(workflow.Workspace)
today = datetime.now(UTC).date()


def answer(request_id: str, who: str) -> None:
    """Do what a customer asked, and show what to tell them."""
    with boundary():
        desk.show_holdings(workflow.answer_request(workspace, request_id, who))


def ask() -> None:
    """Note what customers ask, see what is due, and answer."""
    st.header(words.REQUESTS_TITLE)
    cards.show_note(words.REQUESTS_NOTE)
    asked = desk.ask_request(today)
    if asked:
        with boundary():
            workflow.note_request(workspace, *asked)
    desk.show_requests(workflow.requests(workspace), today, answer)


def open_choices(name: str) -> None:
    """Open the page where customers say no."""
    with boundary():
        workflow.open_choices(workspace, name)
        st.rerun()


def listen() -> None:
    """Offer the page where customers say no."""
    st.header(words.CHOICES_TITLE)
    cards.show_note(words.CHOICES_LEAD)
    page = workflow.choice_page(workspace)
    desk.show_choices(page, open_choices, lambda: workflow.close_choices(workspace))


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
    ask()
    listen()
st.header(words.LOG_TITLE)
desk.show_log(workflow.audit_log(workspace))
