"""What columns are about, by their public names: how people call their low and high ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from dashboard.plan import words_of
from dashboard.privacy.spoken import COUNTING, bare, plain, plural, spoken

Ends = tuple[str, str]
"""What is said of the low end, and of the high end; empty where nothing fits."""


@dataclass(frozen=True)
class Family:
    """Columns of one meaning.

    ``ends`` may hold ``{name}``, the column in plain words, and ``{what}``, the same
    without its unit and counting words. ``adjective`` goes before a noun and ``who``
    is one: together they make names such as “quiet big spenders”. ``weight`` says how
    well a name or a next step can be made of it. ``turned`` says that the column's high
    end is the theme's low end: many days between orders are few orders.
    """

    theme: str
    words: frozenset[str]
    ends: Ends
    adjective: Ends = ("", "")
    who: Ends = ("", "")
    weight: float = 1.0
    turned: bool = False

    def upside_down(self) -> Family:
        """The same where the column counts the other way: a year of birth, beside an age."""
        low, high = self.ends
        return replace(
            self,
            ends=(high, low),
            adjective=self.adjective[::-1],
            who=self.who[::-1],
            turned=not self.turned,
        )


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LITTLE: Final[Ends] = ("low {name}", "high {name}")
_FEW: Final[Ends] = ("few {name}", "many {name}")
_WHEN: Final[Ends] = ("later {what}", "earlier {what}")
"""Of a date, which is counted as days gone by."""

# ── words that decide what another word means ───────────────────────────────────────────
_MEASURED: Final = _words(
    "rate ratio share percent pct perc percentage prob probability propensity risk score index "
    "rank amount amt value cost duration minutes hours seconds gb mb usage level average frequency"
)
"""What can be high or low, but neither many nor few."""

_PER_PIECE: Final = _words("value size amount")
_SCORED: Final = _words("score rank index risk propensity probability prob")
_SCORES: Final = _words("spend spending nps csat satisfaction")
"""What a score can be of, and still mean what it says."""

_MADE: Final = _words(
    "order purchase transaction booking visit login session activity active contact seen bought "
    "buy click open payment trip ride stay bestellung kauf commande achat pedido compra"
)
"""What somebody does, once."""

_ONE: Final = _words("return complaint refund")
_CLOCK: Final = _words("days weeks months years day date datetime dt at ago time year tage jours")
_DATED: Final = _words("date dt datetime at")
_LATELY: Final = _words("last latest recent recency inactive inactivity dormant letzter letzte")
_LATELY_TOO: Final = _words("letzten dernier dernière ultima última ultimo último")
_JOINED: Final = _words(
    "tenure seniority signup joined join registered registration created enrolled onboarded"
)
_ACCOUNT: Final = _words("account membership subscription relationship")
_BELONGING: Final = _ACCOUNT | _words("member customer client")
_BY_CHANNEL: Final = _words(
    "web online store shop app mobile offline catalog catalogue phone onsite instore ecommerce"
)
_ON_AVERAGE: Final = _words("average avg mean")
_UNSORTED: Final = COUNTING | _words("purchase purchases total average last first")
_SPENT: Final = _words("spend spent spending monetary revenue rev sales turnover ltv clv") | _words(
    "umsatz ausgaben gasto gastos ventas dépenses depenses affaires"
)
_PRODUCTS: Final = (
    _words("wine wines meat fish fruit fruits sweet sweets gold fresh milk grocery frozen")
    | _words("detergents detergent delicassen deli beauty fashion shoes books toys garden")
    | _words("electronics food drinks coffee tea bakery dairy vegetables")
)

# ── families ────────────────────────────────────────────────────────────────────────────
_RECENCY: Final = Family(
    "recency",
    frozenset(),
    ("recently active", "longer inactive"),
    ("recently active", "quiet"),
)
_TENURE: Final = Family(
    "tenure", frozenset(), ("newer customers", "long-standing"), ("newer", "long-standing")
)
_AGE: Final = Family(
    "age", _words("age alter edad"), ("younger", "older"), ("younger", "older"), weight=0.6
)
_BORN: Final = _words("birth born birthyear")
_DEALS: Final = Family(
    "deals",
    _words("deals deal discount discounts coupon coupons promo promotion promotions")
    | _words("rabatt rabatte remise remises descuento descuentos"),
    ("few deals", "many deals"),
    ("full-price", "deal-seeking"),
    ("", "deal seekers"),
)
_BASKET: Final = Family("basket", frozenset(), ("small baskets", "large baskets"))
_FREQUENCY: Final = Family(
    "frequency",
    _words("orders order ord ords transactions trx bookings trips rides stays")
    | _words("bestellungen commandes achats pedidos compras käufe"),
    _FEW,
    ("occasional", "frequent"),
    ("occasional buyers", "frequent buyers"),
)
_OFTEN: Final = replace(_FREQUENCY, ends=("rare {what}", "frequent {what}"), weight=0.9)
_GAPS: Final = replace(
    _FREQUENCY, words=_words("between interval gap"), ends=("rare orders", "frequent orders")
).upside_down()
_BUYING: Final = Family("buying", frozenset(), _FEW, who=("light buyers", "heavy buyers"))
_SPEND: Final = Family(
    "spend", _SPENT, ("light spenders", "big spenders"), who=("light spenders", "big spenders")
)
_PAID: Final = Family("spend", _words("amount value"), _LITTLE, weight=0.9)
_UNKNOWN: Final = 0.75
"""How well a name can be made of a column that is not known."""

_FAMILIES: Final = (
    Family(
        "income",
        _words("income salary wage"),
        ("modest {what}", "high {what}"),
        weight=0.6,
    ),
    _DEALS,
    Family(
        "trouble", _words("returns return returned refunds retouren retours devoluciones"), _FEW
    ),
    Family(
        "care",
        _words(
            "complaints complaint complain tickets ticket calls cancellations late overdue missed"
        )
        | _words("failed delay delays"),
        _FEW,
    ),
    Family(
        "visits",
        _words("visits visit sessions clicks opens logins pageviews views usage visites")
        | _words("besuche visitas"),
        _FEW,
    ),
    Family(
        "borrowing",
        _words("advance advances credit loan loans debt overdraft installments minimum"),
        _LITTLE,
        weight=0.9,
    ),
    Family(
        "balance", _words("balance balances savings saldo solde kontostand"), _LITTLE, weight=0.9
    ),
    _FREQUENCY,
    _SPEND,
    Family("bill", _words("charges charge bill fee fees price subscription mrr arpu"), _LITTLE),
    Family("payments", _words("payments payment paid"), _LITTLE, weight=0.9),
    _PAID,
    Family("opinion", _words("satisfaction rating ratings stars nps csat"), _LITTLE),
)


@cache
def family_of(column: str) -> Family:
    """The family that a column's name tells, or one of its own for a name that tells nothing."""
    said = words_of(column)
    words = frozenset(said)
    found = _by_time(words) or _by_sort(column, words)
    if found is None and (not words & _SCORED or words & _SCORES):
        found = next((each for each in _FAMILIES if words & each.words), None)
    if found is None:
        dated = bool(said) and (said[-1] in _DATED or said[0] in _DATED)
        ends, turned = (_WHEN, True) if dated and len(said) > 1 else (_LITTLE, False)
        return Family(plain(column), frozenset(), ends, weight=_UNKNOWN, turned=turned)
    return replace(found, ends=_LITTLE) if found.ends == _FEW and words & _MEASURED else found


def _by_time(words: frozenset[str]) -> Family | None:
    """Since when, or how long ago: what counts is what happened, not what came of it."""
    if words & _BORN:
        return _AGE.upside_down()
    if words & _GAPS.words and words & (_MADE | _FREQUENCY.words | {"purchases", "visits"}):
        return _GAPS
    if words & (_SCORED | _MEASURED | _SPENT | _counts(words)):
        return None
    lately = words & (_LATELY | _LATELY_TOO)
    family = None
    if words & _JOINED or ("first" in words and words & (_MADE | _CLOCK)):
        family = _TENURE
    elif (lately and words & (_MADE | _CLOCK)) or words & {"recency", "inactive", "inactivity"}:
        family = _RECENCY
    elif "since" in words:
        family = _RECENCY if words & _MADE else _TENURE
    elif _belongs(words):
        family = _TENURE
    elif words & _AGE.words:
        return _AGE
    calendar = "year" in words and not words & {"tenure", "seniority"}
    return family.upside_down() if family and calendar else family


def _belongs(words: frozenset[str]) -> bool:
    """Whether it says how long somebody has been a customer: account_age, months_on_book."""
    if words & _ACCOUNT and "age" in words:
        return True
    if words & _BELONGING and words & {"dt", "date", "months", "years"}:
        return True
    return "months" in words and words <= _words("months on book as with us")


def _counts(words: frozenset[str]) -> frozenset[str]:
    """What counts things in a name, unless it counts days: orders in orders_last_12_months."""
    if "since" in words and words & _CLOCK:
        return frozenset()
    return _words("orders purchases visits sessions clicks opens views logins calls tickets") | (
        _words("transactions trx bookings bestellungen commandes pedidos") | (COUNTING - {"no"})
    )


def _by_sort(column: str, words: frozenset[str]) -> Family | None:
    """Products, channels and baskets: what is bought, where, or how much at once."""
    if len(words) > 1 and words_of(column)[0] in ("mnt", "amt"):
        return _product(column)
    if words & {"basket", "baskets", "aov"} or (words & _ON_AVERAGE and "ticket" in words):
        return _BASKET
    buying = words & (_FREQUENCY.words | {"purchases", "purchase"})
    if buying and words & (_SPENT | _PER_PIECE) and not words & _SCORED:
        return _sum_of(words)
    if words & {"purchases", "purchase"} and not words & (_DEALS.words | _SCORED):
        return _bought(column, words)
    if "frequency" in words and words - {"frequency"} <= _FREQUENCY.words:
        return replace(_OFTEN, ends=("rare orders", "frequent orders"))
    if words & _PRODUCTS:
        return _product(column)
    channels = words & _BY_CHANNEL
    if words & _SPENT and channels:
        return Family(f"spend {' '.join(sorted(channels))}", frozenset(), _LITTLE)
    return None


def _sum_of(words: frozenset[str]) -> Family:
    """What an order comes to is a basket; what all of them, or one of them, came to is not."""
    each = words & (_ON_AVERAGE | {"per"})
    one = words & {"order", "purchase", "transaction"} and words & _PER_PIECE
    return _BASKET if each or (one and not words & _words("last first total")) else _PAID


def _product(column: str) -> Family:
    """Each product is a theme of its own, so that two of them can make a name."""
    said = [each for each in bare(column).split() if each not in _SPENT | _FREQUENCY.words]
    what = " ".join(said) or bare(column)
    return Family(f"product {what}", frozenset(), (f"light on {what}", f"heavy on {what}"))


def _bought(column: str, words: frozenset[str]) -> Family:
    """Purchases of one sort (web, store, one-off), how often, how many, or simply how much."""
    if "frequency" in words:
        return _OFTEN
    if "trx" in words:
        return _FREQUENCY
    sort = [each for each in spoken(column) if each not in _UNSORTED and not each.isdecimal()]
    if not sort:
        return _FREQUENCY if words & COUNTING else _BUYING
    one = " ".join(sort)
    if words & _MEASURED:
        return Family(f"buying {one}", frozenset(), _LITTLE)
    return Family(
        f"buying {one}", frozenset(), ("few {what}", "many {what}"), who=("", f"{one} buyers")
    )


def phrase(column: str, *, high: bool) -> str:
    """How one end of a number is called: “high total charges”, “recently active”."""
    return family_of(column).ends[high].format(name=_named(column), what=bare(column))


def short(column: str, *, high: bool) -> str:
    """How a name says one end of a number: without units and counting words."""
    return family_of(column).ends[high].format(name=bare(column), what=bare(column))


def _named(column: str) -> str:
    """The column as “many …” goes on: total orders are orders, and a return is one of many."""
    name = plain(column)
    if family_of(column).ends != _FEW:
        return name
    head, _, last = name.removeprefix("total ").rpartition(" ")
    return f"{head} {plural(last) if last in _MADE | _ONE else last}".strip()
