"""A file's rows as texts, wherever they lie: whole in memory, or encrypted and read in parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, Protocol

from dashboard.receipts import Declared
from dashboard.sources import SourceTable
from dashboard.vault.headers import checked_names
from dashboard.vault.unseen import far_in, invented

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

LOOKED_AT: Final = 393_216
"""Rows by which columns are judged where a file has more; a multiple of the parts it lies in."""

_PLACES: Final = 3
_AT_ONCE: Final = 8
"""So many stored parts of a column at a time: few enough to hold, and not many bits."""

_DECLARED: Final = b"declared"


class Texts(Protocol):
    """Columns of texts, one at a time; Arrow's own table is one."""

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        ...  # pragma: no cover

    @property
    def column_names(self) -> list[str]:
        """The columns' names, in the order of the file."""
        ...  # pragma: no cover

    def column(self, name: str) -> pa.ChunkedArray:
        """One whole column."""
        ...  # pragma: no cover

    def slice(self, offset: int, length: int) -> pa.Table:
        """Some rows, whole."""
        ...  # pragma: no cover


class StoredTexts:
    """Texts in the vault: each column is decrypted when it is asked for, and not held."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[pq.ParquetFile]],
        parts: Sequence[int] | None = None,
    ) -> None:
        """The whole file, or some of its stored parts."""
        self._opened = opened
        with opened() as file:
            self.column_names = list(file.schema_arrow.names)
            self.declared = declared_in(file.schema_arrow)
            self.far = far_in(file.schema_arrow)
            self._parts = list(range(file.num_row_groups) if parts is None else parts)
            self._lengths = [file.metadata.row_group(part).num_rows for part in self._parts]
        self.num_rows = sum(self._lengths)

    def __repr__(self) -> str:
        return "StoredTexts(…)"

    def column(self, name: str) -> pa.ChunkedArray:
        """One whole column."""
        with self._opened() as file:
            return file.read_row_groups(self._parts, columns=[name]).column(0)

    def pieces(self, name: str) -> Iterator[pa.ChunkedArray]:
        """One column bit by bit, of which no more is held than is looked at."""
        with self._opened() as file:
            for first in range(0, len(self._parts), _AT_ONCE):
                parts = self._parts[first : first + _AT_ONCE]
                yield file.read_row_groups(parts, columns=[name]).column(0)

    def slice(self, offset: int, length: int, columns: list[str] | None = None) -> pa.Table:
        """Some rows, whole or in some columns; only the parts that they lie in are decrypted."""
        parts: list[int] = []
        first = start = 0
        for part, rows in zip(self._parts, self._lengths, strict=True):
            if start < offset + length and start + rows > offset:
                first = first if parts else start
                parts.append(part)
            start += rows
        with self._opened() as file:
            return file.read_row_groups(parts, columns).slice(offset - first, length)


def pieces(raw: Texts, name: str) -> Iterator[pa.ChunkedArray]:
    """A column bit by bit, in the order of the file; what is whole in memory comes whole."""
    if isinstance(raw, StoredTexts):
        yield from raw.pieces(name)
    else:
        yield raw.column(name)


def bound(table: pa.Table, source: SourceTable) -> pa.Table:
    """A table that carries what its owner declared of it, wherever it goes from here."""
    if source.id is None or not (source.consent or source.kind == "spark"):
        return table
    told = [checked_names([each], source.name)[0] for each in (source.id, *source.consent)]
    before = table.schema.metadata or {}
    return table.replace_schema_metadata({**before, _DECLARED: json.dumps(told).encode()})


def declared_in(schema: pa.Schema) -> Declared | None:
    """What the owner declared of a table of this schema, if anything."""
    told = (schema.metadata or {}).get(_DECLARED)
    if told is None:
        return None
    customer, *consent = json.loads(told)
    return Declared(customer, tuple(consent))


def looked_at(raw: Texts, columns: list[str] | None = None) -> pa.Table:
    """The rows by which columns are judged: all, or of a long file its start, middle and end.

    Of a table whose rows stay elsewhere they are invented. A judgment is a suggestion that a
    person confirms, and no proof builds on it.
    """
    import pyarrow as pa

    if isinstance(raw, StoredTexts) and raw.far is not None:
        return _some(invented(raw.far), columns)
    if raw.num_rows <= LOOKED_AT:
        return _rows(raw, 0, raw.num_rows, columns)
    part = LOOKED_AT // _PLACES
    last = (raw.num_rows - part) // (_PLACES - 1)
    return pa.concat_tables([_rows(raw, place * last, part, columns) for place in range(_PLACES)])


def _rows(raw: Texts, offset: int, length: int, columns: list[str] | None) -> pa.Table:
    if isinstance(raw, StoredTexts):
        return raw.slice(offset, length, columns)
    return _some(raw.slice(offset, length), columns)


def _some(table: pa.Table, columns: list[str] | None) -> pa.Table:
    return table if columns is None else table.select(columns)
