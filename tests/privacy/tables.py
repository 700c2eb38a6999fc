"""Small tables and noise sources for tests of the gate."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dashboard.plan import Feature, Plan
from dashboard.privacy.accounting import map_units, publish_units
from dashboard.privacy.encoding import EncodedBatch, Encoder
from dashboard.privacy.interview import Interview
from dashboard.privacy.mechanisms import DiscreteGaussianNoise, Noise
from dashboard.terms import Bounds, Domain
from dashboard.vault.scan import Rows

PLAN = Plan(
    features=(
        Feature("spend", "number", Bounds(0, 10_000, log=True)),
        Feature("age", "number", Bounds(0, 120, whole=True)),
        Feature("member", "flag"),
        Feature("channel", "category", domain=Domain(("web", "store"))),
        Feature("tier", "level", domain=Domain(("Bronze", "Silver", "Gold"))),
    ),
    profiled=(Feature("region", "category"),),
)


class NoNoise:
    """A tap that adds nothing, so that a test sees the exact arithmetic."""

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        assert sigma_squared >= 1
        return exact.copy()


def repeatable(seed: int = 7) -> DiscreteGaussianNoise:
    """The product's noise, fed by a repeatable source."""
    return DiscreteGaussianNoise(random.Random(seed).randrange)


def shop(customers: int = 4_000, seed: int = 1) -> pa.Table:
    """A made table with two plain groups: young app buyers and older spenders."""
    draw = np.random.default_rng(seed)
    old = draw.random(customers) < 0.4
    return pa.table(
        {
            "customer": [
                bytes([*seed.to_bytes(2), *place.to_bytes(14)]) for place in range(customers)
            ],
            "spend": np.where(old, 900.0, 60.0) * draw.lognormal(0, 0.4, customers),
            "age": np.where(old, 58.0, 27.0) + draw.normal(0, 4, customers),
            "member": pa.array((draw.random(customers) < np.where(old, 0.8, 0.2)).astype(np.int8)),
            "channel": np.where(draw.random(customers) < np.where(old, 0.2, 0.9), "web", "store"),
            "tier": np.where(
                draw.random(customers) < np.where(old, 0.7, 0.1),
                "gold",
                np.where(draw.random(customers) < 0.5, "silver", "bronze"),
            ),
            "region": draw.choice(["North", "South", "East"], customers),
        }
    )


def opener(table: pa.Table, batch_rows: int = 1_000) -> Callable[[Encoder], Rows[EncodedBatch]]:
    """Opens a table for an interview, in batches of a given size."""

    def open_rows(encoder: Encoder) -> Rows[EncodedBatch]:
        return Rows(encoder.learning(table.to_batches(batch_rows)), encoder)

    return open_rows


def interview(table: pa.Table, tap: Noise, plan: Plan = PLAN, batch_rows: int = 1_000) -> Interview:
    """A whole release's questions about a table, all paid."""
    paid = {**map_units(plan), **publish_units(plan)}
    return Interview(opener(table, batch_rows), plan, paid, tap)
