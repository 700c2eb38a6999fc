"""The verbs, end to end on the sample shop, without a screen."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard import workflow
from dashboard.errors import BadInputError, ConfigurationError, NotFoundError
from dashboard.plan import Plan
from dashboard.receipts import Kept, Received, Upload
from dashboard.settings import Settings
from dashboard.vault import columns, shares
from dashboard.workflow import Workspace, warming

ROOT = Path(__file__).resolve().parents[1]


def keep_sample(workspace: Workspace) -> tuple[Received, Kept]:
    received = workflow.receive(workspace, workflow.sample_uploads())
    return received, workflow.keep(
        workspace, received.staged_id, workflow.suggest(received, "to try")
    )


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return workflow.open_workspace(settings)


def test_columns_are_judged_once_when_a_file_is_given_and_once_when_it_is_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged, describe = [], columns.describe
    monkeypatch.setattr(columns, "describe", lambda *of: judged.append(1) or describe(*of))
    keep_sample(workspace)
    assert len(judged) == 2


def test_the_main_job_from_a_file_to_a_link(workspace: Workspace) -> None:
    received, kept = keep_sample(workspace)
    assert received.rows > kept.customers > 15_000
    assert kept.said_no > 0
    assert kept.minors > 0
    assert kept.duplicates > 0
    plan = workflow.default_plan(workspace, kept.dataset_id)
    quote = workflow.quote(workspace, kept.dataset_id, plan)
    assert quote.affordable
    assert quote.releases_left == 7
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    explored = workflow.explore(workspace, bought.id)
    release = workflow.publish(workspace, bought.id, explored.k, title="Autumn")
    assert release.title == "Autumn"
    assert abs(release.total.value - kept.customers) < 400
    assert abs(release.segments[0].size - explored.segments[0].size) < 1_000
    made = workflow.share(workspace, release.id)
    assert made.path.startswith("/s/")
    assert workflow.links(workspace, release.id) == (made.link,)
    budget = workflow.budget(workspace, kept.dataset_id)
    assert budget.spent == release.budget
    assert budget.releases_left == 6


def test_a_file_whose_customers_are_dealt_out_is_kept_like_any_other(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, whole = keep_sample(workspace)
    monkeypatch.setattr(shares, "MOST_ROWS", 1000)
    monkeypatch.setattr(shares, "MOST_IN_SHARE", 1000)
    told: list[str] = []
    received = workflow.receive(workspace, workflow.sample_uploads())
    choices = workflow.suggest(received, "to try")
    kept = workflow.keep(
        workspace, received.staged_id, choices, lambda _, doing: told.append(doing)
    )
    assert replace(kept, dataset_id=whole.dataset_id) == whole
    assert "Dealing out the rows by customer" in told
    one, other = workflow.datasets(workspace)
    assert one.lineage == other.lineage
    assert workflow.buy_map(workspace, kept.dataset_id, Plan(choices.kept[:3])).id


def test_a_price_told_is_the_price_charged(workspace: Workspace) -> None:
    _, kept = keep_sample(workspace)
    plan = replace(workflow.default_plan(workspace, kept.dataset_id), epsilon=0.4)
    quote = workflow.quote(workspace, kept.dataset_id, plan)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    assert workflow.budget(workspace, kept.dataset_id).spent == quote.map_spent
    workflow.publish(workspace, bought.id, 4)
    spent = workflow.budget(workspace, kept.dataset_id).spent.rho
    assert spent == pytest.approx(quote.map_spent.rho + quote.publish_spent.rho)


def test_work_survives_a_restart(workspace: Workspace, settings: Settings) -> None:
    _, kept = keep_sample(workspace)
    plan = workflow.default_plan(workspace, kept.dataset_id)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    release = workflow.publish(workspace, bought.id, 5)
    workflow.seat._stores.cache_clear()
    again = workflow.open_workspace(settings)
    assert again.records is not workspace.records
    assert workflow.maps(again) == (bought,)
    assert workflow.release(again, release.id) == release
    assert workflow.dataset(again, kept.dataset_id).id == kept.dataset_id


@pytest.mark.parametrize("purpose", ["", "  "])
def test_no_table_is_kept_without_a_purpose_whoever_asks(
    purpose: str, workspace: Workspace
) -> None:
    received = workflow.receive(workspace, workflow.sample_uploads())
    choices = workflow.suggest(received, purpose)
    with pytest.raises(BadInputError, match="used for"):
        workflow.keep(workspace, received.staged_id, choices)
    assert workflow.datasets(workspace) == ()


def test_an_upload_that_was_kept_can_not_be_kept_again(workspace: Workspace) -> None:
    received, _ = keep_sample(workspace)
    with pytest.raises(NotFoundError):
        workflow.keep(workspace, received.staged_id, workflow.suggest(received, "again"))


def test_a_destroyed_table_is_gone_and_its_release_stays(workspace: Workspace) -> None:
    _, kept = keep_sample(workspace)
    plan = workflow.default_plan(workspace, kept.dataset_id)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    release = workflow.publish(workspace, bought.id, 5)
    workflow.destroy(workspace, kept.dataset_id)
    with pytest.raises(NotFoundError):
        workflow.dataset(workspace, kept.dataset_id)
    assert workflow.release(workspace, release.id) == release
    assert workflow.explore(workspace, bought.id).map_id == bought.id


def test_what_was_bought_can_be_published_anew_after_the_table_ended(workspace: Workspace) -> None:
    _, kept = keep_sample(workspace)
    bought = workflow.buy_map(
        workspace, kept.dataset_id, workflow.default_plan(workspace, kept.dataset_id)
    )
    workflow.publish(workspace, bought.id, 5)
    spent = workflow.budget(workspace, kept.dataset_id).spent
    workflow.destroy(workspace, kept.dataset_id)
    assert workflow.publish(workspace, bought.id, 5, title="Anew").title == "Anew"
    with pytest.raises(NotFoundError):
        workflow.publish(workspace, bought.id, 4)
    _, again = keep_sample(workspace)
    assert workflow.budget(workspace, again.dataset_id).spent == spent


def test_a_table_past_its_day_is_purged(workspace: Workspace) -> None:
    _, kept = keep_sample(workspace)
    later = datetime.now(UTC) + timedelta(days=workspace.settings.retention_days + 1)
    assert workflow.purge(workspace, later) == 1
    assert kept.expires_on <= later.date()


def test_a_demo_visit_is_isolated_and_forgotten(settings: Settings) -> None:
    demo = replace(settings, mode="demo")
    one, two = workflow.open_workspace(demo, "visit-1"), workflow.open_workspace(demo, "visit-2")
    _, kept = keep_sample(one)
    plan = workflow.default_plan(one, kept.dataset_id)
    bought = workflow.buy_map(one, kept.dataset_id, plan)
    assert workflow.maps(two) == ()
    with pytest.raises(NotFoundError):
        workflow.explore(two, bought.id)
    workflow.forget(one)
    assert workflow.maps(one) == workflow.datasets(one) == ()
    assert not settings.data_dir.exists()


def test_the_demo_takes_no_other_data(settings: Settings) -> None:
    demo = workflow.open_workspace(replace(settings, mode="demo"), "visit")
    with pytest.raises(BadInputError, match="sample shop only"):
        workflow.receive(demo, [Upload("mine.csv", b"a,b\n1,2\n")])


def test_a_viewer_has_no_rows_to_leak(settings: Settings) -> None:
    viewer = workflow.open_workspace(replace(settings, mode="viewer"))
    assert viewer.vault is None
    with pytest.raises(ConfigurationError, match="only serves shared links"):
        workflow.receive(viewer, workflow.sample_uploads())


@pytest.mark.parametrize("wrong", [0, 1, 13, -5])
def test_a_wrong_number_of_segments_is_refused_in_words(wrong: int, workspace: Workspace) -> None:
    with pytest.raises(BadInputError, match="between 2 and 12"):
        workflow.explore(workspace, "any", wrong)


def test_a_plan_below_the_policy_is_refused(workspace: Workspace) -> None:
    _, kept = keep_sample(workspace)
    plan = replace(workflow.default_plan(workspace, kept.dataset_id), min_segment_size=5)
    with pytest.raises(BadInputError, match="below 11"):
        workflow.buy_map(workspace, kept.dataset_id, plan)


def test_equal_questions_have_equal_fingerprints() -> None:
    from dashboard.plan import Feature
    from dashboard.terms import Bounds

    whole = Plan((Feature("age", "number", Bounds(0, 120)),), epsilon=1)
    same = Plan((Feature("age", "number", Bounds(0.0, 120.0)),), epsilon=1.0)
    assert whole.fingerprint == same.fingerprint


def test_every_verb_takes_the_workspace_first() -> None:
    verbs = [
        each
        for name, each in vars(workflow).items()
        if inspect.isfunction(each)
        and each.__module__.startswith(workflow.__name__)
        and name[0] != "_"
    ]
    others = {"open_workspace", "sample_uploads", "sample_orders", "no_progress"}
    others |= {"suggest", "suggest_orders"}
    for verb in verbs:
        first = next(iter(inspect.signature(verb).parameters), None)
        assert first == "workspace" or verb.__name__ in others


def test_libraries_are_loaded_once_and_beside_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, pages = [], warming.Pages()
    free: list[bool] = []

    def load() -> Iterator[None]:
        for step in range(2):
            steps.append(step)
            yield
            free.append(pages.wait_for_none(0.0))

    monkeypatch.setattr(warming, "PAGES", pages)
    monkeypatch.setattr(warming, "load", load)
    warming.warm.cache_clear()
    with pages.answering():
        loading = warming.warm()
        assert not pages.wait_for_none(0.0)
        assert not pages.wait_for_one(0.0)
    assert pages.wait_for_one(0.0)
    assert warming.warm() is loading
    loading.join()
    warming.warm.cache_clear()
    assert (steps, free) == ([0, 1], [True, True])


def test_loading_leaves_nothing_to_be_loaded_by_a_purchase() -> None:
    said = (
        "import gc, sys; from dashboard.workflow.warming import load; list(load()); "
        "print([each for each in ('dashboard.privacy.kernels', 'dashboard.privacy.grouping', "
        "'diffprivlib.mechanisms') if each not in sys.modules]); "
        "print(gc.get_freeze_count() > len(gc.get_objects()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["[]", "True"]  # and hardly anything is searched for garbage


def test_a_start_loads_nothing_that_can_wait(tmp_path: Path) -> None:
    later = ("numpy", "pandas", "PIL.Image", "sqlalchemy.dialects.postgresql", "dashboard.vault")
    said = (
        "import gc, sys; import streamlit_app; "
        f"print([each for each in {later} if each in sys.modules]); "
        "print(gc.isenabled() and gc.get_freeze_count() > len(gc.get_objects()))"
    )
    environment = {**os.environ, "DASHBOARD_MODE": "local", "DASHBOARD_DATA_DIR": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", said],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["[]", "True"]
