"""Files come in: CSV, XLSX or Parquet become one table of text, or a sentence says why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine, Upload
from dashboard.sources import SourceTable
from dashboard.vault.mailchimp import with_status
from dashboard.vault.packing import PACKINGS, SIGNATURES, Packing
from dashboard.vault.vendors import STATUS_BY_FILE

if TYPE_CHECKING:
    import pyarrow as pa

MAX_LISTED: Final = 20
"""Refused lines that are named one by one; the rest are only counted."""

EXTENSIONS: Final = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_SIGNATURES: Final = (
    (b"PK\x03\x04", "workbook"),
    (b"PAR1", "parquet"),
    (b"PARE", "an encrypted Parquet file"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "a workbook with a password or in the old XLS format"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"SQLite format 3", "a database"),
)
_KIND_WORDS: Final = {
    "workbook": "a workbook or a zip archive",
    "parquet": "a Parquet file",
    "gzip": "a gzip file",
    "zstd": "a Zstandard file",
}


@dataclass(frozen=True)
class RawTable:
    """The rows of one or several files as they were given, before anybody has judged them.

    ``table`` holds text only: blanks are null, spaces around values are gone, headers
    are unique, and rows stand in the order of the files. ``refused_lines`` lists the
    first 20 of the ``refused`` lines.
    """

    table: pa.Table
    file_names: tuple[str, ...]
    refused: int
    refused_lines: tuple[RefusedLine, ...]


class Reading:
    """Customer files, read piece by piece: iterate once, then ask what was refused.

    Nothing but the piece at hand is in memory, and no readable copy is left on any disk.
    """

    def __init__(
        self,
        uploads: Sequence[Upload],
        *,
        max_bytes: int,
        memory_limit_mb: int,
        progress: Callable[[float, str], None],
        channels: bool = True,
    ) -> None:
        """Nothing is opened yet.

        Args:
            uploads: one or more files; several must share one header and are stacked in order.
            max_bytes: largest total size, also after unpacking.
            memory_limit_mb: memory that a workbook may need, in MiB.
            progress: told from 0 to 1 how far the reading is; what it raises ends the reading.
            channels: whether who refuses messages only counts as refusing, where a database
                is told who refuses.
        """
        if not uploads:
            raise BadInputError("No file was given. Choose a CSV, XLSX or Parquet file.")
        self.file_names = tuple(_shown(upload.name) for upload in uploads)
        self.refused = 0
        self.refused_lines: list[RefusedLine] = []
        self._uploads, self._progress = uploads, progress
        self._max_bytes, self._memory_limit_mb = max_bytes, memory_limit_mb
        self._channels = channels

    def __iter__(self) -> Iterator[pa.Table]:
        """The rows, in the order of the files, as tables of texts with the first file's columns.

        Raises:
            BadInputError: a file can't be read; the sentence names file, line and column, and
                never a value.
        """
        tables = self._tables()
        first_name, first = next(tables)
        if len(self._uploads) > 1 and STATUS_BY_FILE in first.column_names:
            yield self._together([(first_name, first), *tables])
        else:
            for name, table in chain([(first_name, first)], tables):
                if set(table.column_names) != set(first.column_names):
                    raise self._other_columns(name)
                yield table.select(first.column_names)
        self._progress(1.0, "Files read")

    def whole(self) -> RawTable:
        """All rows in memory, for files that are known to be short."""
        import pyarrow as pa

        table = pa.concat_tables(self)
        return RawTable(table, self.file_names, self.refused, tuple(self.refused_lines))

    def _tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Piece by piece, with the name of the file that it is from."""
        left = self._max_bytes
        for place, (upload, name) in enumerate(zip(self._uploads, self.file_names, strict=True)):
            self._progress(place / len(self._uploads), f"Reading {name}")
            if isinstance(upload.content, SourceTable):
                yield from ((name, piece) for piece in self._rows_of(upload.content))
                continue
            size = _size(upload.content, name)
            if size > left:
                raise _too_large(name, self._max_bytes)
            for piece in self._pieces(upload.content, name, left, self._teller(place, size)):
                yield name, with_status(piece, name)
            left -= size

    def _rows_of(self, table: SourceTable) -> Iterator[pa.Table]:
        """A declared table, which is given by itself; of one on a cluster, its columns only."""
        from dashboard.vault.database import table_pieces

        if len(self._uploads) > 1:
            raise BadInputError("A declared table is read by itself. Choose one.")
        if table.kind == "spark":
            from dashboard.vault.lake import columns_of

            return iter([columns_of(table)])

        def tell(part: float, size: int) -> None:
            self._progress(part, f"Reading {table.name}: {size / 1e6:,.0f} MB")

        return table_pieces(table, channels=self._channels, read_so_far=tell)

    def _together(self, tables: Sequence[tuple[str, pa.Table]]) -> pa.Table:
        """Mailchimp's files may differ, because who left has columns of their own."""
        import pyarrow as pa

        for name, table in tables:
            if STATUS_BY_FILE not in table.column_names:
                raise self._other_columns(name)
        return pa.concat_tables([table for _, table in tables], promote_options="default")

    def _other_columns(self, name: str) -> BadInputError:
        return BadInputError(
            f"{name} has other columns than {self.file_names[0]}. Files given together must share "
            "one header."
        )

    def _pieces(
        self, content: bytes | Path, name: str, max_bytes: int, tell: Callable[[float], None]
    ) -> Iterator[pa.Table]:
        kind, packing = _kind(content, name)
        if kind == "text":
            from dashboard.vault.delimited import delimited_pieces

            size = _size(content, name)
            return delimited_pieces(
                content,
                name,
                packing=packing,
                max_bytes=max_bytes,
                max_listed=MAX_LISTED,
                read_so_far=lambda bytes_read: tell(bytes_read / size),
                refused=lambda count, lines: self._note(count, lines, name),
            )
        if kind == "workbook":
            from dashboard.vault.workbook import read_workbook

            return iter([read_workbook(content, name, max_bytes, self._memory_limit_mb)])
        from dashboard.vault.columnar import columnar_pieces

        return columnar_pieces(content, name, max_bytes=max_bytes, read_so_far=tell)

    def _teller(self, place: int, size: int) -> Callable[[float], None]:
        name, files = self.file_names[place], len(self.file_names)

        def tell(part: float) -> None:
            if part < 1:
                done = f"{part * size / 1e6:,.0f} of {size / 1e6:,.0f} MB"
                self._progress((place + part) / files, f"Reading {name}: {done}")

        return tell

    def _note(self, count: int, lines: Sequence[RefusedLine], name: str) -> None:
        self.refused += count
        room = MAX_LISTED - len(self.refused_lines)
        self.refused_lines += [_placed(line, name, self.file_names) for line in lines[:room]]


def read(
    uploads: Sequence[Upload],
    *,
    max_bytes: int,
    memory_limit_mb: int,
    progress: Callable[[float, str], None],
) -> RawTable:
    """Read files into memory, whole; arguments and errors are those of :class:`Reading`."""
    return Reading(
        uploads, max_bytes=max_bytes, memory_limit_mb=memory_limit_mb, progress=progress
    ).whole()


def _placed(line: RefusedLine, name: str, names: Sequence[str]) -> RefusedLine:
    if len(names) == 1:
        return line
    return RefusedLine(line.line, line.column, f"{line.why} (in {name})")


def _shown(name: str) -> str:
    """A file's name without folders and unprintable signs, short enough for a sentence."""
    last = PurePath(name.replace("\\", "/")).name
    return re.sub(r"[^\w .,()+@&=-]", "_", last)[-80:] or "file"


def _size(content: bytes | Path, name: str) -> int:
    if isinstance(content, bytes):
        return len(content)
    try:
        return content.stat().st_size
    except OSError:
        raise BadInputError(f"{name} can't be opened. Check that it is still there.") from None


def _too_large(name: str, max_bytes: int) -> BadInputError:
    return BadInputError(
        f"{name} is too large: files may hold {max(1, max_bytes // 2**20)} MiB in all, also "
        "unpacked. Give fewer columns or fewer rows, or let the owner put it into the folder "
        "that DASHBOARD_FOLDER names."
    )


def _head(content: bytes | Path, name: str) -> bytes:
    if isinstance(content, bytes):
        return content[:512]
    try:
        with content.open("rb") as file:
            return file.read(512)
    except OSError:
        raise BadInputError(f"{name} can't be opened. Check that it is still there.") from None


def promised(name: str) -> tuple[str, Packing] | None:
    """What a file's name says that it holds and how it is packed; ``None`` if none can be read.

    A zip archive need not say in its name that it holds text.
    """
    stem = PurePath(name.lower())
    packing = next((each for each in PACKINGS if stem.suffix == f".{each}"), None)
    if packing is None:
        kind = EXTENSIONS.get(stem.suffix)
        return (kind, "") if kind else None
    inner = EXTENSIONS.get(PurePath(stem.stem).suffix, "text" if packing == "zip" else "")
    return (inner, packing) if inner == "text" else None


def _found(head: bytes) -> str:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    return "text"


def _kind(content: bytes | Path, name: str) -> tuple[str, Packing]:
    """What a file holds by its name, if it also looks so, and how it is packed."""
    told = promised(name)
    if told is None:
        raise BadInputError(
            f"{name} is of a kind that can't be read here. Give a CSV, TSV, TXT, XLSX or "
            "Parquet file; text files may be compressed (.gz, .zst, .zip)."
        )
    kind, packing = told
    head = _head(content, name)
    if not head.strip():
        raise BadInputError(f"{name} is empty. Export it again with a header and rows.")
    found = _found(head)
    if found != (SIGNATURES[packing] if packing else kind):
        raise BadInputError(
            f"{name} is not what its name says: it holds {_KIND_WORDS.get(found, found)}. "
            "Give the file its right ending, or save it as CSV, XLSX or Parquet without a password."
        )
    return kind, packing
