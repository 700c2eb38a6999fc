"""Small tables of added-up orders for tests of known groups."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from dashboard import rfm
from dashboard.plan import Plan
from dashboard.privacy.accounting import known_units
from dashboard.privacy.interview import Interview
from dashboard.privacy.mechanisms import Noise
from dashboard.rfm import FREQUENCY, GROUP, MONETARY, RECENCY, Cuts
from tests.privacy.tables import opener

CUTS = Cuts()
COLUMNS = rfm.features(date(2026, 9, 1))
KNOWN = Plan(COLUMNS[:3], COLUMNS[3:], epsilon=1.0)
SCHEMA = pa.schema(
    [
        (RECENCY, pa.float64()),
        (FREQUENCY, pa.float64()),
        (MONETARY, pa.float64()),
        (GROUP, pa.string()),
    ]
)


def customers(count: int = 6_000, seed: int = 3) -> pa.Table:
    """Customers with an order each, grouped as the vault groups them."""
    draw = np.random.default_rng(seed)
    recency = np.minimum(draw.exponential(150, count), 900).round()
    orders = 1.0 + draw.poisson(draw.gamma(1.0, 3.0, count))
    spent = np.round(orders * draw.lognormal(4, 0.7, count), 2)
    groups = [rfm.group_of(*place, CUTS) for place in zip(recency, orders, spent, strict=True)]
    columns = {RECENCY: recency, FREQUENCY: orders, MONETARY: spent, GROUP: groups}
    return pa.table(columns, schema=SCHEMA)


def interview(
    table: pa.Table, tap: Noise, plan: Plan = KNOWN, batch_rows: int = 1_000
) -> Interview:
    """The two questions about a table, paid."""
    return Interview(opener(table, batch_rows), plan, known_units(plan), tap)
