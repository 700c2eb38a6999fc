"""Somebody who reaches the running program's port, and what lies around it on the machine."""

from __future__ import annotations

import base64
import http.client
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from dashboard import workflow
from dashboard.records import tables
from dashboard.settings import Settings
from tests.attacks import planted
from tests.attacks.conftest import PLAN, Shop, give
from tests.browser.servers import Server

pytestmark = pytest.mark.attack

ADDRESSES = (
    *("/", "/data", "/data/", "/vault", "/records.sqlite3", "/data/records.sqlite3", "/master.key"),
    *("/../data/master.key", "/..%2f..%2fmaster.key", "/static/..%2f..%2fmaster.key"),
    *("/app/static/", "/app/static/../master.key", "/media/", "/media/release.json"),
    *("/component/x/y", "/.streamlit/config.toml", "/.git/config", "/s/..%2fmaster.key", "/s/"),
    *("/_stcore/host-config", "/_stcore/message?hash=a", "/_stcore/stream", "/_stcore/metrics"),
    *(
        "/_stcore/upload_file/a/b",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/preview/x",
    ),
)
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The program over a folder in which everything was done once."""
    server = Server(tmp_path_factory.mktemp("stranger") / "data")
    workspace = workflow.open_workspace(Settings(data_dir=server.folder))
    _, kept = give(workspace, planted.rows(2_503))
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    workflow.share(workspace, workflow.publish(workspace, bought.id, 3, title="Planted").id)
    with server:
        yield server


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, str, bytes]:
    """One answer, exactly as it comes; the path is sent as it is written here."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest(method, path)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    told = answer.status, repr(answer.getheaders()), b"" if answer.status == 101 else answer.read()
    connection.close()
    return told


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_no_address_answers_with_a_file_a_listing_or_anything_of_the_owner(
    method: str, running: Server
) -> None:
    key = (running.folder / "master.key").read_bytes()
    for address in ADDRESSES:
        _, headers, body = ask(running, address, method)
        sent = headers.encode() + body
        assert planted.secrets_in(sent) == set(), address
        assert b"Planted" not in sent, address
        assert key not in sent, address
        for never in (b"SQLite format", b"PARE", b"Index of", b"Traceback", b"[server]"):
            assert never not in sent, address


def test_nobody_is_told_how_large_uploads_and_sessions_are(running: Server) -> None:
    """A naive server measures itself for everybody: Streamlit's own address answers 200."""
    for address in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        assert ask(running, address)[0] == 404
    assert ask(running, "/_stcore/health")[0] == 200


def test_a_page_of_somebody_else_s_can_not_open_the_program_behind_its_reader(
    running: Server,
) -> None:
    own = f"http://127.0.0.1:{running.port}"
    opened = {
        origin: ask(running, "/_stcore/stream", **HANDSHAKE, Origin=origin)[0]
        for origin in (own, "http://attacker.example", "http://127.0.0.1.attacker.example", "null")
    }
    assert opened.pop(own) == 101
    assert set(opened.values()) == {403}


def test_headers_tell_nothing_of_the_data_and_not_when_they_were_changed(running: Server) -> None:
    _, headers, _ = ask(running, "/s/unknown-unknown-unknown")
    assert not re.search(r"last-modified|set-cookie|x-powered-by|python|version", headers, re.I)


def test_the_log_holds_no_visit_no_id_and_no_value(running: Server) -> None:
    ask(running, "/s/" + "kJ8fQ0aZ_x-9LmN2bV7cX1sD4gH6wE3rT5yU8iO0pA")
    ask(running, "/segments?dataset=0123456789abcdef0123456789abcdef")
    told = running.log.read_text("utf-8")
    assert "Private Segments is at" in told
    assert planted.secrets_in(told.encode()) == set()
    for never in ("GET ", "kJ8fQ0aZ", "0123456789abcdef", "Traceback"):
        assert never not in told


def test_the_list_of_processes_and_their_environment_hold_no_key(running: Server) -> None:
    process = Path(f"/proc/{running.process.pid}")
    if not process.exists():
        pytest.skip("this system has no /proc")
    told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    key = (running.folder / "master.key").read_bytes().strip()
    assert key not in told
    assert planted.secrets_in(told) == set()


def test_what_lies_on_the_disk_is_for_its_owner_only_and_named_after_nobody(shop: Shop) -> None:
    for path in (shop.folder, *shop.folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o077 == 0, f"{path} {mode:o}"
        name = path.relative_to(shop.folder.parent).as_posix()
        assert planted.secrets_in(name.encode()) == set()
        assert str(planted.CUSTOMERS) not in re.sub("[0-9a-f]{32,}", "", name)
        assert "shop" not in name


def test_the_size_of_a_kept_file_hides_one_customer_among_thousands(shop: Shop) -> None:
    """It tells about how many there are (docs/known-limits.md), but not whether one is there."""
    _, without = give(shop.workspace, planted.rows(canary=False))
    sizes = [
        (shop.folder / "vault" / f"{each.dataset_id}.rows").stat().st_size
        for each in (shop.kept, without)
    ]
    assert abs(sizes[0] - sizes[1]) < 0.02 * sizes[0]


def test_ledger_register_links_and_audit_log_hold_no_count_of_people_and_no_value(
    shop: Shop,
) -> None:
    """All but the noisy answers, in which an exact number may stand by chance."""
    told = []
    with shop.workspace.records.read() as connection:
        for table in (tables.lineages, tables.charges, tables.datasets, tables.links, tables.audit):
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
            told.append(repr(rows))
            assert rows
    sent = re.sub("[0-9a-f]{16,}", "", "\n".join(told)).encode()
    assert planted.secrets_in(sent) == set()
    assert planted.counts_in(sent) == set()
    assert planted.counts_in(sent + f" 'customers': {shop.kept.customers}".encode())


def test_ids_are_nothing_that_can_be_worked_out_from_a_table_without_the_key(
    shop: Shop, tmp_path: Path
) -> None:
    """Where an id is a plain hash of rows, who guesses the rows can check the guess."""
    other = workflow.open_workspace(Settings(data_dir=tmp_path / "elsewhere"))
    _, kept = give(other, planted.rows())
    there = workflow.buy_map(other, kept.dataset_id, PLAN)
    assert there.id != shop.bought.id
    assert kept.dataset_id != shop.kept.dataset_id
