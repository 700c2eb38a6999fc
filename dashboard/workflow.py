"""The verbs: everything that this program can do, in the order in which people do it.

Pages and the command line call these and nothing below them. Every verb takes
the :class:`Workspace` first and returns plain values or dataclasses of
``plan``, ``release``, ``receipts`` and ``terms``: never rows, never a frame.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dashboard import rfm
from dashboard.errors import BadInputError, ConfigurationError, NotFoundError
from dashboard.plan import MAX_SEGMENTS, MIN_SEGMENTS, Plan
from dashboard.receipts import (
    BudgetState,
    ChoicePage,
    Choices,
    Dataset,
    Holding,
    Kept,
    Link,
    LinkUse,
    Listed,
    LogLine,
    LogState,
    MapInfo,
    NewLink,
    Orders,
    Quote,
    Received,
    Recipient,
    ReleaseInfo,
    Request,
    RequestKind,
    Review,
    Terms,
    Unlisted,
    Upload,
    Wish,
)
from dashboard.release import Exploration, Movement, Release
from dashboard.rfm import Cuts
from dashboard.settings import Settings
from dashboard.terms import GUARDED, SHORTEST_REASON, Bounds, Spent

if TYPE_CHECKING:
    from dashboard.privacy.gate import Gate
    from dashboard.privacy.mechanisms import Noise
    from dashboard.privacy.segments import Geometry
    from dashboard.records.db import Records
    from dashboard.records.ledger import LedgerAccount
    from dashboard.records.visits import Visits
    from dashboard.vault.intake import Reading
    from dashboard.vault.store import Vault
    from dashboard.vault.table import Refusing
    from dashboard.vault.texts import Texts

Progress = Callable[[float, str], None]
"""Told how far a long work is (0 to 1) and what is being done, in words."""


def no_progress(done: float, doing: str) -> None:
    """Tell nobody."""


SAMPLE: Final = Path(__file__).resolve().parent.parent / "sample_data" / "customers.csv"
SAMPLE_ORDERS: Final = SAMPLE.with_name("orders.parquet")
SAMPLE_DAY: Final = date(2026, 9, 1)
"""The day on which the sample shop is looked at."""

SAMPLES: Final = (SAMPLE, SAMPLE_ORDERS)
DEFAULT_TITLE: Final = "Customer segments"
KNOWN_TITLE: Final = "Champions to Lost"
NO_TERMS: Final = Terms()
STAGED_MINUTES: Final = 60
"""How long an upload waits, encrypted, for its giver's choices."""

DEFAULT_FEATURES: Final = 6
DEFAULT_COLUMNS: Final = 10
"""A first plan's features and columns in all: few enough for a clear picture."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One person's seat: the settings, the stores, the noise, and whose work this is.

    ``vault`` and ``visits`` are ``None`` in viewer mode. ``owner`` is ``"owner"`` on a
    single-owner machine and a random id per visit in demo mode; whatever belongs
    to another owner is not found.
    """

    settings: Settings
    vault: Vault | None
    records: Records
    noise: Noise
    owner: str
    visits: Visits | None = None


# ── open ────────────────────────────────────────────────────────────────────────────────
def open_workspace(settings: Settings, owner: str = "owner") -> Workspace:
    """Take a seat; the stores behind it are opened once per process and settings.

    Whatever is past its moment is destroyed on the way: tables, and uploads that waited.

    Raises:
        ConfigurationError: there is no key for the vault, or the ledger doesn't add up.
    """
    vault, records, visits = _stores(settings)
    if vault is not None:
        vault.purge(datetime.now(UTC))
    from dashboard.privacy.mechanisms import DiscreteGaussianNoise

    return Workspace(settings, vault, records, DiscreteGaussianNoise(), owner, visits)


@lru_cache(maxsize=8)
def _stores(settings: Settings) -> tuple[Vault | None, Records, Visits | None]:
    from dashboard.records import ledger
    from dashboard.records.db import Records
    from dashboard.records.visits import Visits
    from dashboard.vault.opening import open_vault

    if settings.mode == "demo":
        settings = _passing(settings)
    records = Records(settings.records_url)
    ledger.check(records)
    if settings.mode == "viewer":
        return None, records, None
    local = settings.mode == "local"
    make_key = local and not settings.public_url
    vault = open_vault(settings.vault_dir, settings.master_key, make_key=make_key)
    return vault, records, Visits(settings.visits_address)


def _passing(settings: Settings) -> Settings:
    """A demo's own folder and key, both gone when the process ends."""
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="private-segments-demo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return replace(
        settings,
        data_dir=Path(folder),
        database_url="",
        visits_url="",
        master_key=os.urandom(32),
    )


def _vault(workspace: Workspace) -> Vault:
    if workspace.vault is None:
        raise ConfigurationError("This copy of the program only serves shared links.")
    return workspace.vault


def sample_uploads() -> tuple[Upload, ...]:
    """The sample shop's customers, ready to be received."""
    return (Upload(SAMPLE.name, SAMPLE),)


def sample_orders() -> tuple[Upload, ...]:
    """The sample shop's orders, ready to be received."""
    return (Upload(SAMPLE_ORDERS.name, SAMPLE_ORDERS),)


def folder_files(workspace: Workspace) -> tuple[str, ...]:
    """The names of the files in the owner's folder; none where no folder is set, or in the demo."""
    from dashboard.vault import folder

    if workspace.settings.mode != "local":
        return ()
    return folder.files_in(workspace.settings.folder)


def folder_uploads(workspace: Workspace, names: Sequence[str]) -> tuple[Upload, ...]:
    """Files of the owner's folder, ready to be received; no other file can be named.

    Raises:
        BadInputError: a name is none of :func:`folder_files`.
    """
    from dashboard.vault import folder

    known = workspace.settings.folder if workspace.settings.mode == "local" else None
    return folder.taken(known, tuple(names))


# ── give ────────────────────────────────────────────────────────────────────────────────
def receive(
    workspace: Workspace, uploads: Sequence[Upload], progress: Progress = no_progress
) -> Received:
    """Read and check files, say what each column is; hold them encrypted for an hour.

    Raises:
        BadInputError: a file can't be read; the sentence says where and what to do.
    """
    from dashboard.vault import answers, columns, quality
    from dashboard.vault.order_columns import recognized, written
    from dashboard.vault.texts import looked_at

    reading = _reading(workspace, uploads, progress)
    vault, now = _vault(workspace), datetime.now(UTC)
    vault.purge(now)
    staged_id = vault.stage(
        reading, owner=workspace.owner, expires_at=now + timedelta(minutes=STAGED_MINUTES)
    )
    raw = vault.texts(staged_id, workspace.owner)
    some = looked_at(raw)
    findings = columns.describe(some)
    found = recognized(findings)
    asked = [each.name for each in findings if each.role == "consent"]
    return Received(
        staged_id=staged_id,
        file_names=reading.file_names,
        rows=raw.num_rows,
        refused=reading.refused,
        refused_lines=tuple(reading.refused_lines),
        columns=findings,
        masked_rows=columns.masked_rows(some, findings),
        orders=replace(found, written=written(raw.column(found.day)), of_day=_day_of(uploads))
        if found
        else None,
        flaws=quality.flaws(some, findings, now.date()),
        unlisted=answers.unlisted(vault, workspace.owner, raw, asked),
    )


def unlisted(
    workspace: Workspace, received: Received, consent_columns: Sequence[str]
) -> tuple[Unlisted, ...]:
    """The answers in the chosen consent columns that nobody has given a meaning yet."""
    from dashboard.vault import answers

    known = {each.name for each in received.columns if each.role == "consent"}
    more = [name for name in consent_columns if name not in known]
    told = tuple(each for each in received.unlisted if each.column in consent_columns)
    if not more:
        return told
    vault, owner = _vault(workspace), workspace.owner
    raw = vault.texts(received.staged_id, owner)
    return (*told, *answers.unlisted(vault, owner, raw, more))


def _reading(workspace: Workspace, uploads: Sequence[Upload], progress: Progress) -> Reading:
    from dashboard.vault import folder
    from dashboard.vault.intake import Reading

    if workspace.settings.mode == "demo" and any(each.content not in SAMPLES for each in uploads):
        raise BadInputError("The demo works with the sample shop only.")
    local = folder.are_in(workspace.settings.folder, tuple(uploads))
    return Reading(
        uploads,
        max_bytes=folder.MAX_BYTES if local else workspace.settings.max_upload_mb * 2**20,
        memory_limit_mb=workspace.settings.memory_limit_mb,
        progress=progress,
    )


def _day_of(uploads: Sequence[Upload]) -> date | None:
    """The day that a file is of: the sample shop's, or a day in its name; never one in its rows."""
    if all(isinstance(each.content, Path) and _is_sample(each.content) for each in uploads):
        return SAMPLE_DAY
    named = re.search(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", uploads[0].name)
    try:
        day = date.fromisoformat(named[0]) if named else None
    except ValueError:
        return None
    return day if day and day <= datetime.now(UTC).date() else None


def _is_sample(path: Path) -> bool:
    return path.resolve() in SAMPLES


def suggest(received: Received, purpose: str) -> Choices:
    """The choices that the findings suggest, for people who agree with them."""
    by_role = {role: [each for each in received.columns if each.role == role] for role in _ROLES}
    ids = by_role["id"]
    kept = [each.suggested for each in by_role["feature"] + by_role["category"] if each.suggested]
    births = [each.name for each in by_role["birth"]]
    ages = [*births, *(each.name for each in kept if each.name.casefold() in _AGES)]
    return Choices(
        purpose=purpose,
        id_column=ids[0].name if ids else None,
        consent_columns=tuple(each.name for each in by_role["consent"]),
        kept=tuple(kept),
        age_column=ages[0] if ages else None,
        name=received.file_names[0] if received.file_names else "",
    )


def suggest_orders(
    received: Received,
    purpose: str,
    until: date | None = None,
    cuts: Cuts | None = None,
    orders: Orders | None = None,
) -> Choices:
    """The choices that add orders up to one row per customer, for known groups.

    Args:
        received: what was found in the files.
        purpose: what the groups are for.
        until: the day from which recency counts back. If none is declared, a day in the
            file's name, else today (UTC); never the last day in the file, which one
            customer decides.
        cuts: where recency, frequency and monetary value are cut; the usual ones if not given.
        orders: how the file is read; as it was recognized if not given.

    Raises:
        BadInputError: the file doesn't look like orders, and nobody said how to read it.
    """
    told = orders or received.orders
    if told is None:
        raise BadInputError(
            "This doesn't look like a file of orders. It needs a customer, the day of the order "
            "and an amount; name their columns."
        )
    return replace(
        suggest(received, purpose),
        id_column=told.customer,
        kept=rfm.features(until or told.of_day or datetime.now(UTC).date()),
        age_column=None,
        orders=told,
        cuts=cuts or Cuts(),
    )


_ROLES: Final = ("id", "consent", "birth", "feature", "category")
_AGES: Final = ("age", "customer_age", "customer age", "alter", "âge", "edad")


def keep(
    workspace: Workspace, staged_id: str, choices: Choices, progress: Progress = no_progress
) -> Kept:
    """Reduce to one row per customer, apply consent, drop the rest, and keep it encrypted.

    Raises:
        BadInputError: no column was chosen, or nobody may be used.
        NotFoundError: the upload waited longer than an hour.
    """
    from dashboard.records import register
    from dashboard.vault.orders import rolled_up
    from dashboard.vault.table import one_row_per_customer

    vault, now = _vault(workspace), datetime.now(UTC)
    raw = vault.texts(staged_id, workspace.owner)
    _check_overrides(raw, choices)
    hear_choices(workspace)
    progress(0.4, "Leaving out who said no, and keeping one row per customer")
    table: Texts = raw
    told = None
    if choices.orders:
        table, told = rolled_up(raw.slice(0, raw.num_rows), choices)
    customers = one_row_per_customer(
        table,
        choices,
        key=vault.id_key(workspace.owner),
        child_age=workspace.settings.child_age,
        refusing=_refusing(workspace, raw, choices),
    )
    progress(0.8, "Encrypting what is kept")
    expires_at, day = _end_of_life(workspace, now)
    dataset_id = vault.put(
        customers.rows, owner=workspace.owner, purpose="dataset", expires_at=expires_at
    )
    receipt, unit = customers.receipt(dataset_id, day), customers.unit.value
    del customers, table  # the rows are in the vault now; what follows needs their room
    register.add_dataset(
        workspace.records,
        Dataset(
            id=dataset_id,
            name=choices.name or "Customers",
            purpose=choices.purpose,
            columns=choices.kept,
            unit=unit,
            created_at=now,
            expires_on=day,
            lineage=_lineage(workspace, raw, choices.id_column, dataset_id),
            cuts=choices.cuts if choices.orders else None,
        ),
        workspace.owner,
    )
    vault.shred(staged_id, workspace.owner)
    detail: dict[str, str | int | float | bool | None] = {"columns": len(choices.kept)}
    _note(workspace, "dataset.kept", dataset_id, {**detail, "basis": choices.basis})
    for each in choices.overrides:
        detail = {"column": each.column, "reason": each.reason}
        _note(workspace, "column.overridden", dataset_id, detail)
    if told is None:
        return receipt
    return replace(receipt, rows=raw.num_rows, columns_received=len(raw.column_names), orders=told)


def _check_overrides(raw: Texts, choices: Choices) -> None:
    """Refuse guarded columns without a reason, whoever asks: a screen, a script, a crafted form."""
    from dashboard.records import audit
    from dashboard.vault import columns
    from dashboard.vault.texts import looked_at

    roles = {each.name: each for each in columns.describe(looked_at(raw))}
    reasons = {each.column: each.reason.strip() for each in choices.overrides}
    for feature in choices.kept:
        found = roles.get(feature.name)
        if found and found.role in GUARDED and len(reasons.get(feature.name, "")) < SHORTEST_REASON:
            raise BadInputError(
                f"The column “{feature.name}” is kept only with a reason, which is noted in the "
                f"audit log. {found.reason}"
            )
    for each in choices.overrides:
        if not audit.is_discreet(each.reason) or not audit.is_discreet(each.column):
            raise BadInputError(
                "A reason goes into the audit log. Say it in fewer words, without addresses."
            )


def _refusing(workspace: Workspace, raw: Texts, choices: Choices) -> Refusing:
    """Who is left out: remembers what answers mean, and puts objections on the list."""
    from dashboard.vault import answers, suppression
    from dashboard.vault.identities import telling
    from dashboard.vault.table import Refusing

    vault, owner = _vault(workspace), workspace.owner
    answers.remember(vault, owner, choices.answers)
    ruled = Refusing(
        suppressed=suppression.suppressed(vault, owner, telling(raw, choices.id_column)),
        told=answers.meanings(vault, owner, raw, choices.consent_columns, choices.answers),
        channels=workspace.settings.channel_opt_outs == "strict",
    )
    for name in answers.untold(raw, choices.consent_columns, ruled.told):
        raise BadInputError(
            f"The column “{name}” can't decide who may be used: its name doesn't tell whether yes "
            "means agreed or refused. Say what its answers mean, or rename it, for example to "
            "“opt in” or “opt out”."
        )
    objecting = ruled.objections(raw, choices.consent_columns)
    ids = suppression.ids_of(raw, objecting, ruled.names)
    suppression.suppress(vault, owner, ids, datetime.now(UTC).date())
    if choices.orders and choices.id_column and ruled.suppressed:
        return replace(ruled, suppressed=ruled.suppressed.by_id(raw, choices.id_column))
    return ruled


# ── refusals ────────────────────────────────────────────────────────────────────────────
def suppress(
    workspace: Workspace, uploads: Sequence[Upload], progress: Progress = no_progress
) -> Listed:
    """Put everybody who says no in these files on the list that every later table is held against.

    Whoever is in a table that is kept now, under an id that is in the file, is taken out.

    Exports of who unsubscribed are read as they are, and so is a plain list with a
    header. Only keyed codes are kept; the files for each CRM can be made now and never
    again.

    Raises:
        BadInputError: a file can't be read, or no column tells who somebody is.
    """
    from dashboard.vault import handback, suppression

    raw = _reading(workspace, uploads, progress).whole().table
    refusing, names = suppression.refusals(raw)
    ids = suppression.ids_of(raw, refusing, names)
    today = datetime.now(UTC).date()
    added, known = suppression.suppress(_vault(workspace), workspace.owner, ids, today)
    _note(workspace, "suppressions.added", "list", {"some": added > 0})
    _take_out(workspace, ids.unique().to_pylist())
    return Listed(
        rows=int(refusing.sum()),
        added=added,
        known=known,
        way_back=handback.way_back(suppression.addresses(ids)),
    )


def waiting(workspace: Workspace) -> int:
    """How many ids came onto the list since the last release: they count from the next one on."""
    from dashboard.vault import suppression

    published = releases(workspace)
    last = published[0].created_at.date() if published else None
    return suppression.since(_vault(workspace), workspace.owner, last)


def _lineage(workspace: Workspace, raw: Texts, id_column: str | None, dataset_id: str) -> str:
    """The customer base of a table; bases that it joins become one account.

    The kept rows' own digest joins, too: equal rows are the same people, whatever
    else their files say.
    """
    from dashboard.records import ledger
    from dashboard.vault.identities import identities
    from dashboard.vault.lineage import absorbed_by, lineage_of

    vault, owner = _vault(workspace), workspace.owner
    found = identities(raw, id_column)
    rows = vault.content_key(dataset_id, owner)
    lineage = lineage_of(vault, owner, found.values, rows, nameless=found.nameless)
    _account(workspace, lineage)
    for absorbed in absorbed_by(vault, owner, lineage):
        now = datetime.now(UTC)
        ledger.absorb(workspace.records, absorbed=absorbed, into=lineage, owner=owner, now=now)
    return lineage


def discard(workspace: Workspace, staged_id: str) -> None:
    """Destroy an upload that is not to be kept, at once; one that is gone stays gone."""
    from contextlib import suppress

    with suppress(NotFoundError):
        _vault(workspace).shred(staged_id, workspace.owner)


def _end_of_life(workspace: Workspace, now: datetime) -> tuple[datetime, date]:
    """When the key is destroyed, and the day that is told: gone when that day begins (UTC)."""
    settings, today = workspace.settings, now.date()
    if settings.mode == "demo":
        return now + timedelta(minutes=settings.demo_minutes), today + timedelta(days=1)
    day = today + timedelta(days=settings.retention_days)
    return datetime.combine(day, time.min, UTC), day


def datasets(workspace: Workspace) -> tuple[Dataset, ...]:
    """The customer tables that are kept now, newest first."""
    from dashboard.records import register

    return register.datasets(workspace.records, workspace.owner, datetime.now(UTC))


def dataset(workspace: Workspace, dataset_id: str) -> Dataset:
    """One kept customer table; refused as not found when it ended or is another's."""
    from dashboard.records import register

    return register.find_dataset(workspace.records, dataset_id, workspace.owner, datetime.now(UTC))


def destroy(workspace: Workspace, dataset_id: str) -> None:
    """Destroy a customer table now: its key first, then its file. Releases stay."""
    from dashboard.records import register

    _vault(workspace).shred(dataset_id, workspace.owner)
    register.end_dataset(workspace.records, dataset_id, workspace.owner, datetime.now(UTC))
    _note(workspace, "dataset.destroyed", dataset_id, {})


# ── ask and buy ─────────────────────────────────────────────────────────────────────────
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
    found = _gate(workspace).buy_range(base, feature, datetime.now(UTC))
    _note(workspace, "range.bought", dataset_id, {"column": column})
    return found


def ranges(workspace: Workspace, dataset_id: str) -> dict[str, Bounds]:
    """The ranges that were bought for a table, by column; free."""
    base, gate = dataset(workspace, dataset_id), _gate(workspace)
    known = {
        each.name: gate.known_range(base, each) for each in base.columns if each.kind == "number"
    }
    return {name: bounds for name, bounds in known.items() if bounds}


def quote(workspace: Workspace, dataset_id: str, plan: Plan) -> Quote:
    """What this plan would cost and how exact it would be; reads no row and costs nothing."""
    from dashboard.privacy.pricing import quote_of

    base = dataset(workspace, dataset_id)
    paid = _gate(workspace).paid_for_map(base, plan)
    return quote_of(plan, _account(workspace, base.lineage), paid, with_map=True)


def within(workspace: Workspace, dataset_id: str, plan: Plan, part: float, people: int) -> Wish:
    """Which epsilon makes a group's size right within a part of it; reads no row, costs nothing."""
    from dashboard.privacy.accounting import epsilon_of
    from dashboard.privacy.wishes import wish_of
    from dashboard.terms import RHO_UNIT

    if not 0 < part <= 1 or people < 1:
        raise BadInputError("Say how exact as a part above 0 and up to 100 %, of at least one.")
    left = _account(workspace, dataset(workspace, dataset_id).lineage).left
    return wish_of(plan, part, people, min(epsilon_of(left.rho_units * RHO_UNIT), 10.0))


def quote_publish(workspace: Workspace, map_id: str, segments: int) -> Quote:
    """What publishing segments of a bought map would cost; reads no row and costs nothing."""
    from dashboard.privacy.gate import geometry_of
    from dashboard.privacy.pricing import quote_of
    from dashboard.records import releases as memory

    found = memory.find_map(workspace.records, map_id, workspace.owner)
    plan = geometry_of(found.body).synopsis.plan
    paid = _gate(workspace).paid_for_release(map_id, segments)
    return quote_of(plan, _account(workspace, found.lineage), paid, with_map=False)


def budget(workspace: Workspace, dataset_id: str) -> BudgetState:
    """What this customer base has spent and has left."""
    from dashboard.privacy.pricing import budget_of

    base = dataset(workspace, dataset_id)
    return budget_of(_account(workspace, base.lineage))


def _account(workspace: Workspace, lineage: str) -> LedgerAccount:
    from dashboard.privacy.gate import open_accounts
    from dashboard.records import ledger

    settings = workspace.settings
    open_accounts(
        workspace.records,
        lineage,
        workspace.owner,
        settings.epsilon_cap,
        settings.workspace_epsilon_cap,
    )
    return ledger.within_workspace(workspace.records, lineage, workspace.owner)


def _gate(workspace: Workspace) -> Gate:
    from dashboard.privacy.gate import Gate

    return Gate(
        _vault(workspace),
        workspace.records,
        workspace.noise,
        workspace.owner,
        workspace.settings.epsilon_cap,
        workspace.settings.workspace_epsilon_cap,
    )


def buy_map(
    workspace: Workspace, dataset_id: str, plan: Plan, progress: Progress = no_progress
) -> MapInfo:
    """Buy the noisy map of a customer base; the same table and plan is never charged twice.

    Raises:
        BudgetExceededError: the customer base has not enough left.
        NotEnoughDataError: there are too few customers; the sentence says what would help.
    """
    base = dataset(workspace, hear_choices(workspace).get(dataset_id, dataset_id))
    _check_smallest(workspace, plan)
    map_id = _gate(workspace).buy_map(base, plan, base.name, datetime.now(UTC), progress)
    _note(workspace, "map.bought", map_id, {"epsilon": plan.epsilon})
    return next(each for each in maps(workspace) if each.id == map_id)


def _check_smallest(workspace: Workspace, plan: Plan) -> None:
    """Refuse to show smaller groups than this installation allows, whoever asks."""
    least = workspace.settings.min_segment_size
    if plan.min_segment_size < least:
        raise BadInputError(f"Here no group below {least} people is shown.")


def maps(workspace: Workspace) -> tuple[MapInfo, ...]:
    """The maps that were bought, newest first."""
    from dashboard.privacy.pricing import map_infos
    from dashboard.records import releases as memory

    return map_infos(memory.maps(workspace.records, workspace.owner))


def explore(workspace: Workspace, map_id: str, segments: int | None = None) -> Exploration:
    """Segments as the map shows them, for any number (``None``: the suggested one); free."""
    from dashboard.privacy.exploring import exploration
    from dashboard.privacy.gate import geometry_of
    from dashboard.records import releases as memory

    _check_segments(segments)
    geometry = geometry_of(memory.find_map(workspace.records, map_id, workspace.owner).body)
    return exploration(map_id, geometry, segments)


def _check_segments(segments: int | None) -> None:
    if segments is not None and not MIN_SEGMENTS <= segments <= MAX_SEGMENTS:
        raise BadInputError(f"Choose between {MIN_SEGMENTS} and {MAX_SEGMENTS} segments.")


def publish(
    workspace: Workspace,
    map_id: str,
    segments: int | None = None,
    names: Sequence[str] = (),
    title: str = "",
    progress: Progress = no_progress,
) -> Release:
    """Buy sharp centers, sizes and profiles for the chosen segments: an immutable release.

    The names are those of the segments in the order in which :func:`explore` shows them.

    Raises:
        BudgetExceededError: the customer base has not enough left.
        NotFoundError: the map is gone, or its customer table ended before this was bought.
    """
    from dashboard.records import register
    from dashboard.records import releases as memory

    chosen = explore(workspace, map_id, segments)
    found = memory.find_map(workspace.records, map_id, workspace.owner)
    made = _gate(workspace).publish(
        register.recall_dataset(workspace.records, found.dataset_id, workspace.owner),
        map_id,
        chosen.k,
        [_plain(each) for each in names],
        _titled(title, DEFAULT_TITLE),
        datetime.now(UTC),
        progress,
    )
    _note(workspace, "release.published", made.id, {"segments": len(made.segments)})
    return made


# ── known groups ────────────────────────────────────────────────────────────────────────
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
    return quote_of_known(plan, _account(workspace, base.lineage))


def publish_known(
    workspace: Workspace,
    dataset_id: str,
    plan: Plan,
    title: str = "",
    progress: Progress = no_progress,
) -> Release:
    """Buy sizes and profiles of the known groups, Champions to Lost: an immutable release.

    The same table and plan is never charged twice; another title is free.

    Raises:
        BudgetExceededError: the customer base has not enough left.
        NotEnoughDataError: no group is large enough to be shown.
    """
    _check_smallest(workspace, plan)
    made = _gate(workspace).publish_known(
        dataset(workspace, hear_choices(workspace).get(dataset_id, dataset_id)),
        plan,
        _titled(title, KNOWN_TITLE),
        datetime.now(UTC),
        progress,
    )
    _note(workspace, "release.published", made.id, {"segments": len(made.segments)})
    return made


def _titled(title: str, otherwise: str) -> str:
    return _plain(title)[:100] or otherwise


def _plain(text: str) -> str:
    """What a person typed, on one line, without signs that turn text around or can't be seen."""
    import re

    from dashboard.vault.headers import UNSEEN

    return " ".join(re.sub(UNSEEN, " ", text).split())


# ── show ────────────────────────────────────────────────────────────────────────────────
def releases(workspace: Workspace) -> tuple[ReleaseInfo, ...]:
    """The releases that were published, newest first."""
    from dashboard.records import releases as memory

    return memory.releases(workspace.records, workspace.owner)


def release(workspace: Workspace, release_id: str) -> Release:
    """One release, as it was published."""
    from dashboard.records import releases as memory

    return memory.find_release(workspace.records, release_id, workspace.owner)


def earlier(workspace: Workspace, release_id: str) -> tuple[ReleaseInfo, ...]:
    """Earlier releases that answer the same question of the same customer base, newest first."""
    from dashboard.privacy.movement import comparable

    infos = releases(workspace)
    when = {each.id: each.created_at for each in infos}
    base, later = _base_of(workspace, release_id), release(workspace, release_id)
    return tuple(
        each
        for each in infos
        if each.created_at < when[release_id]
        and _base_of(workspace, each.id) == base
        and comparable(release(workspace, each.id), later)
    )


def movement(workspace: Workspace, release_id: str, other_id: str) -> Movement:
    """What changed between two releases of one customer base; free, from noisy numbers only.

    Raises:
        BadInputError: they are of different customer bases, or answer different questions.
        NotFoundError: one of them is not here.
    """
    from dashboard.privacy.movement import movement_of

    if _base_of(workspace, release_id) != _base_of(workspace, other_id):
        raise BadInputError(
            "These releases are of different customer bases, so nothing moved between them."
        )
    when = {each.id: each.created_at for each in releases(workspace)}
    first, second = sorted((release_id, other_id), key=lambda each: when[each])
    return movement_of(release(workspace, first), release(workspace, second))


def _base_of(workspace: Workspace, release_id: str) -> str:
    from dashboard.records import ledger
    from dashboard.records import releases as memory

    lineage = memory.lineage_of(workspace.records, release_id, workspace.owner)
    return ledger.standing_for(workspace.records, lineage)


# ── share ───────────────────────────────────────────────────────────────────────────────
def share(
    workspace: Workspace,
    release_id: str,
    days: int | None = None,
    label: str = "",
    terms: Terms = NO_TERMS,
) -> NewLink:
    """Make an unguessable link that opens the release for anyone who has it, on these terms.

    Raises:
        BadInputError: a term can't be used, or the register does not say why the
            recipient may see it.
    """
    from dashboard.records import links as memory

    try:
        made = memory.create(
            workspace.records,
            owner=workspace.owner,
            release_id=release_id,
            label=_plain(label),
            days=workspace.settings.link_days if days is None else days,
            now=datetime.now(UTC),
            terms=terms,
        )
    except BadInputError:
        _note(workspace, "link.not_made", release_id, {"recipient": terms.recipient_id})
        raise
    link = made.link
    told = {"release": release_id, "recipient": link.recipient_id, "views": link.max_views}
    more = {"passphrase": link.passphrase, "sites": len(link.embed)}
    _note(workspace, "link.made", link.id, {**told, **more})
    return made


def links(workspace: Workspace, release_id: str) -> tuple[Link, ...]:
    """The links of a release, newest first, without their tokens."""
    from dashboard.records import links as memory

    return memory.of_release(workspace.records, workspace.owner, release_id, datetime.now(UTC))


def link_use(workspace: Workspace, release_id: str) -> tuple[LinkUse, ...]:
    """What became of each link of a release, in the order of :func:`links`.

    Visits that were refused get a line of the audit log on the way: one for each link,
    day and reason.
    """
    from dashboard.records import opinions

    visits = workspace.visits
    ids = [each.id for each in links(workspace, release_id)]
    if visits is None or not ids:
        return ()
    for each in visits.refused(ids, noted=False):
        day = each.day.isoformat()
        _note(workspace, "link.refused", each.link_id, {"why": each.why, "day": day})
        visits.noted(each)
    views, refused, said = visits.by_day(ids), visits.refused(ids), opinions.of_links(visits, ids)
    return tuple(
        LinkUse(
            its_id,
            views.get(its_id, ()),
            tuple(each for each in refused if each.link_id == its_id),
            tuple(each for each in said if each.link_id == its_id),
        )
        for its_id in ids
    )


def preview(workspace: Workspace, link_id: str) -> str:
    """The path at which its owner sees what a link's readers see, for some hours."""
    from dashboard.records import links as memory
    from dashboard.records import previews

    now = datetime.now(UTC)
    return previews.path_to(memory.find(workspace.records, workspace.owner, link_id, now).id, now)


def rotate(workspace: Workspace, link_id: str) -> NewLink:
    """Give a link a new address on the same terms; the old one is dead at once."""
    from dashboard.records import links as memory

    made = memory.rotate(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    _note(workspace, "link.rotated", link_id, {"version": made.link.version})
    return made


def pause(workspace: Workspace, link_id: str) -> None:
    """Close one link until it is resumed."""
    from dashboard.records import links as memory

    memory.pause(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    _note(workspace, "link.paused", link_id, {})


def resume(workspace: Workspace, link_id: str) -> None:
    """Open a paused link again, on the terms that it has."""
    from dashboard.records import links as memory

    now = datetime.now(UTC)
    memory.pause(workspace.records, workspace.owner, link_id, now, paused=False)
    _note(workspace, "link.resumed", link_id, {})


def revoke(workspace: Workspace, link_id: str) -> None:
    """Close one link for ever."""
    from dashboard.records import links as memory

    memory.revoke(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    _note(workspace, "link.revoked", link_id, {})


def revoke_all(
    workspace: Workspace, release_id: str | None = None, recipient_id: str | None = None
) -> int:
    """Close every open link of a release or of a recipient; says how many there were."""
    from dashboard.records import links as memory

    closed = memory.revoke_all(
        workspace.records,
        workspace.owner,
        datetime.now(UTC),
        release_id=release_id,
        recipient_id=recipient_id,
    )
    _note(workspace, "links.revoked", release_id or recipient_id or "", {"links": closed})
    return closed


def recipients(workspace: Workspace) -> tuple[Recipient, ...]:
    """The register of recipients, by name."""
    from dashboard.records import recipients as register

    return register.of_owner(workspace.records, workspace.owner)


def keep_recipient(workspace: Workspace, recipient: Recipient) -> Recipient:
    """Write a recipient into the register, or change one; links follow at their next view."""
    from dashboard.records import recipients as register

    now = datetime.now(UTC)
    kept = register.keep(workspace.records, recipient, workspace.owner, now)
    _note(workspace, "recipient.kept", kept.id, {"kind": kept.kind, "new": not recipient.id})
    return kept


def renew(workspace: Workspace, recipient_id: str) -> date:
    """Note that a recipient was reviewed today; gives the day of the next review."""
    from dashboard.records import recipients as register

    today = datetime.now(UTC).date()
    due = register.renew(workspace.records, workspace.owner, recipient_id, today)
    _note(workspace, "recipient.renewed", recipient_id, {"due": due.isoformat()})
    return due


def reviews(workspace: Workspace) -> tuple[Review, ...]:
    """What readers say could identify someone and the owner has not looked at yet."""
    from dashboard.records import links as memory
    from dashboard.records import opinions

    if workspace.visits is None:
        return ()
    mine = memory.of_owner(workspace.records, workspace.owner, datetime.now(UTC))
    known = {each.id: each for each in mine}
    titles = {each.id: each.title for each in releases(workspace)}
    return tuple(
        Review(known[each.link_id], titles[known[each.link_id].release_id], each)
        for each in opinions.of_links(workspace.visits, known)
        if each.to_review
    )


def reviewed(workspace: Workspace, link_id: str) -> None:
    """Note that the owner looked at what a link's readers say could identify someone."""
    from dashboard.records import links as memory
    from dashboard.records import opinions

    link = memory.find(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    if workspace.visits is not None:
        opinions.reviewed(workspace.visits, link.id)
    _note(workspace, "link.reviewed", link_id, {})


# ── answer for ──────────────────────────────────────────────────────────────────────────
def budgets(workspace: Workspace) -> tuple[tuple[tuple[str, ...], BudgetState], ...]:
    """Each customer base that is kept now: the names of its tables, and what is spent and left."""
    from dashboard.records import ledger

    bases: dict[str, list[Dataset]] = {}
    for each in datasets(workspace):
        account = ledger.standing_for(workspace.records, each.lineage)
        bases.setdefault(account, []).append(each)
    return tuple(
        (tuple(each.name for each in kept), budget(workspace, kept[0].id))
        for kept in bases.values()
    )


def audit_log(workspace: Workspace, lines: int = 30) -> LogState:
    """The newest lines of the audit log, and whether every line is as it was written."""
    from dashboard.records import audit

    head = audit.head(workspace.records)
    return LogState(
        lines=tuple(
            LogLine(
                each.seq,
                each.at,
                each.action,
                each.object,
                tuple(f"{name} {value}" for name, value in each.detail.items()),
            )
            for each in audit.entries(workspace.records, limit=lines, actor=workspace.owner)
        ),
        broken_at=audit.verify(workspace.records, _vault(workspace).audit_key()),
        head=head.hash.partition(":")[2][:12] if head else "",
    )


def requests(workspace: Workspace) -> tuple[Request, ...]:
    """What customers asked of us, open requests first, by the day they are due."""
    from dashboard.records import requests as diary

    return diary.listed(workspace.records, workspace.owner)


def note_request(
    workspace: Workspace, kind: RequestKind, received_on: date, checked_by: str
) -> Request:
    """Note that a customer asked for something, and by when it must be answered."""
    from dashboard.records import requests as diary

    made = diary.add(
        workspace.records,
        owner=workspace.owner,
        kind=kind,
        received_on=received_on,
        checked_by=checked_by,
    )
    _note(workspace, "request.noted", made.id, {"kind": kind})
    return made


def look_up(workspace: Workspace, identifier: str) -> tuple[Holding, ...]:
    """Which tables hold a customer's row, what of them is kept there, and their segments.

    For the answer to a customer who asks. Nothing of it is stored; that somebody looked is
    noted, without who was looked up.
    """
    from dashboard.privacy.placing import segment_of
    from dashboard.vault.rights import rows_of

    vault, owner = _vault(workspace), workspace.owner
    held = []
    for each in datasets(workspace):
        row = rows_of(vault, each.id, owner, [identifier])
        if row.num_rows:
            places = (
                (release.title, segment_of(row, release, geometry))
                for release, geometry in _rules_for(workspace, each)
            )
            held.append(Holding(each, tuple((title, name or "") for title, name in places)))
    _note(workspace, "customer.looked_up", "desk", {"tables": len(held)})
    return tuple(held)


def _rules_for(workspace: Workspace, base: Dataset) -> Iterator[tuple[Release, Geometry | None]]:
    """The releases whose rule this table's rows can be asked, each with the map under it."""
    from dashboard.privacy.gate import geometry_of
    from dashboard.records import releases as memory

    kept = {(each.name, each.kind) for each in base.columns}
    for release, map_id in memory.of_lineage(workspace.records, base.lineage, workspace.owner):
        asked = {(each.name, each.kind) for each in (*release.features, *release.profiled)}
        if release.rule is None or not asked <= kept:
            continue
        known = release.rule.cuts is not None
        found = memory.find_map(workspace.records, map_id, workspace.owner)
        yield release, None if known else geometry_of(found.body)


def leave_out(workspace: Workspace, ids: Sequence[str]) -> dict[str, str]:
    """Take customers out of every table, and keep them out of every later one.

    A table that loses somebody becomes a new one, because what is bought of it from now
    on is another question: the answer maps its old id to the new one. What was released
    stays as it is, for nobody can be taken out of noisy numbers.
    """
    from dashboard.vault import suppression

    today = datetime.now(UTC).date()
    suppression.suppress_ids(_vault(workspace), workspace.owner, ids, today)
    return _take_out(workspace, ids)


def _take_out(workspace: Workspace, ids: Sequence[str]) -> dict[str, str]:
    from dashboard.records import register
    from dashboard.vault.rights import rows_of, without

    vault, owner, now = _vault(workspace), workspace.owner, datetime.now(UTC)
    renewed = {}
    for each in datasets(workspace):
        if not rows_of(vault, each.id, owner, ids).num_rows:
            continue
        ends = datetime.combine(each.expires_on, time.min, UTC)
        rows = without(vault, each.id, owner, ids)
        renewed[each.id] = vault.put(rows, owner=owner, purpose="dataset", expires_at=ends)
        register.add_dataset(
            workspace.records, replace(each, id=renewed[each.id], created_at=now), owner
        )
        vault.shred(each.id, owner)
        register.end_dataset(workspace.records, each.id, owner, now)
        _note(workspace, "dataset.renewed", renewed[each.id], {"instead_of": each.id})
    return renewed


def answer_request(workspace: Workspace, request_id: str, identifier: str) -> tuple[Holding, ...]:
    """Do what a customer asked for, and note what was done, but not for whom.

    Who wants to see what is kept is looked up. Who wants to be erased, or not to be
    grouped, is looked up and then left out. A correction comes with the next file.

    Raises:
        BadInputError: nobody was named.
        NotFoundError: there is no such request.
    """
    from dashboard.records import requests as diary

    asked = diary.find(workspace.records, request_id, workspace.owner)
    if not identifier.strip():
        raise BadInputError("Name the customer by the id that the table's own ids come from.")
    held = look_up(workspace, identifier)
    where = f"{len(held)} table{'' if len(held) == 1 else 's'}"
    outcome = {
        "access": f"found in {where}",
        "correction": f"found in {where}; to be corrected in the next file",
        "erasure": f"erased from {where}, and kept out from now on",
        "objection": f"taken out of {where}, and kept out from now on",
    }[asked.kind]
    if asked.kind in ("erasure", "objection"):
        leave_out(workspace, [identifier])
    now = datetime.now(UTC)
    diary.close(workspace.records, request_id, workspace.owner, outcome=outcome, now=now)
    _note(workspace, "request.answered", request_id, {"kind": asked.kind})
    return held


# ── customers' own word ─────────────────────────────────────────────────────────────────
def open_choices(workspace: Workspace, name: str) -> ChoicePage:
    """Open the page where customers say no; the one that is open already stays.

    Raises:
        BadInputError: the page has no name by which customers know who asks.
    """
    from dashboard.records import choices
    from dashboard.vault import letterbox

    if workspace.settings.mode == "demo":
        raise BadInputError("A demo has no customers who could answer.")
    made = choices.open_page(
        workspace.records,
        owner=workspace.owner,
        name=name,
        public_key=letterbox.public_key(_vault(workspace), workspace.owner),
        now=datetime.now(UTC),
    )
    _note(workspace, "choices.opened", "page", {})
    return made


def choice_page(workspace: Workspace) -> ChoicePage | None:
    """The page where customers say no, if it is open."""
    from dashboard.records import choices

    return choices.page_of(workspace.records, workspace.owner)


def close_choices(workspace: Workspace) -> None:
    """Close the page where customers say no; what they said already holds."""
    from dashboard.records import choices

    choices.close_page(workspace.records, workspace.owner, datetime.now(UTC))
    _note(workspace, "choices.closed", "page", {})


def hear_choices(workspace: Workspace) -> dict[str, str]:
    """Leave out whoever said no on the page; done before every purchase and every new table.

    What could not be opened, because it was not sealed to this owner's page, is let go.
    """
    from dashboard.records import choices
    from dashboard.vault import letterbox

    if workspace.visits is None:
        return {}
    tokens = choices.tokens_of(workspace.records, workspace.owner)
    waiting = choices.letters(workspace.visits, tokens) if tokens else ()
    if not waiting:
        return {}
    vault, owner = _vault(workspace), workspace.owner
    opened = [letterbox.opened(vault, owner, page, sealed) for _, page, sealed in waiting]
    renewed = leave_out(workspace, [who for who, _ in filter(None, opened)])
    choices.burn(workspace.visits, [its_id for its_id, _, _ in waiting])
    _note(workspace, "choices.heard", "page", {})
    return renewed


# ── end ─────────────────────────────────────────────────────────────────────────────────
def purge(workspace: Workspace, now: datetime | None = None) -> int:
    """Destroy every customer table past its day; says how many there were."""
    return _vault(workspace).purge(now or datetime.now(UTC))


def rotate_key(workspace: Workspace) -> int:
    """Lock the vault under a new master key; says for how many tables that was done.

    The new key is ``DASHBOARD_NEW_MASTER_KEY``; without it the key file is renewed.

    Raises:
        ConfigurationError: there is neither a new key nor a key file.
    """
    from dashboard.vault import opening

    settings = workspace.settings
    has_file = settings.master_key is None
    changed = opening.rotate_key(_vault(workspace), settings.new_master_key, has_file=has_file)
    _note(workspace, "vault.key_rotated", "vault", {"tables": changed})
    return changed


def forget(workspace: Workspace) -> None:
    """Forget everything of a demo visit: tables, maps, releases and links, and who was in them.

    Elsewhere this would give spent budget back, so it is refused.

    Raises:
        ConfigurationError: this is no demo.
    """
    from dashboard.records import links as shared
    from dashboard.records import releases as memory
    from dashboard.vault.answers import forget_answers
    from dashboard.vault.lineage import forget_lineages
    from dashboard.vault.suppression import forget_list

    if workspace.settings.mode != "demo":
        raise ConfigurationError("Only a demo visit can be forgotten whole.")
    vault = _vault(workspace)
    vault.forget(workspace.owner)
    for forgets in (forget_lineages, forget_list, forget_answers):
        forgets(vault, workspace.owner)
    if workspace.visits is not None:
        workspace.visits.forget(shared.ids_of(workspace.records, workspace.owner))
    memory.forget(workspace.records, workspace.owner)


def _note(
    workspace: Workspace,
    action: str,
    thing: str,
    detail: Mapping[str, str | int | float | bool | None],
) -> None:
    from dashboard.records import audit

    audit.note(
        workspace.records,
        actor=workspace.owner,
        action=action,
        object=thing,
        detail=detail,
        now=datetime.now(UTC),
        key=_vault(workspace).audit_key(),
    )
