"""Data: give a table, see what was found and what happens to it, and keep what may be kept."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import workflow
from dashboard.receipts import Choices, Job, Kept, Received, Upload
from dashboard.ui import cards, consent, cuts, inputs, lists, refusals, state, words, work
from dashboard.ui.boundary import boundary, working

workspace = state.current(workflow.Workspace)
deeds = work.deeds(workflow, workspace)


def read(max_mb: int) -> None:
    """Take files and find out what is in them."""
    uploads = inputs.take_uploads(max_mb)
    names = inputs.choose_files(workflow.folder_files(workspace))
    with boundary():
        table = inputs.choose_table(workflow.source_tables(workspace))
        if uploads or names or table:
            found = uploads or given_by_name(names, table)
            state.watch(workflow.begin(workspace, "read", workflow.receive, found).id)
            st.rerun()


def given_by_name(names: tuple[str, ...], table: str | None) -> tuple[Upload, ...]:
    """Files of the owner's folder, or a table that the owner declared."""
    if table is not None:
        return workflow.table_uploads(workspace, table)
    return workflow.folder_uploads(workspace, names)


def review_orders(received: Received) -> None:
    """Offer to add orders up for known groups, with one button; else read them line by line."""
    if st.toggle(words.ORDERS_AS_LINES):
        review(received)
        return
    st.header(words.ORDERS_TITLE)
    choices = with_answers(received, inputs.edit_orders(received, workflow.suggest_orders))
    declared = cuts.edit_cuts(choices.cuts)
    chosen = replace(choices, cuts=declared or choices.cuts)
    keep(received, chosen, words.ORDERS_BUTTON, ready=declared is not None)


def with_answers(received: Received, choices: Choices) -> Choices:
    """Ask what strange answers mean in the columns that decide who may be used."""
    asked = workflow.unlisted(workspace, received, choices.consent_columns)
    return replace(choices, answers=consent.edit_answers(asked))


def review(received: Received) -> None:
    """Show the findings, ask what is to happen, and keep."""
    suggested = workflow.suggest(received, words.PURPOSE_DEFAULT)
    choices = with_answers(received, inputs.edit_choices(received, suggested))
    inputs.show_findings(received, choices)
    keep(received, choices, words.KEEP_BUTTON)


def keep(received: Received, choices: Choices, label: str, *, ready: bool = True) -> None:
    """Keep what was chosen, or begin again with another file."""
    missing = inputs.missing_in(choices)
    with st.container(horizontal=True):
        wants = st.button(label, type="primary", disabled=missing is not None or not ready)
        if st.button(words.START_OVER):
            workflow.discard(workspace, received.staged_id)
            state.hold_received(None)
            st.rerun()
    if missing is not None:
        st.warning(missing)
    if wants:
        with boundary():
            asked = (received.staged_id, choices)
            state.watch(workflow.begin(workspace, "keep", workflow.keep, *asked).id)
            st.rerun()


def go_on(done: Job, found: object) -> None:
    """Hold what was found or kept: it is told once."""
    if isinstance(found, Received):
        state.hold_received(found)
    else:
        state.hold_received(None)
        state.choose_made(done.made)
        if isinstance(found, Kept):
            state.hold_kept(found)
            st.rerun()
        st.info(words.WORK_TAKEN, icon=":material/info:")


def refuse(uploads: tuple[Upload, ...]) -> None:
    """Put everybody who says no in these files on the list."""
    with boundary():
        with working(words.LISTING) as tell:
            state.hold_listed(workflow.suppress(workspace, uploads, tell))
        st.rerun()


def destroy(dataset_id: str) -> None:
    """Destroy a kept table at once."""
    workflow.destroy(workspace, dataset_id)
    state.let_go()
    state.hold_kept(None)


st.title(words.DATA_TITLE)
ended = work.follow(deeds, "read", "keep")
if ended:
    go_on(*ended)
given, receipt = state.received(), state.kept()
if workspace.settings.mode == "demo":
    st.info(words.NO_UPLOAD_IN_DEMO)
    if st.button(words.TO_START, type="primary"):
        state.go("start")
elif given:
    lists.show_received(given)
    (review_orders if given.orders else review)(given)
else:
    if receipt:
        lists.show_kept(receipt)
        if st.button(words.TO_SEGMENTS, type="primary"):
            state.go("segments")
    with st.expander(words.START_OVER) if receipt else st.container():
        cards.show_lead(words.DATA_LEAD)
        read(workspace.settings.max_upload_mb)
lists.show_tables(workflow.datasets(workspace), destroy)
if workspace.settings.mode != "demo" and not given:
    waiting = workflow.waiting(workspace)
    refusals.show_refusals(waiting, workspace.settings.max_upload_mb, refuse)
