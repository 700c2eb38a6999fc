"""The entrance: who sits where, in local, demo and viewer mode."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import workflow
from dashboard.ui import words
from dashboard.workflow.warming import PAGES
from tests.app.fake_workflow import FakeWorkflow

Visit = Callable[..., AppTest]


def test_a_single_owner_is_called_owner(fake: FakeWorkflow, visit: Visit) -> None:
    assert visit().session_state["seat"].owner == "owner"


def test_a_demo_visit_has_an_owner_that_nobody_can_guess(
    fake: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_MODE", "demo")
    app = visit()
    owner = app.session_state["seat"].owner
    assert re.fullmatch(r"[0-9a-f]{32}", owner)
    assert app.run().session_state["seat"].owner == owner


def test_a_demo_says_that_it_is_one_and_takes_no_files(
    fake: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_MODE", "demo")
    app = visit("data")
    assert words.DEMO_BANNER in [each.value for each in app.info]
    assert words.NO_UPLOAD_IN_DEMO in [each.value for each in app.info]
    assert not app.file_uploader


def test_a_viewer_copy_only_opens_shared_links(
    fake: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_MODE", "viewer")
    app = visit()
    assert [each.value for each in app.info] == [words.VIEWER_ONLY]
    assert not app.button


def test_nothing_is_loaded_beside_a_page_that_is_being_answered(
    fake: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = []
    monkeypatch.setattr(workflow, "releases", lambda _: alone.append(PAGES.wait_for_none(0)) or ())
    visit()
    assert alone == [False]
    assert PAGES.wait_for_none(0)


def test_a_wrong_setting_is_a_sentence(
    fake: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_RETENTION_DAYS", "many")
    app = visit()
    assert "DASHBOARD_RETENTION_DAYS" in app.error[0].value.replace("\\", "")


def test_our_own_mistakes_show_a_reference_and_no_value(
    fake: FakeWorkflow,
    visit: Visit,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def stumble(*anything: Any) -> Any:
        raise ValueError("anna@example.org spent 4711.11")

    monkeypatch.setattr(workflow, "releases", stumble)
    app = visit()
    reference = re.search(r"reference\\: ([0-9a-f]{6})", app.error[0].value)
    assert reference
    assert reference[1] in caplog.text
    assert "ValueError at" in caplog.text
    assert "4711" not in caplog.text + app.error[0].value
