"""One run after another through the program's own code, each told as scores."""

from __future__ import annotations

import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import text

from dashboard.errors import NotEnoughDataError
from dashboard.plan import Plan
from dashboard.privacy.accounting import (
    map_units,
    publish_units,
    rho_units_of,
    sigma_squared,
)
from dashboard.privacy.encoding import EncodedBatch, Encoder
from dashboard.privacy.gate import Gate, geometry_of
from dashboard.privacy.interview import Interview
from dashboard.privacy.margins import margin_bins, read_margins
from dashboard.privacy.mechanisms import Noise
from dashboard.privacy.profiles import columns_of
from dashboard.privacy.published import Published, draw_published, published_from
from dashboard.privacy.queries import (
    Count,
    Margins,
    Moments,
    Profiles,
    Query,
    Residuals,
    Sizes,
)
from dashboard.privacy.ranges import GridEncoder
from dashboard.privacy.segments import Geometry
from dashboard.privacy.suppression import selection_threshold
from dashboard.privacy.synopsis import Synopsis, draw_map
from dashboard.receipts import Dataset
from dashboard.records.db import Records
from dashboard.release import Release
from dashboard.vault.scan import Rows
from dashboard.vault.store import Vault
from tests.privacy.tables import opener
from tests.statistical.auditor import Float, scores_of
from tests.statistical.neighbors import Neighbors

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Told = tuple[str, npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], int]
"""A query's name, its exact totals on both tables, the noisy answer, and the σ² of its noise."""


class Drawn(Protocol):
    """Something that can be run on either of two neighboring tables."""

    @property
    def rho_units(self) -> int:
        """What one run costs by the program's own accounting."""
        ...

    def draw(self, world: int, runs: int, tap: Noise) -> dict[str, Float]:
        """The scores of some runs on the first (0) or the second (1) table."""
        ...


def columns_from(runs: Iterable[Mapping[str, float]]) -> dict[str, Float]:
    """Runs as columns of scores; what a run did not tell is NaN."""
    told = list(runs)
    names = dict.fromkeys(name for each in told for name in each)
    return {name: np.array([each.get(name, math.nan) for each in told]) for name in names}


def likelihood(told: Iterable[Told]) -> dict[str, float]:
    """How much likelier the second table makes these answers: in all, and by query."""
    ratios: dict[str, float] = defaultdict(float)
    for name, first, second, noisy, variance in told:
        if first.shape != second.shape:
            continue
        apart = (noisy - first).astype(float) ** 2 - (noisy - second).astype(float) ** 2
        ratios[f"likelihood of {name}"] += float(apart.sum()) / (2 * variance)
    return {"likelihood": sum(ratios.values()), **ratios}


# ── one question ────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Question:
    """One query, asked through an interview to which a whole epsilon was paid for it."""

    query: Query
    neighbors: Neighbors
    plan: Plan

    @property
    def rho_units(self) -> int:
        """All that the plan's epsilon buys."""
        return rho_units_of(self.plan.epsilon)

    @cached_property
    def rows(self) -> tuple[Rows[EncodedBatch], ...]:
        """Both tables, read once."""
        return tuple(opener(each)(Encoder(self.plan)) for each in self.neighbors.tables)

    def draw(self, world: int, runs: int, tap: Noise) -> dict[str, Float]:
        """Ask again and again; each run is an interview of its own."""
        rows = self.rows
        paid = {self.query.name: self.rho_units}
        answers = np.empty((runs, self.query.length))
        for run in range(runs):
            interview = Interview(lambda _: rows[world], self.plan, paid, tap)
            answers[run] = interview.ask(self.query)
        return scores_of(answers, (rows[1].total(self.query) - rows[0].total(self.query)) * 1.0)


@dataclass(frozen=True)
class Range(Question):
    """The range of a number, asked on the public grid instead of through the plan's encoding."""

    @cached_property
    def rows(self) -> tuple[Rows[EncodedBatch], ...]:
        """Both tables, read once."""
        grid = GridEncoder(self.plan.features[0].name)
        return tuple(Rows(each.to_batches(), grid) for each in self.neighbors.tables)


@dataclass(frozen=True)
class Names:
    """Margins of a column whose labels nobody declared, and which of them are named."""

    neighbors: Neighbors
    plan: Plan
    threshold: Callable[[int, int], int] = selection_threshold

    @property
    def rho_units(self) -> int:
        """All that the plan's epsilon buys."""
        return rho_units_of(self.plan.epsilon)

    def draw(self, world: int, runs: int, tap: Noise) -> dict[str, Float]:
        """Read the rows, ask, select; each run learns the labels afresh."""
        return columns_from(self._run(world, tap) for _ in range(runs))

    def _run(self, world: int, tap: Noise) -> dict[str, float]:
        open_rows = opener(self.neighbors.tables[world])
        interview = Interview(open_rows, self.plan, {"margins": self.rho_units}, tap)
        bins = margin_bins(interview.encoder)
        noisy = interview.ask(Margins(bins))
        threshold = self.threshold(interview.noise["margins"], 1)
        plan, margins = read_margins(interview.encoder, bins, noisy, threshold)
        told = named(plan, margins)
        kinds = [name for name in told if name.endswith("part 0") or name.startswith("region ")]
        return {**told, "together": sum(told[name] for name in kinds)}


def named(plan: Plan, margins: Mapping[str, tuple[int, ...]]) -> dict[str, float]:
    """Which labels were named, with their counts, and the counts of all columns."""
    told = {}
    for column in plan.columns:
        counts = margins[column.name]
        labels = column.domain.labels if column.domain else ()
        told |= {f"{column.name} {label}": n for label, n in zip(labels, counts, strict=False)}
        if not labels:
            told |= {f"{column.name} part {place}": n for place, n in enumerate(counts[:3])}
        if column.name == "region":
            told |= {f"{each} named": each in labels for each in ("North", "South", "Atlantis")}
            told["labels"] = len(labels)
            told["region missing"] = counts[-1]
    return {name: float(each) for name, each in told.items()}


# ── a whole map, a whole publishing, both ───────────────────────────────────────────────
class Witness:
    """Rows that answer for one table and note what both would have answered exactly."""

    def __init__(self, rows: tuple[Rows[EncodedBatch], ...], world: int, notes: list[tuple]):
        self.rows, self.world, self.notes = rows, world, notes

    def change(self, change: Callable[[EncodedBatch], EncodedBatch]) -> None:
        for each in self.rows:
            each.change(change)

    def total(self, query: Query) -> npt.NDArray[np.int64]:
        exact = [each.total(query) for each in self.rows]
        self.notes.append((query.name, *exact))
        return exact[self.world]


@dataclass
class Noting:
    """A tap that notes what came out of it."""

    tap: Noise
    drawn: list[tuple[npt.NDArray[np.int64], int]] = field(default_factory=list)

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        noisy = self.tap.add(exact, sigma_squared)
        self.drawn.append((noisy, sigma_squared))
        return noisy


@dataclass(frozen=True)
class Whole:
    """A map, and where ``segments`` says how many, its publishing; with ``given``, only that.

    An attacker knows both tables and sees all answers; where each question pointed follows
    from the answers before it. So the exact totals of both tables may enter the scores.
    """

    neighbors: Neighbors
    plan: Plan
    segments: int = 0
    given: Geometry | None = None

    @property
    def rho_units(self) -> int:
        """The units of what is asked."""
        mapped = 0 if self.given else sum(map_units(self.plan).values())
        return mapped + (sum(publish_units(self.plan).values()) if self.segments else 0)

    def draw(self, world: int, runs: int, tap: Noise) -> dict[str, Float]:
        """Buy again and again."""
        return columns_from(self._run(world, tap) for _ in range(runs))

    def _run(self, world: int, tap: Noise) -> dict[str, float]:
        notes: list[tuple] = []
        noting = Noting(tap)

        def open_rows(encoder: Encoder) -> Witness:
            encoders = [Encoder(encoder.plan), Encoder(encoder.plan)]
            encoders[world] = encoder
            pairs = zip(self.neighbors.tables, encoders, strict=True)
            return Witness(tuple(opener(table)(each) for table, each in pairs), world, notes)

        paid = {**map_units(self.plan), **publish_units(self.plan)}
        told = self._bought(Interview(open_rows, self.plan, paid, noting))
        both = [(*note, *drawn) for note, drawn in zip(notes, noting.drawn, strict=True)]
        return {**told, **likelihood(both)}

    def _bought(self, interview: Interview) -> dict[str, float]:
        try:
            geometry, told = self._mapped(interview)
            if self.segments:
                published = draw_published(interview, geometry, self.segments)
                told |= {f"size {place}": n for place, n in enumerate(published.sizes)}
        except NotEnoughDataError:
            return {"refused": 1.0}
        return {name: float(each) for name, each in {"refused": 0, **told}.items()}

    def _mapped(self, interview: Interview) -> tuple[Geometry, dict[str, float]]:
        if self.given:
            return self.given, {}
        count = max(0, int(interview.ask(Count())[0]))
        synopsis = draw_map(interview, count)
        cells = [each[-1] for each in synopsis.cells]
        told = {"count": count, "cells": len(cells), "largest cell": max(cells)}
        return Geometry(synopsis), told | named(synopsis.plan, synopsis.margins)


# ── through the gate ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Bought:
    """What the gate stores and shows, with a real vault, memory and ledger under it.

    Each run is an owner of its own with a customer base of its own. The scores come from the
    stored answers, all but the passing ones of sharpening, and from the release.
    """

    neighbors: Neighbors
    plan: Plan
    segments: int

    @property
    def rho_units(self) -> int:
        """What a whole release costs."""
        return rho_units_of(self.plan.epsilon)

    @cached_property
    def rows(self) -> tuple[Rows[EncodedBatch], ...]:
        """Both tables as the attacker knows them."""
        return tuple(opener(each)(Encoder(self.plan)) for each in self.neighbors.tables)

    def draw(self, world: int, runs: int, tap: Noise) -> dict[str, Float]:
        """Give the table and buy, again and again."""
        with tempfile.TemporaryDirectory() as folder:
            records = Records(f"sqlite:///{Path(folder) / 'records.sqlite3'}")
            vault = Vault(Path(folder) / "vault", b"k" * 32, now=lambda: NOW)
            gates = [Gate(vault, records, tap, f"owner {n}", 10.0, 10.0) for n in range(runs)]
            told = columns_from(self._run(gate, world) for gate in gates)
            records.close()
        return told

    def _run(self, gate: Gate, world: int) -> dict[str, float]:
        base = _given(gate, self.neighbors.tables[world], self.plan)
        told: dict[str, float] = {"refused": 1.0}
        try:
            map_id = gate.buy_map(base, self.plan, "shop", NOW, _quiet)
            told["refused"] = 0.0
            release = gate.publish(base, map_id, self.segments, (), "t", NOW, _quiet)
        except NotEnoughDataError:
            return {**told, **self._stored(gate, None), "release": 0.0}
        return {**told, **self._stored(gate, release), "release": 1.0}

    def _stored(self, gate: Gate, release: Release | None) -> dict[str, float]:
        """Every stored number of the workspace, whatever it is called."""
        query = text("SELECT body FROM maps WHERE owner = :owner")
        with gate.records.read() as connection:
            bodies = [
                json.loads(row[0]) for row in connection.execute(query, {"owner": gate.owner})
            ]
        shown = _shown(release) if release else {}
        counts = [each["count"] for each in bodies if set(each) == {"count"}]
        maps = [each for each in bodies if "grid" in each]
        numbers = [each for each in bodies if "profiles" in each]
        variance = sigma_squared(1, map_units(self.plan)["count"])
        asked: list[tuple[Query, npt.NDArray[np.int64], int]] = [
            (Count(), np.array(counts), variance)
        ]
        if maps:
            geometry = geometry_of(json.dumps(maps[0]))
            asked += _of_map(geometry)
            if numbers:
                asked += _of_numbers(geometry, published_from(numbers[0]))
        both = [
            (query.name, self.rows[0].total(query), self.rows[1].total(query), noisy, variance)
            for query, noisy, variance in asked
        ]
        return {"count": float(counts[0]), **shown, **likelihood(both)}


def _of_map(geometry: Geometry) -> list[tuple[Query, npt.NDArray[np.int64], int]]:
    """The map's questions with their stored answers and the σ² of their noise."""
    synopsis: Synopsis = geometry.synopsis
    grid = np.asarray(synopsis.grid, dtype=np.int64)
    queries: tuple[Query, ...] = (
        Margins(margin_bins(Encoder(synopsis.plan))),
        Moments(geometry.latent),
        Residuals(geometry.space, grid, synopsis.cell_radius, synopsis.cell_weight),
    )
    answers = (
        np.concatenate([synopsis.margins[each.name] for each in synopsis.plan.columns]),
        np.array(synopsis.moments),
        np.array(synopsis.cells).ravel(),
    )
    return [(q, a, synopsis.noise[q.name]) for q, a in zip(queries, answers, strict=True)]


def _of_numbers(
    geometry: Geometry, published: Published
) -> list[tuple[Query, npt.NDArray[np.int64], int]]:
    """The last two questions of publishing with their stored answers."""
    sizes = Sizes(geometry.space, published.centers)
    bins = tuple(column.bins for column in columns_of(geometry))
    profiles = Profiles(geometry.space, published.centers, bins)
    flat = [n for segment in published.profiles for column in segment for n in column]
    return [
        (sizes, np.array(published.sizes), published.noise["sizes"]),
        (profiles, np.array(flat), published.noise["profiles"]),
    ]


def _shown(release: Release) -> dict[str, float]:
    sizes = [each.size for each in release.segments]
    return {
        "shown segments": float(len(sizes)),
        "shown total": release.total.value,
        "largest shown": float(max(sizes, default=0)),
        "length of the release": float(len(release.to_json())),
    }


def _given(gate: Gate, table: object, plan: Plan) -> Dataset:
    kept = gate.vault.put(
        table, owner=gate.owner, purpose="dataset", expires_at=NOW + timedelta(days=90)
    )
    lineage = f"base of {gate.owner}"
    return Dataset(kept, "shop", "to try", plan.columns, "one customer", NOW, NOW.date(), lineage)


def _quiet(_done: float, _doing: str) -> None:
    """Tell nobody."""
