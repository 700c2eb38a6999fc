"""One can begin with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.servers import Server
from tests.browser.visitors import visiting

pytestmark = pytest.mark.browser

A_FEW = 15
"""Presses of the tab key that are bearable."""


def test_the_sample_is_reached_and_started_with_the_keyboard_alone(
    browser: Browser, start_server: Callable[..., Server]
) -> None:
    with visiting(browser, start_server().address) as visitor:
        visitor.open()
        focused = visitor.page.locator("button:focus")
        for _ in range(A_FEW):
            visitor.page.keyboard.press("Tab")
            if focused.filter(has_text="Try with sample data").count():
                break
        expect(focused).to_have_text("Try with sample data")
        outline = focused.evaluate("it => getComputedStyle(it).boxShadow")
        assert outline != "none", "the focus must be seen"
        visitor.page.keyboard.press("Enter")
        visitor.arrive("segments")
        assert len(visitor.cards) >= 2
