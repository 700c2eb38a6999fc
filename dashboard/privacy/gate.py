"""The one door: check whole, price, charge, draw, store.

The ledger is charged durably before any noise is drawn, and what was drawn is
stored before anything of it is shown. The first stored answer to a request is
the only one that is ever shown: asking again returns it and costs nothing, and
two processes that race for one request show the same answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from dashboard.errors import BadInputError, NotEnoughDataError
from dashboard.plan import MIN_SEGMENTS, Feature, Plan
from dashboard.privacy.accounting import (
    cap_price,
    count_price,
    known_price,
    known_units,
    map_price,
    map_units,
    publish_price,
    publish_units,
    range_price,
)
from dashboard.privacy.encoding import EncodedBatch, Encoder, Int64
from dashboard.privacy.exploring import check_visible, exploration
from dashboard.privacy.interview import Interview, check_labels, on_cluster
from dashboard.privacy.known import draw_known, known_from
from dashboard.privacy.known_release import known_release
from dashboard.privacy.mechanisms import Noise
from dashboard.privacy.published import draw_published, published_from
from dashboard.privacy.queries import Count
from dashboard.privacy.ranges import GridEncoder, range_query, read_range
from dashboard.privacy.releasing import release_of
from dashboard.privacy.segments import Geometry
from dashboard.privacy.signal import check_signal, least_dimensions
from dashboard.privacy.stability import beginnings
from dashboard.privacy.synopsis import draw_map, synopsis_from
from dashboard.receipts import Dataset
from dashboard.records import ledger
from dashboard.records import releases as memory
from dashboard.records.db import Records
from dashboard.release import Exploration, Release, release_from
from dashboard.rfm import FREQUENCY, GROUP, MONETARY, RECENCY
from dashboard.terms import Bounds, DateReading, Domain, Price
from dashboard.vault.cluster import SparkRows
from dashboard.vault.scan import Rows
from dashboard.vault.store import Vault

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Gate:
    """Everything that a purchase touches, handed in: rows, memory, noise, whose, and the caps."""

    vault: Vault
    records: Records
    noise: Noise
    owner: str
    epsilon_cap: float
    workspace_epsilon_cap: float
    frame_of: Callable[[str], Any] = lambda _: None
    """Where a table's customers are if they stay on a cluster; ``None`` for those of the vault."""

    def buy_map(
        self, dataset: Dataset, plan: Plan, title: str, now: datetime, progress: Progress
    ) -> str:
        """Buy the map of a customer table; its id. The same table and plan is bought once.

        Raises:
            BadInputError: the plan names columns that were not kept.
            BudgetExceededError: the customer base has not enough left.
            NotEnoughDataError: there are too few customers for this plan.
        """
        check_columns(dataset, plan)
        map_id = self.map_id(dataset, plan)
        if memory.has_map(self.records, map_id, self.owner):
            return self._told(map_id)
        self._afford(dataset.lineage, map_id, count_price(plan) + map_price(plan))
        self._check_there(dataset, plan)
        count, interview = self._count(dataset, plan, map_id, now)
        check_signal(count, plan, least_dimensions(plan), MIN_SEGMENTS)
        self._charge(dataset.lineage, map_id, map_price(plan), "map", now)
        progress(0.3, "Counting how columns are spread and move together")
        paid = {name: units for name, units in map_units(plan).items() if name != "count"}
        interview = interview or self._interview(dataset.id, plan, {})
        interview.go_on(paid)
        self._store(map_id, dataset, title, _drawn(interview, count), now)
        return self._told(map_id)

    def buy_range(self, dataset: Dataset, feature: Feature, now: datetime) -> Bounds:
        """Buy the range of a number that was kept; the same column of a table is bought once.

        Raises:
            BadInputError: the column was not kept as a number.
            BudgetExceededError: the customer base has not enough left.
            NotEnoughDataError: no part of the grid holds enough people to be seen.
        """
        check_columns(dataset, Plan((feature,)))
        if feature.kind != "number":
            raise BadInputError(f"Only numbers have ranges; “{feature.name}” is a {feature.kind}.")
        request_id = self._range_id(dataset, feature)
        if not memory.has_map(self.records, request_id, self.owner):
            self._check_there(dataset)
            self._charge(dataset.lineage, request_id, range_price(), "range", now)
            noisy = self._ask_range(dataset.id, feature)
            self._store(request_id, dataset, "", {"range": [int(each) for each in noisy]}, now)
        found = self.known_range(dataset, feature)
        if found is None:
            raise NotEnoughDataError(
                f"The range of “{feature.name}” can't be told: too few customers have values of "
                "one size. Declare a range that you would expect."
            )
        return found

    def known_range(self, dataset: Dataset, feature: Feature) -> Bounds | None:
        """The range of a number, where it was bought and could be told; costs nothing."""
        request_id = self._range_id(dataset, feature)
        if not memory.has_map(self.records, request_id, self.owner):
            return None
        stored = json.loads(memory.find_map(self.records, request_id, self.owner).body)
        return read_range(stored["range"], whole=bool(feature.bounds and feature.bounds.whole))

    def _range_id(self, dataset: Dataset, feature: Feature) -> str:
        content = self.vault.content_key(dataset.id, self.owner)
        return _name(self.owner, content, "range", feature.name)

    def _ask_range(self, dataset_id: str, feature: Feature) -> Int64:
        frame = self.frame_of(dataset_id)

        def open_rows(_: Encoder) -> Rows[EncodedBatch] | SparkRows[EncodedBatch]:
            if frame is not None:
                return SparkRows(frame, GridEncoder(feature.name))
            batches = self.vault.batches(dataset_id, self.owner, [feature.name])
            return Rows(batches, GridEncoder(feature.name))

        paid = {"range": range_price().rho_units}
        return Interview(open_rows, Plan((feature,)), paid, self.noise).ask(range_query())

    def publish(
        self,
        dataset: Dataset,
        map_id: str,
        segments: int,
        names: Sequence[str],
        title: str,
        now: datetime,
        progress: Progress,
    ) -> Release:
        """Buy sharp centers, sizes and profiles for a number of segments of a map: a release.

        The noisy numbers are bought and stored once; other names or another title make
        another release of the same numbers, for free.

        Raises:
            BudgetExceededError: the customer base has not enough left.
            NotEnoughDataError: there are too few customers for that many segments.
        """
        geometry = geometry_of(memory.find_map(self.records, map_id, self.owner).body)
        numbers_id = _numbers_id(map_id, segments)
        if not memory.has_map(self.records, numbers_id, self.owner):
            self._buy_numbers(dataset, geometry, numbers_id, segments, now, progress)
        numbers = memory.find_map(self.records, numbers_id, self.owner)
        release = release_of(
            release_id=_name(numbers_id, title, *names),
            title=title,
            created_on=numbers.created_at.date().isoformat(),
            unit=dataset.unit,
            geometry=geometry,
            published=published_from(json.loads(numbers.body)),
            names=names,
        )
        return self._kept(release, map_id, numbers_id, now)

    def _buy_numbers(
        self,
        dataset: Dataset,
        geometry: Geometry,
        numbers_id: str,
        segments: int,
        now: datetime,
        progress: Progress,
    ) -> None:
        plan = geometry.synopsis.plan
        check_signal(geometry.synopsis.count, plan, geometry.space.dimensions, segments)
        check_visible(geometry, segments)
        self._check_there(dataset, plan)
        self._charge(dataset.lineage, numbers_id, publish_price(plan), "release", now)
        progress(0.3, "Sharpening the segments' centers")
        with ThreadPoolExecutor(1) as beside:
            beside.submit(beginnings, geometry, segments)  # asked for later; it needs no row
            interview = self._interview(dataset.id, plan, publish_units(plan))
            published = draw_published(interview, geometry, segments)
            self._store(numbers_id, dataset, "", published.to_stored(), now)

    def publish_known(
        self, dataset: Dataset, plan: Plan, title: str, now: datetime, progress: Progress
    ) -> Release:
        """Buy sizes and profiles of the known groups of a table of orders: a release.

        Raises:
            BadInputError: the table was not made of orders, or other columns are asked for.
            BudgetExceededError: the customer base has not enough left.
            NotEnoughDataError: no group is large enough to be shown.
        """
        check_columns(dataset, plan)
        if dataset.cuts is None:
            raise BadInputError("Known groups need a table that was added up from orders.")
        if {each.name for each in plan.columns} != {RECENCY, FREQUENCY, MONETARY, GROUP}:
            raise BadInputError("Known groups ask for recency, frequency and monetary value only.")
        if _groups_in(plan.columns) != _groups_in(dataset.columns):
            raise BadInputError("Known groups are those that the table was added up to.")
        numbers_id = self._known_id(dataset, plan)
        if not memory.has_map(self.records, numbers_id, self.owner):
            self._charge(dataset.lineage, numbers_id, known_price(plan), "known groups", now)
            progress(0.5, "Counting the known groups")
            interview = self._interview(dataset.id, plan, known_units(plan))
            drawn = draw_known(interview, plan, dataset.cuts)
            self._store(numbers_id, dataset, "", drawn.to_stored(), now)
        numbers = memory.find_map(self.records, numbers_id, self.owner)
        release = known_release(
            release_id=_name(numbers_id, title),
            title=title,
            created_on=numbers.created_at.date().isoformat(),
            unit=dataset.unit,
            plan=plan,
            cuts=dataset.cuts,
            known=known_from(json.loads(numbers.body)),
        )
        return self._kept(release, numbers_id, numbers_id, now)

    def _kept(self, release: Release, map_id: str, numbers_id: str, now: datetime) -> Release:
        """The release as it is stored: the first one under its id, whoever else made it."""
        body = release.to_json()
        stored = memory.keep_release(
            self.records,
            release_id=release.id,
            owner=self.owner,
            map_id=map_id,
            numbers_id=numbers_id,
            body=body,
            now=now,
        )
        return release if stored == body else release_from(stored)

    def map_id(self, dataset: Dataset, plan: Plan) -> str:
        """The map's name: the same for the same owner, table content and plan."""
        content = self.vault.content_key(dataset.id, self.owner)
        return _name(self.owner, content, plan.fingerprint)

    def paid_for_map(self, dataset: Dataset, plan: Plan) -> Price:
        """What of a map's price was charged already: all of it, or a part before a crash."""
        map_id = self.map_id(dataset, plan)
        return ledger.paid(self.records, map_id, _count_id(map_id))

    def paid_for_release(self, map_id: str, segments: int) -> Price:
        """What of the price of publishing that many segments was charged already."""
        return ledger.paid(self.records, _numbers_id(map_id, segments))

    def paid_for_known(self, dataset: Dataset, plan: Plan) -> Price:
        """What of the price of known groups was charged already."""
        return ledger.paid(self.records, self._known_id(dataset, plan))

    def _known_id(self, dataset: Dataset, plan: Plan) -> str:
        cuts = json.dumps(asdict(dataset.cuts) if dataset.cuts else {}, sort_keys=True)
        return _name(self.map_id(dataset, plan), "known groups", cuts)

    def _told(self, map_id: str) -> str:
        """The map's id, or the refusal that was stored in its place."""
        geometry_of(memory.find_map(self.records, map_id, self.owner).body)
        return map_id

    def _afford(self, lineage: str, request_id: str, price: Price) -> None:
        """Refuse before anything is charged where the whole map can't be paid.

        Part of it may have been charged before a crash; then the ledger decides.
        """
        self._open_accounts(lineage)
        if not ledger.was_charged(self.records, request_id, _count_id(request_id)):
            ledger.afford(self.records, lineage=lineage, owner=self.owner, price=price)

    def _open_accounts(self, lineage: str) -> None:
        open_accounts(
            self.records, lineage, self.owner, self.epsilon_cap, self.workspace_epsilon_cap
        )

    def _charge(
        self, lineage: str, request_id: str, price: Price, purpose: str, now: datetime
    ) -> None:
        self._open_accounts(lineage)
        ledger.charge(
            self.records,
            lineage=lineage,
            request_id=request_id,
            owner=self.owner,
            price=price,
            purpose=purpose,
            now=now,
        )

    def _count(
        self, dataset: Dataset, plan: Plan, map_id: str, now: datetime
    ) -> tuple[int, Interview | None]:
        """The noisy number of customers, bought once and kept whatever follows from it.

        Where it had to be asked for, the interview comes with it: the rows are read already.
        """
        request_id, interview = _count_id(map_id), None
        if not memory.has_map(self.records, request_id, self.owner):
            self._charge(dataset.lineage, request_id, count_price(plan), "count", now)
            interview = self._interview(dataset.id, plan, {"count": map_units(plan)["count"]})
            noisy = int(interview.ask(Count())[0])
            self._store(request_id, dataset, "", {"count": noisy}, now)
        stored = memory.find_map(self.records, request_id, self.owner).body
        return max(0, int(json.loads(stored)["count"])), interview

    def _store(
        self, map_id: str, dataset: Dataset, title: str, body: dict[str, object], now: datetime
    ) -> None:
        memory.keep_map(
            self.records,
            map_id=map_id,
            owner=self.owner,
            dataset_id=dataset.id,
            lineage=dataset.lineage,
            title=title,
            body=json.dumps(body, sort_keys=True),
            now=now,
        )

    def _interview(self, dataset_id: str, plan: Plan, paid: dict[str, int]) -> Interview:
        frame = self.frame_of(dataset_id)

        def open_rows(encoder: Encoder) -> Rows[EncodedBatch]:
            columns = [each.name for each in plan.columns]
            batches = self.vault.batches(dataset_id, self.owner, columns)
            return Rows(encoder.learning(batches), encoder)

        opener = open_rows if frame is None else on_cluster(frame)
        return Interview(opener, plan, paid, self.noise)

    def _check_there(self, dataset: Dataset, plan: Plan | None = None) -> None:
        """Refuse before the charge where the rows ended, or stay where they can't be asked."""
        self.vault.columns(dataset.id, self.owner)
        if self.frame_of(dataset.id) is not None and plan is not None:
            check_labels(plan)


def open_accounts(
    records: Records, lineage: str, owner: str, epsilon_cap: float, workspace_epsilon_cap: float
) -> None:
    """Open the account of a customer base, and that of the whole workspace as the last wall."""
    ledger.open_lineage(records, lineage, cap_price(epsilon_cap))
    ledger.open_lineage(records, ledger.workspace_account(owner), cap_price(workspace_epsilon_cap))


def check_columns(dataset: Dataset, plan: Plan) -> None:
    """Refuse a plan that names columns which were not kept, or kept as something else."""
    kept = {each.name: _reading(each) for each in dataset.columns}
    for each in plan.columns:
        if kept.get(each.name) != _reading(each):
            raise BadInputError(
                f"The column “{each.name}” was not kept as a {each.kind}. "
                "Choose among the columns that were kept, or give the file again."
            )


def _groups_in(columns: Iterable[Feature]) -> list[Domain | None]:
    """The declared labels of known groups: codes come from them, never from the rows' order."""
    return [each.domain for each in columns if each.name == GROUP]


def _reading(feature: Feature) -> tuple[str, DateReading | None]:
    """How the vault read a column; labels may be put in order, or taken as they are, later."""
    return "category" if feature.kind == "level" else feature.kind, feature.dates


def _drawn(interview: Interview, count: int) -> dict[str, object]:
    """A map as it is stored; a refusal that noisy numbers led to is an answer too, and kept."""
    try:
        return draw_map(interview, count).to_stored()
    except NotEnoughDataError as refusal:
        return {"refused": str(refusal)}


@lru_cache(maxsize=64)
def geometry_of(body: str) -> Geometry:
    """What follows from a stored map; kept in memory by its content, which tells nothing.

    Raises:
        NotEnoughDataError: the purchase ended in a refusal.
    """
    stored = json.loads(body)
    if "refused" in stored:
        raise NotEnoughDataError(stored["refused"])
    return Geometry(synopsis_from(stored))


@lru_cache(maxsize=32)
def explored(map_id: str, body: str, segments: int | None) -> Exploration:
    """What a stored map shows for a number of segments; kept in memory like the map itself."""
    return exploration(map_id, geometry_of(body), segments)


def _count_id(map_id: str) -> str:
    return f"{map_id}-count"


def _numbers_id(map_id: str, segments: int) -> str:
    return _name(map_id, str(segments))


def _name(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
