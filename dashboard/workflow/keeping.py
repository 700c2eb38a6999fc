"""Keep: the tables that there are, and who is taken out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from dashboard.errors import NotFoundError
from dashboard.receipts import (
    Dataset,
)
from dashboard.workflow.looking import let_go
from dashboard.workflow.seat import Workspace, note, vault_of


def discard(workspace: Workspace, staged_id: str) -> None:
    """Destroy an upload that is not to be kept, at once; one that is gone stays gone."""
    from contextlib import suppress

    with suppress(NotFoundError):
        vault_of(workspace).shred(staged_id, workspace.owner)


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

    let_go(workspace, vault_of(workspace).content_key(dataset_id, workspace.owner))
    vault_of(workspace).shred(dataset_id, workspace.owner)
    register.end_dataset(workspace.records, dataset_id, workspace.owner, datetime.now(UTC))
    note(workspace, "dataset.destroyed", dataset_id, {})


def leave_out(workspace: Workspace, ids: Sequence[str]) -> dict[str, str]:
    """Take customers out of every table, and keep them out of every later one.

    A table that loses somebody becomes a new one, because what is bought of it from now
    on is another question: the answer maps its old id to the new one. What was released
    stays as it is, for nobody can be taken out of noisy numbers.
    """
    from dashboard.vault import suppression

    today = datetime.now(UTC).date()
    suppression.suppress_ids(vault_of(workspace), workspace.owner, ids, today)
    return take_out(workspace, ids)


def take_out(workspace: Workspace, ids: Sequence[str]) -> dict[str, str]:
    """Put every table that holds one of these customers anew, without them: old id to new."""
    from dashboard.records import register
    from dashboard.vault.rights import rows_of, without

    vault, owner, now = vault_of(workspace), workspace.owner, datetime.now(UTC)
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
        note(workspace, "dataset.renewed", renewed[each.id], {"instead_of": each.id})
    return renewed
