"""Share: links, who gets them, and what their readers say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from dashboard.errors import BadInputError
from dashboard.receipts import (
    Link,
    LinkUse,
    NewLink,
    Recipient,
    Review,
    Terms,
)
from dashboard.workflow.buying import plain
from dashboard.workflow.seat import Workspace, note
from dashboard.workflow.showing import releases

NO_TERMS: Final = Terms()


def share(
    workspace: Workspace,
    release_id: str,
    days: int | None = None,
    label: str = "",
    terms: Terms = NO_TERMS,
) -> NewLink:
    """Make an unguessable link that opens the release for anyone who has it, on these terms.

    Raises:
        BadInputError: a term can't be used, or the register does not say why the
            recipient may see it.
    """
    from dashboard.records import links as memory

    try:
        made = memory.create(
            workspace.records,
            owner=workspace.owner,
            release_id=release_id,
            label=plain(label),
            days=workspace.settings.link_days if days is None else days,
            now=datetime.now(UTC),
            terms=terms,
        )
    except BadInputError:
        note(workspace, "link.not_made", release_id, {"recipient": terms.recipient_id})
        raise
    link = made.link
    told = {"release": release_id, "recipient": link.recipient_id, "views": link.max_views}
    more = {"passphrase": link.passphrase, "sites": len(link.embed)}
    note(workspace, "link.made", link.id, {**told, **more})
    return made


def links(workspace: Workspace, release_id: str) -> tuple[Link, ...]:
    """The links of a release, newest first, without their tokens."""
    from dashboard.records import links as memory

    return memory.of_release(workspace.records, workspace.owner, release_id, datetime.now(UTC))


def link_use(workspace: Workspace, release_id: str) -> tuple[LinkUse, ...]:
    """What became of each link of a release, in the order of :func:`links`.

    Visits that were refused get a line of the audit log on the way: one for each link,
    day and reason.
    """
    from dashboard.records import opinions

    visits = workspace.visits
    ids = [each.id for each in links(workspace, release_id)]
    if visits is None or not ids:
        return ()
    for each in visits.refused(ids, noted=False):
        day = each.day.isoformat()
        note(workspace, "link.refused", each.link_id, {"why": each.why, "day": day})
        visits.noted(each)
    views, refused, said = visits.by_day(ids), visits.refused(ids), opinions.of_links(visits, ids)
    return tuple(
        LinkUse(
            its_id,
            views.get(its_id, ()),
            tuple(each for each in refused if each.link_id == its_id),
            tuple(each for each in said if each.link_id == its_id),
        )
        for its_id in ids
    )


def preview(workspace: Workspace, link_id: str) -> str:
    """The path at which its owner sees what a link's readers see, for some hours."""
    from dashboard.records import links as memory
    from dashboard.records import previews

    now = datetime.now(UTC)
    return previews.path_to(memory.find(workspace.records, workspace.owner, link_id, now).id, now)


def rotate(workspace: Workspace, link_id: str) -> NewLink:
    """Give a link a new address on the same terms; the old one is dead at once."""
    from dashboard.records import links as memory

    made = memory.rotate(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    note(workspace, "link.rotated", link_id, {"version": made.link.version})
    return made


def pause(workspace: Workspace, link_id: str) -> None:
    """Close one link until it is resumed."""
    from dashboard.records import links as memory

    memory.pause(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    note(workspace, "link.paused", link_id, {})


def resume(workspace: Workspace, link_id: str) -> None:
    """Open a paused link again, on the terms that it has."""
    from dashboard.records import links as memory

    now = datetime.now(UTC)
    memory.pause(workspace.records, workspace.owner, link_id, now, paused=False)
    note(workspace, "link.resumed", link_id, {})


def revoke(workspace: Workspace, link_id: str) -> None:
    """Close one link for ever."""
    from dashboard.records import links as memory

    memory.revoke(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    note(workspace, "link.revoked", link_id, {})


def revoke_all(
    workspace: Workspace, release_id: str | None = None, recipient_id: str | None = None
) -> int:
    """Close every open link of a release or of a recipient; says how many there were."""
    from dashboard.records import links as memory

    closed = memory.revoke_all(
        workspace.records,
        workspace.owner,
        datetime.now(UTC),
        release_id=release_id,
        recipient_id=recipient_id,
    )
    note(workspace, "links.revoked", release_id or recipient_id or "", {"links": closed})
    return closed


def recipients(workspace: Workspace) -> tuple[Recipient, ...]:
    """The register of recipients, by name."""
    from dashboard.records import recipients as register

    return register.of_owner(workspace.records, workspace.owner)


def keep_recipient(workspace: Workspace, recipient: Recipient) -> Recipient:
    """Write a recipient into the register, or change one; links follow at their next view."""
    from dashboard.records import recipients as register

    now = datetime.now(UTC)
    kept = register.keep(workspace.records, recipient, workspace.owner, now)
    note(workspace, "recipient.kept", kept.id, {"kind": kept.kind, "new": not recipient.id})
    return kept


def renew(workspace: Workspace, recipient_id: str) -> date:
    """Note that a recipient was reviewed today; gives the day of the next review."""
    from dashboard.records import recipients as register

    today = datetime.now(UTC).date()
    due = register.renew(workspace.records, workspace.owner, recipient_id, today)
    note(workspace, "recipient.renewed", recipient_id, {"due": due.isoformat()})
    return due


def reviews(workspace: Workspace) -> tuple[Review, ...]:
    """What readers say could identify someone and the owner has not looked at yet."""
    from dashboard.records import links as memory
    from dashboard.records import opinions

    if workspace.visits is None:
        return ()
    mine = memory.of_owner(workspace.records, workspace.owner, datetime.now(UTC))
    known = {each.id: each for each in mine}
    titles = {each.id: each.title for each in releases(workspace)}
    return tuple(
        Review(known[each.link_id], titles[known[each.link_id].release_id], each)
        for each in opinions.of_links(workspace.visits, known)
        if each.to_review
    )


def reviewed(workspace: Workspace, link_id: str) -> None:
    """Note that the owner looked at what a link's readers say could identify someone."""
    from dashboard.records import links as memory
    from dashboard.records import opinions

    link = memory.find(workspace.records, workspace.owner, link_id, datetime.now(UTC))
    if workspace.visits is not None:
        opinions.reviewed(workspace.visits, link.id)
    note(workspace, "link.reviewed", link_id, {})
