"""The slate of long works: who sees what, what may stop, and what a start says of the last one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.records import jobs
from dashboard.records.db import Records
from tests.records.conftest import NOW


@pytest.fixture
def begun(records: Records) -> str:
    return jobs.begin(records, owner="ana", process="p1", kind="read", doing="Waiting", now=NOW)


def state(records: Records, job_id: str) -> str | None:
    found = jobs.find(records, job_id, "ana")
    return found.state if found else None


def test_a_work_tells_how_far_it_is_to_its_owner_alone(records: Records, begun: str) -> None:
    jobs.tell(records, begun, 1.7, "Reading shop.csv")
    found = jobs.find(records, begun, "ana")
    assert found
    assert (found.state, found.done, found.doing) == ("running", 1.0, "Reading shop.csv")
    assert jobs.unseen(records, "ana") == (found,)
    assert jobs.find(records, begun, "ben") is None
    assert jobs.unseen(records, "ben") == ()
    jobs.ask_to_stop(records, begun, "ben")
    assert not jobs.should_stop(records, begun)


def test_a_work_stops_when_its_owner_asks_unless_it_was_committed(
    records: Records, begun: str
) -> None:
    other = jobs.begin(records, owner="ana", process="p1", kind="map", doing="", now=NOW)
    assert jobs.commit(records, other)
    for each in (begun, other):
        jobs.ask_to_stop(records, each, "ana")
    assert jobs.should_stop(records, begun)
    assert not jobs.commit(records, begun)
    assert not jobs.should_stop(records, other)


def test_an_end_is_told_once_and_then_wiped(records: Records, begun: str) -> None:
    assert not jobs.see(records, begun, "ana", NOW)
    assert jobs.end(records, begun, "done", NOW, made={"map": "m1"})
    found = jobs.find(records, begun, "ana")
    assert found
    assert found.made == {"map": "m1"}
    assert not jobs.see(records, begun, "ben", NOW)
    assert jobs.see(records, begun, "ana", NOW)
    assert not jobs.see(records, begun, "ana", NOW)
    assert jobs.unseen(records, "ana") == ()
    jobs.begin(records, owner="ana", process="p1", kind="read", doing="", now=NOW)
    assert jobs.find(records, begun, "ana") is None


def test_an_end_that_nobody_was_told_is_wiped_after_an_hour(records: Records, begun: str) -> None:
    jobs.end(records, begun, "failed", NOW)
    for minutes, known in ((59, True), (61, False)):
        now = NOW + timedelta(minutes=minutes)
        jobs.begin(records, owner="ana", process="p1", kind="read", doing="", now=now)
        assert (jobs.find(records, begun, "ana") is not None) == known


def test_the_next_process_says_what_the_last_one_left_and_no_other(
    records: Records, begun: str
) -> None:
    mine = jobs.begin(records, owner="ana", process="p2", kind="read", doing="", now=NOW)
    ended = jobs.begin(records, owner="ben", process="p1", kind="read", doing="", now=NOW)
    jobs.end(records, ended, "stopped", NOW)
    assert jobs.interrupt(records, "p2", NOW) == 1
    assert (state(records, begun), state(records, mine)) == ("interrupted", "running")
    assert jobs.should_stop(records, begun)


def test_what_ended_well_all_the_same_is_done_and_nothing_else_changes_an_end(
    records: Records, begun: str
) -> None:
    jobs.interrupt(records, "p2", NOW)
    jobs.end(records, begun, "failed", NOW)
    assert state(records, begun) == "interrupted"
    jobs.end(records, begun, "done", NOW)
    jobs.end(records, begun, "stopped", NOW)
    assert state(records, begun) == "done"


def test_a_work_that_was_forgotten_hears_of_it(records: Records, begun: str) -> None:
    from dashboard.records import releases

    releases.forget(records, "ana")
    assert jobs.should_stop(records, begun)
    assert not jobs.end(records, begun, "done", NOW)
