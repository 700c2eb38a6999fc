"""How often stated 95 % ranges cover the truth, over publications of a base that is known.

    python -m benchmarks.coverage --publications 1000 --maps 100

Maps and releases are made by the product's own questions, noise and words; the ledger and
the vault are left out. The truth is counted on the rows: people who belong to each released
center, their shares, their means, and the parts of their distributions. What is said of a
described number follows from its bars and may cover more often; so may what a map tells.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.tables import Float
from dashboard.plan import Feature, Plan
from dashboard.privacy.accounting import map_units, publish_units
from dashboard.privacy.encoding import EncodedBatch, Encoder, Int64, scaled, value_of
from dashboard.privacy.exploring import exploration
from dashboard.privacy.interview import Interview
from dashboard.privacy.mechanisms import DiscreteGaussianNoise, Noise
from dashboard.privacy.published import draw_published
from dashboard.privacy.queries import Count, nearest_center
from dashboard.privacy.releasing import as_explored, release_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.suppression import suppress
from dashboard.privacy.synopsis import draw_map
from dashboard.release import ColumnProfile, Segment
from dashboard.terms import Bounds, Domain
from dashboard.vault.scan import Rows

PLAN = Plan(
    features=(
        Feature("spend", "number", Bounds(0, 100_000, log=True)),
        Feature("age", "number", Bounds(0, 120, whole=True)),
        Feature("visits", "number", Bounds(0, 1_000, log=True, whole=True)),
        Feature("member", "flag"),
    ),
    profiled=(
        Feature("basket", "number", Bounds(0, 1_000, log=True)),
        Feature("region", "category", domain=Domain(("North", "South", "East", "West"))),
    ),
)
SEGMENTS = 4


@dataclass(frozen=True)
class Said:
    """One statement: of what kind it is, its range, and the truth."""

    kind: str
    low: float
    high: float
    truth: float

    @property
    def covers(self) -> bool:
        """Whether the range holds the truth."""
        return self.low <= self.truth <= self.high


def base(customers: int = 8_000, seed: int = 1) -> pa.Table:
    """Customers of four kinds that overlap; a tenth never told their age."""
    draw = np.random.default_rng(seed)
    kind = draw.choice(4, customers, p=(0.4, 0.3, 0.2, 0.1))
    age = np.array([27, 58, 40, 66])[kind] + draw.normal(0, 7, customers)
    age[draw.random(customers) < 0.1] = np.nan
    spend = np.array([60, 900, 200, 40])[kind] * draw.lognormal(0, 0.6, customers)
    return pa.table(
        {
            "spend": spend,
            "age": age,
            "visits": draw.poisson(np.array([12, 4, 30, 2])[kind]).astype(float),
            "member": (draw.random(customers) < np.array([0.2, 0.8, 0.5, 0.1])[kind]).astype("i1"),
            "basket": spend / 7 * draw.lognormal(0, 0.3, customers),
            "region": draw.choice(["North", "South", "East", "West"], customers),
        }
    )


class Truth:
    """The rows themselves, to hold statements against."""

    def __init__(self, table: pa.Table, plan: Plan = PLAN) -> None:
        self.plan, self.batches = plan, table.to_batches(65_536)
        self.frame = {name: np.asarray(table[name].to_pylist()) for name in table.column_names}
        self.batch: EncodedBatch = Encoder(plan)(table.combine_chunks().to_batches()[0])

    def interview(self, tap: Noise) -> Interview:
        """A whole release's questions, all paid."""
        paid = {**map_units(self.plan), **publish_units(self.plan)}
        return Interview(
            lambda encoder: Rows(encoder.learning(self.batches), encoder), self.plan, paid, tap
        )

    def belongs(self, geometry: Geometry, centers: Int64) -> Int64:
        """The segment of every row."""
        return nearest_center(geometry.space.places(self.batch), centers)

    def mean(self, feature: Feature, mine: np.ndarray) -> float:
        """The mean of a column on the scale on which it is compared, in its own units."""
        values = self.frame[feature.name][mine].astype(float)
        values = values[np.isfinite(values)]
        bounds = feature.bounds
        if bounds is None:
            return float(values.mean())
        clipped = scaled(values.clip(bounds.low, bounds.high), bounds)
        ends = scaled(bounds.low, bounds), scaled(bounds.high, bounds)
        return float(value_of((clipped.mean() - ends[0]) / (ends[1] - ends[0]), bounds))

    def parts(self, column: ColumnProfile, mine: np.ndarray) -> Float:
        """How many people each bar of a distribution holds."""
        values = self.frame[column.name][mine]
        if column.kind == "flag":
            return np.array([(values == 0).sum(), (values == 1).sum()], dtype=float)
        if column.kind == "category":
            return np.array([(values == bar.label).sum() for bar in column.bars], dtype=float)
        edges = [bar.low for bar in column.bars] + [column.bars[-1].high]
        edges[0], edges[-1] = -np.inf, np.inf
        return np.histogram(values[np.isfinite(values)], edges)[0].astype(float)


def of_segment(truth: Truth, segment: Segment, mine: np.ndarray, shown: int) -> Iterator[Said]:
    """Everything that is said of one published segment."""
    yield Said("size", segment.size_low, segment.size_high, float(mine.sum()))
    yield Said("share", segment.share_low, segment.share_high, mine.sum() / shown)
    features = {each.name: each for each in truth.plan.columns}
    described = {each.name for each in truth.plan.profiled}
    for column in segment.profile:
        if column.typical is not None:
            kind = "described mean" if column.name in described else f"{column.kind} mean"
            told = truth.mean(features[column.name], mine)
            yield Said(kind, column.typical.low, column.typical.high, told)
        if column.kind == "number":
            continue  # cuts are rounded to be told, so what a bar holds is known only nearly
        counts = truth.parts(column, mine)
        seen = [place for place, bar in enumerate(column.bars) if bar.share]
        for place in seen:
            share = column.bars[place].share
            if share is not None and counts[seen].sum() > 0:
                part = counts[place] / counts[seen].sum()
                yield Said("part of a distribution", share.low, share.high, part)
                of_all = counts[place] / counts.sum()
                yield Said("part beside hidden ones", share.low, share.high, of_all)


def publications(truth: Truth, many: int, maps: int, tap: Noise) -> Iterator[list[Said]]:
    """The statements of each publication, then those of each map about its sizes."""
    for place in range(maps):
        bought = truth.interview(tap)
        geometry = Geometry(draw_map(bought, max(int(bought.ask(Count())[0]), 1)))
        yield list(of_map(truth, geometry))
        for _ in range(many // maps + (place < many % maps)):
            yield list(of_release(truth, geometry, tap))


def of_map(truth: Truth, geometry: Geometry) -> Iterator[Said]:
    """What the map says of the sizes and centers of its own segments."""
    centers, _ = geometry.segments(SEGMENTS)
    belongs = truth.belongs(geometry, centers)
    features = {each.name: each for each in truth.plan.columns}
    seen = exploration("m", geometry, SEGMENTS)
    if seen.other is not None:
        return
    for place, segment in enumerate(seen.segments):
        mine = belongs == place
        yield Said("map: size", segment.size_low, segment.size_high, float(mine.sum()))
        for column in segment.profile:
            if column.typical is not None:
                told = truth.mean(features[column.name], mine)
                yield Said("map: mean", column.typical.low, column.typical.high, told)


def of_release(truth: Truth, geometry: Geometry, tap: Noise) -> Iterator[Said]:
    """What one publication of the map says of its segments."""
    published = draw_published(truth.interview(tap), geometry, SEGMENTS)
    release = release_of(
        release_id="r",
        title="",
        created_on="",
        unit="",
        geometry=geometry,
        published=published,
        names=(),
    )
    belongs = truth.belongs(geometry, published.centers)
    order, _ = as_explored(geometry, published, ())
    sizes = [published.sizes[place] for place in order]
    sigma = published.noise["sizes"] ** 0.5
    shown = suppress(sizes, [1] * len(sizes), truth.plan.min_segment_size, sigma)
    told = [*shown.visible, *(shown.hidden if shown.other is not None else ())]
    people = int(np.isin(belongs, [order[place] for place in told]).sum())
    yield Said("total", release.total.low, release.total.high, people)
    for place, segment in zip(shown.visible, release.segments, strict=True):
        yield from of_segment(truth, segment, belongs == order[place], people)


def coverage(said: Sequence[Said]) -> dict[str, tuple[float, int]]:
    """Per kind of statement: the share that covers, and how many there were."""
    held = Counter(each.kind for each in said if each.covers)
    return {kind: (held[kind] / many, many) for kind, many in Counter(s.kind for s in said).items()}


def main() -> None:
    """Measure, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publications", type=int, default=1_000)
    parser.add_argument("--maps", type=int, default=100)
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    truth, tap = Truth(base(asked.customers)), DiscreteGaussianNoise()
    said = [
        each for told in publications(truth, asked.publications, asked.maps, tap) for each in told
    ]
    found = coverage(said)
    print(f"{asked.publications} publications of {asked.maps} maps, epsilon {PLAN.epsilon:g}")
    for kind, (share, many) in sorted(found.items()):
        print(f"{kind:24}{share:8.1%} of {many:,}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
