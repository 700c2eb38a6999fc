"""The question: which columns, within which declared bounds, at which price.

A plan holds no data. Everything in it was declared by a person or comes from
the public presets below, which look at a column's *name* and never at a value.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from dashboard.terms import Bounds, DateReading, Domain, Kind

MAX_FEATURES: Final = 20
MAX_PROFILED: Final = 30
DEFAULT_EPSILON: Final = 1.0
MIN_EPSILON: Final = 0.01
"""Below this, some question would be paid less than one unit of the ledger."""

MAP_SHARE: Final = 0.5
"""The part of a release's rho that buys the map; the rest publishes."""

MIN_SEGMENT_SIZE: Final = 11
MIN_SEGMENT_SIZE_FLOOR: Final = 5
MIN_SEGMENTS: Final = 2
MAX_SEGMENTS: Final = 12


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the question.

    Args:
        name: the column's name in the kept table.
        kind: number, flag (yes/no), level (labels from low to high) or category.
        bounds: for numbers, the declared range.
        domain: for levels, the declared labels, the lowest first; for categories,
            ``None`` buys the names by stability selection, which shows only labels
            that many people share.
        dates: for numbers that are days since a date, how the dates are read.
    """

    name: str
    kind: Kind
    bounds: Bounds | None = None
    domain: Domain | None = None
    dates: DateReading | None = None

    def __post_init__(self) -> None:
        if self.kind == "number" and self.bounds is None:
            raise ValueError(f"the number “{self.name}” needs declared bounds")
        if self.kind != "number" and self.bounds is not None:
            raise ValueError(f"only numbers have bounds; “{self.name}” is a {self.kind}")
        if self.kind not in ("category", "level") and self.domain is not None:
            raise ValueError(f"only categories have a domain; “{self.name}” is a {self.kind}")
        if self.kind == "level" and (self.domain is None or len(self.domain.labels) < 2):
            raise ValueError(f"the levels of “{self.name}” need at least two labels in order")
        if self.kind != "number" and self.dates is not None:
            raise ValueError(f"only days are read from dates; “{self.name}” is a {self.kind}")

    @property
    def rest(self) -> str:
        """What a category's labels that are not named are called together."""
        return self.domain.rest if self.domain else "other"

    @property
    def scale(self) -> Bounds | None:
        """The range on which values are compared: a number's bounds; 1, 2, 3, … for levels.

        Half a level is added at both ends, so that each label has an equal part to itself.
        """
        if self.kind == "level" and self.domain is not None:
            return Bounds(0.5, len(self.domain.labels) + 0.5)
        return self.bounds


@dataclass(frozen=True, slots=True)
class Plan:
    """A segmentation that somebody wants to buy.

    Args:
        features: columns by which customers count as alike, 1 to 20.
        profiled: further columns that are described for each segment.
        epsilon: the whole release's epsilon at delta 10⁻⁶, from 0.01 to 10.
        min_segment_size: the smallest group that may be shown, in people, at least 5.
    """

    features: tuple[Feature, ...]
    profiled: tuple[Feature, ...] = ()
    epsilon: float = DEFAULT_EPSILON
    min_segment_size: int = MIN_SEGMENT_SIZE

    def __post_init__(self) -> None:
        if not 1 <= len(self.features) <= MAX_FEATURES:
            raise ValueError(f"choose between 1 and {MAX_FEATURES} features")
        if len(self.profiled) > MAX_PROFILED:
            raise ValueError(f"describe at most {MAX_PROFILED} further columns")
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("each column may be chosen once")
        if not MIN_EPSILON <= self.epsilon <= 10:
            raise ValueError(f"epsilon must be at least {MIN_EPSILON} and at most 10")
        object.__setattr__(self, "epsilon", float(self.epsilon))
        if not self.min_segment_size >= MIN_SEGMENT_SIZE_FLOOR:
            raise ValueError(f"groups below {MIN_SEGMENT_SIZE_FLOOR} people are never shown")

    @property
    def columns(self) -> tuple[Feature, ...]:
        """All columns that are counted: the features, then those only described."""
        return self.features + self.profiled

    @property
    def fingerprint(self) -> str:
        """A short name for the question itself: equal plans have equal fingerprints."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def feature_from(stored: dict[str, Any]) -> Feature:
    """Read a feature back from its stored form (``dataclasses.asdict``)."""
    bounds, domain, dates = stored["bounds"], stored["domain"], stored.get("dates")
    return Feature(
        name=stored["name"],
        kind=stored["kind"],
        bounds=Bounds(**bounds) if bounds else None,
        domain=Domain(tuple(domain["labels"])) if domain else None,
        dates=DateReading(**dates) if dates else None,
    )


def plan_from(stored: dict[str, Any]) -> Plan:
    """Read a plan back from its stored form (``dataclasses.asdict``)."""
    return Plan(
        features=tuple(feature_from(each) for each in stored["features"]),
        profiled=tuple(feature_from(each) for each in stored["profiled"]),
        epsilon=stored["epsilon"],
        min_segment_size=stored["min_segment_size"],
    )


# ── Public presets: a column's name → a range that anybody would expect ─────────────────
_PRESETS: Final[tuple[tuple[frozenset[str], Bounds], ...]] = (
    (frozenset({"birthyear", "year"}), Bounds(1900, 2030, whole=True)),
    (frozenset({"age", "alter", "edad"}), Bounds(0, 120, whole=True)),
    (
        frozenset({"percent", "percentage", "pct", "score", "index", "nps", "rating"}),
        Bounds(0, 100),
    ),
    (
        frozenset(
            {"ratio", "rate", "frequency", "share", "prob", "probability"}
            | {"quote", "anteil", "taux", "tasa"}
        ),
        Bounds(0, 1),
    ),
    (frozenset({"k$", "thousands"}), Bounds(0, 500)),
    (
        frozenset(
            {"num", "number", "count", "orders", "visits", "trx", "transactions", "sessions"}
            | {"clicks", "returns", "items", "quantity", "qty", "calls", "tickets", "opens"}
            | {"logins", "views", "seats", "anzahl", "bestellungen", "einkäufe", "käufe", "besuche"}
            | {"nb", "achats", "commandes", "visites", "compras", "pedidos", "visitas"}
        ),
        Bounds(0, 1_000, log=True, whole=True),
    ),
    (
        frozenset({"tenure", "month", "months", "seniority", "monate", "mois", "meses"}),
        Bounds(0, 120, whole=True),
    ),
    (frozenset({"recency", "days", "day", "tage", "jours", "días"}), Bounds(0, 365, whole=True)),
    (frozenset({"years"}), Bounds(0, 60)),
    (frozenset({"monthly"}), Bounds(0, 500)),
    (
        frozenset(
            {"total", "spend", "spent", "amount", "amt", "mnt", "revenue", "sales", "price"}
            | {"charges", "charge", "value", "cost", "paid", "payment", "payments", "income"}
            | {"salary", "balance", "purchases", "limit", "advance", "monetary", "ltv", "clv"}
        ),
        Bounds(0, 1_000_000, log=True),
    ),
)
_UNKNOWN_NUMBER: Final = Bounds(0, 1_000_000, log=True)


def words_of(header: str) -> tuple[str, ...]:
    """Split a column name into lower-case words: ``NumWebPurchases`` → num, web, purchases."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", header)
    return tuple(re.findall(r"[a-zà-ÿ]+\$?|\d+", spaced.casefold()))


PERCENT: Final = Bounds(0, 100)
"""What is written with a percent sign, whatever its column is called."""


def preset_bounds(header: str) -> Bounds:
    """Suggest a range for a number from its name alone, so that no customer decides it.

    The first family with a matching word wins; a name that tells nothing gets
    0 to 1,000,000 on a log scale, wide enough for money and for counts.
    """
    words = set(words_of(header))
    for names, bounds in _PRESETS:
        if words & names:
            return bounds
    return _UNKNOWN_NUMBER


_LATELY: Final = frozenset({"last", "latest", "recent", "recency"})
_AHEAD: Final = frozenset({"renewal", "renews", "expiry", "expires", "expiration", "due", "next"})


def preset_days(header: str) -> Bounds:
    """Suggest a range of days since a date from its column's name: ten years back.

    What happened last is compared by ratio, so that a week and a month differ as much
    as a quarter and a year; what lies ahead counts negative, up to two years.
    """
    words = set(words_of(header))
    if words & _AHEAD:
        return Bounds(-730, 730, whole=True)
    return Bounds(0, 3_650, log=bool(words & _LATELY), whole=True)
