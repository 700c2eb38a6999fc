"""Show: releases as they were published, and what follows from them."""

from __future__ import annotations

from dashboard.errors import BadInputError
from dashboard.receipts import (
    ReleaseInfo,
)
from dashboard.release import Movement, Release
from dashboard.workflow.seat import Workspace


def releases(workspace: Workspace) -> tuple[ReleaseInfo, ...]:
    """The releases that were published, newest first."""
    from dashboard.records import releases as memory

    return memory.releases(workspace.records, workspace.owner)


def release(workspace: Workspace, release_id: str) -> Release:
    """One release, as it was published."""
    from dashboard.records import releases as memory

    return memory.find_release(workspace.records, release_id, workspace.owner)


def earlier(workspace: Workspace, release_id: str) -> tuple[ReleaseInfo, ...]:
    """Earlier releases that answer the same question of the same customer base, newest first."""
    from dashboard.privacy.movement import comparable

    infos = releases(workspace)
    when = {each.id: each.created_at for each in infos}
    base, later = _base_of(workspace, release_id), release(workspace, release_id)
    return tuple(
        each
        for each in infos
        if each.created_at < when[release_id]
        and _base_of(workspace, each.id) == base
        and comparable(release(workspace, each.id), later)
    )


def movement(workspace: Workspace, release_id: str, other_id: str) -> Movement:
    """What changed between two releases of one customer base; free, from noisy numbers only.

    Raises:
        BadInputError: they are of different customer bases, or answer different questions.
        NotFoundError: one of them is not here.
    """
    from dashboard.privacy.movement import movement_of

    if _base_of(workspace, release_id) != _base_of(workspace, other_id):
        raise BadInputError(
            "These releases are of different customer bases, so nothing moved between them."
        )
    when = {each.id: each.created_at for each in releases(workspace)}
    first, second = sorted((release_id, other_id), key=lambda each: when[each])
    return movement_of(release(workspace, first), release(workspace, second))


def _base_of(workspace: Workspace, release_id: str) -> str:
    from dashboard.records import ledger
    from dashboard.records import releases as memory

    lineage = memory.lineage_of(workspace.records, release_id, workspace.owner)
    return ledger.standing_for(workspace.records, lineage)
