"""Servers that several tests of a real browser share, each started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.servers import Server


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Starts copies of the program, each in a folder of its own; all end with the tests."""
    with ExitStack() as running:

        def start(**environment: str) -> Server:
            folder: Path = tmp_path_factory.mktemp("server") / "data"
            return running.enter_context(Server(folder, **environment))

        yield start


@pytest.fixture(scope="session")
def empty_server(start_server: Callable[..., Server]) -> Server:
    """A copy of the program in which nobody ever does anything."""
    return start_server()
