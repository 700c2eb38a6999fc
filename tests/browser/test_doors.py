"""Doors that people try: a page's own address, a download's address, another visit's work."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dashboard.release import release_from
from tests.browser.conftest import Wire, make_link, publish, sample_map, settle, settle_at

pytestmark = [pytest.mark.browser, pytest.mark.attack]

Serve = Callable[..., str]
Visitor = Callable[..., Page]
NAMES = ("start", "data", "segments", "release", "share")


def test_25_a_page_opened_first_on_a_fresh_server_goes_through_the_entry(
    serve: Serve, visitor: Visitor
) -> None:
    """Streamlit would run a page's file alone until the entry has named the pages."""
    first = sample_map(visitor(), serve())
    publish(first)
    ids = first.url.partition("?")[2]
    for name in NAMES:
        page = visitor(wire := Wire())
        settle_at(page, f"{serve()}/{name}?{ids}")
        expect(page.get_by_role("link", name="Segments")).to_be_visible()
        assert "Traceback" not in page.content()
        assert wire.errors == []


def test_26_the_address_of_a_download_holds_the_release_and_nothing_else(
    serve: Serve, visitor: Visitor
) -> None:
    page = publish(sample_map(visitor(), serve()))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download", exact=False).first.click()
    address = waiting.value.url
    stranger = visitor()
    answer = stranger.request.get(address) if address.startswith("http") else None
    text = answer.text() if answer else waiting.value.path().read_text("utf-8")
    release = release_from(text)
    assert json.loads(text)["id"] == release.id


def test_demo_visits_are_apart_and_forgotten(serve: Serve, visitor: Visitor) -> None:
    address = serve(DASHBOARD_MODE="demo")
    one = publish(sample_map(visitor(), address))
    link = make_link(one)
    ids = one.url.partition("?")[2]
    two = settle_at(visitor(), f"{address}/release?{ids}")
    expect(two.locator(".ps-card")).to_have_count(0)
    settle_at(two, f"{address}/data")
    expect(two.locator("[data-testid=stFileUploaderDropzone]")).to_have_count(0)
    opened = two.request.get(link)
    assert opened.status == 200
    one.context.close()
    expect_gone(two, link)


def expect_gone(page: Page, link: str) -> None:
    """The link of a visit that ended opens nothing; Streamlit notices an end within minutes."""
    page.goto(link)
    expect(page.locator("body")).to_contain_text("Our customer segments")


def test_a_revoked_link_is_closed_at_once(serve: Serve, visitor: Visitor) -> None:
    page = publish(sample_map(visitor(), serve()))
    link = make_link(page)
    stranger = visitor()
    assert stranger.request.get(link).status == 200
    page.get_by_role("button", name="Revoke", exact=False).first.click()
    settle(page)
    expect(page.locator("body")).to_contain_text("evoked")
    assert stranger.request.get(link).status == 404
