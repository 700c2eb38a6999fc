"""Names and next steps from what sets a segment apart; free, and only a suggestion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.plan import words_of
from dashboard.release import Trait


@dataclass(frozen=True)
class Family:
    """Columns of one meaning: how their low and high ends are called, and what to do about each."""

    words: frozenset[str]
    low: str
    high: str
    low_step: str = ""
    high_step: str = ""


_FAMILIES: Final = (
    Family(frozenset({"age"}), "younger", "older"),
    Family(
        frozenset({"recency", "since", "inactive", "last"}),
        "recently active",
        "long inactive",
        "Thank them while you are on their mind, and show what goes with their last purchase.",
        "Invite them back once, with a reason to return; then leave them in peace.",
    ),
    Family(
        frozenset({"basket", "aov"}),
        "small baskets",
        "large baskets",
        "Show what goes well together, so that a basket grows by itself.",
        "Give them service to match: gift wrapping, advice, first look at new things.",
    ),
    Family(
        frozenset({"spend", "spent", "spending", "monetary"}),
        "low spenders",
        "big spenders",
        "Offer small bundles that raise the basket without pressure.",
        "Give them service to match: priority support, first look at new things.",
    ),
    Family(
        frozenset({"tenure", "seniority", "months"}),
        "newer customers",
        "long-standing",
        "Welcome them with a short series that shows what you offer.",
        "Honor their years with you: early access, a personal thank-you.",
    ),
    Family(
        frozenset({"returns", "refunds", "complaints", "tickets"}),
        "few {name}",
        "many {name}",
        "",
        "Help them choose right the first time: sizes, advice, reviews.",
    ),
    Family(
        frozenset({"visits", "sessions", "clicks", "opens"}),
        "few {name}",
        "many {name}",
        "Remind them gently through the channel they prefer.",
        "Make the step from looking to buying easy: saved baskets, clear delivery costs.",
    ),
    Family(
        frozenset({"orders", "purchases", "transactions", "trx", "num", "count", "number"}),
        "few {name}",
        "many {name}",
        "Make the next order easy: one clear offer that fits the last one.",
        "Reward the habit: a loyalty perk costs less than a new customer.",
    ),
    Family(
        frozenset({"revenue", "sales", "amount", "total", "charges", "basket", "income"})
        | frozenset({"balance", "value", "price", "limit", "payments", "payment"}),
        "low {name}",
        "high {name}",
        "Offer small bundles that raise the basket without pressure.",
        "Give them service to match: priority support, first look at new things.",
    ),
)
_OTHER: Final = Family(frozenset(), "low {name}", "high {name}")
_DEFAULT_STEP: Final = "Ask a few of them what they would like to see next."
_AVERAGE: Final = "Everyday customers"


def plain(column: str) -> str:
    """A column's name in plain words: ``total_spent`` → total spent."""
    return " ".join(words_of(column)) or column


def phrase(column: str, *, high: bool) -> str:
    """How one end of a number is called: “high total spent”, “recently active”."""
    family = _family(column)
    return (family.high if high else family.low).format(name=plain(column))


def _family(column: str) -> Family:
    words = set(words_of(column))
    return next((family for family in _FAMILIES if words & family.words), _OTHER)


def name_of(traits: Sequence[Trait]) -> str:
    """A suggested name from the strongest two traits: “High total spent, recently active”."""
    said: list[str] = []
    for trait in traits[:2]:
        short = trait.words.partition(" (")[0]
        if short not in said:
            said.append(short)
    joined = ", ".join(said)
    return joined[:1].upper() + joined[1:] if joined else _AVERAGE


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """The same names, with a number behind those that stand twice."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(told)


def next_step(traits: Sequence[Trait]) -> str:
    """What to try with a segment, from its strongest trait that suggests something."""
    for trait in traits:
        family = _family(trait.column)
        step = family.high_step if trait.deviation > 0 else family.low_step
        if step:
            return step
    return _DEFAULT_STEP
