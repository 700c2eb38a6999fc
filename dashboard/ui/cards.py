"""Segments, prices and lists as calm cards: HTML written from answers, every text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import wording
from dashboard.receipts import BudgetState, Quote
from dashboard.release import HiddenGroup, Segment
from dashboard.terms import Spent
from dashboard.ui import colors, words

LOOK: Final = Path(__file__).with_name("look.css")
"""How the cards look, by day and by night."""

_LEVELS: Final = ("small", "medium", "large")


def show_look() -> None:
    """Bring the look of the cards to the page; called by main.py at every run."""
    st.html(LOOK)


def badge_html(place: int) -> str:
    """The letter of a segment on its color."""
    tone, letter = colors.color(place), colors.letter(place)
    return f'<span class="ps-letter" style="background:{tone}" aria-hidden="true">{letter}</span>'


# ── segments ────────────────────────────────────────────────────────────────────────────
def segment_html(place: int, segment: Segment, *, all_shown: bool = True) -> str:
    """One segment as a card: name, size with range, what sets it apart, and what to do next."""
    usable, level = words.usable(segment)
    of_all = words.OF_ALL[not all_shown]
    traits = "".join(f"<li>{escape(trait.words)}</li>" for trait in segment.traits[:3])
    step = (
        f'<p class="ps-step"><b>{words.NEXT_STEP}</b> {escape(segment.next_step)}</p>'
        if segment.next_step
        else ""
    )
    return (
        f'<article class="ps-card" style="--tone:{colors.color(place)}">'
        f"<h2>{badge_html(place)}<span>{escape(segment.name)}</span></h2>"
        f'<p class="ps-size">{escape(wording.people(segment))}</p>'
        f'<p class="ps-share">{escape(wording.share(segment))} {of_all}</p>'
        f"{_share_bar(segment)}"
        f"<ul>{traits}</ul>{step}"
        f'<p class="ps-badge ps-{_LEVELS[level]}">{escape(usable)}</p></article>'
    )


def _share_bar(segment: Segment) -> str:
    low, value, high = (
        100 * min(max(each, 0.0), 1.0)
        for each in (segment.share_low, segment.share, segment.share_high)
    )
    return (
        '<div class="ps-bar" aria-hidden="true">'
        f'<i style="left:{low:.1f}%;width:{max(high - low, 0.5):.1f}%"></i>'
        f'<b style="left:{value:.1f}%"></b></div>'
    )


def cards_html(segments: Sequence[Segment], other: HiddenGroup | None) -> str:
    """All segments as cards, and a line for what is hidden."""
    made = "".join(
        segment_html(place, each, all_shown=other is None) for place, each in enumerate(segments)
    )
    hidden = f'<p class="ps-hidden">{escape(wording.hidden_group(other))}</p>' if other else ""
    return f'<div class="ps-cards">{made}</div>{hidden}'


def show_cards(segments: Sequence[Segment], other: HiddenGroup | None) -> None:
    """Show all segments as cards."""
    if segments:
        st.html(cards_html(segments, other))
    else:
        st.info(words.ALL_HIDDEN)


def legend_html(segments: Sequence[Segment]) -> str:
    """Which letter and color is which segment."""
    chips = "".join(
        f"<span>{badge_html(place)}{escape(each.name)}</span>"
        for place, each in enumerate(segments)
    )
    return f'<div class="ps-legend">{chips}</div>'


def show_legend(segments: Sequence[Segment]) -> None:
    """Show which letter and color is which segment."""
    st.html(legend_html(segments))


# ── facts and prices ────────────────────────────────────────────────────────────────────
def facts_html(facts: Iterable[tuple[str, str]]) -> str:
    """A row of facts: the fact large, what it is about small."""
    made = "".join(
        f"<div><b>{escape(fact)}</b><span>{escape(about)}</span></div>" for fact, about in facts
    )
    return f'<div class="ps-facts">{made}</div>'


def show_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Show a row of facts."""
    st.html(facts_html(facts))


def listed(names: Iterable[str]) -> str:
    """Several names as one line of HTML."""
    return escape(", ".join(names))


def meter_html(cap: Spent, parts: Sequence[tuple[str, float]]) -> str:
    """A bar of the whole privacy budget with its parts: (kind, rho) from the left."""
    whole = cap.rho or 1.0
    made = "".join(
        f'<i class="ps-{kind}" style="width:{min(100 * rho / whole, 100):.1f}%"></i>'
        for kind, rho in parts
    )
    return f'<div class="ps-meter" aria-hidden="true">{made}</div>'


def show_quote(quote: Quote, *, map_bought: bool = False) -> None:
    """Show a price before it is paid: precision, part of the budget, and what is left."""
    price = quote.publish_spent if map_bought else quote.map_spent
    error = quote.size_error if map_bought else quote.map_size_error
    facts = (
        (words.sizes_within(error), words.EXPECTED_ERROR),
        (words.part_of_budget(price, quote.cap), words.PRICE),
        (words.count_left(quote.releases_left), words.LEFT),
    )
    parts = (("spent", quote.spent_before.rho), ("price", price.rho))
    st.html(facts_html(facts) + meter_html(quote.cap, parts))
    if quote.sentences:
        with st.expander(words.QUOTE_FOLD):
            st.markdown("\n".join(f"- {words.safe(each)}" for each in quote.sentences))


def show_budget(state: BudgetState) -> None:
    """Show what the customers' privacy still allows, in the sidebar."""
    st.html(
        f'<div class="ps-budget"><b>{words.BUDGET_TITLE}</b>'
        f"{meter_html(state.cap, (('spent', state.spent.rho),))}"
        f"<span>{escape(words.budget_left(state))}</span></div>"
    )
    interrupted = wording.interrupted(state)
    if interrupted:
        st.warning(words.safe(interrupted), icon=":material/history:")


# ── text ────────────────────────────────────────────────────────────────────────────────
def show_numbered(sentences: Iterable[str]) -> None:
    """Show an account in numbered sentences."""
    made = "".join(f"<li>{escape(each)}</li>" for each in sentences)
    st.html(f'<ol class="ps-account">{made}</ol>')


def show_steps() -> None:
    """Show the way in three steps."""
    made = "".join(
        f"<li><b>{escape(title)}</b><span>{escape(text)}</span></li>" for title, text in words.STEPS
    )
    st.html(f'<ol class="ps-steps">{made}</ol>')


def show_note(text: str) -> None:
    """Show a quiet line."""
    st.html(f'<p class="ps-note">{escape(text)}</p>')


def show_lead(text: str) -> None:
    """Show the sentence under a title."""
    st.html(f'<p class="ps-lead">{escape(text)}</p>')
