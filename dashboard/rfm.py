"""Known groups: Champions to Lost, by how recently, how often and for how much people bought.

The cut points are public and fixed before anybody looks at the data, so putting a
customer into a group tells nothing and costs nothing; only the groups' sizes and
profiles are bought. Recency, frequency and monetary value are the usual three of
direct marketing (Hughes 1994, *Strategic Database Marketing*).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from dashboard.plan import Feature
from dashboard.terms import Bounds, DateReading, Domain

RECENCY: Final = "days_since_last_order"
FREQUENCY: Final = "orders"
MONETARY: Final = "total_spent"
GROUP: Final = "known_group"

MOST_DAYS: Final = 3_650
MOST_ORDERS: Final = 1_000
MOST_SPENT: Final = 1_000_000
"""Where the public ranges of the three numbers end."""

DEFAULT_EPSILON: Final = 0.5
"""What known groups cost unless another epsilon is chosen: about a quarter of a usual release."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where recency, frequency and monetary value are cut; public, and the same for everybody.

    Args:
        days: up to how many days ago a last order is recent, fading, or quiet; longer is gone.
        orders: from how many orders somebody counts as coming back, and as coming often.
        spent: from which total on somebody counts as spending much, in the file's currency.
    """

    days: tuple[int, int, int] = (60, 180, 365)
    orders: tuple[int, int] = (2, 5)
    spent: float = 500.0

    def __post_init__(self) -> None:
        if not 0 < self.days[0] < self.days[1] < self.days[2]:
            raise ValueError("the cuts of recency must be days that grow, such as 60, 180, 365")
        if not 1 < self.orders[0] < self.orders[1]:
            raise ValueError("the cuts of frequency must be orders that grow, from 2: such as 2, 5")
        if not 0 < self.spent <= MOST_SPENT:
            raise ValueError(f"the cut of spending must be above zero, up to {MOST_SPENT:,}")
        if self.days[2] >= MOST_DAYS or self.orders[1] > MOST_ORDERS:
            raise ValueError(f"cut below {MOST_DAYS:,} days and at {MOST_ORDERS:,} orders at most")


def cuts_from(stored: dict[str, Any]) -> Cuts:
    """Read cuts back from their stored form (``dataclasses.asdict``)."""
    days, orders = stored["days"], stored["orders"]
    return Cuts(
        (int(days[0]), int(days[1]), int(days[2])),
        (int(orders[0]), int(orders[1])),
        float(stored["spent"]),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder: at most these days ago, at least so many orders, so much spent.

    ``days`` and ``orders`` are places in :class:`Cuts`; ``None`` asks nothing.
    """

    group: str
    days: int | None = None
    orders: int | None = None
    spent: bool = False


LADDER: Final = (
    Step("Champions", 0, 1, spent=True),
    Step("Loyal", 0, 1),
    Step("Loyal", 0, 0, spent=True),
    Step("Promising", 0, 0),
    Step("New", 0),
    Step("Needs attention", 1),
    Step("At risk", 2, 1),
    Step("At risk", 2, spent=True),
    Step("Hibernating", 2),
    Step("Lost"),
)
"""Who belongs where: the first step that fits counts, and the last one fits everybody.

So each customer is in exactly one group, whatever is known of them. What is missing
fits no step that asks for it.
"""

GROUPS: Final = tuple(dict.fromkeys(step.group for step in LADDER))

NEXT_STEPS: Final = {
    "Champions": "Thank them first: early access, a personal note, a reward for recommending you.",
    "Loyal": "Show what goes with what they buy, and let loyalty pay: points, a small perk.",
    "Promising": "Make the next order easy: one clear offer that fits the last one.",
    "New": "Welcome them with a short series, and make the second order within 30 days worth it.",
    "Needs attention": "Remind them once, with something new since their last order.",
    "At risk": "Win them back personally: ask what went wrong, offer a reason to return.",
    "Hibernating": "Send a seasonal reminder at low cost; don't discount deeply.",
    "Lost": "One last invitation, then leave them in peace and save the postage.",
}


def features(until: date) -> tuple[Feature, ...]:
    """The columns that orders are added up to: three numbers and the known group.

    Args:
        until: the declared day from which recency counts back.
    """
    reading = DateReading("ymd", until.isoformat())
    return (
        Feature(RECENCY, "number", Bounds(0, MOST_DAYS, whole=True), dates=reading),
        Feature(FREQUENCY, "number", Bounds(0, MOST_ORDERS, log=True, whole=True)),
        Feature(MONETARY, "number", Bounds(0, MOST_SPENT, log=True)),
        Feature(GROUP, "category", domain=Domain(GROUPS)),
    )


def group_of(recency: float, orders: float, spent: float, cuts: Cuts) -> str:
    """The group of one customer: the first step of the ladder that fits."""
    for step in LADDER:
        recent = step.days is None or recency <= cuts.days[step.days]
        often = step.orders is None or orders >= cuts.orders[step.orders]
        if recent and often and (spent >= cuts.spent or not step.spent):
            return step.group
    return LADDER[-1].group


def rule_words(group: str, cuts: Cuts) -> str:
    """Who belongs to a group, in words: “last order within 60 days, 5 or more orders …”."""
    near, far, gone = cuts.days
    back, often = cuts.orders
    spent = f"{cuts.spent:,g}"
    some = f"{back} to {often - 1}" if often - 1 > back else f"{back}"
    few = "one order" if back == 2 else f"fewer than {back} orders"
    return {
        "Champions": f"last order within {near} days, {often} or more orders, {spent} or more "
        "spent",
        "Loyal": f"last order within {near} days; {often} or more orders, or {back} or more with "
        f"{spent} or more spent",
        "Promising": f"last order within {near} days, {some} orders, less than {spent} spent",
        "New": f"last order within {near} days, {few}",
        "Needs attention": f"last order {near + 1} to {far} days ago",
        "At risk": f"last order {far + 1} to {gone} days ago; {often} or more orders, or {spent} "
        "or more spent",
        "Hibernating": f"last order {far + 1} to {gone} days ago, fewer than {often} orders and "
        f"less than {spent} spent",
        "Lost": f"last order more than {gone} days ago",
    }[group]
