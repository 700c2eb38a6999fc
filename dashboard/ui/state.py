"""What this visit remembers: ids, choices and one-time receipts, and nothing of any row.

The only place that touches ``st.session_state``. Ids are mirrored to the
address bar, so that a reload, which is a new visit to Streamlit, comes back to
the same work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NoReturn, TypeVar, cast
from urllib.parse import urlsplit

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboard.receipts import Kept, Listed, NewLink, Received

Id = Literal["dataset", "map", "release"]
"""What may be chosen: a customer table, a bought map, a published release."""

IDS: Final[tuple[Id, ...]] = ("dataset", "map", "release")
_LONGEST_ID: Final = 80

Seat = TypeVar("Seat")


# ── the seat and the pages ──────────────────────────────────────────────────────────────
def take_seat(workspace: object, pages: Mapping[str, StreamlitPage]) -> None:
    """Remember who works here and where the pages are; called by main.py at every run."""
    st.session_state["seat"] = workspace
    st.session_state["pages"] = dict(pages)
    _take_from_address()


def _take_from_address() -> None:
    """Take the ids that the address bar asks for; another choice lets go of what hung on it."""
    watching = st.query_params.get("job")
    if watching and len(watching) <= _LONGEST_ID:
        st.session_state["job"] = watching
    asked = {name: held for name in IDS if (held := st.query_params.get(name))}
    for name, its_id in asked.items():
        if len(its_id) <= _LONGEST_ID and its_id != chosen(name):
            st.session_state[name] = its_id
            for later in IDS[IDS.index(name) + 1 :]:
                if later not in asked:
                    _let_go(later)


def current(kind: type[Seat]) -> Seat:
    """The seat taken by main.py; a page that was opened any other way ends here, empty."""
    workspace = st.session_state.get("seat")
    if not isinstance(workspace, kind):
        st.stop()
    _mirror()
    return workspace


def page(name: str) -> StreamlitPage:
    """A page of the program by its short name."""
    return cast("StreamlitPage", st.session_state["pages"][name])


def go(name: str) -> NoReturn:
    """Leave for another page, with the chosen ids in its address."""
    st.switch_page(page(name), query_params=chosen_ids())


def show_link(name: str, label: str, icon: str | None = None, **ids: str) -> None:
    """Show a link to another page that takes the given ids along, or the chosen ones."""
    st.page_link(page(name), label=label, icon=icon, query_params=ids or chosen_ids())


def origin() -> str:
    """Where this program is reached, as the browser sees it."""
    here = urlsplit(st.context.url or "")
    above = here.path.rstrip("/").rpartition("/")[0]
    return f"{here.scheme}://{here.netloc}{above}" if here.netloc else ""


# ── ids ─────────────────────────────────────────────────────────────────────────────────
def chosen(what: Id) -> str | None:
    """The id that is being worked on, if any."""
    return cast("str | None", st.session_state.get(what))


def chosen_ids() -> dict[str, str]:
    """All ids that are being worked on."""
    return {name: held for name in IDS if (held := chosen(name))}


def choose(what: Id, its_id: str) -> None:
    """Work on this from now on; what hung on the former choice is let go."""
    st.session_state[what] = its_id
    for later in IDS[IDS.index(what) + 1 :]:
        _let_go(later)
    _mirror()


def want_range(column: str) -> None:
    """The person does not know the range of a number, and wants it found."""
    st.session_state["wanted-range"] = column


def wanted_range() -> str | None:
    """The column whose range is wanted, until it was told.

    A click while it is looked for starts the page anew beside the search, and then has
    to wait for the same answer.
    """
    return cast("str | None", st.session_state.get("wanted-range"))


def told_range() -> None:
    """The range was told, or why it can't be."""
    st.session_state.pop("wanted-range", None)


def choose_made(made: Mapping[str, str]) -> None:
    """Go on with all that came of a work: the table first, then what was made of it."""
    for name in IDS:
        if name in made:
            choose(name, made[name])


def let_go(*names: Id) -> None:
    """Stop working on these, or on everything where none is named."""
    for name in names or IDS:
        _let_go(name)


def _let_go(name: Id) -> None:
    st.session_state.pop(name, None)
    if name in st.query_params:
        del st.query_params[name]


def watch(job_id: str | None) -> None:
    """Watch a long work from now on, also after a reload; ``None``: watch none."""
    if job_id is None:
        st.session_state.pop("job", None)
        st.query_params.pop("job", None)
    else:
        st.session_state["job"] = job_id
        _mirror()


def watched() -> str | None:
    """The long work that this window watches, if any."""
    return cast("str | None", st.session_state.get("job"))


def _mirror() -> None:
    job_id = watched()
    for name, held in {**chosen_ids(), **({"job": job_id} if job_id else {})}.items():
        if st.query_params.get(name) != held:
            st.query_params[name] = held


# ── receipts, once ──────────────────────────────────────────────────────────────────────
def hold_received(received: Received | None) -> None:
    """Hold what was found in the files until it is kept or this visit ends."""
    st.session_state["received"] = received


def received() -> Received | None:
    """What was found in the files given in this visit."""
    return cast("Received | None", st.session_state.get("received"))


def hold_kept(kept: Kept | None) -> None:
    """Hold what became of the rows, for this visit only."""
    st.session_state["kept"] = kept


def kept() -> Kept | None:
    """What became of the rows given in this visit."""
    return cast("Kept | None", st.session_state.get("kept"))


def hold_listed(listed: Listed | None) -> None:
    """Hold what became of a list of refusals, with the files for each CRM, for this visit only."""
    st.session_state["listed"] = listed


def listed() -> Listed | None:
    """What became of the list of refusals given in this visit."""
    return cast("Listed | None", st.session_state.get("listed"))


def hold_link(link: NewLink | None) -> None:
    """Hold a link just made until the person has copied it."""
    st.session_state["new_link"] = link


def new_link() -> NewLink | None:
    """The link just made: the only copy of its token."""
    return cast("NewLink | None", st.session_state.get("new_link"))


# ── names typed ─────────────────────────────────────────────────────────────────────────
def typed(key: str) -> str:
    """What was typed into a text box, also before it is drawn in this run."""
    return str(st.session_state.get(key) or "").strip()


# ── the uploader ────────────────────────────────────────────────────────────────────────
def uploader_key() -> str:
    """The present name of the upload box."""
    return f"upload-{st.session_state.get('uploads', 0)}"


def renew_uploader() -> None:
    """Give the upload box a new name, so that it is empty at the next run."""
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
