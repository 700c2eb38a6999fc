"""Try: the sample shop, from nothing to something to look at."""

from __future__ import annotations

from dashboard.receipts import Kept, MapInfo
from dashboard.release import Release
from dashboard.workflow.asking import default_plan, known_plan
from dashboard.workflow.buying import buy_map, publish_known
from dashboard.workflow.giving import receive, suggest, suggest_orders
from dashboard.workflow.reducing import keep
from dashboard.workflow.seat import (
    Progress,
    Workspace,
    no_progress,
    sample_orders,
    sample_uploads,
)


def try_sample(
    workspace: Workspace, purpose: str, progress: Progress = no_progress
) -> tuple[Kept, MapInfo]:
    """From nothing to a map of the sample shop."""
    progress(0.0, "Reading the sample shop")
    received = receive(workspace, sample_uploads())
    progress(0.2, "Keeping what may be kept")
    kept = keep(workspace, received.staged_id, suggest(received, purpose))
    plan = default_plan(workspace, kept.dataset_id)
    return kept, buy_map(workspace, kept.dataset_id, plan, progress)


def try_orders(
    workspace: Workspace, purpose: str, progress: Progress = no_progress
) -> tuple[Kept, Release]:
    """From the sample shop's orders to known groups, published."""
    progress(0.0, "Reading the sample shop's orders")
    received = receive(workspace, sample_orders())
    progress(0.3, "Adding orders up")
    kept = keep(workspace, received.staged_id, suggest_orders(received, purpose))
    plan = known_plan(workspace, kept.dataset_id)
    return kept, publish_known(workspace, kept.dataset_id, plan, progress=progress)
