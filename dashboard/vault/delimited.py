"""CSV and its relatives: any usual encoding and delimiter, read by DuckDB from memory.

Only the header, which is public, decides how a file is read: its delimiter, its names, and
how many values each row has. No row has a vote in how another is read.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine
from dashboard.vault.encodings import utf8_lines
from dashboard.vault.headers import tidied
from dashboard.vault.quoting import LINE_BREAK, SEPARATOR, RowCutter

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_CHUNK: Final = 1 << 20
_DELIMITERS: Final = ",;\t|"


def read_delimited(
    content: bytes | Path,
    name: str,
    *,
    zipped: bool,
    max_bytes: int,
    memory_limit_mb: int,
    max_listed: int,
) -> tuple[pa.Table, int, tuple[RefusedLine, ...]]:
    """Read one text file; lines that don't fit the header are refused and counted.

    Returns:
        The table of texts, the number of refused lines, and the first of them.

    Raises:
        BadInputError: the file as a whole can't be read, or more than half of it is refused.
    """
    chunks = _chunks(content, name, zipped=zipped, max_bytes=max_bytes)
    with _nameless_file() as descriptor:
        cutter = _spool(utf8_lines(chunks, name), descriptor, name, max_listed)
        if cutter.refused > cutter.rows:
            raise _mostly_refused(cutter, name)
        rows = _scan(_path_of(descriptor), cutter, name, memory_limit_mb)
    return tidied(rows, cutter.names, name), cutter.refused, tuple(cutter.lines)


def _mostly_refused(cutter: RowCutter, name: str) -> BadInputError:
    first = cutter.lines[0]
    return BadInputError(
        f"{name}: more than half of the lines don't fit the header; the first is line "
        f"{first.line} ({first.why}). Check the delimiter and the quotation marks."
    )


# ── bytes → rows in memory ──────────────────────────────────────────────────────────────
def _spool(lines: Iterator[bytes], descriptor: int, name: str, max_listed: int) -> RowCutter:
    """Cut a file into rows, in a file that exists in memory only, or has no name any more."""
    first = next(lines, b"")
    skip, delimiter = _opening(first, name)
    cutter = RowCutter(name, delimiter, 1 + first.count(b"\n", 0, skip), max_listed)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(cutter.cut(first[skip:]))
        for each in lines:
            file.write(cutter.cut(each))
    cutter.finish()
    return cutter


@contextmanager
def _nameless_file() -> Iterator[int]:
    if sys.platform == "linux":
        descriptor = os.memfd_create("upload")
    else:
        descriptor, path = tempfile.mkstemp()  # made with mode 0600
        os.unlink(path)  # noqa: PTH108 - the name goes at once, before a byte is written
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _path_of(descriptor: int) -> str:
    folder = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
    return f"{folder}/{descriptor}"


def _chunks(content: bytes | Path, name: str, *, zipped: bool, max_bytes: int) -> Iterator[bytes]:
    total = 0
    try:
        with _opened(content) as plain:
            source = cast("BinaryIO", gzip.GzipFile(fileobj=plain)) if zipped else plain
            while chunk := source.read(_CHUNK):
                total += len(chunk)
                if total > max_bytes:
                    raise BadInputError(
                        f"{name} is too large: it may hold {max(1, max_bytes // 2**20)} MiB, also "
                        "unpacked. Give fewer columns or fewer rows."
                    )
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadInputError(f"{name} is damaged or cut short. Compress it again.") from None
    except OSError:
        raise BadInputError(f"{name} can't be opened. Check that it is still there.") from None


def _opened(content: bytes | Path) -> BinaryIO:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")


# ── the header decides ──────────────────────────────────────────────────────────────────
def _opening(lines: bytes, name: str) -> tuple[int, str]:
    """Where the header begins, and the delimiter that it is written with."""
    skip = len(lines) - len(lines.lstrip(b"\n"))
    if not lines.strip():
        raise BadInputError(f"{name} is empty. Export it again with a header and rows.")
    if lines.lstrip()[:1] in (b"<", b"{", b"["):
        raise BadInputError(
            f"{name} is not what its name says: it holds a web page or JSON. Save it as CSV."
        )
    told = re.match(rb"sep=([,;\t|])\n", lines[skip:])
    if told:
        return skip + told.end(), told[1].decode()
    return skip, _delimiter(lines[skip : lines.index(b"\n", skip)].decode())


def _delimiter(header: str) -> str:
    """The sign that cuts the header's line into the most names."""

    def width(delimiter: str) -> int:
        try:
            return max(map(len, csv.reader([header], delimiter=delimiter)), default=0)
        except csv.Error:
            return header.count(delimiter) + 1

    return max(_DELIMITERS, key=width)


# ── the reading itself ──────────────────────────────────────────────────────────────────
def _scan(path: str, cutter: RowCutter, name: str, memory_limit_mb: int) -> pa.Table:
    """DuckDB's own messages quote rows, so none of them gets out of here."""
    import duckdb

    if not cutter.rows:
        raise BadInputError(f"{name} has a header but no rows. Export it again with customers.")
    try:
        with _connection(path, memory_limit_mb) as connection:
            return connection.sql(_query(path, len(cutter.names))).to_arrow_table()
    except duckdb.OutOfMemoryException:
        raise BadInputError(
            f"{name} needs more memory than {memory_limit_mb} MiB. Give fewer columns or rows."
        ) from None
    except duckdb.Error:
        raise BadInputError(
            f"{name} can't be read as a table. Save it again as CSV in UTF-8, with one header line."
        ) from None


@contextmanager
def _connection(path: str, memory_limit_mb: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A reader that sees this one file, writes nothing to disk and fetches nothing."""
    import duckdb

    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory_limit_mb}MiB",
            "temp_directory": "",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "preserve_insertion_order": "true",
        },
    )
    try:
        connection.execute(f"SET allowed_paths = ['{path}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def _query(path: str, width: int) -> str:
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(width))
    return (
        f"SELECT replace(COLUMNS(*), '{LINE_BREAK}', chr(10)) "  # noqa: S608 - nothing of a file
        f"FROM read_csv('{path}', auto_detect = false, header = false, "
        f"columns = {{{columns}}}, delim = '{SEPARATOR}', quote = '', escape = '', "
        "new_line = '\\n')"
    )
