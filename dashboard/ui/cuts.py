"""The cut points of known groups on the screen: the usual ones, or the owner's own."""

from __future__ import annotations

import streamlit as st

from dashboard import rfm, wording
from dashboard.rfm import Cuts
from dashboard.ui import cards, words


def edit_cuts(usual: Cuts) -> Cuts | None:
    """Ask where known groups are cut, folded away; ``None``, with the reason, where that can't be.

    Cuts are declared, so they cost nothing; what each group then means is told at once.
    """
    with st.expander(words.CUTS_FOLD):
        cards.show_note(words.CUTS_NOTE)
        days = _row(words.CUTS_DAYS, usual.days, 3_649, "days")
        orders = _row(words.CUTS_ORDERS, usual.orders, 1_000, "orders")
        spent = st.number_input(
            words.CUTS_SPENT, 0.0, 1_000_000.0, usual.spent, step=50.0, key="cut-spent"
        )
        try:
            cuts = Cuts((days[0], days[1], days[2]), (orders[0], orders[1]), spent)
        except ValueError as wrong:
            st.warning(words.safe(f"{wording.sentence(str(wrong))}."))
            return None
        said = (f"- **{group}**: {rfm.rule_words(group, cuts)}" for group in rfm.GROUPS)
        st.markdown("\n".join(said))
        return cuts


def _row(labels: tuple[str, ...], usual: tuple[int, ...], most: int, key: str) -> list[int]:
    """Numbers side by side, one for each label."""
    places = st.columns(len(labels), vertical_alignment="bottom")
    return [
        int(place.number_input(label, 1, most, value, key=f"cut-{key}-{number}"))
        for number, (place, label, value) in enumerate(zip(places, labels, usual, strict=True))
    ]
