"""What a stakeholder meets: a fresh browser without an account, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dashboard import exports
from dashboard.records import ledger, links, releases
from dashboard.records.db import Records
from dashboard.settings import Settings
from dashboard.terms import Price
from tests.browser.axe import violations
from tests.browser.servers import PROGRAM, Server
from tests.browser.visitors import ARTIFACTS, PATIENCE, SCREENS, visiting
from tests.fixtures_release import sample_release

pytestmark = pytest.mark.browser

PICTURES = ARTIFACTS.parent
VIEWER = (*PROGRAM[:3], "--viewer", PROGRAM[3])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A program that only opens links, and the path of one."""
    folder = tmp_path_factory.mktemp("shared") / "shop"
    folder.mkdir()
    path = remember(Settings(data_dir=folder))
    with Server(folder, VIEWER) as server:
        yield server.address, path


def remember(settings: Settings) -> str:
    """Put one release into a memory, and share it."""
    records, now = Records(settings.records_url), datetime.now(UTC)
    told = {"lineage": "base", "purpose": "publish", "now": now}
    ledger.open_lineage(records, "base", Price(10))
    ledger.charge(records, request_id="numbers", owner="ana", price=Price(1), **told)
    releases.keep_map(
        records,
        map_id="numbers",
        owner="ana",
        dataset_id="dataset",
        lineage="base",
        title="Shop",
        body="numbers",
        now=now,
    )
    releases.keep_release(
        records,
        release_id="release",
        owner="ana",
        map_id="map",
        numbers_id="numbers",
        body=sample_release().to_json(),
        now=now,
    )
    made = links.create(
        records, owner="ana", release_id="release", label="Bright & Co", days=14, now=now
    )
    records.close()
    return made.path


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def open_chart(page: Page, place: str) -> Locator:
    button = page.locator(f"#{place} .tools button")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    return drawn(page, place)


def drawn(page: Page, place: str) -> Locator:
    chart = page.locator(f"#{place} .chart")
    expect(chart.locator(".main-svg").first).to_be_visible(timeout=PATIENCE)
    expect(chart).to_have_attribute("aria-busy", "false", timeout=PATIENCE)
    return chart


@pytest.mark.parametrize("screen", sorted(SCREENS))
def test_the_page_is_whole_without_scripts(
    screen: str, browser: Browser, shared: tuple[str, str]
) -> None:
    address, path = shared
    with visiting(browser, address, java_script_enabled=False, **SCREENS[screen]) as visitor:
        page = visitor.page
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("Spring shop customers")
        expect(page.locator("header")).to_contain_text("Bright & Co")
        expect(page.locator("header")).to_contain_text("Open until")
        expect(page.get_by_role("article")).to_have_count(6)
        for section in ("sizes", "differences", "side-by-side", "distributions", "account"):
            expect(page.locator(f"#{section}")).to_be_visible()
        expect(page.locator(".tools").first).to_be_hidden()
        expect(page.locator(".side thead th")).to_have_count(6)
        page.locator("#distributions summary").first.click()
        expect(page.locator("#distributions table").first).to_be_visible()
        assert page.context.cookies() == []
        page.screenshot(path=PICTURES / f"share-{screen}.png", full_page=True)


@pytest.mark.parametrize("screen", sorted(SCREENS))
def test_charts_open_from_our_own_origin_and_two_segments_are_held_side_by_side(
    screen: str, browser: Browser, shared: tuple[str, str]
) -> None:
    address, path = shared
    with visiting(browser, address, **SCREENS[screen]) as visitor:
        page, asked = visitor.page, []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path)
        assert not any("plotly" in url for url in asked)
        expect(open_chart(page, "sizes").locator(".scatterlayer .point")).to_have_count(6)
        expect(open_chart(page, "differences").locator(".hm")).to_have_count(1)
        page.locator("#distributions select").select_option("Newsletter")
        expect(drawn(page, "distributions").locator(".scatterlayer .point")).to_have_count(6)
        page.locator("#distributions select").select_option("Total spent")
        expect(drawn(page, "distributions").locator(".yaxislayer-above")).not_to_have_count(0)
        assert any("/s/static/plotly." in url for url in asked)

        first, second = page.locator("#side-by-side select").all()
        first.select_option("0")
        second.select_option("3")
        heads = page.locator(".side thead th:visible")
        expect(heads).to_have_count(3)
        expect(heads.nth(1)).to_contain_text("Seasonal gardeners")
        page.get_by_role("button", name="Show all").click()
        expect(heads).to_have_count(6)
        assert fits(page)
        page.screenshot(path=PICTURES / f"share-{screen}-charts.png", full_page=True)


def test_a_chart_says_on_pointing_what_the_list_says(
    browser: Browser, shared: tuple[str, str]
) -> None:
    address, path = shared
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.goto(path)
        open_chart(page, "sizes").locator(".scatterlayer .point").first.hover(force=True)
        expect(page.locator("#sizes .hoverlayer")).to_contain_text("about 1,240 (1,215–1,265)")


def test_axe_finds_nothing_to_mend_with_everything_open(
    browser: Browser, shared: tuple[str, str]
) -> None:
    address, path = shared
    for scheme in ("light", "dark"):
        with visiting(
            browser, address, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
        ) as visitor:
            visitor.page.goto(path)
            visitor.unfold()
            for place in ("sizes", "differences"):
                open_chart(visitor.page, place)
            assert violations(visitor.page) == [], scheme


def test_everything_can_be_reached_and_done_by_keyboard(
    browser: Browser, shared: tuple[str, str]
) -> None:
    address, path = shared
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.goto(path)
        reached = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 17)"))
            if page.evaluate("document.activeElement.closest('#sizes .tools') !== null"):
                break
        assert reached[:2] == ["Segments", "Sizes"]
        assert reached[-1] == "Interactive chart"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Enter")
        drawn(page, "sizes")


def test_on_paper_everything_is_unfolded_and_nothing_is_there_to_click(
    browser: Browser, shared: tuple[str, str]
) -> None:
    address, path = shared
    with visiting(browser, address, viewport={"width": 794, "height": 1123}) as visitor:
        page = visitor.page
        page.goto(path)
        paper = page.pdf(prefer_css_page_size=True, print_background=True)
        assert paper.startswith(b"%PDF")
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        expect(page.locator("details:not([open])")).to_have_count(0)
        for each in ("nav", ".tools >> nth=0", ".chart >> nth=0"):
            expect(page.locator(each)).to_be_hidden()
        expect(page.get_by_text("SHA-256").first).to_be_visible()
        assert fits(page)
        page.screenshot(path=PICTURES / "share-print.png", full_page=True)


def test_the_page_as_a_file_opens_from_a_disk_and_draws_without_a_network(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "segments.html"
    file.write_bytes(exports.export(sample_release(), "html"))
    context = browser.new_context(offline=True)
    asked, mistakes = [], []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring shop customers")
    open_chart(page, "sizes")
    page.locator("#distributions select").select_option("Age")
    drawn(page, "distributions")
    context.close()
    assert mistakes == []
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
