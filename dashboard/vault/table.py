"""Raw rows → one row per customer: consented, grown up, pseudonymous, and no column too many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.receipts import Choices, Kept
from dashboard.terms import PrivacyUnit
from dashboard.vault import pseudonyms
from dashboard.vault.ages import children
from dashboard.vault.consent import (
    IN,
    OUT,
    UNKNOWN,
    Reading,
    combined,
    read_answers,
    scope_of,
)
from dashboard.vault.dates import days_before
from dashboard.vault.headers import UNSEEN
from dashboard.vault.numbers import flags, numbers
from dashboard.vault.pseudonyms import CUSTOMER
from dashboard.vault.signs import once
from dashboard.vault.texts import pieces

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.pseudonyms import Codes
    from dashboard.vault.suppression import Suppressed
    from dashboard.vault.texts import Texts

    Customers = npt.NDArray[np.int32]

    Places = npt.NDArray[np.int64]

    Flags = npt.NDArray[np.bool_]

    Values = npt.NDArray[Any]

MAX_LABEL: Final = 80

_COLUMNS_AT_ONCE: Final = 2
"""So many columns are reduced at the same time: more would need more memory."""


@dataclass(frozen=True)
class CustomerTable:
    """Exactly one row for each customer who may be used, in the order of their pseudonyms.

    ``rows`` has the column ``customer`` (16 bytes) and one column per kept feature:
    float64 for numbers and days, int8 (0 or 1) for flags, text for labels; null where
    nothing is known. The counts are for the giver's receipt only: ``minors``,
    ``listed``, ``said_no`` and ``unknown`` count customers, the others rows. ``unlisted`` counts
    answers to consent that could not be read, which are taken as unknown.
    """

    rows: pa.Table
    unit: PrivacyUnit
    rows_received: int
    duplicates: int
    without_id: int
    said_no: int
    unknown: int
    unlisted: int
    minors: int
    columns_received: int
    listed: int | None = None

    @property
    def customers(self) -> int:
        """How many customers are kept."""
        return int(self.rows.num_rows)

    def pseudonyms(self) -> list[bytes] | None:
        """The customers' pseudonyms for the lineage; ``None`` where nothing says who is who."""
        if self.unit is PrivacyUnit.ROW:
            return None
        return list(self.rows.column(CUSTOMER).to_pylist())

    def receipt(self, dataset_id: str, expires_on: date) -> Kept:
        """What became of the rows, for the person who gave them."""
        return Kept(
            dataset_id=dataset_id,
            rows=self.rows_received,
            duplicates=self.duplicates,
            without_id=self.without_id,
            said_no=self.said_no,
            unknown=self.unknown,
            minors=self.minors,
            customers=self.customers,
            columns_received=self.columns_received,
            columns_kept=self.rows.num_columns - 1,
            expires_on=expires_on,
            listed=self.listed,
            unlisted=self.unlisted,
        )


def one_row_per_customer(
    raw: Texts,
    choices: Choices,
    *,
    key: bytes,
    child_age: int,
    today: date | None = None,
    refusing: Refusing | None = None,
) -> CustomerTable:
    """Reduce a file to the customers who may be used and to the columns that were chosen.

    Every step looks at one customer's rows, the choices and the key only. So under the
    same choices, adding or removing the rows of one customer never changes what is kept
    of another: the privacy proofs build on it. The choices themselves are a person's,
    who may have followed suggestions that hang on the values (``columns.describe``).

    1. Rows without an id are left out. Without an id column each row is a customer.
    2. Customers with an age below ``child_age`` in any row are left out.
    3. Customers who said no earlier, with any of their ids, and customers with a no in
       any row and any consent column are left out; those who said neither yes nor no
       stay only if ``choices.use_unknown``.
    4. Of several rows the last value that can be read counts, column by column, in
       the order of the file.

    Args:
        raw: texts as :func:`intake.read` gives them.
        choices: the giver's decisions.
        key: the owner's key for pseudonyms, :meth:`Vault.id_key`.
        child_age: in years; 0 leaves nobody out.
        today: the day on which ages are reckoned; today if not given.
        refusing: who said no earlier, what unlisted answers mean, and which refusals count.

    Raises:
        BadInputError: a chosen column is not there, or an identifying one is to be kept.
    """
    _check(raw, choices)
    who = _who_is_who(raw, choices, key)
    day = today or datetime.now(UTC).date()
    young = _any_row(who, _young_rows(raw, choices.age_column, child_age, day))
    ruled = refusing or Refusing()
    answers, unlisted = _answers(raw, choices.consent_columns, ruled)
    listed = _any_row(who, ruled.listed(raw)) & ~young
    refused = _any_row(who, answers == OUT) & ~young & ~listed
    agreed = _any_row(who, answers == IN)
    silent = ~young & ~listed & ~refused & ~agreed if choices.consent_columns else young & False
    used = ~young & ~listed & ~refused & (~silent | choices.use_unknown)
    return CustomerTable(
        rows=_kept_rows(raw, choices.kept, who, used),
        unit=PrivacyUnit.CUSTOMER if choices.id_column else PrivacyUnit.ROW,
        rows_received=raw.num_rows,
        duplicates=int((who.codes >= 0).sum()) - who.count,
        without_id=int((who.codes < 0).sum()),
        said_no=int(refused.sum()),
        unknown=int(silent.sum()),
        unlisted=unlisted,
        minors=int(young.sum()),
        columns_received=len(raw.column_names),
        listed=int(listed.sum()) if ruled.asks else None,
    )


def added(parts: Sequence[Kept]) -> Kept:
    """What became of the rows of a table whose customers were dealt out."""
    first = parts[0]
    sums = {
        name: sum(getattr(each, name) for each in parts)
        for name in ("rows", "duplicates", "without_id", "said_no", "unknown", "unlisted", "minors")
    }
    listed = None if first.listed is None else sum(each.listed or 0 for each in parts)
    customers = sum(each.customers for each in parts)
    return replace(first, customers=customers, listed=listed, **sums)


@dataclass(frozen=True)
class Refusing:
    """How refusals are known: the list of earlier ones, and what answers mean.

    ``told`` gives for a column what people said of its unlisted answers. With
    ``channels`` a refusal of letters and messages only leaves its customer out, too;
    without it such a customer said neither yes nor no to being grouped.
    """

    suppressed: Suppressed | None = None
    told: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    channels: bool = True

    def listed(self, raw: Texts) -> npt.NDArray[np.bool_]:
        """Which rows belong to somebody who said no earlier."""
        import numpy as np

        if self.suppressed is None:
            return np.zeros(raw.num_rows, dtype=bool)
        return self.suppressed.rows(raw)

    @property
    def asks(self) -> bool:
        """Whether anybody ever said no."""
        return self.suppressed is not None and len(self.suppressed.known) > 0

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that may say who somebody is."""
        return self.suppressed.columns if self.suppressed else ()

    def objections(self, raw: Texts, columns: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which rows object to being processed or profiled at all; that is remembered."""
        import numpy as np

        objecting = np.zeros(raw.num_rows, dtype=bool)
        for name in columns:
            if scope_of(name) == "profiling":
                objecting |= self.reading(name, raw).states == OUT
        return objecting

    def reading(self, column: str, raw: Texts) -> Reading:
        """One column's answers, as they count here."""
        found = read_answers(column, raw.column(column), self.told.get(column))
        if found.scope != "channel" or self.channels:
            return found
        return replace(found, states=found.states.clip(UNKNOWN))


def _check(raw: Texts, choices: Choices) -> None:
    names = [feature.name for feature in choices.kept]
    asked = [*names, *choices.consent_columns, choices.id_column, choices.age_column]
    for name in asked:
        if name is not None and name not in raw.column_names:
            raise BadInputError(f"There is no column “{name}” in this file. Choose again.")
    if not names:
        raise BadInputError("No column was chosen to be kept. Choose at least one.")
    if len(set(names)) < len(names):
        raise BadInputError("A column was chosen twice. Choose each column once.")
    if choices.id_column in names:
        raise BadInputError(
            f"The column “{choices.id_column}” says who is who, so it can't be kept as a feature."
        )
    if CUSTOMER in names:
        raise BadInputError(
            f"A kept column can't be called “{CUSTOMER}”. Rename it in the file and give it again."
        )


# ── who is who ──────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class _Who:
    """Which customer each row belongs to (−1: nobody), and the customers' names, in order."""

    codes: Customers
    count: int
    names: Codes


def _who_is_who(raw: Texts, choices: Choices, key: bytes) -> _Who:
    import numpy as np

    if choices.id_column is None:
        names = _names_of_rows(raw, choices.kept, key)
        return _in_order(names, np.ones(len(names), dtype=bool))
    names = np.empty((raw.num_rows, 2), dtype=np.uint64)
    named = np.empty(raw.num_rows, dtype=bool)

    def forms(column: str) -> Iterator[pa.Array]:
        start = 0
        for piece in pseudonyms.normal_forms(raw.column(column)):
            named[start : start + len(piece)] = np.asarray(piece.is_valid())
            start += len(piece)
            yield piece

    start = 0
    for made in pseudonyms.coded(key, forms(choices.id_column)):
        names[start : start + len(made)] = made
        start += len(made)
    return _in_order(names, named)


def _in_order(names: Codes, named: npt.NDArray[np.bool_]) -> _Who:
    """Number the customers in the order of their names, so that it says nothing of the file's."""
    import numpy as np

    rows = None if named.all() else np.flatnonzero(named)
    order, ordered, new = _sorted(names if rows is None else names[rows])
    codes = np.full(len(names), -1, dtype=np.int32)
    codes[order if rows is None else rows[order]] = np.cumsum(new, dtype=np.int32) - 1
    return _Who(codes, int(new.sum()), ordered if new.all() else ordered[new])


def _sorted(names: Codes) -> tuple[Places, Codes, Flags]:
    """The order of names, they in order, and which of these is another than the one before.

    Sorted by the first half alone where it tells all names apart: far faster, and the same.
    """
    import numpy as np

    order: Places = np.argsort(names[:, 0])
    ordered = names.take(order, axis=0)
    first, second = (np.append(True, half[1:] != half[:-1]) for half in ordered.T)
    if (second & ~first).any():
        order = np.lexsort((names[:, 1], names[:, 0]))
        ordered = names.take(order, axis=0)
        first, second = (np.append(True, half[1:] != half[:-1]) for half in ordered.T)
    return order, ordered, (first | second)[: len(names)]


def _names_of_rows(raw: Texts, kept: Sequence[Feature], key: bytes) -> Codes:
    """Where no id says who is who: a keyed name from the row's own values and its copy number.

    The same file gives the same names again, and their order says nothing of the file's.
    Rows that are equal are numbered, so one more adds a name and changes none.
    """
    import numpy as np

    values = pseudonyms.chained(key, (_codes_of(raw.column(each.name), key) for each in kept))
    order = np.lexsort((values[:, 1], values[:, 0]))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (values[order[1:]] != values[order[:-1]]).any(axis=1)
    places = np.arange(len(order))
    copies = np.zeros((len(order), 2), dtype=np.uint64)
    copies[order, 0] = places - np.maximum.accumulate(np.where(new, places, 0))
    return pseudonyms.chained(key, (values, copies))


def _codes_of(texts: pa.ChunkedArray, key: bytes) -> Codes:
    """The code of each value; that of a blank one is 0, which no value has."""
    import numpy as np

    codes = np.empty((len(texts), 2), dtype=np.uint64)
    start = 0
    for chunk in texts.chunks:
        piece = codes[start : start + len(chunk)]
        piece[:] = pseudonyms.codes(key, chunk)
        piece[~np.asarray(chunk.is_valid())] = 0
        start += len(chunk)
    return codes


def _any_row(who: _Who, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which customers have at least one such row."""
    import numpy as np

    found = np.zeros(who.count, dtype=bool)
    found[who.codes[rows & (who.codes >= 0)]] = True
    return found


def _young_rows(
    raw: Texts, age_column: str | None, child_age: int, today: date
) -> npt.NDArray[np.bool_]:
    import numpy as np

    if age_column is None:
        return np.zeros(raw.num_rows, dtype=bool)
    return children(raw.column(age_column), child_age, today)


def _answers(
    raw: Texts, columns: Sequence[str], ruled: Refusing
) -> tuple[npt.NDArray[np.int8], int]:
    readings = [ruled.reading(name, raw) for name in columns]
    return combined(readings, raw.num_rows), sum(each.unlisted for each in readings)


# ── values ──────────────────────────────────────────────────────────────────────────────
def _kept_rows(
    raw: Texts,
    kept: Sequence[Feature],
    who: _Who,
    used: npt.NDArray[np.bool_],
) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    order = np.flatnonzero(used)
    names = who.names[order].astype(">u8").tobytes()
    customers = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(pseudonyms.SIZE), len(order), [None, pa.py_buffer(names)]
    )
    with ThreadPoolExecutor(_COLUMNS_AT_ONCE) as several:  # Arrow and NumPy let go of Python's lock
        columns = several.map(lambda each: _last_values(raw, each, who, order), kept)
        made = dict(zip((each.name for each in kept), columns, strict=True))
    return pa.table({CUSTOMER: customers, **made})


def _last_values(raw: Texts, feature: Feature, who: _Who, order: Places) -> pa.Array:
    """Each customer's last value that can be read, for the customers in the given order."""
    import numpy as np
    import pyarrow as pa

    if feature.kind in ("category", "level"):
        labels = pa.chunked_array(
            [_labels(each) for each in pieces(raw, feature.name)],
            pa.dictionary(pa.int32(), pa.string()),
        ).unify_dictionaries()
        codes = (each.indices.fill_null(-1).to_numpy() for each in labels.chunks)
        last = _last(who, ((each, each >= 0) for each in codes), np.int32(-1))[order]
        known = labels.chunk(0).dictionary if labels.num_chunks else pa.array([], pa.string())
        return known.take(pa.array(last, mask=last < 0))
    values = (_values(each, feature) for each in pieces(raw, feature.name))
    found = _last(who, ((each, ~np.isnan(each)) for each in values), np.float64(np.nan))[order]
    kind = pa.int8() if feature.kind == "flag" else pa.float64()
    return pa.array(np.nan_to_num(found), mask=np.isnan(found)).cast(kind)


def _labels(texts: pa.ChunkedArray) -> pa.DictionaryArray:
    """Texts that nothing unseen is in, none longer than may be shown; each is made once."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values, codes = once(texts)
    seen = pc.replace_substring_regex(values, UNSEEN, " ")
    labels = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(seen, 0, MAX_LABEL))
    known, places = once(pc.if_else(pc.equal(labels, ""), pa.scalar(None, pa.string()), labels))
    rows = np.append(places, np.int32(len(known)))[codes]
    return pa.DictionaryArray.from_arrays(pa.array(rows, mask=rows == len(known)), known)


def _values(texts: pa.ChunkedArray, feature: Feature) -> npt.NDArray[np.float64]:
    if feature.dates is not None:
        return days_before(texts, feature.dates)
    return flags(texts) if feature.kind == "flag" else numbers(texts)


def _last(
    who: _Who, pieces: Iterable[tuple[Values, Flags]], unknown: np.int32 | np.float64
) -> Values:
    """Each customer's last readable value, of pieces in the order of the file."""
    import numpy as np

    last: Values = np.full(who.count, unknown)
    start = 0
    for values, readable in pieces:
        codes = who.codes[start : start + len(values)]
        mine = readable & (codes >= 0)
        last[codes[mine]] = values[mine]  # of repeated places NumPy keeps the last
        start += len(values)
    return last
