"""Next steps to try with a segment: kind to its people, and never the same for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from dashboard.privacy.families import family_of
from dashboard.privacy.naming import told_marks
from dashboard.privacy.portraits import Mark, Portrait
from dashboard.privacy.spoken import bare

Side = tuple[str, bool]
"""A theme, and whether its high end is meant."""

_PAIRS: Final[dict[frozenset[Side], str]] = {
    frozenset({("spend", True), ("recency", True)}): (
        "They spent much and went quiet: ask once what was missing, and offer an easy way back."
    ),
    frozenset({("spend", True), ("frequency", True)}): (
        "Keep them: early access, a direct contact, a thank-you that is not a discount."
    ),
    frozenset({("spend", True), ("frequency", False)}): (
        "They buy seldom and much: remind them at the season of their purchases, with advice."
    ),
    frozenset({("spend", False), ("frequency", True)}): (
        "They come often and spend little: bundles and a free-delivery line lift each order."
    ),
    frozenset({("spend", False), ("recency", False)}): (
        "They are here and spend little: show what goes with their last purchase."
    ),
    frozenset({("basket", True), ("frequency", False)}): (
        "Offer gift wrapping, delivery on a chosen day and advice: a rare purchase should go well."
    ),
    frozenset({("tenure", False), ("bill", True)}): (
        "Explain the first bills and check that the plan fits: surprises now cost a customer later."
    ),
    frozenset({("tenure", True), ("bill", True)}): (
        "Review their plan with them and thank them for their years, before somebody else does."
    ),
    frozenset({("tenure", True), ("bill", False)}): (
        "Ask what they would use more of, and let them try it for a month without strings."
    ),
}
"""What to try where two things come together."""

_STEPS: Final[dict[Side, tuple[str, ...]]] = {
    ("recency", False): (
        "Thank them while you are on their mind, and show what goes with their last purchase.",
        "Ask for a review now: they remember their purchase.",
    ),
    ("recency", True): (
        "Invite them back once, with a reason to return; then leave them in peace.",
        "Write less often, and only about what is really new.",
    ),
    ("tenure", False): (
        "Welcome them with a short series that shows what you offer.",
        "Make the second purchase easy: one clear offer within the first weeks.",
    ),
    ("tenure", True): (
        "Honor their years with you: early access, a personal thank-you.",
        "Ask them what has become better and worse over the years; they know.",
    ),
    ("spend", True): (
        "Give them service to match: priority support, first look at new things.",
        "Invite them to choose what comes next: previews, small events, a direct contact.",
    ),
    ("spend", False): (
        "Offer small bundles that raise the basket without pressure.",
        "Show good things at low prices first, and free delivery from a reachable amount.",
    ),
    ("frequency", True): (
        "Reward the habit: a loyalty perk costs less than a new customer.",
        "Offer a subscription or a standing order for what they buy anyway.",
    ),
    ("frequency", False): (
        "Make the next order easy: one clear offer that fits the last one.",
        "Find the next occasion: a reminder at the right season beats a weekly mail.",
    ),
    ("buying", True): ("Reward the habit: a loyalty perk costs less than a new customer.",),
    ("buying", False): (
        "Find out what keeps them from buying: a short survey, then one clear first offer.",
    ),
    ("basket", True): (
        "Give them service to match: gift wrapping, advice, first look at new things.",
    ),
    ("basket", False): ("Show what goes well together, so that a basket grows by itself.",),
    ("trouble", True): ("Help them choose right the first time: sizes, advice, reviews.",),
    ("care", True): ("Find out what goes wrong, mend it, and tell them before they ask again.",),
    ("care", False): ("All runs well here: ask them for a review or a recommendation.",),
    ("visits", True): (
        "Make the step from looking to buying easy: saved baskets, clear delivery costs.",
    ),
    ("visits", False): (
        "Remind them gently through the channel they prefer; it is not your site.",
    ),
    ("deals", True): ("Tell them about real offers first, and not about everything else.",),
    ("deals", False): ("Don't discount what they buy at full price; offer them novelty instead.",),
    ("borrowing", True): (
        "Show costs and cheaper ways to pay plainly; don't push more credit on them.",
    ),
    ("borrowing", False): ("Keep it simple: what they use works. Offer help, not more products.",),
    ("balance", True): ("Offer a plan that suits their balance, with its costs said plainly.",),
    ("balance", False): ("Keep fees low and the basics easy; one useful extra at a time.",),
    ("bill", True): ("Check that they get their money's worth: a plan review before they ask.",),
    ("bill", False): ("Show one useful extra for their plan, and let them try it first.",),
    ("opinion", True): ("Ask them to recommend you, and make that easy.",),
    ("opinion", False): ("Ask what went wrong, mend it, and tell them that you did.",),
}
_HEAVY: Final = "Put {name} first in what you send them: news, bundles and stock hints."
_LIGHT: Final = "Let them discover {name}: a sample or a first-order offer, in season."
_CHANNEL: Final = "Meet them where they buy ({name}): offers and help belong there first."
_GENERAL: Final = (
    "Ask a few of them what they would like to see next.",
    "Try one small change for half of them, and see whether it helps.",
    "Keep doing what works here, and measure before changing anything.",
)


def next_steps(portraits: Sequence[Portrait]) -> tuple[str, ...]:
    """What to try with each segment, from what sets it apart; no step is said twice if avoidable.

    Nothing follows from age, income, or columns that can stand for gender, origin,
    place or family.
    """
    said: list[str] = []
    for place in range(len(portraits)):
        marks = [each.mark for each in told_marks(portraits, place)]
        possible = [*_steps(marks), *_GENERAL]
        said.append(next((step for step in possible if step not in said), possible[0]))
    return tuple(said)


def _steps(marks: Sequence[Mark]) -> Iterator[str]:
    numbers = [each for each in marks if each.label is None]
    for one, two in combinations(numbers[:3], 2):
        pair = _PAIRS.get(frozenset({_side(one), _side(two)}))
        if pair:
            yield pair
    for mark in numbers:
        theme, high = _side(mark)
        yield from _STEPS.get((theme, high), ())
        name = bare(mark.column)
        if theme.startswith("product"):
            yield (_HEAVY if high else _LIGHT).format(name=name)
        elif theme.startswith("buying ") and high:
            yield _CHANNEL.format(name=name)


def _side(mark: Mark) -> Side:
    return family_of(mark.column).theme, mark.more
