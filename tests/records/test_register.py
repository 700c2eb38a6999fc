"""The register: what is kept, for whom, until when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard.errors import NotFoundError
from dashboard.receipts import Dataset
from dashboard.records import register
from tests.fixtures_release import FEATURES, PROFILED
from tests.records.conftest import NOW

SHOP = Dataset(
    id="dataset",
    name="customers.csv",
    purpose="group customers by buying habits",
    columns=FEATURES + PROFILED,
    unit="one customer",
    created_at=NOW,
    expires_on=date(2026, 12, 1),
    lineage="base",
)


@pytest.fixture
def registered(records):
    register.add_dataset(records, SHOP, "ana")
    return records


def test_a_registered_table_reads_back_whole(registered):
    assert register.find_dataset(registered, "dataset", "ana", NOW) == SHOP


def test_tables_are_listed_newest_first(registered):
    later = replace(SHOP, id="later", created_at=NOW + timedelta(days=1))
    register.add_dataset(registered, later, "ana")
    assert register.datasets(registered, "ana", NOW) == (later, SHOP)


def test_unknown_another_s_ended_and_expired_tables_are_alike_not_found(registered):
    ended = replace(SHOP, id="ended")
    register.add_dataset(registered, ended, "ana")
    register.end_dataset(registered, "ended", "ana", NOW)
    messages = set()
    for dataset_id, owner, now in (
        ("unknown", "ana", NOW),
        ("dataset", "bob", NOW),
        ("ended", "ana", NOW),
        ("dataset", "ana", NOW + timedelta(days=8)),
    ):
        with pytest.raises(NotFoundError) as refused:
            register.find_dataset(registered, dataset_id, owner, now)
        messages.add(str(refused.value))
    assert len(messages) == 1
    assert register.datasets(registered, "ana", NOW) == (SHOP,)
    assert register.datasets(registered, "bob", NOW) == ()


def test_a_table_is_there_until_its_day_begins(registered):
    last = NOW.replace(day=30, hour=23, minute=59)
    assert register.datasets(registered, "ana", last) == (SHOP,)
    assert register.datasets(registered, "ana", last + timedelta(minutes=1)) == ()


def test_another_owner_ends_nothing(registered):
    register.end_dataset(registered, "dataset", "bob", NOW)
    assert register.find_dataset(registered, "dataset", "ana", NOW) == SHOP
