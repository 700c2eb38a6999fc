"""CSV and its relatives, in any usual encoding and with any usual delimiter, piece by piece.

Only the header, which is public, decides how a file is read: its delimiter, its names, and
how many values each row has. No row has a vote in how another is read. Lines without
any quotation mark are cut by Arrow's reader, which finds the same values as the careful
:class:`RowCutter` there, many times faster; ``tests/vault/test_quoting.py`` holds both together.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine
from dashboard.vault.encodings import MAX_RECORD, lines_in, utf8_lines
from dashboard.vault.headers import Tidier
from dashboard.vault.packing import Packing, unpacked
from dashboard.vault.pipelining import pipelined
from dashboard.vault.quoting import LINE_BREAK, SEPARATOR, RowCutter

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK: Final = 1 << 22
_DELIMITERS: Final = ",;\t|"
_BLOCK: Final = 1 << 20
"""What Arrow's reader gives to one core at a time; a longer row makes it larger."""


def delimited_pieces(
    content: bytes | Path,
    name: str,
    *,
    packing: Packing,
    max_bytes: int,
    max_listed: int,
    read_so_far: Callable[[int], None],
    refused: Callable[[int, Sequence[RefusedLine]], None],
) -> Iterator[pa.Table]:
    """Read one text file; lines that don't fit the header are refused and counted.

    Args:
        content: the file.
        name: what it is called in sentences.
        packing: how it is compressed.
        max_bytes: the largest size, also unpacked.
        max_listed: how many refused lines are listed.
        read_so_far: told how many bytes of the file were read, packed as it is.
        refused: told at the end how many lines were refused, and the first of them.

    Raises:
        BadInputError: the file as a whole can't be read, or more than half of it is refused.
    """
    chunks = _chunks(content, name, packing=packing, max_bytes=max_bytes, read_so_far=read_so_far)
    return text_pieces(chunks, name, max_listed=max_listed, refused=refused)


def text_pieces(
    chunks: Iterator[bytes],
    name: str,
    *,
    delimiter: str | None = None,
    max_listed: int = 0,
    refused: Callable[[int, Sequence[RefusedLine]], None] | None = None,
) -> Iterator[pa.Table]:
    """Read text in chunks as :func:`delimited_pieces` does a file; its delimiter may be known."""
    lines = utf8_lines(chunks, name)
    first = next(lines, b"")
    skip, delimiter = (0, delimiter) if delimiter else _opening(first, name)
    cutter = RowCutter(name, delimiter, 1 + first.count(b"\n", 0, skip), max_listed)
    blocks = (_fitting(cutter, block) for block in chain([first[skip:]], lines))
    tidier = Tidier(cutter.names, name)
    yield from pipelined(tidier.tidy, (block for block in blocks if block.num_rows))
    cutter.finish()
    if cutter.refused > cutter.rows:
        raise _mostly_refused(cutter, name)
    tidier.finish()
    if refused is not None:
        refused(cutter.refused, cutter.lines)


def _mostly_refused(cutter: RowCutter, name: str) -> BadInputError:
    first = cutter.lines[0]
    return BadInputError(
        f"{name}: more than half of the lines don't fit the header; the first is line "
        f"{first.line} ({first.why}). Check the delimiter and the quotation marks, and remove "
        "titles that stand above the column names."
    )


# ── lines → values ──────────────────────────────────────────────────────────────────────
def _fitting(cutter: RowCutter, lines: bytes) -> pa.Table:
    """The rows of whole lines that fit the header, in columns c0, c1 and so on."""
    import pyarrow as pa

    if cutter.between_rows and _is_plain(lines):
        try:
            table = _cut(lines, cutter.delimiter, len(cutter.names))
        except pa.ArrowInvalid:  # a row with more or fewer values: it has to be named
            pass
        else:
            cutter.skip(table.num_rows, lines_in(lines))
            return table
    rows = b"".join(cutter.cut(piece) for piece in _in_pieces(lines))
    table = _cut(rows, SEPARATOR, len(cutter.names))
    return _with_line_breaks(table) if LINE_BREAK.encode() in rows else table


def _is_plain(lines: bytes) -> bool:
    """Whether nothing in these lines needs care: no mark, no sign of ours, no endless row."""
    ours = (b'"', SEPARATOR.encode(), LINE_BREAK.encode())
    return not any(sign in lines for sign in ours) and _are_short(lines, MAX_RECORD)


def _are_short(lines: bytes, size: int) -> bool:
    """Whether no line can be longer: each half of that size has a line's end in it."""
    starts = range(0, len(lines), size // 2)
    return all(lines.find(b"\n", start, start + size // 2) >= 0 for start in starts)


def _in_pieces(lines: bytes) -> Iterator[bytes]:
    """Whole lines, about a megabyte at a time: the careful way needs memory for each sign."""
    start = 0
    while start < len(lines):
        end = lines.find(b"\n", min(start + _BLOCK, len(lines) - 1)) + 1
        yield lines[start:end]
        start = end


def _cut(rows: bytes, delimiter: str, width: int) -> pa.Table:
    """Rows that end in line breaks and hold no marks, as columns of texts.

    Raises:
        ArrowInvalid: a row has more or fewer values.
    """
    import pyarrow as pa
    import pyarrow.csv

    names = [f"c{place}" for place in range(width)]
    schema = pa.schema([(name, pa.string()) for name in names])
    told = delimiter == SEPARATOR  # by ourselves: even an empty line is a row
    if not (rows if told else rows.strip(b"\n")):
        return schema.empty_table()
    block = _BLOCK if _are_short(rows, _BLOCK) else len(rows) + 1
    return pyarrow.csv.read_csv(
        pa.BufferReader(b"\n" + rows),  # so that a mark of encoding in front is a sign like others
        pyarrow.csv.ReadOptions(column_names=names, block_size=block, skip_rows=int(told)),
        pyarrow.csv.ParseOptions(
            delimiter=delimiter,
            quote_char=False,
            double_quote=False,
            escape_char=False,
            ignore_empty_lines=not told,
        ),
        pyarrow.csv.ConvertOptions(column_types=schema, check_utf8=False),
    )


def _with_line_breaks(table: pa.Table) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [pc.replace_substring(each, LINE_BREAK, "\n") for each in table.columns]
    return pa.table(columns, table.column_names)


def _chunks(
    content: bytes | Path,
    name: str,
    *,
    packing: Packing,
    max_bytes: int,
    read_so_far: Callable[[int], None],
) -> Iterator[bytes]:
    total = 0
    try:
        with _opened(content) as plain, unpacked(plain, packing, name) as source:
            while chunk := source.read(_CHUNK):
                total += len(chunk)
                if total > max_bytes:
                    raise BadInputError(
                        f"{name} is too large: it may hold {max(1, max_bytes // 2**20)} MiB, also "
                        "unpacked. Give fewer columns or fewer rows."
                    )
                read_so_far(plain.tell())
                yield chunk
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
