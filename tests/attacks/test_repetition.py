"""Attacks that ask again and again: across segments, releases, thresholds and budgets."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dashboard import workflow
from dashboard.errors import BudgetExceededError
from dashboard.plan import Feature, Plan
from dashboard.privacy.accounting import map_units, rho_units_of
from dashboard.privacy.interview import Interview
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.privacy.queries import Count
from dashboard.privacy.suppression import suppress, suppression_threshold
from dashboard.receipts import Upload
from dashboard.settings import Settings
from dashboard.terms import Bounds
from tests.attacks import planted
from tests.attacks.conftest import PLAN, Shop, give
from tests.privacy.tables import opener
from tests.privacy.tables import shop as small_shop

pytestmark = pytest.mark.attack
ROOT = Path(__file__).parents[2]


def test_3_sums_over_segments_are_noisy_for_every_number_of_segments(shop: Shop) -> None:
    """The same noisy cells lie under every number, so the sums agree, and none is the truth."""
    totals = {workflow.explore(shop.workspace, shop.bought.id, k).total.value for k in range(2, 8)}
    assert planted.CUSTOMERS not in totals
    exact = float(planted.CUSTOMERS)
    assert all(abs(total - exact) < 1_500 for total in totals)


def test_3_in_a_naive_tool_every_sum_is_the_truth() -> None:
    groups = np.random.default_rng(0).integers(0, 7, planted.CUSTOMERS)
    assert {int(np.bincount(groups % k).sum()) for k in range(2, 8)} == {planted.CUSTOMERS}


def test_5_padding_a_group_to_the_threshold_does_not_tell_its_size() -> None:
    """At the threshold itself the outcome is a coin; false alarm below 10⁻⁶ (binomial)."""
    sigma_squared, noise = 400, DiscreteGaussianNoise()
    threshold = suppression_threshold(11, 20)
    noisy = noise.add(np.full(400, threshold, dtype=np.int64), sigma_squared)
    seen = sum(bool(suppress([int(each)], [1], 11, 20).visible) for each in noisy)
    assert 150 < seen < 250


def test_5_in_a_naive_tool_one_more_padding_customer_flips_it() -> None:
    assert [size >= 11 for size in (10, 11)] == [False, True]


def test_12_nothing_is_kept_in_a_cache_that_visitors_share() -> None:
    """Streamlit's caches are used once, for a visit's own seat, and never for rows."""
    used = [
        (path.name, node.attr)
        for path in [*ROOT.glob("dashboard/**/*.py"), *ROOT.glob("pages/*.py")]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith("cache_")
    ]
    assert [each for each in used if each[1] != "cache_clear"] == [("main.py", "cache_resource")]
    source = (ROOT / "dashboard" / "main.py").read_text("utf-8")
    assert 'scope="session"' in source


def test_14_noise_is_never_used_twice(shop: Shop) -> None:
    """Two purchases of the same margins differ in most numbers."""
    tables = []
    for epsilon in (0.11, 0.12):
        plan = Plan(PLAN.features, epsilon=epsilon)
        bought = workflow.buy_map(shop.workspace, shop.kept.dataset_id, plan)
        tables.append(workflow.explore(shop.workspace, bought.id, 3).overall)
    one, two = (
        [bar.share.value for column in each for bar in column.bars if bar.share] for each in tables
    )
    assert one != two


def test_16_one_customer_who_leaves_is_charged_to_one_account_twice(settings: Settings) -> None:
    workspace = workflow.open_workspace(settings)
    plan = Plan(PLAN.features, epsilon=0.5)
    spent = []
    for table in (planted.rows(2_000), planted.rows(2_000)[:-1]):
        _, kept = give(workspace, table)
        workflow.buy_map(workspace, kept.dataset_id, plan)
        spent.append(workflow.budget(workspace, kept.dataset_id).spent.rho)
    assert spent[1] == pytest.approx(2 * spent[0])


def test_16_the_best_guess_from_two_noisy_counts_is_near_chance() -> None:
    """The likelihood-ratio guess about one customer's presence, at a release's count (ε = 1).

    By the exact Gaussian trade-off it is right with probability Φ(1/(2√2·σ)) < 0.52;
    1,500 guesses stay below 0.62 with false alarm below 10⁻⁶ (Hoeffding).
    """
    tables = (small_shop(400), small_shop(400).slice(0, 399))
    plan = Plan((Feature("spend", "number", Bounds(0, 10_000, log=True)),), epsilon=1.0)
    right = 0
    for turn in range(1_500):
        table = tables[turn % 2]
        paid = {"count": map_units(plan)["count"]}
        talk = Interview(opener(table, 500), plan, paid, DiscreteGaussianNoise())
        guess_present = int(talk.ask(Count())[0]) >= 399.5
        right += guess_present == (turn % 2 == 0)
    assert right / 1_500 < 0.62


def test_17_reconstruction_runs_into_the_cap(settings: Settings) -> None:
    workspace = workflow.open_workspace(settings)
    _, kept = give(workspace, planted.rows(2_500))
    for attempt in range(15):
        workflow.buy_map(workspace, kept.dataset_id, _another(attempt))
    with pytest.raises(BudgetExceededError):
        workflow.buy_map(workspace, kept.dataset_id, _another(15))
    assert math.floor(rho_units_of(3.0) / (rho_units_of(1.0) / 2)) == 15


def _another(attempt: int) -> Plan:
    high = Bounds(0, 900_000.0 + attempt, log=True)
    return Plan((Feature("total_spent", "number", high), PLAN.features[0]))


def test_21_no_score_is_computed_on_rows(shop: Shop) -> None:
    """Suggestion, reason and warning are functions of the stored noisy map alone."""
    from dashboard.privacy.exploring import exploration
    from dashboard.privacy.gate import geometry_of
    from dashboard.records import releases

    body = releases.find_map(shop.workspace.records, shop.bought.id, "owner").body
    geometry_of.cache_clear()
    alone = exploration(shop.bought.id, geometry_of(body), None)
    assert alone == workflow.explore(shop.workspace, shop.bought.id)


def test_18_a_formula_as_a_column_name_stays_text_everywhere(settings: Settings) -> None:
    workspace = workflow.open_workspace(settings)
    table = planted.as_csv(planted.rows(2_500)).replace(
        b"total_spent", b'"=HYPERLINK(""http://x"",<script>)"', 1
    )
    received = workflow.receive(workspace, [Upload("shop.csv", table)])
    kept = workflow.keep(workspace, received.staged_id, workflow.suggest(received, "to try"))
    plan = workflow.default_plan(workspace, kept.dataset_id)
    bought = workflow.buy_map(workspace, kept.dataset_id, replace(plan, profiled=()))
    release = workflow.publish(workspace, bought.id, 2)
    from dashboard.share.page import render

    page = render(release, workflow.share(workspace, release.id).link)
    assert "<script>" not in page  # scripts of our own are named by their place
    assert not any(each.name[:1] in "=+-@\t\r" for each in release.segments)
