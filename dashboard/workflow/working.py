"""Long works: they go on behind the screen, tell how far they are, and can be stopped.

A page begins one and looks at what is stored of it; the work itself runs in a thread of
this process. What it found for its giver's eyes only stays in memory until it is taken.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from dashboard.errors import PrivateSegmentsError, StoppedError
from dashboard.logs import places
from dashboard.receipts import Job, JobKind, Kept, MapInfo, Received
from dashboard.release import Release
from dashboard.workflow.ending import forget
from dashboard.workflow.seat import Workspace

if TYPE_CHECKING:
    from dashboard.records.db import Records

Result = Received | Kept | MapInfo | Release | tuple[Kept, MapInfo] | tuple[Kept, Release]

AT_ONCE: Final = 8
"""Works that go on at the same time in one process; more wait for a thread."""

_TOLD_EVERY: Final = 0.5
_FIRST: Final = "Waiting for other works"
_PROCESS: Final = secrets.token_hex(16)

logger = logging.getLogger(__name__)


class Telling:
    """Notes how far a work is, a few times a second at most; raises where it is to stop."""

    def __init__(self, records: Records, job_id: str) -> None:
        self._records, self._job_id = records, job_id
        self._stage, self._next, self._committed = "", 0.0, False

    def __call__(self, done: float, doing: str) -> None:
        """Tell; raises ``StoppedError`` if somebody asked to stop."""
        from dashboard.records import jobs

        if not self._committed and jobs.should_stop(self._records, self._job_id):
            raise StoppedError
        stage, now = doing.partition(":")[0], time.monotonic()
        if stage != self._stage or now >= self._next:
            jobs.tell(self._records, self._job_id, done, doing)
            self._stage, self._next = stage, now + _TOLD_EVERY

    def commit(self) -> None:
        """From here on the work is finished: what is charged is never given back."""
        from dashboard.records import jobs

        if not self._committed and not jobs.commit(self._records, self._job_id):
            raise StoppedError
        self._committed = True


@dataclass
class _Here:
    """A work of this process: whether it ended, and what came of it until somebody takes it.

    ``sentence`` says why it failed; it may name a line of a file, so it is stored nowhere.
    """

    records: Records
    ended: threading.Event = field(default_factory=threading.Event)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    result: Result | None = None
    sentence: str = ""


_here: dict[str, _Here] = {}
_threads: Final = ThreadPoolExecutor(AT_ONCE, "work")


def begin(workspace: Workspace, kind: JobKind, verb: Callable[..., Any], *given: object) -> Job:
    """Begin a long work: a verb with what it is given; comes back at once.

    The verb is called with the workspace, what is given, and its ``progress``.
    """
    from dashboard.records import jobs

    _settle(workspace.records)
    _let_go()
    job_id = jobs.begin(
        workspace.records,
        owner=workspace.owner,
        process=_PROCESS,
        kind=kind,
        doing=_FIRST,
        now=datetime.now(UTC),
    )
    here = _here[job_id] = _Here(workspace.records)
    telling = Telling(workspace.records, job_id)
    work = _threads.submit(_run, verb, workspace, given, telling)
    work.add_done_callback(partial(_end, workspace, job_id, here))
    found = job(workspace, job_id)
    if found is None:
        raise StoppedError("This visit was forgotten, and its work with it.")
    return found


def _run(
    verb: Callable[..., Any], workspace: Workspace, given: tuple[object, ...], telling: Telling
) -> Any:
    telling(0.0, "Beginning")
    return verb(workspace, *given, progress=telling)


def job(workspace: Workspace, job_id: str, wait: float = 0.0) -> Job | None:
    """How far a work is, or how it ended; ``None`` if it is unknown or somebody else's.

    Waits so many seconds for its end first, if it goes on in this process.
    """
    from dashboard.records import jobs

    _settle(workspace.records)
    here = _here.get(job_id)
    ended = here is not None and here.ended.wait(wait)
    found = jobs.find(workspace.records, job_id, workspace.owner)
    if found and found.state == "running" and ended:  # its end could not be noted
        jobs.end(workspace.records, job_id, "interrupted", datetime.now(UTC))
        return jobs.find(workspace.records, job_id, workspace.owner)
    return replace(found, sentence=here.sentence) if found and here else found


def unseen(workspace: Workspace) -> tuple[Job, ...]:
    """Works that go on, and those whose end nobody was told yet, newest first."""
    from dashboard.records import jobs

    _settle(workspace.records)
    return jobs.unseen(workspace.records, workspace.owner)


def stop(workspace: Workspace, job_id: str) -> None:
    """Ask a work to stop at its next step; what was charged for is finished all the same."""
    from dashboard.records import jobs

    jobs.ask_to_stop(workspace.records, job_id, workspace.owner)


def taken(workspace: Workspace, job_id: str) -> Result | None:
    """What came of a work, for whoever asks first; it is in no memory of this program then."""
    from dashboard.records import jobs

    if not jobs.see(workspace.records, job_id, workspace.owner, datetime.now(UTC)):
        return None
    here = _here.pop(job_id, None)
    return here.result if here else None


def _end(workspace: Workspace, job_id: str, here: _Here, work: Future[Result]) -> None:
    """Note how a work ended; what was made for a visit that is over is forgotten with it."""
    from dashboard.records import jobs

    records, now, mistake = workspace.records, datetime.now(UTC), work.exception()
    try:
        if mistake is None:
            here.result = work.result()
            known = jobs.end(records, job_id, "done", now, made=_ids(here.result))
        elif isinstance(mistake, StoppedError):
            known = jobs.end(records, job_id, "stopped", now)
        elif isinstance(mistake, PrivateSegmentsError):
            here.sentence = str(mistake)
            known = jobs.end(records, job_id, "failed", now)
        else:
            reference = secrets.token_hex(3)
            logger.error("internal error %s: %s", reference, places(mistake))
            known = jobs.end(records, job_id, "failed", now, made={"reference": reference})
        if not known:
            _here.pop(job_id, None)
            forget(workspace)
    finally:
        here.ended.set()


def _ids(result: Result) -> dict[str, str]:
    """The ids of what was made, as a page chooses them."""
    if isinstance(result, tuple):
        return {name: its_id for each in result for name, its_id in _ids(each).items()}
    if isinstance(result, Kept):
        return {"dataset": result.dataset_id}
    if isinstance(result, MapInfo):
        return {"dataset": result.dataset_id, "map": result.id}
    return {"release": result.id} if isinstance(result, Release) else {}


def wind_down(seconds: float = 5.0) -> None:
    """Before this process ends: let works stop at their next step and clear up behind them.

    What is committed goes on, and is finished or, if time runs out, asked for again.
    """
    from dashboard.records import jobs

    until = time.monotonic() + seconds
    going_on = {each: here for each, here in _here.items() if not here.ended.is_set()}
    for job_id, here in going_on.items():
        jobs.end(here.records, job_id, "interrupted", datetime.now(UTC))
    for here in going_on.values():
        here.ended.wait(max(0.0, until - time.monotonic()))


@lru_cache(maxsize=8)
def _settle(records: Records) -> None:
    """Once per process: what an earlier one left running has ended with it."""
    from dashboard.records import jobs

    jobs.interrupt(records, _PROCESS, datetime.now(UTC))


def _let_go() -> None:
    """Drop findings that nobody took within an hour."""
    from dashboard.records import jobs

    old = datetime.now(UTC) - jobs.SLATE_AGE
    for job_id, here in list(_here.items()):
        if here.ended.is_set() and here.since < old:
            _here.pop(job_id, None)
