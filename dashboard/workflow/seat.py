"""The seat: whose work this is, and the stores behind it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from dashboard.errors import ConfigurationError
from dashboard.receipts import Upload
from dashboard.settings import Settings
from dashboard.sources import declared, declared_as

if TYPE_CHECKING:
    from dashboard.privacy.gate import Gate
    from dashboard.privacy.mechanisms import Noise
    from dashboard.records.db import Records
    from dashboard.records.ledger import LedgerAccount
    from dashboard.records.visits import Visits
    from dashboard.vault.store import Vault


Progress = Callable[[float, str], None]
"""Told how far a long work is (0 to 1) and what is being done, in words."""


def no_progress(done: float, doing: str) -> None:
    """Tell nobody."""


@runtime_checkable
class Committing(Protocol):
    """Progress that can be told that nothing may stop what is done any more."""

    def commit(self) -> None:
        """From here on it is finished; raises ``StoppedError`` if it was to stop before."""


def commit(progress: Progress) -> None:
    """From here on this is finished whatever is asked: it is charged, or lies in two stores."""
    if isinstance(progress, Committing):
        progress.commit()


SAMPLE: Final = Path(__file__).resolve().parents[2] / "sample_data" / "customers.csv"

SAMPLE_ORDERS: Final = SAMPLE.with_name("orders.parquet")

SAMPLES: Final = (SAMPLE, SAMPLE_ORDERS)


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


def vault_of(workspace: Workspace) -> Vault:
    """The rows of this seat.

    Raises:
        ConfigurationError: this copy of the program has none.
    """
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


def source_tables(workspace: Workspace) -> tuple[str, ...]:
    """The tables in databases and clusters that the owner declared; none in the demo.

    Raises:
        ConfigurationError: the file of declared tables can't be used.
    """
    if workspace.settings.mode != "local":
        return ()
    return tuple(each.name for each in declared(workspace.settings.sources))


def table_uploads(workspace: Workspace, name: str) -> tuple[Upload, ...]:
    """A declared table, ready to be received; no other can be named.

    Raises:
        BadInputError: the name is none of :func:`source_tables`.
    """
    local = workspace.settings.sources if workspace.settings.mode == "local" else None
    return (Upload(name, declared_as(local, name)),)


def account_of(workspace: Workspace, lineage: str) -> LedgerAccount:
    """The ledger's account of a customer base, opened where there is none yet."""
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


def gate_of(workspace: Workspace) -> Gate:
    """The gate with everything that a purchase touches."""
    from dashboard.privacy.gate import Gate
    from dashboard.workflow.looking import frame_of

    return Gate(
        vault_of(workspace),
        workspace.records,
        workspace.noise,
        workspace.owner,
        workspace.settings.epsilon_cap,
        workspace.settings.workspace_epsilon_cap,
        partial(frame_of, workspace),
    )


def note(
    workspace: Workspace,
    action: str,
    thing: str,
    detail: Mapping[str, str | int | float | bool | None],
) -> None:
    """Write one line into the audit log, in the name of whoever sits here."""
    from dashboard.records import audit

    audit.note(
        workspace.records,
        actor=workspace.owner,
        action=action,
        object=thing,
        detail=detail,
        now=datetime.now(UTC),
        key=vault_of(workspace).audit_key(),
    )
