"""What long works are doing, so that a reload, a second window or the next start finds them.

These rows are a slate, not a history: they change while a work goes on and are wiped
after its end was told. Exact counts and findings are never among them, nor why a work
failed: the line of a file is told to its giver only.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, delete, or_, select, update

from dashboard.receipts import Job, JobKind, JobState
from dashboard.records.db import Records
from dashboard.records.tables import jobs

SLATE_AGE: Final = timedelta(hours=1)
"""How long an end that nobody was told stays: as long as an upload waits."""


def begin(
    records: Records, *, owner: str, process: str, kind: JobKind, doing: str, now: datetime
) -> str:
    """Note that a work begins, and wipe what is over; returns its unguessable id."""
    job_id = secrets.token_hex(16)
    over = or_(jobs.c.seen_at.is_not(None), jobs.c.ended_at < now - SLATE_AGE)
    row = {
        "id": job_id,
        "owner": owner,
        "process": process,
        "kind": kind,
        "state": "running",
        "done": 0.0,
        "doing": doing,
        "stoppable": True,
        "stop_asked": False,
        "made_json": "{}",
        "started_at": now,
    }
    with records.write() as connection:
        connection.execute(delete(jobs).where(jobs.c.owner == owner, over))
        connection.execute(jobs.insert().values(**row))
    return job_id


def tell(records: Records, job_id: str, done: float, doing: str) -> None:
    """Note how far a work is, and what it is doing."""
    with records.write() as connection:
        connection.execute(_running(job_id).values(done=min(max(done, 0.0), 1.0), doing=doing))


def should_stop(records: Records, job_id: str) -> bool:
    """Whether a work is to stop: somebody asked for it, told it as ended, or forgot it."""
    wanted = select(jobs.c.id).where(
        jobs.c.id == job_id, jobs.c.state == "running", jobs.c.stop_asked.is_(False)
    )
    with records.read() as connection:
        return connection.scalar(wanted) is None


def commit(records: Records, job_id: str) -> bool:
    """From here on a work is finished, whatever is asked; ``False`` if it was to stop before."""
    unasked = _running(job_id).where(jobs.c.stop_asked.is_(False))
    with records.write() as connection:
        return connection.execute(unasked.values(stoppable=False)).rowcount == 1


def ask_to_stop(records: Records, job_id: str, owner: str) -> None:
    """Ask a work of this owner's to stop; one that can't be stopped any more goes on."""
    mine = _running(job_id).where(jobs.c.owner == owner, jobs.c.stoppable.is_(True))
    with records.write() as connection:
        connection.execute(mine.values(stop_asked=True))


def end(
    records: Records,
    job_id: str,
    state: JobState,
    now: datetime,
    *,
    made: Mapping[str, str] | None = None,
) -> bool:
    """Note how a work ended, once; ``False`` where nobody knows it any more.

    One that was taken for interrupted and ended well all the same is done.
    """
    open_ones = ("running", "interrupted") if state == "done" else ("running",)
    ended = (
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.in_(open_ones))
        .values(state=state, ended_at=now, made_json=json.dumps(made or {}))
    )
    with records.write() as connection:
        connection.execute(ended)
        return connection.scalar(select(jobs.c.id).where(jobs.c.id == job_id)) is not None


def interrupt(records: Records, process: str, now: datetime) -> int:
    """Note that what other processes left running has ended; says how many there were."""
    left = update(jobs).where(jobs.c.state == "running", jobs.c.process != process)
    with records.write() as connection:
        return connection.execute(left.values(state="interrupted", ended_at=now)).rowcount


def find(records: Records, job_id: str, owner: str) -> Job | None:
    """One work of this owner's; ``None`` if it is unknown, wiped or somebody else's."""
    wanted = select(jobs).where(jobs.c.id == job_id, jobs.c.owner == owner)
    with records.read() as connection:
        row = connection.execute(wanted).one_or_none()
    return None if row is None else _job(row)


def unseen(records: Records, owner: str) -> tuple[Job, ...]:
    """This owner's works whose end nobody was told yet, newest first."""
    mine = (
        select(jobs)
        .where(jobs.c.owner == owner, jobs.c.seen_at.is_(None))
        .order_by(jobs.c.started_at.desc(), jobs.c.id)
    )
    with records.read() as connection:
        return tuple(_job(row) for row in connection.execute(mine))


def see(records: Records, job_id: str, owner: str, now: datetime) -> bool:
    """Note that somebody was told how a work ended; ``True`` for the first one only."""
    ended = update(jobs).where(
        jobs.c.id == job_id,
        jobs.c.owner == owner,
        jobs.c.state != "running",
        jobs.c.seen_at.is_(None),
    )
    with records.write() as connection:
        return connection.execute(ended.values(seen_at=now)).rowcount == 1


def _running(job_id: str) -> Any:
    return update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running")


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        done=row.done,
        doing=row.doing,
        stoppable=row.stoppable,
        stopping=row.stop_asked,
        started_at=row.started_at.astimezone(UTC),
        made=json.loads(row.made_json),
        seen=row.seen_at is not None,
    )
