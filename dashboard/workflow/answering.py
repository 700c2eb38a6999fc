"""Answer for it: budgets, the log, and what customers ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from dashboard.errors import BadInputError
from dashboard.receipts import (
    BudgetState,
    Dataset,
    Holding,
    LogLine,
    LogState,
    Request,
    RequestKind,
)
from dashboard.release import Release
from dashboard.workflow.asking import budget
from dashboard.workflow.keeping import datasets, leave_out
from dashboard.workflow.seat import Workspace, note, vault_of

if TYPE_CHECKING:
    from dashboard.privacy.segments import Geometry


def budgets(workspace: Workspace) -> tuple[tuple[tuple[str, ...], BudgetState], ...]:
    """Each customer base that is kept now: the names of its tables, and what is spent and left."""
    from dashboard.records import ledger

    bases: dict[str, list[Dataset]] = {}
    for each in datasets(workspace):
        account = ledger.standing_for(workspace.records, each.lineage)
        bases.setdefault(account, []).append(each)
    return tuple(
        (tuple(each.name for each in kept), budget(workspace, kept[0].id))
        for kept in bases.values()
    )


def audit_log(workspace: Workspace, lines: int = 30) -> LogState:
    """The newest lines of the audit log, and whether every line is as it was written."""
    from dashboard.records import audit

    head = audit.head(workspace.records)
    return LogState(
        lines=tuple(
            LogLine(
                each.seq,
                each.at,
                each.action,
                each.object,
                tuple(f"{name} {value}" for name, value in each.detail.items()),
            )
            for each in audit.entries(workspace.records, limit=lines, actor=workspace.owner)
        ),
        broken_at=audit.verify(workspace.records, vault_of(workspace).audit_key()),
        head=head.hash.partition(":")[2][:12] if head else "",
    )


def requests(workspace: Workspace) -> tuple[Request, ...]:
    """What customers asked of us, open requests first, by the day they are due."""
    from dashboard.records import requests as diary

    return diary.listed(workspace.records, workspace.owner)


def note_request(
    workspace: Workspace, kind: RequestKind, received_on: date, checked_by: str
) -> Request:
    """Note that a customer asked for something, and by when it must be answered."""
    from dashboard.records import requests as diary

    made = diary.add(
        workspace.records,
        owner=workspace.owner,
        kind=kind,
        received_on=received_on,
        checked_by=checked_by,
    )
    note(workspace, "request.noted", made.id, {"kind": kind})
    return made


def look_up(workspace: Workspace, identifier: str) -> tuple[Holding, ...]:
    """Which tables hold a customer's row, what of them is kept there, and their segments.

    For the answer to a customer who asks. Nothing of it is stored; that somebody looked is
    noted, without who was looked up.
    """
    from dashboard.privacy.placing import segment_of
    from dashboard.vault.rights import rows_of

    vault, owner = vault_of(workspace), workspace.owner
    held = []
    for each in datasets(workspace):
        row = rows_of(vault, each.id, owner, [identifier])
        if row.num_rows:
            places = (
                (release.title, segment_of(row, release, geometry))
                for release, geometry in _rules_for(workspace, each)
            )
            held.append(Holding(each, tuple((title, name or "") for title, name in places)))
    note(workspace, "customer.looked_up", "desk", {"tables": len(held)})
    return tuple(held)


def _rules_for(workspace: Workspace, base: Dataset) -> Iterator[tuple[Release, Geometry | None]]:
    """The releases whose rule this table's rows can be asked, each with the map under it."""
    from dashboard.privacy.gate import geometry_of
    from dashboard.records import releases as memory

    kept = {(each.name, each.kind) for each in base.columns}
    for release, map_id in memory.of_lineage(workspace.records, base.lineage, workspace.owner):
        asked = {(each.name, each.kind) for each in (*release.features, *release.profiled)}
        if release.rule is None or not asked <= kept:
            continue
        known = release.rule.cuts is not None
        found = memory.find_map(workspace.records, map_id, workspace.owner)
        yield release, None if known else geometry_of(found.body)


def answer_request(workspace: Workspace, request_id: str, identifier: str) -> tuple[Holding, ...]:
    """Do what a customer asked for, and note what was done, but not for whom.

    Who wants to see what is kept is looked up. Who wants to be erased, or not to be
    grouped, is looked up and then left out. A correction comes with the next file.

    Raises:
        BadInputError: nobody was named.
        NotFoundError: there is no such request.
    """
    from dashboard.records import requests as diary

    asked = diary.find(workspace.records, request_id, workspace.owner)
    if not identifier.strip():
        raise BadInputError("Name the customer by the id that the table's own ids come from.")
    held = look_up(workspace, identifier)
    where = f"{len(held)} table{'' if len(held) == 1 else 's'}"
    outcome = {
        "access": f"found in {where}",
        "correction": f"found in {where}; to be corrected in the next file",
        "erasure": f"erased from {where}, and kept out from now on",
        "objection": f"taken out of {where}, and kept out from now on",
    }[asked.kind]
    if asked.kind in ("erasure", "objection"):
        leave_out(workspace, [identifier])
    now = datetime.now(UTC)
    diary.close(workspace.records, request_id, workspace.owner, outcome=outcome, now=now)
    note(workspace, "request.answered", request_id, {"kind": asked.kind})
    return held
