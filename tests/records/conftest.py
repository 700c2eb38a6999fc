"""A fresh memory for each test, and a purchase that was paid for."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.records import ledger
from dashboard.records.db import Records
from dashboard.terms import Price

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'memory' / 'records.sqlite3'}"


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    opened = Records(url)
    ledger.open_lineage(opened, "base", Price(100, 100))
    yield opened
    opened.close()


@pytest.fixture
def paid(records: Records) -> Callable[..., str]:
    """Charges a purchase of one unit and gives its request id."""

    def pay(request_id: str, owner: str = "ana") -> str:
        ledger.charge(
            records,
            lineage="base",
            request_id=request_id,
            owner=owner,
            price=Price(1),
            purpose="map",
            now=NOW,
        )
        return request_id

    return pay
