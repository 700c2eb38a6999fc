"""What is kept, what it cost, who said no, and the vault's key."""

from __future__ import annotations

from dataclasses import asdict

from dashboard import wording, workflow
from dashboard.commands.speaking import (
    Asked,
    check_place,
    given,
    open_workspace,
    say,
    tell,
    write,
)
from dashboard.errors import BadInputError


def budget(asked: Asked) -> None:
    """Say what each customer base has spent and has left."""
    workspace = open_workspace()
    told = [(each, workflow.budget(workspace, each.id)) for each in workflow.datasets(workspace)]
    fields = [
        {
            "dataset": base.id,
            "name": base.name,
            "expires_on": base.expires_on,
            "spent": asdict(left.spent),
            "cap": asdict(left.cap),
            "releases_left": left.releases_left,
            "interrupted": wording.interrupted(left),
        }
        for base, left in told
    ]
    words = [
        f"{base.name} (until {base.expires_on}): epsilon {left.spent.epsilon:.2f} of "
        f"{left.cap.epsilon:.2f} is spent; about {left.releases_left} more releases"
        + (f". {gone}" if (gone := wording.interrupted(left)) else "")
        for base, left in told
    ]
    say(asked, {"budgets": fields}, words or ["No customer table is kept."])


def purge(asked: Asked) -> None:
    """Destroy every customer table whose day has come, for a nightly timer."""
    destroyed = workflow.purge(open_workspace())
    say(asked, {"destroyed": destroyed}, [f"{destroyed} customer tables were destroyed."])


def suppress(asked: Asked) -> None:
    """Put everybody who says no in a file on the list that every later table is held against."""
    check_place(asked.out)
    workspace = open_workspace()
    listed = workflow.suppress(workspace, given(asked.files), tell)
    if asked.out:
        made = {each.product.casefold(): each.content for each in listed.way_back}
        if asked.way_back not in made:
            raise BadInputError("There are no e-mail addresses here that a CRM could be told.")
        write(asked.out, made[asked.way_back].decode())
    known = wording.few(listed.known, workspace.settings.min_segment_size)
    fields = {"rows": listed.rows, "known": known}
    say(asked, fields, [wording.listed(listed, workspace.settings.min_segment_size)])


def rotate_key(asked: Asked) -> None:
    """Lock the vault under a new master key; stop the dashboard before."""
    changed = workflow.rotate_key(open_workspace())
    say(asked, {"tables": changed}, [f"{changed} customer tables are locked by the new key."])
