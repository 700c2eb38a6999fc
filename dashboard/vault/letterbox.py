"""The letterbox's key: what customers sealed on their page is opened here and nowhere else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from dashboard.vault.store import Vault

_LARGEST: Final = 4096
"""Bytes of a letter that are looked at; ours are far shorter."""


def public_key(vault: Vault, owner: str) -> bytes:
    """The half of this owner's key that seals; it may be known to everybody."""
    return _key(vault, owner).public_key().public_bytes_raw()


def opened(vault: Vault, owner: str, page: str, sealed: bytes) -> tuple[str, str] | None:
    """Who said what: an id as its customer wrote it, and the wish.

    ``None`` where the letter was not sealed to this owner and this page, or is none of ours:
    the half that seals is public, so whoever reaches the box can put anything into it.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    try:
        plain = suite.decrypt(sealed, _key(vault, owner), info=page.encode())
        letter = json.loads(plain[:_LARGEST])
        who, wish = str(letter["who"]), str(letter["wish"])
        who.encode()  # half a pair of surrogates is no text
    except (InvalidTag, ValueError, KeyError, TypeError, RecursionError):
        return None
    return who, wish


def _key(vault: Vault, owner: str) -> X25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(vault.letters_key(owner))
