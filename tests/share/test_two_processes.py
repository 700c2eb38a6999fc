"""Two programs, two users: the viewer reads the records and owns nothing, not even a lock."""

import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.records import links, opinions
from dashboard.records.db import Records
from dashboard.records.visits import Visits

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
NEVER_LOADED = re.compile(
    r"(dashboard\.(vault|privacy|ui)|streamlit|pandas|numpy|scipy|sklearn|diffprivlib|plotly"
    r"|pyarrow|duckdb|cryptography)(\.|$)"
)
NEVER_MAPPED = re.compile(r"arrow|parquet|duckdb|cryptography|_rust|numpy|pandas|openblas|sklearn")


# ── somebody else ───────────────────────────────────────────────────────────────────────
def _somebody_else() -> dict[str, Any]:
    """Root runs the viewer as nobody; who isn't root has only themselves."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _interpreters() -> Iterator[tuple[str, dict[str, str]]]:
    """This Python, or the machine's own of the same version with our libraries."""
    path = f"{ROOT}{os.pathsep}{sysconfig.get_path('purelib')}"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for program in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        yield program, {"PATH": os.defpath, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def _runs(program: str, environment: dict[str, str]) -> bool:
    try:
        ran = subprocess.run(
            [program, "-c", "import dashboard.share.viewer, uvicorn"],
            cwd="/",
            env=environment,
            capture_output=True,
            check=False,
            **_somebody_else(),
        )
    except OSError:
        return False
    return ran.returncode == 0


@pytest.fixture(scope="module")
def python() -> tuple[str, dict[str, str]]:
    """A Python with our libraries that somebody else may run."""
    for program, environment in _interpreters():
        if _runs(program, environment):
            return program, environment
    reason = "another user can't run Python or read the project here; put both where they may"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


# ── the two programs ────────────────────────────────────────────────────────────────────
@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of the owner's that the viewer's group may read, as docs/deployment.md says."""
    folder = Path(tempfile.mkdtemp(prefix="records-"))
    if os.geteuid() == 0:
        os.chown(folder, 0, pwd.getpwnam("nobody").pw_gid)
    folder.chmod(0o2750)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


@pytest.fixture
def database(tmp_path: Path, records: Records) -> Path:
    """The records' file, readable by the group; SQLite gives its companions the same rights."""
    for path in tmp_path.iterdir():
        path.chmod(0o640)
    return tmp_path / "records.sqlite3"


@dataclass
class Viewer:
    process: subprocess.Popen[bytes]
    address: str
    log: Path
    shown: bytes = b""

    def get(self, path: str) -> int:
        """Open a page; the status is the answer."""
        return self.ask(urllib.request.Request(self.address + path))

    def send(self, path: str, **fields: str) -> int:
        """Send a form as our own page would, follow where it leads, and bring the cookie along."""
        fetched = {"Sec-Fetch-Site": "same-origin"}
        told = urllib.parse.urlencode(fields).encode()
        return self.ask(urllib.request.Request(self.address + path, told, fetched))

    def ask(self, request: urllib.request.Request) -> int:
        """The status of an answer; the last page that was shown is kept."""
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        try:
            with browser.open(request, timeout=20) as answer:
                self.shown = answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    def is_up(self) -> bool:
        try:
            return self.get("/health") == 200
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _viewing(
    python: tuple[str, dict[str, str]], url: str, log: Path, **further: str
) -> Iterator[Viewer]:
    """The viewer as docs/deployment.md starts it; it says at its end what it has loaded."""
    program, environment = python
    port = _free_port()
    serve = ("serve", "--viewer", "--port", str(port))
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [program, "-X", "importtime", "-m", "dashboard", *serve],
            cwd="/",
            env={**environment, "DASHBOARD_DATABASE_URL": url, **further},
            stdout=subprocess.DEVNULL,
            stderr=sink,
            **_somebody_else(),
        )
    viewer = Viewer(process, f"http://127.0.0.1:{port}", log)
    until = time.monotonic() + START_SECONDS
    try:
        while not viewer.is_up():
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < until, "the viewer did not start"
        yield viewer
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def viewer(
    python: tuple[str, dict[str, str]], database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Any]]:
    log = tmp_path_factory.mktemp("viewer") / "log"
    return lambda **further: _viewing(python, f"sqlite:///{database}", log, **further)


@pytest.fixture
def counts() -> Iterator[Path]:
    """A folder for visits in which the owner and the viewer's group may write."""
    folder = Path(tempfile.mkdtemp(prefix="visits-"))
    if os.geteuid() == 0:
        os.chown(folder, 0, pwd.getpwnam("nobody").pw_gid)
    folder.chmod(0o2770)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def visits(counts: Path) -> Iterator[Visits]:
    """The owner's side of the visits, made as docs/deployment.md says."""
    opened = Visits(f"sqlite:///{counts / 'visits.sqlite3'}")
    for path in counts.iterdir():
        path.chmod(0o660)
    yield opened
    opened.close()


# ── what it may and does ────────────────────────────────────────────────────────────────
def _lies(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {path.name: path.stat() for path in folder.iterdir()}
    return {name: (each.st_ino, each.st_size, each.st_mtime_ns) for name, each in found.items()}


def test_a_link_opens_beside_the_owner_s_program_and_closes_at_once(viewer, share, records):
    with viewer() as window:
        made = share()
        assert window.get(made.path) == 200
        assert window.get("/s/" + "A" * 43) == 404
        links.revoke(records, "ana", made.link.id, made.link.created_at)
        assert window.get(made.path) == 404


def test_a_link_opens_while_nobody_else_runs_and_nothing_is_written(
    viewer, share, records, tmp_path
):
    made = share()
    records.close()
    before = _lies(tmp_path)
    assert list(before) == ["records.sqlite3"]
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
    with viewer() as window:
        assert window.get(made.path) == 200
        assert window.get(made.path) == 200
    assert _lies(tmp_path) == before


def test_the_viewer_runs_as_somebody_who_may_write_nothing(viewer, database):
    if os.geteuid() != 0:
        pytest.skip("only root can start a program as another user")
    with viewer() as window:
        told = Path(f"/proc/{window.process.pid}/status").read_text()
        user = pwd.getpwnam("nobody")
        assert re.search(rf"^Uid:\t{user.pw_uid}\t{user.pw_uid}", told, re.M)
        assert re.search(r"^CapEff:\t0+$", told, re.M)
        assert grp.getgrgid(database.stat().st_gid).gr_gid == user.pw_gid
        assert database.stat().st_mode & 0o777 == 0o640
        assert database.parent.stat().st_mode & 0o777 == 0o750


def test_links_open_and_close_while_the_owner_comes_and_goes(viewer, share, records, database):
    records.close()
    with viewer() as window:
        standing = share()
        answers: list[int] = []
        leaving = threading.Event()

        def visit_on() -> None:
            while not leaving.is_set():
                answers.append(window.get(standing.path))

        visitor = threading.Thread(target=visit_on)
        visitor.start()
        try:
            for _ in range(12):
                made = share()
                records.close()
                assert window.get(made.path) == 200
                links.revoke(records, "ana", made.link.id, made.link.created_at)
                records.close()
                assert window.get(made.path) == 404
        finally:
            leaving.set()
            visitor.join()
    assert set(answers) == {200}
    assert len(answers) > 12


def test_a_viewer_counts_in_the_one_store_that_it_may_write(
    viewer, share, visits, counts, database
):
    locked, capped, plain = share(passphrase="open sesame"), share(max_views=2), share()
    before = database.read_bytes()
    with viewer(DASHBOARD_VISITS_URL=f"sqlite:///{counts / 'visits.sqlite3'}") as window:
        assert [window.get(capped.path) for _ in range(3)] == [200, 200, 404]
        assert window.send(locked.path, passphrase="not this one") == 200
        assert b"asks for a passphrase" in window.shown
        assert window.send(locked.path, passphrase="open sesame") == 200
        assert b"No rows, no exact counts" in window.shown
        assert window.get(plain.path) == 200
        assert window.send(plain.path, opinion="identifies", part="sizes") == 200
    ids = {made.link.id: times for made, times in ((locked, 1), (capped, 2), (plain, 1))}
    counted = visits.by_day(ids)
    assert {its_id: days[0].times for its_id, days in counted.items()} == ids
    assert {each.why for each in visits.refused(ids)} == {"views", "passphrase"}
    assert opinions.of_links(visits, ids)[0].to_review
    assert database.read_bytes() == before
    if os.geteuid() == 0:
        assert {path.stat().st_mode & 0o777 for path in counts.iterdir()} == {0o660}


def test_a_viewer_that_may_not_count_keeps_links_that_need_it_shut(viewer, share):
    with viewer() as window:
        assert window.get(share().path) == 200
        assert b"What do you think?" not in window.shown
        assert window.get(share(max_views=9).path) == 404
        locked = share(passphrase="open sesame").path
        assert window.get(locked) == window.send(locked, passphrase="open sesame") == 404
    assert "see DASHBOARD_VISITS_URL" in window.log.read_text()


def test_a_token_stands_in_no_log_of_the_server(viewer, share):
    made = share()
    with viewer() as window:
        window.get(made.path)
        window.get("/s/" + "A" * 43)
        window.send(made.path, passphrase="never kept")
    told = window.log.read_text()
    for secret in (made.path.removeprefix("/s/"), "A" * 43, "never kept", "never+kept"):
        assert secret not in told


def test_rows_noise_and_screens_are_not_even_loaded(viewer, share):
    with viewer() as window:
        assert window.get(share().path) == 200
        maps = Path(f"/proc/{window.process.pid}/maps")
        if maps.exists():
            names = {line.split()[-1] for line in maps.read_text().splitlines()}
            libraries = {Path(name).name for name in names if name.startswith("/")}
            assert not {name for name in libraries if NEVER_MAPPED.search(name)}
        environment = Path(f"/proc/{window.process.pid}/environ")
        if environment.exists():
            assert b"MASTER_KEY" not in environment.read_bytes()
    loaded = re.findall(r"^import time:.*\| +(\S+)$", window.log.read_text(), re.M)
    assert "dashboard.share.viewer" in loaded
    assert not [name for name in loaded if NEVER_LOADED.match(name)]
