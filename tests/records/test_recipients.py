"""The register of recipients: nobody outside gets a page without what it asks for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dashboard.errors import BadInputError, NotFoundError
from dashboard.receipts import Recipient
from dashboard.records import recipients
from tests.records.conftest import NOW

TODAY = date(2026, 11, 23)
AGENCY = Recipient(
    id="",
    name="Bright & Co",
    kind="processor",
    contract_on=TODAY,
    contract_link="https://contracts.example/12",
    review_due=TODAY + timedelta(days=1),
    country="FR",
)
PARTNER = replace(AGENCY, kind="third party", contract_on=None, basis="legitimate interest")


@pytest.mark.parametrize("good", [AGENCY, PARTNER, replace(PARTNER, kind="joint controller")])
def test_whoever_has_all_that_is_asked_may_see(good):
    assert recipients.obstacle(good, TODAY) is None
    assert recipients.obstacle(replace(good, review_due=TODAY), TODAY) is None


def test_inside_the_house_nothing_is_asked():
    assert recipients.obstacle(Recipient("", "Board", "internal"), TODAY) is None


@pytest.mark.parametrize(
    ("outside", "why"),
    [
        (replace(AGENCY, contract_on=None), "no date of a contract with Bright & Co is noted"),
        (replace(AGENCY, contract_on=date(2026, 12, 1)), "begins on 1 December 2026"),
        (replace(PARTNER, basis=""), "on which basis Bright & Co may see it"),
        (replace(AGENCY, review_due=None), "no review of Bright & Co is planned"),
        (replace(AGENCY, review_due=date(2026, 11, 22)), "was due on 22 November 2026"),
        (replace(AGENCY, country=""), "the country of Bright & Co is not noted"),
        (replace(AGENCY, country="US"), "outside the EEA"),
    ],
)
def test_what_is_missing_is_said(outside, why):
    assert why in str(recipients.obstacle(outside, TODAY))


def test_a_stated_basis_carries_a_transfer():
    away = replace(AGENCY, country="US", transfer_basis="standard clauses")
    assert recipients.obstacle(away, TODAY) is None


def test_the_register_keeps_changes_and_renews(records):
    kept = recipients.keep(
        records, replace(AGENCY, name=" Bright  & Co ", country="fr"), "ana", NOW
    )
    assert (kept.name, kept.country) == ("Bright & Co", "FR")
    assert recipients.of_owner(records, "ana") == (kept,)
    changed = recipients.keep(records, replace(kept, contact="Jo"), "ana", NOW)
    assert recipients.find(records, "ana", kept.id) == changed
    due = recipients.renew(records, "ana", kept.id, TODAY)
    assert recipients.find(records, "ana", kept.id).review_due == due == date(2027, 11, 23)


def test_somebody_else_s_register_is_not_found(records):
    kept = recipients.keep(records, AGENCY, "ana", NOW)
    assert recipients.of_owner(records, "bob") == ()
    for attempt in (
        lambda: recipients.find(records, "bob", kept.id),
        lambda: recipients.keep(records, kept, "bob", NOW),
        lambda: recipients.renew(records, "bob", kept.id, TODAY),
    ):
        with pytest.raises(NotFoundError):
            attempt()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "  "},
        {"name": "x" * 201},
        {"kind": "friend"},
        {"country": "France"},
        {"country": "1F"},
        {"transfer_basis": "trust"},
        {"contract_link": "javascript:alert(1)"},
        {"contract_link": "file:///etc"},
    ],
)
def test_a_field_that_can_not_be_is_refused(records, wrong):
    with pytest.raises(BadInputError):
        recipients.keep(records, replace(AGENCY, **wrong), "ana", NOW)
