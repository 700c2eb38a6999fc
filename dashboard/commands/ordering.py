"""From a file of orders to a kept table and the plan of its known groups."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashboard import rfm, workflow
from dashboard.commands.reading import PURPOSE, consent_columns, finding, receive
from dashboard.commands.speaking import Asked, tell
from dashboard.errors import BadInputError
from dashboard.plan import Plan
from dashboard.receipts import Kept, Orders, Received
from dashboard.terms import DateOrder


def _orders(received: Received, asked: Asked) -> Orders | None:
    """How the file is read as orders: as it was recognized, with what was named in its place."""
    named = {"customer": asked.id, "day": asked.order_date, "amount": asked.amount}
    named = {what: finding(received, each).name for what, each in named.items() if each}
    told = received.orders
    if told:
        told = replace(told, **named)
    elif {"customer", "day", "amount"} <= named.keys():
        told = Orders(**named)
    return _written(told, dict(asked.dates)) if told else None


def _written(told: Orders, dates: dict[str, DateOrder]) -> Orders:
    """The orders with their dates as they were said to be written."""
    if told.day not in dates and told.written != "ymd":
        raise BadInputError(
            f"Say how the dates of “{told.day}” are written, so that no customer decides it: "
            f"--dates {told.day}=dmy for 31/12/2026, =mdy for 12/31/2026."
        )
    return replace(told, written=dates.get(told.day, "ymd"))


def keep_orders(workspace: workflow.Workspace, asked: Asked) -> tuple[Kept, Plan]:
    """Keep orders as one row per customer, with the plan of its known groups."""
    if asked.features or asked.describe or asked.bounds:
        raise BadInputError("Known groups need no features: leave --features and the like out.")
    received = receive(workspace, asked)
    try:
        told = _orders(received, asked)
        until = date.fromisoformat(asked.until) if asked.until else None
        choices = workflow.suggest_orders(received, PURPOSE, until, asked.cuts, told)
        choices = replace(choices, consent_columns=consent_columns(received, choices, asked))
        kept = workflow.keep(workspace, received.staged_id, choices, tell)
    finally:
        workflow.discard(workspace, received.staged_id)
    epsilon = rfm.DEFAULT_EPSILON if asked.epsilon is None else asked.epsilon
    try:
        return kept, workflow.known_plan(workspace, kept.dataset_id, epsilon)
    except ValueError as wrong:
        workflow.destroy(workspace, kept.dataset_id)
        raise BadInputError(f"This can't be asked: {wrong}.") from None
