"""What was bought: maps and releases, stored once and never changed.

The first answer that is stored under a request wins, so that two draws that
race for one purchase give everybody the same numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select

from dashboard.errors import InternalError, NotFoundError
from dashboard.receipts import ReleaseInfo
from dashboard.records import tables
from dashboard.records.db import Records, insert_if_absent
from dashboard.records.ledger import mark_finished
from dashboard.release import Release, release_from


@dataclass(frozen=True, slots=True)
class StoredMap:
    """A bought map; its body means something to the gate only."""

    id: str
    dataset_id: str
    lineage: str
    title: str
    created_at: datetime
    body: str


def keep_map(
    records: Records,
    *,
    map_id: str,
    owner: str,
    dataset_id: str,
    lineage: str,
    title: str,
    body: str,
    now: datetime,
) -> str:
    """Store a map that was paid for, unless one is there already; the stored body either way.

    Raises:
        InternalError: nothing was charged under ``map_id``, or it was answered and forgotten.
        NotFoundError: the map is somebody else's.
    """
    row = {
        "id": map_id,
        "owner": owner,
        "dataset_id": dataset_id,
        "lineage": lineage,
        "title": title,
        "created_at": now,
        "body": body,
    }
    return _keep(records, row)


def keep_release(
    records: Records,
    *,
    release_id: str,
    owner: str,
    map_id: str,
    numbers_id: str,
    body: str,
    now: datetime,
) -> str:
    """Store a release, unless one is there already; the stored body either way.

    A release is a view, under some names and a title, of noisy numbers that were
    bought and stored before (:func:`keep_map` under ``numbers_id``), so it costs nothing.

    Raises:
        NotFoundError: the numbers, or a release of that id, are somebody else's or not there.
        NotFoundError: the release is somebody else's.
        ValueError: the body is not a release.
    """
    released = release_from(body)
    row = {
        "id": release_id,
        "owner": owner,
        "map_id": map_id,
        "numbers_id": numbers_id,
        "title": released.title,
        "segments": len(released.segments),
        "digest": hashlib.sha256(body.encode()).hexdigest(),
        "created_at": now,
        "body": body,
    }
    with records.write() as connection:
        _find(connection, tables.maps, numbers_id, owner)
        insert_if_absent(connection, tables.releases, row)
        return str(_find(connection, tables.releases, release_id, owner).body)


def _keep(records: Records, row: Mapping[str, Any]) -> str:
    with records.write() as connection:
        first = mark_finished(connection, row["id"])
        if insert_if_absent(connection, tables.maps, row) and not first:
            raise InternalError("a second answer was drawn for one purchase; it was thrown away")
        return str(_find(connection, tables.maps, row["id"], row["owner"]).body)


def _find(connection: Connection, table: Table, item_id: str, owner: str) -> Row[Any]:
    mine = select(table).where(table.c.id == item_id, table.c.owner == owner)
    row = connection.execute(mine).one_or_none()
    if row is None:
        raise NotFoundError("There is nothing here under that address. Choose it from your list.")
    return row


def has_map(records: Records, map_id: str, owner: str) -> bool:
    """Whether this map was bought and stored, so that nothing needs to be drawn."""
    mine = select(tables.maps.c.id).where(tables.maps.c.id == map_id, tables.maps.c.owner == owner)
    with records.read() as connection:
        return connection.scalar(mine) is not None


def has_release(records: Records, release_id: str, owner: str) -> bool:
    """Whether this release was bought and stored, so that nothing needs to be drawn."""
    mine = select(tables.releases.c.id).where(
        tables.releases.c.id == release_id, tables.releases.c.owner == owner
    )
    with records.read() as connection:
        return connection.scalar(mine) is not None


def find_map(records: Records, map_id: str, owner: str) -> StoredMap:
    """One bought map of this owner.

    Raises:
        NotFoundError: unknown, forgotten or somebody else's.
    """
    with records.read() as connection:
        return _stored_map(_find(connection, tables.maps, map_id, owner))


def maps(records: Records, owner: str) -> tuple[StoredMap, ...]:
    """The maps of this owner, newest first."""
    mine = (
        select(tables.maps)
        .where(tables.maps.c.owner == owner)
        .order_by(tables.maps.c.created_at.desc(), tables.maps.c.id)
    )
    with records.read() as connection:
        return tuple(_stored_map(row) for row in connection.execute(mine))


def _stored_map(row: Row[Any]) -> StoredMap:
    return StoredMap(row.id, row.dataset_id, row.lineage, row.title, row.created_at, row.body)


def find_release(records: Records, release_id: str, owner: str) -> Release:
    """One release of this owner, as it was published.

    Raises:
        NotFoundError: unknown, forgotten or somebody else's.
    """
    with records.read() as connection:
        return release_from(_find(connection, tables.releases, release_id, owner).body)


def lineage_of(records: Records, release_id: str, owner: str) -> str:
    """The customer base that a release of this owner is of, as it was named when it was bought.

    Raises:
        NotFoundError: unknown, forgotten or somebody else's.
    """
    kept, bought = tables.releases.c, tables.maps.c
    mine = (
        select(bought.lineage)
        .join(tables.releases, kept.numbers_id == bought.id)
        .where(kept.id == release_id, kept.owner == owner)
    )
    with records.read() as connection:
        lineage = connection.scalar(mine)
    if lineage is None:
        raise NotFoundError("There is nothing here under that address. Choose it from your list.")
    return str(lineage)


def releases(records: Records, owner: str) -> tuple[ReleaseInfo, ...]:
    """The releases of this owner, newest first, without their bodies."""
    kept = tables.releases.c
    mine = (
        select(kept.id, kept.title, kept.created_at, kept.segments, kept.digest)
        .where(kept.owner == owner)
        .order_by(kept.created_at.desc(), kept.id)
    )
    with records.read() as connection:
        return tuple(ReleaseInfo(*row) for row in connection.execute(mine))


def of_lineage(records: Records, lineage: str, owner: str) -> tuple[tuple[Release, str], ...]:
    """The releases that were made of one customer base, newest first, each with its map's id."""
    mine = (
        select(tables.releases.c.body, tables.releases.c.map_id)
        .join(tables.maps, tables.maps.c.id == tables.releases.c.numbers_id)
        .where(tables.releases.c.owner == owner, tables.maps.c.lineage == lineage)
        .order_by(tables.releases.c.created_at.desc(), tables.releases.c.id)
    )
    with records.read() as connection:
        return tuple((release_from(row.body), row.map_id) for row in connection.execute(mine))


def forget(records: Records, owner: str) -> None:
    """Delete what an owner bought, shared and registered; what was spent stays spent."""
    with records.write() as connection:
        for table in (
            tables.links,
            tables.recipients,
            tables.requests,
            tables.releases,
            tables.maps,
            tables.datasets,
            tables.jobs,
        ):
            connection.execute(delete(table).where(table.c.owner == owner))
