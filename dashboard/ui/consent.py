"""What the person says about consent and guarded columns: the basis, strange answers, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.plan import Feature
from dashboard.receipts import Answer, Override, Unlisted
from dashboard.terms import Basis, Meaning
from dashboard.ui import cards, words


def edit_basis(chosen: Basis) -> Basis:
    """Ask what allows the use of the customers' data: it decides about who said nothing."""
    bases: list[Basis] = list(words.LEGAL_BASES)
    return st.selectbox(
        words.LEGAL_BASIS_LABEL,
        bases,
        bases.index(chosen),
        format_func=lambda basis: words.LEGAL_BASES[basis],
        help=words.LEGAL_BASIS_HELP,
    )


def edit_answers(unlisted: Sequence[Unlisted]) -> tuple[Answer, ...]:
    """Ask what strange answers to consent mean; until somebody says so they mean neither."""
    if not unlisted:
        return ()
    told = []
    with st.container(border=True):
        st.markdown(f"**{words.UNLISTED_TITLE}**")
        cards.show_note(words.UNLISTED_NOTE)
        for place, each in enumerate(unlisted):
            meanings: list[Meaning] = list(words.MEANINGS)
            meaning = st.selectbox(
                words.unlisted_label(each),
                meanings,
                format_func=lambda meaning: words.MEANINGS[meaning],
                key=f"answer-{place}-{each.column}-{each.value}",
            )
            told.append(Answer(each.column, each.value, meaning))
    return tuple(told)


def edit_overrides(
    guarded: Mapping[str, Feature],
) -> tuple[tuple[Feature, ...], tuple[Override, ...]]:
    """Ask whether a guarded column is to be kept all the same, and why; none without a reason."""
    if not guarded:
        return (), ()
    chosen = st.multiselect(words.GUARDED_LABEL, list(guarded), help=words.GUARDED_HELP)
    overrides = []
    for name in chosen:
        reason = st.text_input(words.reason_label(name), max_chars=120, key=f"reason-{name}")
        overrides.append(Override(name, reason.strip()))
    return tuple(guarded[name] for name in chosen), tuple(overrides)
