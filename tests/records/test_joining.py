"""Joined customer bases and the workspace's wall: nothing that was spent is forgotten."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dashboard.errors import BudgetExceededError, InternalError, NotFoundError
from dashboard.records import ledger
from dashboard.terms import Price
from tests.records.conftest import NOW

HUNDRED = Price(100, 100)


def charge(records, request_id, rho, lineage, **changes):
    told = {"owner": "ana", "purpose": "map", "now": NOW, **changes}
    ledger.charge(records, request_id=request_id, lineage=lineage, price=Price(rho), **told)


def join(records, absorbed, into="base"):
    ledger.absorb(records, absorbed=absorbed, into=into, owner="ana", now=NOW)


def spent(records, lineage):
    return ledger.account(records, lineage).spent.rho_units


@pytest.fixture
def two(records):
    """A base that has spent 30 of 100 and one that has spent 60."""
    ledger.open_lineage(records, "other", HUNDRED)
    charge(records, "one", 30, "base")
    charge(records, "two", 60, "other")
    return records


def test_a_joined_account_has_spent_the_sum_once(two):
    for _ in range(3):
        join(two, "other")
    assert spent(two, "base") == spent(two, "other") == 90
    lines = ledger.account(two, "other").charges
    assert [(each.purpose, each.price.rho_units) for each in lines] == [("joined", 60), ("map", 30)]
    ledger.check(two)


def test_both_names_are_charged_to_the_joined_account(two):
    join(two, "other")
    charge(two, "three", 10, "other")
    assert spent(two, "base") == 100
    for name in ("base", "other"):
        with pytest.raises(BudgetExceededError):
            charge(two, "four", 1, name)
    ledger.check(two)


def test_a_sum_beyond_the_cap_uses_it_up(two):
    charge(two, "three", 70, "base")
    join(two, "other")
    assert spent(two, "base") == 100
    with pytest.raises(BudgetExceededError):
        charge(two, "four", 1, "other")
    ledger.check(two)


def test_the_lower_of_both_caps_holds(two):
    ledger.open_lineage(two, "careful", Price(40, 40))
    join(two, "careful")
    assert ledger.account(two, "base").cap == Price(40, 40)
    ledger.open_lineage(two, "careful", Price(35, 35))
    assert ledger.account(two, "base").cap == Price(35, 35)


def test_bases_joined_in_a_chain_lead_to_one_account(two):
    ledger.open_lineage(two, "third", HUNDRED)
    join(two, "other", into="third")
    join(two, "base", into="other")
    join(two, "third", into="base")
    assert {spent(two, name) for name in ("base", "other", "third")} == {90}
    ledger.check(two)


def test_a_name_that_was_joined_before_it_had_an_account_leads_on(two):
    join(two, "late")
    ledger.open_lineage(two, "late", HUNDRED)
    charge(two, "three", 10, "late")
    assert spent(two, "base") == 40


def test_there_must_be_an_account_to_join(two):
    with pytest.raises(NotFoundError):
        join(two, "other", into="unknown")
    assert spent(two, "other") == 60


def test_a_purchase_charged_before_the_joining_is_the_same_after_it(two):
    join(two, "other")
    charge(two, "two", 60, "other")
    charge(two, "two", 60, "base")
    charge(two, "one", 30, "other")
    assert spent(two, "base") == 90
    with pytest.raises(InternalError):
        charge(two, "two", 61, "base")


def test_a_joined_account_never_changes_again(two):
    join(two, "other")
    with pytest.raises(IntegrityError), two.write() as connection:
        connection.execute(text("UPDATE lineages SET absorbed_into = NULL WHERE id = 'other'"))


@pytest.fixture
def walled(two):
    """The same bases, and a workspace that may spend 50 from now on."""
    ledger.open_lineage(two, ledger.workspace_account("ana"), Price(50, 50))
    return two


def test_the_workspace_holds_where_the_base_would_not(walled):
    charge(walled, "three", 30, "base")
    with pytest.raises(BudgetExceededError, match="all customers of this workspace"):
        charge(walled, "four", 30, "other")
    assert spent(walled, "other") == 60
    assert not ledger.was_charged(walled, "four")
    ledger.check(walled)


def test_what_would_be_refused_is_told_without_charging(walled):
    ledger.afford(walled, lineage="other", owner="ana", price=Price(40))
    with pytest.raises(BudgetExceededError, match="these customers"):
        ledger.afford(walled, lineage="other", owner="ana", price=Price(41))
    with pytest.raises(BudgetExceededError, match="all customers of this workspace"):
        ledger.afford(walled, lineage="base", owner="ana", price=Price(51))
    assert ledger.within_workspace(walled, "base", "ana").left == Price(50, 50)
    assert spent(walled, ledger.workspace_account("ana")) == 0


def test_joining_costs_the_workspace_nothing_again(walled):
    charge(walled, "three", 10, "other")
    join(walled, "other")
    assert spent(walled, ledger.workspace_account("ana")) == 10
    ledger.check(walled)


def test_another_owner_s_purchases_stand_on_another_account(walled):
    charge(walled, "three", 40, "base")
    charge(walled, "four", 30, "other", owner="bob")
    assert spent(walled, ledger.workspace_account("ana")) == 40
