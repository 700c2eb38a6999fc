"""What the program leaves on the disk while a file is given at its screens."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.attacks import planted, watched
from tests.browser.servers import Server
from tests.browser.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.attack]


def test_an_upload_is_written_nowhere_but_into_the_vault(browser: Browser, tmp_path: Path) -> None:
    """Also a large one, which a web server would put into a temporary file as it is."""
    file = planted.as_csv(planted.rows(30_000))
    assert len(file) > 2**20
    notes = tmp_path / "notes"
    command = ("-c", watched.WATCHED, "serve", "--port")
    with (
        Server(tmp_path / "shop", command, **watched.environment(notes)) as server,
        visiting(browser, server.address) as visitor,
    ):
        visitor.open("/data")
        visitor.give("shop.csv", file)
        expect(visitor.page.get_by_role("row").filter(has_text="email")).to_contain_text("dropped")
        visitor.keep()
    assert any("/vault/" in each for each in notes.read_text("utf-8").splitlines())
    assert watched.written(notes, server.folder) == set()
    for path in server.folder.rglob("*"):
        assert not path.is_file() or planted.secrets_in(path.read_bytes()) == set()
