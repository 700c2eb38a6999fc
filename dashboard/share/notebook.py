"""A release as a notebook: the numbers, and the few lines that draw them again.

It needs plotly and nothing of ours, and runs from top to bottom without a network.
"""

from __future__ import annotations

import json
from typing import Any, Final

from dashboard.release import Release
from dashboard.share.lines import about

_READ: Final = '''import hashlib
import json

from plotly.graph_objects import Figure, Scatter

TEXT = {text}
release = json.loads(TEXT)
digest = hashlib.sha256(TEXT.encode()).hexdigest()
assert digest == "{digest}", "this release was changed"'''

_SIZES: Final = '''def dots(rows, title):
    """One dot for each (name, value, low, high), with its range."""
    names, values, lows, highs = zip(*rows)
    figure = Figure(
        Scatter(
            x=values,
            y=list(range(len(names))),
            mode="markers",
            marker={"size": 12},
            text=[f"{name}: {value} ({low}–{high})" for name, value, low, high in rows],
            hoverinfo="text",
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - value for value, high in zip(values, highs)],
                "arrayminus": [value - low for value, low in zip(values, lows)],
                "thickness": 4,
                "width": 0,
            },
        )
    )
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names, autorange="reversed")
    figure.update_xaxes(rangemode="tozero")
    figure.update_layout(title=title, template="plotly_white")
    return figure


sizes = dots(
    [
        (segment["name"], segment["size"], max(segment["size_low"], 0), segment["size_high"])
        for segment in release["segments"]
    ],
    "Sizes, with the range that the noise leaves open",
)
sizes'''

_COLUMN: Final = '''def column(name):
    """How one column is spread in each segment; what was hidden is not there."""
    rows = [
        (f"{segment['name']}: {bar['label']}", share["value"], share["low"], share["high"])
        for segment in release["segments"]
        for profile in segment["profile"]
        if profile["name"] == name
        for bar in profile["bars"]
        if (share := bar["share"]) is not None
    ]
    figure = dots(rows, name) if rows else Figure()
    figure.update_layout(height=120 + 22 * len(rows))
    tenths = [tenth / 10 for tenth in range(11)]
    figure.update_xaxes(tickvals=tenths, ticktext=[f"{100 * each:.0f} %" for each in tenths])
    return figure


columns = [profile["name"] for profile in release["overall"]]
pictures = {name: column(name) for name in columns}
pictures[columns[0]] if columns else None'''


def notebook_bytes(release: Release) -> bytes:
    """The notebook as a file, always the same for the same release."""
    told = "\n".join(f"- **{_plain(name)}**: {_plain(said)}" for name, said in about(release))
    read = _READ.replace("{digest}", release.digest).replace("{text}", repr(release.to_json()))
    cells = [
        _words(f"# {_plain(release.title)}\n\n{told}"),
        _code(read),
        _words("## Sizes"),
        _code(_SIZES),
        _words("## One column\n\nChange the name in the last line to see another."),
        _code(_COLUMN),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    book = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "cells": cells,
    }
    return json.dumps(book, ensure_ascii=False, indent=1).encode()


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }


def _plain(text: str) -> str:
    """A stranger's text as words: no markup, no link, on one line."""
    text = " ".join(text.split()).replace("\\", "\\\\")
    for sign in "`*_{}[]()#+!|~$":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
