"""The charts of a release as pictures that stand alone: SVG, and PNG drawn from it.

Each says its title, its ranges, and which release it shows, so that it keeps its
meaning in somebody's slides. Fonts come with the program, because servers have none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from markupsafe import Markup

from dashboard import wording
from dashboard.release import Bar, ColumnProfile, Estimate, Release
from dashboard.share import comparison
from dashboard.share.charts import axis_end
from dashboard.share.lines import EVERYBODY, HIDDEN, letter, lines
from dashboard.share.markup import join, xml
from dashboard.share.page import STYLE

FONT: Final = "Source Sans Pro"
WIDTH: Final = 760
_TONE: Final = dict(re.findall(r"--(\w+):(#[0-9a-f]{3,6})", STYLE[: STYLE.index("}")]))
"""The colors of the page by day, from its own style sheet."""

_LEFT: Final = 230
_RIGHT: Final = 190
_LINE: Final = 40
_HEAD: Final = 84
_FOOT: Final = 44
_LONGEST: Final = 30


def pictures(release: Release) -> Mapping[str, str]:
    """Every chart as an SVG text, by its name."""
    told = comparison.rows(release)
    drawn = {"sizes": _sizes(release)}
    if told and release.segments:
        drawn["differences"] = _differences(release, told)
    for whole in release.overall:
        groups = [
            (place, each.name, profile)
            for place, each in enumerate(release.segments)
            if (profile := comparison.profile_of(each, whole.name))
        ]
        if groups:
            drawn[_file_name(whole.name, drawn)] = _distribution(release, whole, groups)
    return drawn


def png(svg: str) -> bytes:
    """A picture as pixels, twice as fine as it is large.

    The machine's own fonts are looked for where ours lacks a letter.
    """
    import resvg_py

    ours = {ord(sign) for sign in svg} <= _letters()
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=svg, zoom=2, skip_system_fonts=ours, font_files=[*fonts()], font_family=FONT
    )
    return bytes(drawn)


def fonts() -> tuple[str, str]:
    """The files of the font, regular and bold."""
    from font_source_sans_pro import font_files_ttf

    return font_files_ttf["SourceSansPro"], font_files_ttf["SourceSansProBold"]


@cache
def _letters() -> frozenset[int]:
    """The letters that our font has: Latin, Greek and Cyrillic ones, and many signs."""
    from fontTools.ttLib import TTFont

    with TTFont(fonts()[0]) as font:
        return frozenset(font.getBestCmap()) | {ord("\n")}


def _file_name(column: str, taken: Mapping[str, str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", column.lower()).strip("-")[:40] or "column"
    name = f"column-{plain}"
    return name if name not in taken else f"{name}-{len(taken)}"


# ── a sheet with title and foot ─────────────────────────────────────────────────────────
def _sheet(release: Release, title: str, lead: str, height: float, *inside: Markup) -> str:
    whole = height + _HEAD + _FOOT
    foot = (
        f"95 % ranges, for the privacy noise only · ε = {release.budget.epsilon:g} · "
        f"release {release.id} · SHA-256 {release.digest[:16]}…"
    )
    return str(
        xml(
            "svg",
            xml("title", f"{title}: {release.title}"),
            xml("rect", width=WIDTH, height=whole, fill="#ffffff"),
            _text(24, 36, title, size=22, bold=True),
            _text(24, 60, lead, size=14, fill=_TONE["soft"]),
            *inside,
            _text(24, whole - 18, foot, size=12, fill=_TONE["soft"]),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {whole:g}",
            width=WIDTH,
            height=f"{whole:g}",
            font_family=FONT,
        )
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 14,
    fill: str | None = None,
    bold: bool = False,
    anchor: str = "start",
) -> Markup:
    return xml(
        "text",
        words,
        x=f"{x:g}",
        y=f"{y:g}",
        font_size=size,
        font_weight="bold" if bold else "normal",
        text_anchor=anchor,
        fill=fill or _TONE["ink"],
    )


def _short(words: str, longest: int = _LONGEST) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1].rstrip()}…"


def _badge(place: int | None, y: float) -> Markup:
    sign = "–" if place is None else letter(place)
    box = xml("rect", x=24, y=f"{y - 11:g}", width=22, height=22, rx=6, fill=_tone(place))
    return join([box, _text(35, y + 5, sign, size=13, bold=True, fill="#ffffff", anchor="middle")])


def _tone(place: int | None) -> str:
    return "#6b7680" if place is None else _TONE[f"s{place % 12}"]


def _dot(e: Estimate, y: float, top: float, place: int | None) -> Markup:
    """A dot on its range, on an axis from nothing to ``top``."""
    wide = WIDTH - _LEFT - _RIGHT
    low, value, high = (
        _LEFT + wide * min(max(each / top, 0.0), 1.0) for each in (e.low, e.value, e.high)
    )
    tone = _tone(place)
    return join(
        [
            _rule(_LEFT, y, _LEFT + wide, y, _TONE["line"]),
            _rule(low, y, high, y, tone, width=8, opacity=0.42),
            xml("circle", cx=f"{value:.4g}", cy=f"{y:g}", r=5, fill=tone),
        ]
    )


def _rule(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    tone: str,
    *,
    width: float = 1,
    opacity: float = 1.0,
) -> Markup:
    return xml(
        "line",
        x1=f"{x1:.4g}",
        y1=f"{y1:.4g}",
        x2=f"{x2:.4g}",
        y2=f"{y2:.4g}",
        stroke=tone,
        stroke_width=width,
        stroke_opacity=opacity,
        stroke_linecap="round",
    )


# ── the charts ──────────────────────────────────────────────────────────────────────────
def _sizes(release: Release) -> str:
    told = [each for each in lines(release) if each.measure == "Size" and each.group != EVERYBODY]
    top = axis_end(max((each.estimate.high for each in told if each.estimate), default=1))
    inside = []
    for row, line in enumerate(told):
        place = None if line.group == HIDDEN and row == len(release.segments) else row
        y = _HEAD + _LINE * (row + 0.5)
        name = line.group if place is None else release.segments[row].name
        inside += [_badge(place, y), _text(56, y + 5, _short(name, 26))]
        inside += [_dot(line.estimate, y, top, place)] if line.estimate else []
        inside += [_text(WIDTH - 24, y + 5, line.said, anchor="end")]
    height = _LINE * len(told)
    ticks = [
        _text(
            _LEFT + (WIDTH - _LEFT - _RIGHT) * quarter / 4,
            _HEAD + height + 14,
            wording.amount(top * quarter / 4),
            size=12,
            fill=_TONE["soft"],
            anchor="middle",
        )
        for quarter in range(5)
    ]
    lead = "The dot is the estimate; the line is the range that the noise leaves open."
    return _sheet(release, "Sizes", lead, height + 16, *inside, *ticks)


def _differences(release: Release, rows: Sequence[comparison.Row]) -> str:
    wide = (WIDTH - _LEFT - 24) / len(release.segments)
    inside = []
    for place in range(len(release.segments)):
        x = _LEFT + wide * (place + 0.5)
        inside.append(_text(x, _HEAD + 18, letter(place), bold=True, anchor="middle"))
    for number, row in enumerate(rows):
        y = _HEAD + 28 + _LINE * number
        inside.append(_text(24, y + 24, _short(row.title)))
        for place, cell in enumerate(row.cells):
            x = _LEFT + wide * place
            inside += _cell(cell, x, y, wide)
    keys = _keys(release, _HEAD + 28 + _LINE * len(rows) + 22)
    lead = "Typical value of each segment, colored by its distance from everybody."
    height = 28 + _LINE * len(rows) + 18 * (1 + len(keys) // 2) + 14
    return _sheet(release, "What differs", lead, height, *inside, *keys)


def _cell(cell: comparison.Cell | None, x: float, y: float, wide: float) -> Iterator[Markup]:
    tone = _TONE[f"h{cell.level + 2}"] if cell else "#ffffff"
    box = {"x": f"{x + 2:.4g}", "y": f"{y + 2:g}", "width": f"{wide - 4:.4g}"}
    yield xml("rect", **box, height=_LINE - 4, rx=7, fill=tone, stroke=_TONE["line"])
    middle = x + wide / 2
    if cell is None:
        yield _text(middle, y + 24, "?", anchor="middle", fill=_TONE["soft"])
        return
    yield _text(middle, y + 19, cell.short, size=13, anchor="middle")
    signs = {-2: "▼▼", -1: "▼", 0: "–", 1: "▲", 2: "▲▲"}
    yield _text(middle, y + 33, signs[cell.level], size=9, anchor="middle")


def _keys(release: Release, y: float) -> list[Markup]:
    """Which letter is which segment, and what the signs mean."""
    names = [f"{letter(place)} {_short(each.name)}" for place, each in enumerate(release.segments)]
    meaning = "▼▼ much lower · ▼ lower · – about the same · ▲ higher · ▲▲ much higher · "
    told = [f"{meaning}? too uncertain to show"]
    told += [" · ".join(names[start : start + 3]) for start in range(0, len(names), 3)]
    return [
        _text(24, y + 18 * row, each, size=12, fill=_TONE["soft"]) for row, each in enumerate(told)
    ]


def _distribution(
    release: Release, whole: ColumnProfile, groups: Sequence[tuple[int, str, ColumnProfile]]
) -> str:
    """A block for each segment: its parts as dots with ranges on one axis of shares."""
    top = _highest(profile for *_, profile in groups)
    inside: list[Markup] = []
    y = float(_HEAD)
    for place, name, profile in groups:
        inside += [_badge(place, y + 14), _text(56, y + 19, _short(name, 60), bold=True)]
        y += 32
        for bar in profile.bars:
            inside.append(_text(56, y + 15, _short(bar.label, 24)))
            inside += [_dot(bar.share, y + 10, top, place)] if bar.share else []
            inside.append(_text(WIDTH - 24, y + 15, wording.bar_words(bar), anchor="end"))
            y += 23
        y += 12
    title = wording.column_words(whole.name)
    lead = f"Part of each segment with its range, on a line from 0 to {100 * top:.3g} %."
    return _sheet(release, title, lead, y - _HEAD, *inside)


def _highest(profiles: Iterator[ColumnProfile]) -> float:
    bars: list[Bar] = [bar for profile in profiles for bar in profile.bars]
    high = max((bar.share.high for bar in bars if bar.share), default=1.0)
    return min(max(math.ceil(10 * high) / 10, 0.1), 1.0)
