"""Segments: ask, see the price, buy the map; then explore for free, and publish."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from dashboard import workflow
from dashboard.plan import Plan
from dashboard.receipts import Job, JobKind
from dashboard.ui import cards, inputs, lists, state, views, words, work
from dashboard.ui.boundary import boundary, working

workspace = state.current(workflow.Workspace)
deeds = work.deeds(workflow, workspace)


def begin(kind: JobKind, verb: Callable[..., object], *given: object) -> NoReturn:
    """Begin a purchase, and watch it."""
    state.watch(workflow.begin(workspace, kind, verb, *given).id)
    st.rerun()


def go_on(done: Job) -> None:
    """Go to the map or the release that was bought."""
    state.choose_made(done.made)
    if done.kind == "release":
        state.go("release")
    st.rerun()


def known(dataset_id: str) -> None:
    """Tell what known groups are and cost, and publish them; else find segments as usual."""
    st.header(words.KNOWN_TITLE)
    cards.show_lead(words.KNOWN_LEAD)
    plan = workflow.known_plan(workspace, dataset_id)
    quote = workflow.quote_known(workspace, dataset_id, plan)
    cards.show_quote(quote, map_bought=True)
    wants = st.button(
        words.KNOWN_PUBLISH, type="primary", key="publish-known", disabled=not quote.affordable
    )
    if wants:
        with boundary():
            begin("release", workflow.publish_known, dataset_id, plan)
    with st.expander(words.KNOWN_OR_OWN):
        ask(dataset_id)


def ask(dataset_id: str) -> None:
    """Ask what makes customers alike, tell the price, and buy the map."""
    dataset = workflow.dataset(workspace, dataset_id)
    cards.show_lead(words.PLAN_LEAD)
    find_range(dataset_id)
    known = workflow.ranges(workspace, dataset_id)
    cap = workflow.budget(workspace, dataset_id).cap
    price = words.range_price(workflow.price_of_range(workspace, dataset_id), cap)
    plan = inputs.edit_plan(dataset, workflow.default_plan(workspace, dataset_id), known, price)
    if plan is None:
        return
    quote = workflow.quote(workspace, dataset_id, plan)
    cards.show_quote(quote)
    wish(dataset_id, plan)
    if not quote.affordable:
        st.warning(words.NOT_AFFORDABLE)
    if st.button(words.BUY_MAP, type="primary", key="buy-map", disabled=not quote.affordable):
        with boundary():
            begin("map", workflow.buy_map, dataset_id, plan)


def wish(dataset_id: str, plan: Plan) -> None:
    """Tell which privacy loss gives a wished accuracy."""
    with st.expander(words.WISH_FOLD):
        part, people = inputs.ask_accuracy()
        cards.show_note(workflow.within(workspace, dataset_id, plan, part, people).sentence)


def find_range(dataset_id: str) -> None:
    """Buy the range of a number that the person said not to know, once."""
    column = state.wanted_range()
    if column:
        with boundary():
            with working(words.BUYING_RANGE):
                found = workflow.buy_range(workspace, dataset_id, column)
            st.success(words.safe(words.range_bought(column, found)))
        state.told_range()


def look(map_id: str) -> None:
    """Explore the map for free."""
    suggested = workflow.explore(workspace, map_id)
    cards.show_lead(words.MAP_FREE)
    count = inputs.choose_count(map_id, suggested.suggested, suggested.most)
    cards.show_note(words.suggestion(suggested.suggested, suggested.reason))
    shown = suggested
    if count != suggested.k:
        shown = workflow.explore(workspace, map_id, count)
    names = inputs.names_typed(map_id, count, shown.segments)
    if shown.one_more:
        cards.show_note(words.one_more(shown.one_more))
    views.show_exploration(inputs.renamed(shown, names))
    inputs.edit_names(map_id, count, shown.segments)
    offer(map_id, count, names)


def offer(map_id: str, count: int, names: tuple[str, ...]) -> None:
    """Say what publishing costs and shows, and publish."""
    st.header(words.PUBLISH_TITLE)
    cards.show_lead(words.BECOMES_PUBLIC)
    quote = workflow.quote_publish(workspace, map_id, count)
    cards.show_quote(quote, map_bought=True)
    title = st.text_input(words.TITLE_LABEL, words.TITLE_DEFAULT, max_chars=100)
    with st.container(horizontal=True):
        wants = st.button(
            words.PUBLISH, type="primary", key="publish", disabled=not quote.affordable
        )
        st.button(words.NEW_MAP, key="new-map", on_click=state.let_go, args=("map", "release"))
    if wants:
        with boundary():
            begin("release", workflow.publish, map_id, count, names, title)


def pick() -> None:
    """Offer what there is to work on, or the way to it."""
    earlier: lists.Work = (*workflow.maps(workspace), *workflow.datasets(workspace))
    if earlier:
        cards.show_lead(words.PICK_WORK)
        lists.show_resume(earlier)
        return
    st.info(words.SEGMENTS_EMPTY)
    if st.button(words.TO_START, type="primary"):
        state.go("start")


st.title(words.SEGMENTS_TITLE)
ended = work.follow(deeds, "map", "release")
if ended:
    go_on(ended[0])
dataset_id, map_id = state.chosen("dataset"), state.chosen("map")
if map_id:
    look(map_id)
elif dataset_id:
    (known if workflow.dataset(workspace, dataset_id).cuts else ask)(dataset_id)
else:
    pick()
