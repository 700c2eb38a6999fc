"""The privacy desk on the screen: budgets, clocks, requests and the audit log, as calm lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from dashboard import wording
from dashboard.receipts import (
    BudgetState,
    ChoicePage,
    Dataset,
    Holding,
    LogState,
    Request,
    RequestKind,
)
from dashboard.ui import cards, state, tables, words

Bases = Sequence[tuple[tuple[str, ...], BudgetState]]
"""Customer bases: the names of their tables, and what is spent and left."""


def show_budgets(bases: Bases) -> None:
    """Show each customer base with its meter, and what was spent on what."""
    for names, account in bases:
        st.html(
            f'<p class="ps-base"><b>{cards.listed(names)}</b></p>'
            f"{cards.meter_html(account.cap, (('spent', account.spent.rho),))}"
        )
        cards.show_note(words.budget_left(account))
        if account.charges:
            with st.expander(words.CHARGES_FOLD):
                tables.show_table(
                    words.CHARGES_HEAD, (_charge(account, n) for n in _newest(account))
                )


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


def show_requests(
    requests: Sequence[Request], today: date, on_answer: Callable[[str, str], None]
) -> None:
    """Show what customers asked: open requests with a way to answer, then what was done."""
    if not requests:
        cards.show_note(words.REQUESTS_NONE)
        return
    for each in requests:
        if each.open:
            _show_open(each, today, on_answer)
    done = [each for each in requests if not each.open]
    if done:
        lines = (
            (
                words.REQUEST_KINDS[each.kind],
                wording.day(each.received_on),
                wording.day(each.closed_at.date()) if each.closed_at else "–",
                each.outcome,
            )
            for each in done
        )
        tables.show_table(words.REQUESTS_HEAD, lines)


def _show_open(asked: Request, today: date, on_answer: Callable[[str, str], None]) -> None:
    """One open request: until when, and a box for the customer's id that forgets what it held."""
    with st.container(border=True):
        st.markdown(
            f"**{words.safe(words.REQUEST_KINDS[asked.kind])}**  \n"
            + words.safe(words.answer_by(asked.due_on, today))
        )
        with st.form(f"answer-{asked.id}", border=False, clear_on_submit=True):
            who = st.text_input(words.WHO, placeholder=words.WHO_HINT, max_chars=200)
            if st.form_submit_button(words.ANSWER_BUTTONS[asked.kind]):
                on_answer(asked.id, who)


def show_holdings(held: Sequence[Holding]) -> None:
    """Show what is kept of the customer who asked; gone at the next click."""
    if not held:
        st.info(words.NOT_HELD)
        return
    with st.container(border=True):
        cards.show_lead(words.HELD_LEAD)
        lines = (
            (
                each.dataset.name,
                each.dataset.purpose,
                ", ".join(wording.column_words(column.name) for column in each.dataset.columns),
                wording.day(each.dataset.expires_on),
                "; ".join(words.placed(*one) for one in each.segments) or "–",
            )
            for each in held
        )
        tables.show_table(words.HELD_HEAD, lines)


def show_choices(
    page: ChoicePage | None, on_open: Callable[[str], None], on_close: Callable[[], None]
) -> None:
    """Show the page where customers say no, or offer to open one."""
    if page is None:
        with st.expander(words.CHOICES_FOLD), st.form("choices", border=False):
            name = st.text_input(words.CHOICES_NAME, max_chars=80)
            if st.form_submit_button(words.CHOICES_OPEN):
                on_open(name)
        return
    with st.container(border=True):
        st.code(state.origin() + page.path, language=None, wrap_lines=True)
        cards.show_note(words.CHOICES_USE)
        st.button(words.CHOICES_CLOSE, on_click=on_close)


def ask_request(today: date) -> tuple[RequestKind, date, str] | None:
    """Ask what a customer wants, when it arrived, and who made sure that it was them."""
    folded = st.expander(words.REQUEST_FOLD)
    with folded, st.form("request", border=False, clear_on_submit=True):
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
