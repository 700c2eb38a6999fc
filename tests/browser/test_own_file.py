"""Own files through the real upload box, and what reaches a browser on the whole way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from dashboard import workflow
from dashboard.settings import Settings
from tests.attacks import planted
from tests.browser import files
from tests.browser.servers import Server
from tests.browser.visitors import visiting
from tests.browser.wire import Received, Wire, counts_in, secrets_in

pytestmark = [pytest.mark.browser, pytest.mark.attack]

NEVER = frozenset({planted.EMAIL, "secret-inbox", "xylophones", planted.IDENTITY})
"""What nobody ever sees, not even who gave it: it would tell who somebody is."""

SIZES = (planted.CUSTOMERS, 6_299, 6_421)
"""Numbers of customers to try: a noisy number may be the exact one by chance, not thrice."""


@dataclass(frozen=True)
class Way:
    """All that came to the giver and to the reader of the link on one whole way."""

    customers: int
    giver: list[Received]
    reader: list[Received]
    by_chance: bool


def walk(browser: Browser, server: Server, customers: int) -> Way:
    """From a file to an open link, listening."""
    with visiting(browser, server.address) as visitor:
        wire = Wire(visitor.page)
        visitor.open("/data")
        visitor.give("shop.csv", planted.as_csv(planted.rows(customers)))
        expect(visitor.page.get_by_role("row").filter(has_text="email")).to_contain_text("dropped")
        visitor.unfold()
        visitor.picture("own-file-1-found")
        visitor.keep()
        visitor.picture("own-file-2-kept")
        visitor.button("Go on to segments").click()
        visitor.arrive("segments")
        visitor.picture("own-file-3-plan")
        visitor.buy()
        visitor.choose(3)
        visitor.publish()
        for view in ("One column", "Compare two"):
            visitor.page.get_by_role("radio", name=view).click()
            visitor.settle()
        link = visitor.share()
        giver = wire.collect()
    with visiting(browser, server.address) as visitor:
        wire = Wire(visitor.page)
        visitor.page.goto(link)
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Our customer segments")
        visitor.unfold()
        visitor.picture("own-file-4-link")
        reader = wire.collect()
    return Way(customers, giver, reader, told_by_chance(server, customers))


def told_by_chance(server: Server, customers: int) -> bool:
    """Whether a noisy number that was drawn happens to be the exact one."""
    workspace = workflow.open_workspace(Settings(data_dir=server.folder))
    bought = workflow.maps(workspace)[0].id
    drawn = [workflow.explore(workspace, bought, count) for count in (None, 3)]
    made = workflow.release(workspace, workflow.releases(workspace)[0].id)
    return any(counts_in(repr(each).encode(), customers) for each in (*drawn, made))


@pytest.fixture(scope="module")
def way(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Way:
    for customers in SIZES:
        with Server(tmp_path_factory.mktemp("server") / "own") as server:
            found = walk(browser, server, customers)
        if not found.by_chance:
            break
    return found


def where(found: list[Received], what: Callable[[bytes], set[str]]) -> set[tuple[str, str, str]]:
    """What was found, on which page and how it came."""
    return {(each.page, each.way, one) for each in found for one in what(each.content)}


def test_what_identifies_somebody_reaches_no_page_at_any_moment(way: Way) -> None:
    assert where(way.giver, lambda sent: secrets_in(sent) & NEVER) == set()


def test_nothing_of_one_customer_and_no_exact_count_comes_after_the_data_page(way: Way) -> None:
    after = [each for each in way.giver if each.page != "data"]
    assert {"segments", "release", "share"} <= {each.page for each in after}
    assert where(after, secrets_in) == set()
    assert where(after, lambda sent: counts_in(sent, way.customers)) == set()


def test_the_reader_of_a_link_receives_nothing_of_one_customer_and_no_exact_count(way: Way) -> None:
    assert any(each.way.startswith("answer /s/") for each in way.reader)
    assert where(way.reader, secrets_in) == set()
    assert where(way.reader, lambda sent: counts_in(sent, way.customers)) == set()


def test_the_listening_hears_the_count_that_the_giver_is_told_once(way: Way) -> None:
    """Otherwise the tests above would be deaf."""
    heard = where(way.giver, lambda sent: counts_in(sent, way.customers))
    assert {page for page, _, _ in heard} == {"data"}


@pytest.mark.parametrize(
    ("name", "written"),
    [("shop.xlsx", files.as_workbook), ("shop.parquet", files.as_parquet)],
    ids=["xlsx", "parquet"],
)
def test_other_formats_lead_to_segments_too(
    name: str,
    written: Callable[[files.Table], bytes],
    browser: Browser,
    start_server: Callable[..., Server],
) -> None:
    with visiting(browser, start_server().address) as visitor:
        wire = Wire(visitor.page)
        visitor.open("/data")
        visitor.give(name, written(planted.rows()))
        expect(
            visitor.page.get_by_text(f"{planted.CUSTOMERS:,} rows and 8 columns")
        ).to_be_visible()
        visitor.keep()
        visitor.button("Go on to segments").click()
        visitor.arrive("segments")
        visitor.buy()
        visitor.choose(3)
        received = wire.collect()
    assert where(received, lambda sent: secrets_in(sent) & NEVER) == set()
    assert where([e for e in received if e.page != "data"], secrets_in) == set()
