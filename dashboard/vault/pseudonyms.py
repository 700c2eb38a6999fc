"""Names that only this workspace's key can make: a customer's id goes in, 16 bytes come out."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from typing import Final

SIZE: Final = 16
"""Bytes of a pseudonym: enough that two customers never share one."""


def normalize(identifier: str) -> str:
    """Write an id in one way, so that the same customer is the same in every export.

    NFKC, no spaces around, no leading apostrophe (spreadsheets add it to keep
    long numbers), and case folded.
    """
    text = identifier if identifier.isascii() else unicodedata.normalize("NFKC", identifier)
    return text.strip().removeprefix("'").strip().casefold()


def pseudonyms(key: bytes, identifiers: Iterable[str]) -> list[bytes]:
    """The pseudonym of each id: HMAC-SHA256 of its normal form, cut to 16 bytes.

    Without the key nobody can tell whose it is, not even by trying every address.
    """
    return [
        hmac.digest(key, normalize(each).encode(errors="surrogatepass"), "sha256")[:SIZE]
        for each in identifiers
    ]
