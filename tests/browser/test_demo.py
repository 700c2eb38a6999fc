"""A public demo: nobody gives real customers, nobody sees another's work, and all of it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.servers import Server
from tests.browser.visitors import Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.attack]

END_SECONDS = 30


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A demo that takes a visitor for gone after one second instead of two minutes."""
    soon = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}
    with Server(
        tmp_path_factory.mktemp("server") / "demo", DASHBOARD_MODE="demo", **soon
    ) as server:
        yield server


def test_a_demo_that_is_told_to_end_leaves_no_folder(browser: Browser, tmp_path: Path) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    demo = Server(tmp_path / "demo", DASHBOARD_MODE="demo", TMPDIR=str(passing))
    with demo, visiting(browser, demo.address) as visitor:
        visitor.open()
        assert [path.name for path in passing.glob("private-segments-demo-*")]
    assert list(passing.iterdir()) == []


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def opens(visitor: Visitor, link: str) -> bool:
    return visitor.context.request.get(link).status == 200


def test_no_upload_is_offered(browser: Browser, demo: Server) -> None:
    with visiting(browser, demo.address) as visitor:
        visitor.open()
        expect(visitor.button("Use my data")).to_have_count(0)
        visitor.picture("demo-1-start")
        visitor.open("/data")
        expect(visitor.page.locator("input[type=file]")).to_have_count(0)
        visitor.picture("demo-2-data")


def test_visitors_are_apart_and_a_visit_ends_without_a_trace(
    browser: Browser, demo: Server
) -> None:
    with visiting(browser, demo.address) as other:
        with visiting(browser, demo.address) as one:
            one.open()
            one.try_sample()
            one.publish()
            seen = one.cards
            link = one.share()
            ids = one.page.url.partition("?")[2]
            one.picture("demo-3-share")

            other.open()
            main = other.page.get_by_test_id("stMain")
            expect(main.get_by_role("link").filter(has_text="Release:")).to_have_count(0)
            for name in ("segments", "release", "share"):
                other.open(f"/{name}?{ids}")
                assert other.cards == []
            assert opens(other, link)
        gone_by = time.monotonic() + END_SECONDS
        while opens(other, link):
            assert time.monotonic() < gone_by, "the link outlived the visit"
            other.open()
        assert seen
    assert files_of(demo.folder) == []
