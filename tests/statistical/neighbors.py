"""Tiny tables that differ by one customer, who shows as much as one customer can."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pyarrow as pa

from dashboard.plan import Feature, Plan
from dashboard.rfm import FREQUENCY, GROUP, MONETARY, RECENCY
from dashboard.terms import Bounds, Domain

MEMBER = Feature("member", "flag")
VIP = Feature("vip", "flag")
SPEND = Feature("spend", "number", Bounds(0, 10_000, log=True))
AGE = Feature("age", "number", Bounds(0, 120, whole=True))
CHANNEL = Feature("channel", "category", domain=Domain(("web", "store")))
REGION = Feature("region", "category")

NUMBERS = Plan(features=(SPEND, AGE))
MIXED = Plan(features=(SPEND, AGE, MEMBER, CHANNEL))
FLAGS = Plan(features=(MEMBER, VIP))
NAMED = Plan(features=(MEMBER, VIP), profiled=(REGION,))
ALONE = Plan(features=(MEMBER,))

Customer = dict[str, Any]
TYPES = {
    "spend": pa.float64(),
    "age": pa.float64(),
    "member": pa.int8(),
    "vip": pa.int8(),
    "channel": pa.string(),
    "region": pa.string(),
    RECENCY: pa.float64(),
    FREQUENCY: pa.float64(),
    MONETARY: pa.float64(),
    GROUP: pa.string(),
}


@dataclass(frozen=True)
class Neighbors:
    """Two tables, the second with one customer more."""

    crowd: tuple[Customer, ...]
    customer: Customer

    @cached_property
    def tables(self) -> tuple[pa.Table, pa.Table]:
        """Without the customer, and with them in the last row."""
        return _table(self.crowd), _table((*self.crowd, self.customer))


def _table(customers: tuple[Customer, ...]) -> pa.Table:
    types = {name: kind for name, kind in TYPES.items() if name in customers[0]}
    return pa.table({name: pa.array([c[name] for c in customers], t) for name, t in types.items()})


def crowd(customers: int, south: int = 0) -> tuple[Customer, ...]:
    """Customers who are much alike; the first few live in the South, the others in the North."""
    return tuple(
        {
            "spend": 40.0 + 2 * (place % 10),
            "age": 25.0 + place % 8,
            "member": place % 2,
            "vip": 0,
            "channel": "web",
            "region": "South" if place < south else "North",
        }
        for place in range(customers)
    )


LIKE_THE_REST = crowd(1)[0]
AT_THE_BOUNDS = {**LIKE_THE_REST, "spend": 1e300, "age": 1e300, "vip": 1, "channel": "store"}
MISSING = {**dict.fromkeys(LIKE_THE_REST), "spend": math.nan, "age": math.inf}
UNDECLARED = {**LIKE_THE_REST, "channel": "Atlantis"}
LONE_LABEL = {**LIKE_THE_REST, "region": "Atlantis"}

OUTLIER = Neighbors(crowd(24), AT_THE_BOUNDS)
ABSENT = Neighbors(crowd(24), MISSING)
ODD_LABEL = Neighbors(crowd(24), UNDECLARED)
ATLANTIS = Neighbors(crowd(40, 10), LONE_LABEL)
BORDER = Neighbors(crowd(40, 9), {**LIKE_THE_REST, "region": "South"})
SEGMENT_OF_ONE = Neighbors(crowd(150), AT_THE_BOUNDS)
LOST = Neighbors(
    tuple({RECENCY: 10.0, FREQUENCY: 6.0, MONETARY: 700.0, GROUP: "Champions"} for _ in range(24)),
    {RECENCY: 1e300, FREQUENCY: 1e300, MONETARY: math.nan, GROUP: "Lost"},
)
"""Champions, and one customer who is the only one lost, at the bounds."""
LAST_STRAW = Neighbors(crowd(46), LIKE_THE_REST)
"""At ε = 2 about 46 customers are needed, so that one more tips the scale."""


def at(plan: Plan, epsilon: float) -> Plan:
    """The same plan at another epsilon."""
    return replace(plan, epsilon=epsilon)
