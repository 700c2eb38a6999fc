"""The owner's folder: its files and no others, whatever is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Upload
from dashboard.settings import Settings
from dashboard.vault import folder

ROWS = b"customer_id,spend\n" + b"".join(b"C%d,%d\n" % (each, each) for each in range(60))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    (made / "may.csv").write_bytes(ROWS)
    (tmp_path / "secret.csv").write_bytes(ROWS)
    (made / "link.csv").symlink_to(tmp_path / "secret.csv")
    (made / "outside").symlink_to(tmp_path)
    (made / ".hidden.csv").write_bytes(ROWS)
    (made / "notes.docx").write_bytes(b"x")
    return made


def test_only_plain_files_that_can_be_read_are_listed(place: Path) -> None:
    assert folder.files_in(place) == ("may.csv",)
    assert folder.files_in(None) == folder.files_in(place / "nowhere") == ()


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "link.csv", "outside/secret.csv", "/etc/passwd", ".hidden.csv", "", "x.csv"],
)
def test_no_name_leads_out_of_the_folder(place: Path, name: str) -> None:
    with pytest.raises(BadInputError, match="no such file"):
        folder.taken(place, (name,))
    assert not folder.are_in(place, (Upload("x.csv", place / name),))


def test_files_of_the_folder_are_read_beyond_the_upload_limit(
    place: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (place / "large.csv").open("wb") as file:
        file.write(b"customer_id,note\n")
        file.writelines(b"C%d,%s\n" % (each, b"x" * 1_000) for each in range(1_200))
    small = replace(settings, folder=place, max_upload_mb=1)
    workspace = workflow.open_workspace(small)
    assert workflow.folder_files(workspace) == ("large.csv", "may.csv")
    (given,) = workflow.folder_uploads(workspace, ["large.csv"])
    assert workflow.receive(workspace, [given]).rows == 1_200
    with pytest.raises(BadInputError, match=r"too large.*DASHBOARD_FOLDER"):
        workflow.receive(workspace, [Upload("large.csv", (place / "large.csv").read_bytes())])
    demo = replace(workspace, settings=replace(small, mode="demo"))
    assert workflow.folder_files(demo) == ()


def test_a_reading_that_is_cancelled_leaves_nothing(place: Path, settings: Settings) -> None:
    class CancelledError(Exception):
        pass

    def cancel(done: float, doing: str) -> None:
        if doing == "Files read":
            raise CancelledError

    workspace = workflow.open_workspace(replace(settings, folder=place))
    with pytest.raises(CancelledError):
        workflow.receive(workspace, workflow.folder_uploads(workspace, ["may.csv"]), cancel)
    assert workspace.vault is not None
    left = [
        each
        for each in workspace.vault.directory.rglob("*")
        if each.suffix in (".rows", ".key", ".draft")
    ]
    assert left == []
