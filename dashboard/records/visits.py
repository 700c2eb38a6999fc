"""Visits to shared links: how many, on which day, refused why. No address, no browser, no person.

They lie in a store of their own, because whoever counts must write: a viewer that may only
read the records is given this store and nothing else. Where a link has a largest number of
views each view is counted before it is shown, by a conditional update. Other views are
added up in memory and written a second later, so that counting slows no page.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from dashboard.errors import ConfigurationError
from dashboard.receipts import DayOfViews, Link, Refused
from dashboard.records.db import Database, Shape, insert_if_absent, inserting
from dashboard.records.tables import Moment

SECONDS_HELD: Final = 1.0
"""How long a view waits in memory; a process that is killed forgets at most these."""

_SECONDS_BETWEEN_TRIES: Final = 5.0
_metadata = MetaData()
_version = Table("visits_version", _metadata, Column("version", Integer, primary_key=True))

views = Table(
    "link_views",
    _metadata,
    Column("link_id", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("times", Integer, nullable=False),
)

capped = Table(
    "link_capped",
    _metadata,
    Column("link_id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("times", Integer, nullable=False),
)

refusals = Table(
    "link_refusals",
    _metadata,
    Column("link_id", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("why", String(16), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("noted", Boolean, nullable=False, default=False),
)

tries = Table(
    "link_tries",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("link_id", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

opinions = Table(
    "link_opinions",
    _metadata,
    Column("link_id", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("opinion", String(16), primary_key=True),
    Column("part", String(32), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("reviewed", Boolean, nullable=False, default=False),
)

letters = Table(
    "letters",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("page", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("sealed", Text, nullable=False),
)

logger = logging.getLogger(__name__)


class Visits(Database):
    """The store of visits, and the views of the last second that are not in it yet.

    Args:
        url: an SQLAlchemy address; whoever counts must be able to write there.
    """

    shape = Shape(_metadata, _version, 1)
    setting = "DASHBOARD_VISITS_URL"

    def __init__(self, url: str) -> None:
        self._held: Counter[tuple[str, ...]] = Counter()
        self._lock = threading.Lock()
        self._waiting = False
        super().__init__(url)
        _open_ones.add(self)

    # ── counting ────────────────────────────────────────────────────────────────────────
    def enter(self, link: Link, now: datetime) -> bool:
        """Count a view that is about to be shown; ``False`` where it was one too many.

        A view is an answer that carries the page: neither a look at the headers nor the
        word that nothing has changed.
        """
        if link.max_views is None:
            self._hold(link.id, _day(now))
            return True
        return self.enter_all((link,), now)[0]

    def enter_all(self, links: Sequence[Link], now: datetime) -> list[bool]:
        """Count views of links with a largest number, one after the other but written at once."""
        try:
            with self.write() as connection:
                return [_take_one(connection, link, _day(now)) for link in links]
        except DBAPIError:
            return [False] * len(links)

    def used_up(self, link: Link) -> bool:
        """Whether a link was viewed as often as it may; also where that can't be known."""
        if link.max_views is None:
            return False
        mine = select(capped.c.times).where(
            capped.c.link_id == link.id, capped.c.version == link.version
        )
        try:
            with self.read() as connection:
                return (connection.scalar(mine) or 0) >= link.max_views
        except DBAPIError:
            return True

    def refuse(self, link: Link, why: str, now: datetime) -> None:
        """Count a visit that was refused."""
        self._hold(link.id, _day(now), why)

    def _hold(self, *key: str) -> None:
        with self._lock:
            self._held[key] += 1
            if self._waiting:
                return
            self._waiting = True
        later = threading.Timer(SECONDS_HELD, self.settle_up)
        later.daemon = True
        later.start()

    def settle_up(self) -> None:
        """Write down what is held in memory; what can't be written is said in the log, once."""
        with self._lock:
            held, self._held, self._waiting = self._held, Counter(), False
        if not held:
            return
        try:
            with self.write() as connection:
                for (link_id, day, *why), times in held.items():
                    if why:
                        add(connection, refusals, times, link_id=link_id, day=day, why=why[0])
                    else:
                        add(connection, views, times, link_id=link_id, day=day)
        except (DBAPIError, OSError):
            logger.warning("%d visits could not be counted", held.total())

    def close(self) -> None:
        """Write down what is held, and close every connection."""
        self.settle_up()
        super().close()

    # ── looking ─────────────────────────────────────────────────────────────────────────
    def by_day(self, link_ids: Iterable[str]) -> dict[str, tuple[DayOfViews, ...]]:
        """The views of each link, day by day (UTC)."""
        self.settle_up()
        mine = select(views).where(views.c.link_id.in_(list(link_ids))).order_by(views.c.day)
        found: dict[str, tuple[DayOfViews, ...]] = {}
        with self.read() as connection:
            for row in connection.execute(mine):
                day = DayOfViews(date.fromisoformat(row.day), row.times)
                found[row.link_id] = (*found.get(row.link_id, ()), day)
        return found

    def refused(self, link_ids: Iterable[str], *, noted: bool | None = None) -> tuple[Refused, ...]:
        """Refused visits by link, day and reason; ``noted=False``: those not in the audit log."""
        self.settle_up()
        mine = select(refusals).where(refusals.c.link_id.in_(list(link_ids)))
        if noted is not None:
            mine = mine.where(refusals.c.noted.is_(noted))
        with self.read() as connection:
            return tuple(
                Refused(row.link_id, date.fromisoformat(row.day), row.why, row.times)
                for row in connection.execute(mine.order_by(refusals.c.day, refusals.c.why))
            )

    def noted(self, refused: Refused) -> None:
        """Remember that the audit log has a line for these."""
        mine = update(refusals).where(
            refusals.c.link_id == refused.link_id,
            refusals.c.day == refused.day.isoformat(),
            refusals.c.why == refused.why,
        )
        with self.write() as connection:
            connection.execute(mine.values(noted=True))

    def forget(self, link_ids: Iterable[str]) -> None:
        """Delete every count of these links."""
        self.settle_up()
        ids = list(link_ids)
        with self.write() as connection:
            for table in (views, capped, refusals, tries, opinions):
                connection.execute(delete(table).where(table.c.link_id.in_(ids)))


def _take_one(connection: Connection, link: Link, day: str) -> bool:
    """Count one view toward a link's largest number, unless none is left."""
    key = {"link_id": link.id, "version": link.version}
    insert_if_absent(connection, capped, {**key, "times": 0})
    mine = update(capped).where(
        capped.c.link_id == link.id,
        capped.c.version == link.version,
        capped.c.times < link.max_views,
    )
    left = connection.execute(mine.values(times=capped.c.times + 1)).rowcount == 1
    if left:
        add(connection, views, 1, link_id=link.id, day=day)
    return left


def add(connection: Connection, table: Table, times: int, **key: str) -> None:
    """Add to a count, which begins where there was none."""
    new = inserting(connection, table).values(**key, times=times)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={"times": table.c.times + times}
        )
    )


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def settle_all() -> None:
    """Write down what every store of this process holds, before the process ends."""
    for visits in tuple(_open_ones):
        visits.settle_up()


_open_ones: weakref.WeakSet[Visits] = weakref.WeakSet()
atexit.register(settle_all)


def where_possible(url: str) -> Callable[[], Visits | None]:
    """Opens the store where this program may write; tried again now and then, for a viewer.

    A viewer may be started before the store was made, or without the right to it. Then
    nothing is counted, and links that need counting stay closed.
    """
    opened: list[Visits] = []
    last: list[float] = []
    lock = threading.Lock()

    def visits() -> Visits | None:
        if opened:
            return opened[0]
        with lock:
            if not opened and (not last or time.monotonic() - last[0] > _SECONDS_BETWEEN_TRIES):
                last[:] = [time.monotonic()]
                try:
                    opened.append(Visits(url))
                except (ConfigurationError, DBAPIError, OSError):
                    logger.warning("visits can't be counted: see DASHBOARD_VISITS_URL")
            return opened[0] if opened else None

    return visits
