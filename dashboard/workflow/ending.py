"""End: destroy, renew keys, forget."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.errors import ConfigurationError
from dashboard.workflow.seat import Workspace, note, vault_of


def purge(workspace: Workspace, now: datetime | None = None) -> int:
    """Destroy every customer table past its day; says how many there were."""
    return vault_of(workspace).purge(now or datetime.now(UTC))


def rotate_key(workspace: Workspace) -> int:
    """Lock the vault under a new master key; says for how many tables that was done.

    The new key is ``DASHBOARD_NEW_MASTER_KEY``; without it the key file is renewed.

    Raises:
        ConfigurationError: there is neither a new key nor a key file.
    """
    from dashboard.vault import opening

    settings = workspace.settings
    has_file = settings.master_key is None
    changed = opening.rotate_key(vault_of(workspace), settings.new_master_key, has_file=has_file)
    note(workspace, "vault.key_rotated", "vault", {"tables": changed})
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
    vault = vault_of(workspace)
    vault.forget(workspace.owner)
    for forgets in (forget_lineages, forget_list, forget_answers):
        forgets(vault, workspace.owner)
    if workspace.visits is not None:
        workspace.visits.forget(shared.ids_of(workspace.records, workspace.owner))
    memory.forget(workspace.records, workspace.owner)
