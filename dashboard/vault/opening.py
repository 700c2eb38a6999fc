"""The vault's door: which master key opens it, where that key lies, and how it is changed."""

from __future__ import annotations

from pathlib import Path

from dashboard.errors import ConfigurationError
from dashboard.vault.disk import destroy
from dashboard.vault.keys import (
    KEY_FILE,
    key_file,
    next_key_file,
    pending_key,
    use_next_key_file,
)
from dashboard.vault.store import Vault


def open_vault(directory: Path, master_key: bytes | None, *, make_key: bool) -> Vault:
    """Open the vault with the given key, or with the key file beside it.

    Args:
        directory: where the encrypted tables lie.
        master_key: the key from the settings, if there is one.
        make_key: whether a key file may be used, and made at first run.

    Raises:
        ConfigurationError: there is no key, or others can read the key file.
    """
    if master_key is not None:
        return Vault(directory, master_key)
    if not make_key:
        raise ConfigurationError(
            "The vault has no key. Set DASHBOARD_MASTER_KEY to 32 bytes in base64; make one with: "
            "openssl rand -base64 32"
        )
    path = directory.parent / KEY_FILE
    key, made = key_file(path)
    try:
        return Vault(directory, key, made_key=made)
    except ConfigurationError:
        fresh = pending_key(path)
        if fresh is None:
            raise
        vault = Vault(directory, fresh)  # a change of keys that stopped before its last step
        use_next_key_file(path)
        return vault


def rotate_key(vault: Vault, new_key: bytes | None, *, has_file: bool) -> int:
    """Lock the vault under a new master key; says how many tables were locked anew.

    Args:
        vault: opened with the present key.
        new_key: the new master key; ``None`` renews the key file.
        has_file: whether the present key lies in the key file. It is destroyed where a
            key was given.

    Raises:
        ConfigurationError: there is no new key and no key file to renew.
    """
    path = vault.directory.parent / KEY_FILE
    if new_key is None and not has_file:
        raise ConfigurationError(
            "There is no new key. Set DASHBOARD_NEW_MASTER_KEY to 32 bytes in base64; make one "
            "with: openssl rand -base64 32"
        )
    rewrapped = vault.rotate(next_key_file(path) if new_key is None else new_key)
    if new_key is None:
        use_next_key_file(path)
    elif has_file:
        destroy(path)
    return rewrapped
