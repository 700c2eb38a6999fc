"""Keys: one master key, from which every other is derived for one use only."""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dashboard.errors import ConfigurationError

KEY_SIZE: Final = 32
KEY_FILE: Final = "master.key"


def derived(master_key: bytes, use: str, *parts: str) -> bytes:
    """The key for one use (HKDF-SHA256); knowing it tells nothing of any other."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"\0".join(each.encode() for each in ("private-segments", use, *parts))
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=info).derive(master_key)


def fingerprint(key: bytes, parts: Iterable[bytes | memoryview]) -> bytes:
    """A keyed digest of several byte strings, each with its length, so that none run together."""
    digest = hmac.new(key, digestmod="sha256")
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def key_file(path: Path) -> tuple[bytes, bool]:
    """Read the key file, or make it at first run; says whether it was made.

    Raises:
        ConfigurationError: others can read the file, or it doesn't hold a key.
    """
    made = False
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        made = _make(path)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        raise ConfigurationError(
            f"The key file {path.name} can't be opened. Make it a plain file of its owner's."
        ) from None
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        key = file.read(KEY_SIZE + 1)
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"The key file {path.name} can be read by others. Run: chmod 600 {path}"
        )
    if len(key) != KEY_SIZE:
        raise ConfigurationError(
            f"The key file {path.name} doesn't hold a key. Put the right file back; without it "
            "the vault stays closed."
        )
    return key, made


def next_key_file(path: Path) -> bytes:
    """Write a fresh key beside the key file, or read the one that an interrupted change left."""
    key, _ = key_file(_next(path))
    return key


def pending_key(path: Path) -> bytes | None:
    """The key that an interrupted change left beside the key file, if there is one."""
    return key_file(_next(path))[0] if _next(path).exists() else None


def use_next_key_file(path: Path) -> None:
    """Put the fresh key file in the old one's place, and zeros where the old key lay."""
    if os.name != "posix":  # a file that is open can't be replaced elsewhere
        _next(path).replace(path)
        return
    with path.open("r+b") as old:
        _next(path).replace(path)
        old.write(b"\0" * KEY_SIZE)
        old.flush()
        os.fsync(old.fileno())


def _next(path: Path) -> Path:
    return path.with_suffix(".next")


def _make(path: Path) -> bool:
    """Write a fresh key under a name that nobody has yet; the first of two processes wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_SIZE))
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        Path(draft).unlink()
    return True
