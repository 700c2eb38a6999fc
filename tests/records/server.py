"""A PostgreSQL server of the tests' own: Debian's programs, a folder that is thrown away."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NO_SERVER = "no PostgreSQL on this machine: apt-get install postgresql"
NO_DRIVER = "no PostgreSQL driver: pip install -r requirements-postgresql.txt"
OWNER = "owner"
START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server; it listens on a socket in its folder, so that no port is taken."""

    folder: Path

    def url(self, schema: str, role: str = OWNER) -> str:
        """The records' address within a schema of one test alone."""
        options = f"-csearch_path%3D{schema}"
        return f"postgresql://{role}@/postgres?host={self.folder}&options={options}"

    def run(self, *statements: str) -> None:
        """Do something as the server's owner, outside of the records."""
        import psycopg

        address = f"host={self.folder} dbname=postgres user={OWNER}"
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


def programs() -> Path | None:
    """Where Debian keeps the newest server's programs, or where the search path finds them."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    found = str(homes[-1]) if homes else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _version(path: Path) -> float:
    return float(path.parts[-3])


def why_not() -> str | None:
    """Why no server can be had here; ``None`` where one can."""
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        return NO_DRIVER
    return None if programs() else NO_SERVER


def without() -> None:
    """End a test that needs a server where none can be had: the pipeline fails, others skip."""
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    if reason:
        pytest.skip(reason)


def _nobody() -> dict[str, Any]:
    """The server refuses to run as root, so root lends it to somebody else."""
    if os.geteuid() != 0:
        return {}
    known = {each.pw_name: each for each in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def running() -> Iterator[Server]:
    """A server from the first line to the last; nothing of it is left."""
    home = programs()
    assert home is not None
    somebody = _nobody()
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    if somebody:
        os.chown(folder, somebody["user"], somebody["group"])
    try:
        _prepare(home, folder, somebody)
        with _started(home, folder, somebody):
            yield Server(folder)
    finally:
        shutil.rmtree(folder)


def _prepare(home: Path, folder: Path, somebody: dict[str, Any]) -> None:
    options = ("--username", OWNER, "--auth", "trust", "--encoding", "UTF8", "--no-locale")
    subprocess.run(
        [home / "initdb", "--pgdata", folder / "data", "--no-sync", *options],
        cwd=folder,
        check=True,
        capture_output=True,
        **somebody,
    )


@contextmanager
def _started(home: Path, folder: Path, somebody: dict[str, Any]) -> Iterator[None]:
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off")
    log = folder / "log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [home / "postgres", "-D", folder / "data", *(f"--{each}" for each in settings)],
            cwd=folder,
            stdout=sink,
            stderr=subprocess.STDOUT,
            **somebody,
        )
    try:
        _wait_for(home, folder, server, log)
        yield
    finally:
        server.terminate()  # lets connections end by themselves; then:
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(20)


def _wait_for(home: Path, folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    asking = [home / "pg_isready", "--quiet", "--host", folder, "--dbname", "postgres"]
    while subprocess.run(asking, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > until:
            pytest.fail(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}", pytrace=False)
