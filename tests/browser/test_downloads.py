"""Attack 26: the address of a file, fetched by somebody who was never here."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from dashboard import workflow
from dashboard.settings import Settings
from tests.attacks import planted
from tests.attacks.conftest import PLAN, give
from tests.browser.servers import ROOT, Server
from tests.browser.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.attack]

OWN_PICTURES = {
    (ROOT / "dashboard" / "ui" / name).read_bytes() for name in ("icon.svg", "logo.svg")
}


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
        with visitor.page.expect_download() as waiting:
            visitor.button("Download release.json").click()
        saved = waiting.value
        assert saved.path().read_text("utf-8") == release.to_json()
        assert saved.suggested_filename == "release.json"
        served.add(urlsplit(saved.url).path)
        files = {place for place in served if place.startswith("/media/")}
        with visiting(browser, server.address) as stranger:
            held = {place: stranger.context.request.get(place).body() for place in files}

    assert release.to_json().encode() in held.values()
    assert set(held.values()) <= {release.to_json().encode(), *OWN_PICTURES}
    for content in held.values():
        assert planted.secrets_in(content) == set()
