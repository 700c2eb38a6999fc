"""Attack 25: a page's own address, opened first on a fresh server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dashboard import workflow
from dashboard.settings import Settings
from tests.attacks import planted
from tests.attacks.conftest import PLAN, give
from tests.browser.servers import ROOT, Server
from tests.browser.visitors import PATIENCE, visiting
from tests.browser.wire import Received, Wire, counts_in, secrets_in

pytestmark = [pytest.mark.browser, pytest.mark.attack]

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
STRANGE = ("main", "streamlit_app", "release.py")
TITLE = "Planted release"
NO_SUCH_PAGE = "does not seem to exist"


@dataclass(frozen=True)
class Owned:
    """The owner's folder with work in it, and the ids of what lies in it."""

    folder: Path
    ids: str


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Owned:
    folder = tmp_path_factory.mktemp("owned") / "data"
    workspace = workflow.open_workspace(Settings(data_dir=folder))
    _, kept = give(workspace, planted.rows())
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    release = workflow.publish(workspace, bought.id, 3, title=TITLE)
    return Owned(folder, f"dataset={kept.dataset_id}&map={bought.id}&release={release.id}")


@pytest.fixture(scope="module")
def fresh(owned: Owned) -> Iterator[Callable[..., Server]]:
    """Starts the program on the owner's folder; nobody has opened anything there yet."""
    with ExitStack() as running:
        yield lambda **settings: running.enter_context(Server(owned.folder, **settings))


def place_of(page: str) -> str:
    """The first page has no name in its address."""
    return "/" if page == "start" else f"/{page}"


def text_of(received: list[Received]) -> str:
    return planted.decoded(b"\n".join(each.content for each in received))


@pytest.mark.parametrize("name", PAGES)
def test_25_the_first_visit_of_a_process_goes_through_the_entry_whatever_its_address(
    name: str, browser: Browser, fresh: Callable[..., Server], owned: Owned
) -> None:
    with visiting(browser, fresh().address) as visitor:
        wire = Wire(visitor.page)
        visitor.open(f"{place_of(name)}?{owned.ids}")
        expect(visitor.page.get_by_role("navigation").get_by_role("link")).to_have_count(len(PAGES))
        received = wire.collect()
    assert received[-1].page == name
    for each in received:
        assert secrets_in(each.content) == set()
        assert counts_in(each.content, planted.CUSTOMERS) == set()
        assert b"Traceback" not in each.content


@pytest.mark.parametrize("name", STRANGE)
def test_25_the_name_of_a_file_opens_no_file(
    name: str, browser: Browser, fresh: Callable[..., Server], owned: Owned
) -> None:
    with visiting(browser, fresh().address) as visitor:
        wire = Wire(visitor.page)
        visitor.open(f"/{name}?{owned.ids}")
        received = wire.collect()
        assert visitor.page.url.startswith(f"{visitor.address}/?")
        assert [each for each in visitor.mistakes if NO_SUCH_PAGE not in each] == []
        visitor.mistakes.clear()
    assert received[-1].page == "start"
    for each in received:
        assert secrets_in(each.content) == set()
        assert counts_in(each.content, planted.CUSTOMERS) == set()


def test_25_a_stranger_with_the_owners_ids_finds_nothing(
    browser: Browser, fresh: Callable[..., Server], owned: Owned
) -> None:
    """In demo mode every visitor is somebody else, on the very folder of the owner."""
    with visiting(browser, fresh(DASHBOARD_MODE="demo").address) as visitor:
        wire = Wire(visitor.page)
        for name in PAGES:
            visitor.open(f"{place_of(name)}?{owned.ids}")
            expect(visitor.page.locator(".ps-card, .ps-facts")).to_have_count(0)
            received = wire.collect()
    assert TITLE not in text_of(received)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "start"])
def test_25_a_page_that_was_started_without_the_entry_shows_nothing(
    name: str, browser: Browser, owned: Owned
) -> None:
    """Somebody runs a page's file alone: it must end before it says anything."""
    alone = ("-m", "streamlit", "run", f"pages/{name}.py", "--server.headless=true")
    server = Server(owned.folder, (*alone, "--server.port"))
    server.start("/_stcore/health")
    try:
        with visiting(browser, server.address) as visitor:
            wire = Wire(visitor.page)
            visitor.page.goto(f"/?{owned.ids}")
            app = "[data-testid=stApp][data-test-script-state=notRunning]"
            visitor.page.wait_for_selector(app, timeout=PATIENCE)
            expect(visitor.page.get_by_test_id("stMain")).to_have_text("")
            received = wire.collect()
    finally:
        server.stop()
    assert not any(b"delta {" in each.content for each in received)
