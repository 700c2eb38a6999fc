"""Earlier work and receipts as lists on the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from dashboard import wording
from dashboard.receipts import Dataset, Kept, MapInfo, Received, ReleaseInfo
from dashboard.ui import state, tables, words

Work = tuple[Dataset | MapInfo | ReleaseInfo, ...]
"""Anything that can be picked up again."""

_LISTED: Final = 12


def show_resume(work: Work) -> None:
    """List earlier work, newest first, each with a link that opens it."""
    for each in sorted(work, key=lambda one: one.created_at, reverse=True)[:_LISTED]:
        when = wording.day(each.created_at.date())
        if isinstance(each, ReleaseInfo):
            label = words.resume(words.RELEASE_ITEM, each.title, when)
            state.show_link("release", label, words.ICONS["release"], release=each.id)
        elif isinstance(each, MapInfo):
            label, ids = words.resume(words.MAP_ITEM, each.title, when), {"map": each.id}
            ids |= {"dataset": each.dataset_id}
            state.show_link("segments", label, words.ICONS["segments"], **ids)
        else:
            label = words.resume(words.TABLE_ITEM, each.name, when)
            state.show_link("segments", label, words.ICONS["data"], dataset=each.id)


def show_received(received: Received) -> None:
    """Show what was read; masked rows and refused lines are folded away."""
    st.markdown(words.safe(words.received_headline(received)))
    if received.masked_rows:
        with st.expander(words.MASKED_TITLE):
            head = [each.name for each in received.columns]
            tables.show_table(head, received.masked_rows)
    if received.flaws:
        with st.expander(words.FLAWS_TITLE, expanded=True):
            tables.show_table(words.FLAWS_HEAD, map(words.flaw_row, received.flaws))
    if received.refused_lines:
        with st.expander(words.REFUSED_TITLE):
            lines = ((f"{r.line:,}", r.column or "–", r.why) for r in received.refused_lines)
            tables.show_table(words.REFUSED_HEAD, lines)


def show_kept(kept: Kept) -> None:
    """Show what became of the rows, once, to the giver."""
    headline = words.kept_headline(kept, use_unknown=kept.use_unknown)
    st.success(words.safe(headline), icon=":material/check_circle:")
    sentences = words.kept_sentences(kept, use_unknown=kept.use_unknown)
    st.markdown("\n".join(f"- {words.safe(each)}" for each in sentences))


def show_tables(kept: Sequence[Dataset], on_destroy: Callable[[str], None]) -> None:
    """List the tables that are kept now, each with a button that destroys it."""
    if not kept:
        return
    with st.expander(words.KEPT_TABLES):
        for table in kept:
            with st.container(horizontal=True, vertical_alignment="center"):
                state.show_link("segments", words.kept_table(table), dataset=table.id)
                with st.popover(words.DESTROY):
                    st.markdown(words.DESTROY_NOTE)
                    st.button(
                        words.DESTROY_SURE,
                        key=f"destroy-{table.id}",
                        on_click=on_destroy,
                        args=(table.id,),
                    )
