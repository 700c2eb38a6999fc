"""Servers that several tests of a real browser share, each started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.servers import Server


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a copy of the program in a folder of this test alone; it ends with the test."""
    with ExitStack() as running:
        yield lambda **settings: running.enter_context(Server(tmp_path / "shop", **settings))


@pytest.fixture(scope="session")
def empty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A copy of the program in which nobody ever does anything."""
    with Server(tmp_path_factory.mktemp("server") / "empty") as server:
        yield server
