"""A release as a file: what each format is called, and who writes it.

Files are pure views of a release and always the same bytes for the same release, so
a file can be held against what was released. Writers are imported when they are used.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from dashboard.release import Release


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: how its name ends, what browsers call it, and who writes it."""

    suffix: str
    mime: str
    write: Callable[[Release], bytes]


def _csv(release: Release) -> bytes:
    from dashboard.share.spreadsheets import csv_bytes

    return csv_bytes(release)


def _xlsx(release: Release) -> bytes:
    from dashboard.share.spreadsheets import xlsx_bytes

    return xlsx_bytes(release)


def _json(release: Release) -> bytes:
    return release.to_json().encode()


def _pdf(release: Release) -> bytes:
    from dashboard.share.report import pdf_bytes

    return pdf_bytes(release)


def _html(release: Release) -> bytes:
    from dashboard.share.standalone import standalone_html

    return standalone_html(release).encode()


def _ipynb(release: Release) -> bytes:
    from dashboard.share.notebook import notebook_bytes

    return notebook_bytes(release)


def _svg(release: Release) -> bytes:
    from dashboard.share.pictures import pictures

    return _zipped({f"{name}.svg": svg.encode() for name, svg in pictures(release).items()})


def _png(release: Release) -> bytes:
    from dashboard.share.pictures import pictures, png

    return _zipped({f"{name}.png": png(svg) for name, svg in pictures(release).items()})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Several files as one, with no time of day in it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            folder.writestr(entry, content)
    return sink.getvalue()


_SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Final[Mapping[str, Format]] = {
    "pdf": Format("pdf", "application/pdf", _pdf),
    "xlsx": Format("xlsx", _SHEET, _xlsx),
    "csv": Format("csv", "text/csv", _csv),
    "png": Format("png.zip", "application/zip", _png),
    "svg": Format("svg.zip", "application/zip", _svg),
    "html": Format("html", "text/html", _html),
    "ipynb": Format("ipynb", "application/x-ipynb+json", _ipynb),
    "json": Format("json", "application/json", _json),
}


def export(release: Release, name: str) -> bytes:
    """A release in one of :data:`FORMATS`."""
    return FORMATS[name].write(release)


def file_name(release: Release, name: str) -> str:
    """What a file is called: the release's title in plain letters, and how it ends."""
    title = re.sub(r"[^a-z0-9]+", "-", release.title.lower()).strip("-")[:60].strip("-")
    return f"{title or 'segments'}.{FORMATS[name].suffix}"


def is_export(release: Release, content: bytes, ending: str) -> bool:
    """Whether a file with this ending is this release, byte for byte."""
    names = (name for name, each in FORMATS.items() if each.suffix.split(".")[-1] == ending)
    return any(export(release, name) == content for name in names)
