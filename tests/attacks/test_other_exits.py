"""Attacks through what lies beside the release: its rule, known groups, the letterbox, the desk."""

from __future__ import annotations

import io
import json
import os
import re
import secrets
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from dashboard import workflow
from dashboard.errors import BadInputError, NotEnoughDataError, NotFoundError
from dashboard.plan import Feature, Plan
from dashboard.privacy.margins import directions_of
from dashboard.privacy.ruling import rule_of
from dashboard.privacy.space import Space
from dashboard.privacy.synopsis import as_rows
from dashboard.receipts import ChoicePage, Kept, Upload
from dashboard.records import choices
from dashboard.records.visits import letters
from dashboard.release import Bar, ColumnProfile, Estimate, release_from
from dashboard.rfm import Cuts
from dashboard.settings import Settings
from dashboard.terms import Domain
from dashboard.vault import workbook
from dashboard.vault.keys import KEY_FILE
from dashboard.workflow import Workspace
from tests.attacks import planted
from tests.attacks.conftest import PLAN, Shop, give
from tests.handoff.people import published
from tests.test_known_groups import orders_csv

pytestmark = pytest.mark.attack
WHO = planted.rows()[1][0]


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return workflow.open_workspace(settings)


# ── what a profile hides is not in the rule ─────────────────────────────────────────────
def _hidden_places() -> list[tuple[int, int]]:
    """Where a center stands in a direction of whose column its segment's profile hides a part."""
    told = published(6)
    return [
        (segment, place)
        for segment, row in enumerate(told.release.segments)
        for place, direction in enumerate(told.geometry.space.directions)
        for column in row.profile
        if not direction.is_number and column.name == direction.feature.name
        if any(bar.hidden for bar in column.bars)
    ]


def _centers() -> tuple[np.ndarray, np.ndarray]:
    """Centers of two shops that differ only in shares that no profile shows."""
    told = published(6)
    shape = len(told.release.segments), told.geometry.space.dimensions
    one = np.arange(np.prod(shape), dtype=np.int64).reshape(shape)
    other = one.copy()
    for place in _hidden_places():
        other[place] += 700
    return one, other


def test_the_rule_says_nothing_of_a_share_that_a_profile_hides() -> None:
    told = published(6)
    assert _hidden_places()
    one, other = (
        rule_of(told.geometry.space, each, told.release.segments, told.release.overall, 30)
        for each in _centers()
    )
    assert one == other
    assert one is not None


def test_a_naive_rule_of_all_centers_tells_it() -> None:
    one, other = _centers()
    assert as_rows(one) != as_rows(other)


def test_a_label_that_the_whole_base_hides_has_no_axis() -> None:
    told = published(6)
    assert told.release.rule
    hidden = {
        (column.name, bar.label)
        for column in told.release.overall
        for bar in column.bars
        if bar.hidden and column.kind == "category"
    }
    directions = {
        (each.feature.name, each.label)
        for each in told.geometry.space.directions
        if each.label is not None
    }
    assert hidden & directions
    assert not hidden & {(each.column, each.label) for each in told.release.rule.axes}


@pytest.mark.parametrize("labels", [2, 4])
def test_a_hidden_label_is_not_what_is_missing_to_a_whole(labels: int) -> None:
    """Two bases that differ in the hidden label alone have one rule; all middles would tell."""
    feature = Feature(
        "channel", "category", domain=Domain(tuple(f"label {n}" for n in range(labels)))
    )
    share = Estimate(1 / (labels - 1), 0.0, 1.0)
    bars = [Bar(f"label {n}", share, None, None, None) for n in range(labels - 1)]
    hidden = [Bar(f"label {labels - 1}", None, "too few people", None, None)]
    column = ColumnProfile("channel", "category", None, (*hidden, *bars), None)
    row = replace(published().release.segments[0], profile=(column,))
    rules, middles = [], []
    for few in (3, 20):
        plan, margins = Plan((feature,)), {"channel": (*[900] * (labels - 1), few, 0, 0)}
        space = Space(tuple(directions_of(plan, margins, 8.0, 4_000)))
        middles.append([each.middle for each in space.directions])
        center = np.zeros((1, space.dimensions), dtype=np.int64)
        rules.append(rule_of(space, center, [row], [column], 30))
    assert rules[0] == rules[1]
    assert middles[0] != middles[1]


# ── a file that says it is a release ────────────────────────────────────────────────────
EVIL = "0') ; DROP TABLE customers; --"


@pytest.mark.parametrize("where", ["middle", "spread"])
def test_a_release_file_can_not_bring_code_into_the_rule(where: str) -> None:
    stored = json.loads(published().release.to_json())
    stored["rule"]["axes"][0][where] = EVIL
    with pytest.raises(ValueError, match=r"not a release|could not convert"):
        release_from(json.dumps(stored))
    assert "DROP TABLE" in f"CAST('{EVIL!r}' AS DOUBLE PRECISION)"  # what a naive text would hold


# ── known groups ────────────────────────────────────────────────────────────────────────
def _orders(workspace: Workspace, cuts: Cuts) -> Kept:
    received = workflow.receive(workspace, [Upload("orders.csv", orders_csv())])
    chosen = workflow.suggest_orders(received, "to try", date(2026, 9, 1), cuts)
    return workflow.keep(workspace, received.staged_id, chosen)


def test_known_groups_below_the_house_s_smallest_are_refused_before_they_are_charged(
    workspace: Workspace,
) -> None:
    kept = _orders(workspace, Cuts())
    plan = replace(workflow.known_plan(workspace, kept.dataset_id), min_segment_size=5)
    with pytest.raises(BadInputError, match="no group below 11"):
        workflow.publish_known(workspace, kept.dataset_id, plan)
    assert workflow.budget(workspace, kept.dataset_id).spent.rho == 0


def test_a_naive_verb_would_have_shown_them(workspace: Workspace) -> None:
    kept = _orders(workspace, Cuts())
    plan = workflow.known_plan(workspace, kept.dataset_id)
    base = workflow.dataset(workspace, kept.dataset_id)
    small, usual = (
        workflow.seat.gate_of(workspace).publish_known(
            base, each, "t", datetime.now(UTC), workflow.no_progress
        )
        for each in (replace(plan, min_segment_size=5), plan)
    )
    assert small.threshold < usual.threshold


def test_known_groups_ask_nothing_else_of_the_rows(workspace: Workspace) -> None:
    kept = _orders(workspace, Cuts())
    plan = replace(workflow.known_plan(workspace, kept.dataset_id), profiled=())
    with pytest.raises(BadInputError, match="recency, frequency and monetary"):
        workflow.publish_known(workspace, kept.dataset_id, plan)
    assert workflow.budget(workspace, kept.dataset_id).spent.rho == 0


def test_other_cuts_are_another_question_where_everybody_stays_in_their_group(
    workspace: Workspace,
) -> None:
    """Answers that were counted between other cuts are never told under these."""
    told = []
    for cuts in (Cuts(), Cuts(days=(60, 181, 365))):
        kept = _orders(workspace, cuts)
        plan = workflow.known_plan(workspace, kept.dataset_id)
        told.append((kept, plan, workflow.publish_known(workspace, kept.dataset_id, plan)))
    (first, plan, one), (second, _, other) = told
    assert one.id != other.id
    assert other.rule
    assert other.rule.cuts == Cuts(days=(60, 181, 365))
    gate = workflow.seat.gate_of(workspace)
    bases = [workflow.dataset(workspace, each.dataset_id) for each in (first, second)]
    assert gate.map_id(bases[0], plan) == gate.map_id(bases[1], plan)  # all that a naive name holds


# ── the letterbox: its seal is public, so anything may lie in it ────────────────────────
LETTERS = {
    "half a pair of surrogates": b'{"who": "\\ud800", "wish": "group"}',
    "a thousand lists": b"[" * 100_000,
    "no object": b"7",
    "another object": b'{"wish": "group"}',
    "no text": b"\xff\xfe",
    "an endless id": b'{"who": "' + b"9" * 3_000_000 + b'", "wish": "group"}',
}


def _put(workspace: Workspace, page: ChoicePage, sealed: str) -> None:
    row = {"id": secrets.token_hex(16), "page": page.token, "at": datetime.now(UTC)}
    assert workspace.visits
    with workspace.visits.write() as connection:
        connection.execute(letters.insert().values(**row, sealed=sealed))


@pytest.mark.parametrize("kind", [*LETTERS, "no bytes"])
def test_a_crafted_letter_stops_neither_purchases_nor_another_s_no(
    kind: str, workspace: Workspace
) -> None:
    give(workspace, planted.rows())
    page = workflow.open_choices(workspace, "Planted Shop")
    assert workspace.visits
    letter = LETTERS.get(kind)
    _put(workspace, page, choices._sealed(page, letter).hex() if letter else "no bytes")
    assert choices.drop(workspace.visits, page, WHO, "group", datetime.now(UTC))
    assert len(workflow.hear_choices(workspace)) == 1
    assert workflow.look_up(workspace, WHO) == ()
    assert choices.letters(workspace.visits, [page.token]) == ()


@pytest.mark.parametrize("kind", LETTERS)
def test_a_naive_opener_stops_at_each_of_them(kind: str) -> None:
    with pytest.raises((ValueError, RecursionError, KeyError, TypeError)):
        json.loads(LETTERS[kind][:4096])["who"].encode()


def test_how_many_said_no_stands_in_no_log(workspace: Workspace) -> None:
    give(workspace, planted.rows())
    page = workflow.open_choices(workspace, "Planted Shop")
    assert workspace.visits
    said = []
    for count in (1, 7):
        for person in range(count):
            choices.drop(workspace.visits, page, f"nobody-{person}", "group", datetime.now(UTC))
        workflow.hear_choices(workspace)
        [line] = [
            each.detail
            for each in workflow.audit_log(workspace, 1).lines
            if each.action == "choices.heard"
        ]
        said.append(line)
    assert said[0] == said[1]


def test_the_page_s_address_is_looked_up_only_where_it_can_be_one(workspace: Workspace) -> None:
    """PostgreSQL refuses a zero byte with an error of its own, which would be an answer."""
    page = workflow.open_choices(workspace, "Planted Shop")
    assert choices.find_page(workspace.records, page.token) == page
    for token in ("\0", page.token + "\0", page.token.upper() + "x", ""):
        assert choices.find_page(workspace.records, token) is None


# ── the desk: when nobody is left ───────────────────────────────────────────────────────
def test_a_table_that_everybody_left_stops_nothing(workspace: Workspace) -> None:
    table = planted.rows(60)
    give(workspace, table)
    workflow.leave_out(workspace, [row[0] for row in table])
    [empty] = workflow.datasets(workspace)
    assert workflow.look_up(workspace, WHO) == ()
    assert workflow.leave_out(workspace, [WHO]) == {}
    with pytest.raises(NotEnoughDataError):
        workflow.buy_map(workspace, empty.id, PLAN)


def test_naive_rows_of_an_empty_table_are_an_error() -> None:
    with pytest.raises(ValueError, match="schema"):
        pa.Table.from_batches([])


def test_an_erasure_gives_no_budget_back(workspace: Workspace) -> None:
    _, kept = give(workspace, planted.rows())
    plan = Plan(PLAN.features, epsilon=0.5)
    assert workspace.vault
    content = workspace.vault.content_key(kept.dataset_id, workspace.owner)
    workflow.buy_map(workspace, kept.dataset_id, plan)
    [renewed] = workflow.leave_out(workspace, [WHO]).values()
    first = workflow.budget(workspace, renewed).spent.rho
    assert first > 0
    workflow.buy_map(workspace, renewed, plan)
    assert workflow.budget(workspace, renewed).spent.rho == pytest.approx(2 * first)
    # A naive account, named after the rows, would have begun anew:
    assert content != workspace.vault.content_key(renewed, workspace.owner)


# ── another owner's ids in every newer verb ─────────────────────────────────────────────
@pytest.mark.parametrize(
    "attempt",
    [
        lambda who, shop: workflow.buy_range(who, shop.kept.dataset_id, "age"),
        lambda who, shop: workflow.ranges(who, shop.kept.dataset_id),
        lambda who, shop: workflow.price_of_range(who, shop.kept.dataset_id),
        lambda who, shop: workflow.within(who, shop.kept.dataset_id, PLAN, 0.1, 100),
        lambda who, shop: workflow.known_plan(who, shop.kept.dataset_id),
        lambda who, shop: workflow.publish_known(who, shop.kept.dataset_id, PLAN),
        lambda who, shop: workflow.earlier(who, shop.release.id),
        lambda who, shop: workflow.movement(who, shop.release.id, shop.release.id),
        lambda who, shop: workflow.preview(who, shop.link.link.id),
        lambda who, shop: workflow.rotate(who, shop.link.link.id),
        lambda who, shop: workflow.pause(who, shop.link.link.id),
        lambda who, shop: workflow.resume(who, shop.link.link.id),
        lambda who, shop: workflow.reviewed(who, shop.link.link.id),
        lambda who, shop: workflow.renew(who, "somebody's recipient"),
        lambda who, shop: workflow.answer_request(who, "somebody's request", WHO),
    ],
)
def test_another_owner_s_ids_open_nothing(
    attempt: Callable[[Workspace, Shop], object], shop: Shop
) -> None:
    with pytest.raises(NotFoundError):
        attempt(replace(shop.workspace, owner="somebody else"), shop)


def test_another_owner_neither_finds_nor_takes_out_a_customer(shop: Shop) -> None:
    stranger = replace(shop.workspace, owner="somebody else")
    assert workflow.look_up(stranger, WHO) == ()
    assert workflow.leave_out(stranger, [WHO]) == {}
    assert workflow.look_up(shop.workspace, WHO)  # who is there to be found


# ── what a change of keys, and a visit to the demo, leave behind ────────────────────────
@pytest.mark.skipif(os.name != "posix", reason="elsewhere a file that is open can't be replaced")
def test_the_old_key_is_zeros_on_the_disk_after_a_change(workspace: Workspace) -> None:
    """A second name keeps the old file's bytes in sight, as a look at the bare disk would."""
    path = workspace.settings.data_dir / KEY_FILE
    seen, naive = path.with_suffix(".seen"), path.with_suffix(".naive")
    seen.hardlink_to(path)
    old = path.read_bytes()
    workflow.rotate_key(workspace)
    assert path.read_bytes() != old
    assert seen.read_bytes() == bytes(len(old))
    seen.write_bytes(old)
    naive.write_bytes(b"another")
    naive.replace(path)  # a naive change: the old bytes stay where they were
    assert seen.read_bytes() == old


def test_a_visit_to_the_demo_leaves_no_list_of_refusals() -> None:
    workspace = workflow.open_workspace(Settings(mode="demo"), owner="a visitor")
    assert workspace.vault
    workflow.leave_out(workspace, [WHO])
    tag = workspace.vault.owner_tag("a visitor")
    lists = workspace.vault.directory / "suppressions"
    assert (lists / tag).exists()
    workspace.vault.forget("a visitor")
    assert (lists / tag).exists()  # to forget the tables alone is naive
    workflow.forget(workspace)
    assert not (lists / tag).exists()


# ── workbooks of one kilobyte that ask for gigabytes ────────────────────────────────────
_FAR_AWAY = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
_WIDE = '<row r="1">' + "<c><v>1</v></c>" * 900 + "</row>"
_PIECE = 1 << 20
BOMBS = {
    "a far cell": _FAR_AWAY,
    "a far cell after a sign that ends a tag": _FAR_AWAY.replace("<c ", '<c x=">" '),
    "a far cell written with zeros": _FAR_AWAY.replace("XFD1", "XFD" + "0" * 20 + "1"),
    "a far row whose cells name no place": _WIDE + '<row r="1048576"><c><v>1</v></c></row>',
    "the same with places in a remark": _WIDE
    + "<!--"
    + ' r="A1"' * 950
    + '--><row r="1048576"><c><v>1</v></c></row>',
    "the same with places in values": _WIDE.replace("<c>", "<c x=' r=\"A1\"'>")
    + '<row r="1048576"><c><v>1</v></c></row>',
}


def _sheet(rows: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData>")
    return sink.getvalue()


@pytest.mark.parametrize("kind", BOMBS)
@pytest.mark.parametrize("before", [0, _PIECE - 60, _PIECE - 40, _PIECE - 25, _PIECE - 10])
def test_no_small_workbook_asks_for_gigabytes(kind: str, before: int) -> None:
    """Wherever the pieces end in which the sheet is looked at."""
    remark = f"<!--{'x' * max(0, before - len('<worksheet><sheetData><!---->'))}-->"
    with pytest.raises(BadInputError, match=r"too large once unpacked|columns"):
        workbook._refuse_bombs(_sheet(remark + BOMBS[kind]), "b.xlsx", 400 << 20, 2_048 << 20)


def test_a_naive_look_for_cells_falls_for_all_but_the_first() -> None:
    naive = re.compile(r'<c\s[^>]*?\br="([A-Z]{1,8})(\d{1,9})"')
    found = {kind: naive.findall(rows) for kind, rows in BOMBS.items()}
    assert ("XFD", "1048576") in found.pop("a far cell")
    assert not any(("XFD", "1048576") in each for each in found.values())


def test_a_usual_workbook_is_no_bomb() -> None:
    """Of 4,000 rows by 40 cells, with places and without."""
    names = [f"{'' if n < 26 else 'A'}{chr(65 + n % 26)}" for n in range(40)]
    cells = [f'<c r="{name}%d"><v>1</v></c>' for name in names]
    placed = "".join(
        f'<row r="{n}">{"".join(each % n for each in cells)}</row>' for n in range(1, 4_001)
    )
    bare = f"<row>{'<c><v>1</v></c>' * 40}</row>" * 4_000
    for rows in (placed, bare):
        workbook._refuse_bombs(_sheet(rows), "b.xlsx", 400 << 20, 12 << 20)


# ── orders: a warning about one row ─────────────────────────────────────────────────────
def test_an_endless_amount_is_no_warning_that_a_log_would_keep(workspace: Workspace) -> None:
    evil = "\n".join(
        ["", *(f"evil,2026-08-01,{each},yes" for each in ("1e308", "1e308", "-1e308"))]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        received = workflow.receive(workspace, [Upload("o.csv", orders_csv() + evil.encode())])
        chosen = workflow.suggest_orders(received, "to try", date(2026, 9, 1))
        assert workflow.keep(workspace, received.staged_id, chosen).customers == 362
    with pytest.warns(RuntimeWarning, match="overflow"):
        np.round(np.array([1e308]), 4)  # a naive total
