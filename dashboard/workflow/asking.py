"""Ask: plans, prices, ranges and budgets; no row is read without a charge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from dashboard import rfm
from dashboard.errors import BadInputError
from dashboard.plan import Plan
from dashboard.receipts import (
    BudgetState,
    Quote,
    Wish,
)
from dashboard.terms import Bounds, Spent
from dashboard.workflow.keeping import dataset
from dashboard.workflow.seat import Workspace, account_of, gate_of, note

DEFAULT_FEATURES: Final = 6

DEFAULT_COLUMNS: Final = 10
"""A first plan's features and columns in all: few enough for a clear picture."""


def default_plan(workspace: Workspace, dataset_id: str) -> Plan:
    """A first plan: up to six numbers (then levels, flags, labels) make alike, others describe."""
    order = {"number": 0, "level": 1, "flag": 2, "category": 3}
    known = ranges(workspace, dataset_id)
    kept = [
        replace(each, bounds=known.get(each.name, each.bounds))
        for each in dataset(workspace, dataset_id).columns
    ]
    columns = sorted(kept, key=lambda each: order[each.kind])[:DEFAULT_COLUMNS]
    numbers = [each for each in columns if each.kind == "number"][:DEFAULT_FEATURES]
    features = numbers if len(numbers) > 1 else columns[:DEFAULT_FEATURES]
    rest = [each for each in columns if each not in features]
    return Plan(tuple(features), tuple(rest), min_segment_size=workspace.settings.min_segment_size)


def price_of_range(workspace: Workspace, dataset_id: str) -> Spent:
    """What it costs to find the range of one number; reads no row and costs nothing."""
    from dashboard.privacy.accounting import range_price, spent_of

    dataset(workspace, dataset_id)
    return spent_of(range_price())


def buy_range(workspace: Workspace, dataset_id: str, column: str) -> Bounds:
    """Buy the range of a number that nobody knows; the same column is never charged twice.

    Raises:
        BadInputError: the column was not kept as a number.
        BudgetExceededError: the customer base has not enough left.
        NotEnoughDataError: too few people have values of one size.
    """
    base = dataset(workspace, dataset_id)
    feature = next((each for each in base.columns if each.name == column), None)
    if feature is None:
        raise BadInputError(f"The column “{column}” was not kept. Choose among those that were.")
    found = gate_of(workspace).buy_range(base, feature, datetime.now(UTC))
    note(workspace, "range.bought", dataset_id, {"column": column})
    return found


def ranges(workspace: Workspace, dataset_id: str) -> dict[str, Bounds]:
    """The ranges that were bought for a table, by column; free."""
    base, gate = dataset(workspace, dataset_id), gate_of(workspace)
    known = {
        each.name: gate.known_range(base, each) for each in base.columns if each.kind == "number"
    }
    return {name: bounds for name, bounds in known.items() if bounds}


def quote(workspace: Workspace, dataset_id: str, plan: Plan, ranges: int = 0) -> Quote:
    """What this plan would cost and how exact it would be; reads no row and costs nothing.

    Args:
        workspace: who asks.
        dataset_id: the kept table.
        plan: the question.
        ranges: how many ranges are still to be bought before it.
    """
    from dashboard.privacy.pricing import quote_of

    base = dataset(workspace, dataset_id)
    paid = gate_of(workspace).paid_for_map(base, plan)
    account = account_of(workspace, base.lineage)
    return quote_of(plan, account, paid, with_map=True, ranges=ranges)


def within(workspace: Workspace, dataset_id: str, plan: Plan, part: float, people: int) -> Wish:
    """Which epsilon makes a group's size right within a part of it; reads no row, costs nothing."""
    from dashboard.privacy.accounting import epsilon_of
    from dashboard.privacy.wishes import wish_of
    from dashboard.terms import RHO_UNIT

    if not 0 < part <= 1 or people < 1:
        raise BadInputError("Say how exact as a part above 0 and up to 100 %, of at least one.")
    left = account_of(workspace, dataset(workspace, dataset_id).lineage).left
    return wish_of(plan, part, people, min(epsilon_of(left.rho_units * RHO_UNIT), 10.0))


def quote_publish(workspace: Workspace, map_id: str, segments: int) -> Quote:
    """What publishing segments of a bought map would cost; reads no row and costs nothing."""
    from dashboard.privacy.gate import geometry_of
    from dashboard.privacy.pricing import quote_of
    from dashboard.records import releases as memory

    found = memory.find_map(workspace.records, map_id, workspace.owner)
    plan = geometry_of(found.body).synopsis.plan
    paid = gate_of(workspace).paid_for_release(map_id, segments)
    return quote_of(plan, account_of(workspace, found.lineage), paid, with_map=False)


def budget(workspace: Workspace, dataset_id: str) -> BudgetState:
    """What this customer base has spent and has left."""
    from dashboard.privacy.pricing import budget_of

    base = dataset(workspace, dataset_id)
    return budget_of(account_of(workspace, base.lineage))


def check_smallest(workspace: Workspace, plan: Plan) -> None:
    """Refuse to show smaller groups than this installation allows, whoever asks."""
    least = workspace.settings.min_segment_size
    if plan.min_segment_size < least:
        raise BadInputError(f"Here no group below {least} people is shown.")


def known_plan(workspace: Workspace, dataset_id: str, epsilon: float = rfm.DEFAULT_EPSILON) -> Plan:
    """The question for the known groups of a table that was added up from orders.

    Raises:
        BadInputError: the table was not made of orders.
    """
    base = dataset(workspace, dataset_id)
    if base.cuts is None:
        raise BadInputError("Known groups need orders. Give a file of orders, and add it up.")
    numbers = tuple(each for each in base.columns if each.kind == "number")
    group = tuple(each for each in base.columns if each.kind != "number")
    return Plan(numbers, group, epsilon, workspace.settings.min_segment_size)


def quote_known(workspace: Workspace, dataset_id: str, plan: Plan) -> Quote:
    """What known groups would cost and how exact they would be; reads no row, costs nothing."""
    from dashboard.privacy.pricing import quote_of_known

    base = dataset(workspace, dataset_id)
    paid = gate_of(workspace).paid_for_known(base, plan)
    return quote_of_known(plan, account_of(workspace, base.lineage), paid)
