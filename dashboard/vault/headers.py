"""The first line of a file: the names of its columns, or a sentence about what is wrong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.vault.consent import polarity_of
from dashboard.vault.shapes import PERSONAL

if TYPE_CHECKING:
    import pyarrow as pa

MAX_COLUMNS: Final = 2_000
REPEATED: Final = 3
"""A name that so many rows hold as a value is taken for a value itself."""

UNSEEN: Final = "[\\x00-\\x1f\\x7f-\\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
"""Signs that command a terminal or turn the direction of text: they change what others read."""

_PERSONAL: Final = re.compile("|".join(f"(?:{pattern})" for pattern in PERSONAL.values()))
_VALUE: Final = re.compile(
    r"[-+]?[\d.,]*\d[\d.,]*(e[-+]?\d+)?%?"  # a number
    r"|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"  # a date
    r"|\S+@\S+\.\w+"  # an e-mail address
    r"|nan|null|true|false",
    re.IGNORECASE,
)


def checked_names(names: Sequence[str], file: str) -> list[str]:
    """Tidy the column names of a file, or refuse them by position, never by their text.

    The text stays out of the sentence because in a file without a header it is
    the first customer. A blank name is let through here; :func:`tidied` refuses it
    if its column holds anything.

    Raises:
        BadInputError: no header, the same name twice, or too many columns.
    """
    seen = [re.sub(UNSEEN, " ", name.replace("\ufeff", "")) for name in names]
    tidy = [" ".join(name.split()) for name in seen]
    if len(tidy) > MAX_COLUMNS:
        raise BadInputError(
            f"{file} has {len(tidy)} columns, more than {MAX_COLUMNS}. Export only the columns "
            "that describe customers."
        )
    given = [name for name in tidy if name]
    if not given:
        raise BadInputError(f"{file}, line 1: there is no header. Put the column names first.")
    values = [bool(_VALUE.fullmatch(name)) for name in given]
    if any(map(_PERSONAL.fullmatch, given)) or 2 * sum(values) > len(given):
        raise BadInputError(
            f"{file}, line 1: this looks like a customer's row, not like column names. Put the "
            "column names in the first line."
        )
    return _without_twins(tidy, file)


def _without_twins(names: Sequence[str], file: str) -> list[str]:
    """Refuse repeated names; only refusals may repeat, as HubSpot's do, and are numbered."""
    seen: dict[str, int] = {}
    different = []
    for position, name in enumerate(names, start=1):
        earlier = seen.setdefault(name.casefold(), position)
        twin = bool(name) and earlier != position
        if twin and polarity_of(name) != "out":
            raise BadInputError(
                f"{file}, line 1: columns {earlier} and {position} have the same name. Rename "
                "one of them."
            )
        different.append(f"{name} ({position})" if twin else name)
    return different


def tidied(table: pa.Table, names: Sequence[str], file: str) -> pa.Table:
    """Give a table of texts its names, strip every value, and make blanks null.

    Rows that are blank throughout are dropped, as are blank columns without a name.

    Raises:
        BadInputError: a column with values has no name or a value's, or no row is left.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: dict[str, pa.ChunkedArray] = {}
    for position, (name, column) in enumerate(zip(names, table.columns, strict=True), start=1):
        stripped = pc.utf8_trim_whitespace(column)
        texts = pc.if_else(pc.equal(stripped, ""), None, stripped)
        if name:
            _refuse_value(texts, name, position, file)
            columns[name] = texts
        elif texts.null_count < len(texts):
            raise BadInputError(
                f"{file}, line 1, column {position}: the column holds values but has no name. "
                "Name it or remove it."
            )
    tidy = _without_blank_rows(pa.table(columns))
    if tidy.num_rows == 0:
        raise BadInputError(f"{file} has a header but no rows. Export it again with customers.")
    return tidy


def _refuse_value(texts: pa.ChunkedArray, name: str, position: int, file: str) -> None:
    """In a file without a header the first customer's city is a name, and others live there."""
    import pyarrow.compute as pc

    if (pc.sum(pc.equal(texts, name)).as_py() or 0) >= REPEATED:
        raise BadInputError(
            f"{file}, line 1, column {position}: its name also stands among its values, as if the "
            "first line were a customer. Put the column names in the first line, or rename it."
        )


def _without_blank_rows(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    if any(column.null_count == 0 for column in table.columns):
        return table
    filled = pc.is_valid(table.column(0))
    for column in table.columns[1:]:
        filled = pc.or_(filled, pc.is_valid(column))
    return table.filter(filled)
