"""Share: links that open a release for people without an account, until they end."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard import workflow
from dashboard.ui import cards, inputs, lists, state, words
from dashboard.ui.boundary import boundary

workspace = state.current(workflow.Workspace)


def create(release_id: str) -> None:
    """Ask for how long and for whom, and make a link."""
    with st.form("link", border=True):
        label = st.text_input(words.LINK_LABEL, placeholder=words.LINK_LABEL_HINT, max_chars=80)
        days = st.number_input(words.LINK_DAYS, 1, 90, workspace.settings.link_days)
        wanted = st.form_submit_button(words.CREATE_LINK, type="primary")
    if wanted:
        with boundary():
            state.hold_link(workflow.share(workspace, release_id, int(days), label.strip()))
    lists.show_new_link(release_id)


def revoke(link_id: str) -> None:
    """Close one link."""
    workflow.revoke(workspace, link_id)
    state.hold_link(None)


def overview(release_id: str) -> None:
    """List the links, and let them be closed."""
    st.header(words.LINKS_TITLE)
    links = workflow.links(workspace, release_id)
    lists.show_links(links, datetime.now(UTC), revoke)
    if links and st.button(words.REVOKE_ALL, key="revoke-all"):
        closed = workflow.revoke_all(workspace, release_id)
        state.hold_link(None)
        st.toast(words.revoked(closed))
        st.rerun()


st.title(words.SHARE_TITLE)
published = workflow.releases(workspace)
if published:
    cards.show_lead(words.SHARE_LEAD)
    chosen = inputs.choose_release(published)
    create(chosen)
    overview(chosen)
else:
    st.info(words.SHARE_EMPTY)
    if st.button(words.TO_SEGMENTS_FIRST, type="primary"):
        state.go("segments")
