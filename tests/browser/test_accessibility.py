"""Everybody can use it: axe finds nothing to mend, on empty and full pages, by day and by night."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect

from tests.attacks import planted
from tests.browser.axe import violations
from tests.browser.servers import Server
from tests.browser.visitors import visiting

pytestmark = pytest.mark.browser

PAGES = ("start", "data", "segments", "release", "share", "desk")
SCHEMES = ("light", "dark")
Found = dict[str, list[str]]


def nothing(found: Found) -> None:
    lines = [f"{where}: {each}" for where, what in found.items() for each in what]
    assert lines == [], "\n".join(lines)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_empty_pages_have_nothing_to_mend(
    scheme: str, browser: Browser, empty_server: Server
) -> None:
    found: Found = {}
    with visiting(browser, empty_server.address, color_scheme=scheme) as visitor:
        for name in PAGES:
            visitor.open("/" if name == "start" else f"/{name}")
            found[name] = violations(visitor.page)
            visitor.picture(f"empty-{scheme}-{name}")
    nothing(found)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_full_pages_have_nothing_to_mend(
    scheme: str, browser: Browser, start_server: Callable[..., Server]
) -> None:
    found: Found = {}
    with visiting(browser, start_server().address, color_scheme=scheme) as visitor:
        page = visitor.page

        def check(name: str) -> None:
            visitor.unfold()
            found[name] = violations(page)
            visitor.picture(f"full-{scheme}-{name}")

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
    nothing(found)
