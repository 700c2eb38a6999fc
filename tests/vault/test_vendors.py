"""Exports of six products are read as they are: who is who, who said no, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pytest

from benchmarks.detection import FIXTURES, judged
from dashboard.receipts import Choices, ColumnFinding, Upload
from dashboard.vault.columns import describe
from dashboard.vault.consent import IN, OUT, UNKNOWN, combined, read_answers
from dashboard.vault.intake import read
from dashboard.vault.table import Refusing, one_row_per_customer
from dashboard.vault.vendors import STATUS_BY_FILE, VENDORS, vendor_of
from tests.vault.making import quiet
from tests.vault.vendors import Told, export, headers

WORDS = {OUT: "no", UNKNOWN: "?", IN: "yes"}


def given(*uploads: Upload) -> pa.Table:
    return read(uploads, max_bytes=8 << 20, memory_limit_mb=256, progress=quiet).table


def found(table: pa.Table) -> dict[str, ColumnFinding]:
    return {each.name: each for each in describe(table)}


def states(table: pa.Table, rows: int) -> list[str]:
    """What each of the first rows said, over all of its consent columns."""
    asked = [name for name, each in found(table).items() if each.role == "consent"]
    readings = [read_answers(name, table.column(name)) for name in asked]
    assert sum(each.unlisted for each in readings) == 0
    return [WORDS[state] for state in combined(readings, table.num_rows)[:rows].tolist()]


@dataclass(frozen=True)
class Case:
    """One product: what some people answered, what that means, and which column is the id."""

    id: str
    told: Told
    means: Sequence[str]


CASES = {
    "Shopify": Case(
        "Customer ID",
        {
            "Accepts Email Marketing": ["yes", "no", "yes", ""],
            "Accepts SMS Marketing": ["yes", "yes", "no", ""],
            "Accepts WhatsApp Marketing": ["yes", "yes", "yes", ""],
        },
        ["yes", "no", "no", "?"],
    ),
    "Klaviyo": Case(
        "Klaviyo ID",
        {
            "Email Marketing Consent": [
                "SUBSCRIBED",
                "UNSUBSCRIBED",
                "NEVER_SUBSCRIBED",
                "SUBSCRIBED",
                "SUBSCRIBED",
            ],
            "Email Suppressions": ["", "", "", "HARD_BOUNCE", "SPAM_COMPLAINT"],
        },
        ["yes", "no", "?", "no", "no"],
    ),
    "HubSpot": Case(
        "Record ID",
        {
            "Unsubscribed from all email": ["", "true", "false", "", ""],
            "Opted out of email: Marketing Information": ["", "", "", "true", ""],
            "Legal basis for processing contact's data": [
                "Freely given consent from contact",
                "Freely given consent from contact",
                "Legitimate interest – existing customer",
                "",
                "Not applicable;Freely given consent from contact",
            ],
            "Marketing contact status": ["Non-marketing contact", *["Marketing contact"] * 9],
        },
        ["yes", "no", "?", "no", "yes"],
    ),
    "Salesforce report": Case(
        "Contact ID",
        {
            "Email Opt Out": ["0", "1", "0", ""],
            "Fax Opt Out": ["0", "0", "0", ""],
            "Do Not Call": ["0", "0", "1", ""],
        },
        ["?", "no", "no", "?"],
    ),
    "Salesforce API": Case(
        "Id",
        {
            "HasOptedOutOfEmail": ["false", "true", "false", "false", "false", "false"],
            "HasOptedOutProfiling": ["false", "false", "true", "false", "false", "false"],
            "ShouldForget": ["false", "false", "false", "true", "false", "false"],
            "PrivacyConsentStatus": ["OptIn", "OptIn", "OptIn", "OptIn", "OptOut", "NotSeen"],
        },
        ["yes", "no", "no", "no", "no", "?"],
    ),
}


@pytest.mark.parametrize("product", CASES)
def test_an_export_is_read_as_it_is(product: str) -> None:
    case = CASES[product]
    table = given(export(product, "contacts.csv", case.told))
    columns = found(table)
    assert [name for name, each in columns.items() if each.role == "id"] == [case.id]
    assert states(table, len(case.means)) == list(case.means)


@pytest.mark.parametrize("product", [*CASES, "Mailchimp"])
def test_every_column_of_an_export_is_known_for_what_it_is(product: str) -> None:
    columns = [each for each in judged(FIXTURES) if each.source == product]
    assert [(each.header, each.found) for each in columns] == [
        (each.header, each.true) for each in columns
    ]


@pytest.mark.parametrize("product", [*CASES, "Mailchimp"])
def test_what_the_product_s_users_made_is_not_used_unasked(product: str) -> None:
    vendor = vendor_of(headers(product))
    assert vendor is not None
    unknown = [each for each in judged(FIXTURES) if each.source == product and each.kept]
    assert [each.header for each in unknown if vendor.purpose(each.header) != "used"] == (
        ["Orders this year"] if product == "Salesforce report" else []  # its name says orders
    ) + (["Orders_Last_Year__c"] if product == "Salesforce API" else [])


def test_no_two_products_are_told_by_the_same_headers() -> None:
    for one in VENDORS:
        for other in VENDORS:
            assert one is other or not one.told_by <= other.told_by


def test_a_marketing_contact_of_hubspot_has_agreed_to_nothing() -> None:
    case = CASES["HubSpot"]
    table = given(export("HubSpot", "contacts.csv", case.told))
    assert found(table)["Marketing contact status"].role == "unused"


def test_hubspot_s_labels_may_repeat() -> None:
    upload = export("HubSpot", "c.csv", {"Opted out of email: One to One": ["", "true"]})
    assert isinstance(upload.content, bytes)
    twice = upload.content.replace(b"Information,", b"News,").replace(b"One to One", b"News")
    table = given(Upload("c.csv", twice.replace(b"email: Marketing News", b"email: News")))
    assert states(table, 2) == ["?", "no"]


def test_salesforce_s_protected_facts_are_blocked_and_children_told() -> None:
    columns = found(given(export("Salesforce API", "c.csv", CASES["Salesforce API"].told)))
    assert {columns[each].role for each in ("ConvictionsCount", "MilitaryService")} == {"special"}
    assert columns["IndividualsAge"].role == "birth"


# ── Mailchimp: consent in the file's name ───────────────────────────────────────────────
UNSUB = ["UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON"]
LEFT = {"UNSUB_TIME": ["2026-01-01 10:00:00"] * 5}


def audience(kind: str, first: int, people: int = 5) -> Upload:
    """One of the files that Mailchimp puts into an export; who left has columns of their own."""
    name = f"{kind}_email_audience_export_7be1d2.csv"
    told = {"LEID": [str(each) for each in range(first, first + people)]}
    gone = kind == "unsubscribed"
    without = [] if gone else [*UNSUB, "UNSUB_REASON_OTHER"]
    return export("Mailchimp", name, told | (LEFT if gone else {}), without=without, first=first)


def only(table: pa.Table) -> pa.Table:
    return table.filter(pa.array([each is not None for each in table["LEID"].to_pylist()]))


def test_mailchimp_s_file_names_say_who_agreed() -> None:
    files = [audience(kind, 100) for kind in ("subscribed", "unsubscribed", "cleaned")]
    means = {}
    for upload in [*files, audience("nonsubscribed", 100)]:
        table = only(given(upload))
        means[upload.name.split("_")[0]] = set(states(table, 5))
        assert found(table)["LEID"].role == "id"
    assert means == {
        "subscribed": {"yes"},
        "unsubscribed": {"no"},
        "cleaned": {"?"},
        "nonsubscribed": {"?"},
    }


def test_several_mailchimp_files_are_one_audience_and_any_no_wins() -> None:
    table = only(
        given(audience("subscribed", 100), audience("unsubscribed", 103), audience("cleaned", 200))
    )
    assert STATUS_BY_FILE in table.column_names
    assert "UNSUB_TIME" in table.column_names
    choices = Choices(
        "to try",
        "LEID",
        tuple(name for name, each in found(table).items() if each.role == "consent"),
        tuple(
            each.suggested
            for each in found(table).values()
            if each.name == "MEMBER_RATING" and each.suggested
        ),
    )
    kept = one_row_per_customer(table, choices, key=b"k" * 32, child_age=16)
    assert (kept.customers, kept.said_no, kept.unknown) == (3 + 5, 5, 5)


def test_a_renamed_mailchimp_file_proves_nobody_s_consent() -> None:
    upload = audience("subscribed", 100)
    table = only(given(Upload("my customers.csv", upload.content)))
    assert set(states(table, 5)) == {"?"}
    assert "renamed" in found(table)[STATUS_BY_FILE].reason


def test_channels_can_be_told_from_profiling() -> None:
    table = given(export("Salesforce API", "c.csv", CASES["Salesforce API"].told))
    asked = tuple(name for name, each in found(table).items() if each.role == "consent")
    suggested = found(table)["LeadSource"].suggested
    assert suggested is not None
    choices = Choices("to try", "Id", asked, (suggested,))

    def said_no(*, channels: bool) -> int:
        ruled = Refusing(channels=channels)
        kept = one_row_per_customer(table, choices, key=b"k" * 32, child_age=0, refusing=ruled)
        return kept.said_no

    assert (said_no(channels=True), said_no(channels=False)) == (4, 3)
