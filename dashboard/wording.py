"""How numbers are said to people, the same on every screen, page and export.

Pure functions of a release. Each number comes with its range, rounded to the
size of the error, and a hidden number says why it is hidden, never zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Final

from dashboard.plan import Feature
from dashboard.receipts import BudgetState, Flaw, Listed, OrdersTold, Unlisted
from dashboard.release import (
    Bar,
    Change,
    ColumnProfile,
    Estimate,
    Hidden,
    HiddenGroup,
    Movement,
    Segment,
)
from dashboard.terms import Spent

NBSP: Final = "\u00a0"
"""Keeps “12 %” on one line."""

NOTHING_APART: Final = "Their columns are too uncertain to show; see the cards for what is known."
"""Where pictures of what sets segments apart would be empty."""

_HALF_WIDTH_IN_SDS: Final = 1.96
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


# ── what only the giver is told ─────────────────────────────────────────────────────────
def few(count: int, least: int) -> str:
    """A count of people, or “fewer than 11” where it is small; none is said like few."""
    return f"{count:,}" if count >= least else f"fewer than {least}"


def flaw(found: Flaw) -> str:
    """What is wrong with the values, where, how often, and what follows."""
    where = f" (column “{found.column}”)" if found.column else ""
    return f"{found.rows:,}: {found.what}{where}. {found.advice}"


def unlisted(asked: Unlisted) -> str:
    """An answer to consent that counts as neither yes nor no until somebody says what it means."""
    return f"Column “{asked.column}”: “{asked.value}” counts as neither yes nor no."


def listed(done: Listed, least: int) -> str:
    """What became of a list of refusals."""
    added = few(done.added, least)
    known = few(done.known, least)
    return (
        f"{done.rows:,} people in this file say no. New on the list: {added} ids; already on it: "
        f"{known}."
    )


# ── numbers ─────────────────────────────────────────────────────────────────────────────
_BEYOND_WORDS: Final = 1e15
"""From here on a number is written as 1.5e+15, because nobody counts so many digits."""


def number(value: float) -> str:
    """Write a number with thousands separators and about three digits: 1,240 or 12.5."""
    if not math.isfinite(value):
        return "unknown"
    size = abs(value)
    if size >= _BEYOND_WORDS:
        return f"{value:.3g}".replace("-", "−")
    if size >= 100 or size == 0:
        return _written(value, 0)
    return _short(_written(value, 1 - math.floor(math.log10(size)) + 1))


def amount(value: float) -> str:
    """Write a number as short as an axis needs it: 950, 12.5k, 1.2M."""
    if abs(value) >= _BEYOND_WORDS:
        return number(value)
    for least, scale, sign in ((1e9, 1e9, "B"), (999_500, 1e6, "M"), (1e4, 1e3, "k")):
        if math.isfinite(value) and abs(value) >= least:
            return number(value / scale) + sign
    return number(value)


def with_range(e: Estimate) -> str:
    """Say a number with the range the noise leaves open: “about 1,240 (1,215–1,265)”."""
    value, low, high = _alike((e.value, e.low, e.high))
    if low == high:
        return f"about {value}"
    between = " to " if e.low < 0 else "–"
    return f"about {value} ({low}{between}{high})"


def percent(e: Estimate) -> str:
    """Say a share (0 to 1) with its range: “about 12 % (11–13 %)”."""
    hundredths = [100 * min(max(each, 0.0), 1.0) for each in (e.value, e.low, e.high)]
    value, low, high = _alike(hundredths, most_decimals=1)
    said = f"about {value}{NBSP}%"
    return said if low == high else f"{said} ({low}–{high}{NBSP}%)"


def part(share: float) -> str:
    """Write a share (0 to 1) where there is room for no range: “12 %”."""
    return f"{round(100 * min(max(share, 0.0), 1.0))}{NBSP}%"


def _alike(three: Sequence[float], most_decimals: int = 6) -> tuple[str, str, str]:
    """Write three numbers to the same place: two digits of half the range, no idle zeros."""
    value, low, high = three
    half = (high - low) / 2
    if not math.isfinite(half) or half <= 0:
        return number(value), number(low), number(high)
    if max(map(abs, three)) >= _BEYOND_WORDS:
        return number(value), number(low), number(high)
    place = min(1 - math.floor(math.log10(half)), most_decimals)
    written = [_written(each, place) for each in three]
    while all("." in each for each in written) and all(each[-1] == "0" for each in written):
        written = [each[:-1].rstrip(".") for each in written]
    return written[0], written[1], written[2]


def _written(value: float, place: int) -> str:
    return f"{round(value, place) + 0.0:,.{max(place, 0)}f}".replace("-", "−")


def _short(written: str) -> str:
    return written.rstrip("0").rstrip(".") if "." in written else written


# ── groups of people ────────────────────────────────────────────────────────────────────
def people(segment: Segment) -> str:
    """Say how many people a segment holds: “about 1,240 people (1,215–1,265)”."""
    said = size(segment)
    head, bracket, tail = said.partition(" (")
    return f"{head} people{bracket}{tail}"


def size(segment: Segment) -> str:
    """Say a segment's size with its range: “about 1,240 (1,215–1,265)”."""
    return with_range(Estimate(segment.size, max(segment.size_low, 0), segment.size_high))


def share(segment: Segment) -> str:
    """Say which part of everybody a segment is: “about 12 % (11–13 %)”."""
    return percent(Estimate(segment.share, segment.share_low, segment.share_high))


def hidden(reason: Hidden) -> str:
    """Say why a number is not shown: “hidden: too few people”, or that it is too uncertain."""
    return "hidden: too few people" if reason == "too few people" else reason


def hidden_group(other: HiddenGroup) -> str:
    """Say in a sentence what was merged away, and how many people that is if it can be told."""
    groups = "One group is" if other.segments == 1 else f"{number(other.segments)} groups are"
    sentence = f"{groups} hidden for privacy: too few people."
    if other.size is None or other.size_low is None or other.size_high is None:
        return f"{sentence} How many is hidden as well."
    size_said = with_range(Estimate(other.size, max(other.size_low, 0), other.size_high))
    return f"{sentence} Together {size_said}."


def larger(one: Segment, another: Segment) -> str:
    """Say which of two segments is the larger one, and how sure that is.

    With σ from the upper half of each 95 % range, the lower one being cut at zero, and
    no belief beforehand, the chance that A is larger is Φ((a − b)/√(σ_a² + σ_b²)).
    """
    first, second = (one, another) if one.size >= another.size else (another, one)
    chance = _chance_larger(first, second)
    if chance < 0.6:
        return f"“{first.name}” and “{second.name}” are about the same size."
    if chance > 0.99:
        return f"“{first.name}” is larger than “{second.name}” (more than 99 in 100)."
    likely = "probably" if chance >= 0.8 else "perhaps"
    odds = f"about {min(round(chance * 10), 9)} in 10" if chance < 0.95 else "more than 9 in 10"
    return f"“{first.name}” is {likely} larger than “{second.name}” ({odds})."


def stability(share: float) -> str:
    """Say how often the same people would be together, had the noise fallen otherwise."""
    said = (
        "Had the noise fallen otherwise, two customers who share a segment would still share one "
        f"{_times(share)}."
    )
    return said if share >= _STEADY else f"{said} Fewer segments would be steadier."


_STEADY: Final = 0.75


def _times(share: float) -> str:
    if share > 0.99:
        return "nearly always"
    return "more than 9 times in 10" if share >= 0.95 else f"about {round(10 * share)} times in 10"


def _chance_larger(first: Segment, second: Segment) -> float:
    spreads = ((each.size_high - each.size) / _HALF_WIDTH_IN_SDS for each in (first, second))
    spread = math.hypot(*spreads)
    if spread == 0:
        return 1.0 if first.size > second.size else 0.5
    return 0.5 * math.erfc(-(first.size - second.size) / (spread * math.sqrt(2)))


def orders_told(told: OrdersTold, least: int) -> tuple[str, ...]:
    """Say what became of a file's orders, one sentence each; for the giver only, once."""
    counts = (
        (told.orders, "orders were added up"),
        (told.refunds, "refunds lowered what was spent and count as no order"),
        (told.repeated, "lines stood twice and count once"),
        (told.undated, "orders have no day that can be read and were left out"),
        (told.future, "orders lie after the day that is counted back from and were left out"),
    )
    said = [f"{count:,} {what}." for count, what in counts if count]
    if told.without_order:
        people = sentence(few(told.without_order, least))
        said.append(f"{people} customers have no order left and were left out.")
    return tuple(said)


# ── what moved ──────────────────────────────────────────────────────────────────────────
def moved(change: Change) -> str:
    """Say what became of a segment: “grew by about 120 (40–200)”, or that the noise hides it."""
    was = "" if change.earlier_name == change.name else f" (then “{change.earlier_name}”)"
    said = difference(change.people)
    return f"“{change.name}”{was}: {said}."


def difference(people: Estimate) -> str:
    """Say a difference of people: “grew by about 120 (40–200)” or “no change beyond the noise”."""
    if people.low <= 0 <= people.high:
        return "no change beyond the noise"
    sign = 1.0 if people.value > 0 else -1.0
    ends = sorted((sign * people.low, sign * people.high))
    by = with_range(Estimate(sign * people.value, ends[0], ends[1]))
    return f"{'grew' if sign > 0 else 'shrank'} by {by}"


def unmatched(movement: Movement) -> tuple[str, ...]:
    """Say which segments have no counterpart, and what became of everybody together."""
    lone = "not shown {}: too few people" if movement.same_rule else "not among the segments {}"
    gone = tuple(f"“{each}” is {lone.format('now')}." for each in movement.gone)
    new = tuple(f"“{each}” was {lone.format('then')}." for each in movement.new)
    return (*gone, *new, f"All customers shown: {difference(movement.total)}.")


def then_and_now(movement: Movement) -> tuple[str, str]:
    """The days of both releases; where it is one day, what came first."""
    days = [day(date.fromisoformat(each[:10])) for each in (movement.earlier_on, movement.later_on)]
    return (days[0], days[1]) if days[0] != days[1] else (f"{days[0]}, before", f"{days[1]}, now")


# ── columns ─────────────────────────────────────────────────────────────────────────────
def column_words(name: str) -> str:
    """Write a column's name as people would: ``total_spent`` becomes “Total spent”."""
    return sentence(" ".join(name.replace("_", " ").split()))


def typical(profile: ColumnProfile) -> str:
    """Say what is typical of a group in one column: a mean, a share of yes, or its top label."""
    if profile.kind == "category":
        top = top_bar(profile)
        return f"{top.label}: {percent(top.share)}" if top and top.share else "no clear answer"
    if profile.typical is None:
        return hidden("too uncertain to show")
    if profile.kind == "flag":
        return percent(profile.typical)
    if profile.kind == "level":
        return f"about {level(profile.typical.value, [bar.label for bar in profile.bars])}"
    return with_range(profile.typical)


def feature_words(feature: Feature) -> str:
    """Write a column as people would, and that days are counted where it holds dates."""
    said = column_words(feature.name)
    counted = feature.dates and not said.lower().startswith("days since")
    return f"{said} (days ago)" if counted else said


def level(place: float, labels: Sequence[str]) -> str:
    """Say a place among labels that are numbered 1, 2, 3, …: “gold”, “silver to gold”, or 3.8."""
    at = min(max(place, 1.0), float(len(labels)))
    low = min(math.floor(at), len(labels) - 1)
    try:
        below, above = float(labels[low - 1]), float(labels[low])
    except ValueError:
        if abs(at - round(at)) <= _NEARLY:
            return labels[round(at) - 1]
        return f"{labels[low - 1]} to {labels[low]}"
    return number(round(below + (at - low) * (above - below), 1))


_NEARLY: Final = 0.25


def top_bar(profile: ColumnProfile) -> Bar | None:
    """The largest part of a distribution that may be shown."""
    shown = [bar for bar in profile.bars if bar.share is not None]
    return max(shown, key=lambda bar: bar.share.value if bar.share else 0.0, default=None)


def bar_words(bar: Bar) -> str:
    """Say one part of a distribution: its share with the range, or why it is hidden."""
    return percent(bar.share) if bar.share else hidden(bar.hidden or "too uncertain to show")


def bounds_words(low: float, high: float) -> str:
    """Say a range of values: “0 to 120”."""
    return f"{number(low)} to {number(high)}"


def sentence(words: str) -> str:
    """Write words as a sentence: a capital letter at the start, and nothing else changed."""
    return words[:1].upper() + words[1:]


# ── days and odds ───────────────────────────────────────────────────────────────────────
def day(when: date) -> str:
    """Write a day out, so that no reader mixes up month and day: “23 November 2026”."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def odds(spent: Spent) -> str:
    """Say what epsilon promises to one customer, in odds that need no mathematics."""
    grown = math.exp(spent.epsilon)
    right = min((grown + spent.delta) / (1 + grown), 1.0)
    return (
        "Somebody who guesses whether one particular person is in the data is right at most "
        f"{math.ceil(100 * right - 0.5)} times in 100; a coin is right 50 times."
    )


def interrupted(state: BudgetState) -> str | None:
    """What happened where something was paid for and no answer is stored: a crash in between."""
    days = dict.fromkeys(day(each.at) for each in state.charges if not each.finished)
    if not days:
        return None
    return (
        f"What was paid for on {' and '.join(days)} has no answer yet: the program ended in "
        "between, or is still at work. Ask the same question again to have it: nothing is charged "
        "twice. What was paid stays paid."
    )
