"""A purchase that a crash cut off: the screen says what happened, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import workflow
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.settings import Settings
from dashboard.ui import words
from dashboard.workflow import Workspace
from tests.app.test_pages import press, told
from tests.attacks import planted
from tests.attacks.conftest import give

SAID = "has no answer yet"


class Failing:
    """A tap that ends the program at the given draw, as a machine that loses power would."""

    def __init__(self, draws: int) -> None:
        self.left, self.tap = draws, DiscreteGaussianNoise()

    def add(self, exact, sigma_squared):  # type: ignore[no-untyped-def]
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        return self.tap.add(exact, sigma_squared)


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workspace:
    monkeypatch.setenv("DASHBOARD_DATA_DIR", str(tmp_path))
    return workflow.open_workspace(Settings(data_dir=tmp_path))


@pytest.mark.parametrize("draws", [0, 1, 3])
def test_the_screen_says_what_was_paid_and_has_no_answer_until_it_is_asked_again(
    draws: int, workspace: Workspace, visit: Callable[..., AppTest]
) -> None:
    _, kept = give(workspace, planted.rows(2_500))
    plan = workflow.default_plan(workspace, kept.dataset_id)
    with pytest.raises(KeyboardInterrupt):
        dying = replace(workspace, noise=Failing(draws))
        workflow.buy_map(dying, kept.dataset_id, plan)

    app = visit("segments", dataset=kept.dataset_id)
    app.default_timeout = 120
    assert not app.error
    assert SAID in told(app)
    assert workflow.maps(workspace) == ()

    press(app, words.BUY_MAP)
    assert not app.error
    assert SAID not in told(app)
    spent = workflow.budget(workspace, kept.dataset_id).spent.rho
    assert spent == pytest.approx(workflow.quote(workspace, kept.dataset_id, plan).map_spent.rho)


def test_a_publishing_that_was_cut_off_is_told_and_finished_too(
    workspace: Workspace, visit: Callable[..., AppTest]
) -> None:
    _, kept = give(workspace, planted.rows(2_500))
    plan = workflow.default_plan(workspace, kept.dataset_id)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    with pytest.raises(KeyboardInterrupt):
        workflow.publish(replace(workspace, noise=Failing(2)), bought.id)

    app = visit("segments", dataset=kept.dataset_id, map=bought.id)
    app.default_timeout = 120
    assert SAID in told(app)
    assert workflow.releases(workspace) == ()
    press(app, words.PUBLISH)
    assert not app.error
    assert SAID not in told(app)
    assert len(workflow.releases(workspace)) == 1
