"""Starts the program as its user would: a real process, on a free port, in a folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ("-m", "dashboard", "serve", "--port")
START_SECONDS = 60


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """One copy of the program; it can be stopped, and started again at the same address.

    Args:
        folder: where it keeps everything.
        command: what Python is asked to run; the port is put behind it.
        environment: further settings, by name.
    """

    def __init__(self, folder: Path, command: Sequence[str] = PROGRAM, **environment: str) -> None:
        self.folder, self.command = folder, command
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if "DASHBOARD_" not in name}
        self.environment = {**clean, "DASHBOARD_DATA_DIR": str(folder), **environment}
        self.log = folder.with_name(f"{folder.name}-{self.port}.log")

    def start(self, health: str = "/health") -> Self:
        """Start, and come back when it says that it lives; no page was opened before that."""
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, *self.command, str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + START_SECONDS
        while not self._lives(health):
            if self.process.poll() is not None or time.monotonic() > until:
                told = self.log.read_text("utf-8")[-2000:]
                pytest.fail(f"the server did not start:\n{told}", pytrace=False)
        return self

    def _lives(self, health: str) -> bool:
        try:
            with urllib.request.urlopen(self.address + health, timeout=1) as answer:
                return answer.read() == b"ok"
        except OSError:
            self._pause()
            return False

    def _pause(self) -> None:
        """Wait a tenth of a second, or until the process ends."""
        try:
            self.process.wait(0.1)
        except subprocess.TimeoutExpired:
            return

    def stop(self) -> None:
        """End this process, and no other."""
        self.process.terminate()
        self.process.wait(20)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        mistake: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
