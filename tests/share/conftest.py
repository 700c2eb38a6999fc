"""A memory with one release, and a window on it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from dashboard.receipts import Link, NewLink, Terms
from dashboard.records import ledger, links, releases
from dashboard.records.db import Records
from dashboard.records.visits import Visits
from dashboard.share.routes import routes
from dashboard.terms import Price
from tests.fixtures_release import sample_release

MADE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LINK = Link("link", "release", "Bright & Co", MADE, MADE + timedelta(days=14), None)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(f"sqlite:///{tmp_path / 'records.sqlite3'}")
    ledger.open_lineage(opened, "base", Price(10))
    told = {"lineage": "base", "purpose": "publish", "now": MADE}
    ledger.charge(opened, request_id="numbers", owner="ana", price=Price(1), **told)
    releases.keep_map(
        opened,
        map_id="numbers",
        owner="ana",
        dataset_id="dataset",
        lineage="base",
        title="Shop",
        body="numbers",
        now=MADE,
    )
    releases.keep_release(
        opened,
        release_id="release",
        owner="ana",
        map_id="map",
        numbers_id="numbers",
        body=sample_release().to_json(),
        now=MADE,
    )
    yield opened
    opened.close()


@pytest.fixture
def share(records: Records) -> Callable[..., NewLink]:
    """Makes a link that is open now, unless told otherwise."""

    def make(days: int = 14, now: datetime | None = None, **terms: Any) -> NewLink:
        return links.create(
            records,
            owner="ana",
            release_id="release",
            label="Bright & Co",
            days=days,
            now=now or datetime.now(UTC),
            terms=Terms(**terms),
        )

    return make


@pytest.fixture
def visits(tmp_path: Path) -> Iterator[Visits]:
    """Where visits are counted."""
    opened = Visits(f"sqlite:///{tmp_path / 'counts' / 'visits.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def app(records: Records, visits: Visits) -> Starlette:
    return Starlette(routes=routes(lambda: records, lambda: visits))


@pytest.fixture
def uncounted(records: Records) -> Starlette:
    """The window of a program that may not write."""
    return Starlette(routes=routes(lambda: records))
