"""Shared by the rooms' tests: settings in an empty folder, the sample file, a browser, a server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from dashboard.settings import Settings
from tests.records import server
from tests.records.server import Server

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
NO_BROWSER = "no Chromium on this machine: apt-get install chromium"
START_SECONDS = 60

hypothesis.settings.register_profile("patient", deadline=None)  # a busy machine is no mistake
hypothesis.settings.load_profile("patient")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A missing browser fails the pipeline, and is said elsewhere."""
    if item.get_closest_marker("browser") and not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the settings of the machine, nor writes beside the repository's files."""
    for name in [name for name in os.environ if name.startswith("DASHBOARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DASHBOARD_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(autouse=True)
def _same_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts a page in the main module's place in tests; new processes begin with it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The defaults, in a folder of this test alone."""
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="session")
def sample_csv() -> Path:
    """The sample shop's customers."""
    return ROOT / "sample_data" / "customers.csv"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium rather than a download."""
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/", timeout=1) as answer:
            return answer.status < 500
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not _answers(address):
        if server.poll() is not None or time.monotonic() > until:
            pytest.fail(f"the server did not start:\n{log.read_text()[-2000:]}", pytrace=False)
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One server for the whole run; each test works in a schema of its own."""
    server.without()
    with server.running() as started:
        yield started


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start the program as its user would, on a free port; gives its address.

    ``serve()`` starts the app, ``serve("--viewer")`` the shared pages only;
    further settings go in by name: ``serve(DASHBOARD_MODE="demo")``.
    """
    servers: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **environment: str) -> str:
        port = _free_port()
        log = tmp_path / f"server-{port}.log"
        address = f"http://127.0.0.1:{port}"
        with log.open("wb") as sink:
            server = subprocess.Popen(
                [sys.executable, "-m", "dashboard", "serve", "--port", str(port), *arguments],
                cwd=ROOT,
                env={**os.environ, "DASHBOARD_DATA_DIR": str(tmp_path / "data"), **environment},
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        servers.append(server)
        _wait_for(server, address, log)
        return address

    yield start
    for each in servers:
        each.terminate()
        each.wait(20)
