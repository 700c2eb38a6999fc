"""Bytes → lines of UTF-8: each line is read by itself, so nobody decides for anybody else."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Final

from dashboard.errors import BadInputError

MAX_RECORD: Final = 2_000_000
"""The longest line, and the longest row over several lines, in bytes."""

_LINE_END: Final = 10
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WINDOWS: Final = {
    code: text for code in range(128, 160) if (text := bytes([code]).decode("cp1252", "ignore"))
}
"""What Windows' own encoding has in the places that Latin-1 leaves to control signs."""


_PLAIN: Final = re.compile(r"[\x00-\x7f]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_KANA_KANJI: Final = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff5e]")
_JAPANESE: Final = re.compile(rf"(?:{_PLAIN.pattern}|{_KANA_KANJI.pattern})+")
_FEW_KANJI: Final = 3

Decode = Callable[[bytes], str]


def utf8_lines(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    r"""Whole lines of valid UTF-8 that end in ``\n``, many at once.

    UTF-16 and UTF-32 are known by the mark that a file begins with, and by nothing
    else. Otherwise a line is UTF-8 where it is valid UTF-8, and where it is not, it is in
    Windows' encoding: the Japanese one where the header is, else the western one. That
    is decided by the header and for each line from its own bytes.

    Raises:
        BadInputError: a zero byte, a line beyond 2 MB, damaged UTF-16 or UTF-32, or a header
            in letters that only another encoding of Windows has.
    """
    line, held = 1, b""
    decode: Decode = _from_windows
    headed = False
    for chunk in _with_plain_newlines(_unmarked(chunks, name)):
        fresh = held + chunk
        end = fresh.rfind(b"\n") + 1
        held = fresh[end:]
        if end:
            if not headed and fresh[:end].strip():
                headed, decode = True, _decoding(fresh[:end], name)
            yield _readable(fresh[:end], line, name, decode)
            line += lines_in(fresh)
        if len(held) > MAX_RECORD:
            raise too_long(line, name)
    if held:
        yield _readable(held + b"\n", line, name, decode if headed else _decoding(held, name))


def lines_in(text: bytes) -> int:
    """How many line ends there are; counting bytes one after the other takes ten times as long."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _LINE_END))


def too_long(line: int, name: str) -> BadInputError:
    """The refusal of a file with a row that is longer than any customer's."""
    return BadInputError(
        f"{name}, line {line}: the row is longer than {MAX_RECORD // 10**6} MB. Check its "
        "quotation marks and line ends."
    )


def _unmarked(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    first = next(chunks, b"")
    encoding = next((each for mark, each in _MARKS if first.startswith(mark)), None)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        yield decoder.decode(first).encode()
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise BadInputError(f"{name} is damaged: its text ends or breaks midway.") from None


def _with_plain_newlines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for fresh in chunks:
        chunk = held + fresh
        held = b"\r" if chunk.endswith(b"\r") else b""
        if b"\r" in chunk:
            chunk = chunk[: len(chunk) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield chunk
    if held:
        yield b"\n"


def _decoding(lines: bytes, name: str) -> Decode:
    """How lines that aren't UTF-8 are read, told by the header: the first line that isn't blank.

    Western names are mostly made of the letters a to z, and accents among them are taken for
    a few kanji at most. Where other signs outnumber the letters and are no Japanese, the
    encoding is one that nothing tells from others.
    """
    header = next((each for each in lines.split(b"\n") if each.strip()), b"")
    if _is_utf8(header):
        return _from_windows
    japanese = _from_japanese(header)
    signs = len(_KANA_KANJI.findall(japanese))
    few = len(_LATIN.findall(japanese)) > (2 * signs if signs > _FEW_KANJI else signs)
    if _JAPANESE.fullmatch(japanese) and not few:
        return _from_japanese
    western = _from_windows(header)
    if len(western) - len(_PLAIN.findall(western)) > len(_LATIN.findall(western)):
        raise BadInputError(
            f"{name}, line 1: the letters of the column names can't be read. Save the file as “CSV "
            "UTF-8”."
        )
    return _from_windows


def _from_japanese(line: bytes) -> str:
    return line.decode("cp932", "replace")


def _readable(lines: bytes, line: int, name: str, decode: Decode) -> bytes:
    if b"\0" in lines:
        line += lines.count(b"\n", 0, lines.index(b"\0"))
        raise BadInputError(
            f"{name}, line {line}: there is a zero byte, so this is not plain text. "
            "Save it as CSV in UTF-8."
        )
    if _is_utf8(lines):
        return lines
    return b"\n".join(
        each if _is_utf8(each) else decode(each).encode() for each in lines.split(b"\n")
    )


def _from_windows(line: bytes) -> str:
    """Windows' encoding leaves five bytes without a meaning; read these as Latin-1 does."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1").translate(_WINDOWS)


def _is_utf8(lines: bytes) -> bool:
    try:
        return lines.isascii() or bool(lines.decode())
    except UnicodeDecodeError:
        return False
