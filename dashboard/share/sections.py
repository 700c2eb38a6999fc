"""The parts of the page that are words: heading, cards, and the account of what was done."""

from __future__ import annotations

from datetime import date
from typing import Final

from markupsafe import Markup

from dashboard import wording
from dashboard.receipts import Link
from dashboard.release import Release, Segment
from dashboard.share import charts, tools
from dashboard.share.comparison import larger_sentences
from dashboard.share.markup import join, tag, unbroken

PROGRAM: Final = "Private Segments"
LOGO: Final = Markup(
    '<svg class="logo" viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" rx="16"'
    ' fill="#0f766e"/><g fill="#fff"><circle cx="23" cy="25" r="9"/><circle cx="42" cy="22" r="6"/>'
    '<circle cx="40" cy="42" r="10"/><circle cx="21" cy="44" r="5"/></g></svg>'
)


# ── heading ─────────────────────────────────────────────────────────────────────────────
def heading(release: Release, link: Link | None) -> Markup:
    """Who shares what, since when, until when, and one sentence on privacy."""
    facts = [
        tag("li", "Released ", _day(date.fromisoformat(release.created_on[:10]))),
        tag("li", "Shared by ", tag("b", link.shared_by)) if link and link.shared_by else None,
        tag("li", "For ", tag("b", link.label)) if link and link.label else None,
        tag("li", "Open until ", _day(link.expires_at.date())) if link else None,
    ]
    return tag(
        "header",
        tag("p", LOGO, PROGRAM, class_="brand"),
        tag("h1", release.title),
        tag("ul", *facts, class_="facts"),
        tag("p", promise(release), class_="promise"),
    )


def promise(release: Release) -> str:
    """The one sentence on privacy that stands on every page and paper."""
    return (
        "Every number here is an estimate: protective noise was added before anybody saw it, "
        f"so that nobody can be sure whether any one person is among the {_all(release)}."
    )


def _day(when: date) -> Markup:
    return tag("time", wording.day(when), datetime=when.isoformat())


def _all(release: Release) -> str:
    """The word for what was protected: customers, or rows where no id says who is who."""
    return "customers" if release.unit == "one customer" else "rows"


def total(release: Release) -> Markup:
    """How many there are altogether, and why this is not a count."""
    head, _, tail = wording.with_range(release.total).partition(" (")
    return tag(
        "p",
        tag("b", wording.sentence(head)),
        f" {_all(release)} ",
        tag("span", f"({tail}") if tail else None,
        f" in {_shown(release)}.",
        tag("small", "The total is the sum of the noisy sizes."),
        class_="total",
    )


def _shown(release: Release) -> str:
    count = len(release.segments)
    shown = "one segment" if count == 1 else f"{count} segments"
    if release.other is None:
        return shown
    hidden = release.other.segments
    return f"{shown} and {'one hidden group' if hidden == 1 else f'{hidden} hidden groups'}"


# ── cards ───────────────────────────────────────────────────────────────────────────────
def cards(release: Release) -> Markup:
    """One card for each segment, and one that says what is hidden and why."""
    shown = [_card(place, each, release) for place, each in enumerate(release.segments)]
    return tag("div", *shown, _hidden_card(release), class_="cards")


def _card(place: int, segment: Segment, release: Release) -> Markup:
    head, _, tail = wording.size(segment).partition(" (")
    return tag(
        "article",
        tag("h3", charts.letter(place), segment.name),
        tag(
            "p",
            tag("b", wording.sentence(head)),
            f" {_all(release)} ",
            tag("span", f"({tail}") if tail else None,
            class_="size",
        ),
        charts.share_line(segment),
        tag(
            "p",
            wording.share(segment),
            " of all" + " shown" * (release.other is not None),
            class_="part",
        ),
        _traits(segment),
        _next_step(segment),
        class_=f"card {charts.tone(place)}",
    )


def _traits(segment: Segment) -> Markup | None:
    if not segment.traits:
        return tag("p", "Much like everybody else.")
    return tag(
        "ul", *(tag("li", unbroken(wording.sentence(each.words))) for each in segment.traits)
    )


def _next_step(segment: Segment) -> Markup | None:
    if not segment.next_step:
        return None
    return tag("p", tag("b", "Next step"), segment.next_step, class_="step")


def _hidden_card(release: Release) -> Markup | None:
    if release.other is None:
        return None
    return tag(
        "article",
        tag("h3", "Hidden for privacy"),
        tag("p", unbroken(wording.hidden_group(release.other))),
        tag(
            "p",
            f"Groups below about {release.threshold} {_all(release)} are put together and not "
            "described. All totals are sums of noisy numbers, so that nothing hidden can be worked "
            "out by subtraction.",
        ),
        class_="card other",
    )


SIZES_ALT: Final = "The sizes of the segments as dots with ranges; the list below says the same."


# ── sizes ───────────────────────────────────────────────────────────────────────────────
def sizes(release: Release) -> Markup:
    """The sizes as dots with ranges, and in words which segment is the larger one."""
    words = larger_sentences(release.segments)
    steady = None if release.stability is None else wording.stability(release.stability)
    compared = tag(
        "details",
        tag("summary", "Which is larger, and how sure is that?"),
        tag("ul", *(tag("li", each) for each in words)),
    )
    return join(
        [
            *tools.chart(SIZES_ALT),
            charts.sizes(release),
            tag("p", steady, class_="lead") if steady else None,
            compared if words else None,
        ]
    )


# ── account ─────────────────────────────────────────────────────────────────────────────
def account(release: Release) -> Markup:
    """What was done, in numbered sentences, with everything an auditor asks for."""
    steps = tag("ol", *(tag("li", sentence) for sentence in release.account))
    notes = tag("ul", *(tag("li", note) for note in release.notes)) if release.notes else None
    return join([steps, notes, _details(release)])


def _details(release: Release) -> Markup:
    spent = release.budget
    told = {
        "Epsilon": f"{spent.epsilon:g}",
        "Delta": f"{spent.delta:g}",
        "Rho": f"{spent.rho:g} (zero-concentrated differential privacy)",
        "Privacy unit": release.unit,
        "Adjacency": release.adjacency,
        "Threshold": f"about {release.threshold} {_all(release)}, held against the noisy size",
        "Ranges": f"95{wording.NBSP}%, for the privacy noise only",
        "Version": f"{PROGRAM} {release.version}",
        "Release": release.id,
        "SHA-256": release.digest,
    }
    lines = (join([tag("dt", name), tag("dd", value)]) for name, value in told.items())
    return tag(
        "details",
        tag("summary", "Details: epsilon, delta, unit, version, digest"),
        tag("p", wording.odds(spent)),
        tag("dl", *lines),
    )


def footing(release: Release) -> Markup:
    """The last line: what made this page, and what it does not hold."""
    return tag(
        "footer",
        tag("p", f"{PROGRAM} {release.version} · release {release.id}"),
        tag(
            "p",
            "No rows, no exact counts, nobody followed, and nothing from elsewhere.",
        ),
    )
