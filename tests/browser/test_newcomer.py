"""The newcomer's minute: from nothing to a link that somebody else can open."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.servers import Server
from tests.browser.visitors import SCREENS, visiting

pytestmark = pytest.mark.browser

MINUTE = 60


@pytest.mark.parametrize("screen", SCREENS)
def test_a_newcomer_comes_from_nothing_to_an_open_link_within_a_minute(
    screen: str, browser: Browser, start_server: Callable[..., Server]
) -> None:
    server = start_server()
    began = time.monotonic()
    spent_on_pictures = 0.0

    def picture(step: str) -> None:
        nonlocal spent_on_pictures
        before = time.monotonic()
        visitor.picture(f"newcomer-{screen}-{step}")
        spent_on_pictures += time.monotonic() - before

    with visiting(browser, server.address, **SCREENS[screen]) as visitor:
        visitor.open()
        picture("1-start")
        visitor.try_sample()
        picture("2-segments")
        shown = len(visitor.cards)
        visitor.choose(shown + 1)
        picture("3-another-number")
        visitor.publish()
        assert len(visitor.cards) == shown + 1
        told = visitor.cards
        picture("4-release")
        link = visitor.share()
        picture("5-share")

    with visiting(browser, server.address, **SCREENS[screen]) as visitor:
        visitor.page.goto(link)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Our customer segments")
        for card in told:
            name = card.strip().splitlines()[1]
            expect(visitor.page.get_by_role("heading", name=name).first).to_be_visible()
        took = time.monotonic() - began - spent_on_pictures
        visitor.picture(f"newcomer-{screen}-6-link")

    print(f"\nThe newcomer's minute took {took:.1f} seconds ({screen}).")
    assert took < MINUTE
