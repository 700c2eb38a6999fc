"""The register of customer tables: what is kept, for which purpose, until when. No counts."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select, update

from dashboard.errors import NotFoundError
from dashboard.plan import feature_from
from dashboard.receipts import Dataset
from dashboard.records.db import Records
from dashboard.records.tables import datasets as kept
from dashboard.rfm import cuts_from


def add_dataset(records: Records, dataset: Dataset, owner: str) -> None:
    """Write a kept customer table into the register."""
    row = {
        "id": dataset.id,
        "owner": owner,
        "name": dataset.name,
        "purpose": dataset.purpose,
        "columns_json": _columns_json(dataset),
        "unit": dataset.unit,
        "created_at": dataset.created_at,
        "expires_on": dataset.expires_on.isoformat(),
        "lineage": dataset.lineage,
    }
    with records.write() as connection:
        connection.execute(kept.insert().values(**row))


def find_dataset(records: Records, dataset_id: str, owner: str, now: datetime) -> Dataset:
    """One customer table of this owner.

    Raises:
        NotFoundError: unknown, somebody else's, destroyed, or past its day.
    """
    return _find(records, select(kept).where(kept.c.id == dataset_id, _alive(owner, now)))


def recall_dataset(records: Records, dataset_id: str, owner: str) -> Dataset:
    """A table as it was registered, also after it ended: what was bought of it lives on.

    Raises:
        NotFoundError: there never was such a table of this owner's.
    """
    return _find(records, select(kept).where(kept.c.id == dataset_id, kept.c.owner == owner))


def _find(records: Records, wanted: Select[Any]) -> Dataset:
    with records.read() as connection:
        row = connection.execute(wanted).one_or_none()
    if row is None:
        raise NotFoundError("There is no such customer table. It may have reached its last day.")
    return _dataset(row)


def datasets(records: Records, owner: str, now: datetime) -> tuple[Dataset, ...]:
    """The customer tables of this owner that are kept now, newest first."""
    mine = select(kept).where(_alive(owner, now)).order_by(kept.c.created_at.desc(), kept.c.id)
    with records.read() as connection:
        return tuple(_dataset(row) for row in connection.execute(mine))


def end_dataset(records: Records, dataset_id: str, owner: str, now: datetime) -> None:
    """Note that a customer table was destroyed; noting it again changes nothing."""
    mine = update(kept).where(
        kept.c.id == dataset_id, kept.c.owner == owner, kept.c.ended_at.is_(None)
    )
    with records.write() as connection:
        connection.execute(mine.values(ended_at=now))


def _alive(owner: str, now: datetime) -> ColumnElement[bool]:
    """Kept until the day named in the register begins (UTC); on that day it is gone."""
    today = now.astimezone(UTC).date().isoformat()
    return and_(kept.c.owner == owner, kept.c.ended_at.is_(None), kept.c.expires_on > today)


def _columns_json(dataset: Dataset) -> str:
    """The columns; with the cuts beside them where the table was added up from orders."""
    columns = [asdict(column) for column in dataset.columns]
    cuts = asdict(dataset.cuts) if dataset.cuts else None
    return json.dumps({"columns": columns, "cuts": cuts} if cuts else columns)


def _dataset(row: Row[Any]) -> Dataset:
    stored = json.loads(row.columns_json)
    columns, cuts = (stored["columns"], stored["cuts"]) if "cuts" in stored else (stored, None)
    return Dataset(
        id=row.id,
        name=row.name,
        purpose=row.purpose,
        columns=tuple(feature_from(column) for column in columns),
        unit=row.unit,
        created_at=row.created_at,
        expires_on=date.fromisoformat(row.expires_on),
        lineage=row.lineage,
        cuts=cuts_from(cuts) if cuts else None,
    )
