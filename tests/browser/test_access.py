"""Everyone can use it: axe finds nothing to mend, by day and by night, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import make_link, picture, publish, sample_map, settle, settle_at

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
NOT_OURS = {
    # Streamlit's own frame, the same on every page of every app; nothing of ours is inside.
    "region": "[data-testid=stToolbar], [data-testid=stHeader], [data-testid=stSidebarHeader]",
}
Serve = Callable[..., str]
Visitor = Callable[..., Page]


def violations(page: Page) -> list[str]:
    """What axe finds, one line each, without the parts that are not ours."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    said = []
    for each in found:
        for node in each["nodes"]:
            target = " ".join(map(str, node["target"]))
            ours = page.evaluate(
                "([where, apart]) => { const found = document.querySelector(where);"
                " return !apart || !found || !found.closest(apart) }",
                [str(node["target"][-1]), NOT_OURS.get(each["id"], "")],
            )
            if ours:
                said.append(f"{each['id']}: {target} {node['html'][:160]}")
    return said


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_axe_finds_nothing_on_any_page(night: bool, serve: Serve, visitor: Visitor) -> None:
    look = {"color_scheme": "dark" if night else "light", "bypass_csp": True}
    address, page = serve(), visitor(**look)
    found: dict[str, list[str]] = {}
    for name in ("start", "data", "segments", "release", "share"):
        settle_at(page, f"{address}/{name}")
        found[f"{name}, empty"] = violations(page)
    sample_map(page, address)
    found["segments"] = violations(page)
    if night:
        picture(page, "2-segments-night")
    publish(page)
    found["release"] = violations(page)
    link = make_link(page)
    settle(page)
    found["share"] = violations(page)
    settle_at(page, f"{address}/")
    found["start"] = violations(page)
    phone = visitor(**look, viewport={"width": 390, "height": 844})
    phone.goto(link)
    found["shared page"] = violations(phone)
    if night:
        picture(phone, "5-shared-phone-night")
    assert {name: each for name, each in found.items() if each} == {}


def test_the_pages_fit_a_phone(serve: Serve, visitor: Visitor) -> None:
    page = visitor(viewport={"width": 390, "height": 844})
    address = serve()
    sample_map(page, address)
    picture(page, "2-segments-phone")
    publish(page)
    picture(page, "3-release-phone")
    wider = page.evaluate(
        "() => document.querySelector('[data-testid=stMain]').scrollWidth"
        " - document.querySelector('[data-testid=stMain]').clientWidth"
    )
    assert wider <= 1
