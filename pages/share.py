"""Share: links that open a release for people without an account, until they end."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import workflow
from dashboard.ui import cards, inputs, sharing, state, words
from dashboard.ui.boundary import boundary

workspace = state.current(workflow.Workspace)


# ── what buttons do ─────────────────────────────────────────────────────────────────────
def revoke(link_id: str) -> None:
    """Close one link."""
    with boundary():
        workflow.revoke(workspace, link_id)
        state.hold_link(None)


def rotate(link_id: str) -> None:
    """Give one link a new address, shown once."""
    with boundary():
        state.hold_link(workflow.rotate(workspace, link_id))


def pause(link_id: str) -> None:
    """Close one link for a while."""
    with boundary():
        workflow.pause(workspace, link_id)


def resume(link_id: str) -> None:
    """Open a paused link again."""
    with boundary():
        workflow.resume(workspace, link_id)


def reviewed(link_id: str) -> None:
    """Say that what could identify someone was looked at."""
    with boundary():
        workflow.reviewed(workspace, link_id)


def renew(recipient_id: str) -> None:
    """Say that a recipient was reviewed today."""
    with boundary():
        due = workflow.renew(workspace, recipient_id)
        st.toast(words.renewed(due))


def revoke_theirs(recipient_id: str) -> None:
    """Close every link of one recipient."""
    with boundary():
        closed = workflow.revoke_all(workspace, recipient_id=recipient_id)
        state.hold_link(None)
        st.toast(words.revoked(closed))


# ── what the page shows ─────────────────────────────────────────────────────────────────
def create(release_id: str) -> None:
    """Ask for how long, for whom and on which terms, and make a link."""
    with st.form("link", border=True):
        label, days = sharing.ask_link(workspace.settings.link_days)
        terms = sharing.ask_terms(workflow.recipients(workspace))
        wanted = st.form_submit_button(words.CREATE_LINK, type="primary")
    if wanted:
        with boundary():
            state.hold_link(workflow.share(workspace, release_id, days, label, terms))
    sharing.show_new_link(release_id)


def overview(release_id: str) -> None:
    """List the links, and let them be closed."""
    now = datetime.now(UTC)
    st.header(words.LINKS_TITLE)
    links, uses = workflow.links(workspace, release_id), workflow.link_use(workspace, release_id)
    overdue = {
        each.id
        for each in workflow.recipients(workspace)
        if each.review_due and each.review_due < now.date()
    }
    deeds = sharing.Deeds(
        revoke, rotate, pause, resume, renew, lambda its_id: workflow.preview(workspace, its_id)
    )
    sharing.show_links(links, uses, overdue, now, deeds)
    if links and st.button(words.REVOKE_ALL, key="revoke-all"):
        closed = workflow.revoke_all(workspace, release_id)
        state.hold_link(None)
        st.toast(words.revoked(closed))
        st.rerun()


def register() -> None:
    """The register of recipients, folded away: links for one's own house need none."""
    known = workflow.recipients(workspace)
    with st.expander(words.RECIPIENTS_TITLE):
        cards.show_note(words.RECIPIENTS_NOTE)
        sharing.show_recipients(known, datetime.now(UTC).date(), renew, revoke_theirs)
        told = sharing.ask_recipient(known)
        if told is not None:
            with boundary():
                workflow.keep_recipient(workspace, told)
                st.rerun()


st.title(words.SHARE_TITLE)
published = workflow.releases(workspace)
if published:
    cards.show_lead(words.SHARE_LEAD)
    sharing.show_reviews(workflow.reviews(workspace), pause, reviewed)
    chosen = inputs.choose_release(published)
    create(chosen)
    overview(chosen)
    register()
else:
    st.info(words.SHARE_EMPTY)
    if st.button(words.TO_SEGMENTS_FIRST, type="primary"):
        state.go("segments")
