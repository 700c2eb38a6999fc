"""A release's rule as a small Python function that needs nothing but the standard library."""

from __future__ import annotations

from textwrap import wrap
from typing import Final

from dashboard.handoff.parts import MAX_LABEL, NO, YES, Part, hidden_words, parts_of, rule_of
from dashboard.release import Release
from dashboard.rfm import FREQUENCY, LADDER, MONETARY, RECENCY


def python(release: Release) -> str:
    """Write a module with one function, ``segment(customer)``, for a mapping of column to value.

    All names and numbers are literals that Python writes itself, so that none can be code.

    Raises:
        BadInputError: the release holds no rule.
    """
    rule = rule_of(release)
    if rule.cuts:
        steps = tuple(
            (
                step.group,
                None if step.days is None else rule.cuts.days[step.days],
                None if step.orders is None else rule.cuts.orders[step.orders],
                rule.cuts.spent if step.spent else None,
            )
            for step in LADDER
        )
        columns = _named("COLUMNS", RECENCY, FREQUENCY, MONETARY)
        return _HEAD + columns + _named("LADDER", *steps) + _KNOWN
    names = tuple(each.name for each in release.segments)
    hidden = "".join(f"# {each}\n" for each in wrap(hidden_words(release), 96))
    return (
        _HEAD
        + (f"{hidden}\n" if hidden else "")
        + _named("SEGMENTS", *names)
        + _named("AXES", *map(_axis, parts_of(release)))
        + _named("CENTERS", *rule.centers)
        + f"LEVELS, UNIT, REACH = {rule.levels}, {rule.unit}, {rule.reach}\n"
        + _named("YES", *YES)
        + _named("NO", *NO)
        + _NEAREST.replace("MAX_LABEL", str(MAX_LABEL))
    )


def _named(name: str, *values: object) -> str:
    inner = "".join(f"    {each!a},\n" for each in values)
    return f"{name} = (\n{inner})\n"


def _axis(part: Part) -> dict[str, object]:
    feature, axis = part.feature, part.axis
    told: dict[str, object] = {"column": axis.column, "kind": feature.kind}
    if part.bounds is None:
        return {**told, "label": axis.label, "yes": part.yes, "no": part.no}
    if feature.domain is not None:
        told["labels"] = feature.domain.labels
    if feature.dates is not None:
        told["until"] = feature.dates.until
    return {
        **told,
        "low": part.bounds.low,
        "high": part.bounds.high,
        "log": part.bounds.log,
        "middle": axis.middle,
        "spread": axis.spread,
    }


_HEAD: Final = '''\
"""Which segment a customer belongs to. Written by Private Segments; needs nothing else."""

import datetime
import math
import re


def _number(value):
    """A finite number, or None."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


'''

_NEAREST: Final = '''

def _text(value):
    return "" if value is None else str(value).strip()


def _measure(value, axis):
    """A value as a number: itself, days before a day, or its place among labels."""
    if axis["kind"] == "level":
        bare = re.sub(r"^(\\d+)[.,]0+$", r"\\1", _text(value).casefold())
        known = [label.strip().casefold() for label in axis["labels"]]
        return float(known.index(bare) + 1) if bare in known else None
    if "until" not in axis:
        return _number(value)
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value[:10])
        except ValueError:
            return None
    if isinstance(value, datetime.datetime):
        value = value.date()
    if not isinstance(value, datetime.date):
        return None
    return float((datetime.date.fromisoformat(axis["until"]) - value).days)


def _scaled(value, axis):
    return math.log1p(value - axis["low"]) if axis["log"] else value


def _step(value, axis):
    """Whole steps from the middle; 0 where nothing is known."""
    if axis["kind"] == "flag":
        word = _text(value).casefold()
        return axis["yes"] if word in YES else axis["no"] if word in NO else 0
    if axis["kind"] == "category":
        word = _text(value)[:MAX_LABEL].strip()
        return 0 if not word else axis["yes"] if word == axis["label"] else axis["no"]
    number = _measure(value, axis)
    if number is None:
        return 0
    number = min(max(number, axis["low"]), axis["high"])
    low, high = _scaled(axis["low"], axis), _scaled(axis["high"], axis)
    level = math.floor((_scaled(number, axis) - low) / (high - low) * (LEVELS - 1))
    level = min(max(level, 0), LEVELS - 1)
    deviation = (level / (LEVELS - 1) - axis["middle"]) / axis["spread"]
    return math.trunc(min(max(deviation, -REACH), REACH) * UNIT)


def segment(customer):
    """The segment of a customer, given as a mapping of column names to values."""
    place = [_step(customer.get(axis["column"]), axis) for axis in AXES]
    distances = [sum((a - b) ** 2 for a, b in zip(place, center)) for center in CENTERS]
    return SEGMENTS[distances.index(min(distances))]
'''

_KNOWN: Final = '''

def segment(customer):
    """The known group of a customer, given as a mapping of column names to values."""
    days, orders, spent = (_number(customer.get(column)) for column in COLUMNS)
    for group, most_days, least_orders, least_spent in LADDER:
        if most_days is not None and (days is None or days > most_days):
            continue
        if least_orders is not None and (orders is None or orders < least_orders):
            continue
        if least_spent is not None and (spent is None or spent < least_spent):
            continue
        return group
'''
