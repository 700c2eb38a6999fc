"""From bought noisy counts of known groups to the immutable release that people see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard import __version__, rfm
from dashboard.errors import NotEnoughDataError
from dashboard.plan import Plan
from dashboard.privacy import accuracy
from dashboard.privacy.accounting import known_price, spent_of
from dashboard.privacy.describing import other_of, total_of
from dashboard.privacy.encoding import Float, scaled, value_of
from dashboard.privacy.known import Known, Measure, measures, possible
from dashboard.privacy.profiles import profile_of
from dashboard.privacy.suppression import Shown, suppress, suppression_threshold
from dashboard.release import ColumnProfile, Estimate, Release, Segment, Trait
from dashboard.rfm import FREQUENCY, GROUPS, MONETARY, RECENCY, Cuts
from dashboard.rule import Rule
from dashboard.terms import Adjacency, Bounds
from dashboard.wording import amount


@dataclass(frozen=True)
class _Counts:
    """One measure within one group, or several: noisy counts by part, and of how many each is made.

    A part that the group's rule leaves no room for is empty, and made of no noisy number.
    """

    counts: Float
    terms: Float
    missing: int

    def __add__(self, other: _Counts) -> _Counts:
        return _Counts(
            self.counts + other.counts, self.terms + other.terms, self.missing + other.missing
        )


def known_release(
    *,
    release_id: str,
    title: str,
    created_on: str,
    unit: str,
    plan: Plan,
    cuts: Cuts,
    known: Known,
) -> Release:
    """The immutable answer, in the order of the ladder: Champions first, Lost last.

    Raises:
        NotEnoughDataError: no group is large enough to be shown.
    """
    sigma = math.sqrt(known.noise["sizes"])
    shown = suppress(known.sizes, [1] * len(known.sizes), plan.min_segment_size, sigma)
    threshold = suppression_threshold(plan.min_segment_size, sigma)
    if not shown.visible:
        raise NotEnoughDataError(
            f"No known group has {threshold} people or more, as far as the noise lets that be "
            "seen. More customers or a larger budget would help."
        )
    told = measures(plan, cuts)
    groups = {place: _counts(place, known, plan, cuts) for place in shown.visible}
    everybody = [sum(each[1:], start=each[0]) for each in zip(*groups.values(), strict=True)]
    overall = _profiles(told, everybody, known, plan)
    rows = tuple(
        _segment(place, known, shown, _profiles(told, counts, known, plan), overall, told, cuts)
        for place, counts in groups.items()
    )
    other = other_of(shown, sigma)
    return Release(
        id=release_id,
        title=title,
        created_on=created_on,
        version=__version__,
        segments=rows,
        other=other,
        total=total_of(rows, other, accuracy.half_width(sigma, shown.parts)),
        overall=overall,
        points=(),
        axes=("", ""),
        features=plan.features,
        profiled=(),
        budget=spent_of(known_price(plan)),
        unit=unit,
        adjacency=Adjacency.ADD_OR_REMOVE_ONE.value,
        threshold=threshold,
        account=_account(plan, cuts, shown, threshold),
        rule=Rule(cuts=cuts),
    )


def _counts(place: int, known: Known, plan: Plan, cuts: Cuts) -> list[_Counts]:
    open_ = possible(plan, cuts)[GROUPS[place]]
    return [
        _Counts(np.array(counts[:-1]) * np.array(may), np.array(may, dtype=float), counts[-1])
        for counts, may in zip(known.profiles[place], open_, strict=True)
    ]


def _profiles(
    told: Sequence[Measure], counted: Sequence[_Counts], known: Known, plan: Plan
) -> tuple[ColumnProfile, ...]:
    return tuple(
        _profile(measure, each, math.sqrt(known.noise["profiles"]), plan.min_segment_size)
        for measure, each in zip(told, counted, strict=True)
    )


def _profile(measure: Measure, counted: _Counts, sigma: float, smallest: int) -> ColumnProfile:
    bars = np.bincount(measure.bar_of, weights=counted.counts)
    terms = np.maximum(np.bincount(measure.bar_of, weights=counted.terms), 1).astype(int)
    typical = _typical(measure, counted, sigma)
    return profile_of(
        measure.shown, bars.tolist(), terms.tolist(), counted.missing, sigma, smallest, typical
    )


def _typical(measure: Measure, counted: _Counts, sigma: float) -> Estimate | None:
    """The mean of the parts' middles on the scale on which they are compared, with its range.

    With noise of variance tσ² on a part that t noisy numbers make up, the variance of
    Σcm/Σc is Σtσ²(m − mean)²/(Σc)² (delta method). That values within a part are
    taken to stand at its middle is not in the range.
    """
    total, bounds = float(counted.counts.sum()), measure.feature.bounds
    if bounds is None or total <= 5 * sigma * math.sqrt(counted.terms.sum()):
        return None
    middles = measure.middles
    mean = float(counted.counts @ middles / total)
    spread = math.sqrt(float(counted.terms @ (middles - mean) ** 2))
    width = accuracy.Z * sigma * spread / total
    low, value, high = (_unscaled(mean + each, bounds) for each in (-width, 0.0, width))
    return accuracy.estimate(value, low, high)


def _unscaled(place: float, bounds: Bounds) -> float:
    low, high = float(scaled(bounds.low, bounds)), float(scaled(bounds.high, bounds))
    return float(value_of((place - low) / (high - low), bounds))


def _segment(
    place: int,
    known: Known,
    shown: Shown,
    profile: tuple[ColumnProfile, ...],
    overall: Sequence[ColumnProfile],
    told: Sequence[Measure],
    cuts: Cuts,
) -> Segment:
    sigma, size = math.sqrt(known.noise["sizes"]), known.sizes[place]
    people = accuracy.people(size, accuracy.half_width(sigma))
    share = accuracy.share_of(size, max(shown.total, 1), sigma, max(1, shown.parts - 1))
    return Segment(
        name=GROUPS[place],
        size=int(people.value),
        size_low=int(people.low),
        size_high=int(people.high),
        share=share.value,
        share_low=share.low,
        share_high=share.high,
        center={each.name: each.typical.value for each in profile if each.typical},
        profile=profile,
        traits=_traits(GROUPS[place], cuts, profile, overall, told),
        next_step=rfm.NEXT_STEPS[GROUPS[place]],
    )


_SAID = {FREQUENCY: "about {} orders", MONETARY: "about {} spent"}


def _traits(
    group: str,
    cuts: Cuts,
    profile: Sequence[ColumnProfile],
    overall: Sequence[ColumnProfile],
    told: Sequence[Measure],
) -> tuple[Trait, ...]:
    """Who belongs to the group, then how often and for how much they typically bought."""
    traits = []
    for measure, mine, all_ in zip(told, profile, overall, strict=True):
        apart = _deviation(measure, mine, all_)
        if mine.name == RECENCY:
            traits.append(Trait(RECENCY, rfm.rule_words(group, cuts), apart))
        elif mine.typical and all_.typical:
            said = _SAID[mine.name].format(amount(mine.typical.value))
            traits.append(Trait(mine.name, f"{said} (overall {amount(all_.typical.value)})", apart))
    return tuple(traits)


def _deviation(measure: Measure, mine: ColumnProfile, overall: ColumnProfile) -> float:
    """How far a group's typical value lies from everybody's, in their standard deviations."""
    bounds = measure.feature.bounds
    shares = [bar.share.value if bar.share else 0.0 for bar in overall.bars]
    if bounds is None or mine.typical is None or overall.typical is None or sum(shares) <= 0:
        return 0.0
    edges = np.asarray(scaled(np.array(measure.shown.edges), bounds))
    middles = (edges[:-1] + edges[1:]) / 2
    mean = float(np.average(middles, weights=shares))
    spread = math.sqrt(float(np.average((middles - mean) ** 2, weights=shares)))
    apart = float(scaled(mine.typical.value, bounds) - scaled(overall.typical.value, bounds))
    return round(apart / spread, 2) if spread > 0 else 0.0


def _account(plan: Plan, cuts: Cuts, shown: Shown, threshold: int) -> tuple[str, ...]:
    spent = spent_of(known_price(plan))
    reading = plan.features[0].dates
    until = f", counted back from {reading.until}" if reading else ""
    hidden = len(shown.hidden)
    return (
        f"Orders were added up to one row per customer{until}; people who said no were left out.",
        "Each customer is in exactly one group, by public cut points. "
        + " ".join(f"{group}: {rfm.rule_words(group, cuts)}." for group in GROUPS),
        (
            "Only the groups' sizes and the spread of recency, orders and total spent within each "
            "were counted, with noise on every number. Whoever has thousands of orders is one row."
        ),
        f"Groups below {threshold} noisy people are not shown; "
        + (f"{hidden} of {len(GROUPS)} were merged." if hidden else "none had to be hidden."),
        "The total is the sum of the noisy sizes shown, and “all customers” are those shown.",
        (
            f"All in all one customer's presence changes the odds of any such result by at most "
            f"ε = {spent.epsilon:.3g} (δ = {spent.delta:.0e}, ρ = {spent.rho:.3g})."
        ),
    )
