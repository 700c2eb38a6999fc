"""The letterbox's key: what customers sealed on their page is opened here and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from dashboard.vault.store import Vault


def public_key(vault: Vault, owner: str) -> bytes:
    """The half of this owner's key that seals; it may be known to everybody."""
    return _key(vault, owner).public_key().public_bytes_raw()


def opened(vault: Vault, owner: str, page: str, sealed: bytes) -> tuple[str, str] | None:
    """Who said what: an id as its customer wrote it, and the wish.

    ``None`` where the letter was not sealed to this owner and this page.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    try:
        letter = json.loads(suite.decrypt(sealed, _key(vault, owner), info=page.encode()))
        return str(letter["who"]), str(letter["wish"])
    except (InvalidTag, ValueError, KeyError, TypeError):
        return None


def _key(vault: Vault, owner: str) -> X25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(vault.letters_key(owner))
