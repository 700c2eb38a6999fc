"""The ledger: what each customer base has spent of its privacy, and never more than agreed.

A purchase is charged before any noise is drawn, in one durable transaction. A
crash in between loses budget, never privacy. Nothing is ever given back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, select, update

from dashboard.errors import BudgetExceededError, InternalError, NotFoundError
from dashboard.records.db import Records, insert_if_absent
from dashboard.records.tables import charges, lineages, maps
from dashboard.terms import Price


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One purchase: what for, at which price, when, and whether its answer was stored."""

    request_id: str
    purpose: str
    price: Price
    at: datetime
    finished: bool


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """What one customer base has spent, what it may spend, and every purchase, oldest first."""

    spent: Price
    cap: Price
    charges: tuple[LedgerLine, ...]

    @property
    def left(self) -> Price:
        """What may still be spent."""
        return Price(
            self.cap.rho_units - self.spent.rho_units,
            self.cap.delta_units - self.spent.delta_units,
        )


def open_lineage(records: Records, lineage: str, cap: Price) -> None:
    """Open an account for a customer base; an account that exists keeps the lower cap.

    A cap is never raised. A lower one holds from now on, though never below what
    is spent already. For a base that was joined to another this is the joined account's cap.
    Where nothing is to be done, nothing is written, so that nobody waits for the disk.
    """
    with records.read() as connection:
        if _is_open(connection, lineage, cap):
            return
    with records.write() as connection:
        if not _open(connection, lineage, cap):
            _lower_cap(connection, _lineage(connection, lineage).id, cap)


def _is_open(connection: Connection, lineage: str, cap: Price) -> bool:
    """Whether there is an account whose caps are these, or lower."""
    account = _standing(connection, lineage)
    if account is None:
        return False
    return bool(account.cap_rho <= cap.rho_units and account.cap_delta <= cap.delta_units)


def _open(connection: Connection, lineage: str, cap: Price) -> bool:
    row = {"cap_rho": cap.rho_units, "cap_delta": cap.delta_units}
    return insert_if_absent(
        connection, lineages, {"id": lineage, "spent_rho": 0, "spent_delta": 0, **row}
    )


def _lower_cap(connection: Connection, lineage: str, cap: Price) -> None:
    for ceiling, spent, wanted in (
        (lineages.c.cap_rho, lineages.c.spent_rho, cap.rho_units),
        (lineages.c.cap_delta, lineages.c.spent_delta, cap.delta_units),
    ):
        here = update(lineages).where(lineages.c.id == lineage)
        connection.execute(
            here.where(ceiling > wanted, spent <= wanted).values({ceiling.name: wanted})
        )
        connection.execute(
            here.where(ceiling > wanted, spent > wanted).values({ceiling.name: spent})
        )


def charge(
    records: Records,
    *,
    lineage: str,
    request_id: str,
    owner: str,
    price: Price,
    purpose: str,
    now: datetime,
) -> None:
    """Charge a purchase to a customer base, durably and at most once per request.

    A request that was charged already, with no answer stored so far, passes
    quietly: whoever lost the race or crashed may draw on.

    Raises:
        BudgetExceededError: the base can't afford it; nothing was charged.
        NotFoundError: no such customer base, or the answer was bought and then forgotten.
        InternalError: the same request comes back with another price, base or owner.
    """
    with records.write() as connection:
        base = _lineage(connection, lineage)
        line = {
            "request_id": request_id,
            "lineage": base.id,
            "owner": owner,
            "rho": price.rho_units,
            "delta": price.delta_units,
        }
        extra = {"purpose": purpose, "at": now}
        if not insert_if_absent(connection, charges, {**line, **extra, "finished": False}):
            _same_purchase(connection, line)
            return
        if not _take(connection, base.id, price):
            raise _refusal(_lineage(connection, base.id), price)
        _charge_workspace(connection, {**line, **extra}, price)


def workspace_account(owner: str) -> str:
    """The account on which all of an owner's purchases stand, whatever their customer base."""
    return f"workspace:{owner}"


def _charge_workspace(connection: Connection, line: dict[str, Any], price: Price) -> None:
    """The last wall: a second line on the owner's account, where one was opened."""
    account_id = workspace_account(line["owner"])
    row = _row(connection, account_id)
    if row is None:
        return
    if not _take(connection, account_id, price):
        raise _refusal(row, price, whose=_EVERYBODY)
    second = {"request_id": f"{line['request_id']}@workspace", "lineage": account_id}
    connection.execute(charges.insert().values(**{**line, **second}, finished=True))


_EVERYBODY: Final = "all customers of this workspace together"


def afford(records: Records, *, lineage: str, owner: str, price: Price) -> None:
    """Refuse, as :func:`charge` would, what can't be paid now; charges nothing.

    Raises:
        BudgetExceededError: the customer base or the workspace can't afford it.
    """
    with records.read() as connection:
        base, workspace = _lineage(connection, lineage), _row(connection, workspace_account(owner))
    if not _fits(base, price):
        raise _refusal(base, price)
    if workspace is not None and not _fits(workspace, price):
        raise _refusal(workspace, price, whose=_EVERYBODY)


def _fits(account: Row[Any], price: Price) -> bool:
    rho, delta = account.spent_rho + price.rho_units, account.spent_delta + price.delta_units
    return bool(rho <= account.cap_rho and delta <= account.cap_delta)


def was_charged(records: Records, *request_ids: str) -> bool:
    """Whether one of these purchases was charged already, to whatever account."""
    with records.read() as connection:
        found = select(charges.c.request_id).where(charges.c.request_id.in_(request_ids))
        return connection.execute(found).first() is not None


def paid(records: Records, *request_ids: str) -> Price:
    """What was charged for these purchases already, and is not charged again."""
    sums = select(
        func.coalesce(func.sum(charges.c.rho), 0), func.coalesce(func.sum(charges.c.delta), 0)
    ).where(charges.c.request_id.in_(request_ids))
    with records.read() as connection:
        rho, delta = connection.execute(sums).one()
    return Price(int(rho), int(delta))


def absorb(records: Records, *, absorbed: str, into: str, owner: str, now: datetime) -> None:
    """Make two customer bases one account that has spent what both have; at most once.

    The joined account is charged with what the absorbed one has spent, or with what is
    left where the sum exceeds the cap, and keeps the lower of both caps. From then on
    whatever names the absorbed base is charged to the joined one, also where its
    account was not opened yet. The workspace has paid for all of it before.

    Raises:
        NotFoundError: there is no account to join.
    """
    with records.write() as connection:
        root = _lineage(connection, into)
        _open(connection, absorbed, Price(root.cap_rho, root.cap_delta))
        old = _lineage(connection, absorbed)
        if old.id == root.id:
            return
        _lower_cap(connection, root.id, Price(old.cap_rho, old.cap_delta))
        _carry(connection, old, _lineage(connection, root.id), {"owner": owner, "at": now})
        gone = update(lineages).where(lineages.c.id == old.id)
        connection.execute(gone.values(absorbed_into=root.id))


def _carry(connection: Connection, old: Row[Any], root: Row[Any], told: dict[str, Any]) -> None:
    """Write what an absorbed base has spent on the joined account, as one line."""
    price = Price(
        min(old.spent_rho, root.cap_rho - root.spent_rho),
        min(old.spent_delta, root.cap_delta - root.spent_delta),
    )
    line = {"request_id": f"joined-{old.id}", "lineage": root.id, "purpose": "joined"}
    paid = {"rho": price.rho_units, "delta": price.delta_units, "finished": True}
    connection.execute(charges.insert().values(**line, **paid, **told))
    if not _take(connection, root.id, price):
        raise InternalError("a joined account could not take what its part had spent")


def _take(connection: Connection, lineage: str, price: Price) -> bool:
    """Spend if and only if both caps allow it, in one statement that no other writer can split."""
    rho = lineages.c.spent_rho + price.rho_units
    delta = lineages.c.spent_delta + price.delta_units
    affordable = (
        update(lineages)
        .where(lineages.c.id == lineage, rho <= lineages.c.cap_rho, delta <= lineages.c.cap_delta)
        .values(spent_rho=rho, spent_delta=delta)
    )
    return connection.execute(affordable).rowcount == 1


def _same_purchase(connection: Connection, line: dict[str, Any]) -> None:
    stored = (
        connection.execute(select(charges).where(charges.c.request_id == line["request_id"]))
        .mappings()
        .one()
    )
    known = {**stored, "lineage": _lineage(connection, stored["lineage"]).id}
    if any(known[name] != value for name, value in line.items()):
        raise InternalError("one request was charged twice with different prices or owners")
    if stored["finished"] and not _answered(connection, line["request_id"]):
        raise NotFoundError(
            "This was bought and has since been forgotten. Change the question a little "
            "to buy a new answer; drawing the old one again would cost privacy unseen."
        )


def _answered(connection: Connection, request_id: str) -> bool:
    return connection.scalar(select(maps.c.id).where(maps.c.id == request_id)) is not None


def _refusal(
    account: Row[Any], price: Price, whose: str = "these customers"
) -> BudgetExceededError:
    left, wanted = max(
        (
            _percent(account.cap_rho - account.spent_rho, price.rho_units, account.cap_rho),
            _percent(account.cap_delta - account.spent_delta, price.delta_units, account.cap_delta),
        ),
        key=lambda pair: pair[1] - pair[0],
    )
    return BudgetExceededError(
        f"A limit was promised to {whose}, and this purchase would break it: it needs "
        f"{wanted} % of their whole privacy budget and {left} % is left. Nothing was charged. "
        "Ask for a smaller share of the budget (the numbers become less exact), or go on with what "
        "was bought already: exploring, comparing and sharing it are free."
    )


def _percent(left: int, wanted: int, cap: int) -> tuple[int, int]:
    """Percent of the cap that is left (rounded down) and wanted (rounded up)."""
    whole = max(cap, 1)
    return 100 * left // whole, -(-100 * wanted // whole)


def finish(records: Records, request_id: str) -> None:
    """Mark a purchase as answered.

    Raises:
        InternalError: nothing was charged under that request.
    """
    with records.write() as connection:
        mark_finished(connection, request_id)


def mark_finished(connection: Connection, request_id: str) -> bool:
    """Mark a purchase as answered within a transaction; says whether this is the first time."""
    here = charges.c.request_id == request_id
    first = update(charges).where(here, charges.c.finished.is_(False)).values(finished=True)
    if connection.execute(first).rowcount == 1:
        return True
    if connection.scalar(select(charges.c.finished).where(here)) is None:
        raise InternalError("an answer came back that nobody had paid for")
    return False


def account(records: Records, lineage: str) -> LedgerAccount:
    """What a customer base has spent and may spend.

    Raises:
        NotFoundError: no such customer base.
    """
    with records.read() as connection:
        return _account(connection, lineage)


def _account(connection: Connection, lineage: str) -> LedgerAccount:
    row = _lineage(connection, lineage)
    lines = connection.execute(
        select(charges)
        .where(charges.c.lineage == row.id)
        .order_by(charges.c.at, charges.c.request_id)
    ).all()
    return LedgerAccount(
        spent=Price(row.spent_rho, row.spent_delta),
        cap=Price(row.cap_rho, row.cap_delta),
        charges=tuple(
            LedgerLine(
                each.request_id, each.purpose, Price(each.rho, each.delta), each.at, each.finished
            )
            for each in lines
        ),
    )


def within_workspace(records: Records, lineage: str, owner: str) -> LedgerAccount:
    """The same account with no more left than the owner's whole workspace has left."""
    with records.read() as connection:
        mine = _account(connection, lineage)
        whole = _lineage(connection, workspace_account(owner))
    return replace(
        mine,
        cap=Price(
            min(mine.cap.rho_units, mine.spent.rho_units + whole.cap_rho - whole.spent_rho),
            min(mine.cap.delta_units, mine.spent.delta_units + whole.cap_delta - whole.spent_delta),
        ),
    )


def standing_for(records: Records, lineage: str) -> str:
    """The account that a customer base is charged to: its own, or the one it was joined to."""
    with records.read() as connection:
        return str(_lineage(connection, lineage).id)


def _lineage(connection: Connection, lineage: str) -> Row[Any]:
    """The account of a customer base; raises where there is none."""
    row = _standing(connection, lineage)
    if row is None:
        raise NotFoundError("There is no budget for these customers yet. Keep their table first.")
    return row


def _standing(connection: Connection, lineage: str) -> Row[Any] | None:
    """The account of a customer base: its own, or that of the base it was joined to."""
    row = _row(connection, lineage)
    while row is not None and row.absorbed_into is not None:
        row = _row(connection, row.absorbed_into)
    return row


def _row(connection: Connection, account_id: str) -> Row[Any] | None:
    return connection.execute(_BY_ID, {"account": account_id}).one_or_none()


_BY_ID: Final = select(lineages).where(lineages.c.id == bindparam("account"))


def check(records: Records) -> None:
    """Make sure that every account equals the sum of its purchases; done at each start.

    Raises:
        InternalError: somebody changed the ledger by hand, or we have a bug.
    """
    sums = (
        select(
            charges.c.lineage,
            func.sum(charges.c.rho).label("rho"),
            func.sum(charges.c.delta).label("delta"),
        )
        .group_by(charges.c.lineage)
        .subquery()
    )
    differs = (lineages.c.spent_rho != func.coalesce(sums.c.rho, 0)) | (
        lineages.c.spent_delta != func.coalesce(sums.c.delta, 0)
    )
    wrong = (
        select(func.count())
        .select_from(lineages.outerjoin(sums, sums.c.lineage == lineages.c.id))
        .where(differs)
    )
    with records.read() as connection:
        if connection.scalar(wrong):
            raise InternalError(
                "The privacy ledger does not add up: an account differs from its purchases. "
                "Nothing more is sold until the records are restored from a backup."
            )
