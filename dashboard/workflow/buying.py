"""Buy, explore and publish: a map once, any number of segments for free, a release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from dashboard.errors import BadInputError
from dashboard.plan import MAX_SEGMENTS, MIN_SEGMENTS, Plan
from dashboard.receipts import (
    MapInfo,
)
from dashboard.release import Exploration, Release
from dashboard.workflow.asking import check_smallest
from dashboard.workflow.hearing import hear_choices
from dashboard.workflow.keeping import dataset
from dashboard.workflow.seat import Progress, Workspace, commit, gate_of, no_progress, note

DEFAULT_TITLE: Final = "Customer segments"

KNOWN_TITLE: Final = "Champions to Lost"


def buy_map(
    workspace: Workspace, dataset_id: str, plan: Plan, progress: Progress = no_progress
) -> MapInfo:
    """Buy the noisy map of a customer base; the same table and plan is never charged twice.

    Raises:
        BudgetExceededError: the customer base has not enough left.
        NotEnoughDataError: there are too few customers; the sentence says what would help.
    """
    base = dataset(workspace, hear_choices(workspace).get(dataset_id, dataset_id))
    check_smallest(workspace, plan)
    progress(0.1, "Counting customers")
    commit(progress)
    map_id = gate_of(workspace).buy_map(base, plan, base.name, datetime.now(UTC), progress)
    note(workspace, "map.bought", map_id, {"epsilon": plan.epsilon})
    return next(each for each in maps(workspace) if each.id == map_id)


def maps(workspace: Workspace) -> tuple[MapInfo, ...]:
    """The maps that were bought, newest first."""
    from dashboard.privacy.pricing import map_infos
    from dashboard.records import releases as memory

    return map_infos(memory.maps(workspace.records, workspace.owner))


def explore(workspace: Workspace, map_id: str, segments: int | None = None) -> Exploration:
    """Segments as the map shows them, for any number (``None``: the suggested one); free."""
    from dashboard.privacy.gate import explored
    from dashboard.records import releases as memory

    _check_segments(segments)
    body = memory.find_map(workspace.records, map_id, workspace.owner).body
    return explored(map_id, body, segments)


def _check_segments(segments: int | None) -> None:
    if segments is not None and not MIN_SEGMENTS <= segments <= MAX_SEGMENTS:
        raise BadInputError(f"Choose between {MIN_SEGMENTS} and {MAX_SEGMENTS} segments.")


def publish(
    workspace: Workspace,
    map_id: str,
    segments: int | None = None,
    names: Sequence[str] = (),
    title: str = "",
    progress: Progress = no_progress,
) -> Release:
    """Buy sharp centers, sizes and profiles for the chosen segments: an immutable release.

    The names are those of the segments in the order in which :func:`explore` shows them.

    Raises:
        BudgetExceededError: the customer base has not enough left.
        NotFoundError: the map is gone, or its customer table ended before this was bought.
    """
    from dashboard.privacy.gate import geometry_of
    from dashboard.records import register
    from dashboard.records import releases as memory

    _check_segments(segments)
    found = memory.find_map(workspace.records, map_id, workspace.owner)
    geometry = geometry_of(found.body)
    progress(0.1, "Looking at the map")
    commit(progress)
    made = gate_of(workspace).publish(
        register.recall_dataset(workspace.records, found.dataset_id, workspace.owner),
        map_id,
        geometry.suggestion[0] if segments is None else segments,
        [plain(each) for each in names],
        _titled(title, DEFAULT_TITLE),
        datetime.now(UTC),
        progress,
    )
    note(workspace, "release.published", made.id, {"segments": len(made.segments)})
    return made


def publish_known(
    workspace: Workspace,
    dataset_id: str,
    plan: Plan,
    title: str = "",
    progress: Progress = no_progress,
) -> Release:
    """Buy sizes and profiles of the known groups, Champions to Lost: an immutable release.

    The same table and plan is never charged twice; another title is free.

    Raises:
        BudgetExceededError: the customer base has not enough left.
        NotEnoughDataError: no group is large enough to be shown.
    """
    check_smallest(workspace, plan)
    base = dataset(workspace, hear_choices(workspace).get(dataset_id, dataset_id))
    progress(0.1, "Looking at the groups")
    commit(progress)
    made = gate_of(workspace).publish_known(
        base,
        plan,
        _titled(title, KNOWN_TITLE),
        datetime.now(UTC),
        progress,
    )
    note(workspace, "release.published", made.id, {"segments": len(made.segments)})
    return made


def _titled(title: str, otherwise: str) -> str:
    return plain(title)[:100] or otherwise


def plain(text: str) -> str:
    """What a person typed, on one line, without signs that turn text around or can't be seen."""
    from dashboard.vault.headers import UNSEEN

    return " ".join(re.sub(UNSEEN, " ", text).split())
