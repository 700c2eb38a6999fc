"""Whose budget is it? Uploads that share customers belong to one lineage and one account.

The budget belongs to the customer base, not to the file: next month's export of the
same people, a shuffled, padded or partial one, must not start afresh. So for each
base keyed hashes of everything that identifies its customers are remembered,
encrypted, per owner, outliving the tables. A file that shares *any* of them joins.

Theorem: while a customer's id (or e-mail, or any other value that ``identities.py``
finds) stays as it is, and no lineage holds more than two million hashes, all that is
ever bought about that customer costs them at most the cap of their account.
Proof: at any time a hash belongs to one lineage, because a file that shares hashes
with several makes one of them. So all files with that customer lead to one account,
at each charge. Where accounts become one, it has spent their sum, or all of its cap:
no less than any of its customers has lost. From then on each purchase adds its price
to both, and none is sold beyond the cap.

Rows that nothing identifies may be the same people in each file. One mark stands for
all of them, so every file that has such rows joins the same lineage.

Of a lineage beyond two million hashes the smallest two million are kept, and always
those in the lowest sixteenth: a sample by value, which no padding can dilute. A file
that shares m customers with it is missed with a chance of at most (15/16)^m.
Rewritten ids escape; then the workspace's cap still holds.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboard.vault import sealed
from dashboard.vault.disk import destroy, locked
from dashboard.vault.identities import Values
from dashboard.vault.keys import derived
from dashboard.vault.pseudonyms import coded, codes

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.store import Vault

    Hashes = npt.NDArray[np.uint64]

MOST_HASHES: Final = 2_000_000
"""How many hashes a lineage keeps for certain; of a larger base it keeps the smallest."""

ALWAYS_KEPT: Final = 1 << 60
"""Hashes below this one, a sixteenth of all, are kept however many there are."""

_AT_ONCE: Final = 1 << 20

NAMELESS: Final = 0
"""The mark of all rows that nothing identifies; the smallest, so it is never left out."""


@dataclass(frozen=True)
class _Lineage:
    id: str
    hashes: Hashes
    absorbed: tuple[str, ...]


def lineage_of(
    vault: Vault,
    owner: str,
    identities: Iterable[str],
    *more: str,
    nameless: bool = False,
) -> str:
    """The lineage that these customers belong to; made if they are new, grown if they are not.

    Args:
        vault: where the hashes lie.
        owner: whose they are; lineages of two owners never meet.
        identities: every value that tells who somebody is, of all rows, in normal
            form; :func:`identities.identities` finds them.
        more: further values that tell who these customers are.
        nameless: whether some rows have none. All of an owner's tables with such
            rows share one lineage, because nothing says that they are not the same people.

    Returns:
        An id that stays the same for this base. If the customers belong to several
        lineages, the one that shares most absorbs the others, and
        :func:`absorbed_by` names these, so that their spending can be joined.
        The first step of two processes at once is taken by one; the other then joins it.
    """
    hashes = hashes_of(hash_key(vault, owner), identities, *more, nameless=nameless)
    return lineage_of_hashes(vault, owner, hashes)


def lineage_of_hashes(vault: Vault, owner: str, fresh: Hashes, *more: str) -> str:
    """The lineage of customers whose hashes were made elsewhere, under :func:`hash_key`, in order.

    ``more`` are further values that tell who they are.
    """
    if more:
        fresh = _in_order(fresh, hashes_of(hash_key(vault, owner), more))
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known = _load(vault, owner, path)
        joined, lineages = _joined(fresh, known)
        if lineages is not known:
            _save(vault, owner, path, lineages)
    return joined


def absorbed_by(vault: Vault, owner: str, lineage: str) -> tuple[str, ...]:
    """The earlier lineages whose customers now belong to this one."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known = _load(vault, owner, path)
    return next((each.absorbed for each in known if each.id == lineage), ())


def forget_lineages(vault: Vault, owner: str) -> None:
    """Forget this owner's hashes: at the end of a demo visit, whose owner never returns."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        destroy(path)


def hash_key(vault: Vault, owner: str) -> bytes:
    """The key of this owner's hashes; it opens nothing."""
    return derived(vault.sketch_key(owner), "hashes")


# ── hashes ──────────────────────────────────────────────────────────────────────────────
def hashes_of(key: bytes, identities: Iterable[str], *more: str, nameless: bool = False) -> Hashes:
    """The keyed hash of each value, in order; repeated ones once.

    A hash is the first half of the code that :func:`pseudonyms.codes` makes under
    this key; nobody else has the key, so nothing is said of pseudonyms.
    """
    import numpy as np

    pieces = identities.pieces() if isinstance(identities, Values) else [_bytes(identities)]
    hashed = _Growing()
    for made in coded(key, (each.drop_null() for each in pieces)):
        hashed.add(made[:, 0])
    if nameless or not hashed.count:
        hashed.add(np.array([NAMELESS], dtype=np.uint64))
    hashed.add(codes(key, _bytes(more))[:, 0])
    return _each_once(hashed.whole())


def _bytes(values: Iterable[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array([each.encode(errors="surrogatepass") for each in values], pa.binary())


class _Growing:
    """A list of hashes that grows in place: a hundred million of them fit into memory only once."""

    def __init__(self) -> None:
        import numpy as np

        self.count = 0
        self._room: Hashes = np.empty(1 << 16, dtype=np.uint64)

    def add(self, more: Hashes) -> None:
        """Put these behind the others."""
        end = self.count + len(more)
        if end > len(self._room):
            self._room.resize(max(end, len(self._room) * 5 // 4), refcheck=False)
        self._room[self.count : end] = more
        self.count = end

    def whole(self) -> Hashes:
        """All of them, in the room in which they lie."""
        self._room.resize(self.count, refcheck=False)
        return self._room


def _in_order(*hashes: Hashes) -> Hashes:
    """All of these hashes, sorted, each once."""
    import numpy as np

    return _each_once(np.concatenate(hashes, dtype=np.uint64))


def _each_once(hashes: Hashes) -> Hashes:
    """These hashes sorted and each once, where they lie; NumPy's ``unique`` takes far longer."""
    import numpy as np

    hashes.sort()
    kept, last = 0, None
    for start in range(0, len(hashes), _AT_ONCE):
        some = hashes[start : start + _AT_ONCE]
        first = np.ones(len(some), dtype=bool)
        first[1:] = some[1:] != some[:-1]
        first[0] = some[0] != last
        last = some[-1]
        fresh = some[first]
        hashes[kept : kept + len(fresh)] = fresh
        kept += len(fresh)
    return hashes[:kept]


def sampled(hashes: Hashes) -> Hashes:
    """The hashes that are kept: all, or the smallest of very many."""
    import numpy as np

    always = int(np.searchsorted(hashes, np.uint64(ALWAYS_KEPT)))
    return hashes[: max(MOST_HASHES, always)]


def _shared(one: Hashes, other: Hashes) -> int:
    """How many hashes two lists in order have in common."""
    import numpy as np

    few, many = sorted((one, other), key=len)
    places = np.searchsorted(many, few)
    return int((many[np.minimum(places, len(many) - 1)] == few).sum())


def _joined(fresh: Hashes, known: tuple[_Lineage, ...]) -> tuple[str, tuple[_Lineage, ...]]:
    """Which lineage the hashes belong to, and all lineages after that."""
    import numpy as np

    shared = {each.id: _shared(fresh, each.hashes) for each in known}
    near = sorted((each for each in known if shared[each.id]), key=lambda each: -shared[each.id])
    if not near:
        made = _Lineage(secrets.token_hex(16), sampled(fresh), ())
        return made.id, (*known, made)
    best, *others = near
    together = sampled(_in_order(sampled(fresh), *(each.hashes for each in near)))
    if not others and np.array_equal(together, best.hashes):
        return best.id, known
    absorbed = (*best.absorbed, *(name for each in others for name in (each.id, *each.absorbed)))
    grown = _Lineage(best.id, together, absorbed)
    return grown.id, (*(each for each in known if not shared[each.id]), grown)


# ── on disk ─────────────────────────────────────────────────────────────────────────────
def _path(vault: Vault, owner: str) -> Path:
    return vault.directory / "lineages" / vault.owner_tag(owner)


def _load(vault: Vault, owner: str, path: Path) -> tuple[_Lineage, ...]:
    import numpy as np

    opened = sealed.load(path, derived(vault.sketch_key(owner), "file"))
    if opened is None:
        return ()
    head, _, body = opened.partition(b"\n")
    hashes, start, lineages = np.frombuffer(body, dtype="<u8"), 0, []
    for each in json.loads(head):
        end = start + each["hashes"]
        lineages.append(_Lineage(each["id"], hashes[start:end], tuple(each["absorbed"])))
        start = end
    return tuple(lineages)


def _save(vault: Vault, owner: str, path: Path, lineages: tuple[_Lineage, ...]) -> None:
    head = [
        {"id": each.id, "hashes": len(each.hashes), "absorbed": each.absorbed} for each in lineages
    ]
    body = b"".join(each.hashes.astype("<u8").tobytes() for each in lineages)
    opened = json.dumps(head).encode() + b"\n" + body
    sealed.save(path, derived(vault.sketch_key(owner), "file"), opened)
