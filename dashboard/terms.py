"""Words of the field as types: who is protected, against what, at what price."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal, get_args

Kind = Literal["number", "flag", "level", "category"]
"""How a column enters arithmetic: a bounded number, a yes/no, one of several labels that go
from low to high, or one label of several without an order."""

DateOrder = Literal["ymd", "dmy", "mdy"]
"""Which comes first in a date of numbers: the year, the day or the month."""

Role = Literal[
    "id",
    "identifier",
    "consent",
    "birth",
    "feature",
    "category",
    "date",
    "free_text",
    "special",
    "proxy",
    "unused",
]
"""What a column is for.

``feature`` and ``category`` columns are suggested for segments, ``date`` and ``unused`` ones
may be chosen. ``identifier``, ``free_text``, ``special`` and ``proxy`` need a written reason.
"""

GUARDED: Final[frozenset[Role]] = frozenset({"identifier", "free_text", "special", "proxy"})
"""Columns that are kept only where somebody writes down why; the reason goes into the audit log."""

SHORTEST_REASON: Final = 8
"""Signs of a reason for keeping a guarded column: enough for a few words."""

Basis = Literal["interests", "consent", "contract"]
"""The legal basis of a purpose: legitimate interests, consent, or a contract."""

Meaning = Literal["in", "out", "unknown"]
"""What an answer to consent says: agreed, refused, or neither."""

RHO_UNIT: Final = 1e-9
"""One integer unit of the ledger, in rho of zero-concentrated differential privacy."""

DELTA: Final = 1e-6
"""The delta at which every epsilon in this program is stated."""

SELECTION_DELTA: Final = 1e-8
"""The part of :data:`DELTA` kept for finding category names by stability selection."""

DELTA_UNIT: Final = 1e-12
"""One integer unit of delta in the ledger."""


class PrivacyUnit(StrEnum):
    """Who is protected: a whole customer, or a single row where no id says who is who."""

    CUSTOMER = "one customer"
    ROW = "one row"


class Adjacency(StrEnum):
    """Which two tables may not be told apart."""

    ADD_OR_REMOVE_ONE = "add or remove one"


_LEAST_SPAN: Final = 1e-300
"""Below this, numbers lose their digits, and a range can't be divided any more."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range that a number is expected to lie in, declared without looking at the data.

    Values outside are counted as the nearest bound. ``log`` compares by ratio
    (log1p), the right choice for money and counts; it needs ``low >= 0``. ``whole`` says
    that the number counts things, so that its distribution is shown in whole numbers;
    ``bought`` that the range was found in noisy numbers and paid for.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False
    bought: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError("bounds must be finite numbers")
        if not self.low < self.high:
            raise ValueError("the lower bound must be below the upper bound")
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))
        if self.log and self.low < 0:
            raise ValueError("a log scale needs a lower bound of zero or more")
        if not math.isfinite(self.high - self.low):
            raise ValueError("the bounds are too far apart")
        if self.high - self.low < _LEAST_SPAN:
            raise ValueError("the bounds are too close together")


@dataclass(frozen=True, slots=True)
class Domain:
    """The labels that a category may show, known in public beforehand."""

    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.labels:
            raise ValueError("a domain needs at least one label")
        if len(set(self.labels)) != len(self.labels):
            raise ValueError("a domain names each label once")

    @property
    def rest(self) -> str:
        """What all other labels are called together: “other”, unless customers say that, too."""
        taken = {each.strip().casefold() for each in self.labels}
        names = ("other", "all others", *(f"all others {n}" for n in range(2, len(taken) + 3)))
        return next(each for each in names if each not in taken)


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a column's dates become numbers: declared, so that no customer decides it.

    Args:
        order: year, month and day as they are written; ``ymd`` takes only dates that
            begin with their year or name their month.
        until: the day up to which is counted, as ``2026-11-24``.
    """

    order: DateOrder
    until: str

    def __post_init__(self) -> None:
        if self.order not in get_args(DateOrder):
            raise ValueError("dates are written as ymd, dmy or mdy")
        try:
            date.fromisoformat(self.until)
        except ValueError:
            raise ValueError("write the day up to which is counted as 2026-11-24") from None

    @property
    def day(self) -> date:
        """The day up to which is counted."""
        return date.fromisoformat(self.until)


@dataclass(frozen=True, slots=True)
class Price:
    """What a purchase costs the customer base, in integer ledger units.

    Args:
        rho_units: zCDP rho, in units of :data:`RHO_UNIT`.
        delta_units: extra delta for category names, in units of :data:`DELTA_UNIT`.
    """

    rho_units: int
    delta_units: int = 0

    def __post_init__(self) -> None:
        if self.rho_units < 0 or self.delta_units < 0:
            raise ValueError("a price is never negative")

    def __add__(self, other: Price) -> Price:
        return Price(self.rho_units + other.rho_units, self.delta_units + other.delta_units)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a release promises: at most epsilon and delta, from rho, for one customer."""

    epsilon: float
    delta: float
    rho: float
