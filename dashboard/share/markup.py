"""Writes HTML in which every text is escaped, because names and columns come from strangers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

_END_LEFT_OUT: Final = frozenset({"caption", "li", "td", "th", "tr", "dt", "dd"})
"""Elements whose end tag HTML lets us leave out; pages of many cells stay small that way."""

_BRACKETS: Final = re.compile(r"(\([^()]{1,40}\))")

_NEEDS_QUOTES: Final = re.compile(r"[^A-Za-z0-9_.#%-]")
"""Any other character in a value makes quotes necessary, as it does in HTML, and then some."""

_EMPTY: Final = frozenset({"circle", "input", "line", "link", "meta", "rect"})


def tag(name: str, /, *inside: object, **attributes: object) -> Markup:
    """One element; ``class_`` writes ``class``, ``aria_label`` writes ``aria-label``.

    What is inside is escaped unless it is markup already; ``None`` writes nothing, and
    ``True`` writes an attribute without a value.
    """
    start = Markup("<{}{}").format(name, join(_attribute(*each) for each in attributes.items()))
    if name in _EMPTY:
        return start + Markup(" />")
    end = Markup() if name in _END_LEFT_OUT else Markup("</{}>").format(name)
    return start + Markup(">") + join(inside) + end


def xml(name: str, /, *inside: object, **attributes: object) -> Markup:
    """One element as :func:`tag` writes it, with every value in quotes, as XML insists."""
    given = ((key, value) for key, value in attributes.items() if value is not None)
    told = join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value) for key, value in given
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, told, join(inside))


def join(parts: Iterable[object]) -> Markup:
    """Several pieces, one after the other."""
    return Markup().join(escape(each) for each in parts if each is not None)


def unbroken(words: str) -> Markup:
    """A text whose brackets, which hold ranges, stay on one line."""
    pieces = _BRACKETS.split(words)
    return join(tag("span", each) if each.startswith("(") else each for each in pieces)


def _attribute(key: str, value: object) -> Markup | None:
    if value is None:
        return None
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return Markup(" {}").format(name)
    quoted = ' {}="{}"' if _NEEDS_QUOTES.search(str(value)) or value == "" else " {}={}"
    return Markup(quoted).format(name, value)  # noqa: S704 - one of two constants
