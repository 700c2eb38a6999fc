"""The pictures of the page: dots with their ranges, written straight from a release.

They are sharp at any width, printable and need no script. The same numbers stand
beside each picture as text, so that screen readers skip the picture without loss.
"""

from __future__ import annotations

import math
from typing import Final

from markupsafe import Markup

from dashboard import wording
from dashboard.release import Estimate, HiddenGroup, Release, Segment
from dashboard.share.markup import join, tag

TONES: Final = 12
"""How many colors the style sheet knows for segments."""

_STEPS: Final = (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10)
"""Lengths of an axis that divide into four readable parts."""


def tone(place: int) -> str:
    """The class that colors whatever belongs to a segment."""
    return f"s{place % TONES}"


def letter(place: int) -> Markup:
    """A segment's letter on its color, A for the first, so that color never stands alone."""
    sign = chr(ord("A") + place % 26)
    return tag("span", sign, class_=f"letter {tone(place)}")


def share_line(segment: Segment) -> Markup:
    """A segment's share of everybody, on a line from nothing to all."""
    return dot(segment.share_low, segment.share, segment.share_high)


def dot(low: float, value: float, high: float) -> Markup:
    """A dot on its range, at parts of the width from 0 to 1."""
    return tag(
        "svg",
        tag("line", x1=_at(low), x2=_at(high), y1="8", y2="8"),
        tag("circle", cx=_at(value), cy="8", r="4.5"),
        class_="dot",
        aria_hidden="true",
    )


def _at(part: float) -> str:
    return f"{100 * min(max(part, 0.0), 1.0):.4g}%"


def sizes(release: Release) -> Markup:
    """How large the segments are, one under the other on one axis that starts at nothing."""
    top = axis_end(max((each.size_high for each in release.segments), default=1))
    lines = [_segment_line(place, each, top) for place, each in enumerate(release.segments)]
    return join([tag("ul", *lines, _hidden_line(release.other, top), class_="sizes"), _axis(top)])


def _segment_line(place: int, segment: Segment, top: float) -> Markup:
    low, value, high = (each / top for each in (segment.size_low, segment.size, segment.size_high))
    return tag(
        "li",
        tag("span", letter(place), segment.name),
        tag("b", wording.size(segment)),
        dot(low, value, high),
        class_=tone(place),
    )


def _hidden_line(other: HiddenGroup | None, top: float) -> Markup | None:
    if other is None or other.size is None or other.size_low is None or other.size_high is None:
        return None
    size = Estimate(other.size, max(other.size_low, 0), other.size_high)
    return tag(
        "li",
        tag("span", tag("span", "–", class_="letter", aria_hidden="true"), "Hidden for privacy"),
        tag("b", wording.with_range(size)),
        dot(size.low / top, size.value / top, size.high / top),
        class_="other",
    )


def _axis(top: float) -> Markup:
    ticks = (tag("span", wording.amount(top * quarter / 4)) for quarter in range(5))
    return tag("p", *ticks, class_="axis", aria_hidden="true")


def axis_end(largest: float) -> float:
    """Where an axis ends that starts at nothing and shows the largest value."""
    scale = 10.0 ** math.floor(math.log10(max(largest, 4)))
    return next(step * scale for step in _STEPS if step * scale >= largest)
