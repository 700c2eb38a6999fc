"""A PostgreSQL server for the hand-off's tests."""

from collections.abc import Iterator

import pytest

from tests.records import server
from tests.records.server import Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for the whole run."""
    server.without()
    with server.running() as started:
        yield started
