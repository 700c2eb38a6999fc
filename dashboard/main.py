"""Takes a seat, names the pages, and shows what stands on every one of them."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboard import logs, workflow
from dashboard.errors import NotFoundError
from dashboard.settings import Settings, from_environment
from dashboard.ui import cards, state, words
from dashboard.ui.boundary import boundary
from dashboard.workflow.warming import PAGES

ROOT = Path(__file__).resolve().parent.parent
SIDEBAR_WIDTH = 250
OWN_ICON = str(Path(__file__).with_name("ui") / "icon.svg")
OWN_LOGO = str(Path(__file__).with_name("ui") / "logo.svg")


def take_seat(settings: Settings) -> workflow.Workspace:
    """One owner on their own machine; in the demo an owner per visit, forgotten at its end."""
    if settings.mode != "demo":
        return workflow.open_workspace(settings, "owner")

    @st.cache_resource(
        scope="session",
        ttl=timedelta(minutes=settings.demo_minutes),
        on_release=workflow.forget,
        show_spinner=False,
    )
    def visit() -> workflow.Workspace:
        return workflow.open_workspace(settings, secrets.token_hex(16))

    return visit()


def show_sidebar(workspace: workflow.Workspace) -> None:
    """The budget in plain units, and one plain note on privacy."""
    with st.sidebar:
        dataset_id = state.chosen("dataset")
        if dataset_id:
            try:
                cards.show_budget(workflow.budget(workspace, dataset_id))
            except NotFoundError:
                state.let_go("dataset")
        cards.show_note(words.PRIVACY_NOTE)


def have_pandas_whole() -> None:
    """Wait until pandas is loaded where another thread is at it.

    Plotly looks whether pandas is there and uses it without waiting; half of it would break
    a picture on the first pages after a start.
    """
    import pandas  # noqa: F401, ICN001


def run() -> None:
    """Show the page that was asked for."""
    st.set_page_config(words.NAME, OWN_ICON, layout="wide", initial_sidebar_state=SIDEBAR_WIDTH)
    st.logo(OWN_LOGO, size="large", icon_image=OWN_ICON)
    logs.set_up()
    cards.show_look()
    pages = {
        name: st.Page(
            ROOT / "pages" / f"{name}.py",
            title=title,
            icon=words.ICONS[name],
            url_path=name,
            default=name == "start",
        )
        for name, title in words.PAGES.items()
    }
    with boundary():
        settings = from_environment(os.environ)
        if settings.mode == "viewer":
            st.info(words.VIEWER_ONLY)
            return
        here = st.navigation(list(pages.values()))
        workspace = take_seat(settings)
        state.take_seat(workspace, pages)
        if here is not pages["data"]:
            state.hold_kept(None)  # exact counts are for the moment of giving
        if settings.mode == "demo":
            st.info(words.DEMO_BANNER, icon=":material/science:")
        show_sidebar(workspace)
        if here is not pages["start"]:
            have_pandas_whole()
        here.run()


with PAGES.answering():
    run()
