"""Every number of a release, one line each, as all screens and files say it.

The gate suppressed; nothing here decides anew what may be seen. Each export writes
these lines and no other numbers, so they can be held against one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dashboard import wording
from dashboard.release import Bar, ColumnProfile, Estimate, Release, Segment
from dashboard.share.sections import PROGRAM

EVERYBODY: Final = "Everybody"
HIDDEN: Final = "Hidden for privacy"
TYPICAL: Final = "typical"
NOT_GIVEN: Final = "not given"


@dataclass(frozen=True, slots=True)
class Line:
    """One number: whose it is, what it says, and why it is missing where it is.

    ``estimate`` is in the column's own units, or a share from 0 to 1; ``None`` where hidden.
    """

    group: str
    measure: str
    part: str
    estimate: Estimate | None
    said: str


def letter(place: int) -> str:
    """A segment's letter, A for the first."""
    return chr(ord("A") + place % 26)


def lines(release: Release) -> tuple[Line, ...]:
    """Every number of a release, in the order of the page."""
    return tuple(_lines(release))


def _lines(release: Release) -> Iterator[Line]:
    yield Line(EVERYBODY, "Size", "", release.total, wording.with_range(release.total))
    for place, segment in enumerate(release.segments):
        yield from _segment(f"{letter(place)} {segment.name}", segment)
    other = release.other
    if other is not None:
        size = None
        if None not in (other.size, other.size_low, other.size_high):
            size = Estimate(other.size or 0, max(other.size_low or 0, 0), other.size_high or 0)
        said = wording.with_range(size) if size else wording.hidden("too few people")
        yield Line(HIDDEN, "Size", "", size, said)
    yield from _profiles(EVERYBODY, release.overall)


def _segment(group: str, segment: Segment) -> Iterator[Line]:
    size = Estimate(segment.size, max(segment.size_low, 0), segment.size_high)
    share = Estimate(segment.share, segment.share_low, segment.share_high)
    yield Line(group, "Size", "", size, wording.size(segment))
    yield Line(group, "Share", "", share, wording.share(segment))
    yield from _profiles(group, segment.profile)


def _profiles(group: str, profiles: Sequence[ColumnProfile]) -> Iterator[Line]:
    for profile in profiles:
        column = wording.column_words(profile.name)
        if profile.kind != "category":
            yield Line(group, column, TYPICAL, profile.typical, wording.typical(profile))
        for bar in profile.bars:
            yield Line(group, column, bar.label, bar.share, wording.bar_words(bar))
        if profile.missing is not None:
            said = wording.bar_words(Bar("", profile.missing))
            yield Line(group, column, NOT_GIVEN, profile.missing, said)


def about(release: Release) -> tuple[tuple[str, str], ...]:
    """What every file says about itself: the method, what it cost, and how to check it."""
    steps = [(f"Step {number}", each) for number, each in enumerate(release.account, 1)]
    notes = [("Note", each) for each in release.notes]
    return (
        ("Title", release.title),
        ("Estimates", "Every number is an estimate: noise was added before anybody saw it."),
        ("Ranges", f"95{wording.NBSP}%, for the privacy noise only"),
        *steps,
        *notes,
        ("Odds", wording.odds(release.budget)),
        ("Epsilon, delta", f"{release.budget.epsilon:g}, {release.budget.delta:g}"),
        ("Privacy unit", f"{release.unit}; {release.adjacency}"),
        ("Threshold", f"about {release.threshold}, held against the noisy size"),
        ("Version", f"{PROGRAM} {release.version}"),
        ("Release", release.id),
        ("SHA-256 of release.json", release.digest),
    )
