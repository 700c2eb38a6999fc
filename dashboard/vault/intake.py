"""Files come in: CSV, XLSX or Parquet become one table of text, or a sentence says why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine, Upload
from dashboard.vault.mailchimp import with_status
from dashboard.vault.vendors import STATUS_BY_FILE

if TYPE_CHECKING:
    import pyarrow as pa

MAX_LISTED: Final = 20
"""Refused lines that are named one by one; the rest are only counted."""

_EXTENSIONS: Final = {
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
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"SQLite format 3", "a database"),
)
_KIND_WORDS: Final = {"workbook": "a workbook", "parquet": "a Parquet file", "gzip": "a gzip file"}


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


@dataclass(frozen=True)
class _Part:
    table: pa.Table
    refused: int = 0
    lines: tuple[RefusedLine, ...] = ()


def read(
    uploads: Sequence[Upload],
    *,
    max_bytes: int,
    memory_limit_mb: int,
    progress: Callable[[float, str], None],
) -> RawTable:
    """Read customer files whole, without leaving a readable copy of them on any disk.

    Args:
        uploads: one or more files; several must share one header and are stacked in order.
        max_bytes: largest total size, also after unpacking.
        memory_limit_mb: memory that the reader may use, in MiB.
        progress: told from 0 to 1 how far the reading is.

    Raises:
        BadInputError: a file can't be read; the sentence names file, line and column, and
            never a value.
    """
    if not uploads:
        raise BadInputError("No file was given. Choose a CSV, XLSX or Parquet file.")
    names = tuple(_shown(upload.name) for upload in uploads)
    parts: list[_Part] = []
    left = max_bytes
    for position, (upload, name) in enumerate(zip(uploads, names, strict=True)):
        progress(position / len(uploads), f"Reading {name}")
        size = _size(upload, name)
        if size > left:
            raise _too_large(name, max_bytes)
        part = _read_one(upload, name, left, memory_limit_mb)
        parts.append(replace(part, table=with_status(part.table, name)))
        left -= size
    table = _stack(parts, names)
    progress(1.0, "Files read")
    refused = sum(part.refused for part in parts)
    return RawTable(table, names, refused, tuple(_listed(parts, names)[:MAX_LISTED]))


def _listed(parts: Sequence[_Part], names: Sequence[str]) -> list[RefusedLine]:
    return [
        _placed(line, name, names)
        for part, name in zip(parts, names, strict=True)
        for line in part.lines
    ]


def _placed(line: RefusedLine, name: str, names: Sequence[str]) -> RefusedLine:
    if len(names) == 1:
        return line
    return RefusedLine(line.line, line.column, f"{line.why} (in {name})")


def _shown(name: str) -> str:
    """A file's name without folders and unprintable signs, short enough for a sentence."""
    last = PurePath(name.replace("\\", "/")).name
    return re.sub(r"[^\w .,()+@&=-]", "_", last)[-80:] or "file"


def _size(upload: Upload, name: str) -> int:
    if isinstance(upload.content, bytes):
        return len(upload.content)
    try:
        return upload.content.stat().st_size
    except OSError:
        raise BadInputError(f"{name} can't be opened. Check that it is still there.") from None


def _too_large(name: str, max_bytes: int) -> BadInputError:
    return BadInputError(
        f"{name} is too large: files may hold {max(1, max_bytes // 2**20)} MiB in all, also "
        "unpacked. Give fewer columns or fewer rows."
    )


def _head(upload: Upload, name: str) -> bytes:
    if isinstance(upload.content, bytes):
        return upload.content[:512]
    try:
        with upload.content.open("rb") as file:
            return file.read(512)
    except OSError:
        raise BadInputError(f"{name} can't be opened. Check that it is still there.") from None


def _promised(name: str) -> tuple[str, bool]:
    """What the file's name says that it holds, and whether it says that it is gzipped."""
    stem = name.lower()
    zipped = stem.endswith(".gz")
    kind = _EXTENSIONS.get(PurePath(stem.removesuffix(".gz")).suffix)
    if kind is None or (zipped and kind != "text"):
        raise BadInputError(
            f"{name} is of a kind that can't be read here. Give a CSV, TSV, TXT, XLSX or "
            "Parquet file; text files may be gzipped."
        )
    return kind, zipped


def _found(head: bytes) -> str:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    return "text"


def _read_one(upload: Upload, name: str, max_bytes: int, memory_limit_mb: int) -> _Part:
    kind, zipped = _promised(name)
    head = _head(upload, name)
    if not head.strip():
        raise BadInputError(f"{name} is empty. Export it again with a header and rows.")
    found = _found(head)
    if found != ("gzip" if zipped else kind):
        raise BadInputError(
            f"{name} is not what its name says: it holds {_KIND_WORDS.get(found, found)}. "
            "Give the file its right ending, or save it as CSV, XLSX or Parquet without a password."
        )
    if kind == "text":
        from dashboard.vault.delimited import read_delimited

        table, refused, lines = read_delimited(
            upload.content,
            name,
            zipped=zipped,
            max_bytes=max_bytes,
            memory_limit_mb=memory_limit_mb,
            max_listed=MAX_LISTED,
        )
        return _Part(table, refused, lines)
    if kind == "workbook":
        from dashboard.vault.workbook import read_workbook

        return _Part(read_workbook(upload.content, name, max_bytes, memory_limit_mb))
    from dashboard.vault.columnar import read_columnar

    return _Part(read_columnar(upload.content, name, max_bytes, memory_limit_mb))


def _stack(parts: Sequence[_Part], names: Sequence[str]) -> pa.Table:
    """Rows under rows; only Mailchimp's files may differ, who left has columns of their own."""
    import pyarrow as pa

    tables = [part.table for part in parts]
    first = tables[0]
    if all(STATUS_BY_FILE in table.column_names for table in tables):
        return pa.concat_tables(tables, promote_options="default")
    for table, name in zip(tables[1:], names[1:], strict=True):
        if set(table.column_names) != set(first.column_names):
            raise BadInputError(
                f"{name} has other columns than {names[0]}. Files given together must share "
                "one header."
            )
    return pa.concat_tables([table.select(first.column_names) for table in tables])
