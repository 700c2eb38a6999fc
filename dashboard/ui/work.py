"""Long works on the screen: how far one is, how to stop it, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from types import ModuleType
from typing import Final, NoReturn

import streamlit as st

from dashboard.receipts import Job, JobKind
from dashboard.ui import cards, state, words
from dashboard.ui.boundary import boundary

MOMENT: Final = 1.0
"""Seconds that a page waits before it shows how far a work is: no flash for short ones."""

ACCOMPANIED: Final = 15.0
"""Seconds that the page itself waits on; a longer work is looked at by a fragment, so that the
page is done, and nothing of what stood there before is left on it."""

LOOKED_AT: Final = 2.0
"""Seconds between two looks of the fragment."""

_STEP: Final = 0.5

_BLANKS: Final = 24
"""So many places below are emptied at once: what stood there before would fade and stay."""


@dataclass(frozen=True)
class Deeds:
    """What a page does with works: look at one, list those untold, stop one, take what came."""

    look: Callable[..., Job | None]
    untold: Callable[[], tuple[Job, ...]]
    stop: Callable[[str], None]
    take: Callable[[str], object]


def deeds(verbs: ModuleType, workspace: object) -> Deeds:
    """The verbs of long works, for the person at this page."""
    return Deeds(
        partial(verbs.job, workspace),
        partial(verbs.unseen, workspace),
        partial(verbs.stop, workspace),
        partial(verbs.taken, workspace),
    )


def follow(deeds: Deeds, *kinds: JobKind) -> tuple[Job, object] | None:
    """Show the work that this window watches, and nothing below it, until it ends.

    Gives what came of it, once; a work that didn't end well is told in its place. Works
    of other windows are offered in a line each.
    """
    job = _watched(deeds, kinds)
    if job is None:
        _offer(deeds, kinds)
        return None
    if job.state == "running":
        _accompany(deeds, job)
    state.watch(None)
    result = deeds.take(job.id)
    if job.state == "done":
        return job, result
    _tell(job)
    return None


def _watched(deeds: Deeds, kinds: tuple[JobKind, ...]) -> Job | None:
    job_id = state.watched()
    job = deeds.look(job_id, wait=MOMENT) if job_id else None
    if job_id and job is None:
        state.watch(None)
    return job if job and job.kind in kinds else None


def _offer(deeds: Deeds, kinds: tuple[JobKind, ...]) -> None:
    for job in deeds.untold():
        if job.kind in kinds and job.state != "stopped":
            with st.container(horizontal=True, vertical_alignment="center"):
                cards.show_note(words.work_elsewhere(job))
                st.button(
                    words.WORK_SHOW, key=f"show-{job.id}", on_click=state.watch, args=(job.id,)
                )


def _accompany(deeds: Deeds, job: Job) -> NoReturn:
    """Show how far a work is until it ends; a long one goes on being shown by itself."""
    st.header(words.WORKS[job.kind])
    bar, foot = st.empty(), st.empty()
    with foot.container():
        _show_foot(deeds, job)
    for _ in range(_BLANKS):
        st.empty()
    until = time.monotonic() + ACCOMPANIED
    while job.state == "running" and time.monotonic() < until:
        bar.progress(job.done, text=words.safe(job.doing))
        was, job = job, deeds.look(job.id, wait=_STEP) or st.rerun()
        if was.stoppable and not job.stoppable:
            with foot:
                cards.show_note(words.WORK_COMMITTED)
    if job.state != "running":
        st.rerun()
    with bar.container():
        _show_bar(deeds, job, count())
    st.stop()


def _show_foot(deeds: Deeds, job: Job) -> None:
    if not job.stoppable:
        cards.show_note(words.WORK_COMMITTED)
        return
    cards.show_note(words.WORK_GOES_ON)
    st.button(
        words.WORK_STOPPING if job.stopping else words.WORK_STOP,
        key="stop-work",
        disabled=job.stopping,
        on_click=deeds.stop,
        args=(job.id,),
    )


@st.fragment(run_every=LOOKED_AT)
def _show_bar(deeds: Deeds, shown: Job, looks: Iterator[int]) -> None:
    """Only the bar is drawn anew, and each look waits for the end: looking must not slow the work.

    The first look, with the page around it, doesn't wait.
    """
    with boundary():
        job = deeds.look(shown.id, wait=0.0 if next(looks) == 0 else 0.8 * LOOKED_AT)
        if job is None or (job.state, job.stoppable) != (shown.state, shown.stoppable):
            st.rerun()
        st.progress(job.done, text=words.safe(job.doing))


def _tell(job: Job) -> None:
    if job.state == "failed":
        reference = job.made.get("reference")
        why = words.internal(reference) if reference else job.sentence or words.WORK_FAILED
        st.error(words.safe(why), icon=":material/info:")
    elif job.state == "stopped":
        st.info(words.WORK_STOPPED, icon=":material/info:")
    else:
        st.warning(words.WORK_INTERRUPTED[job.kind], icon=":material/info:")
