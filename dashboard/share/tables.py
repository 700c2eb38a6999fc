"""The tables of the page: what differs, all segments side by side, and the distributions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup

from dashboard import wording
from dashboard.release import Bar, ColumnProfile, Estimate, Release, Segment
from dashboard.share import tools
from dashboard.share.charts import letter
from dashboard.share.comparison import LEVELS, Cell, Row
from dashboard.share.markup import join, tag

WIDEST: Final = 60
"""The widest range that the style sheet draws, in percent."""

_HEAT_ALT: Final = "Where segments differ from everybody, as colors; the table below says the same."


# ── differences ─────────────────────────────────────────────────────────────────────────
def differences(release: Release, rows: Sequence[Row]) -> Markup:
    """Where each segment is higher or lower than everybody: a number, a sign and a color."""
    if not rows:
        return tag("p", wording.NOTHING_APART)
    table = tag(
        "table",
        tag("caption", "Typical value of each segment, colored by its distance from everybody"),
        tag("thead", tag("tr", tag("td"), *_heads(release.segments))),
        tag("tbody", *(_difference(row) for row in rows)),
        class_="heat",
    )
    return join([_legend(), *tools.chart(_HEAT_ALT), _scrolled("Differences", table)])


def _legend() -> Markup:
    parts = [tag("li", words, class_=f"h{level + 2}") for level, words in LEVELS.items()]
    unknown = tag("li", wording.hidden("too uncertain to show"), class_="none")
    return tag("ul", *parts, unknown, class_="legend", aria_label="What the signs mean")


def _difference(row: Row) -> Markup:
    return tag("tr", tag("th", row.title, scope="row"), *map(_heat_cell, row.cells))


def _heat_cell(cell: Cell | None) -> Markup:
    if cell is None:
        return tag("td", class_="none")
    return tag("td", cell.short, class_=f"h{cell.level + 2}")


def _heads(segments: Iterable[Segment]) -> list[Markup]:
    return [
        tag("th", letter(place), tag("span", each.name), scope="col")
        for place, each in enumerate(segments)
    ]


def _scrolled(name: str, table: Markup) -> Markup:
    """A table that scrolls by itself on a narrow screen, by thumb or by keyboard."""
    label = f"{name}, a table that may scroll sideways"
    return tag("div", table, class_="wide", role="region", aria_label=label, tabindex="0")


# ── side by side ────────────────────────────────────────────────────────────────────────
def side_by_side(release: Release, rows: Sequence[Row]) -> Markup:
    """Every segment beside every other and beside everybody, each number with its range."""
    table = tag(
        "table",
        tag("caption", "All segments with the ranges of their numbers"),
        tag("thead", tag("tr", tag("td"), *_heads(release.segments), tag("th", "Everybody"))),
        tag(
            "tbody",
            _line("Size", [wording.size(each) for each in release.segments], release.total),
            _line("Share", [wording.share(each) for each in release.segments], None),
            *(_compared(row) for row in rows),
        ),
        class_="side",
    )
    return join([tools.two(release), _scrolled("Side by side", table)])


def _line(title: str, told: Iterable[str], whole: Estimate | None) -> Markup:
    everybody = wording.with_range(whole) if whole else "all"
    cells = map(_ranged, (*told, everybody))
    return tag("tr", tag("th", title, scope="row"), *cells)


def _compared(row: Row) -> Markup:
    uncertain = wording.hidden("too uncertain to show")
    told = (cell.ranged if cell else uncertain for cell in row.cells)
    cells = map(_ranged, (*told, row.everybody))
    return tag("tr", tag("th", row.title, scope="row"), *cells)


def _ranged(said: str) -> Markup:
    value, bracket, rest = _plain(said).partition(" (")
    return tag("td", value, tag("small", f"({rest}") if bracket else None)


def _plain(said: str) -> str:
    """Tables say once, in their caption, that numbers are estimates."""
    return said.removeprefix("about ")


# ── distributions ───────────────────────────────────────────────────────────────────────
def distributions(release: Release) -> Markup:
    """How each column is spread, for each segment and for everybody, folded away."""
    folds = [
        _fold(join([letter(place), each.name]), each.profile)
        for place, each in enumerate(release.segments)
        if each.profile
    ]
    everybody = _fold("Everybody", release.overall) if release.overall else None
    titles = [wording.column_words(each.name) for each in release.overall] if folds else []
    return join([tools.columns(titles) if titles else None, *folds, everybody])


def _fold(title: object, profiles: Iterable[ColumnProfile]) -> Markup:
    tables = (_distribution(profile) for profile in profiles)
    return tag("details", tag("summary", title), tag("div", *tables, class_="spreads"))


def _distribution(profile: ColumnProfile) -> Markup:
    rows = [_part(bar.label, bar) for bar in profile.bars]
    if profile.missing is not None:
        rows.append(_part("not given", Bar("", profile.missing)))
    caption = tag("caption", wording.column_words(profile.name))
    return tag("table", caption, *rows, class_="flag" if profile.kind == "flag" else None)


def _part(label: str, bar: Bar) -> Markup:
    said = _plain(wording.bar_words(bar)).replace(f"{wording.NBSP}%)", ")")
    return tag("tr", tag("th", label), tag("td", said, class_=_place(bar.share)))


def _place(share: Estimate | None) -> str | None:
    """Where the style sheet draws a dot and how wide its range is, in whole percent."""
    if share is None:
        return None
    value, low, high = (min(max(each, 0.0), 1.0) for each in (share.value, share.low, share.high))
    return f"l{round(100 * value)} w{min(max(round(100 * (high - low)), 1), WIDEST)}"
