"""From a file of orders to Champions … Lost, by the verbs and by the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashboard import cli, workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Upload
from dashboard.release import release_from
from dashboard.rfm import GROUPS, RECENCY, Cuts
from dashboard.settings import Settings
from dashboard.workflow import Workspace

ORDERS = Path(__file__).parents[1] / "sample_data" / "orders.parquet"


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return workflow.open_workspace(settings)


def orders_csv(
    customers: int = 400, head: str = "customer_id,order_date,amount,newsletter"
) -> bytes:
    """Each bought once in August and every tenth said no; one bought ten thousand times."""
    lines = [
        f"c{n},2026-08-{1 + n % 28:02},{20 + n % 7},{'no' if n % 10 == 0 else 'yes'}"
        for n in range(customers)
    ]
    lines += [f"whale,2026-08-{1 + n % 28:02},{n}.5,yes" for n in range(10_000)]
    return "\n".join([head, *lines]).encode()


def test_from_the_sample_s_orders_to_known_groups_without_any_setting(workspace: Workspace) -> None:
    received = workflow.receive(workspace, workflow.sample_orders())
    kept = workflow.keep(workspace, received.staged_id, workflow.suggest_orders(received, "to try"))
    assert kept.customers == 20_000
    assert kept.orders
    assert kept.orders.orders == kept.rows
    plan = workflow.known_plan(workspace, kept.dataset_id)
    quote = workflow.quote_known(workspace, kept.dataset_id, plan)
    made = workflow.publish_known(workspace, kept.dataset_id, plan)
    assert [each.name for each in made.segments] == list(GROUPS)
    assert abs(made.segments[0].size - 2_730) < 200
    assert made.budget == quote.publish_spent == workflow.budget(workspace, kept.dataset_id).spent
    assert "counted back from 2026-09-01" in made.account[0]
    assert workflow.release(workspace, made.id) == made
    assert workflow.share(workspace, made.id).path.startswith("/s/")
    again = workflow.publish_known(workspace, kept.dataset_id, plan, "Another title")
    assert again.segments == made.segments
    assert workflow.budget(workspace, kept.dataset_id).spent == made.budget
    assert workflow.maps(workspace) == ()
    told = workflow.quote_known(workspace, kept.dataset_id, plan)
    assert (told.publish_spent.rho, told.affordable) == (0.0, True)


def test_known_groups_that_are_paid_stay_affordable_when_nothing_is_left(
    settings: Settings,
) -> None:
    price = workflow.open_workspace(replace(settings, epsilon_cap=0.5))
    received = workflow.receive(price, [Upload("orders.csv", orders_csv())])
    choices = workflow.suggest_orders(received, "x", date(2026, 9, 1))
    kept = workflow.keep(price, received.staged_id, choices)
    plan = workflow.known_plan(price, kept.dataset_id)
    assert workflow.quote_known(price, kept.dataset_id, plan).affordable
    workflow.publish_known(price, kept.dataset_id, plan)
    told = workflow.quote_known(price, kept.dataset_id, plan)
    assert told.affordable
    assert "about 0 more releases" in told.sentences[1]
    other = replace(plan, epsilon=0.4)
    assert not workflow.quote_known(price, kept.dataset_id, other).affordable


def test_who_said_no_is_left_out_and_ten_thousand_orders_are_one_row(workspace: Workspace) -> None:
    received = workflow.receive(workspace, [Upload("orders.csv", orders_csv())])
    choices = workflow.suggest_orders(received, "to try", date(2026, 9, 1))
    kept = workflow.keep(workspace, received.staged_id, choices)
    assert (kept.customers, kept.said_no) == (361, 40)


def test_the_reference_day_is_declared_and_never_the_last_day_of_the_data(
    workspace: Workspace,
) -> None:
    received = workflow.receive(workspace, [Upload("orders.csv", orders_csv())])
    today = datetime.now(UTC).date().isoformat()
    assert [
        each.dates.until for each in workflow.suggest_orders(received, "x").kept if each.dates
    ] == [today]
    named = workflow.receive(workspace, [Upload("orders_2026-09-30.csv", orders_csv())])
    kept = workflow.keep(workspace, named.staged_id, workflow.suggest_orders(named, "x"))
    table = workflow.dataset(workspace, kept.dataset_id)
    assert {each.name: each.dates.until for each in table.columns if each.dates} == {
        RECENCY: "2026-09-30"
    }
    assert table.cuts == Cuts()


def test_other_cuts_are_another_question(workspace: Workspace) -> None:
    sizes = []
    for cuts in (Cuts(), Cuts(days=(10, 20, 40))):
        received = workflow.receive(workspace, [Upload("orders.csv", orders_csv())])
        choices = workflow.suggest_orders(received, "x", date(2026, 9, 1), cuts)
        kept = workflow.keep(workspace, received.staged_id, choices)
        plan = workflow.known_plan(workspace, kept.dataset_id)
        made = workflow.publish_known(workspace, kept.dataset_id, plan)
        sizes.append({each.name for each in made.segments})
        assert f"within {cuts.days[0]} days" in " ".join(made.account)
    assert sizes[0] == {"New"}
    assert sizes[1] >= {"Needs attention", "Hibernating"}


def test_learned_segments_work_on_orders_too(workspace: Workspace) -> None:
    received = workflow.receive(workspace, workflow.sample_orders())
    kept = workflow.keep(workspace, received.staged_id, workflow.suggest_orders(received, "x"))
    plan = workflow.default_plan(workspace, kept.dataset_id)
    assert [each.name for each in plan.features] == [RECENCY, "orders", "total_spent"]
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    assert workflow.explore(workspace, bought.id, 4).segments


def test_a_table_of_customers_has_no_known_groups(workspace: Workspace) -> None:
    received = workflow.receive(workspace, workflow.sample_uploads())
    assert received.orders is None
    with pytest.raises(BadInputError, match="doesn't look like a file of orders"):
        workflow.suggest_orders(received, "x")
    kept = workflow.keep(workspace, received.staged_id, workflow.suggest(received, "x"))
    with pytest.raises(BadInputError, match="need orders"):
        workflow.known_plan(workspace, kept.dataset_id)


def test_the_command_line_makes_known_groups_of_orders(tmp_path: Path, capsys) -> None:
    out = tmp_path / "release.json"
    assert cli.main(["publish", str(ORDERS), "--rfm", "--out", str(out)]) == 0
    assert "89,877 orders were added up." in capsys.readouterr().err
    made = release_from(out.read_text(encoding="utf-8"))
    assert [each.name for each in made.segments] == list(GROUPS)
    assert made.budget.epsilon <= 0.5
    assert cli.main(["publish", str(ORDERS), "--rfm", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == made.id


def test_the_command_line_reads_orders_as_it_is_told(tmp_path: Path, capsys) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(orders_csv(head="buyer,when,how_much,newsletter"))
    assert cli.main(["quote", str(path), "--rfm"]) == 2
    assert "doesn't look like a file of orders" in capsys.readouterr().err
    told = [
        "--id",
        "buyer",
        "--order-date",
        "when",
        "--amount",
        "how_much",
        "--until",
        "2026-09-01",
    ]
    assert cli.main(["quote", str(path), "--rfm", *told, "--cuts", "10,20,40:2,5:100"]) == 0
    assert "Group sizes will be right within" in capsys.readouterr().out
    assert cli.main(["quote", str(path), "--rfm", "--features", "x"]) == 2
    assert cli.main(["quote", str(path), "--rfm", "--cuts", "40,20,10:2,5:100"]) == 2


def test_movement_is_between_releases_of_one_base_only(workspace: Workspace) -> None:
    made = []
    for customers, until in ((400, date(2026, 9, 1)), (700, date(2026, 9, 2))):
        received = workflow.receive(workspace, [Upload("orders.csv", orders_csv(customers))])
        kept = workflow.keep(
            workspace, received.staged_id, workflow.suggest_orders(received, "x", until)
        )
        plan = workflow.known_plan(workspace, kept.dataset_id)
        made.append(workflow.publish_known(workspace, kept.dataset_id, plan).id)
    assert [each.id for each in workflow.earlier(workspace, made[1])] == [made[0]]
    assert workflow.earlier(workspace, made[0]) == ()
    spent = workflow.budget(workspace, kept.dataset_id).spent
    told = workflow.movement(workspace, made[0], made[1])
    assert told == workflow.movement(workspace, made[1], made[0])
    assert (told.earlier_id, told.later_id) == tuple(made)
    people = told.changes[0].people
    half = (people.high - people.low) / 2  # two standard deviations: this fails once in 10⁸ runs
    assert people.low > 0
    assert abs(people.value - 270) < 3 * half
    assert workflow.budget(workspace, kept.dataset_id).spent == spent
    head = "customer_id,order_date,amount,newsletter"
    others = "\n".join([head, *(f"x{n},2026-08-02,9,yes" for n in range(300))]).encode()
    received = workflow.receive(workspace, [Upload("orders.csv", others)])
    kept = workflow.keep(workspace, received.staged_id, workflow.suggest_orders(received, "x"))
    plan = workflow.known_plan(workspace, kept.dataset_id)
    stranger = workflow.publish_known(workspace, kept.dataset_id, plan).id
    with pytest.raises(BadInputError, match="different customer bases"):
        workflow.movement(workspace, made[0], stranger)


def test_the_command_line_says_what_moved(tmp_path: Path, capsys) -> None:
    files = []
    for customers in (400, 900):
        source, out = tmp_path / "orders.csv", tmp_path / f"{customers}.json"
        source.write_bytes(orders_csv(customers))
        told = ["publish", str(source), "--rfm", "--until", "2026-09-01", "--out", str(out)]
        assert cli.main(told) == 0
        files.append(str(out))
    capsys.readouterr()
    assert cli.main(["movement", *files]) == 0
    assert "“New”: grew by about " in capsys.readouterr().out
    assert cli.main(["movement", files[0], files[1], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same_rule"] is True
