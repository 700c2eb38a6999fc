"""What every command needs: the workspace, how it is told what happens, files, and answers."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Upload
from dashboard.release import Release, release_from
from dashboard.settings import from_environment

Asked = argparse.Namespace


def open_workspace() -> workflow.Workspace:
    """The workspace that the environment names."""
    return workflow.open_workspace(from_environment(os.environ))


def tell(done: float, doing: str) -> None:
    """Say on standard error how far the work has come."""
    print(f"{100 * done:3.0f} % {doing}", file=sys.stderr)


def say(asked: Asked, fields: dict[str, Any], words: Sequence[str]) -> None:
    """Answer in JSON for programs or in words for people."""
    if asked.json:
        print(json.dumps(fields, ensure_ascii=False, default=str))
    else:
        print("\n".join(words))


def given(paths: Sequence[Path]) -> list[Upload]:
    """Files by their names; one that isn't there is refused."""
    for path in paths:
        if not path.is_file():
            raise BadInputError(f"There is no file at “{path}”.")
    return [Upload(path.name, path) for path in paths]


def check_place(path: Path | None) -> None:
    """Refuse before anything is bought where the release could not be written."""
    if path and (path.is_dir() or not path.parent.is_dir()):
        raise BadInputError(f"“{path}” can't be written: there is no such folder.")


def write(path: Path, content: str | bytes) -> None:
    """Write a file, or say why it can't be written."""
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as refused:
        raise BadInputError(f"“{path}” can't be written: {refused.strerror}.") from None


def read_release(path: Path) -> Release:
    """A release from its file, or a word on what the file is not."""
    try:
        return release_from(path.read_text(encoding="utf-8"))
    except OSError as refused:
        raise BadInputError(f"“{path}” can't be read: {refused.strerror}.") from None
    except ValueError:
        raise BadInputError(f"“{path}” is not a release of Private Segments.") from None


def release_named(asked: Asked) -> str:
    """A release by its file, or by its id."""
    path = Path(asked.release)
    return read_release(path).id if path.is_file() else str(asked.release)
