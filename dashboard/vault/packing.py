"""Compressed text files, unpacked piece by piece: nothing swells in memory or lands on a disk."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import BinaryIO, Final, Literal, cast

from dashboard.errors import BadInputError

Packing = Literal["", "gz", "zst", "zip"]
"""How a text file is compressed, as the end of its name says; nothing where it is not."""

PACKINGS: Final[tuple[Packing, ...]] = ("gz", "zst", "zip")
SIGNATURES: Final = {"gz": "gzip", "zst": "zstd", "zip": "workbook"}
"""What the first bytes say; those of a zip archive are a workbook's, too."""

TEXTS: Final = (".csv", ".tsv", ".txt")


@contextmanager
def unpacked(plain: BinaryIO, packing: Packing, name: str) -> Iterator[BinaryIO]:
    """The text within an open file; whatever is wrong with its packing becomes a sentence.

    Raises:
        BadInputError: it is damaged or cut short, or the archive holds anything but one text.
    """
    import pyarrow as pa

    damaged = BadInputError(f"{name} is damaged or cut short. Compress it again.")
    try:
        if packing == "gz":
            yield cast("BinaryIO", gzip.GzipFile(fileobj=plain))
        elif packing == "zst":
            yield cast("BinaryIO", _Zstandard(pa.CompressedInputStream(plain, "zstd"), damaged))
        elif packing == "zip":
            with zipfile.ZipFile(plain) as archive, _only_text(archive, name) as text:
                yield cast("BinaryIO", text)
        else:
            yield plain
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise damaged from None
    except (zipfile.BadZipFile, NotImplementedError, struct.error, UnicodeDecodeError):
        raise damaged from None


class _Zstandard:
    """Arrow's reader, whose every fault is the file's."""

    def __init__(self, stream: object, damaged: BadInputError) -> None:
        self._stream, self._damaged = stream, damaged

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""
        try:
            return cast("bytes", self._stream.read(size))  # type: ignore[attr-defined]
        except OSError:
            raise self._damaged from None


def _only_text(archive: zipfile.ZipFile, name: str) -> zipfile.ZipExtFile:
    members = [
        each
        for each in archive.infolist()
        if not each.is_dir() and not each.filename.startswith("__MACOSX/")
    ]
    texts = [each for each in members if PurePath(each.filename.lower()).suffix in TEXTS]
    if len(members) != 1 or len(texts) != 1:
        raise BadInputError(
            f"{name} must hold one CSV, TSV or TXT file and nothing else. Unpack it, and give its "
            "files together."
        )
    if texts[0].flag_bits & 1:
        raise BadInputError(f"{name} has a password. Compress it again without one.")
    if texts[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    return cast("zipfile.ZipExtFile", archive.open(texts[0]))
