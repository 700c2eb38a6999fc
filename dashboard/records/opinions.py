"""What readers of a page think of it, in three words to choose from, and never who they are.

Opinions are counts by day, link and part of the page. "Could identify someone" asks the owner
for a review, which stays open until they say that they looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import func, select, update

from dashboard.receipts import Opinion
from dashboard.records.visits import Visits, add
from dashboard.records.visits import opinions as told

IDENTIFIES: Final = "identifies"
OPINIONS: Final = ("useful", "noisy", IDENTIFIES)

PARTS: Final[Mapping[str, str]] = {
    "page": "The whole page",
    "segments": "Segments",
    "sizes": "Sizes",
    "differences": "What differs",
    "side-by-side": "Side by side",
    "distributions": "Distributions",
    "account": "How this was made",
}
"""Of what a reader may speak: there is no free text."""

MOST: Final = 50
"""Answers of one kind that are counted for one link on one day."""


def say(visits: Visits, link_id: str, opinion: str, part: str, now: datetime) -> None:
    """Count an opinion, while there are not too many; an unknown one is let go."""
    if opinion not in OPINIONS or part not in PARTS:
        return
    day = now.astimezone(UTC).date().isoformat()
    key = {"link_id": link_id, "day": day, "opinion": opinion}
    same = [told.c[name] == value for name, value in key.items()]
    with visits.write() as connection:
        if (connection.scalar(select(func.sum(told.c.times)).where(*same)) or 0) < MOST:
            add(connection, told, 1, **key, part=part)
            again = update(told).where(*same, told.c.part == part)
            connection.execute(again.values(reviewed=False))


def of_links(visits: Visits, link_ids: Iterable[str]) -> tuple[Opinion, ...]:
    """What was said about these links, newest day first."""
    mine = (
        select(told)
        .where(told.c.link_id.in_(list(link_ids)))
        .order_by(told.c.day.desc(), told.c.opinion, told.c.part)
    )
    with visits.read() as connection:
        return tuple(
            Opinion(
                row.link_id,
                date.fromisoformat(row.day),
                row.opinion,
                PARTS.get(row.part, row.part),
                row.times,
                to_review=row.opinion == IDENTIFIES and not row.reviewed,
            )
            for row in connection.execute(mine)
        )


def reviewed(visits: Visits, link_id: str) -> None:
    """Note that the owner looked at what was said to identify someone."""
    with visits.write() as connection:
        connection.execute(update(told).where(told.c.link_id == link_id).values(reviewed=True))
