"""What columns are about, by their public names: how people call their low and high ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dashboard.plan import words_of

Ends = tuple[str, str]
"""What is said of the low end, and of the high end; empty where nothing fits."""


@dataclass(frozen=True)
class Family:
    """Columns of one meaning.

    ``ends`` may hold ``{name}``, the column in plain words, and ``{what}``, the same
    without its unit and counting words. ``adjective`` goes before a noun and ``who``
    is one: together they make names such as “quiet big spenders”. ``weight`` says how
    well a name or a next step can be made of it.
    """

    theme: str
    words: frozenset[str]
    ends: Ends
    adjective: Ends = ("", "")
    who: Ends = ("", "")
    weight: float = 1.0


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COUNTED: Final = _words("num nb number count cnt no of")
_UNSAID: Final = _COUNTED | _words("mnt amt k thousands total k$ average avg dt value")
_SPOKEN: Final = {"trx": "transactions", "oneoff": "one-off", "avg": "average", "qty": "quantity"}
_PERIODS: Final = _words("day week month quarter year")

_RECENCY: Final = Family(
    "recency",
    _words("recency inactive inactivity last latest since"),
    ("recently active", "longer inactive"),
    ("recently active", "quiet"),
)
_BIRTH: Final = Family(
    "age", _words("birth born birthyear"), ("older", "younger"), ("older", "younger"), weight=0.6
)
_DEALS: Final = Family(
    "deals",
    _words("deals deal discount discounts coupon coupons promo promotion promotions"),
    ("few deals", "many deals"),
    ("full-price", "deal-seeking"),
    ("", "deal seekers"),
)
_FREQUENCY: Final = Family(
    "frequency",
    _words("frequency orders order transactions trx bookings trips rides stays"),
    ("few {name}", "many {name}"),
    ("occasional", "frequent"),
    ("occasional buyers", "frequent buyers"),
)
_OFTEN: Final = Family(
    "frequency",
    _words("frequency"),
    ("rare {what}", "frequent {what}"),
    ("occasional", "frequent"),
    ("occasional buyers", "frequent buyers"),
    weight=0.9,
)
_BUYING: Final = Family(
    "buying",
    _words("purchases purchase"),
    ("few {name}", "many {name}"),
    who=("light buyers", "heavy buyers"),
)
_FAMILIES: Final = (
    Family(
        "tenure",
        _words("tenure seniority signup joined join registered registration created first months")
        | _words("enrolled onboarded dt"),
        ("newer customers", "long-standing"),
        ("newer", "long-standing"),
    ),
    Family("age", _words("age alter edad"), ("younger", "older"), ("younger", "older"), weight=0.6),
    _BIRTH,
    _RECENCY,
    Family(
        "income",
        _words("income salary wage household"),
        ("modest {what}", "high {what}"),
        weight=0.6,
    ),
    _DEALS,
    Family(
        "basket",
        _words("basket baskets aov cart ticket"),
        ("small baskets", "large baskets"),
    ),
    Family(
        "trouble",
        _words("returns return refunds complaints complain tickets calls cancellations"),
        ("few {name}", "many {name}"),
    ),
    Family(
        "visits",
        _words("visits visit sessions clicks opens logins pageviews views usage"),
        ("few {name}", "many {name}"),
    ),
    Family(
        "borrowing",
        _words("cash advance credit loan debt overdraft minimum installments"),
        ("low {name}", "high {name}"),
        weight=0.9,
    ),
    Family(
        "balance", _words("balance balances savings"), ("low {name}", "high {name}"), weight=0.9
    ),
    _FREQUENCY,
    Family(
        "spend",
        _words("spend spent spending monetary revenue sales turnover ltv clv umsatz"),
        ("low spenders", "big spenders"),
        who=("light spenders", "big spenders"),
    ),
    Family(
        "bill",
        _words("charges charge bill fee fees price subscription mrr arpu"),
        ("low {name}", "high {name}"),
    ),
    Family(
        "spend",
        _words("amount total value payments payment paid"),
        ("low {name}", "high {name}"),
        weight=0.9,
    ),
    Family(
        "opinion",
        _words("satisfaction rating ratings stars nps csat score"),
        ("low {name}", "high {name}"),
    ),
    Family(
        "product",
        _words("wine wines meat fish fruit fruits sweet sweets gold fresh milk grocery frozen")
        | _words("detergents detergent delicassen deli beauty fashion shoes books toys garden")
        | _words("electronics food drinks coffee tea bakery dairy vegetables"),
        ("light on {what}", "heavy on {what}"),
    ),
)


def family_of(column: str) -> Family:
    """The family that a column's name tells, or one of its own for a name that tells nothing."""
    said = words_of(column)
    words = frozenset(said)
    if len(words) > 1 and said[0] in ("mnt", "amt"):
        return _product(column)
    if words & {"purchases", "purchase"} and not words & _DEALS.words:
        return _bought(said)
    found = next((each for each in _FAMILIES if words & each.words), None)
    if found is None:
        return Family(plain(column), frozenset(), ("low {name}", "high {name}"))
    return _product(column) if found.theme == "product" else found


def _product(column: str) -> Family:
    """Each product is a theme of its own, so that two of them can make a name."""
    return Family(f"product {bare(column)}", frozenset(), ("light on {what}", "heavy on {what}"))


def _bought(said: tuple[str, ...]) -> Family:
    """Purchases of one sort (web, store, one-off), how often, how many, or simply how much."""
    if "frequency" in said:
        return _OFTEN
    if _RECENCY.words & frozenset(said):
        return _RECENCY
    if "trx" in said:
        return _FREQUENCY
    sort = [each for each in said if each not in _UNSAID and not each.startswith("purchase")]
    if not sort:
        return _FREQUENCY if frozenset(said) & _COUNTED else _BUYING
    one = " ".join(_SPOKEN.get(each, each) for each in sort)
    return Family(
        f"buying {one}", frozenset(), ("few {what}", "many {what}"), who=("", f"{one} buyers")
    )


def plain(column: str) -> str:
    """A column in plain words: ``total_spent`` → total spent; ``MntWines`` → spent on wines."""
    said = list(words_of(column))
    if len(said) > 1 and said[0] in ("mnt", "amt"):
        said = ["spent", "on", *said[1:]]
    if len(said) > 2 and said[0] in ("num", "nb", "number", "count"):
        said = [*said[1:-1], "a", said[-1]] if said[-1] in _PERIODS else said[1:]
    elif len(said) > 1 and said[0] in ("num", "nb"):
        said = said[1:]
    if len(said) == 2 and said[1] == "trx":
        said = [said[0].removesuffix("s"), "trx"]
    return " ".join(_SPOKEN.get(each, each) for each in said if not each.isdecimal()) or column


def bare(column: str) -> str:
    """The same for a name: without unit, counting words and period."""
    said = [each for each in words_of(column) if each not in _UNSAID and not each.isdecimal()]
    said = [each for each in said if each not in ("frequency", *_PERIODS)] or said
    return " ".join(_SPOKEN.get(each, each) for each in said) or plain(column)


def phrase(column: str, *, high: bool) -> str:
    """How one end of a number is called: “high total charges”, “recently active”."""
    return family_of(column).ends[high].format(name=plain(column), what=bare(column))
