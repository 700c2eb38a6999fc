"""The verbs: everything that this program can do, in the order in which people do it.

Pages and the command line call these and nothing below them. Every verb takes
the :class:`Workspace` first and returns plain values or dataclasses of
``plan``, ``release``, ``receipts`` and ``terms``: never rows, never a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dashboard.plan import Plan
from dashboard.receipts import (
    BudgetState,
    Choices,
    Dataset,
    Kept,
    Link,
    MapInfo,
    NewLink,
    Quote,
    Received,
    ReleaseInfo,
    Upload,
)
from dashboard.release import Exploration, Release
from dashboard.settings import Settings

if TYPE_CHECKING:
    from dashboard.privacy.mechanisms import Noise
    from dashboard.records.db import Records
    from dashboard.vault.store import Vault

Progress = Callable[[float, str], None]
"""Told how far a long work is (0 to 1) and what is being done, in words."""


def no_progress(done: float, doing: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One person's seat: the settings, the stores, the noise, and whose work this is.

    ``vault`` is ``None`` in viewer mode. ``owner`` is ``"owner"`` on a
    single-owner machine and a random id per visit in demo mode; whatever belongs
    to another owner is not found.
    """

    settings: Settings
    vault: Vault | None
    records: Records
    noise: Noise
    owner: str


# ── open ────────────────────────────────────────────────────────────────────────────────
def open_workspace(settings: Settings, owner: str = "owner") -> Workspace:
    """Take a seat; the stores behind it are opened once per process and settings."""
    raise NotImplementedError


def sample_uploads() -> tuple[Upload, ...]:
    """The sample shop's customers, ready to be received."""
    raise NotImplementedError


# ── give ────────────────────────────────────────────────────────────────────────────────
def receive(
    workspace: Workspace, uploads: Sequence[Upload], progress: Progress = no_progress
) -> Received:
    """Read and check files, say what each column is; hold them encrypted for an hour."""
    raise NotImplementedError


def suggest(received: Received, purpose: str) -> Choices:
    """The choices that the findings suggest, for people who agree with them."""
    raise NotImplementedError


def keep(
    workspace: Workspace, staged_id: str, choices: Choices, progress: Progress = no_progress
) -> Kept:
    """Reduce to one row per customer, apply consent, drop the rest, and keep it encrypted."""
    raise NotImplementedError


def datasets(workspace: Workspace) -> tuple[Dataset, ...]:
    """The customer tables that are kept now, newest first."""
    raise NotImplementedError


def dataset(workspace: Workspace, dataset_id: str) -> Dataset:
    """One kept customer table; refused as not found when it ended or is another's."""
    raise NotImplementedError


def destroy(workspace: Workspace, dataset_id: str) -> None:
    """Destroy a customer table now: its key first, then its file. Releases stay."""
    raise NotImplementedError


# ── ask and buy ─────────────────────────────────────────────────────────────────────────
def quote(workspace: Workspace, dataset_id: str, plan: Plan) -> Quote:
    """What this plan would cost and how exact it would be; reads no row and costs nothing."""
    raise NotImplementedError


def budget(workspace: Workspace, dataset_id: str) -> BudgetState:
    """What this customer base has spent and has left."""
    raise NotImplementedError


def buy_map(
    workspace: Workspace, dataset_id: str, plan: Plan, progress: Progress = no_progress
) -> MapInfo:
    """Buy the noisy map of a customer base; the same table and plan is never charged twice."""
    raise NotImplementedError


def maps(workspace: Workspace) -> tuple[MapInfo, ...]:
    """The maps that were bought, newest first."""
    raise NotImplementedError


def explore(workspace: Workspace, map_id: str, segments: int | None = None) -> Exploration:
    """Segments as the map shows them, for any number (``None``: the suggested one); free."""
    raise NotImplementedError


def publish(
    workspace: Workspace,
    map_id: str,
    segments: int | None = None,
    names: Sequence[str] = (),
    title: str = "",
    progress: Progress = no_progress,
) -> Release:
    """Buy sharp centers, sizes and profiles for the chosen segments: an immutable release."""
    raise NotImplementedError


# ── show ────────────────────────────────────────────────────────────────────────────────
def releases(workspace: Workspace) -> tuple[ReleaseInfo, ...]:
    """The releases that were published, newest first."""
    raise NotImplementedError


def release(workspace: Workspace, release_id: str) -> Release:
    """One release, as it was published."""
    raise NotImplementedError


# ── share ───────────────────────────────────────────────────────────────────────────────
def share(
    workspace: Workspace, release_id: str, days: int | None = None, label: str = ""
) -> NewLink:
    """Make an unguessable link that opens the release for anyone who has it, until it expires."""
    raise NotImplementedError


def links(workspace: Workspace, release_id: str) -> tuple[Link, ...]:
    """The links of a release, newest first, without their tokens."""
    raise NotImplementedError


def revoke(workspace: Workspace, link_id: str) -> None:
    """Close one link for ever."""
    raise NotImplementedError


def revoke_all(workspace: Workspace, release_id: str) -> int:
    """Close every open link of a release; says how many there were."""
    raise NotImplementedError


# ── end ─────────────────────────────────────────────────────────────────────────────────
def purge(workspace: Workspace, now: datetime | None = None) -> int:
    """Destroy every customer table past its day; says how many there were."""
    raise NotImplementedError


def forget(workspace: Workspace) -> None:
    """Forget everything of this owner: tables, maps, releases and links. Ends a demo visit."""
    raise NotImplementedError
