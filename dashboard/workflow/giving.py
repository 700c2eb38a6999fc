"""Give: files are read, judged and held encrypted, until somebody chooses what is kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dashboard import rfm
from dashboard.errors import BadInputError
from dashboard.receipts import (
    Choices,
    Declared,
    Listed,
    Orders,
    Received,
    Unlisted,
    Upload,
)
from dashboard.rfm import Cuts
from dashboard.sources import SourceTable
from dashboard.workflow.keeping import discard, take_out
from dashboard.workflow.seat import (
    SAMPLES,
    Progress,
    Workspace,
    commit,
    no_progress,
    note,
    vault_of,
)
from dashboard.workflow.showing import releases

if TYPE_CHECKING:
    from dashboard.vault.intake import Reading
    from dashboard.vault.unseen import Far


SAMPLE_DAY: Final = date(2026, 9, 1)
"""The day on which the sample shop is looked at."""

STAGED_MINUTES: Final = 60
"""How long an upload waits, encrypted, for its giver's choices."""


def receive(
    workspace: Workspace, uploads: Sequence[Upload], progress: Progress = no_progress
) -> Received:
    """Read and check files, say what each column is; hold them encrypted for an hour.

    Raises:
        BadInputError: a file can't be read; the sentence says where and what to do.
    """
    from dashboard.vault.turns import turn

    with turn(progress):
        return _receive(workspace, uploads, progress)


def _receive(workspace: Workspace, uploads: Sequence[Upload], progress: Progress) -> Received:
    reading = _reading(workspace, uploads, lambda part, doing: progress(0.9 * part, doing))
    vault, now = vault_of(workspace), datetime.now(UTC)
    vault.purge(now)
    staged_id = vault.stage(
        reading, owner=workspace.owner, expires_at=now + timedelta(minutes=STAGED_MINUTES)
    )
    with ExitStack() as undo:  # whatever ends this now leaves nothing
        undo.callback(discard, workspace, staged_id)
        progress(0.9, "Looking at what is in the columns")
        received = _found(workspace, staged_id, reading, _day_of(uploads))
        commit(progress)
        undo.pop_all()
    return received


def _found(workspace: Workspace, staged_id: str, reading: Reading, day: date | None) -> Received:
    """What the columns of a waiting upload seem to be."""
    from dashboard.vault import answers, columns, consent, quality
    from dashboard.vault.order_columns import recognized, written
    from dashboard.vault.texts import looked_at

    vault = vault_of(workspace)
    raw = vault.texts(staged_id, workspace.owner)
    if raw.far is not None and raw.declared is not None:
        return _received_far(staged_id, raw.far, raw.declared)
    some = looked_at(raw)
    findings = columns.describe(some)
    found = recognized(findings)
    asked = [each.name for each in findings if each.role == "consent"]
    blanked = raw.declared.consent if raw.declared else ()
    return Received(
        staged_id=staged_id,
        file_names=reading.file_names,
        rows=raw.num_rows,
        refused=reading.refused,
        refused_lines=tuple(reading.refused_lines),
        columns=findings,
        masked_rows=() if raw.declared else columns.masked_rows(some, findings),
        orders=replace(found, written=written(raw.column(found.day)), of_day=day)
        if found
        else None,
        flaws=quality.flaws(
            consent.without_noes(some, blanked), findings, datetime.now(UTC).date()
        ),
        unlisted=answers.unlisted(vault, workspace.owner, raw, asked),
        declared=raw.declared,
    )


def _received_far(staged_id: str, far: Far, told: Declared) -> Received:
    """What can be said of a table without looking at a row of it."""
    from dashboard.vault import unseen

    return Received(
        staged_id=staged_id,
        file_names=(far.source,),
        rows=far.rows,
        refused=0,
        refused_lines=(),
        columns=unseen.findings(far, told.id),
        masked_rows=(),
        declared=told,
    )


def unlisted(
    workspace: Workspace, received: Received, consent_columns: Sequence[str]
) -> tuple[Unlisted, ...]:
    """The answers in the chosen consent columns that nobody has given a meaning yet."""
    from dashboard.vault import answers

    known = {each.name for each in received.columns if each.role == "consent"}
    more = [name for name in consent_columns if name not in known]
    told = tuple(each for each in received.unlisted if each.column in consent_columns)
    if not more:
        return told
    vault, owner = vault_of(workspace), workspace.owner
    raw = vault.texts(received.staged_id, owner)
    if raw.declared is not None:
        more = [name for name in more if name in raw.declared.consent]
    return (*told, *answers.unlisted(vault, owner, raw, more))


def _reading(workspace: Workspace, uploads: Sequence[Upload], progress: Progress) -> Reading:
    from dashboard.vault import folder
    from dashboard.vault.intake import Reading

    if workspace.settings.mode == "demo" and any(each.content not in SAMPLES for each in uploads):
        raise BadInputError("The demo works with the sample shop only.")
    files = tuple(each for each in uploads if not isinstance(each.content, SourceTable))
    local = folder.are_in(workspace.settings.folder, files)
    return Reading(
        uploads,
        max_bytes=folder.MAX_BYTES if local else workspace.settings.max_upload_mb * 2**20,
        memory_limit_mb=workspace.settings.memory_limit_mb,
        progress=progress,
        channels=workspace.settings.channel_opt_outs == "strict",
    )


def _day_of(uploads: Sequence[Upload]) -> date | None:
    """The day that a file is of: the sample shop's, or a day in its name; never one in its rows."""
    if all(isinstance(each.content, Path) and _is_sample(each.content) for each in uploads):
        return SAMPLE_DAY
    named = re.search(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", uploads[0].name)
    try:
        day = date.fromisoformat(named[0]) if named else None
    except ValueError:
        return None
    return day if day and day <= datetime.now(UTC).date() else None


def _is_sample(path: Path) -> bool:
    return path.resolve() in SAMPLES


def suggest(received: Received, purpose: str) -> Choices:
    """The choices that the findings suggest, for people who agree with them."""
    by_role = {role: [each for each in received.columns if each.role == role] for role in _ROLES}
    told = received.declared
    ids = [told.id] if told else [each.name for each in by_role["id"]]
    kept = [each.suggested for each in by_role["feature"] + by_role["category"] if each.suggested]
    kept = [each for each in kept if each.name not in ids]
    answers = [*(each.name for each in by_role["consent"]), *(told.consent if told else ())]
    births = [each.name for each in by_role["birth"]]
    ages = [*births, *(each.name for each in kept if each.name.casefold() in AGES)]
    return Choices(
        purpose=purpose,
        id_column=ids[0] if ids else None,
        consent_columns=tuple(dict.fromkeys(answers)),
        kept=tuple(kept),
        age_column=ages[0] if ages else None,
        name=received.file_names[0] if received.file_names else "",
    )


def suggest_orders(
    received: Received,
    purpose: str,
    until: date | None = None,
    cuts: Cuts | None = None,
    orders: Orders | None = None,
) -> Choices:
    """The choices that add orders up to one row per customer, for known groups.

    Args:
        received: what was found in the files.
        purpose: what the groups are for.
        until: the day from which recency counts back. If none is declared, a day in the
            file's name, else today (UTC); never the last day in the file, which one
            customer decides.
        cuts: where recency, frequency and monetary value are cut; the usual ones if not given.
        orders: how the file is read; as it was recognized if not given.

    Raises:
        BadInputError: the file doesn't look like orders, and nobody said how to read it.
    """
    told = orders or received.orders
    if told is None:
        raise BadInputError(
            "This doesn't look like a file of orders. It needs a customer, the day of the order "
            "and an amount; name their columns."
        )
    return replace(
        suggest(received, purpose),
        id_column=told.customer,
        kept=rfm.features(until or told.of_day or datetime.now(UTC).date()),
        age_column=None,
        orders=told,
        cuts=cuts or Cuts(),
    )


_ROLES: Final = ("id", "consent", "birth", "feature", "category")

AGES: Final = ("age", "customer_age", "customer age", "alter", "âge", "edad")


def suppress(
    workspace: Workspace, uploads: Sequence[Upload], progress: Progress = no_progress
) -> Listed:
    """Put everybody who says no in these files on the list that every later table is held against.

    Whoever is in a table that is kept now, under an id that is in the file, is taken out.

    Exports of who unsubscribed are read as they are, and so is a plain list with a
    header. Only keyed codes are kept; the files for each CRM can be made now and never
    again.

    Raises:
        BadInputError: a file can't be read, or no column tells who somebody is.
    """
    from dashboard.vault import handback, suppression
    from dashboard.vault.turns import turn

    if any(isinstance(each.content, SourceTable) for each in uploads):
        raise BadInputError(
            "A list of who says no is given as a file. Name the answers of a declared table in "
            "its consent instead."
        )
    with turn(progress):
        raw = _reading(workspace, uploads, progress).whole().table
    refusing, names = suppression.refusals(raw)
    ids = suppression.ids_of(raw, refusing, names)
    today = datetime.now(UTC).date()
    added, known = suppression.suppress(vault_of(workspace), workspace.owner, ids, today)
    note(workspace, "suppressions.added", "list", {"some": added > 0})
    take_out(workspace, ids.unique().to_pylist())
    return Listed(
        rows=int(refusing.sum()),
        added=added,
        known=known,
        way_back=handback.way_back(suppression.addresses(ids)),
    )


def waiting(workspace: Workspace) -> int:
    """How many ids came onto the list since the last release: they count from the next one on."""
    from dashboard.vault import suppression

    published = releases(workspace)
    last = published[0].created_at.date() if published else None
    return suppression.since(vault_of(workspace), workspace.owner, last)
