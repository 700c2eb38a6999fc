"""What an owner sets on the Share page, and what somebody else meets in a browser of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.records.db import Records
from tests.browser.axe import violations
from tests.browser.servers import Server
from tests.browser.visitors import PATIENCE, SCREENS, Visitor, visiting
from tests.fixtures_release import keep_sample

pytestmark = pytest.mark.browser

WORDS = "open sesame in the park"
CLOSED = "This link does not open anything"
ASKED = "This page asks for a passphrase"
TITLE = "Spring shop customers"


@pytest.fixture
def shop(tmp_path: Path, start_server: Callable[..., Server]) -> Server:
    """A copy of the program whose owner has published the sample release."""
    records = Records(f"sqlite:///{tmp_path / 'shop' / 'records.sqlite3'}")
    keep_sample(records, "owner")
    records.close()
    return start_server()


def heading(page: Page) -> Locator:
    """What the page says first."""
    return page.get_by_role("heading", level=1)


def make_link(owner: Visitor, **terms: str) -> str:
    """Make a link on terms, by their labels; gives its address."""
    if terms:
        owner.page.get_by_text("Passphrase, views, recipient, other sites").click()
    for label, value in terms.items():
        box = owner.page.get_by_label(label.replace("_", " "), exact=True)
        box.fill(value)
        box.press("Tab")
    owner.button("Create link").click()
    link = owner.page.locator(".st-key-new-link code")
    expect(link).to_contain_text("/s/", timeout=PATIENCE)
    owner.settle()
    return link.inner_text().strip()


def more(owner: Visitor, name: str) -> None:
    """Press a button of what is seldom done to the newest link."""
    wanted = owner.button(name)
    if not wanted.is_visible():  # what was opened stays open over a click inside it
        owner.page.get_by_role("button", name="More").first.click()
    wanted.click()
    owner.settle()


def type_day(page: Page, label: str, year: str, month: str, day: str) -> None:
    """Type a day into its three parts."""
    for part, typed in (("year", year), ("month", month), ("day", day)):
        box = page.get_by_role("spinbutton", name=f"{part}, {label}")
        box.press_sequentially(typed)


@contextmanager
def stakeholder(browser: Browser, server: Server, **options: object) -> Iterator[Visitor]:
    """Somebody else, with a fresh profile; refused pages are no mistakes."""
    with visiting(browser, server.address, **options) as visitor:
        yield visitor
        visitor.mistakes = [each for each in visitor.mistakes if "404" not in each]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_passphrase_opens_a_link_in_one_browser_only(
    *, scripts: bool, browser: Browser, shop: Server
) -> None:
    with visiting(browser, shop.address) as owner:
        owner.open("/share")
        link = make_link(owner, Passphrase=WORDS)
        expect(owner.page.get_by_text("asks for a passphrase")).to_be_visible()
        owner.picture("share-passphrase")
    with stakeholder(browser, shop, java_script_enabled=scripts) as reader:
        page = reader.page
        page.goto(link)
        expect(heading(page)).to_have_text(ASKED)
        page.get_by_label("Passphrase").fill("not this one")
        page.get_by_role("button", name="Open the page").click()
        expect(heading(page)).to_have_text(ASKED)
        page.get_by_label("Passphrase").fill(WORDS)
        page.get_by_role("button", name="Open the page").click()
        expect(heading(page)).to_have_text(TITLE)
        assert page.url == link
        page.reload()
        expect(heading(page)).to_have_text(TITLE)
        (cookie,) = reader.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert link.endswith(cookie["path"])
    with stakeholder(browser, shop) as another:
        another.page.goto(link)
        expect(heading(another.page)).to_have_text(ASKED)


def test_a_page_is_shown_as_often_as_agreed_and_the_owner_sees_how_often(
    browser: Browser, shop: Server
) -> None:
    with visiting(browser, shop.address) as owner:
        owner.open("/share")
        link = make_link(owner, Largest_number_of_views="2")
        for told in (TITLE, TITLE, CLOSED):
            with stakeholder(browser, shop) as reader:
                reader.page.goto(link)
                expect(heading(reader.page)).to_have_text(told)
        owner.open("/share")
        expect(owner.page.get_by_text("2 views", exact=False).first).to_be_visible()
        owner.page.get_by_role("button", name="More").first.click()
        expect(owner.page.get_by_text("Refused after its last view: 1")).to_be_visible()
        owner.picture("share-more")


def test_the_owner_previews_pauses_and_turns_a_link(browser: Browser, shop: Server) -> None:
    with visiting(browser, shop.address) as owner:
        owner.open("/share")
        old = make_link(owner)
        owner.page.get_by_role("button", name="More").first.click()
        with owner.context.expect_page() as opened:
            owner.page.get_by_role("link", name="See it as readers do").click()
        expect(heading(opened.value)).to_have_text(TITLE)
        opened.value.close()
        owner.open("/share")
        expect(owner.page.get_by_text("not viewed yet")).to_be_visible()
        paused = owner.page.get_by_text("paused on")
        more(owner, "Pause")
        expect(paused).to_be_visible()
        with stakeholder(browser, shop) as reader:
            reader.page.goto(old)
            expect(heading(reader.page)).to_have_text(CLOSED)
        more(owner, "Resume")
        expect(paused).to_have_count(0)
        more(owner, "New address")
        new = owner.page.locator(".st-key-new-link code").inner_text().strip()
        with stakeholder(browser, shop) as reader:
            reader.page.goto(old)
            expect(heading(reader.page)).to_have_text(CLOSED)
            reader.page.goto(new)
            expect(heading(reader.page)).to_have_text(TITLE)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_reader_who_sees_a_danger_reaches_the_owner(
    screen: str, browser: Browser, shop: Server
) -> None:
    with visiting(browser, shop.address, **SCREENS[screen]) as owner:
        owner.open("/share")
        link = make_link(owner)
        with stakeholder(
            browser, shop, **{**SCREENS[screen], "java_script_enabled": False}
        ) as reader:
            reader.page.goto(link)
            reader.page.get_by_label("Which part?").select_option("Sizes")
            reader.page.get_by_role("button", name="It could identify someone").click()
            expect(heading(reader.page)).to_have_text("Thank you")
            reader.page.get_by_role("link", name="Back to the page").click()
            expect(heading(reader.page)).to_have_text(TITLE)
        owner.open("/share")
        expect(owner.page.get_by_text("someone could be identified by")).to_contain_text("Sizes")
        owner.picture(f"share-review-{screen}")
        owner.button("Pause this link").click()
        owner.settle()
        with stakeholder(browser, shop) as reader:
            reader.page.goto(link)
            expect(heading(reader.page)).to_have_text(CLOSED)
        owner.button("I have looked").click()
        owner.settle()
        expect(owner.page.get_by_text("someone could be identified by")).to_have_count(0)


def choose(page: Page, box: str, name: str) -> None:
    """Choose from a list, which closes when its fold is still moving: then open it again."""
    option = page.get_by_role("option", name=name)
    for _ in range(6):
        page.get_by_role("combobox", name=box).click()
        with suppress(AssertionError):
            expect(option).to_be_visible(timeout=2_000)
            option.click()
            return
    option.click()


def test_a_recipient_is_noted_and_gets_a_link(browser: Browser, shop: Server) -> None:
    with visiting(browser, shop.address) as owner:
        page = owner.page
        owner.open("/share")
        page.get_by_text("Recipients outside the house").click()
        page.get_by_label("Name", exact=True).fill("Bright & Co")
        page.get_by_label("Country", exact=True).fill("FR")
        type_day(page, "Date of the contract", "2026", "01", "31")
        type_day(page, "Next review", "2031", "01", "31")
        owner.button("Keep").click()
        expect(page.get_by_text("Processor · next review on 31 January 2031")).to_be_visible()
        owner.settle()
        owner.picture("share-recipients")
        page.get_by_text("Passphrase, views, recipient, other sites").click()
        choose(page, "Recipient", "Bright & Co")
        owner.button("Create link").click()
        expect(page.get_by_text("for Bright & Co")).to_be_visible(timeout=PATIENCE)


# ── other sites ─────────────────────────────────────────────────────────────────────────
class _Site(BaseHTTPRequestHandler):
    """Another site, whose page shows whatever its address says inside a frame."""

    def do_GET(self) -> None:
        shown = f'<h1>Another site</h1><iframe src="{self.path[1:]}"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(shown)))
        self.end_headers()
        self.wfile.write(shown)

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Another site, on a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_is_shown_inside_a_named_site_and_no_other(
    browser: Browser, shop: Server, site: str
) -> None:
    sites = "Sites_that_may_show_the_page_inside_theirs"
    with visiting(browser, shop.address) as owner:
        owner.open("/share")
        allowed = make_link(owner, **{sites: site})
        owner.open("/share")
        other = make_link(owner, **{sites: "https://wiki.example"})
        owner.open("/share")
        plain = make_link(owner)
    visitor = Visitor(browser, site)
    try:
        visitor.page.goto(f"{site}/{allowed}")
        frame = visitor.page.frame_locator("iframe")
        expect(frame.get_by_role("heading", level=1)).to_have_text(TITLE)
        frame.get_by_role("button", name="It is useful").click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("Thank you")
        assert visitor.mistakes == []
        for refused in (other, plain):
            visitor.mistakes.clear()
            visitor.page.goto(f"{site}/{refused}")
            expect(frame.get_by_role("heading", name=TITLE)).to_have_count(0)
            assert any("frame-ancestors" in each for each in visitor.mistakes)
    finally:
        visitor.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_forms_have_nothing_to_mend(scheme: str, browser: Browser, shop: Server) -> None:
    found: dict[str, list[str]] = {}
    with visiting(browser, shop.address, color_scheme=scheme) as owner:
        owner.open("/share")
        locked = make_link(owner, Passphrase=WORDS)
        owner.unfold()
        found["share"] = violations(owner.page)
        owner.open("/share")
        link = make_link(owner)
    with stakeholder(browser, shop, color_scheme=scheme) as reader:
        reader.page.goto(locked)
        found["asked"] = violations(reader.page)
        reader.picture(f"asked-{scheme}")
        reader.page.goto(link)
        found["page"] = violations(reader.page)
        reader.picture(f"link-{scheme}")
        reader.page.get_by_role("button", name="It is too noisy").click()
        expect(heading(reader.page)).to_have_text("Thank you")
        found["thanks"] = violations(reader.page)
    assert {where: what for where, what in found.items() if what} == {}
