"""Links and the register of those they are for."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Final

from dashboard import wording, workflow
from dashboard.commands.speaking import Asked, open_workspace, release_named, say
from dashboard.errors import BadInputError
from dashboard.receipts import (
    Link,
    NewLink,
    Recipient,
    Terms,
)


def _passphrase() -> str:
    """A passphrase from the keyboard or from standard input: never from where others can read."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("Passphrase: ")
    return sys.stdin.readline().rstrip("\n")


def _recipient(workspace: workflow.Workspace, named: str) -> Recipient:
    """A recipient by name or id."""
    for each in workflow.recipients(workspace):
        if named in (each.name, each.id):
            return each
    raise BadInputError(f"There is no recipient “{named}”; see them with: recipients.")


def link(asked: Asked) -> None:
    """Make a link that opens a release for whoever has it, and print its path, once."""
    workspace = open_workspace()
    recipient = _recipient(workspace, asked.recipient).id if asked.recipient else None
    release_id = release_named(asked)
    phrase = _passphrase() if asked.passphrase else ""
    terms = Terms(phrase, asked.max_views, recipient, tuple(asked.embed), asked.by)
    if asked.passphrase and not terms.passphrase:
        raise BadInputError("There was no passphrase; give it as a line of standard input.")
    _say_link(asked, workflow.share(workspace, release_id, asked.days, asked.label, terms))


def _say_link(asked: Asked, made: NewLink) -> None:
    fields = {"path": made.path, "id": made.link.id, "expires_at": made.link.expires_at}
    say(asked, fields, [made.path])


def links(asked: Asked) -> None:
    """List the links of a release: whether they open, on which terms, and how often they did."""
    workspace, release_id, now = open_workspace(), release_named(asked), datetime.now(UTC)
    uses = {each.link_id: each for each in workflow.link_use(workspace, release_id)}
    told = [
        (each, sum(day.times for day in uses[each.id].views))
        for each in workflow.links(workspace, release_id)
    ]
    fields = [{**asdict(each), "views": views} for each, views in told]
    words = [
        f"{each.id} {each.label or 'Link'}: {_standing(each, now)}, viewed {views} times"
        for each, views in told
    ]
    say(asked, {"links": fields}, words or ["There are no links to this release."])


def _standing(link: Link, now: datetime) -> str:
    if link.revoked_at or link.expires_at <= now:
        return "revoked" if link.revoked_at else "expired"
    if link.paused_at or link.held_because:
        return f"paused, because {link.held_because}" if link.held_because else "paused"
    return f"open until {wording.day(link.expires_at.date())}"


def revoke(asked: Asked) -> None:
    """Close a link for ever, or every link of a release or of a recipient."""
    workspace = open_workspace()
    if asked.link:
        workflow.revoke(workspace, asked.link)
        closed = 1
    elif asked.release or asked.recipient:
        recipient = _recipient(workspace, asked.recipient).id if asked.recipient else None
        release_id = release_named(asked) if asked.release else None
        closed = workflow.revoke_all(workspace, release_id, recipient)
    else:
        raise BadInputError("Say which link, or --release or --recipient for all of theirs.")
    say(asked, {"closed": closed}, [f"{closed} links were closed."])


def rotate(asked: Asked) -> None:
    """Give a link a new address on the same terms, and print it, once; the old one is dead."""
    _say_link(asked, workflow.rotate(open_workspace(), asked.link))


def recipients(asked: Asked) -> None:
    """List the register of recipients, write one into it, or note a review."""
    workspace = open_workspace()
    if asked.renew:
        workflow.renew(workspace, _recipient(workspace, asked.renew).id)
    if asked.keep:
        known = {each.name: each for each in workflow.recipients(workspace)}
        old = known.get(asked.keep, Recipient("", asked.keep, "processor"))
        told = {name: getattr(asked, name) for name in _OF_A_RECIPIENT}
        given = {name: value for name, value in told.items() if value is not None}
        workflow.keep_recipient(workspace, replace(old, **given))
    kept = workflow.recipients(workspace)
    words = [
        f"{each.name}: {each.kind}"
        + (f", review due on {wording.day(each.review_due)}" if each.review_due else "")
        for each in kept
    ]
    fields = {"recipients": [asdict(each) for each in kept]}
    say(asked, fields, words or ["No recipient is in the register."])


_OF_A_RECIPIENT: Final = (
    "kind",
    "contract_on",
    "contract_link",
    "basis",
    "review_due",
    "country",
    "transfer_basis",
    "contact",
)
