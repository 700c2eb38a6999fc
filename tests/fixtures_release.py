"""A realistic release for tests of everything that shows one: invented, the same every time.

``sample_release()`` has five named segments, eight columns (four numbers, two
flags, two categories), one hidden cell, one uncertain number, a merged hidden
group and about 300 invented points. Keyword arguments replace any field.
"""

import itertools
import math
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dashboard.plan import Feature
from dashboard.records import ledger, releases
from dashboard.records.db import Records
from dashboard.release import (
    Bar,
    Change,
    ColumnProfile,
    Estimate,
    HiddenGroup,
    Movement,
    Point,
    Release,
    Segment,
    Trait,
)
from dashboard.terms import Bounds, Domain, Price, Spent

COUNTRIES = ("France", "Germany", "Italy", "Spain")
AISLES = ("Garden", "Home", "Kitchen", "Outdoor", "Toys")

FEATURES = (
    Feature("total_spent", "number", Bounds(0, 10_000, log=True)),
    Feature("orders", "number", Bounds(0, 200, log=True)),
    Feature("recency_days", "number", Bounds(0, 365)),
    Feature("age", "number", Bounds(0, 120)),
    Feature("newsletter", "flag"),
    Feature("mobile_app", "flag"),
)
PROFILED = (
    Feature("country", "category", domain=Domain(COUNTRIES)),
    Feature("favorite_aisle", "category", domain=Domain(AISLES)),
)
EDGES = {
    "total_spent": (0, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000),
    "orders": (0, 1, 2, 4, 8, 16, 40, 200),
    "recency_days": (0, 30, 60, 90, 120, 180, 240, 300, 365),
    "age": (0, 18, 25, 35, 45, 55, 65, 75, 120),
}
SIZE_ERROR = 25
THRESHOLD = 11

# name, size, (typical, spread) per number, share of yes per flag, weights per label, words, step
_SEGMENTS: tuple[dict[str, Any], ...] = (
    {
        "name": "Loyal enthusiasts",
        "size": 1240,
        "numbers": {"total_spent": (980, 0.5), "orders": (14, 0.45), "recency_days": (18, 20)},
        "age": (47, 11),
        "flags": {"newsletter": 0.81, "mobile_app": 0.64},
        "labels": {"country": (46, 24, 18, 12), "favorite_aisle": (14, 33, 38, 9, 6)},
        "traits": (
            ("orders", "orders about 4 times as often as everybody", 1.6),
            ("total_spent", "spends about 5 times as much", 1.5),
            ("newsletter", "reads the newsletter: 81\u00a0% against 48\u00a0%", 0.33),
        ),
        "next_step": "Thank them first: early access and a loyalty gift keep them close.",
    },
    {
        "name": "Weekend family shoppers",
        "size": 2310,
        "numbers": {"total_spent": (310, 0.5), "orders": (5.2, 0.45), "recency_days": (52, 35)},
        "age": (39, 8),
        "flags": {"newsletter": 0.52, "mobile_app": 0.58},
        "labels": {"country": (34, 30, 20, 16), "favorite_aisle": (8, 22, 18, 10, 42)},
        "traits": (
            ("favorite_aisle", "Toys is the favorite aisle: 42\u00a0% against 19\u00a0%", 0.23),
            ("mobile_app", "uses the mobile app more often: 58\u00a0% against 41\u00a0%", 0.17),
            ("age", "a little younger: typically 39", -0.3),
        ),
        "next_step": "Offer bundles on Friday afternoon, in the app.",
    },
    {
        "name": "New and curious",
        "size": 1815,
        "numbers": {"total_spent": (62, 0.6), "orders": (1.4, 0.35), "recency_days": (24, 18)},
        "age": (28, 7),
        "flags": {"newsletter": 0.37, "mobile_app": 0.71},
        "labels": {"country": (29, 31, 17, 23), "favorite_aisle": (9, 26, 21, 30, 14)},
        "traits": (
            ("age", "the youngest group: typically 28", -1.2),
            ("mobile_app", "uses the mobile app most: 71\u00a0% against 41\u00a0%", 0.3),
            ("orders", "has ordered once or twice", -0.8),
        ),
        "next_step": "A second-order voucher within 30 days, shown in the app.",
    },
    {
        "name": "Seasonal gardeners",
        "size": 960,
        "numbers": {"total_spent": (220, 0.5), "orders": (3.1, 0.4), "recency_days": (176, 48)},
        "age": (61, 10),
        "flags": {"newsletter": 0.44, "mobile_app": 0.12},
        "labels": {"country": (52, 28, 11, 9), "favorite_aisle": (63, 14, 8, 13, 0.5)},
        "traits": (
            ("favorite_aisle", "Garden is the favorite aisle: 63\u00a0% against 18\u00a0%", 0.45),
            ("age", "older: typically 61", 1.1),
            ("recency_days", "last order about half a year ago", 0.9),
        ),
        "next_step": "Write in February, on paper or by e-mail, before the season starts.",
    },
    {
        "name": "Drifting away",
        "size": 1475,
        "numbers": {"total_spent": (130, 0.6), "orders": (2.2, 0.4), "recency_days": (298, 40)},
        "age": (44, 13),
        "flags": {"newsletter": 0.19, "mobile_app": 0.16},
        "labels": {"country": (31, 33, 19, 17), "favorite_aisle": (12, 37, 24, 15, 12)},
        "traits": (
            ("recency_days", "last order about ten months ago", 1.7),
            ("newsletter", "rarely reads the newsletter: 19\u00a0% against 48\u00a0%", -0.29),
            ("mobile_app", "hardly uses the mobile app: 16\u00a0% against 41\u00a0%", -0.25),
        ),
        "next_step": "One friendly question why, then leave them in peace.",
    },
)
OTHER = HiddenGroup(segments=2, size=31, size_low=6, size_high=56)


def _estimate(value: float, half: float, digits: int) -> Estimate:
    return Estimate(round(value, digits), round(value - half, digits), round(value + half, digits))


def _shares(weights: list[float], size: int) -> list[Estimate]:
    half = max(SIZE_ERROR / size / 2, 0.005)
    whole = sum(weights)
    return [
        Estimate(
            round(each / whole, 3),
            max(round(each / whole - half, 3), 0.0),
            min(round(each / whole + half, 3), 1.0),
        )
        for each in weights
    ]


def _number_profile(feature: Feature, middle: float, spread: float, size: int) -> ColumnProfile:
    assert feature.bounds is not None
    edges = EDGES[feature.name]
    scale = math.log1p if feature.bounds.log else float
    pairs = list(itertools.pairwise(edges))
    weights = [
        _below((scale(high) - scale(middle)) / spread)
        - _below((scale(low) - scale(middle)) / spread)
        for low, high in pairs
    ]
    half = middle * (0.04 if feature.bounds.log else 0.02) * math.sqrt(1000 / size)
    digits = 0 if middle >= 100 else 1
    return ColumnProfile(
        name=feature.name,
        kind="number",
        typical=_estimate(middle, max(half, 10**-digits), digits),
        bars=tuple(
            _bar(f"{low:,} to {high:,}", share, size, float(low), float(high))
            for (low, high), share in zip(pairs, _shares(weights, size), strict=True)
        ),
    )


def _bar(
    label: str, share: Estimate, size: int, low: float | None = None, high: float | None = None
) -> Bar:
    if share.value * size < THRESHOLD:
        return Bar(label, None, "too few people", low, high)
    return Bar(label, share, None, low, high)


def _below(deviation: float) -> float:
    return 0.5 * math.erfc(-deviation / math.sqrt(2))


def _flag_profile(name: str, yes: float, size: int) -> ColumnProfile:
    yes_share, no_share = _shares([yes, 1 - yes], size)
    bars = (Bar("yes", yes_share), Bar("no", no_share))
    return ColumnProfile(name=name, kind="flag", typical=yes_share, bars=bars)


def _category_profile(feature: Feature, weights: tuple[float, ...], size: int) -> ColumnProfile:
    assert feature.domain is not None
    shares = _shares(list(map(float, weights)), size)
    bars = (
        _bar(label, share, size) for label, share in zip(feature.domain.labels, shares, strict=True)
    )
    return ColumnProfile(name=feature.name, kind="category", typical=None, bars=tuple(bars))


def _profile(told: dict[str, Any], size: int) -> tuple[ColumnProfile, ...]:
    numbers = {**told["numbers"], "age": told["age"]}
    profiles = []
    for feature in FEATURES + PROFILED:
        if feature.kind == "number":
            profiles.append(_number_profile(feature, *numbers[feature.name], size))
        elif feature.kind == "flag":
            profiles.append(_flag_profile(feature.name, told["flags"][feature.name], size))
        else:
            profiles.append(_category_profile(feature, told["labels"][feature.name], size))
    return tuple(profiles)


def _center(told: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: middle for name, (middle, _) in told["numbers"].items()},
        "age": told["age"][0],
        **told["flags"],
    }


def sample_segment(position: int, total: int) -> Segment:
    """One segment of the sample release."""
    told = _SEGMENTS[position]
    size = told["size"]
    return Segment(
        name=told["name"],
        size=size,
        size_low=size - SIZE_ERROR,
        size_high=size + SIZE_ERROR,
        share=round(size / total, 3),
        share_low=round((size - SIZE_ERROR) / total, 3),
        share_high=round((size + SIZE_ERROR) / total, 3),
        center=_center(told),
        profile=_profile(told, size),
        traits=tuple(Trait(*each) for each in told["traits"]),
        next_step=told["next_step"],
    )


def _overall(total: int) -> tuple[ColumnProfile, ...]:
    told = {
        "numbers": {"total_spent": (190, 1.2), "orders": (3.4, 0.9), "recency_days": (104, 105)},
        "age": (42, 15),
        "flags": {"newsletter": 0.48, "mobile_app": 0.41},
        "labels": {"country": (37, 29, 18, 16), "favorite_aisle": (18, 26, 21, 16, 19)},
    }
    return _profile(told, total)


def _points() -> tuple[Point, ...]:
    chance = random.Random(20261123)
    places = ((2.6, 1.4), (0.6, 0.9), (0.2, -1.9), (-1.4, 2.1), (-2.4, -0.7))
    return tuple(
        Point(round(chance.gauss(x, 0.55), 3), round(chance.gauss(y, 0.5), 3), position)
        for position, (x, y) in enumerate(places)
        for _ in range(60)
    )


def _with_an_uncertain_number(segment: Segment) -> Segment:
    profile = tuple(
        replace(each, typical=None) if each.name == "total_spent" else each
        for each in segment.profile
    )
    return replace(segment, profile=profile)


def sample_release(**changes: Any) -> Release:
    """The sample release; keyword arguments replace fields."""
    assert OTHER.size is not None
    total = sum(told["size"] for told in _SEGMENTS) + OTHER.size
    segments = [sample_segment(position, total) for position in range(len(_SEGMENTS))]
    segments[-1] = _with_an_uncertain_number(segments[-1])
    told: dict[str, Any] = {
        "id": "rel_5b1f0c7d9e3a4826",
        "title": "Spring shop customers",
        "created_on": "2026-11-23",
        "version": "0.1.0",
        "segments": tuple(segments),
        "other": OTHER,
        "total": Estimate(total, total - 60, total + 60),
        "overall": _overall(total),
        "points": _points(),
        "axes": ("spends more →", "orders more rarely →"),
        "features": FEATURES,
        "profiled": PROFILED,
        "budget": Spent(epsilon=1.0, delta=1e-6, rho=0.02436),
        "unit": "one customer",
        "adjacency": "add or remove one",
        "threshold": THRESHOLD,
        "account": (
            "Only customers who may be used for this purpose were taken; one row each.",
            "Six features were compared within ranges declared beforehand.",
            "Noise was added once to every count and sum, before anybody saw them.",
            "Groups of fewer than about 11 people were merged and hidden.",
            "Everything on this page is computed from those noisy numbers alone.",
        ),
        "notes": ("Ranges cover the privacy noise only.",),
    }
    return Release(**{**told, **changes})


def keep_sample(records: Records, owner: str) -> str:
    """Put the sample release into a memory, as if this owner had bought it; gives its id."""
    release, now = sample_release(), datetime.now(UTC)
    ledger.open_lineage(records, "base", Price(10))
    priced = {"request_id": "numbers", "price": Price(1), "purpose": "publish", "lineage": "base"}
    ledger.charge(records, owner=owner, now=now, **priced)
    named = {"dataset_id": "d", "lineage": "base", "title": release.title, "body": "numbers"}
    releases.keep_map(records, map_id="numbers", owner=owner, now=now, **named)
    body = {"map_id": "m", "numbers_id": "numbers", "body": release.to_json()}
    releases.keep_release(records, release_id=release.id, owner=owner, now=now, **body)
    return release.id


def sample_movement() -> Movement:
    """What changed to the sample release: one segment grew, one did not change, one is new."""
    first, second, third, *_ = sample_release().segments
    return Movement(
        earlier_id="rel_before",
        later_id="rel_5b1f0c7d9e3a4826",
        earlier_on="2026-08-23",
        later_on="2026-11-23",
        changes=(_changed(first, 0, 120), _changed(second, 1, 10)),
        gone=("Old friends",),
        new=(third.name,),
        total=Estimate(130, 20, 240),
        same_rule=False,
    )


def _changed(segment: Segment, place: int, people: int) -> Change:
    size = Estimate(segment.size, segment.size_low, segment.size_high)
    share = Estimate(segment.share, segment.share_low, segment.share_high)
    before = Estimate(*(each - people for each in (size.value, size.low, size.high)))
    was = Estimate(*(each - people / 8_000 for each in (share.value, share.low, share.high)))
    return Change(
        name=segment.name,
        earlier_name=segment.name,
        earlier_place=place,
        later_place=place,
        size_before=before,
        size_after=size,
        share_before=was,
        share_after=share,
        people=Estimate(people, people - 40, people + 40),
        share=Estimate(people / 8_000, (people - 40) / 8_000, (people + 40) / 8_000),
    )
