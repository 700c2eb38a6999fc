"""Long works: stopped ones leave nothing, charged ones are finished, ends are told once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Job, Kept, MapInfo, Received, Upload
from dashboard.records.tables import jobs
from dashboard.settings import Settings
from dashboard.workflow import Workspace, working
from tests.attacks import planted
from tests.test_workflow import keep_sample

PATIENCE = 60


class Paused:
    """A verb that waits where it tells a given thing, until it is let go on."""

    def __init__(self, verb: Any, doing: str) -> None:
        self.verb, self.doing = verb, doing
        self.there, self.on = Event(), Event()

    def __call__(self, workspace: Workspace, *given: object, progress: Any) -> Any:
        class Halting:
            def __call__(_, done: float, doing: str) -> None:  # noqa: N805
                progress(done, doing)
                if doing.startswith(self.doing):
                    self.there.set()
                    assert self.on.wait(PATIENCE)

            def commit(_) -> None:  # noqa: N805
                progress.commit()

        return self.verb(workspace, *given, progress=Halting())

    def begun(self, workspace: Workspace, kind: Any, *given: object) -> Job:
        job = workflow.begin(workspace, kind, self, *given)
        assert self.there.wait(PATIENCE)
        return job


def ended(workspace: Workspace, job: Job) -> Job:
    here = working._here.get(job.id)
    assert here is None or here.ended.wait(PATIENCE)
    found = workflow.job(workspace, job.id)
    assert found
    return found


@pytest.fixture
def workspace(settings: Settings) -> Iterator[Workspace]:
    opened = workflow.open_workspace(settings)
    yield opened
    opened.records.close()


def files_of(workspace: Workspace) -> set[str]:
    assert workspace.vault
    return {each.name for each in workspace.vault.directory.iterdir() if each.is_file()}


@pytest.mark.parametrize("doing", ["Reading", "Files read", "Looking at what is in"])
def test_a_reading_that_is_stopped_leaves_nothing_and_another_has_its_turn(
    doing: str, workspace: Workspace
) -> None:
    before = files_of(workspace)
    for _ in range(3):
        paused = Paused(workflow.receive, doing)
        job = paused.begun(workspace, "read", workflow.sample_uploads())
        workflow.stop(workspace, job.id)
        paused.on.set()
        assert ended(workspace, job).state == "stopped"
        assert workflow.taken(workspace, job.id) is None
        assert files_of(workspace) == before
    job = ended(
        workspace, workflow.begin(workspace, "read", workflow.receive, workflow.sample_uploads())
    )
    assert isinstance(workflow.taken(workspace, job.id), Received)
    assert workflow.taken(workspace, job.id) is None


def test_a_keeping_is_stopped_before_it_is_stored_and_finished_afterward(
    workspace: Workspace,
) -> None:
    received = workflow.receive(workspace, workflow.sample_uploads())
    choices = workflow.suggest(received, "to try")
    before = files_of(workspace)
    paused = Paused(workflow.keep, "Leaving out")
    job = paused.begun(workspace, "keep", received.staged_id, choices)
    workflow.stop(workspace, job.id)
    paused.on.set()
    assert ended(workspace, job).state == "stopped"
    assert files_of(workspace) == before
    assert workflow.datasets(workspace) == ()

    job = ended(
        workspace, workflow.begin(workspace, "keep", workflow.keep, received.staged_id, choices)
    )
    kept = workflow.taken(workspace, job.id)
    assert isinstance(kept, Kept)
    assert job.made == {"dataset": kept.dataset_id}


def test_what_is_charged_is_finished_whatever_is_asked(workspace: Workspace) -> None:
    _, kept = keep_sample(workspace)
    plan = workflow.default_plan(workspace, kept.dataset_id)
    price = workflow.quote(workspace, kept.dataset_id, plan).map_spent

    early = Paused(workflow.buy_map, "Counting customers")
    job = early.begun(workspace, "map", kept.dataset_id, plan)
    workflow.stop(workspace, job.id)
    early.on.set()
    assert ended(workspace, job).state == "stopped"
    assert workflow.budget(workspace, kept.dataset_id).spent.rho == 0

    late = Paused(workflow.buy_map, "Counting how")
    job = late.begun(workspace, "map", kept.dataset_id, plan)
    told = workflow.job(workspace, job.id)
    assert told
    assert not told.stoppable
    workflow.stop(workspace, job.id)
    working.wind_down(seconds=0)
    late.on.set()
    done = ended(workspace, job)
    bought = workflow.taken(workspace, job.id)
    assert isinstance(bought, MapInfo)
    assert (done.state, done.made) == ("done", {"dataset": kept.dataset_id, "map": bought.id})
    assert workflow.budget(workspace, kept.dataset_id).spent == price


def test_before_a_process_ends_its_works_stop_and_clear_up(workspace: Workspace) -> None:
    before = files_of(workspace)
    paused = Paused(workflow.receive, "Reading")
    job = paused.begun(workspace, "read", workflow.sample_uploads())
    working.wind_down(seconds=0)
    paused.on.set()
    assert ended(workspace, job).state == "interrupted"
    assert files_of(workspace) == before


def test_a_refusal_is_told_in_its_words_and_a_mistake_by_a_number(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, progress: object) -> None:
        raise BadInputError("It is empty.")

    def stumble(*_: object, progress: object) -> None:
        raise ValueError("anna@example.org spent 4711.11")

    job = ended(workspace, workflow.begin(workspace, "read", refuse))
    assert (job.state, job.sentence) == ("failed", "It is empty.")
    with caplog.at_level(logging.ERROR):
        job = ended(workspace, workflow.begin(workspace, "read", stumble))
    assert (job.state, job.sentence) == ("failed", "")
    assert job.made["reference"] in caplog.text
    assert "ValueError at" in caplog.text
    assert "4711" not in caplog.text


def test_a_demo_visit_sees_no_other_s_work_and_what_it_makes_late_is_forgotten(
    settings: Settings,
) -> None:
    demo = replace(settings, mode="demo")
    one, two = workflow.open_workspace(demo, "visit-1"), workflow.open_workspace(demo, "visit-2")
    paused = Paused(workflow.try_sample, "Counting how")
    job = paused.begun(one, "sample", "to try")
    assert workflow.job(two, job.id) is None
    assert workflow.unseen(two) == ()
    here = working._here[job.id]
    workflow.forget(one)
    paused.on.set()
    assert here.ended.wait(PATIENCE)
    assert workflow.maps(one) == workflow.datasets(one) == workflow.unseen(one) == ()
    assert workflow.taken(one, job.id) is None


@pytest.mark.attack
def test_what_is_stored_of_a_work_holds_nothing_of_a_row_and_no_exact_count(
    workspace: Workspace,
) -> None:
    """Whether it ends well, is refused at the planted customer's line, or breaks there."""
    good = planted.as_csv(planted.rows())
    broken = good.replace(planted.NOTE.encode(), b'"' + planted.NOTE.encode())

    def breaks(workspace: Workspace, progress: Any) -> None:
        raise ValueError(planted.EMAIL)

    works: list[tuple[Any, ...]] = [
        ("read", workflow.receive, [Upload("shop.csv", broken)]),
        ("read", breaks),
        ("read", workflow.receive, [Upload("shop.csv", good)]),
    ]
    stored, states = b"", []
    for kind, verb, *given in works:
        states.append(ended(workspace, workflow.begin(workspace, kind, verb, *given)).state)
        stored += all_that_is_stored(workspace)
    received = workflow.receive(workspace, [Upload("shop.csv", good)])
    asked = (received.staged_id, workflow.suggest(received, "to try"))
    states.append(ended(workspace, workflow.begin(workspace, "keep", workflow.keep, *asked)).state)
    stored += all_that_is_stored(workspace)
    assert states == ["failed", "failed", "done", "done"]
    assert planted.secrets_in(stored) == set()
    for count in (planted.CUSTOMERS, planted.CUSTOMERS - 1, planted.CUSTOMERS + 1):
        assert str(count).encode() not in stored


def all_that_is_stored(workspace: Workspace) -> bytes:
    """Every word and number that the slate of works holds now; its ids and days are no finding."""
    with workspace.records.read() as connection:
        told = select(
            jobs.c.kind, jobs.c.state, jobs.c.doing, jobs.c.made_json, jobs.c.done, jobs.c.stoppable
        )
        return repr(connection.execute(told).all()).encode()
