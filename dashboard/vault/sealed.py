"""Small encrypted files beside the tables: what outlives them, whole or absent, tied to a name."""

from __future__ import annotations

import secrets
from pathlib import Path

from dashboard.errors import InternalError
from dashboard.vault.disk import write_whole


def load(path: Path, key: bytes) -> bytes | None:
    """What was saved; ``None`` if nothing was.

    Raises:
        InternalError: the file was changed, comes from elsewhere, or the key is another.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        sealed = path.read_bytes()
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], path.name.encode())
    except FileNotFoundError:
        return None
    except (InvalidTag, ValueError):
        raise InternalError(
            f"The vault's record of {path.parent.name} can't be opened: it was changed, or the "
            "vault has another key. Put the right key or file back."
        ) from None


def save(path: Path, key: bytes, opened: bytes) -> None:
    """Encrypt with AES-GCM, bound to the file's name, and put it in the old one's place."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, opened, path.name.encode())
    write_whole(path, lambda draft: draft.write_bytes(sealed))
