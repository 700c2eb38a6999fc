"""The rule of a release on the screen, ready to be copied into the owner's own tables."""

from __future__ import annotations

import streamlit as st

from dashboard.handoff.python import python
from dashboard.handoff.sql import sql
from dashboard.release import Release
from dashboard.ui import cards, words


def show_hand_off(release: Release) -> None:
    """Show the rule as SQL and as Python, folded away; nothing where a release has none."""
    if release.rule is None or not release.segments:
        return
    with st.expander(words.HAND_OFF_FOLD):
        cards.show_note(words.HAND_OFF_NOTE)
        as_sql, as_python = st.tabs(words.HAND_OFF_TABS)
        with as_sql:
            st.code(sql(release), language="sql", wrap_lines=True)
        with as_python:
            st.code(python(release), language="python", wrap_lines=True)
