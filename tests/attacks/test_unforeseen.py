"""Attacks beyond the usual list: through names, labels, repeated rows, files left behind."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard import workflow
from dashboard.plan import Feature, Plan
from dashboard.receipts import Kept, Upload
from dashboard.records import releases as memory
from dashboard.release import Release
from dashboard.settings import Settings
from dashboard.share.page import render
from dashboard.terms import Domain
from dashboard.workflow import Workspace
from tests.attacks import planted, watched
from tests.attacks.conftest import PLAN, Shop, give
from tests.browser import files
from tests.privacy.tables import NoNoise

pytestmark = pytest.mark.attack
ROOT = Path(__file__).parents[2]


@pytest.fixture
def exact(settings: Settings) -> Workspace:
    """The real program with a tap that adds nothing, so that one customer would be seen."""
    return replace(workflow.open_workspace(settings), noise=NoNoise())


def shown(workspace: Workspace, kept: Kept, plan: Plan) -> Release:
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    released = workflow.publish(workspace, bought.id, 2)
    return replace(released, id="", created_on="")


DECLARED = replace(
    PLAN, profiled=(Feature("channel", "category", domain=Domain(("app", "store", "web"))),)
)


# ── one customer with many rows ─────────────────────────────────────────────────────────
@pytest.mark.parametrize("copies", [2, 5_000])
def test_a_customer_who_is_written_down_many_times_counts_once(
    copies: int, exact: Workspace
) -> None:
    """Without noise, to the last digit: their earlier rows, however wild, move nothing."""
    table = planted.rows(1_200)
    wild = [[planted.IDENTITY, planted.EMAIL, "18", "999999", "1000", "app", "North", ""]]
    releases = [
        shown(exact, give(exact, rows)[1], DECLARED)
        for rows in (table, wild * (copies - 1) + table, table[:400] + wild * copies + table[400:])
    ]
    assert releases[0] == releases[1] == releases[2]


@pytest.mark.parametrize(
    "spelling", [" canary-0042 ", "CANARY-0042", "'Canary-0042", "\uff23anary-0042", "Canary-0042"]
)
def test_the_same_id_in_another_spelling_is_the_same_customer(
    spelling: str, exact: Workspace
) -> None:
    table = planted.rows(1_200)
    again = [[spelling, *table[-1][1:]]]
    releases = [shown(exact, give(exact, rows)[1], DECLARED) for rows in (table, again + table)]
    assert releases[0] == releases[1]


def test_a_naive_tool_counts_rows() -> None:
    table = planted.rows(1_200)
    assert len(table + [table[-1]] * 5_000) > 2 * len(table)


# ── names that come with the data ───────────────────────────────────────────────────────
NASTY_LABELS = {
    "a formula": "=HYPERLINK(1)",
    "markup": "<script>alert(1)</script>",
    "a picture in markdown": "![x](http://attacker.example/x.png)",
    "text turned around": "\u202egnp.exe",
    "a command to the terminal": "\x1b]0;owned\x07red",
    "our own words": "other",
    "a second line": "one\ntwo",
}


@pytest.mark.parametrize("kind", NASTY_LABELS)
def test_a_label_that_many_share_is_text_and_nothing_else(
    kind: str, settings: Settings, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from dashboard import cli

    workspace = workflow.open_workspace(settings)
    table = planted.rows(1_200)
    for place, row in enumerate(table):
        row[5] = NASTY_LABELS[kind] if place % 2 else "plain"
    _, kept = give(workspace, table)
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    release = workflow.publish(workspace, bought.id, 2, title=NASTY_LABELS[kind])
    page = render(release, workflow.share(workspace, release.id).link)
    for never in ("<script>alert", "\u202e", "\x1b", "\x07", "src=http", 'src="http'):
        assert never not in page
    path = tmp_path / "release.json"
    path.write_text(release.to_json(), "utf-8")
    assert cli.main(["show", str(path)]) == 0
    told = capsys.readouterr().out
    assert all(sign.isprintable() or sign in "\n\u00a0" for sign in told)
    labels = {bar.label for column in release.overall for bar in column.bars}
    assert "plain" in labels
    assert all(label.isprintable() for label in labels)


def test_a_file_of_a_stranger_s_does_not_command_the_terminal(
    shop: Shop, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from dashboard import cli

    forged = replace(shop.release, title="\x1b[2J\x1b]0;owned\x07", notes=("\u202eno",))
    path = tmp_path / "release.json"
    path.write_text(forged.to_json(), "utf-8")
    assert cli.main(["show", str(path)]) == 0
    told = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(told)


def test_the_name_of_a_file_is_in_no_release_and_no_page(settings: Settings) -> None:
    workspace = workflow.open_workspace(settings)
    upload = Upload(f"{planted.EMAIL}.csv", planted.as_csv(planted.rows(1_200)))
    received = workflow.receive(workspace, [upload])
    kept = workflow.keep(
        workspace, received.staged_id, workflow.suggest(received, "to group customers")
    )
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    release = workflow.publish(workspace, bought.id, 2)
    page = render(release, workflow.share(workspace, release.id).link)
    for sent in (release.to_json(), page):
        assert planted.secrets_in(sent.encode()) == set()


@pytest.mark.parametrize("name", [planted.EMAIL, "jane.doe@post.example", "+49 151 23456789"])
def test_a_header_that_is_somebody_s_address_or_number_is_refused_without_repeating_it(
    name: str, settings: Settings
) -> None:
    """A table that was turned on its side carries people in its header."""
    from dashboard.errors import BadInputError

    workspace = workflow.open_workspace(settings)
    file = planted.as_csv(planted.rows(300)).replace(b"note", f'"{name}"'.encode(), 1)
    with pytest.raises(BadInputError) as refusal:
        workflow.receive(workspace, [Upload("shop.csv", file)])
    assert name not in str(refusal.value)


# ── numbers that no machine likes ───────────────────────────────────────────────────────
ODD_NUMBERS = (
    *("nan", "inf", "-inf", "1e308", "-1e308", "1e-308", "5e-324", "-0.0", "9" * 400),
    *(f"{2**63}", f"{-(2**63) - 1}", f"{2**53 + 1}", "0x1F", "1_000", "١٢٣", "1e999", "TRUE", "½"),
)


@pytest.mark.parametrize("odd", ODD_NUMBERS)
def test_one_odd_number_moves_every_answer_by_one_customer_at_most(
    odd: str, plain: dict[str, list[int]], exact: Workspace
) -> None:
    """Without noise and through the real files, table and gate: the margins differ by one person.

    ``tests/privacy/test_queries.py`` bounds every question; this is the way to them.
    """
    other = planted.rows(900)
    other[-1][2] = other[-1][3] = other[-1][4] = odd
    assert_one_customer_apart(plain, margins_of(exact, "shop.csv", planted.as_csv(other)))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """The answers for the table without an odd number."""
    folder = Settings(data_dir=tmp_path_factory.mktemp("plain") / "data")
    workspace = replace(workflow.open_workspace(folder), noise=NoNoise())
    return margins_of(workspace, "shop.csv", planted.as_csv(planted.rows(900)))


def margins_of(workspace: Workspace, name: str, file: bytes) -> dict[str, list[int]]:
    """The exact count and margins, by the whole way from a file to the stored map."""
    received = workflow.receive(workspace, [Upload(name, file)])
    choices = replace(
        workflow.suggest(received, "to try"), kept=(*DECLARED.features, *DECLARED.profiled)
    )
    kept = workflow.keep(workspace, received.staged_id, choices)
    bought = workflow.buy_map(workspace, kept.dataset_id, DECLARED)
    stored = json.loads(memory.find_map(workspace.records, bought.id, workspace.owner).body)
    return {"count": [stored["count"]], **stored["margins"]}


def assert_one_customer_apart(one: dict[str, list[int]], other: dict[str, list[int]]) -> None:
    """One person may have moved from one part of a column to another, or have left."""
    for name, parts in one.items():
        moved = [abs(a - b) for a, b in zip(parts, other[name], strict=True)]
        assert sum(moved) <= 2, name
        assert max(moved) <= 1, name


def test_one_text_among_the_numbers_of_a_workbook_changes_no_other_row(exact: Workspace) -> None:
    table, odd = planted.rows(900), planted.rows(900)
    odd[-1][3] = "n/a"
    answers = [margins_of(exact, "shop.xlsx", files.as_workbook(each)) for each in (table, odd)]
    assert_one_customer_apart(*answers)


def test_one_blank_that_turns_a_column_of_parquet_into_fractions_changes_no_other_row(
    exact: Workspace,
) -> None:
    """Data frames write whole numbers as fractions where one is missing: 3 becomes 3.0."""
    table = planted.rows(900)
    answers = []
    for age in (97, None):
        ages: list[int | None] = [int(row[2]) for row in table[:-1]] + [age]
        kind = pa.int64() if age else pa.float64()
        columns = {
            "customer_id": [row[0] for row in table],
            "age": pa.array(ages, kind),
            "total_spent": [float(row[3]) for row in table],
            "orders": [int(row[4]) for row in table],
            "channel": [row[5] for row in table],
        }
        sink = io.BytesIO()
        pq.write_table(pa.table(columns), sink)
        answers.append(margins_of(exact, "shop.parquet", sink.getvalue()))
    assert_one_customer_apart(*answers)


# ── the command line, from outside ──────────────────────────────────────────────────────
def run(folder: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """A real process: how it ended, all that it printed, and the files that it wrote."""
    notes = folder / "notes"
    told = subprocess.run(
        [sys.executable, "-c", watched.WATCHED, *arguments],
        cwd=ROOT,
        env=watched.environment(notes)
        | {"PATH": "", "DASHBOARD_DATA_DIR": str(folder / "data"), "PYTHONWARNINGS": "always"},
        capture_output=True,
        text=True,
        check=False,
    )
    out = folder / "release.json"
    return told.returncode, told.stdout + told.stderr, watched.written(notes, folder / "data", out)


def every_format() -> Iterable[tuple[str, bytes]]:
    table = planted.rows(1_200)
    yield "shop.csv", planted.as_csv(table)
    yield "shop.xlsx", files.as_workbook(table)
    yield "shop.parquet", files.as_parquet(table)


@pytest.mark.slow
def test_a_command_prints_no_value_and_leaves_no_file_but_its_own(tmp_path: Path) -> None:
    question = ("--features", "age,total_spent,orders", "--describe", "channel,region")
    for name, content in every_format():
        (tmp_path / name).write_bytes(content)
        out = str(tmp_path / "release.json")
        code, told, wrote = run(tmp_path, "publish", str(tmp_path / name), *question, "--out", out)
        assert code == 0, told
        assert planted.secrets_in(told.encode()) == set()
        assert wrote == set()
        assert planted.secrets_in(Path(out).read_bytes()) == set()


@pytest.mark.slow
def test_a_command_that_fails_prints_no_value_either(tmp_path: Path) -> None:
    good = planted.as_csv(planted.rows(300))
    path = tmp_path / "shop.csv"
    for broken in (good + b'"open,', good.replace(b"\n", b"\0\n", 2), good[:-30] * 2):
        path.write_bytes(broken)
        code, told, wrote = run(tmp_path, "publish", str(path), "--features", "age,orders")
        assert code in (0, 2), told
        assert planted.secrets_in(told.encode()) == set()
        assert "Traceback" not in told
        assert wrote == set()


def test_the_watch_sees_a_naive_reader_s_temporary_file(tmp_path: Path) -> None:
    code = watched.WATCHED.replace(
        'runpy.run_module("dashboard", run_name="__main__")',
        "import tempfile; tempfile.TemporaryFile().write(b'rows')",
    )
    notes = tmp_path / "notes"
    subprocess.run(
        [sys.executable, "-c", code], env=watched.environment(notes), check=True, cwd=ROOT
    )
    assert watched.written(notes, tmp_path)


# ── the budget as an oracle, and the smallest question ──────────────────────────────────
@pytest.mark.parametrize("epsilon", [0.0, 1e-9, 0.009, float("nan"), float("inf"), -1.0])
def test_a_question_that_would_cost_nothing_can_not_be_asked(epsilon: float) -> None:
    with pytest.raises(ValueError, match="epsilon must be"):
        replace(PLAN, epsilon=epsilon)


@pytest.mark.parametrize("epsilon", [0.01, 0.5, 10])
def test_every_question_that_can_be_asked_is_paid(epsilon: float) -> None:
    from dashboard.privacy.accounting import map_units, publish_units

    plan = replace(PLAN, epsilon=epsilon)
    assert min((*map_units(plan).values(), *publish_units(plan).values())) >= 1
