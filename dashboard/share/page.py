"""The page that a stakeholder sees: a complete document, made from one release, always the same."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from dashboard.receipts import Link
from dashboard.release import Release
from dashboard.share import assets, comparison, sections, tables, tools
from dashboard.share.markup import join, tag


def _parts_of_a_width() -> str:
    """Rules that place a dot (l) and widen its range (w) by whole percent, without inline style."""
    dots = "".join(f".l{part}{{--l:{part}}}" for part in range(101))
    return dots + "".join(f".w{part}{{--w:{part}}}" for part in range(1, tables.WIDEST + 1))


STYLE: Final = (
    Path(__file__).with_name("page.css").read_text("utf-8")
    + Path(__file__).with_name("forms.css").read_text("utf-8")
    + _parts_of_a_width()
)
"""The one style sheet of every page of this room."""

STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""SHA-256 of :data:`STYLE`, by which the browser knows that it is ours."""

_ICON: Final = "data:image/svg+xml," + quote(
    sections.LOGO.replace(Markup("<svg "), Markup('<svg xmlns="http://www.w3.org/2000/svg" ')),
    safe=" /=:",
)
_SECTIONS: Final = {
    "segments": "Segments",
    "sizes": "Sizes",
    "differences": "What differs",
    "side-by-side": "Side by side",
    "distributions": "Distributions",
    "account": "How this was made",
}


def render(release: Release, link: Link, opinion: Markup | None = None) -> str:
    """Write the stakeholder's page: the same text for the same release and link.

    ``opinion`` is the form that asks for one, where answers can be counted.
    """
    script = tag(
        "script",
        src=assets.address("page"),
        data_charts=assets.address("plotly"),
        data_failed=tools.FAILED,
        defer=True,
    )
    return document(release.title, *body(release, link, opinion), script)


def body(
    release: Release, link: Link | None = None, opinion: Markup | None = None
) -> tuple[Markup, ...]:
    """Everything that is told about a release, and about the link that opened it, if any."""
    rows = comparison.rows(release)
    return (
        sections.heading(release, link),
        tag("nav", *map(_anchor, _SECTIONS), aria_label="On this page"),
        tag(
            "main",
            sections.total(release),
            _section("segments", None, sections.cards(release)),
            _section(
                "sizes",
                "The dot is the estimate; the line is the range that the noise leaves open.",
                sections.sizes(release),
            ),
            _section("differences", None, tables.differences(release, rows)),
            _section(
                "side-by-side",
                "Estimates, with their ranges in brackets.",
                tables.side_by_side(release, rows),
            ),
            _section(
                "distributions",
                "How each column is spread within a segment: part of the segment, with its range.",
                tables.distributions(release),
            ),
            _section("account", None, sections.account(release)),
            opinion,
        ),
        sections.footing(release),
    )


def plain(title: str, sentence: str, *further: Markup) -> str:
    """Write a page that says one thing, and what may follow from it."""
    return document(
        title,
        tag(
            "main",
            tag("p", sections.LOGO, sections.PROGRAM, class_="brand"),
            tag("h1", title),
            tag("p", sentence),
            *further,
            class_="plain",
        ),
    )


def document(title: str, *inside: object, policy: str | None = None) -> str:
    """Put a body into a complete HTML document with our style sheet.

    ``policy`` is the content security of a page that no server sends.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy) if policy else None,
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex, nofollow"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · {sections.PROGRAM}"),
        tag("link", rel="icon", href=_ICON),
        tag("style", Markup(STYLE)),  # noqa: S704 - our own file, no stranger's text
    )
    page = tag("html", head, tag("body", join(inside)), lang="en")
    return str(Markup("<!doctype html>") + page)


def _anchor(place: str) -> Markup:
    return tag("a", _SECTIONS[place], href=f"#{place}")


def _section(place: str, lead: str | None, content: Markup) -> Markup:
    return tag(
        "section",
        tag("h2", _SECTIONS[place]),
        tag("p", lead, class_="lead") if lead else None,
        content,
        id=place,
    )
