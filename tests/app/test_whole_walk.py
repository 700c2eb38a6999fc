"""The whole walk through the real program: sample, map, publish, share, reload."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.ui import words
from tests.app.test_pages import press, told


def test_from_one_click_to_a_link_that_can_be_given(
    visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DASHBOARD_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DASHBOARD_MODE", raising=False)
    app = visit()
    app.default_timeout = 120
    press(app, words.TRY_SAMPLE)
    assert app.title[0].value == words.SEGMENTS_TITLE
    assert not app.error
    ids = {name: "".join(app.query_params[name]) for name in ("dataset", "map")}

    press(app, words.PUBLISH)
    assert app.title[0].value == words.TITLE_DEFAULT
    assert "people in all" in told(app)
    for view in words.VIEWS:
        app.button_group(key="view").set_value(view).run()
        assert not app.error

    press(app, words.TO_SHARE)
    press(app, words.CREATE_LINK)
    assert "/s/" in app.code[0].value

    again = visit("segments", **ids)
    assert not again.error
    assert words.PUBLISH_TITLE in told(again)
    assert words.RESUME_TITLE in told(visit())
