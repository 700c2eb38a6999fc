"""CSV and its relatives: any usual encoding and delimiter, read by DuckDB from memory."""

from __future__ import annotations

import csv
import gzip
import io
import math
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
_BACKSLASHED: Final = re.compile(r'\\"(?!\s*[,;\t|\n]|\s*$)')
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
    escape: str
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
    encoding = _encoding(content, name, zipped=zipped, max_bytes=max_bytes)
    descriptor = _nameless_file()
    try:
        line = 1
        chunks = _chunks(content, name, zipped=zipped, max_bytes=max_bytes)
        with os.fdopen(os.dup(descriptor), "wb") as file:
            for chunk in _with_plain_newlines(_recoded(chunks, encoding, name)):
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


def _encoding(content: bytes | Path, name: str, *, zipped: bool, max_bytes: int) -> str:
    """UTF-16 by its mark, UTF-8 where most of the accents are valid in it, else Windows' own."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    valid = broken = 0
    first = True
    for chunk in _chunks(content, name, zipped=zipped, max_bytes=max_bytes):
        if first and chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        first = False
        text = decoder.decode(chunk)
        if not text.isascii():
            bad = text.count("\ufffd")
            broken += bad
            valid += len(text) - len(text.encode("ascii", "ignore")) - bad
    return "utf-8" if broken <= valid else "cp1252"


def _recoded(chunks: Iterator[bytes], encoding: str, name: str) -> Iterator[bytes]:
    import codecs

    if encoding == "utf-8":
        start = next(chunks, b"")
        yield start.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    if encoding == "cp1252":
        codecs.register_error("latin1_too", _latin1_too)
        for chunk in chunks:
            yield chunk.decode("cp1252", errors="latin1_too").encode()
        return
    decoder = codecs.getincrementaldecoder(encoding)()
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
    escape = "\\" if _BACKSLASHED.search(text) else '"'
    start = "\n".join(text.split("\n")[skip:])
    return _Dialect(delimiter, escape, skip, checked_names(_first(start, delimiter, name), name))


def _first(text: str, delimiter: str, name: str) -> list[str]:
    try:
        return next(iter(csv.reader(io.StringIO(text), delimiter=delimiter)), [])
    except csv.Error:
        raise BadInputError(
            f"{name}, line 1: the header can't be read. Check its quotation marks."
        ) from None


def _likely_delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same number of parts, the more the better."""
    head = "\n".join(text.lstrip("\n").split("\n")[:51][:-1] or [text])

    def score(delimiter: str) -> float:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row]
        except csv.Error:
            return 0.0
        if not widths or widths[0] < 2:
            return 0.0
        return math.sqrt(widths[0]) * sum(width == widths[0] for width in widths) / len(widths)

    return max(",;\t|", key=score)


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
        f"escape = '{dialect.escape}', skip = {dialect.skip}, new_line = '\\n', "
        "store_rejects = true, rejects_limit = 0)"
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
