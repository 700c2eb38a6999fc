"""Long work on the screen: it is found again, can be stopped, and its end is told once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import workflow
from dashboard.receipts import JobState
from dashboard.ui import words, work
from tests.app.fake_workflow import FakeWorkflow
from tests.app.test_pages import press, told

Visit = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _looked_at_from_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ACCOMPANIED", 0.0)


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def begun(fake: FakeWorkflow, visit: Visit) -> AppTest:
    fake.waits = True
    app = visit("data")
    return app.file_uploader[0].set_value(("mine.csv", b"customer_id\n1\n", "text/csv")).run()


def come_to_an_end(fake: FakeWorkflow, state: JobState) -> None:
    fake.jobs["job0"] = replace(fake.jobs["job0"], state=state)


def test_who_waits_sees_what_is_done_and_nothing_else(fake: FakeWorkflow, visit: Visit) -> None:
    app = begun(fake, visit)
    assert [each.value for each in app.header] == [words.WORKS["read"]]
    assert labels(app) == [words.WORK_STOP]
    assert not app.file_uploader
    bar = app.get("progress")[0].proto
    assert (bar.value, bar.text) == (40, "Reading")


def test_a_reload_finds_it_again_and_another_window_is_offered_it(
    fake: FakeWorkflow, visit: Visit
) -> None:
    app = begun(fake, visit)
    again = visit("data", job="".join(app.query_params["job"]))
    assert labels(again) == [words.WORK_STOP]
    other = visit("data")
    assert other.file_uploader
    assert "under way, 40\u00a0% done" in told(other)
    assert labels(press(other, words.WORK_SHOW)) == [words.WORK_STOP]
    assert words.WORK_SHOW not in labels(visit("segments"))


def test_when_it_is_done_the_page_goes_on_and_others_hear_that_it_was_told(
    fake: FakeWorkflow, visit: Visit
) -> None:
    app = begun(fake, visit)
    other = press(visit("data"), words.WORK_SHOW)
    come_to_an_end(fake, "done")
    fake.results["job0"] = workflow.receive(None, ())  # type: ignore[arg-type]
    app.run()
    assert "2,540 rows and 12 columns" in told(app)
    assert "job" not in app.query_params
    other.run()
    assert words.WORK_TAKEN in told(other)
    assert other.file_uploader


def test_it_is_asked_to_stop_and_says_that_it_has(fake: FakeWorkflow, visit: Visit) -> None:
    app = press(begun(fake, visit), words.WORK_STOP)
    assert fake.jobs["job0"].stopping
    assert labels(app) == [words.WORK_STOPPING]
    come_to_an_end(fake, "stopped")
    app.run()
    assert words.WORK_STOPPED in told(app)
    assert app.file_uploader
    assert words.WORK_STOPPED not in told(app.run())


def test_what_can_not_be_stopped_any_more_says_so(fake: FakeWorkflow, visit: Visit) -> None:
    app = begun(fake, visit)
    fake.jobs["job0"] = replace(fake.jobs["job0"], stoppable=False)
    app.run()
    assert labels(app) == []
    assert words.WORK_COMMITTED in told(app)


@pytest.mark.parametrize(("page", "kind"), [("data", "read"), ("segments", "map")])
def test_what_the_end_of_the_program_cut_off_is_told_with_what_to_do(
    page: str, kind: str, full: FakeWorkflow, visit: Visit
) -> None:
    full.waits = True
    workflow.begin(None, kind, None)  # type: ignore[arg-type]
    come_to_an_end(full, "interrupted")
    app = visit(page, dataset="dts1")
    assert "ended early" in told(app)
    app = press(app, words.WORK_SHOW)
    assert words.WORK_INTERRUPTED[kind] in told(app)  # type: ignore[index]
    assert "ended early" not in told(app.run())


def test_work_of_others_is_not_found(fake: FakeWorkflow, visit: Visit) -> None:
    app = visit("data", job="theirs")
    assert not app.error
    assert "job" not in app.query_params
