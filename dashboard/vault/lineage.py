"""Whose budget is it? Uploads that share customers belong to one lineage and one account.

The budget belongs to the customer base, not to the file: next month's export of the
same people, a shuffled, padded or partial one, must not start afresh. So for each
base keyed hashes of everything that identifies its customers are remembered,
encrypted, per owner, outliving the tables. A file that shares *any* of them joins.

Theorem: as long as a customer's id (or e-mail, or any other code in an id-like
column) stays as it is, all purchases about that customer are charged to one
account, so their loss stays within its cap. Proof: two files with that customer
share a hash, so the later one joins the earlier one's lineage; where a file joins
several, their accounts become one that has spent their sum.

Above two million hashes a lineage keeps those below a threshold, a sample by value
that no padding can dilute; then it joins whoever shares a sampled one. Rewritten
ids escape; then the workspace's cap still holds.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboard.errors import InternalError
from dashboard.vault import columns, pseudonyms
from dashboard.vault.disk import destroy, locked, write_whole
from dashboard.vault.keys import derived

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.store import Vault

    Hashes = npt.NDArray[np.uint64]

MOST_HASHES: Final = 2_000_000
"""How many hashes a lineage keeps; of a larger base it keeps the smallest."""

MOSTLY_UNIQUE: Final = 0.9
"""The share of different values from which an identifying column tells people apart."""


@dataclass(frozen=True)
class _Lineage:
    id: str
    hashes: Hashes
    absorbed: tuple[str, ...]


def known_as(raw: pa.Table, id_column: str | None, key: bytes) -> list[bytes] | None:
    """Everything by which a file's customers can be recognized again, as pseudonyms.

    These are the chosen id and every other column that identifies people and is
    (almost) different for each row: customer numbers, e-mail addresses, phone numbers.
    ``None`` where there is no such column.
    """
    import pyarrow.compute as pc

    found = {each.name for each in columns.describe(raw) if each.role in ("id", "identifier")}
    values: set[str] = set()
    for name in raw.column_names:
        if name != id_column and name not in found:
            continue
        distinct = pc.unique(raw.column(name).drop_null()).to_pylist()
        filled = raw.num_rows - raw.column(name).null_count
        if name == id_column or len(distinct) >= MOSTLY_UNIQUE * max(filled, 1) > 0:
            values.update(distinct)
    return pseudonyms.pseudonyms(key, sorted(values)) if values else None


def lineage_of(vault: Vault, owner: str, customers: Iterable[bytes] | None) -> str:
    """The lineage that these customers belong to; made if they are new, grown if they are not.

    Args:
        vault: where the hashes lie.
        owner: whose they are; lineages of two owners never meet.
        customers: pseudonyms from :func:`known_as`, or ``None`` for a table
            without ids: all of an owner's such tables share one lineage, because
            nothing says that they are not the same people.

    Returns:
        An id that stays the same for this base. If the customers belong to several
        lineages, the one that shares most absorbs the others, and
        :func:`absorbed_by` names these, so that their spending can be joined.
        The first step of two processes at once is taken by one; the other then joins it.
    """
    if customers is None:
        return derived(vault.sketch_key(owner), "no ids").hex()[:32]
    fresh = hashes_of(customers)
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known = _load(vault, owner, path)
        joined, lineages = _joined(fresh, known)
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


# ── hashes ──────────────────────────────────────────────────────────────────────────────
def hashes_of(customers: Iterable[bytes]) -> Hashes:
    """64 bits of each pseudonym, in order; repeated ones once, the smallest of very many."""
    import numpy as np

    joined = b"".join(each[:8] for each in customers)
    return np.unique(np.frombuffer(joined, dtype=">u8").astype(np.uint64))[:MOST_HASHES]


def _joined(fresh: Hashes, known: tuple[_Lineage, ...]) -> tuple[str, tuple[_Lineage, ...]]:
    import numpy as np

    shared = {each.id: np.isin(fresh, each.hashes).sum() for each in known}
    near = sorted((each for each in known if shared[each.id]), key=lambda each: -shared[each.id])
    if not near:
        made = _Lineage(secrets.token_hex(16), fresh, ())
        return made.id, (*known, made)
    best, *others = near
    together = np.unique(np.concatenate([fresh, *(each.hashes for each in near)]))[:MOST_HASHES]
    absorbed = (*best.absorbed, *(name for each in others for name in (each.id, *each.absorbed)))
    grown = _Lineage(best.id, together, absorbed)
    return grown.id, (*(each for each in known if not shared[each.id]), grown)


# ── on disk ─────────────────────────────────────────────────────────────────────────────
def _path(vault: Vault, owner: str) -> Path:
    return vault.directory / "lineages" / vault.owner_tag(owner)


def _load(vault: Vault, owner: str, path: Path) -> tuple[_Lineage, ...]:
    import numpy as np
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        sealed = path.read_bytes()
        lock = AESGCM(derived(vault.sketch_key(owner), "file"))
        opened = lock.decrypt(sealed[:12], sealed[12:], path.name.encode())
    except FileNotFoundError:
        return ()
    except (InvalidTag, ValueError):
        raise InternalError(
            "The record of earlier customer bases can't be opened: it was changed, or the vault "
            "has another key. Put the right key or file back."
        ) from None
    head, _, body = opened.partition(b"\n")
    hashes, start, lineages = np.frombuffer(body, dtype=np.uint64), 0, []
    for each in json.loads(head):
        end = start + each["hashes"]
        lineages.append(_Lineage(each["id"], hashes[start:end], tuple(each["absorbed"])))
        start = end
    return tuple(lineages)


def _save(vault: Vault, owner: str, path: Path, lineages: tuple[_Lineage, ...]) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = [
        {"id": each.id, "hashes": len(each.hashes), "absorbed": each.absorbed} for each in lineages
    ]
    body = b"".join(each.hashes.tobytes() for each in lineages)
    nonce = secrets.token_bytes(12)
    lock = AESGCM(derived(vault.sketch_key(owner), "file"))
    opened = json.dumps(head).encode() + b"\n" + body
    sealed = nonce + lock.encrypt(nonce, opened, path.name.encode())
    write_whole(path, lambda draft: draft.write_bytes(sealed))
