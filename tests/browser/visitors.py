"""People with a browser of their own, and the way that they take through the program.

Everything is found by role, name and Streamlit's stable key classes, never by layout.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, expect

from tests.browser.servers import ROOT

ARTIFACTS = Path(os.environ.get("ARTIFACTS", ROOT / "artifacts")) / "browser"
"""Where pictures of every step are left; git ignores it, the pipeline keeps it."""

PATIENCE = 60_000
"""Milliseconds that any single step may take on a slow machine."""

expect.set_options(timeout=PATIENCE)

SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}

# Streamlit asks for these two beside a deep link first, and then where they are.
HARMLESS = re.compile(r"/[\w.]+/_stcore/(health|host-config)$")

_DRAWN = """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
    .every(chart => chart.querySelector('.main-svg'))"""
_COLORED = r"""scheme => { const app = document.querySelector('[data-testid=stApp]');
    if (!app) return true;
    const red = Number(getComputedStyle(app).backgroundColor.match(/\d+/)[0]);
    return (red < 128) === (scheme === "dark"); }"""
# Two frames later, nothing is on its way from one color to another; what turns for ever may.
_STILL = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame(); await frame();
    const going = document.getAnimations()
        .filter(each => each.playState === "running"
            && each.effect.getComputedTiming().endTime < Infinity);
    await Promise.allSettled(going.map(each => each.finished));
    return true; }"""
_FITS = """() => { const main = document.querySelector('[data-testid=stMain]');
    return !main || main.scrollHeight <= main.clientHeight; }"""
_HEIGHT = """() => (document.querySelector('[data-testid=stMain]') || document.documentElement)
    .scrollHeight"""


class Visitor:
    """One person at one browser; what goes wrong or leaves for elsewhere is remembered.

    Args:
        browser: the machine's Chromium.
        address: where the program is; the only place that may ever be asked for anything.
        options: the kind of screen, and more of Playwright's ``new_context``.
    """

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.mistakes: list[str] = []
        self.elsewhere: list[str] = []
        self.context = browser.new_context(base_url=address, **{**SCREENS["desktop"], **options})
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda found: self.mistakes.append(str(found.error)))
        self.context.on("request", self._see)
        self.page = self.context.new_page()
        self.page.on("websocket", lambda socket: self._place(socket.url))

    def _hear(self, told: ConsoleMessage) -> None:
        if told.type == "error" and not HARMLESS.search(told.location.get("url", "")):
            self.mistakes.append(told.text)

    def _see(self, request: Request) -> None:
        self._place(request.url)

    def _place(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.address).netloc:
            self.elsewhere.append(url)

    # ── looking ─────────────────────────────────────────────────────────────────────────
    def settle(self) -> None:
        """Wait until the page says what it has to say."""
        page = self.page
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible(
            timeout=PATIENCE
        )
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        expect(page.locator("[data-stale=true], [data-testid=stSkeleton]")).to_have_count(0)
        page.wait_for_function(_DRAWN)

    def turn(self, scheme: Literal["light", "dark"]) -> None:
        """Make it day or night, and wait until Streamlit has drawn the page anew."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.wait_for_function(_COLORED, arg=scheme)
        if self.page.get_by_test_id("stApp").count():
            self.settle()
        self.page.evaluate(_STILL)

    def picture(self, name: str) -> Path:
        """Leave a picture of the whole page."""
        page, path = self.page, ARTIFACTS / f"{name}.png"
        size = page.viewport_size
        assert size is not None
        for _ in range(3):
            height = page.evaluate(_HEIGHT)
            page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
            if page.evaluate(_FITS):
                break
        page.wait_for_function(_DRAWN)
        page.screenshot(path=path, animations="disabled")
        page.set_viewport_size(size)
        return path

    def unfold(self) -> None:
        """Open everything that is folded away, again where a page that is drawn anew folded it."""
        closed = self.page.locator("details:not([open]) > summary")
        while left := closed.count():
            closed.first.click()
            with contextlib.suppress(AssertionError):
                expect(closed).to_have_count(left - 1, timeout=5_000)

    @property
    def cards(self) -> list[str]:
        """The segments as they are told."""
        return self.page.locator(".ps-card").all_inner_texts()

    def button(self, name: str) -> Locator:
        """A button by the words on it."""
        return self.page.get_by_role("button", name=name, exact=True)

    # ── walking ─────────────────────────────────────────────────────────────────────────
    def open(self, place: str = "/") -> None:
        """Open an address of the program."""
        self.page.goto(place)
        self.settle()

    def arrive(self, page: str) -> None:
        """Wait for the page that one was led to."""
        self.page.wait_for_url(f"**/{page}**")
        self.settle()

    def try_sample(self) -> None:
        """From Start to segments of the sample shop."""
        self.button("Try with sample data").click()
        self.arrive("segments")

    def give(self, name: str, content: bytes) -> None:
        """Give a file through the real upload box, and wait for what was found."""
        file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        self.page.locator("input[type=file]").first.set_input_files([file])
        expect(self.button("Keep these columns")).to_be_visible(timeout=PATIENCE)
        self.settle()

    def keep(self) -> None:
        """Keep what may be kept."""
        self.button("Keep these columns").click()
        expect(self.button("Go on to segments")).to_be_visible(timeout=PATIENCE)
        self.settle()

    def buy(self) -> None:
        """See the price, and buy the map."""
        expect(self.page.locator(".ps-facts")).to_contain_text("privacy budget")
        self.page.locator(".st-key-buy-map button").click()
        expect(self.page.locator(".st-key-publish button")).to_be_visible(timeout=PATIENCE)
        self.settle()

    def choose(self, count: int) -> None:
        """Look at another number of segments, for free."""
        choice = self.page.get_by_role("radiogroup", name="How many segments?").get_by_role(
            "radio", name=str(count), exact=True
        )
        choice.click()
        expect(choice).to_be_checked()
        expect(self.page.locator(".ps-card")).to_have_count(count)
        self.settle()

    def publish(self) -> None:
        """Publish, and come to the release."""
        self.page.locator(".st-key-publish button").click()
        self.arrive("release")

    def share(self) -> str:
        """Make a link of the release; gives its address."""
        self.button("Share this release").click()
        self.arrive("share")
        self.button("Create link").click()
        link = self.page.locator(".st-key-new-link code")
        expect(link).to_contain_text("/s/")
        self.settle()
        return link.inner_text().strip()


@contextlib.contextmanager
def visiting(browser: Browser, address: str, **options: Any) -> Iterator[Visitor]:
    """A person who comes, looks and leaves; nothing may have gone wrong or elsewhere."""
    visitor = Visitor(browser, address, **options)
    try:
        yield visitor
    finally:
        visitor.context.close()
    assert visitor.mistakes == []
    assert visitor.elsewhere == []
