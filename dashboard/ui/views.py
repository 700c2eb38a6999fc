"""Charts on the screen, each with its note, its alternative text and its table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import wording
from dashboard.plan import Feature
from dashboard.release import ColumnProfile, Exploration, HiddenGroup, Release, Segment
from dashboard.ui import cards, charts, deviation, inputs, tables, words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Told = Release | Exploration
"""Anything with segments to look at."""


def _draw(figure: Figure, alt: str, key: str) -> None:
    st.plotly_chart(figure, config=charts.CONFIG, alt=alt, key=key)


def show_sizes(segments: Sequence[Segment], other: HiddenGroup | None) -> None:
    """Show how large the segments are."""
    st.header(words.SIZES_TITLE)
    _draw(charts.sizes(segments, other), words.sizes_alt(len(segments)), "sizes")
    cards.show_note(words.SIZES_NOTE)
    lines = [
        (charts.label(place, each), wording.size(each), wording.share(each))
        for place, each in enumerate(segments)
    ]
    tables.show_folded(words.SIZES_HEAD, lines)


def show_scatter(told: Told) -> None:
    """Show the map: invented customers, placed by likeness."""
    st.header(words.SCATTER_TITLE)
    cards.show_legend(told.segments)
    figure = charts.scatter(told.points, told.segments, told.axes)
    _draw(figure, words.scatter_alt(len(told.points)), "scatter")
    cards.show_note(words.SCATTER_NOTE)


def show_views(told: Told) -> None:
    """Let the person look at what sets segments apart, at one column, or at two segments."""
    if len(told.segments) < 2:
        cards.show_note(words.NOTHING_TO_COMPARE)
        return
    st.header(words.VIEWS_TITLE)
    chosen = st.segmented_control(
        words.VIEWS_TITLE,
        words.VIEWS,
        default=words.VIEWS[0],
        required=True,
        label_visibility="collapsed",
        key="view",
        persist_state="session",
    )
    cards.show_legend(told.segments)
    show = dict(zip(words.VIEWS, (_show_heat_map, _show_column, _show_pair), strict=True))
    show[chosen or words.VIEWS[0]](told)


def _rows(told: Told) -> tuple[deviation.Row, ...]:
    profiled: tuple[Feature, ...] = told.profiled if isinstance(told, Release) else ()
    return deviation.rows(told.segments, told.overall, told.features + profiled)


def _show_heat_map(told: Told) -> None:
    rows = _rows(told)
    if not rows:
        cards.show_note(wording.NOTHING_APART)
        return
    _draw(charts.heat_map(rows, told.segments), words.heat_alt(len(rows)), "heat")
    cards.show_note(words.HEAT_NOTE)
    places = range(len(told.segments))
    head = (words.COLUMN_LABEL, *(charts.label(p, told.segments[p]) for p in places))
    lines = ((row.title, *(charts.row_words(row, place) for place in places)) for row in rows)
    tables.show_folded(head, lines)


def _show_column(told: Told) -> None:
    bought = {each.name: each for each in told.overall if _bought(told, each)}
    if not bought:
        cards.show_note(words.NO_DISTRIBUTIONS)
        return
    name = st.selectbox(
        words.COLUMN_LABEL, list(bought), format_func=wording.column_words, key="column"
    )
    figure = charts.distribution(name, told.segments, bought[name])
    _draw(figure, words.distribution_alt(wording.column_words(name)), "column-chart")
    cards.show_note(words.DISTRIBUTION_NOTE)
    tables.show_folded(*_column_table(told, bought[name]))


def _bought(told: Told, whole: ColumnProfile) -> bool:
    profiles = [deviation.profile_of(segment, whole.name) for segment in told.segments]
    return any(bar.share for profile in profiles if profile for bar in profile.bars)


def _column_table(
    told: Told, whole: ColumnProfile
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    profiles = [deviation.profile_of(segment, whole.name) for segment in told.segments]
    head = (words.COLUMN_LABEL, *(charts.label(p, s) for p, s in enumerate(told.segments)))
    typical = (words.TYPICAL, *(_typical(each) for each in profiles))
    labels = [bar.label for bar in whole.bars]
    return head, [typical, *((each, *(_bar_words(p, each) for p in profiles)) for each in labels)]


def _typical(profile: ColumnProfile | None) -> str:
    return wording.typical(profile) if profile else wording.hidden("too uncertain to show")


def _bar_words(profile: ColumnProfile | None, label: str) -> str:
    bars = profile.bars if profile else ()
    own = next((bar for bar in bars if bar.label == label), None)
    return wording.bar_words(own) if own else wording.hidden("too uncertain to show")


def _show_pair(told: Told) -> None:
    one, another = inputs.choose_pair(told.segments, "pair")
    rows = _rows(told)
    first, second = told.segments[one], told.segments[another]
    st.markdown(words.safe(wording.larger(first, second)))
    figure = charts.comparison(rows, one, another, told.segments)
    _draw(figure, words.comparison_alt(first.name, second.name), "pair-chart")
    cards.show_note(words.COMPARE_NOTE)
    names = charts.label(one, first), charts.label(another, second)
    head = (words.COLUMN_LABEL, *names, words.DIFFERENCE)
    lines = [
        (
            row.title,
            charts.row_words(row, one),
            charts.row_words(row, another),
            words.difference(row.apart(one, another), *names),
        )
        for row in rows
    ]
    people = (words.PEOPLE, wording.size(first), wording.size(second), "")
    tables.show_folded(head, [people, *lines])


def show_stability(told: Told) -> None:
    """Show how steady the segments are against other noise."""
    if told.stability is not None and told.segments:
        cards.show_note(wording.stability(told.stability))


def show_exploration(told: Exploration) -> None:
    """Show what the map says: cards, the map itself, and the ways to compare."""
    if told.warning:
        st.warning(words.safe(told.warning))
    cards.show_cards(told.segments, told.other)
    show_stability(told)
    for hint in told.hints:
        cards.show_note(hint)
    if told.segments:
        show_scatter(told)
    show_views(told)


def show_release_headline(release: Release) -> None:
    """Show a release's title, its total with range, and when it was made."""
    st.title(words.safe(release.title))
    cards.show_facts(
        (
            (wording.with_range(release.total), words.people_in_all(release.other)),
            (str(len(release.segments)), words.segments_shown(len(release.segments))),
            (wording.day(date.fromisoformat(release.created_on[:10])), words.PUBLISHED_ON),
        )
    )


def show_fine_print(release: Release) -> None:
    """Show how a release was made, and what experts ask for."""
    with st.expander(words.ACCOUNT_FOLD):
        cards.show_numbered(release.account)
        for note in release.notes:
            cards.show_note(note)
    with st.expander(words.DETAILS_TITLE):
        st.markdown(words.safe(wording.odds(release.budget)))
        tables.show_table(words.FINE_PRINT_HEAD, words.fine_print(release))
