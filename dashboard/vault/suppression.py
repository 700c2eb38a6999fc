"""Who said no stays out: keyed codes of their ids, in a list that outlives every table.

The list exists for this purpose only. It holds no name and no address: an id becomes
a code under a key of the list's own, and the codes lie encrypted. Erasing
tables, or giving the same people again, changes nothing here.

Who may add to it: imported lists (here), objections in a customer file (``workflow.keep``),
and whatever else takes a no from a customer, by calling :func:`suppress`. Nobody can
take a code off by saying yes somewhere; a yes comes from the CRM, by the owner's hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.vault import columns, sealed
from dashboard.vault.consent import OUT, combined, read_answers
from dashboard.vault.disk import destroy, locked
from dashboard.vault.identities import telling, told
from dashboard.vault.keys import derived
from dashboard.vault.pseudonyms import SIZE, codes, normal_forms
from dashboard.vault.shapes import PERSONAL

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.pseudonyms import Codes
    from dashboard.vault.store import Vault
    from dashboard.vault.texts import Texts

_DAY: Final = 4
_PHONE: Final = r"^(\+|00)?\d[\d\s().\-/]{6,20}$"
_EMAIL: Final = re.compile(PERSONAL["an e-mail address"])


@dataclass(frozen=True)
class Suppressed:
    """The list as it is asked: do these rows belong to somebody on it?

    ``columns`` are looked at, and what they say of a row follows from that row and from
    their names alone (:func:`identities.told`).
    """

    known: Codes
    key: bytes
    columns: tuple[str, ...]
    id_column: str | None = None

    def rows(self, raw: Texts) -> npt.NDArray[np.bool_]:
        """Which rows are told to be of somebody on the list, in any of the columns."""
        import numpy as np

        found = np.zeros(raw.num_rows, dtype=bool)
        if not len(self.known):
            return found
        for name in self.columns:
            start = 0
            for named, made in codes_of(self.key, told(raw, name, self.id_column)):
                found[start : start + len(made)] |= named & _among(made, self.known)
                start += len(made)
        return found

    def ids(self, raw: Texts, rows: npt.NDArray[np.bool_]) -> pa.ChunkedArray:
        """Who these rows are told to be, some of them many times."""
        import pyarrow as pa

        chunks: list[pa.Array] = []
        for name in self.columns if rows.any() else ():
            start = 0
            for piece in told(raw, name, self.id_column):
                chunks.append(piece.filter(pa.array(rows[start : start + len(piece)])))
                start += len(piece)
        return pa.chunked_array(chunks, pa.string()).drop_null()

    def by_id(self, raw: Texts, id_column: str) -> Suppressed:
        """The same for a table that keeps one row per id, and no other column that tells."""
        import numpy as np

        if not len(self.known):
            return self
        ids = ids_of(raw, self.rows(raw), (id_column,))
        made = [made[named] for named, made in codes_of(self.key, normal_forms(ids))]
        codes = np.unique(np.concatenate([np.empty((0, 2), np.uint64), *made]), axis=0)
        return replace(self, known=codes, columns=(id_column,), id_column=id_column)


def suppressed(
    vault: Vault, owner: str, names: Sequence[str], id_column: str | None = None
) -> Suppressed:
    """This owner's list, to be asked about the columns of a table, one of which is its id."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known, _ = _load(vault, owner, path)
    return Suppressed(known, _code_key(vault, owner), tuple(names), id_column)


def suppress(vault: Vault, owner: str, ids: pa.ChunkedArray, day: date) -> tuple[int, int]:
    """Put ids on the list; says how many are new and how many were on it already."""
    import numpy as np

    forms = normal_forms(ids)
    pieces = [made[named] for named, made in codes_of(_code_key(vault, owner), forms)]
    return suppress_codes(vault, owner, np.concatenate([np.empty((0, 2), np.uint64), *pieces]), day)


def suppress_codes(vault: Vault, owner: str, made: Codes, day: date) -> tuple[int, int]:
    """The same for ids whose codes were made elsewhere, under the list's key."""
    import numpy as np

    fresh = np.unique(made, axis=0)
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        known, days = _load(vault, owner, path)
        new = fresh[~_among(fresh, known)]
        if len(new):
            more = np.full(len(new), day.toordinal(), dtype="<u4")
            both, when = np.concatenate([known, new]), np.concatenate([days, more])
            order = np.lexsort((both[:, 1], both[:, 0]))
            _save(vault, owner, path, both[order], when[order])
    return len(new), len(fresh) - len(new)


def suppress_ids(vault: Vault, owner: str, ids: Sequence[str], day: date) -> tuple[int, int]:
    """Put single ids on the list, as somebody wrote them."""
    import pyarrow as pa

    return suppress(vault, owner, pa.chunked_array([pa.array(ids, pa.string())]), day)


def forget_list(vault: Vault, owner: str) -> None:
    """Forget this owner's list: at the end of a demo visit, whose owner never returns."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        destroy(path)


def since(vault: Vault, owner: str, day: date | None) -> int:
    """How many ids came onto the list on or after a day; all of them without a day."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        _, days = _load(vault, owner, path)
    return int((days >= (day.toordinal() if day else 0)).sum())


def refusals(raw: pa.Table) -> tuple[npt.NDArray[np.bool_], tuple[str, ...]]:
    """Who says no in a list that somebody imports, and the columns that tell who they are.

    A product's export of who unsubscribed says so in its consent columns or in its
    name, and then only these people count. In a plain list of ids everybody does.

    Raises:
        BadInputError: no column tells who somebody is.
    """
    import numpy as np

    names = telling(raw, None)
    if not names:
        raise BadInputError(
            "No column here tells who somebody is. Give a list with e-mail addresses, telephone "
            "numbers or customer ids under a header."
        )
    asked = [each.name for each in columns.describe(raw) if each.role == "consent"]
    if not asked:
        return np.ones(raw.num_rows, dtype=bool), tuple(names)
    readings = [read_answers(name, raw.column(name)) for name in asked]
    return combined(readings, raw.num_rows) == OUT, tuple(names)


def ids_of(raw: Texts, rows: npt.NDArray[np.bool_], names: Sequence[str]) -> pa.ChunkedArray:
    """Every id of these rows, some of them many times."""
    import pyarrow as pa

    chunks = []
    if rows.any():
        for name in names:
            chunks += raw.column(name).filter(pa.array(rows)).drop_null().chunks
    return pa.chunked_array(chunks, pa.string())


def addresses(ids: pa.ChunkedArray) -> tuple[str, ...]:
    """The e-mail addresses among ids, in order; none that a spreadsheet takes for a formula."""
    told = set(ids.to_pylist())
    return tuple(sorted(each for each in told if _EMAIL.match(each) and each[0] not in "=+-@"))


# ── codes ───────────────────────────────────────────────────────────────────────────────
def codes_of(
    key: bytes, forms: Iterable[pa.Array]
) -> Iterator[tuple[npt.NDArray[np.bool_], Codes]]:
    """Piece by piece: which rows have an id, and the keyed code of its normal form.

    A telephone number counts without what people put between its digits, and with a
    plus for a double zero.
    """
    import numpy as np
    import pyarrow.compute as pc

    for piece in forms:
        phones = pc.fill_null(pc.match_substring_regex(piece, _PHONE), fill_value=False)
        bare = pc.replace_substring_regex(piece, r"[\s().\-/]", "")
        bare = pc.replace_substring_regex(bare, "^00", "+")
        yield np.asarray(piece.is_valid()), codes(key, pc.if_else(phones, bare, piece))


def _among(made: Codes, known: Codes) -> npt.NDArray[np.bool_]:
    """Which codes are in a list that is in order; the first half finds them, the second proves."""
    import numpy as np

    if not len(known):
        return np.zeros(len(made), dtype=bool)
    places = np.minimum(np.searchsorted(known[:, 0], made[:, 0]), len(known) - 1)
    found: npt.NDArray[np.bool_] = (known[places] == made).all(axis=1)
    return found


def _code_key(vault: Vault, owner: str) -> bytes:
    return derived(vault.suppression_key(owner), "codes")


# ── on disk ─────────────────────────────────────────────────────────────────────────────
def _path(vault: Vault, owner: str) -> Path:
    return vault.directory / "suppressions" / vault.owner_tag(owner)


def _load(vault: Vault, owner: str, path: Path) -> tuple[Codes, npt.NDArray[np.uint32]]:
    """The codes in order, and the day on which each came."""
    import numpy as np

    opened = sealed.load(path, derived(vault.suppression_key(owner), "file")) or b""
    entries = len(opened) // (SIZE + _DAY)
    known = np.frombuffer(opened, "<u8", 2 * entries).reshape(-1, 2).astype(np.uint64)
    return known, np.frombuffer(opened, "<u4", entries, entries * SIZE)


def _save(vault: Vault, owner: str, path: Path, known: Codes, days: npt.NDArray[np.uint32]) -> None:
    opened = known.astype("<u8").tobytes() + days.astype("<u4").tobytes()
    sealed.save(path, derived(vault.suppression_key(owner), "file"), opened)
