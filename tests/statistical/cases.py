"""What is audited: each question, a map, a publishing, a release, and the gate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dashboard.plan import Plan
from dashboard.privacy.accounting import epsilon_of
from dashboard.privacy.encoding import Encoder
from dashboard.privacy.known import questions
from dashboard.privacy.margins import directions_of, margin_bins
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.privacy.queries import (
    Count,
    Margins,
    Moments,
    Profiles,
    Residuals,
    Sizes,
    flag_bins,
    label_bins,
    radius_for,
)
from dashboard.privacy.ranges import range_query
from dashboard.privacy.segments import Geometry
from dashboard.privacy.space import SCORE_UNIT, Latent, Space
from dashboard.privacy.synopsis import draw_map, weight_of
from dashboard.terms import RHO_UNIT
from tests.privacy.orders import CUTS, KNOWN
from tests.privacy.tables import interview, repeatable
from tests.statistical.neighbors import (
    ABSENT,
    AGE,
    ALONE,
    ATLANTIS,
    BORDER,
    CHANNEL,
    FLAGS,
    LAST_STRAW,
    LOST,
    MEMBER,
    MIXED,
    NAMED,
    NUMBERS,
    ODD_LABEL,
    OUTLIER,
    SEGMENT_OF_ONE,
    SPEND,
    at,
)
from tests.statistical.runs import Bought, Drawn, Names, Question, Range, Whole

HONEST = DiscreteGaussianNoise()
RADIUS, WEIGHT = 300, weight_of(300, 2)
CENTERS = np.array([[-300, -300], [1500, 1500], [400, -900]], dtype=np.int64)
"""One center amid the crowd, one that only a customer at the bounds is near to, one beside."""


MANY, FEW = 5e-9, 8e-8
"""How improbable a false alarm is, for what is run thousands of times and for what is not."""


@dataclass(frozen=True)
class Case:
    """Something that is audited, with as many runs on each table as the pipeline affords."""

    name: str
    what: Drawn
    runs: int
    alarm: float = MANY

    @property
    def claimed_rho(self) -> float:
        """The ρ that the program's accounting states."""
        return self.what.rho_units * RHO_UNIT

    @property
    def claimed(self) -> float:
        """The ε at δ = 10⁻⁶ that the program's accounting states."""
        return epsilon_of(self.claimed_rho)


def space_of(plan: Plan) -> Space:
    """A space as noisy margins of the crowd might have made it; public, as in the program."""
    margins = {
        SPEND.name: tuple(8 if 12 <= part <= 16 else 0 for part in range(33)),
        AGE.name: tuple(9 if 6 <= part <= 9 else 0 for part in range(33)),
        MEMBER.name: (12, 13, 0),
        CHANNEL.name: (22, 2, 0, 0),
    }
    return Space(tuple(directions_of(plan, margins, 1.0, 40)))


def latent_of(plan: Plan) -> Latent:
    """The same directions as normal scores."""
    directions = space_of(plan).directions
    return Latent(directions, radius_for(len(directions), SCORE_UNIT))


def tied(plan: Plan) -> np.ndarray:
    """Two centers exactly as far from the customer at the bounds."""
    place = Question(Count(), OUTLIER, plan).rows[1]._encoded[-1]
    x, y = space_of(plan).places(place)[-1].astype(np.int64)
    return np.array([[x - 200, y + 100], [x + 200, y - 100], [-300, -300]])


@cache
def bought_map(epsilon: float) -> Geometry:
    """One map of the table without the customer, that all runs of publishing are given."""
    plan = at(FLAGS, epsilon)
    return Geometry(draw_map(interview(SEGMENT_OF_ONE.tables[0], repeatable(), plan), 40))


@cache
def cases() -> dict[str, Case]:
    """All that must hold, by name."""
    return {each.name: each for each in (*_questions(), *_wholes())}


def _questions() -> list[Case]:
    space, numbers, mixed = space_of(NUMBERS), at(NUMBERS, 4), at(MIXED, 4)
    described = Plan(features=(SPEND, AGE), profiled=(MEMBER, CHANNEL), epsilon=4)
    bins = (flag_bins(0), label_bins(1, 2))
    profiles = Profiles(space, CENTERS, bins)
    margins = Margins(margin_bins(Encoder(at(MIXED, 4)))[1:])
    cells = Residuals(space, CENTERS, RADIUS, WEIGHT)
    ties = Residuals(space, tied(NUMBERS), RADIUS, WEIGHT)
    sizes = Sizes(space, CENTERS)
    sharp = Residuals(space, CENTERS[:2], RADIUS, WEIGHT, "sharpen 2")
    groups = at(KNOWN, 4)
    known = questions(groups, CUTS)
    return [
        Case("count, ε = 1", Question(Count(), OUTLIER, at(ALONE, 1)), 20_000),
        Case("count, ε = 4", Question(Count(), OUTLIER, at(ALONE, 4)), 20_000),
        Case("count, ε = 10", Question(Count(), OUTLIER, at(ALONE, 10)), 10_000),
        Case("margins, at the bounds", Question(margins, OUTLIER, mixed), 2_000),
        Case("margins, all missing", Question(margins, ABSENT, mixed), 1_500),
        Case("margins, undeclared label", Question(margins, ODD_LABEL, mixed), 1_500),
        Case("names, a lone label", Names(ATLANTIS, at(NAMED, 4)), 1_000),
        Case("names, a label at the threshold", Names(BORDER, at(NAMED, 4)), 2_000),
        Case("moments, at the bounds", Question(Moments(latent_of(MIXED)), OUTLIER, mixed), 4_000),
        Case("moments, all missing", Question(Moments(latent_of(NUMBERS)), ABSENT, numbers), 2_000),
        Case("cells, alone", Question(cells, OUTLIER, numbers), 5_000),
        Case("cells, all missing", Question(cells, ABSENT, numbers), 2_000),
        Case("cells, a tie", Question(ties, OUTLIER, numbers), 4_000),
        Case("sharpen, alone", Question(sharp, OUTLIER, numbers), 4_000),
        Case("sizes, alone, ε = 1", Question(sizes, OUTLIER, at(NUMBERS, 1)), 10_000),
        Case("sizes, alone", Question(sizes, OUTLIER, numbers), 8_000),
        Case("known groups, sizes", Question(known[0], LOST, groups), 3_000),
        Case("known groups, profiles", Question(known[1], LOST, groups), 300),
        Case("profiles, alone", Question(profiles, OUTLIER, described), 2_000),
        Case("profiles, all missing", Question(profiles, ABSENT, described), 1_500),
        Case("range, a huge value", Range(range_query(), OUTLIER, at(NUMBERS, 4)), 2_000),
        Case("range, no value", Range(range_query(), ABSENT, at(NUMBERS, 4)), 2_000),
    ]


def _wholes() -> list[Case]:
    flags, mixed = at(FLAGS, 4), Plan(features=(SPEND, MEMBER), epsilon=4)
    release, given = Whole(SEGMENT_OF_ONE, flags, 2), bought_map(4.0)
    return [
        Case("map, alone", Whole(SEGMENT_OF_ONE, flags), 250, FEW),
        Case("map, at the bounds", Whole(SEGMENT_OF_ONE, mixed), 100, FEW),
        Case("map, a lone label", Whole(ATLANTIS, at(NAMED, 4)), 150, FEW),
        Case("publish, alone", Whole(SEGMENT_OF_ONE, flags, 2, given), 250, FEW),
        Case("release, alone, ε = 1", Whole(SEGMENT_OF_ONE, at(FLAGS, 1), 2), 100, FEW),
        Case("release, alone", release, 120, FEW),
        Case("gate: release, alone, ε = 2", Bought(SEGMENT_OF_ONE, at(FLAGS, 2), 2), 100, FEW),
        Case("gate: refused or not, ε = 2", Bought(LAST_STRAW, at(ALONE, 2), 2), 80, FEW),
    ]
