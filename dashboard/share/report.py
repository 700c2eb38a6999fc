"""A release as a report on paper: a PDF whose text can be searched, with pictures made of lines."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dashboard import wording
from dashboard.release import Release
from dashboard.share.comparison import rows
from dashboard.share.lines import about, letter, lines
from dashboard.share.pictures import FONT, WIDTH, fonts, pictures
from dashboard.share.sections import PROGRAM, promise

if TYPE_CHECKING:
    from fpdf import FPDF

_MARGIN: Final = 16.0
_INK: Final = (31, 42, 46)
_SOFT: Final = (86, 100, 105)
_BRAND: Final = (15, 118, 110)
_WASH: Final = (241, 244, 242)
_TITLE: Final = re.compile("<title>[^<]*</title>")


def pdf_bytes(release: Release) -> bytes:
    """The report, always the same bytes for the same release."""
    paper = _paper(release)
    _front(paper, release)
    _cards(paper, release)
    for svg in pictures(release).values():
        _picture(paper, svg)
    paper.add_page()
    _heading(paper, "Side by side")
    _side_by_side(paper, release)
    _heading(paper, "How this was made")
    for name, said in about(release):
        _text(paper, name, size=9, tone=_SOFT, gap=0)
        _text(paper, said, gap=1.5)
    return bytes(paper.output())


def _paper(release: Release) -> FPDF:
    from fpdf import FPDF

    foot = f"{PROGRAM} {release.version} · release {release.id} · SHA-256 {release.digest[:16]}…"

    class Paper(FPDF):
        """A4 with a foot on every page that says what this is."""

        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(FONT, size=8)
            self.set_text_color(*_SOFT)
            self.cell(0, 5, foot)
            self.set_x(-40)
            self.cell(40 - _MARGIN, 5, f"{self.page_no()} of {{nb}}", align="R")

    paper = Paper(format="A4")
    regular, bold = fonts()
    for style, file in (("", regular), ("B", bold)):
        paper.add_font(FONT, style, file)
    paper.set_margins(_MARGIN, _MARGIN, _MARGIN)
    paper.set_auto_page_break(auto=True, margin=18)
    paper.set_title(release.title)
    paper.set_creator(f"{PROGRAM} {release.version}")
    paper.set_subject(f"release {release.id}, SHA-256 {release.digest}")
    paper.set_lang("en")
    made = datetime.fromisoformat(release.created_on[:10]).replace(tzinfo=UTC)
    paper.set_creation_date(made)
    paper.add_page()
    return paper


def _text(
    paper: FPDF,
    words: str,
    *,
    size: float = 10.5,
    bold: bool = False,
    tone: tuple[int, int, int] = _INK,
    gap: float = 2.0,
) -> None:
    paper.set_font(FONT, "B" if bold else "", size)
    paper.set_text_color(*tone)
    paper.multi_cell(0, size * 0.46, words, new_x="LMARGIN", new_y="NEXT", align="L")
    paper.ln(gap)


def _heading(paper: FPDF, words: str) -> None:
    if paper.get_y() > paper.h - 60:
        paper.add_page()
    paper.ln(4)
    paper.start_section(words)
    _text(paper, words, size=15, bold=True, gap=2)


def _front(paper: FPDF, release: Release) -> None:
    _text(paper, PROGRAM, size=10, bold=True, tone=_BRAND, gap=4)
    _text(paper, release.title, size=24, bold=True, gap=2)
    made = wording.day(datetime.fromisoformat(release.created_on[:10]).date())
    _text(paper, f"Released {made}", tone=_SOFT, gap=3)
    paper.set_fill_color(*_WASH)
    paper.set_font(FONT, size=10.5)
    paper.set_text_color(*_INK)
    paper.multi_cell(
        0, 5.2, promise(release), fill=True, padding=3, align="L", new_x="LMARGIN", new_y="NEXT"
    )
    paper.ln(4)
    _text(paper, f"{wording.sentence(wording.with_range(release.total))} in all.", size=12)
    if release.other:
        _text(paper, wording.hidden_group(release.other), tone=_SOFT)


def _cards(paper: FPDF, release: Release) -> None:
    _heading(paper, "Segments")
    for place, segment in enumerate(release.segments):
        if paper.get_y() > paper.h - 60:
            paper.add_page()
        _text(paper, f"{letter(place)}  {segment.name}", size=12.5, bold=True, gap=0.5)
        said = f"{wording.sentence(wording.size(segment))}, {wording.share(segment)} of all"
        _text(paper, said, gap=0.5)
        for trait in segment.traits:
            _text(paper, f"•  {wording.sentence(trait.words)}", gap=0)
        if segment.next_step:
            _text(paper, f"Next step: {segment.next_step}", tone=_BRAND, gap=0)
        paper.ln(3.5)


def _picture(paper: FPDF, svg: str) -> None:
    """A picture across the page, on the next page where it does not fit, smaller where it must."""
    from fpdf.svg import SVGObject

    svg = _TITLE.sub("", svg)
    drawing = SVGObject(svg)
    wide = paper.epw
    high = wide * (drawing.viewbox[3] if drawing.viewbox else WIDTH) / WIDTH
    room = paper.h - 2 * _MARGIN - 6
    if paper.get_y() + high > paper.h - 20:
        paper.add_page()
    if high > room:
        wide, high = wide * room / high, room
    paper.image(io.BytesIO(svg.encode()), x=_MARGIN, y=paper.get_y(), w=wide, h=high)
    paper.set_y(paper.get_y() + high + 4)


def _side_by_side(paper: FPDF, release: Release) -> None:
    """Every segment beside every other, six at most in one table."""
    for start in range(0, len(release.segments), 6):
        places = range(start, min(start + 6, len(release.segments)))
        _table(paper, [("", *(letter(place) for place in places)), *_compared(release, places)])


def _compared(release: Release, places: range) -> list[tuple[str, ...]]:
    told = {(each.group, each.measure, each.part): each.said for each in lines(release)}
    groups = [f"{letter(place)} {release.segments[place].name}" for place in places]
    uncertain = wording.hidden("too uncertain to show")
    first = [
        (measure, *(told[group, measure, ""] for group in groups)) for measure in ("Size", "Share")
    ]
    cells = [
        (row.title, *(cell.ranged if (cell := row.cells[place]) else uncertain for place in places))
        for row in rows(release)
    ]
    return [*first, *cells]


def _table(paper: FPDF, told: Sequence[tuple[str, ...]]) -> None:
    paper.set_font(FONT, size=8)
    paper.set_text_color(*_INK)
    paper.set_draw_color(220, 227, 224)
    paper.set_fill_color(255, 255, 255)
    with paper.table(text_align="LEFT", line_height=4, padding=1.2, borders_layout="MINIMAL") as it:
        for line in told:
            it.row([each.removeprefix("about ") for each in line])
    paper.ln(4)
