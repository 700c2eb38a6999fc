"""Raw rows → one row per customer: consented, grown up, pseudonymous, and no column too many."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.receipts import Choices, Kept
from dashboard.terms import PrivacyUnit
from dashboard.vault import pseudonyms
from dashboard.vault.ages import children
from dashboard.vault.consent import IN, OUT, combined, read_answers
from dashboard.vault.dates import days_before
from dashboard.vault.numbers import MISSING, flags, numbers

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Places = npt.NDArray[np.int64]

CUSTOMER: Final = "customer"
"""The column of pseudonyms in a kept table."""

MAX_LABEL: Final = 80


@dataclass(frozen=True)
class CustomerTable:
    """Exactly one row for each customer who may be used, in the order of their pseudonyms.

    ``rows`` has the column ``customer`` (16 bytes) and one column per kept feature:
    float64 for numbers and days, int8 (0 or 1) for flags, text for labels; null where
    nothing is known. The counts are for the giver's receipt only: ``minors``,
    ``said_no`` and ``unknown`` count customers, the others rows. ``unlisted`` counts
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
        )


def one_row_per_customer(
    raw: pa.Table,
    choices: Choices,
    *,
    key: bytes,
    child_age: int,
    today: date | None = None,
) -> CustomerTable:
    """Reduce a file to the customers who may be used and to the columns that were chosen.

    Every step looks at one customer's rows, the choices and the key only. So under the
    same choices, adding or removing the rows of one customer never changes what is kept
    of another: the privacy proofs build on it. The choices themselves are a person's,
    who may have followed suggestions that hang on the values (``columns.describe``).

    1. Rows without an id are left out. Without an id column each row is a customer.
    2. Customers with an age below ``child_age`` in any row are left out.
    3. Customers with a no in any row and any consent column are left out; those who
       said neither yes nor no stay only if ``choices.use_unknown``.
    4. Of several rows the last value that can be read counts, column by column, in
       the order of the file.

    Args:
        raw: texts as :func:`intake.read` gives them.
        choices: the giver's decisions.
        key: the owner's key for pseudonyms, :meth:`Vault.id_key`.
        child_age: in years; 0 leaves nobody out.
        today: the day on which ages are reckoned; today if not given.

    Raises:
        BadInputError: a chosen column is not there, or an identifying one is to be kept.
    """
    _check(raw, choices)
    who = _who_is_who(raw, choices.id_column, key)
    day = today or datetime.now(UTC).date()
    young = _any_row(who, _young_rows(raw, choices.age_column, child_age, day))
    answers, unlisted = _answers(raw, choices.consent_columns)
    refused = _any_row(who, answers == OUT) & ~young
    agreed = _any_row(who, answers == IN)
    silent = ~young & ~refused & ~agreed if choices.consent_columns else young & False
    used = ~young & ~refused & (~silent | choices.use_unknown)
    return CustomerTable(
        rows=_kept_rows(raw, choices.kept, who, used, key),
        unit=PrivacyUnit.CUSTOMER if choices.id_column else PrivacyUnit.ROW,
        rows_received=raw.num_rows,
        duplicates=int((who.codes >= 0).sum()) - who.count,
        without_id=int((who.codes < 0).sum()),
        said_no=int(refused.sum()),
        unknown=int(silent.sum()),
        unlisted=unlisted,
        minors=int(young.sum()),
        columns_received=raw.num_columns,
    )


def _check(raw: pa.Table, choices: Choices) -> None:
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
    """Which customer each row belongs to (−1: nobody), and the customers' pseudonyms."""

    codes: Places
    count: int
    names: tuple[bytes, ...] | None


def _who_is_who(raw: pa.Table, id_column: str | None, key: bytes) -> _Who:
    import numpy as np
    import pyarrow.compute as pc

    if id_column is None:
        return _Who(np.arange(raw.num_rows), raw.num_rows, None)
    encoded = raw.column(id_column).combine_chunks().dictionary_encode()
    absent = pc.match_substring_regex(encoded.dictionary, MISSING).to_pylist()
    identifiers = encoded.dictionary.to_pylist()
    known: dict[bytes, int] = {}
    customers = [
        -1 if missing or not pseudonyms.normalize(each) else known.setdefault(name, len(known))
        for each, name, missing in zip(
            identifiers, pseudonyms.pseudonyms(key, identifiers), absent, strict=True
        )
    ]
    places = encoded.indices.fill_null(len(customers)).to_numpy()
    return _Who(np.array([*customers, -1], dtype=np.int64)[places], len(known), tuple(known))


def _any_row(who: _Who, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which customers have at least one such row."""
    import numpy as np

    found = np.zeros(who.count, dtype=bool)
    found[who.codes[rows & (who.codes >= 0)]] = True
    return found


def _young_rows(
    raw: pa.Table, age_column: str | None, child_age: int, today: date
) -> npt.NDArray[np.bool_]:
    import numpy as np

    if age_column is None:
        return np.zeros(raw.num_rows, dtype=bool)
    return children(raw.column(age_column), child_age, today)


def _answers(raw: pa.Table, columns: Sequence[str]) -> tuple[npt.NDArray[np.int8], int]:
    readings = [read_answers(name, raw.column(name)) for name in columns]
    return combined(readings, raw.num_rows), sum(each.unlisted for each in readings)


# ── values ──────────────────────────────────────────────────────────────────────────────
def _kept_rows(
    raw: pa.Table,
    kept: Sequence[Feature],
    who: _Who,
    used: npt.NDArray[np.bool_],
    key: bytes,
) -> pa.Table:
    import pyarrow as pa

    names = _names_of_rows(raw, kept, key) if who.names is None else who.names
    order = _by_name(names, used)
    columns = {CUSTOMER: pa.array([names[place] for place in order], pa.binary(pseudonyms.SIZE))}
    for feature in kept:
        columns[feature.name] = _last_values(raw.column(feature.name), feature, who, order)
    return pa.table(columns)


def _names_of_rows(raw: pa.Table, kept: Sequence[Feature], key: bytes) -> tuple[bytes, ...]:
    """Where no id says who is who: a keyed name from the row's own values and its copy number.

    The same file gives the same names again, and their order says nothing of the file's.
    Rows that are equal are numbered, so one more adds a name and changes none.
    """
    copies: dict[str, int] = {}
    names = []
    for row in zip(*(raw.column(each.name).to_pylist() for each in kept), strict=True):
        values = repr(row)
        copies[values] = copies.get(values, 0) + 1
        message = f"{copies[values]}\0{values}".encode(errors="surrogatepass")
        names.append(hmac.digest(key, message, "sha256")[: pseudonyms.SIZE])
    return tuple(names)


def _by_name(names: Sequence[bytes], used: npt.NDArray[np.bool_]) -> Places:
    import numpy as np

    halves = np.frombuffer(b"".join(names), dtype=">u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    return order[used[order]]


def _last_values(texts: pa.ChunkedArray, feature: Feature, who: _Who, order: Places) -> pa.Array:
    """Each customer's last value that can be read, for the customers in the given order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if feature.kind in ("category", "level"):
        labels = pc.utf8_trim_whitespace(pc.utf8_slice_codeunits(texts, 0, MAX_LABEL))
        last = _last(who, np.asarray(labels.is_valid()))[order]
        return labels.take(pa.array(last, mask=last < 0)).combine_chunks()
    values = _values(texts, feature)
    last = _last(who, ~np.isnan(values))[order]
    found = np.where(last >= 0, values[last], np.nan) if len(values) else values
    kind = pa.int8() if feature.kind == "flag" else pa.float64()
    return pa.array(np.nan_to_num(found), mask=np.isnan(found)).cast(kind)


def _values(texts: pa.ChunkedArray, feature: Feature) -> npt.NDArray[np.float64]:
    if feature.dates is not None:
        return days_before(texts, feature.dates)
    return flags(texts) if feature.kind == "flag" else numbers(texts)


def _last(who: _Who, readable: npt.NDArray[np.bool_]) -> Places:
    """The place of each customer's last readable row; −1 if there is none."""
    import numpy as np

    places = np.flatnonzero(readable & (who.codes >= 0))
    last = np.full(who.count, -1, dtype=np.int64)
    last[who.codes[places]] = places  # of repeated places NumPy keeps the last
    return last
