"""The attacks of docs/privacy.md against the real program, each beside a naive twin that falls."""

from __future__ import annotations

import io
import logging
import statistics
import zipfile
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pypdf import PdfReader
from sklearn.cluster import KMeans

from dashboard import exports, workflow
from dashboard.errors import NotFoundError, PrivateSegmentsError
from dashboard.plan import Feature, Plan
from dashboard.privacy.mechanisms import DiscreteGaussianNoise
from dashboard.receipts import Upload
from dashboard.records import links
from dashboard.terms import Bounds
from tests.attacks import planted
from tests.attacks.conftest import PLAN, Shop, give
from tests.share.visits import visit

pytestmark = pytest.mark.attack


# ── 1: average by refreshing ────────────────────────────────────────────────────────────
def test_1_refreshing_a_page_gives_the_same_bytes(shop: Shop) -> None:
    views = {visit(shop.window, shop.link.path).body for _ in range(25)}
    assert len(views) == 1


def test_1_asking_again_gives_the_same_answers_and_costs_nothing(shop: Shop) -> None:
    spent = workflow.budget(shop.workspace, shop.kept.dataset_id).spent
    assert workflow.buy_map(shop.workspace, shop.kept.dataset_id, PLAN) == shop.bought
    assert workflow.publish(shop.workspace, shop.bought.id, 3) == shop.release
    assert len({repr(workflow.explore(shop.workspace, shop.bought.id, 4)) for _ in range(5)}) == 1
    assert workflow.budget(shop.workspace, shop.kept.dataset_id).spent == spent


def test_1_a_naive_tool_that_draws_at_display_is_averaged_away() -> None:
    exact, noise = np.array([planted.CUSTOMERS]), DiscreteGaussianNoise()
    views = [int(noise.add(exact, 400)[0]) for _ in range(4_000)]
    assert abs(statistics.fmean(views) - planted.CUSTOMERS) < 2


# ── 4: total minus visible ──────────────────────────────────────────────────────────────
def test_4_the_total_is_the_sum_of_the_noisy_sizes_that_are_shown(shop: Shop) -> None:
    for answer in (shop.release, workflow.explore(shop.workspace, shop.bought.id, 9)):
        told = sum(each.size for each in answer.segments)
        told += (answer.other.size or 0) if answer.other else 0
        assert answer.total.value == told


def test_4_a_naive_tool_gives_the_hidden_group_away() -> None:
    exact = [4_000, 2_100, 7]
    shown = [size for size in exact if size >= 11]
    assert sum(exact) - sum(shown) == 7


# ── 6: which categories exist ───────────────────────────────────────────────────────────
def test_6_a_region_that_one_customer_holds_is_named_nowhere(shop: Shop) -> None:
    labels = {
        bar.label
        for each in (*shop.release.segments, shop.release)
        for column in (each.profile if hasattr(each, "profile") else each.overall)
        for bar in column.bars
    }
    assert {"North", "South", "app", "store", "web"} <= labels
    assert not any(planted.REGION in label for label in labels)
    assert planted.REGION not in repr(shop.release)


def test_6_a_naive_tool_names_it() -> None:
    assert planted.REGION in {row[6] for row in planted.rows()}


# ── 7: the data's ends on an axis ───────────────────────────────────────────────────────
def test_7_axes_end_where_declared_and_not_where_the_data_end(shop: Shop) -> None:
    for column in shop.release.overall:
        declared = next(each for each in PLAN.columns if each.name == column.name)
        if declared.bounds:
            assert column.bars[0].low == pytest.approx(declared.bounds.low, abs=1e-6)
            assert column.bars[-1].high == pytest.approx(declared.bounds.high, rel=0.01)


def test_7_presets_look_at_names_only(shop: Shop) -> None:
    without = planted.rows(canary=False)
    received, _ = give(shop.workspace, without)
    mine = {each.name: each.suggested for each in shop.received.columns}
    theirs = {each.name: each.suggested for each in received.columns}
    assert mine == theirs


def test_7_a_naive_tool_shows_the_largest_value() -> None:
    assert f"{max(float(row[3]) for row in planted.rows()):.3f}" == planted.SPEND


# ── 8: the center of a segment of one ───────────────────────────────────────────────────
def test_8_no_center_lies_near_the_outlier(shop: Shop) -> None:
    for k in range(2, 13):
        for segment in workflow.explore(shop.workspace, shop.bought.id, k).segments:
            age, spend, orders = (segment.center[each.name] for each in PLAN.features)
            assert not (age > 85 and spend > 200_000 and orders > 400)


def test_8_a_naive_tool_puts_a_center_on_it() -> None:
    points = np.array([[float(row[2]), float(row[3])] for row in planted.rows()])
    centers = KMeans(4, n_init=2, random_state=0).fit(points).cluster_centers_
    assert np.abs(centers - [97, float(planted.SPEND)]).sum(axis=1).min() < 1e-6


# ── 9 and 10: raw points and exact counts in anything that is sent ──────────────────────
def everything(shop: Shop) -> planted.Exits:
    exits = planted.Exits({})
    page = visit(shop.window, shop.link.path)
    exits.add("share page", page.body)
    exits.add("share headers", repr(page.headers))
    exits.add("release", shop.release.to_json())
    for name in exports.FORMATS:
        content = exports.export(shop.release, name)
        exits.add(f"file as {name}", content)
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as folder:
                for part in folder.namelist():
                    exits.add(f"{part} in {name}", folder.read(part))
    report = PdfReader(io.BytesIO(exports.export(shop.release, "pdf")))
    exits.add("words of the report", " ".join(each.extract_text() for each in report.pages))
    exits.add("map", repr(shop.bought))
    for k in range(2, 13):
        exits.add(f"explore {k}", repr(workflow.explore(shop.workspace, shop.bought.id, k)))
    exits.add("budget", repr(workflow.budget(shop.workspace, shop.kept.dataset_id)))
    exits.add("quote", repr(workflow.quote(shop.workspace, shop.kept.dataset_id, PLAN)))
    exits.add("datasets", repr(workflow.datasets(shop.workspace)))
    exits.add("workspace", repr(shop.workspace))
    for file in shop.folder.rglob("*"):
        if file.is_file():
            exits.add(f"file {file.name}", file)
            exits.add(f"name of {file.name}", str(file))
    return exits


def test_9_no_secret_of_the_canary_is_in_anything_that_leaves(shop: Shop) -> None:
    found = {way: planted.secrets_in(sent) for way, sent in everything(shop).sent.items()}
    assert {way: secrets for way, secrets in found.items() if secrets} == {}


def test_9_the_points_of_the_picture_are_nobody(shop: Shop) -> None:
    """Invented from noisy margins: a release of the same map always shows the same ones."""
    assert shop.release.points
    assert len(shop.release.points) < 1_000
    again = workflow.publish(shop.workspace, shop.bought.id, 3, ["Renamed"])
    assert [(each.x, each.y) for each in again.points] == [
        (each.x, each.y) for each in shop.release.points
    ]


def test_9_the_scan_finds_a_naive_tools_rows() -> None:
    import plotly.graph_objects as go

    figure = go.Figure(go.Scatter(x=np.array([float(row[3]) for row in planted.rows()])))
    assert planted.SPEND in planted.secrets_in(figure.to_json().encode())


def test_10_the_exact_number_of_customers_is_in_nothing_that_leaves(shop: Shop) -> None:
    sent = everything(shop).sent
    files = {way for way in sent if way.startswith(("file", "name"))}
    found = {way: planted.counts_in(sent[way]) for way in sent.keys() - files}
    assert {way: counts for way, counts in found.items() if counts} == {}


def test_10_the_scan_finds_a_naive_tools_count() -> None:
    assert planted.counts_in(f'{{"n": {planted.CUSTOMERS}}}'.encode())


# ── 11: values in errors and logs, and poisoned rows ────────────────────────────────────
BROKEN = {
    "ragged": lambda good: (
        good + f"\n{planted.IDENTITY},{planted.EMAIL},1,2,3,4,5,6,7,8,9".encode()
    ),
    "open quote": lambda good: good + f'\n"{planted.IDENTITY},{planted.EMAIL}'.encode(),
    "nul": lambda good: good + f"\n{planted.EMAIL}\0,1".encode(),
    "latin": lambda good: good.replace(
        b"thanks", "\xe9t\xe9 ".encode("latin-1") + planted.NOTE.encode(), 1
    ),
    "cut parquet": lambda _: b"PAR1" + planted.EMAIL.encode() * 40,
    "cut workbook": lambda _: b"PK\x03\x04" + planted.EMAIL.encode() * 40,
    "double header": lambda good: b"customer_id," + good,
    "no lines": lambda _: planted.EMAIL.encode(),
}


@pytest.mark.parametrize("kind", sorted(BROKEN))
def test_11_no_error_and_no_log_quotes_a_row(
    kind: str, shop: Shop, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    file = BROKEN[kind](planted.as_csv(planted.rows(300)))
    name = (
        "shop.parquet" if "parquet" in kind else "shop.xlsx" if "workbook" in kind else "shop.csv"
    )
    said = ""
    try:
        received = workflow.receive(shop.workspace, [Upload(name, file)])
        said = repr((received.refused_lines, received.columns))
        workflow.keep(shop.workspace, received.staged_id, workflow.suggest(received, "to try"))
    except PrivateSegmentsError as refusal:
        said += f"{refusal!r} {refusal.__cause__!r}"
    printed = capfd.readouterr()
    everything_said = (said + caplog.text + printed.out + printed.err).encode()
    assert planted.secrets_in(everything_said) <= (
        {planted.EMAIL, "secret-inbox"} if kind == "no lines" else set()
    )


POISON = ["nan", "inf", "-inf", "1e308", "-1e308", "5e-324", "9" * 400, "=1+1", "", "NULL"]


@pytest.mark.parametrize("poison", POISON)
def test_11_a_poisoned_row_has_the_same_outcome_as_a_clean_one(poison: str, shop: Shop) -> None:
    clean, dirty = planted.rows(2_500), planted.rows(2_500)
    dirty[-1][3] = dirty[-1][4] = poison
    outcomes = []
    for table in (clean, dirty):
        received, kept = give(shop.workspace, table)
        quiet = replace(shop.workspace, settings=replace(shop.workspace.settings, epsilon_cap=10))
        explored = workflow.datasets(quiet)[0]
        outcomes.append(
            (
                [(each.name, each.role, each.kind, each.suggested) for each in received.columns],
                kept.customers,
                explored.columns,
                explored.unit,
            )
        )
    assert outcomes[0] == outcomes[1]


# ── 13: guessing links ──────────────────────────────────────────────────────────────────
def test_13_every_refused_link_gets_the_same_answer(shop: Shop) -> None:
    revoked = workflow.share(shop.workspace, shop.release.id)
    workflow.revoke(shop.workspace, revoked.link.id)
    expired = links.create(
        shop.workspace.records,
        owner="owner",
        release_id=shop.release.id,
        label="",
        days=1,
        now=datetime.now(UTC) - timedelta(days=3),
    )
    tries = [revoked.path, expired.path, "/s/" + "A" * 43, "/s/x", "/s/%00%ff", "/s/" + "a" * 5_000]
    answers = [visit(shop.window, path) for path in tries]
    assert {each.status for each in answers} == {404}
    assert len({each.body for each in answers}) == 1
    assert len({each.headers for each in answers}) == 1


def test_13_a_token_is_long_and_not_kept(shop: Shop) -> None:
    token = shop.link.path.removeprefix("/s/")
    assert len(token) >= 22
    for file in shop.folder.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()


# ── 24: another person's work ───────────────────────────────────────────────────────────
def test_24_what_belongs_to_another_is_not_found(shop: Shop) -> None:
    stranger = replace(shop.workspace, owner="somebody else")
    tries = [
        lambda: workflow.dataset(stranger, shop.kept.dataset_id),
        lambda: workflow.explore(stranger, shop.bought.id),
        lambda: workflow.release(stranger, shop.release.id),
        lambda: workflow.publish(stranger, shop.bought.id, 3),
        lambda: workflow.share(stranger, shop.release.id),
        lambda: workflow.revoke(stranger, shop.link.link.id),
        lambda: workflow.destroy(stranger, shop.kept.dataset_id),
        lambda: workflow.buy_map(stranger, shop.kept.dataset_id, PLAN),
    ]
    for attempt in tries:
        with pytest.raises(NotFoundError):
            attempt()
    assert (
        workflow.datasets(stranger) == workflow.maps(stranger) == workflow.releases(stranger) == ()
    )


# ── 2, 15: another question, or the same people again ───────────────────────────────────
def test_2_another_plan_is_another_paid_map_of_the_same_customer_base(shop: Shop) -> None:
    before = workflow.budget(shop.workspace, shop.kept.dataset_id).spent.rho
    fewer = Plan((PLAN.features[0], PLAN.features[1]), epsilon=0.2)
    workflow.buy_map(shop.workspace, shop.kept.dataset_id, fewer)
    assert workflow.budget(shop.workspace, shop.kept.dataset_id).spent.rho > before


def test_15_giving_the_same_people_again_does_not_start_afresh(shop: Shop) -> None:
    spent = workflow.budget(shop.workspace, shop.kept.dataset_id).spent.rho
    table = planted.rows()
    for again in (table[::-1], table[::2], table + planted.rows(900, canary=False, seed=9)[700:]):
        _, kept = give(shop.workspace, again)
        assert workflow.budget(shop.workspace, kept.dataset_id).spent.rho >= spent


def test_a_wide_bound_does_not_bring_a_center_to_the_outlier(shop: Shop) -> None:
    wide = Plan((Feature("total_spent", "number", Bounds(0, 1e9)), PLAN.features[0]), epsilon=0.3)
    bought = workflow.buy_map(shop.workspace, shop.kept.dataset_id, wide)
    seen = repr(asdict(workflow.explore(shop.workspace, bought.id, 4)))
    assert planted.secrets_in(seen.encode()) == set()
