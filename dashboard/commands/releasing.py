"""What can be done with a release: show, export, verify, compare, hand its rule off."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from dashboard import exports, wording, workflow
from dashboard.commands.speaking import (
    Asked,
    check_place,
    open_workspace,
    read_release,
    release_named,
    say,
    write,
)
from dashboard.errors import BadInputError, NotFoundError
from dashboard.release import Release, release_from


def _told(release: Release) -> list[str]:
    """A release in a few lines of words."""
    segments = [
        f"  {each.name}: {wording.size(each)}, {wording.share(each)}" for each in release.segments
    ]
    other = [f"  {wording.hidden_group(release.other)}"] if release.other else []
    heading = f"{release.title} ({release.created_on}, release {release.id})"
    return [heading, *segments, *other, *release.account, *release.notes]


def print_release(release: Release) -> None:
    """Print a release in words, without signs that would command the terminal."""
    for line in _told(release):
        print("".join(each if each.isprintable() or each == wording.NBSP else " " for each in line))


def show(asked: Asked) -> None:
    """Show a release that was written to a file."""
    release = read_release(asked.release)
    if asked.json:
        print(release.to_json())
    else:
        print_release(release)


def export(asked: Asked) -> None:
    """Write a release as a report, a table, pictures, a page or a notebook."""
    check_place(asked.out)
    path = Path(asked.release)
    release = (
        read_release(path) if path.is_file() else workflow.release(open_workspace(), asked.release)
    )
    place = asked.out or Path(exports.file_name(release, asked.format))
    write(place, exports.export(release, asked.format))
    say(asked, {"file": str(place), "sha256": release.digest}, [f"{place} was written."])


def verify(asked: Asked) -> None:
    """Say whether a file is what was released here, unchanged."""
    try:
        content = asked.release.read_bytes()
    except OSError as refused:
        raise BadInputError(f"“{asked.release}” can't be read: {refused.strerror}.") from None
    ending = asked.release.suffix.removeprefix(".").lower()
    release = _original(open_workspace(), content, ending)
    words = f"This is what was released as “{release.title}” ({release.id}), unchanged."
    fields = {"release": release.id, "sha256": release.digest}
    say(asked, fields, [words, f"SHA-256 of release.json: {release.digest}"])


def _original(workspace: workflow.Workspace, content: bytes, ending: str) -> Release:
    """The release that a file is, either itself or one of its exports."""
    if ending == "json":
        return _same(workspace, content)
    for each in workflow.releases(workspace):
        release = workflow.release(workspace, each.id)
        if exports.is_export(release, content, ending):
            return release
    raise BadInputError(
        "No release here gives this file, byte for byte. It was changed, or it was written by "
        "another copy or version of the program; export the release again and compare."
    )


def _same(workspace: workflow.Workspace, content: bytes) -> Release:
    try:
        told = release_from(content.decode())
    except ValueError:
        raise BadInputError("This is not a release, or it was changed beyond reading.") from None
    try:
        stored = workflow.release(workspace, told.id)
    except NotFoundError:
        raise BadInputError(
            "No release with this id was made here, so nobody here can vouch for the file."
        ) from None
    if content.decode().rstrip("\r\n") != stored.to_json():
        raise BadInputError(
            f"This file was changed: it is not what was released as “{stored.title}” ({stored.id})."
            f" SHA-256 of the release: {stored.digest}; of what the file says: {told.digest}."
        )
    return stored


def movement(asked: Asked) -> None:
    """Say what changed between two releases of the same customers; nothing is bought."""
    told = workflow.movement(
        open_workspace(), release_named(asked), release_named(Asked(release=asked.other))
    )
    then, now = wording.then_and_now(told)
    sentences = [*map(wording.moved, told.changes), *wording.unmatched(told)]
    say(asked, asdict(told), [f"From {then} to {now}:", *sentences])


def rule(asked: Asked) -> None:
    """Write a release's rule as SQL or Python, to place customers in your own warehouse."""
    from dashboard.handoff.python import python
    from dashboard.handoff.sql import sql

    if asked.sql == asked.python:
        raise BadInputError("Say how the rule is to be written: --sql or --python.")
    release = read_release(asked.release)
    print(sql(release, asked.table) if asked.sql else python(release), end="")
