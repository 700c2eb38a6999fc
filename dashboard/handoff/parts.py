"""What both texts are made of: the axes with all constants, read from a release."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.release import Release
from dashboard.rule import Axis, Rule
from dashboard.terms import Bounds

YES: Final = (
    *("yes", "y", "true", "t", "1", "1.0", "x", "on", "oui", "o", "vrai", "ja", "j", "wahr"),
    *("si", "sí", "s", "verdadero", "ok"),
)
NO: Final = (
    *("no", "n", "false", "f", "0", "0.0", "off", "non", "faux", "nein", "falsch", "falso"),
)
"""What counts as yes and no in a column of texts, in small letters."""

MAX_LABEL: Final = 80
"""Signs of a label that count."""


@dataclass(frozen=True)
class Part:
    """One axis with all that is needed to place a customer on it."""

    feature: Feature
    axis: Axis
    bounds: Bounds | None
    span: float
    least: float
    yes: int
    no: int


def rule_of(release: Release) -> Rule:
    """The rule of a release.

    Raises:
        BadInputError: it has none, because it is older or shows no segment.
    """
    if release.rule is None or not release.segments:
        raise BadInputError(
            "This release holds no rule: it was made by an older version, or shows no segment. "
            "Publish again; what was bought before costs nothing."
        )
    return release.rule


def hidden_words(release: Release) -> str:
    """Where customers of hidden groups are placed; empty where nothing is hidden, or cuts are."""
    if release.other is None or (release.rule and release.rule.cuts):
        return ""
    many = release.other.segments > 1
    who = f"{release.other.segments} groups" if many else "One group"
    return (
        f"{who} of this release {'are' if many else 'is'} hidden: too few people. Their customers "
        "stand with the nearest segment that is shown, so counts here can be larger than published."
    )


def parts_of(release: Release) -> tuple[Part, ...]:
    """The axes of a release's rule, in their order."""
    rule, features = rule_of(release), {each.name: each for each in release.features}
    return tuple(_part(each, features[each.column], rule) for each in rule.axes)


def _part(axis: Axis, feature: Feature, rule: Rule) -> Part:
    bounds = feature.scale
    if bounds is None:
        yes, no = (_step(each, axis, rule) for each in (1.0, 0.0))
        return Part(feature, axis, None, 1.0, 0.0, yes, no)
    span = math.log1p(bounds.high - bounds.low) if bounds.log else bounds.high - bounds.low
    first = span / (2 * rule.levels)
    least = bounds.low + (math.expm1(first) if bounds.log else first)
    return Part(feature, axis, bounds, span, least, 0, 0)


def _step(part: float, axis: Axis, rule: Rule) -> int:
    deviation = (part - axis.middle) / axis.spread
    return math.trunc(min(max(deviation, -rule.reach), rule.reach) * rule.unit)
