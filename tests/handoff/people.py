"""A release with features of every kind, and random customers with every oddity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from dashboard.plan import Feature, Plan
from dashboard.privacy.accounting import map_units, publish_units
from dashboard.privacy.encoding import EncodedBatch, Encoder
from dashboard.privacy.interview import Interview
from dashboard.privacy.published import draw_published
from dashboard.privacy.queries import Count, nearest_center
from dashboard.privacy.releasing import release_of
from dashboard.privacy.ruling import space_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.synopsis import draw_map
from dashboard.release import Release
from dashboard.terms import Bounds, DateReading, Domain
from dashboard.vault.scan import Rows
from tests.privacy.tables import repeatable

ODD = 'it\'s "5" -- ;\\'
"""A column's name with every sign that SQL reads."""

UNTIL = date(2026, 9, 1)
PLAN = Plan(
    features=(
        Feature("spend", "number", Bounds(0, 10_000, log=True)),
        Feature(ODD, "number", Bounds(18, 120, whole=True)),
        Feature("member", "flag"),
        Feature("channel", "category", domain=Domain(("web", "store", ODD))),
        Feature("tier", "level", domain=Domain(("bronze", "silver", "gold"))),
        Feature(
            "joined", "number", Bounds(0, 3_650, whole=True), dates=DateReading("ymd", str(UNTIL))
        ),
    ),
    epsilon=3.0,
)
SCHEMA = {
    "spend": pa.float64(),
    ODD: pa.float64(),
    "member": pa.int8(),
    "channel": pa.string(),
    "tier": pa.string(),
    "joined": pa.float64(),
}
Row = dict[str, object]


@dataclass(frozen=True)
class Published:
    """A release, and the dashboard's own way to say where somebody belongs."""

    release: Release
    geometry: Geometry

    def assigned(self, rows: list[Row]) -> list[str]:
        """The segment of each row by the gate's own arithmetic."""
        assert self.release.rule
        batch = pa.RecordBatch.from_pylist(rows, schema=pa.schema(list(SCHEMA.items())))
        encoded: EncodedBatch = Encoder(self.geometry.synopsis.plan)(batch)
        centers = np.array(self.release.rule.centers, dtype=np.int64)
        space = space_of(self.release.rule, self.geometry.space)
        nearest = nearest_center(space.places(encoded), centers)
        return [self.release.segments[place].name for place in nearest]


@cache
def published(k: int = 4) -> Published:
    """Segments of an invented shop with every kind of column."""
    table = pa.Table.from_pylist(people(4_000, 5), schema=pa.schema(list(SCHEMA.items())))

    def open_rows(encoder: Encoder) -> Rows[EncodedBatch]:
        return Rows(encoder.learning(table.to_batches(1_000)), encoder)

    paid = {**map_units(PLAN), **publish_units(PLAN)}
    talk = Interview(open_rows, PLAN, paid, repeatable())
    geometry = Geometry(draw_map(talk, int(talk.ask(Count())[0])))
    bought = draw_published(talk, geometry, k)
    release = release_of(
        release_id="r'; --",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        geometry=geometry,
        published=bought,
        names=("O'Brien's; DROP TABLE customers; --", 'say "hi"'),
    )
    return Published(release, geometry)


def people(count: int, seed: int) -> list[Row]:
    """Two plain groups, as the vault keeps them."""
    draw = np.random.default_rng(seed)
    return [
        {
            "spend": float((900 if old else 60) * draw.lognormal(0, 0.6)),
            ODD: float(round(draw.normal(58 if old else 27, 6))),
            "member": int(draw.random() < (0.8 if old else 0.2)),
            "channel": str(draw.choice(["web", "store"], p=[0.3, 0.7] if old else [0.9, 0.1])),
            "tier": str(draw.choice(["bronze", "silver", "gold"])),
            "joined": float(draw.integers(0, 3_000)),
        }
        for old in draw.random(count) < 0.4
    ]


NUMBERS = [0.0, -0.0, 5e-324, 1e-300, 1e308, -1e308, math.nan, math.inf, -math.inf, None]


def odd_people(count: int, seed: int) -> list[Row]:
    """Customers as above, a third of whose values are odd: missing, beyond, at the edge."""
    draw = np.random.default_rng(seed)

    def odd(usual: object, *others: object) -> object:
        return others[int(draw.integers(len(others)))] if draw.random() < 0.33 else usual

    return [
        {
            "spend": odd(row["spend"], *NUMBERS, 10_000.0, 10_000.01, 9_999.99, 1.0),
            ODD: odd(row[ODD], *NUMBERS, 18.0, 120.0, 17.999, 120.5, float(draw.uniform(0, 130))),
            "member": odd(row["member"], None),
            "channel": odd(row["channel"], None, "moon", "WEB", ODD),
            "tier": odd(row["tier"], None, "GOLD", "platinum"),
            "joined": odd(row["joined"], None, 0.0, 3_650.0, 5_000.0, -30.0),
        }
        for row in people(count, seed)
    ]


def in_warehouse(row: Row) -> Row:
    """The same customer as an owner's table has them: with the day itself."""
    days = row["joined"]
    return {**row, "joined": None if days is None else UNTIL - timedelta(days=int(days))}  # type: ignore[call-overload]
