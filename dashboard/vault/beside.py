"""What workers of a cluster do beside the rows: bring a customer's rows together, and decide.

The rules are those of ``table.py``, line by line. They look at one customer's rows only, so it
doesn't matter how many customers are decided about at once, nor where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from dashboard.plan import Feature
from dashboard.receipts import Choices
from dashboard.vault.columnar import texts_of
from dashboard.vault.headers import stripped
from dashboard.vault.identities import told
from dashboard.vault.pseudonyms import CUSTOMER, chained, codes, normal_forms
from dashboard.vault.suppression import codes_of
from dashboard.vault.table import one_row_per_customer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.pseudonyms import Codes
    from dashboard.vault.table import CustomerTable, Refusing

COUNTS: Final = (
    *("customers", "rows", "named", "duplicates", "without_id"),
    *("said_no", "unknown", "unlisted", "minors", "listed", "objections", "hashes"),
)
DIGESTS: Final = ("first", "second", "third", "fourth")
TOLD: Final = (*COUNTS, *DIGESTS)
WHO, PART = "who", "part"
CUSTOMERS, HASHES, SUMS, OBJECTIONS = range(4)
TOP: Final = 1 << 63
"""Spark's whole numbers have a sign: with this bit turned over they sort as ours do."""


@dataclass(frozen=True)
class Wanted:
    """How rows are judged: the giver's choices, who is left out, and the keys of this look.

    ``rows_key`` makes names and the digest, ``hash_key`` the lineage's hashes, ``telling`` are
    the columns that may say who somebody is. None of the keys opens anything.
    """

    choices: Choices
    refusing: Refusing
    child_age: int
    day: date
    telling: tuple[str, ...]
    rows_key: bytes = field(repr=False)
    hash_key: bytes = field(repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read at all."""
        chosen = self.choices
        asked = (chosen.id_column, chosen.age_column, *chosen.consent_columns)
        kept = (each.name for each in chosen.kept)
        return tuple(dict.fromkeys([*filter(None, asked), *kept, *self.telling]))


_KINDS: Final = {"number": "double", "flag": "tinyint"}


def schema_text(kept: Sequence[Feature]) -> str:
    """What :func:`judging` gives, as Spark writes schemas."""
    columns = [f"k{place} {_KINDS.get(each.kind, 'string')}" for place, each in enumerate(kept)]
    numbers = [f"{name} bigint" for name in ("hash", "more", *TOLD)]
    return ", ".join([f"{PART} tinyint", *columns, *numbers])


# ── whose row it is ─────────────────────────────────────────────────────────────────────
def naming(
    wanted: Wanted,
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Give each row the code of whose it is, so that a customer's rows come together."""

    def named(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        place = wanted.columns.index(wanted.choices.id_column or "")
        for batch in batches:
            who = np.arange(batch.num_rows, dtype=np.uint64)  # of nobody: anywhere
            start = 0
            for forms in normal_forms(_texts([batch.column(place)])):
                made = codes(wanted.rows_key, forms)[:, 0]
                valid = np.asarray(forms.is_valid())
                who[start : start + len(forms)][valid] = made[valid]
                start += len(forms)
            yield pa.RecordBatch.from_arrays(
                [*batch.columns, pa.array(who.view(np.int64))], [*batch.schema.names, WHO]
            )

    return named


def _texts(chunks: Sequence[pa.Array]) -> pa.ChunkedArray:
    """A column as texts, as a file that holds it is read."""
    import pyarrow as pa

    return stripped(pa.chunked_array([texts_of(each, "", "") for each in chunks], pa.string()))


# ── what a worker decides, over all rows of some customers ──────────────────────────────
def judging(wanted: Wanted, ordered: int) -> Callable[[pa.Table], pa.Table]:
    """Decide over all rows of some customers: who may be used, and what is told of them.

    Rows hold the wanted columns, then as many by which they are put in order, then whose they are.
    """

    def judged(rows: pa.Table) -> pa.Table:
        import pyarrow as pa

        columns = [_texts(rows.column(place).chunks) for place in range(len(wanted.columns))]
        texts = pa.table(columns, list(wanted.columns))
        texts = texts.take(_in_order(rows, texts, ordered))
        found = one_row_per_customer(
            texts,
            wanted.choices,
            key=wanted.rows_key,
            child_age=wanted.child_age,
            today=wanted.day,
            refusing=wanted.refusing,
        )
        objections = _objections(texts, wanted)
        hashes = _hashes(texts, wanted)
        sums = _told(found, wanted)
        sums |= {"objections": len(objections["hash"]), "hashes": len(hashes)}
        parts = [
            _customers(found, wanted.choices.kept),
            {PART: HASHES, "hash": hashes},
            {PART: SUMS, **{name: [value] for name, value in sums.items()}},
            {PART: OBJECTIONS, **objections},
        ]
        empty = _empty(wanted.choices.kept)
        return pa.concat_tables([_filled(each, empty) for each in parts])

    return judged


def _in_order(rows: pa.Table, texts: pa.Table, ordered: int) -> npt.NDArray[np.int64]:
    """The rows, those of one customer from the oldest to the newest.

    Where the declared columns don't decide, the values do, in a way that doesn't depend on
    where a row lay: only whoever has several rows is put in order.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    _, place, times = np.unique(rows.column(WHO), return_inverse=True, return_counts=True)
    several = np.flatnonzero(times[place] > 1)
    first = len(texts.column_names)
    declared = [rows.column(each) for each in range(first, first + ordered)]
    keys: dict[str, pa.ChunkedArray] = {}
    for each in (*declared, *texts.columns):
        some = each.take(pa.array(several))
        keys |= {f"{len(keys)}": some.is_valid().cast(pa.int8()), f"{len(keys) + 1}": some}
    found = pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending") for name in keys])
    single = np.flatnonzero(times[place] == 1)
    return np.concatenate([single, several[found.to_numpy()]])


def _customers(found: CustomerTable, kept: Sequence[Feature]) -> dict[str, Any]:
    columns = {f"k{place}": found.rows.column(each.name) for place, each in enumerate(kept)}
    return {PART: CUSTOMERS, **columns}


def _told(found: CustomerTable, wanted: Wanted) -> dict[str, int]:
    """What is added up over all workers: the receipt's counts, and the digests of the rows."""
    sums = {
        "customers": found.customers,
        "rows": found.rows_received,
        "named": found.rows_received - found.without_id,
        "duplicates": found.duplicates,
        "without_id": found.without_id,
        "said_no": found.said_no,
        "unknown": found.unknown,
        "unlisted": found.unlisted,
        "minors": found.minors,
        "listed": found.listed or 0,
    }
    digests = _digests(found.rows, wanted).view("<u4").reshape(-1, len(DIGESTS)).astype("u8")
    return sums | dict(zip(DIGESTS, map(int, digests.sum(axis=0)), strict=True))


def _digests(rows: pa.Table, wanted: Wanted) -> Codes:
    """A keyed digest of each kept row: whose it is and all its values, blanks among them.

    Their sum knows no order, and nobody without the key can make another table of the same sum.
    """
    import numpy as np
    import pyarrow as pa

    def block(column: pa.ChunkedArray) -> Codes:
        whole = column.combine_chunks()
        if pa.types.is_floating(whole.type) or pa.types.is_integer(whole.type):
            values = whole.fill_null(0).to_numpy(zero_copy_only=False)
            bits = values.astype(np.float64).view(np.uint64)
            return np.stack([bits, np.asarray(whole.is_null()).astype(np.uint64)], axis=1)
        made = codes(wanted.rows_key, whole)
        made[np.asarray(whole.is_null())] = 0
        return made

    names = [CUSTOMER, *(each.name for each in wanted.choices.kept)]
    made = chained(wanted.rows_key, (block(rows.column(name)) for name in names))
    return np.ascontiguousarray(made)


def _hashes(texts: pa.Table, wanted: Wanted) -> npt.NDArray[np.int64]:
    """The lineage's hashes of everything that tells these people apart, each once."""
    import numpy as np

    found = [
        codes(wanted.hash_key, forms.drop_null())[:, 0]
        for name in wanted.telling
        for forms in told(texts, name, wanted.choices.id_column)
    ]
    return _signed(np.unique(np.concatenate([np.empty(0, np.uint64), *found])))


def _objections(texts: pa.Table, wanted: Wanted) -> dict[str, Any]:
    """The list's codes of whoever objects to being processed at all."""
    import numpy as np

    ruled = wanted.refusing
    if ruled.suppressed is None:
        return {"hash": np.empty(0, np.int64)}
    rows = ruled.objections(texts, wanted.choices.consent_columns)
    forms = normal_forms(ruled.suppressed.ids(texts, rows))
    pieces = [made[named] for named, made in codes_of(ruled.suppressed.key, forms)]
    made = np.concatenate([np.empty((0, 2), np.uint64), *pieces])
    return {"hash": _signed(made[:, 0]), "more": _signed(made[:, 1])}


def _empty(kept: Sequence[Feature]) -> pa.Schema:
    import pyarrow as pa

    kinds = {"number": pa.float64(), "flag": pa.int8()}
    columns = [(f"k{place}", kinds.get(each.kind, pa.string())) for place, each in enumerate(kept)]
    numbers = [(name, pa.int64()) for name in ("hash", "more", *TOLD)]
    return pa.schema([(PART, pa.int8()), *columns, *numbers])


def _filled(part: dict[str, Any], schema: pa.Schema) -> pa.Table:
    """Rows of one kind, with nothing in the columns of the other kinds."""
    import pyarrow as pa

    kind = part.pop(PART)
    length = len(next(iter(part.values())))
    columns = [pa.array([kind] * length, pa.int8())]
    for each in list(schema)[1:]:
        values = part.get(each.name, pa.nulls(length, each.type))
        columns.append(
            values if isinstance(values, pa.ChunkedArray) else pa.array(values, each.type)
        )
    return pa.table(columns, schema=schema)


def _signed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    import numpy as np

    return (numbers ^ np.uint64(TOP)).view(np.int64)
