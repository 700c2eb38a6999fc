"""Colors and letters of segments, told apart without good color sight, by day and by night.

Based on Okabe and Ito, with each tone moved so that it keeps a contrast of 3
to 1 against both of our backgrounds. Color never stands alone: each segment
has a letter and a marker shape of its own as well.
"""

from __future__ import annotations

from typing import Final

LIGHT: Final = "#FCFCFA"
DARK: Final = "#14191D"
"""The two backgrounds, as in .streamlit/config.toml."""

SEGMENTS: Final = (
    "#2A7DC1",
    "#D55E00",
    "#009E73",
    "#B5649B",
    "#B8860B",
    "#2C8C99",
    "#C23B5A",
    "#8C6BB1",
    "#5E8C31",
    "#A65628",
    "#6B7C85",
    "#4B6FD0",
)
SHAPES: Final = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "triangle-down",
    "star",
    "hexagon",
    "x",
    "pentagon",
    "triangle-left",
    "triangle-right",
)
EVERYBODY: Final = "#8A9499"
DEVIATION: Final = (
    (0.0, "#5FA8DC"),
    (0.35, "#C3DDF0"),
    (0.5, "#F3F2EE"),
    (0.65, "#FADBB8"),
    (1.0, "#F0A050"),
)
ON_DEVIATION: Final = "#1F2A2E"
"""Text on any of the deviation colors."""


def color(place: int) -> str:
    """The color of the segment at this place, from 0."""
    return SEGMENTS[place % len(SEGMENTS)]


def shape(place: int) -> str:
    """The marker shape of the segment at this place, from 0."""
    return SHAPES[place % len(SHAPES)]


def letter(place: int) -> str:
    """The letter of the segment at this place, from A."""
    return chr(ord("A") + place % 26)
