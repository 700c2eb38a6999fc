"""Pictures of segments: from a release's values to plotly figures, nothing else.

Pure functions. They name no color of text or paper, so that Streamlit's theme
fills these in by day and by night. Hover texts say the same as the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

from dashboard import wording
from dashboard.release import (
    Change,
    ColumnProfile,
    Estimate,
    HiddenGroup,
    Movement,
    Point,
    Segment,
)
from dashboard.ui import colors, words
from dashboard.ui.deviation import Row, profile_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CONFIG: Final[dict[str, Any]] = {"displaylogo": False, "displayModeBar": False, "scrollZoom": False}
"""How plotly behaves in the browser: calm, and never in the way of scrolling."""

_FAINT: Final = "rgba(128,138,144,0.35)"
_FAR: Final = 2.0
"""Deviations beyond this many standard deviations look alike."""


_Axis = dict[str, Any]
_Trace = dict[str, Any]

_CALM: Final[dict[str, Any]] = {
    "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
    "showlegend": False,
    "dragmode": False,
    "hovermode": "closest",
    "template": {"data": {"scatter": [{"type": "scatter"}]}},
}
"""No zoom, no drag, no legend: a picture that stays as it is while the page scrolls."""

_AXIS: Final[_Axis] = {
    "fixedrange": True,
    "automargin": True,
    "zeroline": False,
    "gridcolor": _FAINT,
}


def _figure(traces: Sequence[_Trace], height: int, across: _Axis, up: _Axis) -> Figure:
    """A calm figure with one pair of axes."""
    axes = {"xaxis": {**_AXIS, **across}, "yaxis": {**_AXIS, **up}}
    return _told(traces, {**_CALM, "height": height, **axes})


def _told(traces: Sequence[_Trace], layout: dict[str, Any]) -> Figure:
    """A figure as it is told; a test holds every kind of picture against plotly's own rules.

    Plotly would hold each value of each picture against them at every click.
    """
    from plotly.graph_objects import Figure

    return Figure(list(traces), layout, _validate=False)


def _scatter(**told: Any) -> _Trace:
    """Dots and lines, in plotly's words."""
    return {"type": "scatter", **told}


def _in_hundredths(top: float) -> _Axis:
    """Ticks for shares up to the largest one, said as everywhere else: 20 %."""
    step = next((each for each in (1, 2, 5, 10, 20) if 100 * top <= 4 * each), 25)
    ticks = [hundredths / 100 for hundredths in range(0, 101, step)]
    return {"tickvals": ticks, "ticktext": [wording.part(each) for each in ticks]}


def _range(estimate: Estimate) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(estimate.high - estimate.value, 0.0)],
        "arrayminus": [max(estimate.value - estimate.low, 0.0)],
        "thickness": 3,
        "width": 0,
    }


def _dot(estimate: Estimate, y: float, place: int | None, hover: str) -> _Trace:
    """One dot with its range, lying flat at a height."""
    tone = colors.EVERYBODY if place is None else colors.color(place)
    return _scatter(
        x=[estimate.value],
        y=[y],
        mode="markers",
        marker={
            "size": 13,
            "color": tone,
            "symbol": "circle-open" if place is None else colors.shape(place),
        },
        error_x={**_range(estimate), "color": tone},
        hovertemplate=f"{escape(hover)}<extra></extra>",
    )


def _wrapped(text: str, width: int = 22, lines: int = 2) -> str:
    """Break a long label into short lines, escaped for plotly."""
    from textwrap import wrap

    parts = wrap(text, width, max_lines=lines, placeholder="…") or [""]
    return "<br>".join(escape(part, quote=False) for part in parts)


def label(place: int, segment: Segment) -> str:
    """A segment's letter and name."""
    return label_of(place, segment.name)


def label_of(place: int, name: str) -> str:
    """A letter and a name."""
    return f"{colors.letter(place)} · {name}"


def size_of(segment: Segment) -> Estimate:
    """A segment's size with its range."""
    return Estimate(segment.size, max(segment.size_low, 0), segment.size_high)


def sizes(segments: Sequence[Segment], other: HiddenGroup | None = None) -> Figure:
    """How large the segments are: dots with ranges, from zero."""
    lines = [(size_of(each), label(place, each), place) for place, each in enumerate(segments)]
    traces = [
        _dot(size, -row, place, f"{name}: {wording.with_range(size)} {words.PEOPLE}")
        for row, (size, name, place) in enumerate(lines)
    ]
    ticks = [_wrapped(name) for _, name, _ in lines]
    if other and other.size is not None and None not in (other.size_low, other.size_high):
        size = Estimate(other.size, max(other.size_low or 0, 0), other.size_high or 0)
        traces.append(_dot(size, -len(lines), None, wording.hidden_group(other)))
        ticks.append(words.HIDDEN_NAME)
    people = {
        "rangemode": "tozero",
        "title": {"text": words.PEOPLE},
        "tickformat": "~s",
        "nticks": 5,
    }
    return _figure(traces, 70 + 52 * len(ticks), people, _named_rows(ticks))


def _named_rows(ticks: Sequence[str]) -> _Axis:
    """Rows of dots with names; places are numbers, so that no label can turn into one."""
    return {
        "tickvals": [-row for row in range(len(ticks))],
        "ticktext": list(ticks),
        "range": [-len(ticks) + 0.5, 0.5],
        "griddash": "dot",  # a full line would look like a range
    }


def heat_map(rows: Sequence[Row], segments: Sequence[Segment]) -> Figure:
    """What sets the segments apart: color for the deviation, text for the value."""
    places = range(len(segments))
    depth = [[cell.differs if cell else None for cell in row.cells] for row in rows]
    said = [[cell.words if cell else "–" for cell in row.cells] for row in rows]
    told = [
        [
            f"{escape(label(p, segments[p]))}<br>{escape(row.title)}: {row_words(row, p)}"
            for p in places
        ]
        for row in rows
    ]
    trace = {
        "type": "heatmap",
        "x": list(places),
        "y": [-place for place in range(len(rows))],
        "z": depth,
        "text": said,
        "texttemplate": "%{text}",
        "textfont": {"color": colors.ON_DEVIATION},
        "customdata": told,
        "hovertemplate": "%{customdata}<extra></extra>",
        "colorscale": [list(stop) for stop in colors.DEVIATION],
        "zmin": -_FAR,
        "zmax": _FAR,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
    }
    letters = {
        "tickvals": list(places),
        "ticktext": [f"<b>{colors.letter(place)}</b>" for place in places],
        "side": "top",
        "showgrid": False,
    }
    titles = {**_named_rows([_wrapped(row.title) for row in rows]), "showgrid": False}
    return _figure([trace], 60 + 40 * len(rows), letters, titles)


def row_words(row: Row, place: int) -> str:
    """A cell in words: the value, and why it is missing where it is."""
    cell = row.cells[place]
    return cell.words if cell else wording.hidden("too uncertain to show")


def scatter(points: Sequence[Point], segments: Sequence[Segment], axes: tuple[str, str]) -> Figure:
    """The map: invented customers, placed by likeness, one color and shape for each segment."""
    traces = []
    for place, segment in enumerate(segments):
        own = [point for point in points if point.segment == place]
        traces.append(
            _scatter(
                x=[point.x for point in own],
                y=[point.y for point in own],
                mode="markers",
                name=escape(label(place, segment)),
                marker={
                    "size": 7,
                    "opacity": 0.7,
                    "color": colors.color(place),
                    "symbol": colors.shape(place),
                },
                hovertemplate=f"{escape(label(place, segment))}<extra></extra>",
            )
        )
    bare = {"showticklabels": False, "showgrid": False}
    across, up = ({**bare, "title": {"text": _wrapped(axis, 44)}} for axis in axes)
    return _figure(traces, 420, across, up)


def distribution(name: str, segments: Sequence[Segment], whole: ColumnProfile) -> Figure:
    """How one column is spread in each segment: dots with ranges over everybody in gray."""
    if whole.kind == "flag":
        return _yes_shares(name, segments, whole)
    return _panels(name, segments, whole)


def _yes_shares(name: str, segments: Sequence[Segment], whole: ColumnProfile) -> Figure:
    profiles = [profile_of(each, name) for each in segments]
    traces, ticks = [], []
    for place, (segment, profile) in enumerate(zip(segments, profiles, strict=True)):
        share = profile.typical if profile else None
        if share:
            hover = f"{label(place, segment)}: {wording.percent(share)}"
            traces.append(_dot(share, -place, place, hover))
        ticks.append(_wrapped(label(place, segment)))
    if whole.typical:
        hover = f"{words.EVERYBODY}: {wording.percent(whole.typical)}"
        traces.append(_dot(whole.typical, -len(ticks), None, hover))
    ticks.append(words.EVERYBODY)
    shares = {"range": [-0.02, 1.02], **_in_hundredths(1.0)}
    return _figure(traces, 70 + 48 * len(ticks), shares, _named_rows(ticks))


def _panels(name: str, segments: Sequence[Segment], whole: ColumnProfile) -> Figure:
    """One panel for each segment, one below the other, on the same public axes."""
    profiles = [
        (place, profile)
        for place, segment in enumerate(segments)
        if (profile := profile_of(segment, name))
    ]
    names = [escape(label(place, segments[place]), quote=False) for place, _ in profiles]
    told = [bar.share for each in (whole, *dict(profiles).values()) for bar in each.bars]
    top = max((share.high for share in told if share), default=1.0)
    labels = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": [escape(bar.label) for bar in whole.bars],
        "tickvals": list(range(len(whole.bars))),
        "ticktext": [_wrapped(bar.label, 14, 3) for bar in whole.bars],
        "showgrid": False,
    }
    shares = {"rangemode": "tozero", "matches": "y", **_in_hundredths(top)}
    traces = []
    for panel, (place, profile) in enumerate(profiles, start=1):
        axes = {"xaxis": _nth("x", panel), "yaxis": _nth("y", panel)}
        for each, own, who in ((whole, None, words.EVERYBODY), (profile, place, names[panel - 1])):
            traces.append(_line(each, own, who) | axes)
    return _told(traces, _one_below_the_other(names, labels, shares))


def _one_below_the_other(names: Sequence[str], across: _Axis, up: _Axis) -> dict[str, Any]:
    """Panels with their names above them; only the last one says what stands across."""
    count = max(len(names), 1)
    gap = min(0.4 / count, 0.12)
    height = (1 - gap * (count - 1)) / count
    layout: dict[str, Any] = {**_CALM, "height": 80 + 118 * count, "annotations": []}
    for panel in range(1, count + 1):
        low = (count - panel) * (height + gap)
        last = {} if panel == count else {"matches": _nth("x", count), "showticklabels": False}
        x_axis = {"anchor": _nth("y", panel), "domain": [0.0, 1.0], **_AXIS, **across, **last}
        y_axis = {"anchor": _nth("x", panel), "domain": [low, low + height], **_AXIS, **up}
        layout |= {_nth("xaxis", panel): x_axis, _nth("yaxis", panel): y_axis}
        layout["annotations"] += [_title(name, low + height) for name in names[panel - 1 : panel]]
    return layout


def _nth(axis: str, panel: int) -> str:
    """How plotly calls the axes of a panel: x, then x2, x3 and so on."""
    return axis if panel == 1 else f"{axis}{panel}"


def _title(name: str, height: float) -> dict[str, Any]:
    return {
        "text": name,
        "showarrow": False,
        "font": {"size": 13},
        "x": 0,
        "xanchor": "left",
        "xref": "paper",
        "y": height,
        "yanchor": "bottom",
        "yref": "paper",
    }


def _line(profile: ColumnProfile, place: int | None, name: str) -> _Trace:
    """One distribution; hidden parts leave a gap, and labels without an order no line."""
    shares = [bar.share for bar in profile.bars]
    tone = colors.EVERYBODY if place is None else colors.color(place)
    apart = profile.kind == "category"
    mark = {"size": 16, "symbol": "line-ew-open", "line": {"width": 2}}
    ranges = {
        "type": "data",
        "symmetric": False,
        "array": [max(each.high - each.value, 0.0) if each else None for each in shares],
        "arrayminus": [
            max(each.value - max(each.low, 0.0), 0.0) if each else None for each in shares
        ],
        "color": tone,
        "thickness": 1.5,
        "width": 0,
    }
    return _scatter(
        x=[escape(bar.label) for bar in profile.bars],
        y=[each.value if each else None for each in shares],
        mode="markers" if apart else "lines" if place is None else "lines+markers",
        line={"color": tone, "width": 1.5, "dash": "dot" if place is None else "solid"},
        marker={"color": tone, **(mark if apart and place is None else {"size": 6 + 2 * apart})},
        **({} if place is None else {"error_y": ranges}),
        customdata=[f"{escape(bar.label)}: {wording.bar_words(bar)}" for bar in profile.bars],
        hovertemplate=f"{name}<br>%{{customdata}}<extra></extra>",
        connectgaps=False,
    )


def comparison(rows: Sequence[Row], one: int, another: int, segments: Sequence[Segment]) -> Figure:
    """Two segments side by side: dots with ranges, joined where they differ by more than noise."""
    traces: list[_Trace] = []
    told = [row for row in rows if row.cells[one] and row.cells[another]]
    for line, row in enumerate(told):
        cells = [(place, cell) for place in (one, another) if (cell := row.cells[place])]
        ends = [_clipped(cell.deviation).value for _, cell in cells]
        if row.apart(one, another):
            bar = {"color": _FAINT, "width": 6}
            traces.append(_scatter(x=ends, y=[-line] * 2, mode="lines", line=bar, hoverinfo="skip"))
        for place, cell in cells:
            hover = f"{label(place, segments[place])}, {row.title}: {cell.words}"
            traces.append(_dot(_clipped(cell.deviation), -line, place, hover))
    usual = {
        "range": [-_FAR - 0.6, _FAR + 0.6],
        "tickvals": [-_FAR, 0, _FAR],
        "ticktext": list(words.USUAL),
    }
    titles = _named_rows([_wrapped(row.title) for row in told])
    return _figure(traces, 80 + 44 * len(told), usual, titles)


def _clipped(deviation: Estimate) -> Estimate:
    edge = _FAR + 0.4
    low, value, high = (
        min(max(each, -edge), edge) for each in (deviation.low, deviation.value, deviation.high)
    )
    return Estimate(value, low, high)


_THEN, _NOW = 0.0, 1.0


def flow(movement: Movement) -> Figure:
    """From the shares then to the shares now: a line and a band for each segment."""
    traces: list[_Trace] = [trace for change in movement.changes for trace in _slope(change)]
    then, now = wording.then_and_now(movement)
    days = {
        "range": [-0.25, 1.7],
        "tickvals": [_THEN, _NOW],
        "ticktext": [_wrapped(then, 12, 3), _wrapped(now, 12, 3)],
        "showgrid": False,
    }
    top = max(max(each.share_before.high, each.share_after.high) for each in movement.changes)
    shares = {"rangemode": "tozero", **_in_hundredths(top)}
    traces.append(_names_now(movement.changes))
    return _figure(traces, 120 + 46 * len(movement.changes), days, shares)


def _slope(change: Change) -> list[_Trace]:
    tone = colors.color(change.later_place) if change.clear else colors.EVERYBODY
    before, after = change.share_before, change.share_after
    band = _scatter(
        x=[_THEN, _NOW, _NOW, _THEN],
        y=[before.low, after.low, after.high, before.high],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=_faint(tone),
        hoverinfo="skip",
    )
    line = _scatter(
        x=[_THEN, _NOW],
        y=[before.value, after.value],
        mode="lines+markers",
        line={"color": tone, "width": 3 if change.clear else 1.5},
        marker={"color": tone, "size": 9, "symbol": colors.shape(change.later_place)},
        hovertemplate=f"{escape(wording.moved(change))}<extra></extra>",
    )
    return [band, line]


def _names_now(changes: Sequence[Change]) -> _Trace:
    """The segments' names behind their lines, moved apart where shares are close."""
    least = 0.07 * max(max(each.share_after.high, each.share_before.high) for each in changes)
    places: list[float] = []
    ordered = sorted(changes, key=lambda each: each.share_after.value)
    for each in ordered:
        low = places[-1] + least if places else 0.0
        places.append(max(each.share_after.value, low))
    return _scatter(
        x=[_NOW + 0.05] * len(ordered),
        y=places,
        mode="text",
        text=[escape(label_of(each.later_place, each.name), quote=False) for each in ordered],
        textposition="middle right",
        hoverinfo="skip",
    )


def _faint(tone: str) -> str:
    red, green, blue = (int(tone[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"
