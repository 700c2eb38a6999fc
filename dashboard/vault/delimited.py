"""CSV and its relatives: any usual encoding and delimiter, read by DuckDB from memory."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine
from dashboard.vault.headers import checked_names, tidied

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 18
_WHY: Final = {
    "MISSING COLUMNS": "fewer values than the header has columns",
    "TOO MANY COLUMNS": "more values than the header has columns",
    "UNQUOTED VALUE": "a quotation mark is not closed, or text follows it",
    "INVALID ENCODING": "signs that are not valid text",
    "LINE SIZE OVER MAXIMUM": "longer than 2 MB",
}


@dataclass(frozen=True)
class _Dialect:
    delimiter: str
    skip: int
    names: list[str]


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
    with _spooled(content, name, zipped=zipped, max_bytes=max_bytes) as descriptor:
        dialect = _dialect(os.pread(descriptor, _SAMPLE, 0), name)
        path = _path_of(descriptor)
        rows, refused, lines = _scan(path, dialect, name, memory_limit_mb, max_listed)
    if refused > rows.num_rows:
        first = lines[0]
        raise BadInputError(
            f"{name}: more than half of the lines don't fit the header; the first is line "
            f"{first.line} ({first.why}). Check the delimiter and the quotation marks."
        )
    return tidied(rows, dialect.names, name), refused, lines


# ── bytes → UTF-8 in memory ─────────────────────────────────────────────────────────────
@contextmanager
def _spooled(content: bytes | Path, name: str, *, zipped: bool, max_bytes: int) -> Iterator[int]:
    """Hold the text as UTF-8 in a file that exists in memory only, or has no name any more."""
    descriptor = _nameless_file()
    try:
        line = 1
        chunks = _chunks(content, name, zipped=zipped, max_bytes=max_bytes)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            for chunk in _as_utf8(chunks, name):
                if b"\0" in chunk:
                    line += chunk[: chunk.index(b"\0")].count(b"\n")
                    raise BadInputError(
                        f"{name}, line {line}: there is a zero byte, so this is not plain text. "
                        "Save it as CSV in UTF-8."
                    )
                line += chunk.count(b"\n")
                file.write(chunk)
        yield descriptor
    finally:
        os.close(descriptor)


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("upload")
    descriptor, path = tempfile.mkstemp()  # made with mode 0600
    os.unlink(path)  # noqa: PTH108 - the name goes at once, before a byte is written
    return descriptor


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


def _as_utf8(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """The text as UTF-8 with plain newlines: UTF-16 by its mark, everything else line by line.

    A line that is not UTF-8 is read as Windows' own encoding, that line alone: how
    one customer's row is written never changes how another's is read.
    """
    import codecs

    start = next(chunks, b"")
    whole = itertools.chain([start], chunks)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        yield from _with_plain_newlines(_from_utf16(whole, name))
        return
    codecs.register_error("latin1_too", _latin1_too)
    first, held = True, b""
    for chunk in _with_plain_newlines(whole):
        fresh = chunk.removeprefix(codecs.BOM_UTF8) if first else chunk
        first = False
        lines, newline, held = (held + fresh).rpartition(b"\n")
        yield _lines_as_utf8(lines) + newline
    yield _lines_as_utf8(held)


def _lines_as_utf8(lines: bytes) -> bytes:
    return lines if _is_utf8(lines) else b"\n".join(map(_line_as_utf8, lines.split(b"\n")))


def _line_as_utf8(line: bytes) -> bytes:
    return line if _is_utf8(line) else line.decode("cp1252", errors="latin1_too").encode()


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _from_utf16(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise BadInputError(f"{name} is damaged: its text ends or breaks midway.") from None


def _latin1_too(error: UnicodeError) -> tuple[str, int]:
    """Windows' encoding leaves five bytes without a meaning; read these as Latin-1 does."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _with_plain_newlines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for fresh in chunks:
        chunk = held + fresh
        held = b"\r" if chunk.endswith(b"\r") else b""
        yield chunk[: len(chunk) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if held:
        yield b"\n"


# ── what kind of text ───────────────────────────────────────────────────────────────────
def _dialect(sample: bytes, name: str) -> _Dialect:
    text = sample.decode(errors="replace")
    body = text.lstrip("\n\t ")
    if not body:
        raise BadInputError(f"{name} is empty. Export it again with a header and rows.")
    if body[0] in "<{[":
        raise BadInputError(
            f"{name} is not what its name says: it holds a web page or JSON. Save it as CSV."
        )
    skip = text[: len(text) - len(text.lstrip("\n"))].count("\n")
    told = re.match(r"\n*sep=(.)\n", text)
    delimiter = told[1] if told and told[1] in ",;\t|" else _likely_delimiter(text)
    if told:
        skip += 1
    start = "\n".join(text.split("\n")[skip:])
    return _Dialect(delimiter, skip, checked_names(_first(start, delimiter, name), name))


def _first(text: str, delimiter: str, name: str) -> list[str]:
    try:
        return next(iter(csv.reader(io.StringIO(text), delimiter=delimiter)), [])
    except csv.Error:
        raise BadInputError(
            f"{name}, line 1: the header can't be read. Check its quotation marks."
        ) from None


def _likely_delimiter(text: str) -> str:
    """The sign that cuts the header into most parts; the rows, which are private, have no say."""
    head = text.lstrip("\n").partition("\n")[0]

    def parts(delimiter: str) -> int:
        try:
            return len(next(iter(csv.reader([head], delimiter=delimiter)), []))
        except csv.Error:
            return 0

    return max(",;\t|", key=parts)


# ── the reading itself ──────────────────────────────────────────────────────────────────
def _scan(
    path: str, dialect: _Dialect, name: str, memory_limit_mb: int, max_listed: int
) -> tuple[pa.Table, int, tuple[RefusedLine, ...]]:
    """DuckDB's own messages quote rows, so none of them gets out of here."""
    import duckdb

    try:
        with _connection(path, memory_limit_mb) as connection:
            rows = connection.sql(_query(path, dialect)).to_arrow_table()
            refused, lines = _refused(connection, dialect, max_listed)
            _check_quotes(connection, name)
            return rows, refused, lines
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


def _query(path: str, dialect: _Dialect) -> str:
    columns = ", ".join(f"'c{position}': 'VARCHAR'" for position in range(len(dialect.names)))
    return (
        f"SELECT * FROM read_csv('{path}', auto_detect = false, header = true, "  # noqa: S608
        f"columns = {{{columns}}}, delim = '{dialect.delimiter}', quote = '\"', "
        f"escape = '\"', skip = {dialect.skip}, new_line = '\\n', "
        "store_rejects = true, rejects_limit = 0)"
    )


def _check_quotes(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Refuse a file in which an open quotation mark swallowed other customers' lines."""
    swallowed = connection.execute(
        "SELECT min(line) FROM reject_errors WHERE contains(rtrim(csv_line, chr(10)), chr(10))"
    ).fetchone()
    if swallowed and swallowed[0] is not None:
        raise BadInputError(
            f"{name}, line {int(swallowed[0])}: a quotation mark is opened here and not closed, so "
            "that it swallows the lines after it. Export the file again, or double the mark."
        )


def _refused(
    connection: duckdb.DuckDBPyConnection, dialect: _Dialect, max_listed: int
) -> tuple[int, tuple[RefusedLine, ...]]:
    """Count refused lines; an open quotation mark that swallows lines counts them all."""
    worst = (
        "SELECT line, min(column_name) AS place, min(error_type)::VARCHAR AS kind, "
        "max(length(rtrim(csv_line, chr(10))) "
        "- length(replace(rtrim(csv_line, chr(10)), chr(10), ''))) + 1 AS lines "
        "FROM reject_errors GROUP BY line"
    )
    counted = connection.execute(f"SELECT sum(lines) FROM ({worst})").fetchone()  # noqa: S608
    first = connection.execute(
        f"SELECT line, place, kind FROM ({worst}) ORDER BY line LIMIT {max_listed}"  # noqa: S608
    ).fetchall()
    lines = tuple(
        RefusedLine(int(line), _column(place, dialect.names), _WHY.get(kind, "can't be read"))
        for line, place, kind in first
    )
    return int(counted[0] or 0) if counted else 0, lines


def _column(place: str | None, names: list[str]) -> str | None:
    """The header of a column that the reader knows by its place: c0, c1 and so on."""
    return names[int(place[1:])] or None if place else None
