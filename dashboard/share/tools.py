"""What a reader can do on the page where scripts may run; hidden where they may not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from dashboard.release import Release
from dashboard.share.markup import join, tag

FAILED: Final = "The chart could not be loaded; the tables on this page say the same."
_COLUMN_ALT: Final = "The chosen column, one panel a segment; the tables below say the same."
_FEWEST_TO_CHOOSE: Final = 3


def chart(alt: str) -> tuple[Markup, Markup]:
    """A button that puts an interactive chart in the place of the still picture."""
    button = tag("button", "Interactive chart", type="button", aria_pressed="false")
    return _tools(button), _place(alt)


def columns(titles: Sequence[str]) -> Markup:
    """A choice of one column, to see how it is spread in every segment."""
    options = (tag("option", each, value=each) for each in dict.fromkeys(titles))
    choice = tag("select", tag("option", "choose a column", value=""), *options)
    return join([_tools(tag("label", "Chart of ", choice)), _place(_COLUMN_ALT)])


def two(release: Release) -> Markup | None:
    """A choice of two segments to hold side by side, where there are more."""
    if len(release.segments) < _FEWEST_TO_CHOOSE:
        return None
    every = tag("button", "Show all", type="button", aria_pressed="true")
    return _tools(
        tag("label", "Compare ", _choice(release, 0)),
        tag("label", "with ", _choice(release, 1)),
        every,
    )


def _choice(release: Release, chosen: int) -> Markup:
    options = (
        tag("option", each.name, value=place, selected=True if place == chosen else None)
        for place, each in enumerate(release.segments)
    )
    return tag("select", *options)


def _tools(*inside: Markup) -> Markup:
    return tag("p", *inside, class_="tools", hidden=True)


def _place(alt: str) -> Markup:
    return tag("div", class_="chart", hidden=True, role="img", aria_label=alt)
