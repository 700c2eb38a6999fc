"""The root key: made once, locked by the master key, so that the master key can change.

Tables are locked under the master key itself, by a key of their own each. All else
(pseudonyms, lineages, suppressions, the audit log) derives from the root key, which
stays: a new master key must not make strangers of the same customers.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from dashboard.errors import ConfigurationError, InternalError
from dashboard.vault import sealed
from dashboard.vault.disk import locked
from dashboard.vault.keys import KEY_SIZE, derived


def root_key(directory: Path, master_key: bytes) -> bytes:
    """The root key of a vault, made at first; of vaults older than it, the master key they had.

    Raises:
        ConfigurationError: this vault was locked by another master key.
    """
    path = _path(directory)
    with locked(path.with_suffix(".lock")):
        try:
            root = sealed.load(path, derived(master_key, "root"))
        except InternalError:
            raise ConfigurationError(
                "The vault was locked by another key. Put the right DASHBOARD_MASTER_KEY, or the "
                "right key file, back."
            ) from None
        if root is None:
            root = master_key if _is_older(directory) else secrets.token_bytes(KEY_SIZE)
            sealed.save(path, derived(master_key, "root"), root)
    return root


def rewrap_root(directory: Path, root: bytes, master_key: bytes) -> None:
    """Lock the root key by another master key."""
    path = _path(directory)
    with locked(path.with_suffix(".lock")):
        sealed.save(path, derived(master_key, "root"), root)


def _is_older(directory: Path) -> bool:
    return any(directory.glob("*.key")) or (directory / "lineages").exists()


def _path(directory: Path) -> Path:
    return directory / "keys" / "root"
