"""Strange answers to consent are asked about once, remembered, and kept nowhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Answer, Kept, Unlisted, Upload
from dashboard.settings import Settings
from dashboard.vault.store import Vault
from dashboard.workflow import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workflow.open_workspace(Settings(data_dir=tmp_path / "data"))


def file(strange: str = "zz.perhaps", yes: str = "yes") -> Upload:
    rows = "".join(f"C{n},{n % 7},{strange if n % 3 == 0 else yes}\n" for n in range(60))
    return Upload("a.csv", f"customer_id,orders,opt_in\n{rows}".encode())


def keep(workspace: Workspace, upload: Upload, *answers: Answer) -> Kept:
    received = workflow.receive(workspace, [upload])
    choices = replace(workflow.suggest(received, "to try"), answers=answers)
    return workflow.keep(workspace, received.staged_id, choices)


def test_a_strange_answer_is_shown_to_be_mapped_and_counts_as_neither_until_then(
    workspace: Workspace,
) -> None:
    received = workflow.receive(workspace, [file()])
    assert received.unlisted == (Unlisted("opt_in", "zz.perhaps"),)
    kept = workflow.keep(workspace, received.staged_id, workflow.suggest(received, "to try"))
    assert (kept.unknown, kept.unlisted, kept.said_no) == (20, 20, 0)


def test_what_a_person_says_counts_now_and_in_every_later_file(workspace: Workspace) -> None:
    told = Answer("opt_in", "ZZ.Perhaps", "out")
    assert keep(workspace, file(), told).said_no == 20
    again = workflow.receive(workspace, [file()])
    assert again.unlisted == ()
    assert keep(workspace, file()).said_no == 20
    assert (
        keep(workspace, file(), Answer("opt_in", "zz.perhaps", "in")).said_no == 0
    )  # a later word


def test_a_word_for_one_column_says_nothing_of_another(workspace: Workspace) -> None:
    keep(workspace, file(), Answer("opt_in", "zz.perhaps", "out"))
    upload = file()
    assert isinstance(upload.content, bytes)
    other = Upload("b.csv", upload.content.replace(b"opt_in", b"gdpr_consent"))
    assert workflow.receive(workspace, [other]).unlisted


def test_no_answer_lies_on_disk(workspace: Workspace) -> None:
    keep(workspace, file(), Answer("opt_in", "zz.perhaps", "out"))
    vault = workspace.vault
    assert isinstance(vault, Vault)
    for path in filter(Path.is_file, workspace.settings.data_dir.rglob("*")):
        assert b"zz.perhaps" not in path.read_bytes()


def test_a_column_of_many_strange_answers_asks_nothing(workspace: Workspace) -> None:
    rows = "".join(f"C{n},{n % 7},{'yes' if n % 50 else f'odd {n}'}\n" for n in range(3_000))
    received = workflow.receive(
        workspace, [Upload("a.csv", f"customer_id,orders,opt_in\n{rows}".encode())]
    )
    assert received.unlisted == ()


def test_a_chosen_column_whose_name_does_not_tell_is_asked_about_and_refused_until_told(
    workspace: Workspace,
) -> None:
    rows = "".join(f"C{n},{n % 7},{('yes', 'no')[n % 2]}\n" for n in range(60))
    upload = Upload("a.csv", f"customer_id,orders,marketing_ok\n{rows}".encode())
    received = workflow.receive(workspace, [upload])
    choices = replace(workflow.suggest(received, "to try"), consent_columns=("marketing_ok",))
    asked = workflow.unlisted(workspace, received, choices.consent_columns)
    assert {each.value for each in asked} == {"yes", "no"}
    with pytest.raises(BadInputError, match="agreed or refused"):
        workflow.keep(workspace, received.staged_id, choices)
    told = (Answer("marketing_ok", "yes", "in"), Answer("marketing_ok", "no", "out"))
    kept = workflow.keep(workspace, received.staged_id, replace(choices, answers=told))
    assert (kept.customers, kept.said_no, kept.unlisted) == (30, 30, 0)
