"""Hear customers: the page where they say no."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.errors import BadInputError
from dashboard.receipts import (
    ChoicePage,
)
from dashboard.workflow.keeping import leave_out
from dashboard.workflow.seat import Workspace, note, vault_of


def open_choices(workspace: Workspace, name: str) -> ChoicePage:
    """Open the page where customers say no; the one that is open already stays.

    Raises:
        BadInputError: the page has no name by which customers know who asks.
    """
    from dashboard.records import choices
    from dashboard.vault import letterbox

    if workspace.settings.mode == "demo":
        raise BadInputError("A demo has no customers who could answer.")
    made = choices.open_page(
        workspace.records,
        owner=workspace.owner,
        name=name,
        public_key=letterbox.public_key(vault_of(workspace), workspace.owner),
        now=datetime.now(UTC),
    )
    note(workspace, "choices.opened", "page", {})
    return made


def choice_page(workspace: Workspace) -> ChoicePage | None:
    """The page where customers say no, if it is open."""
    from dashboard.records import choices

    return choices.page_of(workspace.records, workspace.owner)


def close_choices(workspace: Workspace) -> None:
    """Close the page where customers say no; what they said already holds."""
    from dashboard.records import choices

    choices.close_page(workspace.records, workspace.owner, datetime.now(UTC))
    note(workspace, "choices.closed", "page", {})


def hear_choices(workspace: Workspace) -> dict[str, str]:
    """Leave out whoever said no on the page; done before every map, known groups and new table.

    What could not be opened, because it was not sealed to this owner's page, is let go.
    """
    from dashboard.records import choices
    from dashboard.vault import letterbox

    if workspace.visits is None:
        return {}
    tokens = choices.tokens_of(workspace.records, workspace.owner)
    waiting = choices.letters(workspace.visits, tokens) if tokens else ()
    if not waiting:
        return {}
    vault, owner = vault_of(workspace), workspace.owner
    opened = [letterbox.opened(vault, owner, page, sealed) for _, page, sealed in waiting]
    renewed = leave_out(workspace, [who for who, _ in filter(None, opened)])
    choices.burn(workspace.visits, [its_id for its_id, _, _ in waiting])
    note(workspace, "choices.heard", "page", {})
    return renewed
