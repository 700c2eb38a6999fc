"""Whose budget is it? Uploads that share customers belong to one lineage and one account.

The budget belongs to the customer base, not to the file: next month's export of the
same people, a shuffled or a padded one, must not start afresh. So for each base a
*sketch* is remembered: the 1,024 smallest keyed hashes of its customers' pseudonyms.
Sketches tell how much two bases overlap without telling who is in them. They are
encrypted, per owner, and outlive the tables.

Limits: somebody who rewrites every id escapes this (the workspace's cap still holds),
and so may a file padded to many hundred times its size.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboard.errors import InternalError
from dashboard.vault.disk import destroy, locked, write_whole
from dashboard.vault.keys import derived

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.vault.store import Vault

SKETCH_SIZE: Final = 1_024
MIN_OVERLAP: Final = 0.05
"""Share of the smaller base that must be found in the other for both to be one lineage."""

_HASH_BYTES: Final = 8
_WHOLE: Final = 1 << (8 * _HASH_BYTES)


@dataclass(frozen=True)
class _Lineage:
    id: str
    sketch: tuple[int, ...]
    absorbed: tuple[str, ...]


def lineage_of(vault: Vault, owner: str, customers: Iterable[bytes] | None) -> str:
    """The lineage that these customers belong to; made if they are new, grown if they are not.

    Args:
        vault: where the sketches lie.
        owner: whose they are; lineages of two owners never meet.
        customers: pseudonyms made with :meth:`Vault.id_key`, or ``None`` for a table
            without ids: all of an owner's such tables share one lineage, because
            nothing says that they are not the same people.

    Returns:
        An id that stays the same for this base. If the customers overlap several
        lineages, the one with the largest overlap absorbs the others, and
        :func:`absorbed_by` names these, so that their spending can be counted too.
        The first step of two processes at once is taken by one; the other then joins it.
    """
    if customers is None:
        return derived(vault.sketch_key(owner), "no ids").hex()[:32]
    fresh = sketch(derived(vault.sketch_key(owner), "sketch"), customers)
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known = _load(vault, owner, path)
        joined, lineages = _joined(fresh, known)
        if lineages != known:
            _save(vault, owner, path, lineages)
    return joined


def absorbed_by(vault: Vault, owner: str, lineage: str) -> tuple[str, ...]:
    """The earlier lineages whose customers now belong to this one."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known = _load(vault, owner, path)
    return next((each.absorbed for each in known if each.id == lineage), ())


def forget_lineages(vault: Vault, owner: str) -> None:
    """Forget this owner's sketches: at the end of a demo visit, whose owner never returns."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        destroy(path)


# ── sketches ────────────────────────────────────────────────────────────────────────────
def sketch(key: bytes, customers: Iterable[bytes]) -> tuple[int, ...]:
    """The smallest keyed hashes of a set of customers, in order; repeated ones count once."""
    hashes = {
        int.from_bytes(hmac.digest(key, each, "sha256")[:_HASH_BYTES], "big") for each in customers
    }
    return tuple(sorted(hashes)[:SKETCH_SIZE])


def overlap(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """About which share of the smaller base is in the other too, 0 to 1."""
    if not one or not other:
        return 0.0
    union = sorted({*one, *other})[:SKETCH_SIZE]
    shared = len({*one} & {*other} & {*union})
    together = shared / len(union) * _size(tuple(union))
    return min(1.0, together / min(_size(one), _size(other)))


def _size(hashes: tuple[int, ...]) -> float:
    if len(hashes) < SKETCH_SIZE:
        return float(len(hashes))
    return (SKETCH_SIZE - 1) * _WHOLE / (hashes[-1] + 1)


def _joined(
    fresh: tuple[int, ...], known: tuple[_Lineage, ...]
) -> tuple[str, tuple[_Lineage, ...]]:
    near = [each for each in known if overlap(fresh, each.sketch) >= MIN_OVERLAP]
    if not near:
        made = _Lineage(secrets.token_hex(16), fresh, ())
        return made.id, (*known, made)
    best, *others = sorted(near, key=lambda each: -overlap(fresh, each.sketch))
    hashes = sorted({*fresh}.union(*(each.sketch for each in near)))[:SKETCH_SIZE]
    absorbed = (*best.absorbed, *(id_ for each in others for id_ in (each.id, *each.absorbed)))
    grown = _Lineage(best.id, tuple(hashes), absorbed)
    return grown.id, (*(each for each in known if each not in near), grown)


# ── on disk ─────────────────────────────────────────────────────────────────────────────
def _path(vault: Vault, owner: str) -> Path:
    return vault.directory / "lineages" / vault.owner_tag(owner)


def _load(vault: Vault, owner: str, path: Path) -> tuple[_Lineage, ...]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        sealed = path.read_bytes()
        lock = AESGCM(derived(vault.sketch_key(owner), "file"))
        stored = json.loads(lock.decrypt(sealed[:12], sealed[12:], path.name.encode()))
    except FileNotFoundError:
        return ()
    except (InvalidTag, ValueError):
        raise InternalError(
            "The record of earlier customer bases can't be opened: it was changed, or the vault "
            "has another key. Put the right key or file back."
        ) from None
    return tuple(
        _Lineage(each["id"], tuple(each["sketch"]), tuple(each["absorbed"])) for each in stored
    )


def _save(vault: Vault, owner: str, path: Path, lineages: tuple[_Lineage, ...]) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    stored = json.dumps(
        [{"id": each.id, "sketch": each.sketch, "absorbed": each.absorbed} for each in lineages]
    )
    nonce = secrets.token_bytes(12)
    lock = AESGCM(derived(vault.sketch_key(owner), "file"))
    sealed = nonce + lock.encrypt(nonce, stored.encode(), path.name.encode())
    write_whole(path, lambda draft: draft.write_bytes(sealed))
