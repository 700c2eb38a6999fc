"""The privacy desk on the screen: budgets, clocks, requests and the audit log, as calm lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from dashboard import wording
from dashboard.receipts import BudgetState, Dataset, LogState, Request, RequestKind
from dashboard.ui import cards, tables, words

Bases = Sequence[tuple[tuple[str, ...], BudgetState]]
"""Customer bases: the names of their tables, and what is spent and left."""


def show_budgets(bases: Bases) -> None:
    """Show each customer base with its meter, and what was spent on what."""
    for names, state in bases:
        st.html(
            f'<p class="ps-base"><b>{cards.listed(names)}</b></p>'
            f"{cards.meter_html(state.cap, (('spent', state.spent.rho),))}"
        )
        cards.show_note(words.budget_left(state))
        if state.charges:
            with st.expander(words.CHARGES_FOLD):
                tables.show_table(words.CHARGES_HEAD, (_charge(state, n) for n in _newest(state)))


def _newest(state: BudgetState) -> range:
    return range(len(state.charges) - 1, -1, -1)


def _charge(state: BudgetState, place: int) -> tuple[str, ...]:
    charge = state.charges[place]
    return (
        wording.day(charge.at.date()),
        words.PURPOSES.get(charge.purpose, charge.purpose),
        words.part_of_budget(charge.spent, state.cap),
        words.ANSWERED[charge.finished],
    )


def show_clocks(kept: Sequence[Dataset]) -> None:
    """Show what is kept, for which purpose, and the day on which it is destroyed."""
    lines = (
        (
            each.name,
            each.purpose,
            ", ".join(wording.column_words(column.name) for column in each.columns),
            wording.day(each.expires_on),
        )
        for each in kept
    )
    tables.show_table(words.TABLES_HEAD, lines)


def show_requests(requests: Sequence[Request], today: date) -> None:
    """Show what customers asked, by the day on which the answer is due."""
    if not requests:
        cards.show_note(words.REQUESTS_NONE)
        return
    lines = (
        (
            words.REQUEST_KINDS[each.kind],
            wording.day(each.received_on),
            words.days_left(each.due_on, today) if each.open else wording.day(each.due_on),
            each.outcome or "–",
        )
        for each in requests
    )
    tables.show_table(words.REQUESTS_HEAD, lines)


def ask_request(today: date) -> tuple[RequestKind, date, str] | None:
    """Ask what a customer wants, when it arrived, and who made sure that it was them."""
    with st.form("request", border=True, clear_on_submit=True):
        kind = st.selectbox(
            words.REQUEST_KIND,
            tuple(words.REQUEST_KINDS),
            format_func=lambda each: words.REQUEST_KINDS[each],
        )
        received_on = st.date_input(words.REQUEST_DAY, today, max_value=today)
        checked_by = st.text_input(
            words.REQUEST_CHECKED, placeholder=words.REQUEST_CHECKED_HINT, max_chars=120
        )
        wanted = st.form_submit_button(words.REQUEST_NOTE)
    return (kind, received_on, checked_by) if wanted and kind else None


def show_log(state: LogState) -> None:
    """Show whether the audit log holds, and its newest lines."""
    said = st.error if state.broken_at is not None else cards.show_note
    said(words.log_state(state))
    if state.lines:
        with st.expander(words.LOG_FOLD):
            lines = (
                (
                    str(each.seq),
                    each.at.strftime("%Y-%m-%d %H:%M"),
                    words.ACTIONS.get(each.action, each.action),
                    each.object[:12],
                )
                for each in state.lines
            )
            tables.show_table(words.LOG_HEAD, lines)
