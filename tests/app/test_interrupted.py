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
    dying = replace(workspace, noise=Failing(draws))
    price = workflow.quote(workspace, kept.dataset_id, plan).map_spent.rho
    with pytest.raises(KeyboardInterrupt):
        workflow.buy_map(dying, kept.dataset_id, plan)

    app = visit("segments", dataset=kept.dataset_id)
    app.default_timeout = 120
    assert not app.error
    assert SAID in told(app)
    assert workflow.maps(workspace) == ()

    press(app, words.BUY_MAP)
    assert not app.error
    assert SAID not in told(app)
    assert workflow.budget(workspace, kept.dataset_id).spent.rho == pytest.approx(price)


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


def test_what_was_paid_can_be_had_also_where_nothing_more_could_be_bought(
    workspace: Workspace,
) -> None:
    """A whole cap is spent on one map; a crash cuts it off; the price is then nothing."""
    from dashboard.privacy.accounting import count_price, map_price

    _, kept = give(workspace, planted.rows(2_500))
    plan = replace(workflow.default_plan(workspace, kept.dataset_id), epsilon=3.0)
    for epsilon in (2.0, 1.0):
        workflow.buy_map(workspace, kept.dataset_id, replace(plan, epsilon=epsilon))
    dying = replace(workspace, noise=Failing(1))
    with pytest.raises(KeyboardInterrupt):
        workflow.buy_map(dying, kept.dataset_id, plan)
    whole = (count_price(plan) + map_price(plan)).rho_units
    left = workflow.budget(workspace, kept.dataset_id)
    assert left.cap.rho - left.spent.rho < whole * 1e-9

    quote = workflow.quote(workspace, kept.dataset_id, plan)
    assert quote.map_spent.rho == 0
    assert quote.affordable
    assert workflow.buy_map(workspace, kept.dataset_id, plan)
    assert workflow.budget(workspace, kept.dataset_id).spent == left.spent


def test_the_price_that_is_told_is_what_the_ledger_charges(workspace: Workspace) -> None:
    _, kept = give(workspace, planted.rows(2_500))
    plan = workflow.default_plan(workspace, kept.dataset_id)

    def spent() -> float:
        return workflow.budget(workspace, kept.dataset_id).spent.rho

    told = workflow.quote(workspace, kept.dataset_id, plan)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    assert spent() == told.map_spent.rho
    assert workflow.quote(workspace, kept.dataset_id, plan).map_spent.rho == 0
    for segments in (2, 3):
        before = spent()
        price = workflow.quote_publish(workspace, bought.id, segments).publish_spent.rho
        assert price == told.publish_spent.rho
        release = workflow.publish(workspace, bought.id, segments)
        assert spent() == pytest.approx(before + price, abs=1e-12)
        assert release.budget.rho == pytest.approx(told.map_spent.rho + price, abs=1e-12)
        assert workflow.quote_publish(workspace, bought.id, segments).publish_spent.rho == 0
