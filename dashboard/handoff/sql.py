"""A release's rule as one SELECT that runs unchanged on DuckDB and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Final

from dashboard.errors import BadInputError
from dashboard.handoff.parts import MAX_LABEL, NO, YES, Part, hidden_words, parts_of, rule_of
from dashboard.plan import Feature
from dashboard.release import Release
from dashboard.rfm import FREQUENCY, LADDER, MONETARY, RECENCY, Cuts, Step
from dashboard.rule import Rule

TABLE: Final = "customers"


def sql(release: Release, table: str = TABLE) -> str:
    """Write the SELECT: every column of the table, and the segment of each row.

    Args:
        release: what was published.
        table: the table with one row per customer, ``schema.table`` or ``table``.

    Raises:
        BadInputError: the release holds no rule, or a name can't stand in SQL.
    """
    rule = rule_of(release)
    layers = _known(rule.cuts) if rule.cuts else _nearest(release)
    joined = "\n".join(
        f"CROSS JOIN LATERAL (\n  SELECT {_list(each)}\n) AS {name}" for name, each in layers
    )
    source = ".".join(identifier(each) for each in table.split("."))
    return "\n".join(
        (
            f"-- Which segment each customer belongs to, by release {_bare(release.id)}.",
            "-- Missing values stand at the middle; of equally near segments the first counts.",
            "-- Runs unchanged on DuckDB and PostgreSQL.",
            *(f"-- {each}" for each in wrap(hidden_words(release), 96)),
            f"SELECT c.*, r.segment\nFROM {source} AS c",
            f"{joined};\n",
        )
    )


def identifier(name: str) -> str:
    """A name of a column or a table, quoted, so that nothing in it can be read as SQL."""
    return '"' + _without_zero(name).replace('"', '""') + '"'


def text(value: str) -> str:
    """A text, quoted, so that nothing in it can be read as SQL."""
    return "'" + _without_zero(value).replace("'", "''") + "'"


def _without_zero(value: str) -> str:
    if "\0" in value:
        raise BadInputError("A name with a zero byte can't stand in SQL. Rename it.")
    return value


def _bare(value: str) -> str:
    return re.sub(r"[^0-9A-Za-z_-]", "", value)


def _double(value: float) -> str:
    """A constant to its last bit: written as text, which both engines read correctly rounded."""
    return f"CAST('{value!r}' AS DOUBLE PRECISION)"


def _list(expressions: Iterable[str]) -> str:
    return ",\n         ".join(expressions)


_LOWEST, _HIGHEST = (_double(float(each)) for each in ("-inf", "inf"))
Layers = list[tuple[str, list[str]]]


# ── the nearest center ──────────────────────────────────────────────────────────────────
def _nearest(release: Release) -> Layers:
    rule, parts = rule_of(release), list(enumerate(parts_of(release), 1))
    values = [f"{_value(part)} AS v{n}" for n, part in parts]
    levels = [f"{_level(part, n, rule)} AS l{n}" for n, part in parts]
    steps = [f"{_step(part, n, rule)} AS s{n}" for n, part in parts]
    sums = [
        " + ".join(f"(s.s{n} - ({step})) * (s.s{n} - ({step}))" for n, step in enumerate(each, 1))
        + f" AS d{place}"
        for place, each in enumerate(rule.centers, 1)
    ]
    names = [each.name for each in release.segments]
    return [("v", values), ("l", levels), ("s", steps), ("d", sums), ("r", [_choice(names)])]


def _value(part: Part) -> str:
    column = f"c.{identifier(part.feature.name)}"
    if part.feature.kind == "number" and part.feature.dates:
        until = f"CAST({text(part.feature.dates.until)} AS DATE)"
        return f"CAST({until} - CAST({column} AS DATE) AS DOUBLE PRECISION)"
    if part.feature.kind == "number":
        return f"CAST({column} AS DOUBLE PRECISION)"
    words = f"trim(CAST({column} AS VARCHAR))"
    if part.feature.kind == "level":
        return _position(words, part.feature)
    if part.feature.kind == "flag":
        return f"lower({words})"
    return f"trim(substr({words}, 1, {MAX_LABEL}))"


def _position(words: str, feature: Feature) -> str:
    labels = feature.domain.labels if feature.domain else ()
    whens = "".join(
        f" WHEN lower({words}) = lower({text(label)}) THEN {place}"
        for place, label in enumerate(labels, 1)
    )
    return f"CAST(CASE{whens} END AS DOUBLE PRECISION)"


def _level(part: Part, n: int, rule: Rule) -> str:
    """The lattice level of a number, NULL where there is none; texts pass as they are."""
    bounds, value = part.bounds, f"v.v{n}"
    if bounds is None:
        return value
    above = f"({value} - {_double(bounds.low)})"
    scaled = f"ln({_double(1.0)} + {above})" if bounds.log else above
    top = _double(float(rule.levels - 1))
    inner = f"LEAST({top}, floor({scaled} / {_double(part.span)} * {top}))"
    return (
        f"CASE WHEN NOT ({value} > {_LOWEST} AND {value} < {_HIGHEST}) THEN NULL"
        f" WHEN {value} < {_double(part.least)} THEN {_double(0.0)}"
        f" WHEN {value} >= {_double(bounds.high)} THEN {top}"
        f" WHEN {value} IS NOT NULL THEN {inner} END"
    )


def _step(part: Part, n: int, rule: Rule) -> str:
    """Whole steps from the middle; 0 where nothing is known."""
    value = f"l.l{n}"
    if part.bounds is None and part.feature.kind == "flag":
        return (
            f"CASE WHEN {value} IN ({_texts(YES)}) THEN {part.yes}"
            f" WHEN {value} IN ({_texts(NO)}) THEN {part.no} ELSE 0 END"
        )
    if part.bounds is None:
        label = text(part.axis.label or "")
        return (
            f"CASE WHEN {value} IS NULL OR {value} = '' THEN 0"
            f" WHEN {value} = {label} THEN {part.yes} ELSE {part.no} END"
        )
    deviation = (
        f"({value} / {_double(float(rule.levels - 1))} - {_double(part.axis.middle)})"
        f" / {_double(part.axis.spread)}"
    )
    far = _double(float(rule.reach)), _double(float(-rule.reach))
    limited = f"LEAST({far[0]}, GREATEST({far[1]}, {deviation}))"
    return (
        f"CASE WHEN {value} IS NULL THEN 0 ELSE trunc({limited} * {_double(float(rule.unit))}) END"
    )


def _texts(words: Iterable[str]) -> str:
    return ", ".join(map(text, words))


def _choice(names: Sequence[str]) -> str:
    """The first of the nearest segments."""
    last = len(names)
    whens = "".join(
        f"\n    WHEN {' AND '.join(f'd.d{n} <= d.d{other}' for other in range(n + 1, last + 1))}"
        f" THEN {text(name)}"
        for n, name in enumerate(names[:-1], 1)
    )
    ends = f"\n    ELSE {text(names[-1])}\n  END" if whens else text(names[-1])
    return (f"CASE{whens}{ends}" if whens else ends) + " AS segment"


# ── known groups ────────────────────────────────────────────────────────────────────────
def _known(cuts: Cuts) -> Layers:
    values = [
        f"{_finite(identifier(column))} AS {name}"
        for name, column in (("days", RECENCY), ("orders", FREQUENCY), ("spent", MONETARY))
    ]
    whens = "".join(
        f"\n    WHEN {_asked(step, cuts)} THEN {text(step.group)}" for step in LADDER[:-1]
    )
    choice = f"CASE{whens}\n    ELSE {text(LADDER[-1].group)}\n  END AS segment"
    return [("v", values), ("r", [choice])]


def _finite(column: str) -> str:
    value = f"CAST(c.{column} AS DOUBLE PRECISION)"
    return f"CASE WHEN {value} > {_LOWEST} AND {value} < {_HIGHEST} THEN {value} END"


def _asked(step: Step, cuts: Cuts) -> str:
    asked = [f"v.days <= {cuts.days[step.days]}"] if step.days is not None else []
    if step.orders is not None:
        asked.append(f"v.orders >= {cuts.orders[step.orders]}")
    if step.spent:
        asked.append(f"v.spent >= {_double(cuts.spent)}")
    return " AND ".join(asked)
