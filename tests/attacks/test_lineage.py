"""Attempts to begin afresh: merged, padded and renamed customer bases."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from dashboard import workflow
from dashboard.errors import BudgetExceededError
from dashboard.plan import Feature, Plan
from dashboard.receipts import Kept, Upload
from dashboard.records import ledger
from dashboard.settings import Settings
from dashboard.workflow import Workspace
from tests.attacks import planted
from tests.attacks.conftest import PLAN, give

pytestmark = pytest.mark.attack


class Failing:
    """A tap that breaks, as a machine that loses power would."""

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        raise KeyboardInterrupt


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


def test_a_drained_part_leaves_nothing_to_the_whole(workspace: Workspace) -> None:
    """Clamped to the cap: whoever is in the drained part has lost all that was agreed."""
    table = planted.rows(6_000)
    _, large = give(workspace, table[:4_800])
    _, small = give(workspace, table[4_800:])
    spend(workspace, large, 1.0)
    for epsilon in (2.5, 2.4, 2.0, 1.0, 0.5):
        with suppress(BudgetExceededError):
            spend(workspace, small, epsilon)
    _, whole = give(workspace, table)
    with pytest.raises(BudgetExceededError, match="these customers"):
        spend(workspace, whole, 1.5)
    state = workflow.budget(workspace, whole.dataset_id)
    assert state.spent.epsilon <= 3
    assert "joined" in {each.purpose for each in state.charges}
    ledger.check(workspace.records)


def test_one_address_changed_in_each_file_does_not_hide_those_without_any(
    workspace: Workspace,
) -> None:
    paid = 0.0
    for turn in range(3):
        table = [["", "", *row[2:]] for row in planted.rows(3_000)]
        table[0][1] = f"other{turn}@shop.example"
        received = workflow.receive(workspace, [Upload("shop.csv", planted.as_csv(table))])
        choices = replace(workflow.suggest(received, "to try"), id_column=None)
        kept = workflow.keep(workspace, received.staged_id, choices)
        assert spent(workspace, kept) == pytest.approx(paid)
        spend(workspace, kept, 0.5)
        paid = spent(workspace, kept)


def test_a_purchase_that_a_merger_interrupted_is_resumed_at_its_price(
    workspace: Workspace,
) -> None:
    """A crash after the charge, then a file that joins the base to another, then the resume."""
    table = planted.rows(5_000)
    _, large = give(workspace, table[:3_500])
    _, small = give(workspace, table[3_500:])
    plan = Plan(PLAN.features, epsilon=1.0)
    quoted = workflow.quote(workspace, small.dataset_id, plan).map_spent.rho
    with pytest.raises(KeyboardInterrupt):
        workflow.buy_map(replace(workspace, noise=Failing()), small.dataset_id, plan)
    paid = spent(workspace, small)
    assert paid > 0
    _, whole = give(workspace, table)
    assert workflow.dataset(workspace, whole.dataset_id).lineage != (
        workflow.dataset(workspace, small.dataset_id).lineage
    )
    workflow.buy_map(workspace, small.dataset_id, plan)
    for kept in (whole, large, small):
        assert spent(workspace, kept) == pytest.approx(quoted)


def test_equal_rows_are_the_same_people_also_where_their_addresses_were_left_out(
    workspace: Workspace,
) -> None:
    kept_features = (Feature("age", "number", PLAN.features[0].bounds),)
    outcomes = []
    for mails in (True, False):
        rows = planted.rows(3_000)
        table = [["", row[1] if mails else "", *row[2:]] for row in rows]
        received = workflow.receive(workspace, [Upload("shop.csv", planted.as_csv(table))])
        choices = replace(workflow.suggest(received, "to try"), id_column=None, kept=kept_features)
        kept = workflow.keep(workspace, received.staged_id, choices)
        outcomes.append(workflow.dataset(workspace, kept.dataset_id).lineage)
    assert outcomes[0] == outcomes[1]


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


def test_each_demo_visit_has_a_workspace_of_its_own(settings: Settings) -> None:
    demo = replace(settings, mode="demo", epsilon_cap=1.0, workspace_epsilon_cap=1.0)
    for visit in ("one", "two"):
        workspace = workflow.open_workspace(demo, visit)
        received = workflow.receive(workspace, workflow.sample_uploads())
        kept = workflow.keep(workspace, received.staged_id, workflow.suggest(received, "to try"))
        assert spent(workspace, kept) == 0
        plan = workflow.default_plan(workspace, kept.dataset_id)
        workflow.buy_map(workspace, kept.dataset_id, plan)


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
        except BudgetExceededError as refusal:
            outcomes.append(str(refusal))
    *bought, refused = outcomes
    assert bought == ["bought", "bought"]
    assert "all customers of this workspace" in refused
    plan = Plan(PLAN.features, epsilon=3.0)
    assert not workflow.quote(workspace, kept.dataset_id, plan).affordable


def test_a_new_id_beside_the_old_one_does_not_begin_afresh(workspace: Workspace) -> None:
    """Each row twice, so that the old id is different for no more than half of the rows."""
    table = planted.rows(3_000)
    _, before = give(workspace, table)
    spend(workspace, before, 1.0)
    again = [[f"Z{n}", row[0], *row[2:]] for n, row in enumerate(table) for _ in range(2)]
    text = planted.as_csv(again).replace(b"customer_id,email,", b"client_id,customer_id,", 1)
    received = workflow.receive(workspace, [Upload("shop.csv", text)])
    choices = replace(workflow.suggest(received, "to try"), id_column="client_id")
    after = workflow.keep(workspace, received.staged_id, choices)
    assert spent(workspace, after) == spent(workspace, before) > 0


def test_rows_that_are_dropped_hide_no_address(workspace: Workspace) -> None:
    """Padding without an id changes no answer, and no longer what a column seems to be."""
    table = planted.rows(3_000)
    _, before = give(workspace, table)
    spend(workspace, before, 1.0)
    renamed = [[f"B{n}", *row[1:]] for n, row in enumerate(table)]
    padding = [["", "none given", *[""] * (len(table[0]) - 2)]] * 2_400
    _, after = give(workspace, renamed + padding)
    assert spent(workspace, after) == spent(workspace, before) > 0
