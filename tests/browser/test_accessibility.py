"""Everybody can use it: axe finds nothing to mend, on empty and full pages, by day and by night."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from tests.attacks import planted
from tests.browser.axe import violations
from tests.browser.servers import Server
from tests.browser.visitors import PATIENCE, Visitor, visiting
from tests.test_known_groups import orders_csv

pytestmark = pytest.mark.browser

PAGES = ("start", "data", "segments", "release", "share", "desk")


class Checks:
    """What is to be mended on the pages that one walk comes past, by day and by night."""

    def __init__(self, visitor: Visitor, walk: str) -> None:
        self.visitor, self.walk = visitor, walk
        self.found: list[str] = []

    def __call__(self, name: str) -> None:
        """Check the page where the visitor is, with all that is folded opened."""
        self.visitor.unfold()
        schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
        for scheme in schemes:
            self.visitor.turn(scheme)
            self.found += [f"{name}, {scheme}: {each}" for each in violations(self.visitor.page)]
            self.visitor.picture(f"{self.walk}-{scheme}-{name}")

    def nothing(self) -> None:
        assert self.found == [], "\n".join(self.found)


def test_empty_pages_have_nothing_to_mend(browser: Browser, empty_server: Server) -> None:
    with visiting(browser, empty_server.address) as visitor:
        check = Checks(visitor, "empty")
        for name in PAGES:
            visitor.open("/" if name == "start" else f"/{name}")
            check(name)
    check.nothing()


def test_full_pages_have_nothing_to_mend(
    browser: Browser, start_server: Callable[..., Server]
) -> None:
    with visiting(browser, start_server().address) as visitor:
        page, check = visitor.page, Checks(visitor, "full")

        visitor.open("/data")
        visitor.give("shop.csv", planted.as_csv(planted.rows()))
        check("data, found")
        visitor.keep()
        check("data, kept")
        visitor.button("Go on to segments").click()
        visitor.arrive("segments")
        check("segments, plan")
        visitor.buy()
        visitor.choose(3)
        check("segments, map")
        visitor.publish()
        check("release")
        for view in ("One column", "Compare two"):
            page.get_by_role("radio", name=view).click()
            visitor.settle()
            check(f"release, {view}")
        link = visitor.share()
        check("share")
        visitor.open("/desk")
        check("desk")
        visitor.open()
        check("start")
        page.goto(link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Our customer segments")
        check("link")
        page.goto("/s/nothing-here")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check("closed link")
        visitor.mistakes = [each for each in visitor.mistakes if "404" not in each]
    check.nothing()


def publish_orders(visitor: Visitor, customers: int, check: Callable[[str], None]) -> None:
    """From a file of orders to a release of known groups."""
    page = visitor.page
    visitor.open("/data")
    file = {"name": "orders.csv", "mimeType": "text/csv", "buffer": orders_csv(customers)}
    page.locator("input[type=file]").first.set_input_files([file])
    expect(visitor.button("Add up to one row per customer")).to_be_visible(timeout=PATIENCE)
    visitor.settle()
    check("orders, found")
    visitor.button("Add up to one row per customer").click()
    expect(visitor.button("Go on to segments")).to_be_visible(timeout=PATIENCE)
    visitor.settle()
    check("orders, kept")
    visitor.button("Go on to segments").click()
    visitor.arrive("segments")
    check("orders, price")
    page.locator(".st-key-publish-known button").click()
    visitor.arrive("release")
    expect(page.locator(".ps-card").first).to_be_visible()


def test_orders_movement_preview_and_what_customers_ask_have_nothing_to_mend(
    browser: Browser, start_server: Callable[..., Server]
) -> None:
    with visiting(browser, start_server().address) as visitor:
        page, check = visitor.page, Checks(visitor, "more")
        publish_orders(visitor, 400, check)
        publish_orders(visitor, 700, check)
        expect(page.get_by_role("heading", name="Since the last release")).to_be_visible()
        check("release with movement")
        visitor.share()
        page.get_by_role("button", name="More").first.click()
        with visitor.context.expect_page() as opened:
            page.get_by_role("link", name="See it as readers do").click()
        expect(opened.value.get_by_role("heading", level=1)).to_have_text("Champions to Lost")
        check.found += [f"preview: {each}" for each in violations(opened.value)]
        opened.value.close()

        visitor.open("/desk")
        visitor.unfold()
        page.get_by_label("Who of you made sure").fill("Mia, by calling back")
        visitor.button("Note this request").click()
        expect(visitor.button("Look up what is kept")).to_be_visible()
        page.get_by_label("By which name").fill("The shop")
        visitor.button("Open the page").click()
        expect(visitor.button("Close the page")).to_be_visible()
        visitor.settle()
        check("desk with a request and a page for customers")
        letterbox = page.locator("[data-testid=stCode] code", has_text="/choices/").inner_text()
        page.get_by_label("Who is it?").fill("c1")
        visitor.button("Look up what is kept").click()
        expect(page.get_by_text("This is what to tell them")).to_be_visible()
        visitor.settle()
        check("desk with an answer")

        page.goto(letterbox.strip())
        expect(page.get_by_role("heading", level=1)).to_contain_text("The shop")
        check("page for customers")
        page.get_by_label("Your e-mail address or customer number").fill("c2")
        page.get_by_role("button", name="Don’t put me into groups").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
        check("page for customers, thanked")
    check.nothing()
