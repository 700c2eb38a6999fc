"""What a plan would cost and how exact it would be, told before anything is bought.

Everything here follows from the plan and the ledger alone; no row is read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from dashboard.plan import DEFAULT_EPSILON, Plan, plan_from
from dashboard.privacy import accuracy
from dashboard.privacy.accounting import (
    count_price,
    known_price,
    known_units,
    map_price,
    map_units,
    needs_names,
    publish_price,
    publish_units,
    range_price,
    rho_units_of,
    sigma_squared,
    spent_of,
)
from dashboard.privacy.suppression import selection_threshold
from dashboard.receipts import BudgetState, Charge, MapInfo, Quote
from dashboard.records.ledger import LedgerAccount
from dashboard.records.releases import StoredMap
from dashboard.terms import Price

CELLS_PER_SEGMENT = 48 / 5
"""Micro-cells that make up a segment where a map has 48 of them and five segments are shown."""


def quote_of(
    plan: Plan, account: LedgerAccount, paid: Price, *, with_map: bool, ranges: int = 0
) -> Quote:
    """The price of a plan for a customer base, and the errors to expect.

    ``paid`` was charged for the map (or, without it, for publishing) already, and is
    not charged again. So many ``ranges`` are bought before it, and leave less for it.
    """
    first, second = count_price(plan) + map_price(plan), publish_price(plan)
    left = Price(
        account.cap.rho_units - account.spent.rho_units - ranges * range_price().rho_units,
        account.cap.delta_units - account.spent.delta_units,
    )
    now = _unpaid(first if with_map else second, paid)
    affordable = now.rho_units <= left.rho_units and now.delta_units <= left.delta_units
    names = needs_names(plan)
    return Quote(
        map_spent=spent_of(now if with_map else first),
        publish_spent=spent_of(second if with_map else now),
        spent_before=spent_of(account.spent),
        cap=spent_of(account.cap),
        releases_left=max(0, left.rho_units // (first + second).rho_units),
        map_size_error=_map_size_error(plan),
        size_error=accuracy.half_width(_sigma(1, publish_units(plan)["sizes"])),
        bar_error=accuracy.half_width(_sigma(len(plan.columns), publish_units(plan)["profiles"])),
        labels_from=_labels_from(plan) if names else None,
        affordable=affordable,
        sentences=_sentences(plan, left, first + second, with_map=with_map),
    )


def _unpaid(price: Price, paid: Price) -> Price:
    return Price(
        max(0, price.rho_units - paid.rho_units), max(0, price.delta_units - paid.delta_units)
    )


def quote_of_known(plan: Plan, account: LedgerAccount, paid: Price) -> Quote:
    """The price of known groups for a customer base, and the errors to expect.

    ``paid`` was charged for them already, and is not charged again.
    """
    price, left = known_price(plan), account.left
    now = _unpaid(price, paid)
    units = known_units(plan)
    releases = left.rho_units // price.rho_units
    error = accuracy.half_width(_sigma(1, units["sizes"]))
    return Quote(
        map_spent=spent_of(now),
        publish_spent=spent_of(now),
        spent_before=spent_of(account.spent),
        cap=spent_of(account.cap),
        releases_left=releases,
        map_size_error=error,
        size_error=error,
        bar_error=accuracy.half_width(_sigma(len(plan.features), units["profiles"])),
        labels_from=None,
        affordable=now.rho_units <= left.rho_units,
        sentences=(
            f"Group sizes will be right within about ± {error} people.",
            f"After this there is room for about {_rooms(left, now, price)} more releases like it.",
        ),
    )


def _rooms(left: Price, now: Price, price: Price) -> int:
    return max(0, (left.rho_units - now.rho_units) // price.rho_units)


def _sigma(sensitivity_squared: int, units: int) -> float:
    return math.sqrt(sigma_squared(sensitivity_squared, units))


def _map_size_error(plan: Plan) -> int:
    """A count among micro-cells costs (R² + B²)/B² = 1 + √d/0.35 as much as a count alone."""
    inflation = 1 + math.sqrt(len(plan.features)) / 0.35
    sigma = _sigma(1, map_units(plan)["cells"]) * math.sqrt(inflation)
    return accuracy.half_width(sigma * math.sqrt(CELLS_PER_SEGMENT))


def _labels_from(plan: Plan) -> int:
    columns = [each for each in plan.columns if each.kind == "category" and each.domain is None]
    variance = sigma_squared(len(plan.columns), map_units(plan)["margins"])
    return selection_threshold(variance, len(columns))


def _sentences(plan: Plan, left: Price, whole: Price, *, with_map: bool) -> tuple[str, ...]:
    from dashboard.privacy.queries import Count

    count = accuracy.half_width(_sigma(Count().sensitivity_squared, publish_units(plan)["sizes"]))
    releases = left.rho_units // whole.rho_units
    said = [
        f"Segment sizes will be right within about ± {count} people once published.",
        f"After this there is room for about {max(releases - 1, 0)} more releases like it."
        if with_map
        else "Publishing uses the second half of this release's budget.",
    ]
    if needs_names(plan):
        said.append(f"Labels that fewer than about {_labels_from(plan)} people share stay unnamed.")
    return tuple(said)


def budget_of(account: LedgerAccount) -> BudgetState:
    """A ledger account in plain units: releases of the default price."""
    left = account.cap.rho_units - account.spent.rho_units
    return BudgetState(
        spent=spent_of(account.spent),
        cap=spent_of(account.cap),
        releases_left=left // rho_units_of(DEFAULT_EPSILON),
        charges=tuple(
            Charge(each.request_id, each.purpose, spent_of(each.price), each.at, each.finished)
            for each in account.charges
        ),
    )


def map_infos(stored: Sequence[StoredMap]) -> tuple[MapInfo, ...]:
    """The maps that can be explored; counts and refusals are kept beside them but not listed."""
    infos = []
    for each in stored:
        body = json.loads(each.body)
        if "grid" not in body:
            continue
        width = accuracy.half_width(_sigma(1, map_units(plan_from(body["plan"]))["count"]))
        infos.append(
            MapInfo(
                each.id,
                each.dataset_id,
                each.title,
                each.created_at,
                accuracy.people(body["count"], width),
            )
        )
    return tuple(infos)
