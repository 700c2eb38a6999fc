"""Columns that point to people or to protected facts stay only for a reason that is noted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.detection import LISTS, judged
from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Override, Upload
from dashboard.settings import Settings
from dashboard.terms import GUARDED
from dashboard.workflow import Workspace

ROWS = 60
COLUMNS = {
    "customer_id": lambda row: f"C{row}",
    "orders": lambda row: str(row % 7),
    "gender": lambda row: ("f", "m", "x")[row % 3],
    "religion": lambda row: ("a", "b", "c")[row % 3],
    "last_product": lambda row: ("pan", "prenatal tea", "rug")[row % 3],
    "loyalty_no": lambda row: str(900_000 + row),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workflow.open_workspace(Settings(data_dir=tmp_path / "data"))


def file() -> Upload:
    lines = [",".join(COLUMNS)]
    lines += [",".join(make(row) for make in COLUMNS.values()) for row in range(ROWS)]
    return Upload("a.csv", "\n".join(lines).encode())


@pytest.mark.parametrize("column", ["gender", "religion", "last_product", "loyalty_no"])
def test_a_guarded_column_is_dropped_unasked_and_refused_without_a_reason(
    column: str, workspace: Workspace
) -> None:
    received = workflow.receive(workspace, [file()])
    found = next(each for each in received.columns if each.name == column)
    choices = workflow.suggest(received, "to try")
    assert found.role in GUARDED
    assert column not in [each.name for each in choices.kept]
    assert found.suggested is not None
    asked = replace(choices, kept=(*choices.kept, found.suggested))
    for reasons in ((), (Override(column, "   "),), (Override("orders", "a good reason"),)):
        with pytest.raises(BadInputError, match="only with a reason"):
            workflow.keep(workspace, received.staged_id, replace(asked, overrides=reasons))


def test_a_reason_keeps_the_column_and_is_noted(workspace: Workspace) -> None:
    received = workflow.receive(workspace, [file()])
    choices = workflow.suggest(received, "to try")
    gender = next(each.suggested for each in received.columns if each.name == "gender")
    assert gender is not None
    why = Override("gender", "asked for by the survey of the shoe shop")
    asked = replace(choices, kept=(*choices.kept, gender), overrides=(why,))
    kept = workflow.keep(workspace, received.staged_id, asked)
    assert "gender" in [each.name for each in workflow.dataset(workspace, kept.dataset_id).columns]
    noted = [
        each for each in workflow.audit_log(workspace).lines if each.action == "column.overridden"
    ]
    assert [(each.object, each.detail) for each in noted] == [
        (kept.dataset_id, ("column gender", f"reason {why.reason}"))
    ]


@pytest.mark.parametrize("reason", ["as anna@shop.example asked", "because " * 60])
def test_a_reason_that_the_log_may_not_hold_is_refused_before_anything_is_kept(
    reason: str, workspace: Workspace
) -> None:
    received = workflow.receive(workspace, [file()])
    choices = workflow.suggest(received, "to try")
    gender = next(each.suggested for each in received.columns if each.name == "gender")
    assert gender is not None
    asked = replace(choices, kept=(*choices.kept, gender), overrides=(Override("gender", reason),))
    with pytest.raises(BadInputError, match="fewer words"):
        workflow.keep(workspace, received.staged_id, asked)
    assert workflow.datasets(workspace) == ()


def test_no_list_that_the_rules_were_made_from_lets_a_guarded_column_through() -> None:
    for title, path in LISTS[:2]:
        through = [each for each in judged(path) if each.kept and each.true in _MUST_NOT]
        assert through == [], title


def test_most_guarded_columns_are_found_on_a_list_that_the_rules_were_not_made_from() -> None:
    columns = [each for each in judged(LISTS[2][1]) if each.true in _MUST_NOT]
    assert sum(each.kept for each in columns) <= 0.02 * len(columns)
    assert sum(each.found == each.true for each in columns) >= 0.85 * len(columns)


_MUST_NOT = ("identifier", "consent", "special", "proxy", "free text")
