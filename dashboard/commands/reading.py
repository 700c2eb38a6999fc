"""From a file to a kept table and a plan: what was asked for, held against what was found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, cast

from dashboard import wording, workflow
from dashboard.commands.speaking import Asked, given, tell
from dashboard.errors import BadInputError
from dashboard.plan import DEFAULT_EPSILON, Feature, Plan, preset_bounds
from dashboard.receipts import (
    Answer,
    Choices,
    ColumnFinding,
    Kept,
    Override,
    Received,
    Upload,
)
from dashboard.terms import Bounds, DateReading, Kind, Meaning

PURPOSE: Final = "Customer segments, made from the command line"

NEVER_KEPT: Final = frozenset({"id", "consent"})


def receive(workspace: workflow.Workspace, asked: Asked) -> Received:
    """Read the files, and say on standard error what is wrong with them."""
    received = workflow.receive(workspace, _asked_for(workspace, asked), tell)
    for flaw in received.flaws:
        print(wording.flaw(flaw), file=sys.stderr)
    for each in received.unlisted:
        print(wording.unlisted(each), file=sys.stderr)
    if received.refused:
        print(f"{received.refused} lines could not be read and were left out", file=sys.stderr)
    return received


def _asked_for(workspace: workflow.Workspace, asked: Asked) -> Sequence[Upload]:
    """Files, or a table that the owner declared."""
    if bool(asked.files) == bool(asked.source):
        raise BadInputError("Say what to read: files, or --source with a declared table's name.")
    return workflow.table_uploads(workspace, asked.source) if asked.source else given(asked.files)


def finding(received: Received, name: str) -> ColumnFinding:
    """What was found of a column; a name that the file doesn't have is refused."""
    for each in received.columns:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in received.columns)
    raise BadInputError(f"There is no column “{name}”; the file has: {known}.")


def _feature(received: Received, name: str, asked: Asked) -> Feature:
    """A column as the plan counts it; what may never be counted is refused."""
    found = finding(received, name)
    feature = found.suggested
    if feature is None:
        if found.role in NEVER_KEPT or found.kind not in ("number", "flag", "category"):
            raise BadInputError(f"The column “{name}” can't be a feature: {found.reason}")
        preset = preset_bounds(name) if found.kind == "number" else None
        feature = Feature(name, cast("Kind", found.kind), preset)
    bounds: dict[str, Bounds | None] = dict(asked.bounds)
    feature = _declared(feature, asked)
    if name not in bounds:
        return feature
    if feature.bounds is None:
        raise BadInputError(f"Only numbers have bounds; “{name}” is a {feature.kind}.")
    declared = bounds[name] or feature.bounds
    return replace(feature, bounds=replace(declared, whole=feature.bounds.whole))


def _declared(feature: Feature, asked: Asked) -> Feature:
    """A column with the order of its labels, or the way its dates are written, as asked for."""
    orders, written = dict(asked.order), dict(asked.dates)
    if feature.name in orders:
        if feature.kind not in ("category", "level"):
            raise BadInputError(f"Only labels have an order; “{feature.name}” is a {feature.kind}.")
        return replace(feature, kind="level", domain=orders[feature.name])
    if feature.dates is None:
        return feature
    order = written.get(feature.name, feature.dates.order)
    if order != "ymd" and feature.name not in written:
        raise BadInputError(
            f"Say how the dates of “{feature.name}” are written, so that no customer decides it: "
            f"--dates {feature.name}=dmy for 31/12/2026, =mdy for 12/31/2026."
        )
    return replace(feature, dates=DateReading(order, asked.until or feature.dates.until))


def _unconfirmed(choices: Choices) -> BadInputError:
    """What a file suggests hangs on its customers, so a person has to confirm it."""
    numbers = [each.name for each in choices.kept if each.kind == "number"]
    others = [each.name for each in choices.kept if each.kind != "number"]
    alike, told = (numbers, others) if numbers else (others, [])
    describe = f" --describe {','.join(told)}" if told else ""
    return BadInputError(
        "Say which columns make customers alike: that is yours to decide, not the file's. It "
        f"suggests --features {','.join(alike) or '…'}{describe}."
    )


def _choices(received: Received, asked: Asked) -> Choices:
    """What the findings suggest, with what was asked for in its place; consent only adds."""
    choices = workflow.suggest(received, PURPOSE)
    if not asked.features:
        raise _unconfirmed(choices)
    bounds = dict(asked.bounds)
    wanted = asked.features + asked.describe
    for what, told in (("bounds", bounds), ("an order", asked.order), ("dates", asked.dates)):
        for name in dict(told):
            if name not in wanted:
                raise BadInputError(
                    f"There is {what} for “{name}”, which is not among the features."
                )
    return replace(
        choices,
        id_column=finding(received, asked.id).name if asked.id else choices.id_column,
        consent_columns=consent_columns(received, choices, asked),
        kept=tuple(_feature(received, name, asked) for name in dict.fromkeys(wanted)),
        basis=asked.legal_basis,
        answers=tuple(_answer(each) for each in asked.answer),
        overrides=tuple(Override(name, reason) for name, reason in asked.reason),
    )


def _answer(told: tuple[str, str, str]) -> Answer:
    column, value, meaning = told
    return Answer(column, value, cast("Meaning", meaning))


def _plan(workspace: workflow.Workspace, choices: Choices, asked: Asked) -> Plan:
    try:
        kept = {each.name: each for each in choices.kept}
        return Plan(
            features=tuple(kept[name] for name in asked.features),
            profiled=tuple(kept[name] for name in asked.describe),
            epsilon=DEFAULT_EPSILON if asked.epsilon is None else asked.epsilon,
            min_segment_size=workspace.settings.min_segment_size,
        )
    except ValueError as wrong:
        raise BadInputError(f"This can't be asked: {wrong}.") from None


def keep(workspace: workflow.Workspace, asked: Asked) -> tuple[Kept, Plan]:
    """Keep the files' customers as asked for, with the plan of the map."""
    received = receive(workspace, asked)
    try:
        choices = _choices(received, asked)
        plan = _plan(workspace, choices, asked)
        return workflow.keep(workspace, received.staged_id, choices, tell), plan
    finally:
        workflow.discard(workspace, received.staged_id)


def unknown_ranges(asked: Asked) -> list[str]:
    """The numbers whose ranges are to be bought."""
    return [name for name, bounds in dict(asked.bounds).items() if bounds is None]


def with_ranges(workspace: workflow.Workspace, kept: Kept, plan: Plan, asked: Asked) -> Plan:
    """The plan with the ranges that are bought for it, each told."""
    found = {}
    for name in unknown_ranges(asked):
        found[name] = workflow.buy_range(workspace, kept.dataset_id, name)
        range_ = wording.bounds_words(found[name].low, found[name].high)
        print(f"The range of {name} was bought: {range_}.", file=sys.stderr)

    def fitted(columns: Sequence[Feature]) -> tuple[Feature, ...]:
        return tuple(replace(each, bounds=found.get(each.name, each.bounds)) for each in columns)

    return replace(plan, features=fitted(plan.features), profiled=fitted(plan.profiled))


def consent_columns(received: Received, choices: Choices, asked: Asked) -> tuple[str, ...]:
    """The columns that say who agreed: those that were recognized, and those that were named."""
    named = [finding(received, name).name for name in asked.consent]
    return tuple(dict.fromkeys((*choices.consent_columns, *named)))
