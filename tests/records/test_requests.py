"""The diary of requests: what was asked, by when it must be answered, and never by whom."""

from datetime import date

import pytest
from sqlalchemy import select

from dashboard.errors import BadInputError, NotFoundError
from dashboard.records import requests, tables
from tests.records.conftest import NOW

DAY = date(2026, 11, 23)


def asked(records, kind="access", received_on=DAY, owner="ana", checked_by="Mia, by telephone"):
    return requests.add(
        records, owner=owner, kind=kind, received_on=received_on, checked_by=checked_by
    )


@pytest.mark.parametrize(
    ("received_on", "due"),
    [
        (date(2026, 11, 23), date(2026, 12, 23)),
        (date(2026, 12, 31), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2026, 10, 31), date(2026, 11, 30)),
    ],
)
def test_an_answer_is_due_one_calendar_month_later(received_on, due):
    assert requests.due_on(received_on) == due


def test_open_requests_are_listed_first_by_the_day_they_are_due(records):
    late, soon = asked(records, received_on=date(2026, 11, 25)), asked(records)
    done = asked(records, received_on=date(2026, 1, 1))
    requests.close(records, done.id, "ana", outcome="told", now=NOW)
    assert [each.id for each in requests.listed(records, "ana")] == [soon.id, late.id, done.id]


def test_a_request_is_closed_once_and_stays_as_it_was(records):
    made = asked(records, kind="erasure")
    requests.close(records, made.id, "ana", outcome="one table", now=NOW)
    requests.close(records, made.id, "ana", outcome="something else", now=NOW)
    found = requests.find(records, made.id, "ana")
    assert (found.open, found.outcome, found.closed_at) == (False, "one table", NOW)


def test_another_s_request_is_not_found(records):
    made = asked(records)
    with pytest.raises(NotFoundError):
        requests.close(records, made.id, "bob", outcome="told", now=NOW)
    assert requests.listed(records, "bob") == ()


@pytest.mark.parametrize("checked_by", ["", "   ", "mia@shop.example", "x" * 200])
def test_somebody_of_us_made_sure_who_asked_and_no_address_is_kept(records, checked_by):
    with pytest.raises(BadInputError):
        asked(records, checked_by=checked_by)
    assert requests.listed(records, "ana") == ()


def test_an_unknown_kind_is_refused(records):
    with pytest.raises(BadInputError, match="access"):
        asked(records, kind="curiosity")


def test_the_diary_has_no_place_for_who_asked(records):
    asked(records)
    with records.read() as connection:
        row = connection.execute(select(tables.requests)).one()._asdict()
    assert set(row) == {
        *("id", "owner", "kind", "received_on", "due_on"),
        *("checked_by", "status", "outcome", "closed_at"),
    }
