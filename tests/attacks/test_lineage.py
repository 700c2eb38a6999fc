"""Attempts to begin afresh: merged, padded and renamed customer bases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard import workflow
from dashboard.errors import BudgetExceededError
from dashboard.plan import Plan
from dashboard.receipts import Kept, Upload
from dashboard.settings import Settings
from dashboard.workflow import Workspace
from tests.attacks import planted
from tests.attacks.conftest import PLAN, give

pytestmark = pytest.mark.attack


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return workflow.open_workspace(settings)


def spent(workspace: Workspace, kept: Kept) -> float:
    return workflow.budget(workspace, kept.dataset_id).spent.rho


def spend(workspace: Workspace, kept: Kept, epsilon: float) -> None:
    workflow.buy_map(workspace, kept.dataset_id, Plan(PLAN.features, epsilon=epsilon))


def test_joined_bases_have_spent_what_both_have(workspace: Workspace) -> None:
    table = planted.rows(5_000)
    _, large = give(workspace, table[:3_500])
    _, small = give(workspace, table[3_500:])
    spend(workspace, large, 1.0)
    spend(workspace, small, 2.0)
    paid = spent(workspace, large) + spent(workspace, small)
    _, whole = give(workspace, table)
    for kept in (whole, large, small):
        assert spent(workspace, kept) == pytest.approx(paid)
    spend(workspace, small, 0.5)
    assert spent(workspace, whole) == spent(workspace, large) > paid


def test_padding_with_made_customers_does_not_begin_afresh(workspace: Workspace) -> None:
    real = planted.rows(400)
    paid = 0.0
    for turn in range(3):
        made = [
            [f"X{turn}-{row[0]}", f"x{turn}{row[1]}", *row[2:]]
            for row in planted.rows(9_000, canary=False, seed=turn)
        ]
        _, kept = give(workspace, real + made)
        assert spent(workspace, kept) == pytest.approx(paid)
        spend(workspace, kept, 0.5)
        paid = spent(workspace, kept)


def test_another_id_column_does_not_begin_afresh(workspace: Workspace) -> None:
    table = planted.as_csv(planted.rows(3_000))
    paid = 0.0
    for id_column in ("customer_id", "email", None):
        received = workflow.receive(workspace, [Upload("shop.csv", table)])
        choices = replace(workflow.suggest(received, "to try"), id_column=id_column)
        kept = workflow.keep(workspace, received.staged_id, choices)
        assert spent(workspace, kept) == pytest.approx(paid)
        spend(workspace, kept, 0.5)
        paid = spent(workspace, kept)


def test_rewritten_ids_run_into_the_workspace_s_cap(settings: Settings) -> None:
    workspace = workflow.open_workspace(replace(settings, workspace_epsilon_cap=3.5))
    outcomes = []
    for turn in range(3):
        renamed = [[f"{turn}{row[0]}", f"{turn}{row[1]}", *row[2:]] for row in planted.rows(3_000)]
        _, kept = give(workspace, renamed)
        assert spent(workspace, kept) == 0
        try:
            spend(workspace, kept, 3.0)
            outcomes.append("bought")
        except BudgetExceededError:
            outcomes.append("refused")
    assert outcomes == ["bought", "bought", "refused"]
