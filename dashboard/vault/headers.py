"""The first line of a file: the names of its columns, or a sentence about what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.vault.consent import polarity_of
from dashboard.vault.shapes import PERSONAL
from dashboard.vault.signs import bytes_of, parts_of

if TYPE_CHECKING:
    import pyarrow as pa

MAX_COLUMNS: Final = 2_000
_FIRST_PRINTED, _PRINTED = 0x21, 0x5E
"""The first sign of ASCII that is seen, and how many there are; what is below wraps around."""

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
    the first customer. A blank name is let through here; :class:`Tidier` refuses it
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
            alike = "" if name == names[earlier - 1] else " but for large and small letters"
            raise BadInputError(
                f"{file}, line 1: columns {earlier} and {position} have the same name{alike}. "
                "Rename one of them."
            )
        different.append(f"{name} ({position})" if twin else name)
    return different


class Tidier:
    """Gives pieces of a table of texts its names, strips every value, and makes blanks null.

    Rows that are blank throughout are dropped, as are blank columns without a name.
    The list of names need not be filled in before the first piece comes.
    """

    def __init__(self, names: Sequence[str], file: str) -> None:
        self.rows = 0
        self._names, self._file = names, file
        self._like_name: Counter[int] = Counter()

    def tidy(self, table: pa.Table) -> pa.Table:
        """One piece of the table.

        Raises:
            BadInputError: a column with values has no name or a value's.
        """
        import pyarrow as pa

        columns: dict[str, pa.ChunkedArray] = {}
        for place, (name, column) in enumerate(zip(self._names, table.columns, strict=True)):
            texts = stripped(column)
            if name:
                self._refuse_value(texts, place)
                columns[name] = texts
            elif texts.null_count < len(texts):
                raise BadInputError(
                    f"{self._file}, line 1, column {place + 1}: the column holds values but has no "
                    "name. Name it or remove it; remove titles that stand above the column names, "
                    "too."
                )
        tidy = _without_blank_rows(pa.table(columns))
        self.rows += tidy.num_rows
        return tidy

    def finish(self) -> None:
        """Refuse a file without rows."""
        if not self.rows:
            raise BadInputError(
                f"{self._file} has a header but no rows. Export it again with customers."
            )

    def _refuse_value(self, texts: pa.ChunkedArray, place: int) -> None:
        """In a file without a header the first customer's city is a name, and others live there."""
        import pyarrow.compute as pc

        name = self._names[place]
        if not any(name.encode() in bytes_of(each) for each in texts.chunks):
            return
        self._like_name[place] += pc.sum(pc.equal(texts, name)).as_py() or 0
        if self._like_name[place] >= REPEATED:
            raise BadInputError(
                f"{self._file}, line 1, column {place + 1}: its name also stands among its values, "
                "as if the first line were a customer. Put the column names in the first line, or "
                "rename it."
            )


def stripped(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values without spaces around them; blank ones null. Most columns need neither."""
    import pyarrow as pa

    return pa.chunked_array([_stripped(each) for each in texts.chunks], pa.string())


def _stripped(texts: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    if not _ends_in_print(texts):
        texts = pc.utf8_trim_whitespace(texts)
    lengths = pc.binary_length(texts)
    return texts if pc.min(lengths).as_py() else pc.if_else(pc.equal(lengths, 0), None, texts)


def _ends_in_print(texts: pa.Array) -> bool:
    """Whether every value begins and ends with a sign of ASCII that is no space."""
    offsets, signs = parts_of(texts)
    starts, ends = offsets[:-1], offsets[1:]
    if (starts == ends).any():
        starts, ends = starts[starts < ends], ends[starts < ends]
    first, last = signs[starts] - _FIRST_PRINTED, signs[ends - 1] - _FIRST_PRINTED
    return bool((first < _PRINTED).all() and (last < _PRINTED).all())


def _without_blank_rows(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    if any(column.null_count == 0 for column in table.columns):
        return table
    filled = pc.is_valid(table.column(0))
    for column in table.columns[1:]:
        filled = pc.or_(filled, pc.is_valid(column))
    return table.filter(filled)
