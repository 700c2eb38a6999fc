"""What a customer may ask for: to see, to be erased, to say no; through the program's own verbs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dashboard import workflow
from dashboard.errors import BadInputError, NotFoundError
from dashboard.plan import Plan
from dashboard.receipts import Kept, Upload
from dashboard.records import choices
from dashboard.settings import Settings
from dashboard.workflow import Workspace
from tests.attacks import planted

TODAY = datetime.now(UTC).date()
WHO = planted.rows()[1][0]


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return workflow.open_workspace(settings)


def give(workspace: Workspace, name: str = "shop.csv") -> Kept:
    content = planted.as_csv(planted.rows())
    received = workflow.receive(workspace, [Upload(name, content)])
    return workflow.keep(workspace, received.staged_id, workflow.suggest(received, "to try"))


def ask(workspace: Workspace, kind: str, who: str = WHO) -> str:
    noted = workflow.note_request(workspace, kind, TODAY, "Mia, by calling back")
    workflow.answer_request(workspace, noted.id, who)
    return next(each for each in workflow.requests(workspace) if each.id == noted.id).outcome


def segments_of(workspace: Workspace, kept: Kept, epsilon: float = 1.0) -> str:
    numbers = [
        each
        for each in workflow.dataset(workspace, kept.dataset_id).columns
        if each.kind == "number"
    ]
    plan = Plan(tuple(numbers[:3]), epsilon=epsilon)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan)
    workflow.publish(workspace, bought.id, 2, title="Spring")
    return bought.id


def test_who_asks_is_told_the_tables_the_columns_and_the_segment(workspace: Workspace) -> None:
    kept = give(workspace)
    segments_of(workspace, kept)
    [held] = workflow.look_up(workspace, f" {WHO.lower()} ")
    assert held.dataset.id == kept.dataset_id
    [(title, segment)] = held.segments
    assert title == "Spring"
    assert segment in {
        each.name
        for each in workflow.release(workspace, workflow.releases(workspace)[0].id).segments
    }


def test_a_stranger_is_in_no_table(workspace: Workspace) -> None:
    give(workspace)
    assert workflow.look_up(workspace, "nobody at all") == ()


def test_who_was_erased_is_not_found_and_does_not_come_back(workspace: Workspace) -> None:
    give(workspace)
    assert ask(workspace, "erasure") == "erased from 1 table, and kept out from now on"
    assert workflow.look_up(workspace, WHO) == ()
    give(workspace, "next_month.csv")
    assert workflow.look_up(workspace, WHO) == ()


def test_after_an_erasure_one_is_missing_and_the_next_map_is_charged(
    workspace: Workspace,
) -> None:
    kept = give(workspace)
    first = segments_of(workspace, kept, 0.5)
    spent = workflow.budget(workspace, kept.dataset_id).spent.rho
    before = workflow.releases(workspace)
    ask(workspace, "erasure")
    [renewed] = workflow.datasets(workspace)
    vault = workspace.vault
    assert vault is not None
    assert vault.read(renewed.id, "owner").num_rows == kept.customers - 1
    plan = Plan(renewed.columns[:2], epsilon=0.5)
    again = workflow.buy_map(workspace, renewed.id, plan)
    assert again.id != first
    assert workflow.budget(workspace, renewed.id).spent.rho > spent
    assert workflow.releases(workspace) == before


def test_an_erased_table_can_not_be_read_any_more(workspace: Workspace) -> None:
    kept = give(workspace)
    ask(workspace, "erasure")
    vault = workspace.vault
    assert vault is not None
    with pytest.raises(NotFoundError):
        vault.read(kept.dataset_id, "owner")


def test_the_same_rest_given_again_is_the_same_table(workspace: Workspace) -> None:
    """Whoever is left has the name that a new file gives them, so nothing is bought twice."""
    give(workspace)
    ask(workspace, "objection")
    again = give(workspace, "again.csv")
    vault = workspace.vault
    assert vault is not None
    keys = {vault.content_key(each.id, "owner") for each in workflow.datasets(workspace)}
    assert len(keys) == 1
    assert again.dataset_id in {each.id for each in workflow.datasets(workspace)}


@pytest.mark.parametrize("kind", ["access", "correction", "erasure", "objection"])
def test_nothing_remembers_who_asked(workspace: Workspace, kind: str) -> None:
    give(workspace)
    ask(workspace, kind)
    said = repr((workflow.requests(workspace), workflow.audit_log(workspace)))
    assert WHO not in said
    folder = workspace.settings.data_dir
    for file in folder.rglob("*"):
        if file.is_file():
            assert WHO.encode() not in file.read_bytes(), file.name


def test_an_imported_list_of_refusals_takes_customers_out_of_kept_tables(
    workspace: Workspace,
) -> None:
    give(workspace)
    refused = f"customer_id\n{WHO}\n{planted.rows()[2][0]}\n".encode()
    workflow.suppress(workspace, [Upload("unsubscribed.csv", refused)])
    assert workflow.look_up(workspace, WHO) == ()
    assert workflow.look_up(workspace, planted.rows()[2][0]) == ()
    assert workflow.look_up(workspace, planted.rows()[3][0])


def test_an_answer_needs_a_name(workspace: Workspace) -> None:
    noted = workflow.note_request(workspace, "access", TODAY, "Mia")
    with pytest.raises(BadInputError):
        workflow.answer_request(workspace, noted.id, "  ")
    assert workflow.requests(workspace)[0].open


def test_a_no_on_the_page_holds_from_the_next_purchase_on(workspace: Workspace) -> None:
    kept = give(workspace)
    page = workflow.open_choices(workspace, "Planted Shop")
    assert workspace.visits is not None
    assert choices.drop(workspace.visits, page, WHO, "group", datetime.now(UTC))
    assert workflow.look_up(workspace, WHO)
    columns = workflow.dataset(workspace, kept.dataset_id).columns
    bought = workflow.buy_map(workspace, kept.dataset_id, Plan(columns[:2], epsilon=0.5))
    assert workflow.look_up(workspace, WHO) == ()
    assert bought.dataset_id != kept.dataset_id
    assert choices.letters(workspace.visits, [page.token]) == ()


def test_a_letter_that_nobody_can_open_changes_nothing(workspace: Workspace) -> None:
    kept = give(workspace)
    page = workflow.open_choices(workspace, "Planted Shop")
    assert workspace.visits is not None
    forged = type(page)(page.token, page.name, b"\x09" + bytes(31))
    choices.drop(workspace.visits, forged, WHO, "group", datetime.now(UTC))
    assert workflow.hear_choices(workspace) == {}
    assert workflow.dataset(workspace, kept.dataset_id)
    assert workflow.look_up(workspace, WHO)
