"""Exports of well-known products, header by header: what is written here needs no guessing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Purpose = Literal[
    "id",
    "identifier",
    "consent",
    "birth",
    "date",
    "free_text",
    "special",
    "proxy",
    "used",
    "unused",
]
"""What a column is for; ``used`` ones describe customers, in the kind that their values have."""


@dataclass(frozen=True)
class Vendor:
    """One product's export: the headers that tell it, and what each of its columns is for."""

    name: str
    told_by: frozenset[str]
    purposes: dict[str, Purpose]

    def purpose(self, header: str) -> Purpose | None:
        """What this column is for; ``None`` for columns that the product's users made."""
        return self.purposes.get(plain(header))


def plain(header: str) -> str:
    """A header without byte order mark, apostrophe in front, capitals and wide spaces."""
    return " ".join(header.replace("\ufeff", "").split()).removeprefix("'").casefold()


def vendor_of(headers: Iterable[str]) -> Vendor | None:
    """The product whose export has these headers; ``None`` if it is none that we know."""
    known = {plain(header) for header in headers}
    return next((each for each in VENDORS if each.told_by <= known), None)


def _vendor(name: str, told_by: str, **columns: str) -> Vendor:
    purposes: dict[str, Purpose] = {}
    for purpose, headers in columns.items():
        purposes |= dict.fromkeys(headers.split("|"), purpose)  # type: ignore[arg-type]
    return Vendor(name, frozenset(told_by.split("|")), purposes)


STATUS_BY_FILE: Final = "Status by file name"
"""The column that stands for what Mailchimp says in the name of a file only."""

VENDORS: Final = (
    _vendor(
        "Shopify",
        "customer id|accepts email marketing",
        id="customer id",
        identifier=(
            "first name|last name|email|phone|default address phone|default address address1|"
            "default address address2|default address company"
        ),
        consent="accepts email marketing|accepts sms marketing|accepts whatsapp marketing",
        proxy="default address city|default address zip",
        used="total spent|total orders|default address province code|default address country code",
        unused="tax exempt",
        free_text="note|tags",
    ),
    _vendor(
        "Shopify",
        "emailmarketingconsent.marketingstate",
        id="id",
        identifier="email|firstname|lastname|phone|displayname|defaultaddress.address1",
        consent="emailmarketingconsent.marketingstate|smsmarketingconsent.marketingstate",
        unused="emailmarketingconsent.marketingoptinlevel|smsmarketingconsent.marketingoptinlevel",
        date=(
            "createdat|updatedat|emailmarketingconsent.consentupdatedat|"
            "smsmarketingconsent.consentupdatedat"
        ),
        used="amountspent|amountspent.amount|numberoforders",
        proxy="locale",
        free_text="note|tags",
    ),
    _vendor(
        "Mailchimp",
        "leid|euid",
        id="leid",
        identifier=(
            "euid|email address|first name|last name|address|phone number|sms phone number|"
            "optin_ip|confirm_ip|latitude|longitude"
        ),
        consent=(
            f"{STATUS_BY_FILE.casefold()}|unsub_time|unsub_campaign_title|unsub_campaign_id|"
            "unsub_reason|unsub_reason_other"
        ),
        birth="birthday",
        date="optin_time|confirm_time|last_changed|clean_time",
        used="member_rating|cc|region",
        unused="timezone|gmtoff|dstoff|clean_campaign_title|clean_campaign_id",
        free_text="notes|tags",
    ),
    _vendor(
        "Klaviyo",
        "klaviyo id",
        id="klaviyo id",
        identifier=(
            "email|first name|last name|phone number|address|address 2|ip address|latitude|"
            "longitude|organization|title"
        ),
        consent=(
            "email marketing consent|sms marketing consent|email suppressions|subscribe|"
            "email suppressions timestamp"
        ),
        date=(
            "email marketing consent timestamp|sms marketing consent timestamp|first active|"
            "last active|profile created on|date added|last open|last click|"
            "expected date of next order"
        ),
        used=(
            "historic customer lifetime value|total customer lifetime value|"
            "predicted customer lifetime value|average order value|historic number of orders|"
            "predicted number of orders|average days between orders|churn risk prediction|"
            "state / region|country|source"
        ),
        unused="initial source|last source",
        proxy="predicted gender|city|zip code",
    ),
    _vendor(
        "HubSpot",
        "record id|lifecycle stage",
        id="record id",
        identifier=(
            "first name|last name|email|phone number|mobile phone number|street address|"
            "street address 2|contact owner|google ad click id|facebook click id|ip address|"
            "twitter username|associated company|company name|website url|work email"
        ),
        consent=(
            "unsubscribed from all email|legal basis for processing contact's data|"
            "portal unsubscribe|portal spam report"
        ),
        date=(
            "create date|last activity date|last contacted|last modified date|close date|"
            "first conversion date|recent conversion date|recent deal close date"
        ),
        birth="date of birth",
        used=(
            "lifecycle stage|lead status|original source|marketing emails opened|"
            "marketing emails clicked|marketing emails delivered|number of sessions|"
            "number of pageviews|total revenue|recent deal amount|number of associated deals|"
            "country/region|state/region"
        ),
        unused="marketing contact status|invalid email address|ip city|ip country|time zone",
        proxy=(
            "gender|marital status|preferred language|military status|city|postal code|"
            "relationship status|salutation|job title"
        ),
        free_text="message",
    ),
    _vendor(
        "HubSpot",
        "portal unsubscribe",
        identifier="email|email address",
        consent="portal unsubscribe|portal spam report|marketing information",
    ),
    _vendor(
        "Salesforce",
        "contact id|email opt out",
        id="contact id",
        identifier=(
            "first name|last name|email|phone|mobile|fax|mailing street|contact owner|"
            "account name|account id|home phone|other phone|full name|mailing address line 1"
        ),
        consent="email opt out|fax opt out|do not call",
        birth="birthdate",
        date="created date|last activity|last modified date",
        used="lead source|mailing state/province|mailing country|department",
        proxy="mailing city|mailing zip/postal code|salutation|title",
        free_text="description",
    ),
    _vendor(
        "Salesforce",
        "hasoptedoutofemail",
        id="id",
        identifier=(
            "individualid|accountid|ownerid|firstname|lastname|name|email|phone|mobilephone|fax|"
            "homephone|mailingstreet|mailinglatitude|mailinglongitude|photourl|createdbyid|"
            "lastmodifiedbyid|reportstoid"
        ),
        consent=(
            "hasoptedoutofemail|hasoptedoutoffax|donotcall|hasoptedoutprocessing|"
            "hasoptedoutprofiling|hasoptedoutsolicit|hasoptedouttracking|hasoptedoutgeotracking|"
            "shouldforget|privacyconsentstatus"
        ),
        birth="birthdate|individualsage",
        date="createddate|lastactivitydate|lastmodifieddate|systemmodstamp",
        used="leadsource|mailingstate|mailingcountry|department|influencerrating",
        proxy=("mailingcity|mailingpostalcode|salutation|title|consumercreditscore|childrencount"),
        special="convictionscount|militaryservice",
        free_text="description",
    ),
    _vendor(
        "Salesforce",
        "individual's age|don't process",
        id="individual id",
        identifier="name|first name|last name|individual owner",
        consent=(
            "don't process|don't profile|don't market|don't track|block geolocation tracking|"
            "forget this individual"
        ),
        birth="individual's age|birth date",
        date="created date|last modified date|death date",
        proxy="number of children|consumer credit score|salutation",
        special="convictions count|military service",
        used="influencer rating",
    ),
)
