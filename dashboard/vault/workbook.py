"""XLSX workbooks: checked for bombs before they are opened, then the first sheet with rows."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from dashboard.errors import BadInputError
from dashboard.vault.headers import MAX_COLUMNS, Tidier, checked_names

if TYPE_CHECKING:
    import pyarrow as pa

XML_PER_BYTE: Final = 4
"""Unpacked XML may be this many times the allowed size: tags take more room than values."""

_CELL_BYTES: Final = 64
"""Memory for one cell between first and last used row and column, blank ones included."""

_CHUNK: Final = 1 << 20
_LONGEST_TAG: Final = 1 << 16
_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{0,8})0*(\d{0,12})")
_ROW: Final = re.compile(rb"<(?:[^\s<>:/]+:)?row(?=[\s>/])")
_CELL: Final = re.compile(rb"<(?:[^\s<>:/]+:)?c(?=[\s>/])")
_OTHERS: Final = rb"(?:\s+[^\s=<>\"'/]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))*?"
_LONE_ROW: Final = re.compile(_ROW.pattern + rb"(?!" + _OTHERS + rb"\s+r\s*=\s*[\"']\d)")
_LONE_CELL: Final = re.compile(_CELL.pattern + rb"(?!" + _OTHERS + rb"\s+r\s*=\s*[\"'][A-Za-z])")
_ROWS_AT_ONCE: Final = 20_000


def read_workbook(
    content: bytes | Path, name: str, max_bytes: int, memory_limit_mb: int
) -> pa.Table:
    """Read the first sheet that holds rows, every cell as the text that reads back exactly.

    Raises:
        BadInputError: the workbook is locked, damaged, too large unpacked, or has no header.
    """
    import python_calamine as calamine

    packed = content if isinstance(content, bytes) else content.read_bytes()
    _refuse_bombs(packed, name, XML_PER_BYTE * max_bytes, memory_limit_mb << 20)
    damaged = BadInputError(
        f"{name} can't be opened as a workbook: it is damaged, cut short, or has a password. "
        "Save it again as XLSX without a password, or as CSV."
    )
    try:
        with calamine.load_workbook(io.BytesIO(packed)) as book:
            for sheet_name in book.sheet_names:
                sheet = book.get_sheet_by_name(sheet_name)
                if sheet.height:
                    return _table(sheet.iter_rows(), name)
    except (calamine.CalamineError, calamine.PasswordError, calamine.XmlError):
        raise damaged from None
    except (calamine.ZipError, calamine.WorksheetNotFound, OSError, ValueError):
        raise damaged from None
    raise BadInputError(f"{name} is empty. Put a header and rows on its first sheet.")


# ── bombs ───────────────────────────────────────────────────────────────────────────────
def _refuse_bombs(packed: bytes, name: str, max_xml: int, max_memory: int) -> None:
    """Unpack every part once, in pieces, and look at the true sizes rather than the told ones."""
    otherwise = "Save it as CSV or Parquet, which are read in parts; or give fewer columns or rows."
    bomb = BadInputError(
        f"{name} is too large once unpacked: a workbook may take {max(1, max_xml >> 20)} MiB then. "
        f"{otherwise}"
    )
    cells = BadInputError(
        f"{name} is too large once unpacked: from the first cell to the last a workbook may hold "
        f"{max_memory // _CELL_BYTES:,}, blank ones too. {otherwise}"
    )
    unpacked = 0
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            members = archive.infolist()
        if "xl/workbook.xml" not in {each.filename for each in members}:
            raise BadInputError(
                f"{name} is not what its name says: it holds a zip file, not a workbook. "
                "Give the unpacked CSV or a true XLSX."
            )
        if sum(each.file_size for each in members) > max_xml:
            raise bomb
        for member in members:
            reach = _Reach()
            for piece in _pieces(packed, member):
                unpacked += len(piece)
                if unpacked > max_xml:
                    raise bomb
                reach.look(piece)
            reach.end()
            if reach.width > MAX_COLUMNS:
                raise BadInputError(f"{name} has more than {MAX_COLUMNS} columns.")
            if reach.width * reach.height * _CELL_BYTES > max_memory:
                raise cells
    except (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, EOFError):
        raise BadInputError(
            f"{name} is damaged or cut short. Save it again as XLSX, or as CSV."
        ) from None


def _pieces(packed: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The true content of one part, piece by piece, whatever size the archive claims."""
    if member.flag_bits & 1 or member.compress_type not in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
    ):
        raise zipfile.BadZipFile
    name_size, extra_size = struct.unpack_from("<HH", packed, member.header_offset + 26)
    start = member.header_offset + 30 + name_size + extra_size
    source: BinaryIO = io.BytesIO(packed[start : start + member.compress_size])
    if member.compress_type == zipfile.ZIP_STORED:
        yield from iter(lambda: source.read(_CHUNK), b"")
        return
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    while not unpacker.eof:
        fresh = unpacker.unconsumed_tail or source.read(_CHUNK)
        if not fresh:
            raise zipfile.BadZipFile
        yield unpacker.decompress(fresh, _CHUNK)


class _Reach:
    """How far the cells of one sheet reach, whatever else stands in their tags.

    A reader makes room for every cell between the first and the last one, and one small
    tag can name a cell far away. References are looked for without regard to tags; rows
    and cells that name no place follow the one before, and are counted.
    """

    def __init__(self) -> None:
        self._tail = b""
        self._rows = self._columns = self._lone_rows = self._in_row = self._most_in_row = 0

    def look(self, piece: bytes) -> None:
        """Go on with the next piece; what may be cut off at its end is looked at later."""
        text = self._tail + piece
        cut = max(text.rfind(b"<"), 0) if b"<" in text else len(text)
        self._tail = text[cut:] if b"<" in text else text[-_LONGEST_TAG:]
        if len(self._tail) > _LONGEST_TAG:
            cut, self._tail = len(text), text[-_LONGEST_TAG:]
        self._count(text[:cut])

    def end(self) -> None:
        """Look at what was left."""
        self._count(self._tail)

    def _count(self, text: bytes) -> None:
        places = [each for each in _REFERENCE.findall(text) if each[1]]
        self._rows = max([self._rows, *(int(row) for _, row in places)])
        names = {letters for letters, _ in places}
        self._columns = max([self._columns, *(_column_number(each) for each in names)])
        self._lone_rows += len(_LONE_ROW.findall(text))
        if _LONE_CELL.search(text):
            first, *others = (len(_LONE_CELL.findall(each)) for each in _ROW.split(text))
            self._in_row += first
            self._most_in_row = max(self._most_in_row, self._in_row, *others)
            self._in_row = others[-1] if others else self._in_row
        elif _ROW.search(text):
            self._in_row = 0

    @property
    def width(self) -> int:
        """The last column, at most."""
        return self._columns + self._most_in_row

    @property
    def height(self) -> int:
        """The last row, at most."""
        return self._rows + self._lone_rows


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


# ── cells → text ────────────────────────────────────────────────────────────────────────
def _table(rows: Iterator[list[Any]], name: str) -> pa.Table:
    import pyarrow as pa

    names = checked_names([_text(cell) or "" for cell in next(rows)], name)
    schema = pa.schema([(f"c{position}", pa.string()) for position in range(len(names))])
    batches = []
    held: list[list[str | None]] = []
    for row in rows:
        held.append([_text(cell) for cell in row])
        if len(held) == _ROWS_AT_ONCE:
            batches.append(_batch(held, schema))
            held = []
    batches.append(_batch(held, schema))
    tidier = Tidier(names, name)
    table = tidier.tidy(pa.Table.from_batches(batches, schema=schema))
    tidier.finish()
    return table


def _batch(rows: list[list[str | None]], schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.record_batch([pa.array(each, pa.string()) for each in columns], schema=schema)


def _text(cell: object) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell.total_seconds())
    return str(cell)
