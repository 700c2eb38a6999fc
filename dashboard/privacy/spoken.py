"""Columns as people say them: ``NumWebVisitsMonth`` → web visits a month; names only."""

from __future__ import annotations

import re
from functools import cache
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COUNTING: Final = _words("num nb number nr count cnt no of qty quantity")
"""Words that say that something is counted, and not what."""

_LEADING: Final = _words("num nb number nr count cnt of")
_TRAILING: Final = _words("count cnt num qty quantity")
_UNSAID: Final = COUNTING | _words("mnt amt thousands total average date value flag a")
_PERIODS: Final = _words("day week month quarter year")
_SPOKEN: Final = {
    "trx": "transactions",
    "oneoff": "one-off",
    "avg": "average",
    "qty": "quantity",
    "cnt": "count",
    "nb": "number",
    "pct": "percent",
    "perc": "percent",
    "prc": "percent",
    "ord": "order",
    "ords": "orders",
    "rev": "revenue",
    "aov": "average order value",
    "cust": "customer",
    "fav": "favorite",
    "dt": "date",
    "nps": "NPS",
    "ltv": "lifetime value",
    "clv": "lifetime value",
}
_SPENT_ON: Final = ("mnt", "amt")
_SPAN: Final = re.compile(
    r"\s*\b(?:(?:last|past)\s+)?(7|14|28|30|60|90|180|365)\s*d(?:ays)?$", re.I
)
"""The days over which something is counted, as in ``sessions_30d``."""

_CAPITALS: Final = 3
"""Up to how many letters a word in capitals is said letter by letter, as in NPS."""


def spoken(column: str) -> list[str]:
    """The words of a column's name: ``Q3_ord_cnt`` → Q3, order, count.

    Codes keep their digits, which tell X1 from X2; a unit in brackets at the end is left out.
    """
    whole = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", column)
    spaced = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z])", " ", whole)
    spaced = re.sub(r"(?<=[a-z])(?=(?:19|20)\d\d(?!\d))", " ", spaced)
    span = _SPAN.search(spaced.replace("_", " "))
    tokens = re.findall(r"[^\W_]+", spaced[: span.start()] if span else spaced)
    shouted = len(tokens) > 1 and whole.isupper()
    said = [_word(each, shouted=shouted) for each in tokens]
    return [*said, f"in {span[1]} days"] if span and said else said


def _word(token: str, *, shouted: bool) -> str:
    low = token.lower()
    if low in _SPOKEN:
        return _SPOKEN[low]
    coded = not token.isalpha() or (len(token) <= _CAPITALS and not shouted)
    return token if token.isupper() and coded else low


@cache
def plain(column: str) -> str:
    """A column in plain words: ``total_spent`` → total spent; ``MntWines`` → spent on wines."""
    said = spoken(column)
    if len(said) > 1 and said[0] in _SPENT_ON:
        said = ["spent", "on", *said[1:]]
    said = _counted(said)
    if len(said) > 1 and said[0] in ("flag", "is"):
        said = said[1:]
    if len(said) == 2 and said[1] == "transactions":
        said = [said[0].removesuffix("s"), said[1]]
    return " ".join("amount" if each in _SPENT_ON else each for each in said) or column


def _counted(said: list[str]) -> list[str]:
    """Without the words that only say that it is counted: ``number of returns`` → returns."""
    counted = False
    if len(said) > 2 and said[:2] == ["no", "of"]:
        said, counted = said[2:], True
    while len(said) > 1 and said[0] in _LEADING:
        said, counted = said[1:], True
    if len(said) > 1 and said[-1] in _TRAILING:
        return [*said[:-2], plural(said[-2])]
    if counted and len(said) > 1 and said[-1] in _PERIODS:
        return [*said[:-1], "a", said[-1]]
    return said


def plural(word: str) -> str:
    """More than one of it: order → orders, category → categories."""
    if word.endswith("s") or not word.isalpha():
        return word
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(x|ch|sh)$", word) else f"{word}s"


def _is_unsaid(word: str) -> bool:
    return word in _UNSAID or word in _PERIODS or word.startswith("in ")


@cache
def bare(column: str) -> str:
    """The same for a name: without unit, counting words and period."""
    said = _counted(spoken(column))
    kept = [each for each in said if not _is_unsaid(each)]
    kept = kept[1:] if len(kept) > 1 and kept[0] == "is" else kept
    if {"purchases", "purchase"} & set(kept):
        kept = [each for each in kept if each != "frequency"]
    return " ".join(kept) or plain(column)
