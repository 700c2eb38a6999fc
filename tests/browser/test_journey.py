"""The main job as people do it, in a browser, and what reaches the browser meanwhile."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.attacks import planted
from tests.browser.conftest import (
    Wire,
    make_link,
    picture,
    publish,
    sample_map,
    settle,
    settle_at,
)

pytestmark = pytest.mark.browser

Serve = Callable[..., str]
Visitor = Callable[..., Page]


def test_a_newcomer_goes_from_nothing_to_a_shared_link_in_a_minute(
    serve: Serve, visitor: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    address, wire = serve(), Wire()
    page = visitor(wire)
    started = time.monotonic()
    settle_at(page, f"{address}/")
    picture(page, "1-start")
    sample_map(page, address)
    mapped = time.monotonic()
    picture(page, "2-segments")
    page.get_by_test_id("stButtonGroup").first.get_by_text("4", exact=True).click()
    settle(page)
    expect(page.locator(".ps-card")).to_have_count(4)
    publish(page)
    picture(page, "3-release")
    link = make_link(page)
    ended = time.monotonic()
    picture(page, "4-share")
    with capsys.disabled():
        print(f"\nthe newcomer: segments after {mapped - started:.1f} s, ", end="")
        print(f"a shared link after {ended - started:.1f} s")

    seen = Wire()
    stranger = visitor(seen, viewport={"width": 390, "height": 844})
    answer = stranger.goto(link)
    assert answer is not None
    assert answer.status == 200
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Our customer segments")
    picture(stranger, "5-shared-phone")
    assert stranger.context.cookies() == []
    assert wire.errors == seen.errors == []
    assert {*wire.hosts, *seen.hosts} == {re.sub("^http://", "", address)}


def _parquet(table: list[list[str]]) -> bytes:
    columns = dict(zip(planted.HEADER, zip(*table, strict=True), strict=True))
    sink = io.BytesIO()
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), sink)
    return sink.getvalue()


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_own_data_reaches_a_shared_link_and_no_secret_reaches_a_browser(
    kind: str, serve: Serve, visitor: Visitor, tmp_path: Path
) -> None:
    """The giver's own moment shows exact counts and masked rows; nothing after it does."""
    file = tmp_path / f"shop.{kind}"
    rows = planted.rows()
    file.write_bytes(planted.as_csv(rows) if kind == "csv" else _parquet(rows))
    address, wire = serve(), Wire()
    page = visitor(wire)
    settle_at(page, f"{address}/data")
    page.locator("[data-testid=stFileUploaderDropzoneInput]").set_input_files(file)
    keep = page.get_by_role("button", name="Keep", exact=False).first
    expect(keep).to_be_visible()
    settle(page)
    picture(page, f"data-found-{kind}")
    never = {planted.EMAIL, "secret-inbox", planted.IDENTITY, "xylophones"}
    assert planted.secrets_in(wire.everything) & never == set()
    keep.click()
    go_on = page.get_by_role("button", name="segments", exact=False).first
    expect(go_on).to_be_visible()
    settle(page)
    picture(page, f"data-kept-{kind}")
    assert planted.secrets_in(wire.everything) & never == set()
    go_on.click()
    page.wait_for_url("**/segments**")
    settle(page)
    wire.forget()
    picture(page, f"price-{kind}")
    page.locator(".st-key-buy-map button").click()
    page.locator(".st-key-publish button").wait_for()
    settle(page)
    publish(page)
    link = make_link(page)
    for name in ("start", "data", "segments", "release", "share"):
        page.goto(f"{address}/{name}?{page.url.partition('?')[2]}")
        settle(page)
    stranger = visitor(wire)
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_be_visible()
    assert planted.secrets_in(wire.everything) == set()
    assert planted.counts_in(wire.everything) == set()


def test_work_comes_back_after_a_reload_and_after_a_restart(serve: Serve, visitor: Visitor) -> None:
    address = serve()
    page = sample_map(visitor(), address)
    sizes = page.locator(".ps-size").all_inner_texts()
    page.reload()
    settle(page)
    assert page.locator(".ps-size").all_inner_texts() == sizes
    again = serve()
    later = settle_at(visitor(), f"{again}/segments?{page.url.partition('?')[2]}")
    assert later.locator(".ps-size").all_inner_texts() == sizes


def test_the_keyboard_alone_is_enough_to_begin(serve: Serve, visitor: Visitor) -> None:
    page = settle_at(visitor(), f"{serve()}/")
    for _ in range(30):
        page.keyboard.press("Tab")
        if "Try with sample data" in page.evaluate("document.activeElement.innerText || ''"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/segments**")
    expect(page.locator(".ps-card").first).to_be_visible()
