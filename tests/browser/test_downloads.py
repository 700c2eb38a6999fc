"""Attack 26: the address of a file, fetched by somebody who was never here."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Download, expect

from dashboard import exports, workflow
from dashboard.release import Release
from dashboard.settings import Settings
from dashboard.ui import words
from tests.attacks import planted
from tests.attacks.conftest import PLAN, give
from tests.browser.servers import ROOT, Server
from tests.browser.visitors import PATIENCE, Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.attack]

OWN_PICTURES = {
    (ROOT / "dashboard" / "ui" / name).read_bytes() for name in ("icon.svg", "logo.svg")
}


def download(visitor: Visitor, release: Release, name: str) -> Download:
    """Choose a format, and take the file along."""
    box = visitor.page.locator(".st-key-format")
    box.get_by_role("combobox").clear()
    box.get_by_role("combobox").press_sequentially(words.DOWNLOAD_FORMATS[name])
    visitor.page.get_by_role("option", name=words.DOWNLOAD_FORMATS[name], exact=True).click()
    button = visitor.button(words.DOWNLOAD.format(exports.file_name(release, name)))
    expect(button).to_be_visible(timeout=PATIENCE)
    visitor.settle()
    with visitor.page.expect_download(timeout=PATIENCE) as waiting:
        button.click()
    return waiting.value


def test_every_format_is_taken_along_from_the_release_page(
    browser: Browser, start_server: Callable[..., Server]
) -> None:
    server = start_server()
    workspace = workflow.open_workspace(Settings(data_dir=server.folder))
    _, kept = give(workspace, planted.rows())
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    release = workflow.publish(workspace, bought.id, 3)
    with visiting(browser, server.address) as visitor:
        visitor.open("/release")
        for name in words.DOWNLOAD_FORMATS:
            saved = download(visitor, release, name)
            assert saved.path().read_bytes() == exports.export(release, name), name
            assert saved.suggested_filename == exports.file_name(release, name)
        visitor.picture("release-download")


def test_26_the_addresses_of_files_hold_the_release_and_our_own_pictures_only(
    browser: Browser, start_server: Callable[..., Server]
) -> None:
    server = start_server()
    workspace = workflow.open_workspace(Settings(data_dir=server.folder))
    _, kept = give(workspace, planted.rows())
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    release = workflow.publish(workspace, bought.id, 3)

    served: set[str] = set()
    with visiting(browser, server.address) as visitor:
        visitor.page.on("request", lambda asked: served.add(urlsplit(asked.url).path))
        visitor.open("/release")
        saved = download(visitor, release, "json")
        assert saved.path().read_text("utf-8") == release.to_json()
        assert saved.suggested_filename == "customer-segments.json"
        served.add(urlsplit(saved.url).path)
        files = {place for place in served if place.startswith("/media/")}
        with visiting(browser, server.address) as stranger:
            held = {place: stranger.context.request.get(place).body() for place in files}

    assert release.to_json().encode() in held.values()
    assert set(held.values()) <= {release.to_json().encode(), *OWN_PICTURES}
    for content in held.values():
        assert planted.secrets_in(content) == set()
