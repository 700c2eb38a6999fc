"""What changed since an earlier release: a picture from then to now, in words, and as a table."""

from __future__ import annotations

import streamlit as st

from dashboard import wording
from dashboard.release import Change, Movement
from dashboard.ui import cards, charts, tables, words


def show_movement(movement: Movement) -> None:
    """Show how shares moved, with their bands, and say what is beyond the noise."""
    for each in movement.changes:
        st.markdown(f"- {words.safe(wording.moved(each))}")
    for sentence in wording.unmatched(movement):
        st.markdown(f"- {words.safe(sentence)}")
    if movement.changes:
        st.plotly_chart(
            charts.flow(movement),
            config=charts.CONFIG,
            alt=words.movement_alt(len(movement.changes)),
            key="movement",
        )
    cards.show_note(words.MOVEMENT_NOTE if movement.same_rule else words.MOVEMENT_NOTE_LEARNED)
    head = (words.SIZES_HEAD[0], *wording.then_and_now(movement), words.MOVEMENT_HEAD)
    tables.show_folded(head, [_line(each) for each in movement.changes])


def _line(change: Change) -> tuple[str, str, str, str]:
    return (
        charts.label_of(change.later_place, change.name),
        f"{wording.with_range(change.size_before)}, {wording.percent(change.share_before)}",
        f"{wording.with_range(change.size_after)}, {wording.percent(change.share_after)}",
        wording.difference(change.people),
    )
