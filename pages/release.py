"""Release: what the world may see of one segmentation."""

from __future__ import annotations

import streamlit as st

from dashboard import exports, workflow
from dashboard.errors import BadInputError
from dashboard.release import Release
from dashboard.ui import cards, inputs, state, views, words
from dashboard.ui.handoff import show_hand_off
from dashboard.ui.movement import show_movement

workspace = state.current(workflow.Workspace)


def compare(release_id: str) -> None:
    """Say what changed since an earlier release that asked the same, where there is one."""
    others = workflow.earlier(workspace, release_id)
    if not others:
        return
    st.header(words.MOVEMENT_TITLE)
    other = inputs.choose_earlier(others)
    try:
        show_movement(workflow.movement(workspace, release_id, other))
    except BadInputError as refusal:
        cards.show_note(str(refusal))


def show(release_id: str) -> None:
    """Show one release, from the cards down to the fine print."""
    release = workflow.release(workspace, release_id)
    views.show_release_headline(release)
    if st.button(words.TO_SHARE, type="primary"):
        state.go("share")
    cards.show_cards(release.segments, release.other)
    views.show_stability(release)
    views.show_sizes(release.segments, release.other)
    views.show_views(release)
    compare(release_id)
    show_hand_off(release)
    views.show_fine_print(release)
    offer_files(release)


def offer_files(release: Release) -> None:
    """Let the person take the release along; a file is written when it is asked for."""
    st.header(words.DOWNLOAD_TITLE)
    cards.show_note(words.DOWNLOAD_NOTE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            words.DOWNLOAD_LABEL,
            words.DOWNLOAD_FORMATS,
            format_func=words.DOWNLOAD_FORMATS.__getitem__,
            key="format",
            width=280,
        )
        name = exports.file_name(release, chosen)
        st.download_button(
            words.DOWNLOAD.format(name),
            lambda: exports.export(release, chosen),
            file_name=name,
            mime=exports.FORMATS[chosen].mime,
            on_click="ignore",
        )


published = workflow.releases(workspace)
if published:
    show(inputs.choose_release(published))
else:
    st.title(words.PAGES["release"])
    st.info(words.RELEASE_EMPTY)
    if st.button(words.TO_SEGMENTS_FIRST, type="primary"):
        state.go("segments")
