"""Long work is found again after a reload and in a second window, and can be stopped."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.ui import words
from tests.attacks import planted
from tests.browser.axe import violations
from tests.browser.servers import Server
from tests.browser.visitors import Visitor, visiting

pytestmark = pytest.mark.browser

AGAIN = 1_500
"""How often the same part stands in the file: far more than is read before it is stopped."""


def long_file(folder: Path) -> str:
    """A packed file of gigabytes that takes a moment to make: one part, again and again."""
    head, _, lines = planted.as_csv(planted.rows()).partition(b"\n")
    with (folder / "long.csv.gz").open("wb") as file:
        file.write(gzip.compress(head + b"\n"))
        part = gzip.compress(lines)
        for _ in range(AGAIN):
            file.write(part)
    return "long.csv.gz"


def bar(page: Page) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("progressbar")


def read_from_folder(visitor: Visitor, name: str) -> None:
    page = visitor.page
    visitor.open("/data")
    page.get_by_role("combobox", name=words.FOLDER_LABEL).click()
    page.get_by_role("option", name=name).click()
    page.keyboard.press("Escape")
    visitor.button(words.FOLDER_BUTTON).click()
    expect(bar(page)).to_be_visible()
    expect(bar(page).locator("xpath=..")).to_contain_text("Reading long.csv.gz")


def test_a_reading_is_found_again_and_stopped_and_a_killed_one_is_told(
    browser: Browser, start_server: Callable[..., Server], tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    name = long_file(folder)
    server = start_server(DASHBOARD_FOLDER=str(folder))
    vault = server.folder / "vault"
    with visiting(browser, server.address) as visitor:
        page = visitor.page
        read_from_folder(visitor, name)
        assert violations(page) == []
        page.reload()
        expect(bar(page)).to_be_visible()

        second = visitor.context.new_page()
        second.goto("/data")
        second.get_by_role("button", name=words.WORK_SHOW).click()
        expect(bar(second)).to_be_visible()

        visitor.button(words.WORK_STOP).click()
        for each in (page, second):
            expect(each.get_by_text(words.WORK_STOPPED)).to_be_visible()
        assert not [each for each in vault.iterdir() if each.suffix in (".draft", ".rows")]
        second.close()

        read_from_folder(visitor, name)
        server.process.kill()
        server.process.wait(20)
        server.start()
        visitor.mistakes.clear()
        page.reload()
        expect(page.get_by_text(words.WORK_INTERRUPTED["read"])).to_be_visible()
        assert {each.suffix for each in vault.iterdir() if each.is_file()} <= {".draft", ".key"}
        visitor.give("shop.csv", planted.as_csv(planted.rows(400)))
        visitor.mistakes.clear()  # the browser notices that the server was away
