"""Known groups bought: how many customers are Champions … Lost, and what each group looks like.

Who belongs to which group follows from public cut points, customer by customer, and was
written beside each row before anything is asked. So nothing has to be found: two questions
are asked, the sizes and the profiles of publishing, where a customer's *place* is their group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import Any, Final

import numpy as np

from dashboard import rfm
from dashboard.plan import Feature, Plan
from dashboard.privacy.encoding import (
    LEVELS,
    Float,
    Int64,
    levels_of,
    scaled,
)
from dashboard.privacy.interview import Interview
from dashboard.privacy.lookup import Lookup, Table, lookup_of
from dashboard.privacy.profiles import Column
from dashboard.privacy.queries import Bins, Profiles, Sizes
from dashboard.rfm import FREQUENCY, GROUPS, MONETARY, RECENCY, Cuts
from dashboard.terms import Bounds
from dashboard.wording import amount

_PARTS: Final[dict[str, tuple[float, ...]]] = {
    RECENCY: (0, 4, 8, 15, 22, 31, 46, 61, 91, 121, 151, 181, 241, 301, 366, 456, 548, 731, 1_096),
    FREQUENCY: (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50, 100),
    MONETARY: (
        *(0, 5, 10, 15, 25, 35, 50, 75, 100, 150, 200, 300, 400, 500, 650, 800),
        *(1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 20_000),
    ),
}
"""Where the parts begin that are counted: public, and the same for everybody."""

_SHOWN: Final[dict[str, tuple[float, ...]]] = {
    RECENCY: (0, 15, 31, 61, 121, 181, 366, 731),
    FREQUENCY: (1, 2, 3, 5, 10, 20, 50),
    MONETARY: (0, 25, 50, 100, 200, 500, 1_000, 2_000, 5_000),
}
"""Of these, where the bars begin that people see."""

_NOBODY_KNOWS: Final = len(GROUPS) - 1
"""Where a row without a group would count; the vault writes one beside every row."""


@dataclass(frozen=True)
class GroupSpace:
    """Puts each customer exactly where their group is: a 1 in its place and 0 in all others.

    With the groups' own places as centers the nearest center is the customer's group, in
    whole numbers: the distances are 0 and 2. So the questions of publishing, with the
    sensitivities that are proven there, count groups as they count segments.
    """

    place: int

    @cached_property
    def lookup(self) -> Lookup:
        """Shape (groups, 1 + groups + 1): a 1 where missing, known and unheard-of codes stand."""
        known = [*range(len(GROUPS)), _NOBODY_KNOWS]
        entries = np.eye(len(GROUPS), dtype=np.int64)[:, [_NOBODY_KNOWS, *known]]
        return lookup_of(Table(is_number=False, place=self.place, entries=row) for row in entries)


CENTERS: Final[Int64] = np.eye(len(GROUPS), dtype=np.int64)
"""Where the groups are in a :class:`GroupSpace`."""


@dataclass(frozen=True)
class Measure:
    """One of the three numbers: the parts that are counted, and the bars they are shown in.

    ``starts`` are the parts' first values, in the column's own units, and ``middles`` their
    typical values on the scale on which they are compared; ``bar_of`` says in which bar each
    part is shown.
    """

    feature: Feature
    bins: Bins
    starts: tuple[float, ...]
    middles: Float
    shown: Column
    bar_of: tuple[int, ...]


def measures(plan: Plan, cuts: Cuts) -> tuple[Measure, ...]:
    """Recency, frequency and monetary value, cut at public edges and at the groups' own cuts."""
    own: dict[str, set[Any]] = {
        RECENCY: {each + 1 for each in cuts.days},
        FREQUENCY: set(cuts.orders),
        MONETARY: {cuts.spent},
    }
    return tuple(
        _measure(feature, place, own[feature.name]) for place, feature in enumerate(plan.features)
    )


def _measure(feature: Feature, place: int, own: set[Any]) -> Measure:
    bounds = feature.bounds or Bounds(0, 1)
    starts, bars = (
        sorted(each for each in {*edges[feature.name], *own} if each < bounds.high)
        for edges in (_PARTS, _SHOWN)
    )
    lookup = np.empty(LEVELS + 1, dtype=np.int64)
    lookup[0] = len(starts)
    cuts = levels_of(np.array(starts[1:]), bounds)
    lookup[1:] = np.searchsorted(cuts, np.arange(LEVELS), side="right")
    bins = Bins(is_number=True, place=place, lookup=lookup, size=len(starts) + 1)
    edges = (*(float(each) for each in bars), bounds.high)
    shown = Column(feature, _labels(edges, bounds), edges, bins, (), ())
    bar_of = tuple(int(each) for each in np.searchsorted(bars, starts, side="right") - 1)
    return Measure(feature, bins, tuple(starts), _middles(starts, bounds), shown, bar_of)


def _middles(starts: Sequence[float], bounds: Bounds) -> Float:
    """The middle of each part; the last, which is open, is taken to be as wide as the one before.

    A part of whole numbers ends with the last of them, so that “one order” is 1.
    """
    ends = [high - 1 if bounds.whole else high for high in starts[1:]]
    low, high = scaled(np.array(starts), bounds), scaled(np.array(ends), bounds)
    inner = (low[:-1] + high) / 2
    return np.append(inner, low[-1] + (low[-1] - low[-2]) / 2)


def _labels(edges: Sequence[float], bounds: Bounds) -> tuple[str, ...]:
    last = f"{amount(edges[-2])} or more"
    if not bounds.whole:
        return (*(f"{amount(low)}–{amount(high)}" for low, high in pairwise(edges[:-1])), last)
    named = [
        f"{amount(low)}" if high - low == 1 else f"{amount(low)}–{amount(high - 1)}"
        for low, high in pairwise(edges[:-1])
    ]
    return (*named, last)


@lru_cache(maxsize=8)
def possible(plan: Plan, cuts: Cuts) -> dict[str, tuple[tuple[bool, ...], ...]]:
    """Per group and measure, which parts a member can be in: the rest is empty by the rule.

    The rule is public, so that a part outside of it holds nobody is known beforehand. Every
    cut of the rule begins a part, so that a part's first value stands for all of it.
    """
    starts = [each.starts for each in measures(plan, cuts)]
    open_ = {group: [[False] * len(each) for each in starts] for group in GROUPS}
    for parts in product(*(range(len(each)) for each in starts)):
        recency, orders, spent = (each[part] for each, part in zip(starts, parts, strict=True))
        for column, part in enumerate(parts):
            open_[rfm.group_of(recency, orders, spent, cuts)][column][part] = True
    return {group: tuple(tuple(each) for each in told) for group, told in open_.items()}


# ── asked ───────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Known:
    """What was bought: noisy sizes and profiles of all groups, and each query's σ².

    ``profiles`` holds per group and column the noisy counts of its parts, missing last.
    """

    sizes: tuple[int, ...]
    profiles: tuple[tuple[tuple[int, ...], ...], ...]
    noise: dict[str, int]

    def to_stored(self) -> dict[str, Any]:
        """The numbers as plain values, ready to be stored."""
        return asdict(self)


def known_from(stored: dict[str, Any]) -> Known:
    """Read the numbers back from :meth:`Known.to_stored`."""
    return Known(
        sizes=tuple(stored["sizes"]),
        profiles=tuple(tuple(tuple(each) for each in group) for group in stored["profiles"]),
        noise=dict(stored["noise"]),
    )


def questions(plan: Plan, cuts: Cuts) -> tuple[Sizes, Profiles]:
    """The two questions: sizes (squared norm 1) and profiles (1 for each of three columns)."""
    labeled = [each.name for each in plan.columns if each.kind != "number"]
    space = GroupSpace(labeled.index(rfm.GROUP))
    bins = tuple(each.bins for each in measures(plan, cuts))
    return Sizes(space, CENTERS), Profiles(space, CENTERS, bins)


def draw_known(interview: Interview, plan: Plan, cuts: Cuts) -> Known:
    """Ask how large the groups are and what they look like; say what was bought."""
    asked_sizes, asked_profiles = questions(plan, cuts)
    sizes = interview.ask(asked_sizes)
    table = interview.ask(asked_profiles).reshape(len(GROUPS), -1)
    ends = np.cumsum([each.size for each in asked_profiles.columns])[:-1]
    profiles = tuple(
        tuple(tuple(int(each) for each in part) for part in np.split(row, ends)) for row in table
    )
    return Known(tuple(int(each) for each in sizes), profiles, dict(interview.noise))
