"""What was made is still there: after a reload, and after the program was started again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.servers import Server
from tests.browser.visitors import visiting

pytestmark = pytest.mark.browser


def test_work_is_the_same_after_a_reload_and_after_a_restart(
    browser: Browser, start_server: Callable[..., Server]
) -> None:
    server = start_server()
    with visiting(browser, server.address) as visitor:
        visitor.open()
        visitor.try_sample()
        explored = visitor.cards
        visitor.page.reload()
        visitor.settle()
        assert visitor.cards == explored
        visitor.publish()
        published = visitor.cards
        visitor.page.reload()
        visitor.settle()
        assert visitor.cards == published
        link = visitor.share()
        place = link.removeprefix(server.address)
        assert visitor.page.request.get(place).status == 200

    server.stop()
    server.start()
    with visiting(browser, server.address) as visitor:
        visitor.open()
        visitor.picture("coming-back-1-start")
        main = visitor.page.get_by_test_id("stMain")
        main.get_by_role("link").filter(has_text="Map:").click()
        visitor.arrive("segments")
        assert visitor.cards == explored
        visitor.open()
        main.get_by_role("link").filter(has_text="Release:").click()
        visitor.arrive("release")
        assert visitor.cards == published
        assert visitor.page.request.get(place).status == 200
