"""The ledger: charged once, never over the cap, never given back."""

import multiprocessing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dashboard.errors import BudgetExceededError, InternalError, NotFoundError
from dashboard.records import ledger, releases
from dashboard.records.db import Records
from dashboard.terms import Price
from tests.records.conftest import NOW, drop_guards

TEN = Price(10)


def charge(records, request_id, price=TEN, **changes):
    told = {"lineage": "base", "owner": "ana", "purpose": "map", "now": NOW, **changes}
    ledger.charge(records, request_id=request_id, price=price, **told)


def test_a_purchase_is_charged_once_however_often_it_is_asked_for(records):
    for _ in range(3):
        charge(records, "one", Price(10, 2))
    account = ledger.account(records, "base")
    assert account.spent == Price(10, 2)
    assert [(line.request_id, line.price, line.finished) for line in account.charges] == [
        ("one", Price(10, 2), False)
    ]
    assert account.charges[0].at == NOW


def test_the_whole_cap_may_be_spent_and_not_one_unit_more(records):
    charge(records, "all", Price(100, 100))
    with pytest.raises(BudgetExceededError, match="Nothing was charged"):
        charge(records, "more", Price(1))
    with pytest.raises(BudgetExceededError):
        charge(records, "delta", Price(0, 1))
    assert ledger.account(records, "base").spent == Price(100, 100)
    assert len(ledger.account(records, "base").charges) == 1


def test_a_refused_purchase_says_what_is_left_and_may_come_back_smaller(records):
    charge(records, "first", Price(60))
    with pytest.raises(BudgetExceededError, match=r"needs 55 % .* and 40 % is left"):
        charge(records, "second", Price(55))
    charge(records, "second", Price(40))
    assert ledger.account(records, "base").spent == Price(100)


@pytest.mark.parametrize(
    "changes", [{"price": Price(11)}, {"owner": "bob"}, {"lineage": "other base"}]
)
def test_the_same_request_with_another_meaning_is_our_bug(records, changes):
    ledger.open_lineage(records, "other base", Price(100))
    charge(records, "one")
    with pytest.raises(InternalError):
        charge(records, "one", **changes)
    assert ledger.account(records, "base").spent == Price(10)
    assert ledger.account(records, "other base").spent == Price(0)


def test_an_answer_that_was_forgotten_is_not_drawn_again_for_free(records, paid):
    paid("map")
    body = {"dataset_id": "d", "lineage": "base", "title": "t", "body": "{}", "now": NOW}
    releases.keep_map(records, map_id="map", owner="ana", **body)
    paid("map")
    releases.forget(records, "ana")
    with pytest.raises(NotFoundError, match="since been forgotten"):
        paid("map")
    with pytest.raises(InternalError):
        releases.keep_map(records, map_id="map", owner="ana", **body)


def test_a_customer_base_without_an_account_can_buy_nothing(records):
    with pytest.raises(NotFoundError):
        charge(records, "one", lineage="unknown")
    with pytest.raises(NotFoundError):
        ledger.account(records, "unknown")


def test_a_cap_is_never_raised_and_a_lower_one_holds(records):
    charge(records, "one", Price(30))
    ledger.open_lineage(records, "base", Price(1_000, 1_000))
    assert ledger.account(records, "base").cap == Price(100, 100)
    ledger.open_lineage(records, "base", Price(50, 100))
    assert ledger.account(records, "base").cap == Price(50, 100)
    ledger.open_lineage(records, "base", Price(5, 5))
    assert ledger.account(records, "base").cap == Price(30, 5)


def test_an_account_that_is_open_already_is_only_looked_at(records, monkeypatch):
    written = []
    monkeypatch.setattr(records, "write", lambda: written.append("waited for the disk"))
    ledger.open_lineage(records, "base", Price(100, 100))
    ledger.open_lineage(records, "base", Price(1_000, 1_000))
    assert written == []


def test_finishing_marks_the_line_and_an_unpaid_answer_is_our_bug(records):
    charge(records, "one")
    ledger.finish(records, "one")
    ledger.finish(records, "one")
    assert ledger.account(records, "base").charges[0].finished
    with pytest.raises(InternalError, match="nobody had paid"):
        ledger.finish(records, "never charged")


def test_an_honest_ledger_adds_up(records):
    ledger.check(records)
    charge(records, "one", Price(7, 3))
    charge(records, "two", Price(8))
    ledger.check(records)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE lineages SET spent_rho = 0",
        "UPDATE lineages SET spent_delta = spent_delta + 1",
        "DELETE FROM charges",
        "UPDATE charges SET rho = 1",
    ],
)
def test_a_ledger_changed_by_hand_is_found(records, tampering):
    charge(records, "one")
    with records.write() as connection:
        drop_guards(connection)
        connection.execute(text(tampering))
    with pytest.raises(InternalError, match="does not add up"):
        ledger.check(records)


@pytest.mark.parametrize(
    "rewriting",
    [
        "UPDATE lineages SET spent_rho = 0",
        "UPDATE lineages SET cap_rho = 1000000",
        "UPDATE lineages SET spent_rho = cap_rho + 1",
        "DELETE FROM charges",
        "UPDATE charges SET rho = 1",
    ],
)
def test_the_file_itself_refuses_refunds_and_higher_caps(records, rewriting):
    charge(records, "one")
    with pytest.raises(IntegrityError), records.write() as connection:
        connection.execute(text(rewriting))


def _buy_until_refused(url, buyer, barrier, bought):
    records = Records(url)
    barrier.wait()
    for turn in range(20):
        try:
            charge(records, f"{buyer}-{turn}", Price(4))
        except BudgetExceededError:
            break
        bought.put(f"{buyer}-{turn}")
    records.close()


def test_four_racing_processes_buy_exactly_what_the_cap_allows(records, url):
    spawn = multiprocessing.get_context("spawn")
    barrier, bought = spawn.Barrier(4), spawn.Queue()
    buyers = [
        spawn.Process(target=_buy_until_refused, args=(url, buyer, barrier, bought))
        for buyer in range(4)
    ]
    for each in buyers:
        each.start()
    for each in buyers:
        each.join(60)
    assert [each.exitcode for each in buyers] == [0] * 4
    account = ledger.account(records, "base")
    assert account.spent == Price(100)
    receipts = {bought.get(timeout=5) for _ in range(25)}
    assert receipts == {line.request_id for line in account.charges}
    assert bought.empty()
    bought.close()
    bought.join_thread()
    ledger.check(records)


def _charge_once(url, barrier):
    records = Records(url)
    barrier.wait()
    charge(records, "the same click", Price(10))
    records.close()


def test_four_processes_with_one_request_pay_once(records, url):
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(4)
    buyers = [spawn.Process(target=_charge_once, args=(url, barrier)) for _ in range(4)]
    for each in buyers:
        each.start()
    for each in buyers:
        each.join(60)
    assert [each.exitcode for each in buyers] == [0] * 4
    assert ledger.account(records, "base").spent == Price(10)
