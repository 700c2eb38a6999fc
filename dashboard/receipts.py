"""What we say of our own doings: what was found, kept, charged and shared.

Receipts with exact counts (:class:`Received`, :class:`Kept`) are for the person
who gives the file, at that moment only; they are never stored and never shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from dashboard.plan import Feature
from dashboard.release import Estimate
from dashboard.rfm import Cuts
from dashboard.sources import SourceTable
from dashboard.terms import Basis, DateOrder, Meaning, Role, Spent


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody gives: its name, and its bytes, the place of its file, or a declared table."""

    name: str
    content: bytes | Path | SourceTable = field(repr=False)


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """What one column seems to be, and what will happen to it.

    ``suggested`` is how it would enter a plan: unasked for roles feature and category,
    if somebody chooses it for roles date and unused, and for a written reason for
    guarded roles.
    """

    name: str
    role: Role
    kind: str
    reason: str
    suggested: Feature | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """Which columns of an orders file say whose order it was, of which day, and how much.

    ``number`` tells which lines are one order (``None``: each line is one);
    ``once_per_order`` says that the amount is the whole order's, repeated on its lines;
    ``quantity`` is multiplied with the amount; ``written`` says what comes first in a date;
    ``of_day`` is the day that the file is of, where its name says so.
    """

    customer: str
    day: str
    amount: str
    number: str | None = None
    quantity: str | None = None
    once_per_order: bool = False
    written: DateOrder = "ymd"
    of_day: date | None = None


@dataclass(frozen=True, slots=True)
class OrdersTold:
    """What became of the orders, shown once to the giver.

    ``repeated`` counts lines; ``without_order`` counts customers who were left out because
    none of their orders has a day up to the reference day; the others count orders.
    """

    orders: int
    refunds: int
    repeated: int
    undated: int
    future: int
    without_order: int


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that could not be read: where and why, never what stood there."""

    line: int
    column: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something about the values that would make a wrong segment: where, how often, what follows.

    ``rows`` is exact and for the giver at that moment only.
    """

    what: str
    column: str | None
    rows: int
    advice: str


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An answer to consent that nobody taught the program to read; a person says what it means."""

    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Declared:
    """What the owner declared of a table, which no giver can take back: who is who, who says no."""

    id: str
    consent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """What was found in the files, shown once to the person who gave them.

    ``orders`` says how the file can be read as orders, where it looks like that.
    """

    staged_id: str
    file_names: tuple[str, ...]
    rows: int
    refused: int
    refused_lines: tuple[RefusedLine, ...]
    columns: tuple[ColumnFinding, ...]
    masked_rows: tuple[tuple[str, ...], ...]
    orders: Orders | None = None
    flaws: tuple[Flaw, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
    declared: Declared | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says that an unlisted answer means; remembered as a keyed code."""

    column: str
    value: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Override:
    """A guarded column that is kept all the same, and why: for the audit log."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the giver decides about the columns before anything is kept.

    ``id_column`` says who is who (``None``: the privacy unit is one row);
    ``consent_columns`` decide who may be used; ``kept`` are the columns that stay.
    ``basis`` is the legal basis, which decides about customers who said neither yes nor
    no; ``name`` is what the kept table is called. With ``orders`` set, orders are added up to
    one row per customer, and customers are grouped by the ``cuts``. ``answers`` say what
    unlisted answers mean, ``overrides`` why guarded columns are kept.
    """

    purpose: str
    id_column: str | None
    consent_columns: tuple[str, ...]
    kept: tuple[Feature, ...]
    age_column: str | None = None
    basis: Basis = "interests"
    name: str = ""
    orders: Orders | None = None
    cuts: Cuts = Cuts()
    answers: tuple[Answer, ...] = ()
    overrides: tuple[Override, ...] = ()

    @property
    def use_unknown(self) -> bool:
        """Whether who said neither yes nor no may be used: never where consent is the basis."""
        return self.basis != "consent"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the rows, shown once to the giver.

    ``listed`` customers said no earlier (``None``: nobody ever did), ``said_no`` ones in this
    file. ``unlisted`` rows
    held an answer that was taken for neither yes nor no, because nobody said what it means.
    ``far`` says that the rows stay on a cluster, and only how they were looked at is kept.
    ``use_unknown`` says whether such customers are used.
    """

    dataset_id: str
    rows: int
    duplicates: int
    without_id: int
    said_no: int
    unknown: int
    minors: int
    customers: int
    columns_received: int
    columns_kept: int
    expires_on: date
    orders: OrdersTold | None = None
    listed: int | None = None
    unlisted: int = 0
    far: bool = False
    use_unknown: bool = True


JobKind = Literal["read", "keep", "map", "release", "sample", "orders"]
JobState = Literal["running", "done", "failed", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Job:
    """A long work that goes on behind the screen: what it is doing, or how it ended.

    ``done`` is from 0 to 1. ``stoppable`` ends where something is charged. ``sentence`` says why
    it failed; empty, ``made`` holds the reference of a mistake of ours. Else ``made`` holds the
    ids of what was made. ``seen`` says that somebody was told its end.
    """

    id: str
    kind: JobKind
    state: JobState
    done: float
    doing: str
    stoppable: bool
    stopping: bool
    started_at: datetime
    sentence: str = ""
    made: Mapping[str, str] = field(default_factory=dict)
    seen: bool = False


@dataclass(frozen=True, slots=True)
class WayBack:
    """A file that tells one product who said no, for the giver to take along at once."""

    product: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a list of refusals, shown once to the giver.

    ``added`` and ``known`` count ids (addresses, telephone numbers, codes), ``rows`` the
    people in the file who said no. ``way_back`` can be made at this moment only.
    """

    rows: int
    added: int
    known: int
    way_back: tuple[WayBack, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """A kept customer table as the register knows it: no counts, no rows.

    ``cuts`` is set where it was added up from orders, so that its known groups can be bought.
    """

    id: str
    name: str
    purpose: str
    columns: tuple[Feature, ...]
    unit: str
    created_at: datetime
    expires_on: date
    lineage: str
    cuts: Cuts | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What a purchase would cost and how exact it would be, told before anything is bought.

    ``size_error`` is the 95 % half-width of one segment's size, in people;
    ``bar_error`` is the same for one bar of a profile;
    ``labels_from`` is about how many people must share a label before it is named;
    ``releases_left`` is how many such releases the base still allows.
    """

    map_spent: Spent
    publish_spent: Spent
    spent_before: Spent
    cap: Spent
    releases_left: int
    map_size_error: int
    size_error: int
    bar_error: int
    labels_from: int | None
    affordable: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """The epsilon that gives a wished accuracy, or ``None`` where none does; and it in words."""

    epsilon: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class MapInfo:
    """A bought map as the memory knows it."""

    id: str
    dataset_id: str
    title: str
    created_at: datetime
    total: Estimate


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A published release in a list."""

    id: str
    title: str
    created_at: datetime
    segments: int
    digest: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets pages, as the register knows them.

    ``kind`` is internal, processor, joint controller or third party; ``basis`` says why one
    who is no processor may see a page; ``country`` is two letters; ``transfer_basis`` is
    needed outside the EEA. A new one has an empty ``id``.
    """

    id: str
    name: str
    kind: str
    contract_on: date | None = None
    contract_link: str = ""
    basis: str = ""
    review_due: date | None = None
    country: str = ""
    transfer_basis: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a link opens, beside its days; without any, it opens for who has it.

    ``embed`` names the sites inside which the page may be shown; ``shared_by`` is the name
    under which its readers know who shares it.
    """

    passphrase: str = field(default="", repr=False)
    max_views: int | None = None
    recipient_id: str | None = None
    embed: tuple[str, ...] = ()
    shared_by: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A shared link as its owner sees it. The token itself is shown once and never kept.

    ``passphrase`` says whether one is asked for; ``held_because`` why the register keeps the
    link shut for now, if it does; ``version`` counts the addresses that the link has had.
    """

    id: str
    release_id: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    recipient_id: str | None = None
    recipient: str = ""
    passphrase: bool = False
    max_views: int | None = None
    embed: tuple[str, ...] = ()
    paused_at: datetime | None = None
    held_because: str = ""
    version: int = 1
    shared_by: str = ""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link just made, with its path ``/s/…``: the only moment at which the token is known."""

    link: Link
    path: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the audit log, as its owner reads it: what was done, to what, and when."""

    seq: int
    at: datetime
    action: str
    object: str
    detail: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogState:
    """The newest lines of the audit log, and whether the whole of it holds.

    ``broken_at`` is the number of the first line that was changed, or ``None``; ``head``
    is a short form of the last line's seal, to be written down elsewhere.
    """

    lines: tuple[LogLine, ...]
    broken_at: int | None
    head: str


RequestKind = Literal["access", "erasure", "correction", "objection"]


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer asked of us and what was done; who it was is not in it.

    ``checked_by`` is who of us made sure that it was them; ``outcome`` says in words
    what was done, and is empty while the request is open.
    """

    id: str
    kind: RequestKind
    received_on: date
    due_on: date
    checked_by: str
    open: bool
    outcome: str
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChoicePage:
    """The page where customers say no: its unguessable address ``/choices/…`` and whose it is.

    ``public_key`` seals what they say; only the vault holds the other half.
    """

    token: str
    name: str
    public_key: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """Where the page is, on the address of the program."""
        return f"/choices/{self.token}"


@dataclass(frozen=True, slots=True)
class Holding:
    """One table that holds somebody's row: what is kept of them, and their segments.

    ``segments`` pairs a release's title with the segment that its rule puts them in.
    """

    dataset: Dataset
    segments: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DayOfViews:
    """How often a link's page was shown on one day (UTC)."""

    day: date
    times: int


@dataclass(frozen=True, slots=True)
class Refused:
    """How often a link was tried in vain on one day, and why."""

    link_id: str
    day: date
    why: str
    times: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What readers said of a part of a page on one day: useful, noisy, or identifies.

    ``to_review`` is true while the owner has not looked at "could identify someone".
    """

    link_id: str
    day: date
    opinion: str
    part: str
    times: int
    to_review: bool


@dataclass(frozen=True, slots=True)
class LinkUse:
    """What became of a link: its views by day, visits refused, and what readers said."""

    link_id: str
    views: tuple[DayOfViews, ...]
    refused: tuple[Refused, ...]
    opinions: tuple[Opinion, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A task for the owner: somebody says that a page could identify someone."""

    link: Link
    title: str
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of the ledger."""

    request_id: str
    purpose: str
    spent: Spent
    at: datetime
    finished: bool


@dataclass(frozen=True, slots=True)
class BudgetState:
    """What a customer base has left, in plain units.

    ``releases_left`` counts releases of the default price.
    """

    spent: Spent
    cap: Spent
    releases_left: int
    charges: tuple[Charge, ...]
