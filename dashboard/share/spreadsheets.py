"""A release as a table: CSV for every program, XLSX for people with a spreadsheet.

Numbers are numbers, each with its range and in words. Texts come from strangers,
so none of them can begin as a formula would (OWASP: CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from dashboard.release import Release
from dashboard.share.lines import about, lines

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HEAD: Final = ("Segment", "Measure", "Part", "Estimate", "Low", "High", "In words")
ABOUT: Final = "About this file"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | float


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe goes in front."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def csv_bytes(release: Release) -> bytes:
    """Every number of a release as CSV, and below them how it was made."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerows([HEAD, *_numbers(release)])
    writer.writerows(
        (ABOUT, safe(name), "", "", "", "", safe(said)) for name, said in about(release)
    )
    return sink.getvalue().encode("utf-8-sig")


def xlsx_bytes(release: Release) -> bytes:
    """The same in a workbook of three sheets: segments, all numbers, and how it was made."""
    from xlsxwriter import Workbook

    sink = io.BytesIO()
    book = Workbook(
        sink,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    book.set_properties(
        {
            "title": safe(release.title),
            "comments": f"release {release.id}, SHA-256 {release.digest}",
            "created": datetime.fromisoformat(release.created_on[:10]),
        }
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    _fill(book.add_worksheet("Segments"), _segments(release), bold, wrap, (26, 24, 24, 60, 60))
    numbers = [HEAD, *_numbers(release)]
    _fill(book.add_worksheet("All numbers"), numbers, bold, None, (26, 20, 22, 12, 12, 12, 34))
    notes = [(ABOUT, ""), *((safe(name), safe(said)) for name, said in about(release))]
    _fill(book.add_worksheet("How it was made"), notes, bold, wrap, (26, 100))
    book.close()
    return sink.getvalue()


def _numbers(release: Release) -> Iterable[tuple[Cell, ...]]:
    for line in lines(release):
        e = line.estimate
        three: tuple[Cell, ...] = (e.value, e.low, e.high) if e else ("", "", "")
        yield (safe(line.group), safe(line.measure), safe(line.part), *three, safe(line.said))


def _segments(release: Release) -> Iterable[tuple[Cell, ...]]:
    """What the cards say: size, share, what sets a segment apart, what to do."""
    yield ("Segment", "Size", "Share", "What sets it apart", "Next step")
    told = {(each.group, each.measure, each.part): each.said for each in lines(release)}
    groups = [group for group, measure, part in told if (measure, part) == ("Share", "")]
    for group, segment in zip(groups, release.segments, strict=True):
        traits = "; ".join(each.words for each in segment.traits)
        size, share = told[group, "Size", ""], told[group, "Share", ""]
        yield tuple(map(safe, (group, size, share, traits, segment.next_step)))


def _fill(
    sheet: Worksheet,
    rows: Iterable[Sequence[Cell]],
    bold: Any,
    wrap: Any,
    widths: Sequence[int],
) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, wrap)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, cell, *([bold] if number == 0 else []))
            else:
                sheet.write_number(number, column, cell)
    sheet.freeze_panes(1, 1)
