"""The register of recipients: who outside gets pages, by which contract, until which review.

A link for somebody outside opens only while the register says why they may see it; it is
asked when the link is made and again at each view.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, select, update

from dashboard import wording
from dashboard.errors import BadInputError, NotFoundError
from dashboard.receipts import Recipient
from dashboard.records.db import Records
from dashboard.records.tables import recipients as register

INTERNAL: Final = "internal"
KINDS: Final = (INTERNAL, "processor", "joint controller", "third party")
"""People of one's own house, who process for us, who decide together with us, and all others."""

TRANSFERS: Final = ("adequacy decision", "standard clauses", "binding corporate rules")
"""What a transfer to a country outside the EEA may rest on."""

_EEA: Final = (
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE"
)
EEA: Final = frozenset(_EEA.split())
"""Countries of the European Economic Area, as two letters (ISO 3166)."""

REVIEW_DAYS: Final = 365
"""How far a renewal moves the next review."""

_LONGEST: Final = 200
_WEB: Final = re.compile(r"https?://[^\s<>\"]+")


def obstacle(recipient: Recipient, today: date) -> str | None:
    """Why no link for this recipient may be open today, to be read after "because"; or nothing.

    Inside the house nothing is needed. Outside: a contract's date for a processor, a stated
    basis for others, a review that is not overdue, and outside the EEA a basis of transfer.
    """
    name = recipient.name
    if recipient.kind == INTERNAL:
        return None
    if recipient.kind == "processor":
        if recipient.contract_on is None:
            return f"no date of a contract with {name} is noted"
        if recipient.contract_on > today:
            return f"the contract with {name} begins on {wording.day(recipient.contract_on)}"
    elif not recipient.basis:
        return f"it is not noted on which basis {name} may see it"
    if recipient.review_due is None:
        return f"no review of {name} is planned"
    if recipient.review_due < today:
        return f"the review of {name} was due on {wording.day(recipient.review_due)}"
    if not recipient.country:
        return f"the country of {name} is not noted"
    if recipient.country not in EEA and not recipient.transfer_basis:
        return f"{name} is outside the EEA, and no basis of the transfer is noted"
    return None


def keep(records: Records, recipient: Recipient, owner: str, now: datetime) -> Recipient:
    """Write a recipient into the register, or change one that is there; gives it as it is kept.

    Args:
        records: the memory.
        recipient: with an empty id for a new one.
        owner: whose register it is.
        now: when it is written.

    Raises:
        BadInputError: a field can't be as it is.
        NotFoundError: there is no such recipient to change.
    """
    tidy = _tidy(recipient)
    row = {
        "name": tidy.name,
        "kind": tidy.kind,
        "contract_on": tidy.contract_on and tidy.contract_on.isoformat(),
        "contract_link": tidy.contract_link,
        "basis": tidy.basis,
        "review_due": tidy.review_due and tidy.review_due.isoformat(),
        "country": tidy.country,
        "transfer_basis": tidy.transfer_basis,
        "contact": tidy.contact,
    }
    with records.write() as connection:
        if not tidy.id:
            tidy = replace(tidy, id=secrets.token_urlsafe(16))
            new = {"id": tidy.id, "owner": owner, "created_at": now}
            connection.execute(register.insert().values(**new, **row))
        elif not connection.execute(
            update(register).where(_mine(owner, tidy.id)).values(**row)
        ).rowcount:
            raise _unknown()
    return tidy


def _tidy(recipient: Recipient) -> Recipient:
    tidy = replace(
        recipient,
        name=_line(recipient.name),
        contract_link=_line(recipient.contract_link),
        basis=_line(recipient.basis),
        contact=_line(recipient.contact),
        country=_line(recipient.country).upper(),
    )
    if not tidy.name:
        raise BadInputError("A recipient needs a name.")
    if tidy.kind not in KINDS:
        raise BadInputError(f"A recipient is one of: {', '.join(KINDS)}.")
    if tidy.transfer_basis and tidy.transfer_basis not in TRANSFERS:
        raise BadInputError(f"A transfer rests on one of: {', '.join(TRANSFERS)}.")
    if tidy.country and not re.fullmatch("[A-Z]{2}", tidy.country):
        raise BadInputError("Write the country as two letters, as in FR, DE or US.")
    if tidy.contract_link and not _WEB.fullmatch(tidy.contract_link):
        raise BadInputError("The contract's address begins with https:// or http://.")
    return tidy


def _line(text: str) -> str:
    line = " ".join(text.split())
    if len(line) > _LONGEST:
        raise BadInputError(
            f"A recipient's texts have at most {_LONGEST} characters; shorten them."
        )
    return line


def of_owner(records: Records, owner: str) -> tuple[Recipient, ...]:
    """The recipients of this owner, by name."""
    mine = select(register).where(register.c.owner == owner).order_by(register.c.name)
    with records.read() as connection:
        return tuple(_recipient(row) for row in connection.execute(mine))


def find(records: Records, owner: str, recipient_id: str) -> Recipient:
    """One recipient of this owner.

    Raises:
        NotFoundError: unknown or somebody else's.
    """
    with records.read() as connection:
        row = connection.execute(select(register).where(_mine(owner, recipient_id))).one_or_none()
    if row is None:
        raise _unknown()
    return _recipient(row)


def renew(records: Records, owner: str, recipient_id: str, today: date) -> date:
    """Note that a recipient was reviewed today; gives the day of the next review."""
    due = today + timedelta(days=REVIEW_DAYS)
    mine = update(register).where(_mine(owner, recipient_id)).values(review_due=due.isoformat())
    with records.write() as connection:
        if not connection.execute(mine).rowcount:
            raise _unknown()
    return due


def _mine(owner: str, recipient_id: str) -> Any:
    return and_(register.c.owner == owner, register.c.id == recipient_id)


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such recipient. Choose one from the register.")


def _recipient(row: Row[Any]) -> Recipient:
    standing = standing_of(row, row.id)
    return replace(standing, contract_link=row.contract_link, contact=row.contact)


def standing_of(row: Row[Any], its_id: str) -> Recipient:
    """What the register says of a recipient as far as it decides whether a link opens."""
    return Recipient(
        id=its_id,
        name=row.name,
        kind=row.kind,
        contract_on=_day(row.contract_on),
        basis=row.basis,
        review_due=_day(row.review_due),
        country=row.country,
        transfer_basis=row.transfer_basis,
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
