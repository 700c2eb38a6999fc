"""Every text of the screens, so that another language is one file.

Numbers are said by :mod:`dashboard.wording`; here are the sentences around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from dashboard import wording
from dashboard.receipts import (
    BudgetState,
    Dataset,
    Flaw,
    Job,
    JobKind,
    Kept,
    Link,
    LinkUse,
    Listed,
    LogState,
    Orders,
    Quote,
    Received,
    Recipient,
    ReleaseInfo,
    RequestKind,
    Review,
    Unlisted,
)
from dashboard.release import HiddenGroup, Release, Segment, Split
from dashboard.terms import DELTA, Basis, Bounds, DateOrder, Meaning, Role, Spent

# ── everywhere ──────────────────────────────────────────────────────────────────────────
NAME: Final = "Private Segments"
PAGES: Final = {
    "start": "Start",
    "data": "Data",
    "segments": "Segments",
    "release": "Release",
    "share": "Share",
    "desk": "Privacy desk",
}
ICONS: Final = {
    "start": ":material/home:",
    "data": ":material/upload_file:",
    "segments": ":material/bubble_chart:",
    "release": ":material/fact_check:",
    "share": ":material/share:",
    "desk": ":material/shield_person:",
}
PRIVACY_NOTE: Final = (
    "Segments are told in estimates with protective noise: no link and no file holds a row or an "
    "exact count. Only the person who gives a table sees a check of it, once."
)
DEMO_BANNER: Final = (
    "**This is a demo.** It works on an invented shop, and everything you make here is "
    "forgotten when you leave."
)
VIEWER_ONLY: Final = (
    "This copy of the program only opens shared links. Ask the person who works with the "
    "segments for a link."
)
TO_START: Final = "Go to Start"
DONE: Final = "Done"
AS_TABLE: Final = "Show as a table"


# ── long works ──────────────────────────────────────────────────────────────────────────
WORKS: Final[dict[JobKind, str]] = {
    "read": "Reading your file",
    "keep": "Keeping what may be kept",
    "map": "Drawing the map",
    "release": "Publishing",
    "sample": "Setting the sample shop up",
    "orders": "Setting the sample shop up",
}
WORK_GOES_ON: Final = (
    "It goes on if you look elsewhere or close this page; come back here to see what came of it."
)
WORK_COMMITTED: Final = "This last step is always finished, so that nothing is left half-done."
WORK_STOP: Final = "Stop"
WORK_STOPPING: Final = "Stopping…"
WORK_STOPPED: Final = "Stopped, as you asked. Nothing half-done was left behind."
WORK_FAILED: Final = "This could not be done. Why was told once. Ask for the same again to see it."
WORK_SHOW: Final = "Show it here"
WORK_TAKEN: Final = (
    "This was finished. What was found is told once: it was told in another window, or is gone."
)
_GIVE_AGAIN: Final = (
    "The program ended while it was doing this, and nothing of it was kept. Give the file again."
)
_ASK_AGAIN: Final = (
    "The program ended while it was doing this. Ask for the same again: what was charged already "
    "is not charged twice."
)
WORK_INTERRUPTED: Final[dict[JobKind, str]] = {
    "read": _GIVE_AGAIN,
    "keep": _GIVE_AGAIN,
    "map": _ASK_AGAIN,
    "release": _ASK_AGAIN,
    "sample": _ASK_AGAIN,
    "orders": _ASK_AGAIN,
}


def work_elsewhere(job: Job) -> str:
    """A work that another window began, or that ended with nobody looking."""
    what = WORKS[job.kind]
    if job.state == "running":
        return f"{what}: under way, {wording.part(job.done)} done."
    return f"{what}: done." if job.state == "done" else f"{what}: ended early."


def internal(reference: str) -> str:
    """Our mistake, with the number that finds it in the log."""
    return (
        "Something went wrong on our side, and nothing of your data was shown. Try again; if it "
        f"happens once more, tell the operator this reference: {reference}."
    )


def safe(text: str) -> str:
    """A text for markdown whose signs mean themselves."""
    return "".join(f"\\{sign}" if sign in _MARKDOWN else sign for sign in text)


_MARKDOWN: Final = frozenset(r"\`*_{}[]()#+-.!|<>$~:&")


# ── budget ──────────────────────────────────────────────────────────────────────────────
BUDGET_TITLE: Final = "Privacy budget"


def budget_left(state: BudgetState) -> str:
    """What is left, in plain units."""
    return releases_left(state.releases_left)


def releases_left(count: int) -> str:
    """How many more releases the customers' privacy allows."""
    if count <= 0:
        return "No further release: the privacy budget of these customers is used up."
    return f"About {count} more release{'s' if count > 1 else ''} for these customers."


# ── start ───────────────────────────────────────────────────────────────────────────────
START_TITLE: Final = "Customer segments you can share"
START_LEAD: Final = (
    "Find the groups in your customer base, see what sets them apart, and share them by link. "
    "Every number carries protective noise, so that nobody can be picked out."
)
TRY_SAMPLE: Final = "Try with sample data"
TRY_ORDERS: Final = "Try with sample orders"
USE_MINE: Final = "Use my data"
SAMPLE_HINT: Final = "An invented shop. One click to segments, in about ten seconds."
SAMPLE_PURPOSE: Final = "Trying the program on an invented shop"
RESUME_TITLE: Final = "Carry on"
RESUME_EMPTY: Final = "Your work will be listed here, ready to be picked up again."
STEPS: Final = (
    ("Give a table", "CSV, Excel or Parquet. Names, addresses and ids are dropped at once."),
    ("Find the groups", "Pick what counts, and see the price and the precision beforehand."),
    ("Share safely", "A page that anyone can open by link, until the day you choose."),
)
TABLE_ITEM: Final = "Customer table"
MAP_ITEM: Final = "Map"
RELEASE_ITEM: Final = "Release"


def resume(kind: str, title: str, when: str) -> str:
    """One line of earlier work."""
    return f"{kind}: **{safe(title)}** · {when}"


# ── data ────────────────────────────────────────────────────────────────────────────────
DATA_TITLE: Final = "Your customers"
DATA_LEAD: Final = (
    "Drop a table of customers, or of their orders. Rows that share a customer id become one."
)
UPLOAD_LABEL: Final = (
    "One or several files: CSV, TSV, Excel, Parquet, text also compressed (.gz, .zip, .zst)"
)
MOST_ROWS_OF_A_SHEET: Final = 1_048_576
UPLOAD_LIMITS: Final = (
    "Up to {mb:,} MB here, also unpacked. A sheet of Excel ends at {rows:,} rows and is read "
    "whole: for more, save it as CSV or Parquet. What is larger still is read from a folder or a "
    "database that the owner of this program declares."
)
FOLDER_LABEL: Final = "Or files from this machine's folder, also very large ones"
FOLDER_BUTTON: Final = "Read these files"
TABLE_LABEL: Final = "Or a table that is read where it lies"
TABLE_NONE: Final = "Choose a table"
TABLE_BUTTON: Final = "Read this table"
KEEP_BUTTON: Final = "Keep these columns"
START_OVER: Final = "Give another file"
NO_UPLOAD_IN_DEMO: Final = (
    "In the demo there is only the sample shop, so that nobody gives real customers to a visit "
    "that will be forgotten."
)
ORDERS_TITLE: Final = "These look like orders"
ORDERS_BUTTON: Final = "Add up to one row per customer"
ORDERS_AS_LINES: Final = "Read the file as a table of customers instead"
ORDERS_UNTIL: Final = "Days count back from"
ORDERS_HELP: Final = (
    "A day that you choose, such as the day of the export: never the last order in the file, which "
    "one customer decides. Later orders are left out."
)
ORDERS_KEPT: Final = (
    "Of each customer the days since the last order, the number of orders, the total and the known "
    "group are kept, encrypted."
)
CUTS_FOLD: Final = "Where the groups are cut"
CUTS_NOTE: Final = (
    "The usual cut points fit many shops. Yours are free of charge, as long as they come from your "
    "trade and not from a look at these customers. They are published with the groups."
)
CUTS_DAYS: Final = ("Recent up to (days)", "Fading up to (days)", "Quiet up to (days)")
CUTS_ORDERS: Final = ("Coming back from (orders)", "Coming often from (orders)")
CUTS_SPENT: Final = "Spending much from (total)"
ORDERS_DAY: Final = "Which column tells the day of the order?"
ORDERS_AMOUNT: Final = "Which column tells what it came to?"


def orders_found(told: Orders) -> str:
    """How a file of orders is read."""
    number = f", lines with one “{told.number}” are one order" if told.number else ""
    times = f" times “{told.quantity}”" if told.quantity else ""
    return (
        f"Whose: “{told.customer}”. When: “{told.day}”. How much: “{told.amount}”{times}{number}. "
        "They are added up to one row per customer, for the groups that marketers know: "
        "Champions, Loyal, Promising, New, Needs attention, At risk, Hibernating, Lost."
    )


PURPOSE_LABEL: Final = "What will the segments be used for?"
PURPOSE_DEFAULT: Final = "Understanding our customer groups for marketing"
PURPOSE_HELP: Final = "It goes into the register of processing and limits what the table is for."
PURPOSE_MISSING: Final = "Please say in a few words what the segments will be used for."
ID_LABEL: Final = "Which column says who is who?"
NO_ID: Final = "None: each row is one customer"
CONSENT_LABEL: Final = "Which columns say who agreed to be used?"
AGE_LABEL: Final = "Which column tells the age?"
NO_AGE: Final = "None"
AGE_HELP: Final = "Minors are left out where an age is known."
KEPT_LABEL: Final = "Which columns may be used for segments?"
DATES_NOTE: Final = "Dates are used as days since then, counted up to one day for everybody."
UNTIL_LABEL: Final = "Count days up to"
DATE_ORDERS: Final[dict[DateOrder, str]] = {
    "ymd": "year first, or the month by name (2026-12-31)",
    "dmy": "day before month (31/12/2026)",
    "mdy": "month before day (12/31/2026)",
}
LEGAL_BASIS_LABEL: Final = "What allows you to use these customers' data?"
LEGAL_BASIS_HELP: Final = "It decides about customers who said neither yes nor no."
LEGAL_BASES: Final[dict[Basis, str]] = {
    "interests": "Legitimate interests: whoever said nothing may be used",
    "consent": "Consent: only those who said yes may be used",
    "contract": "A contract with them: whoever said nothing may be used",
}
UNLISTED_TITLE: Final = "What do these answers mean?"
UNLISTED_NOTE: Final = (
    "They stand in the columns that say who may be used, and nobody has said yet what they mean. "
    "You are asked once: your word is remembered, the answer itself is not."
)
MEANINGS: Final[dict[Meaning, str]] = {
    "unknown": "neither yes nor no",
    "in": "agreed",
    "out": "refused",
}
GUARDED_LABEL: Final = "Columns that stay only for a reason"
GUARDED_HELP: Final = (
    "They point to a person, to protected facts, or to what can stand for them. Health, belief, "
    "origin and the like also need a condition of Art. 9 (2) GDPR. Your reason goes into the audit "
    "log."
)
FLAWS_TITLE: Final = "Worth a look before you go on"
FLAWS_HEAD: Final = ("Rows", "What", "Column", "What follows")
NOTHING_KEPT: Final = "Please choose at least one column that may be used for segments."
REASON_MISSING: Final = "Please say in a few words why each of these columns has to stay."
REFUSALS_TITLE: Final = "People who said no"
REFUSALS_NOTE: Final = (
    "Whoever is on this list is left out of every table that you give from now on. It holds keyed "
    "codes, no names and no addresses, and outlives every table. Tables that are kept already stay "
    "as they are: give them again. Published releases never change."
)
REFUSALS_LABEL: Final = "Exports of who unsubscribed, or a list of addresses under a header"
LISTING: Final = "Putting them on the list…"
WAY_BACK: Final = "Tell your other tools now, as the addresses are kept nowhere. A file for each:"
CHANGE_CHOICES: Final = "Change what happens to the columns"
MASKED_TITLE: Final = "Five rows, masked"
DESTROY_NOTE: Final = "The key is destroyed first, then the file. Releases and links stay."
DESTROY_SURE: Final = "Yes, destroy this table"
REFUSED_HEAD: Final = ("Line", "Column", "Why")
REFUSED_TITLE: Final = "Lines that could not be read"
FINDINGS_TITLE: Final = "What was found"
FINDINGS_HEAD: Final = ("Column", "What it is", "What happens", "Why")
TO_SEGMENTS: Final = "Go on to segments"
KEPT_TABLES: Final = "Tables that are kept now"
DESTROY: Final = "Destroy now"
ROLES: Final[dict[Role, tuple[str, str]]] = {
    "id": ("customer id", "used to tell customers apart, then dropped"),
    "identifier": ("identifies a person", "dropped"),
    "consent": ("consent", "decides who may be used, then dropped"),
    "birth": ("birthday or year", "tells minors apart, then dropped"),
    "feature": ("trait", "can be used"),
    "category": ("group label", "can be used"),
    "date": ("date", "dropped"),
    "free_text": ("free text", "dropped"),
    "special": ("sensitive", "dropped"),
    "proxy": ("may stand for something sensitive", "dropped"),
    "unused": ("not known", "dropped"),
}


def dates_label(column: str) -> str:
    """Which column's dates are meant."""
    return f"How are the dates in “{safe(column)}” written?"


def received_headline(received: Received) -> str:
    """What was read, for the giver alone."""
    files = ", ".join(received.file_names)
    said = f"{received.rows:,} rows and {len(received.columns)} columns in {files}."
    if received.refused:
        lines = "line" if received.refused == 1 else "lines"
        said += f" {received.refused:,} {lines} could not be read and will be left out."
    return said


LEAST_TOLD: Final = 11
"""Counts of people below this are said as “fewer than 11”, also to the giver."""


def kept_headline(kept: Kept, *, use_unknown: bool = True) -> str:
    """How many customers may be used, of how many; rounded where a small count would follow."""
    reasons = [kept.said_no, kept.minors, kept.listed or 0]
    reasons += [] if use_unknown else [kept.unknown]
    asked = kept.customers + sum(reasons)
    if kept.customers < LEAST_TOLD:
        return f"Fewer than {LEAST_TOLD} customers may be used."
    small = kept.listed is not None and kept.listed < LEAST_TOLD
    if small or any(0 < count < LEAST_TOLD for count in reasons):
        return f"About {_tens(kept.customers)} of {_tens(asked)} customers may be used."
    return f"{kept.customers:,} of {asked:,} customers may be used."


def _tens(count: int) -> str:
    return f"{round(count, -1):,}"


def kept_sentences(kept: Kept, *, use_unknown: bool) -> tuple[str, ...]:
    """What became of the rest, one sentence each; shown to the giver only, once."""
    undecided = "and are used" if use_unknown else "and were left out"
    rows = (
        (kept.duplicates, "rows belonged to a customer already counted and were joined"),
        (kept.without_id, "rows had no customer id and were left out"),
        (kept.unlisted, "answers to consent could not be read and count as neither yes nor no"),
    )
    people = (
        (kept.said_no, "customers said no and were left out"),
        (kept.unknown, f"customers said neither yes nor no {undecided}"),
        (kept.minors, "customers are minors and were left out"),
    )
    told = list(wording.orders_told(kept.orders, LEAST_TOLD)) if kept.orders else []
    told += [f"{count:,} {what}." for count, what in rows[bool(kept.orders) :] if count]
    told += [f"{_few(count)} {what}." for count, what in people if count]
    if kept.listed is not None:
        told.append(f"{_few(kept.listed)} customers had said no earlier and were left out.")
    columns = f"{kept.columns_kept} of {kept.columns_received} columns are kept, encrypted."
    columns = ORDERS_KEPT if kept.orders else columns
    expiry = f"The table is destroyed on {wording.day(kept.expires_on)}."
    if kept.far:
        columns = "No row came here: all stay where they are, and are asked there."
        expiry = f"They can be asked until {wording.day(kept.expires_on)}."
    return (*told, columns, expiry, "These counts are shown to you now and never stored.")


def _few(count: int) -> str:
    few = wording.few(count, LEAST_TOLD)
    return few[:1].upper() + few[1:]


def unlisted_label(asked: Unlisted) -> str:
    """Which answer of which column is asked about."""
    return f"“{safe(asked.value)}” in “{safe(asked.column)}”"


def reason_label(column: str) -> str:
    """Which column needs a reason."""
    return f"Why does “{safe(column)}” have to stay?"


def flaw_row(found: Flaw) -> tuple[str, str, str, str]:
    """One thing that is wrong with the values, as a line of a table."""
    return f"{found.rows:,}", found.what, found.column or "–", found.advice


def refusals_waiting(count: int) -> str:
    """How many refusals came since the last release: they wait for the next one."""
    return (
        f"{_few(count)} ids came onto the list since your last release. They count from the next."
    )


def listed(done: Listed) -> str:
    """What became of a list of refusals."""
    return wording.listed(done, LEAST_TOLD)


def kept_table(table: Dataset) -> str:
    """One kept table in a list."""
    return f"**{safe(table.name)}** · destroyed on {wording.day(table.expires_on)}"


STAYS: Final = "stays, can be used"
LEFT_OUT: Final = "left out"


# ── known groups ────────────────────────────────────────────────────────────────────────
KNOWN_TITLE: Final = "Known groups: Champions to Lost"
KNOWN_LEAD: Final = (
    "By how recently, how often and for how much people bought (RFM), at public cut points. Only "
    "the groups' sizes and profiles are bought. They become visible to everybody with a link."
)
KNOWN_PUBLISH: Final = "Publish known groups"
KNOWN_OR_OWN: Final = "Or find segments of your own"


# ── segments ────────────────────────────────────────────────────────────────────────────
SEGMENTS_TITLE: Final = "Segments"
SEGMENTS_EMPTY: Final = "There are no customers to segment yet. Try the sample, or give a table."
TO_SEGMENTS_FIRST: Final = "Go to Segments"
PICK_WORK: Final = "Pick what to work on."
PLAN_LEAD: Final = "Choose what makes customers alike. A handful of columns works best."
FEATURES_LABEL: Final = "Customers count as alike by"
PROFILED_LABEL: Final = "Also describe each segment by"
PROFILED_FOLD: Final = "More columns to describe"
NO_FEATURES: Final = "Choose at least one column."
BOUNDS_FOLD: Final = "Expected ranges and orders"
BOUNDS_NOTE: Final = (
    "Suggested from each column's name, never from your customers. Values outside count as the "
    "nearest bound. Compare money and counts by ratio: 10 to 20 is then as far as 100 to 200."
)
BOUNDS_WRONG: Final = (
    "The lowest must be below the highest, and zero or more to compare by ratio. An order names "
    "at least two labels, each once."
)
ORDER_HINT: Final = "empty: no order · or small, medium, large"
LOW: Final = "lowest"
HIGH: Final = "highest"
BY_RATIO: Final = "by ratio"
DETAILS_FOLD: Final = "Details: privacy and smallest group"
EPSILON_LABEL: Final = "Privacy loss of one release (epsilon)"
SMALLEST_LABEL: Final = "Smallest group that may be shown, in people"
WISH_FOLD: Final = "I need a certain accuracy"
WISH_PART: Final = "Sizes right within ± %"
WISH_GROUP: Final = "of a group of, in people"
BUY_MAP: Final = "Buy the map"
NEW_MAP: Final = "Ask differently"
MAP_FREE: Final = "The map is yours. Everything in this part is free; try as much as you like."
HOW_MANY: Final = "How many segments?"
NAMES_FOLD: Final = "Rename the segments"
TITLE_LABEL: Final = "Title of the release"
TITLE_DEFAULT: Final = "Our customer segments"
SCATTER_TITLE: Final = "The map"
SCATTER_NOTE: Final = (
    "Each point is an invented customer, drawn from the noisy map. None of them is a person; "
    "together they are spread as your customers are."
)
SIDE_BY_SIDE: Final = "Side by side"
PUBLISH: Final = "Publish"
PUBLISH_TITLE: Final = "Publish these segments"
BECOMES_PUBLIC: Final = (
    "A release never changes. Names, sizes with ranges, typical values and distributions become "
    "visible to everybody with a link; rows, exact counts and small groups never do."
)
NOT_AFFORDABLE: Final = (
    "This costs more privacy than these customers have left. Choose a smaller privacy loss under "
    "details, or work with the releases that exist."
)


QUOTE_FOLD: Final = "What this buys"
EXPECTED_ERROR: Final = "expected error of a size"
PRICE: Final = "what it costs"
LEFT: Final = "still possible for these customers"


def count_left(count: int) -> str:
    """How many such releases are possible."""
    return f"{max(count, 0)} such release{'' if count == 1 else 's'}"


def too_many(most: int) -> str:
    """More columns than one question may have."""
    return f"Choose at most {most} columns."


def name_label(place: int) -> str:
    """Which segment is being renamed."""
    return f"Name of segment {chr(ord('A') + place)}"


def range_price(price: Spent, cap: Spent) -> str:
    """What it costs to find a range that nobody knows."""
    part = 100 * price.rho / cap.rho if cap.rho > 0 else 100
    return f"I don't know: find it for {part:.1f}{wording.NBSP}% of the privacy budget"


BUYING_RANGE: Final = "Finding the range…"


def range_bought(column: str, found: Bounds) -> str:
    """A range was found."""
    told = wording.bounds_words(found.low, found.high)
    return f"The range of “{wording.column_words(column)}” was found: {told}. It is set below."


def order_label(column: str) -> str:
    """Which column's labels are put in order."""
    return f"Order of {safe(column)}, lowest first"


def sizes_within(people: int) -> str:
    """The expected error of a size, before it is bought."""
    return f"± {wording.number(people)} people"


def map_precision(quote: Quote) -> str:
    """What the map can tell."""
    return f"sizes within about {sizes_within(quote.map_size_error)}"


def publish_precision(quote: Quote) -> str:
    """What a release can tell."""
    return f"sizes within about {sizes_within(quote.size_error)}"


def part_of_budget(spent: Spent, cap: Spent) -> str:
    """A price as a part of all that these customers' privacy allows."""
    if spent.rho == 0:
        return "Nothing: it is paid for"
    part = round(100 * spent.rho / cap.rho) if cap.rho > 0 else 100
    return f"{max(part, 1)}{wording.NBSP}% of the privacy budget"


def suggestion(k: int, reason: str) -> str:
    """The suggested number of segments with its reason."""
    return f"Suggested: {k}. {reason}"


def one_more(split: Split) -> str:
    """What one segment more would divide."""
    letter = chr(ord("A") + split.place)
    if not split.into:
        return (
            f"With {split.segments}, {letter} would be cut in two by a difference that is no "
            "larger than the noise."
        )
    return f"With {split.segments}, {letter} splits into {' and '.join(split.into)}."


def odds_at(epsilon: float) -> str:
    """What an epsilon promises, in odds."""
    return wording.odds(Spent(epsilon, DELTA, 0.0))


# ── cards ───────────────────────────────────────────────────────────────────────────────
BIG_ENOUGH: Final = ((1_000, "Big enough for most ad platforms"), (100, "Big enough for mailings"))
TOO_SMALL: Final = "Small: good for insight, not for targeting"
NEXT_STEP: Final = "Next step"
OF_ALL: Final = ("of all", "of all shown")


def usable(segment: Segment) -> tuple[str, int]:
    """Whether a segment is big enough to use, by the low end of its range; 0 is small, 2 large."""
    for level, (people, said) in zip((2, 1), BIG_ENOUGH, strict=True):
        if segment.size_low >= people:
            return said, level
    return TOO_SMALL, 0


# ── release ─────────────────────────────────────────────────────────────────────────────
RELEASE_EMPTY: Final = "Nothing is published yet. Segments become a release when you publish them."
WHICH_RELEASE: Final = "Release"
PUBLISHED_ON: Final = "published"


def people_in_all(other: HiddenGroup | None) -> str:
    """Whom the total of a release counts: hidden groups are not in it."""
    return "people in the segments shown" if other else "people in all"


def segments_shown(count: int) -> str:
    """What the number of segments counts."""
    return f"segment{'' if count == 1 else 's'} shown"


def difference(side: int, one: str, another: str) -> str:
    """Which of two segments is higher in a column, where that is more than noise."""
    return ("about the same", one, another)[side]


def release_line(info: ReleaseInfo) -> str:
    """One release in a list."""
    return f"{info.title} · {wording.day(info.created_at.date())} · " + _counted(
        info.segments, "segment"
    )


SIZES_TITLE: Final = "How large are they?"
SIZES_NOTE: Final = (
    "The dot is the estimate; the line is the range that the privacy noise leaves open (95 %)."
)
SIZES_HEAD: Final = ("Segment", "People", "Share")
TYPICAL: Final = "typical"
NO_DISTRIBUTIONS: Final = "Distributions within each segment come with publishing."
VIEWS_TITLE: Final = "What are they like?"
VIEWS: Final = ("What sets them apart", "One column", "Compare two")
HEAT_NOTE: Final = (
    "Blue is below, orange above what is usual among all customers; white is about the same, or a "
    "difference that the noise could have made."
)
COLUMN_LABEL: Final = "Column"
DISTRIBUTION_NOTE: Final = (
    "In color: the segment. Gray: all customers. Without a dot: hidden; then the others’ shares "
    "are among those shown, and their lines reach down to what they are of all."
)
COMPARE_LABELS: Final = ("One segment", "and another")
COMPARE_NOTE: Final = (
    "Left of the middle is below, right is above what is usual among all customers. Dots are "
    "joined where the two differ by more than the noise."
)
DIFFERENCE: Final = "Which is higher"
USUAL: Final = ("far below", "usual", "far above")
MOVEMENT_TITLE: Final = "Since the last release"
MOVEMENT_HEAD: Final = "What changed"
MOVEMENT_WITH: Final = "Compare with"
MOVEMENT_NOTE: Final = (
    "Bands are the ranges that the noise of each release leaves open (95 %); gray lines changed "
    "no more than that. Sizes are held against sizes: who went from one group to another can't "
    "be told."
)
MOVEMENT_NOTE_LEARNED: Final = (
    f"{MOVEMENT_NOTE} Segments that were found anew are matched by their centers, so a part of a "
    "change may be a border that moved."
)
HAND_OFF_FOLD: Final = "Use these segments in your own tables"
HAND_OFF_NOTE: Final = (
    "The rule places each customer in your own warehouse: no row leaves this program. It holds "
    "noisy and public numbers only, but who runs it sees your customers, so mind the consent "
    "there. Put your table's name in place of “customers”."
)
HAND_OFF_TABS: Final = ("SQL (DuckDB, PostgreSQL)", "Python")
ACCOUNT_FOLD: Final = "How this was made"
DETAILS_TITLE: Final = "Details for experts"
FINE_PRINT_HEAD: Final = ("What", "Value")
DOWNLOAD_TITLE: Final = "Download"
DOWNLOAD_NOTE: Final = (
    "Every file holds the same numbers as this page, with their ranges, how they were made, and "
    "the hash of the release."
)
DOWNLOAD_LABEL: Final = "As"
DOWNLOAD_FORMATS: Final = {
    "pdf": "Report (PDF)",
    "xlsx": "Workbook (XLSX)",
    "csv": "Table (CSV)",
    "png": "Pictures (PNG)",
    "svg": "Drawings (SVG)",
    "html": "Page for any browser (HTML)",
    "ipynb": "Notebook (IPYNB)",
    "json": "The release itself (JSON)",
}
DOWNLOAD: Final = "Download {}"
TO_SHARE: Final = "Share this release"
NOTHING_TO_COMPARE: Final = "There is nothing to compare yet: at least two segments are needed."
ALL_HIDDEN: Final = (
    "No segment is large enough to be shown. Try fewer segments, fewer columns, or more customers."
)
PEOPLE: Final = "people"
EVERYBODY: Final = "All customers"
HIDDEN_NAME: Final = "Hidden for privacy"

# ── share ───────────────────────────────────────────────────────────────────────────────
SHARE_TITLE: Final = "Share"
SHARE_LEAD: Final = (
    "A link opens this release for anyone who has it, without an account, until it expires or "
    "you revoke it."
)
SHARE_EMPTY: Final = "There is nothing to share yet. Publish segments first."
LINK_DAYS: Final = "Days until the link expires"
LINK_LABEL: Final = "Who is it for?"
LINK_LABEL_HINT: Final = "Board meeting, agency, …"
SHARED_BY: Final = "Who shares it? Its readers see this name."
SHARED_BY_HINT: Final = "Mia, Marketing"
CREATE_LINK: Final = "Create link"
LINK_ONCE: Final = "Copy this link now. It is shown this once and kept nowhere."
LINK_COPIED: Final = "I have copied it"
PREVIEW: Final = "Open the link in a private window to see exactly what the other person sees."
EMBED_NOTE: Final = (
    "Put it into your site as the address of an iframe; elsewhere it opens as usual."
)
LINKS_TITLE: Final = "Links of this release"
LINKS_EMPTY: Final = "No link has been made yet."
REVOKE: Final = "Revoke"
REVOKE_ALL: Final = "Revoke all"
NO_LABEL: Final = "Link"
DEMO_LINKS: Final = "In the demo, links end with your visit."

TERMS_TITLE: Final = "Passphrase, views, recipient, other sites"
FOR_RECIPIENT: Final = "Recipient"
FOR_RECIPIENT_HELP: Final = (
    "Choose one from the register below for people outside. The link opens only while the "
    "register says why they may see it."
)
OWN_HOUSE: Final = "People of our own house"
PHRASE: Final = "Passphrase"
PHRASE_HELP: Final = (
    "Eight characters or more; empty: none is asked. Tell it on another way than the link. Five "
    "tries are allowed in a quarter of an hour, by all readers together."
)
LARGEST_VIEWS: Final = "Largest number of views"
SITES: Final = "Sites that may show the page inside theirs"
SITES_HELP: Final = "As https://name, several with spaces between. Empty: none may."
MORE: Final = "More"
AS_READERS_SEE: Final = "See it as readers do"
PAUSE: Final = "Pause"
PAUSE_LINK: Final = "Pause this link"
RESUME: Final = "Resume"
ROTATE: Final = "New address"
ROTATE_HELP: Final = (
    "The same link on the same terms under a new address; the old one is dead at once."
)
RENEW: Final = "Reviewed today"
VIEWS_HEAD: Final = ("Day (UTC)", "Views")
REVIEWED: Final = "I have looked"

RECIPIENTS_TITLE: Final = "Recipients outside the house"
RECIPIENTS_NOTE: Final = (
    "Links for a recipient open only while this register says why: a contract or a basis, a "
    "review that is not overdue, and outside the EEA what the transfer rests on. The program "
    "checks that it is noted, not that it is true."
)
WHICH_RECIPIENT: Final = "Write into the register"
NEW_RECIPIENT: Final = "A new recipient"
KEEP_RECIPIENT: Final = "Keep"
RECIPIENT_NAME: Final = "Name"
RECIPIENT_KIND: Final = "What they are to us"
RECIPIENT_KINDS: Final = {
    "internal": "Own house: nothing more is needed",
    "processor": "Processor: works for us by contract",
    "joint controller": "Joint controller: decides together with us",
    "third party": "Third party: anyone else",
}
CONTRACT_ON: Final = "Date of the contract"
CONTRACT_LINK: Final = "Where the contract is"
REVIEW_DUE: Final = "Next review"
BASIS: Final = "Basis, if no processor"
BASIS_HELP: Final = "Why they may see it, in a few words."
COUNTRY: Final = "Country"
COUNTRY_HELP: Final = "Two letters, as in FR, DE or US."
TRANSFER: Final = "Outside the EEA: the transfer rests on"
NO_TRANSFER: Final = "Nothing noted"
CONTACT: Final = "Contact"
REVOKE_THEIRS: Final = "Revoke their links"


def link_state(link: Link, now: datetime) -> str:
    """Whether a link opens now, and until when; if it doesn't, why."""
    until = wording.day(link.expires_at.date())
    if link.revoked_at:
        return f"revoked on {wording.day(link.revoked_at.date())}"
    if link.expires_at <= now:
        return f"expired on {until}"
    if link.paused_at:
        return f"paused on {wording.day(link.paused_at.date())}; expires on {until}"
    if link.held_because:
        return f"paused, because {link.held_because}"
    return f"open until {until}"


def link_terms(link: Link) -> str:
    """On which terms a link opens, in a few words."""
    terms = [
        f"for {link.recipient}" if link.recipient else "",
        "asks for a passphrase" if link.passphrase else "",
        f"at most {_counted(link.max_views, 'view')}" if link.max_views else "",
        f"inside {', '.join(link.embed)}" if link.embed else "",
    ]
    return " · ".join(each for each in terms if each)


def link_use(use: LinkUse | None) -> str:
    """How often a link's page was shown."""
    if use is None:
        return ""
    total = sum(each.times for each in use.views)
    return _counted(total, "view") if total else "not viewed yet"


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def views_rows(use: LinkUse) -> tuple[tuple[str, str], ...]:
    """Views by day, the newest first."""
    return tuple((wording.day(each.day), f"{each.times:,}") for each in reversed(use.views))


_WHY: Final = {
    "revoked": "after it was revoked",
    "expired": "after it expired",
    "paused": "while it was paused",
    "views": "after its last view",
    "recipient": "while the register kept it shut",
    "passphrase": "by a wrong passphrase",
    "uncounted": "while nothing could be counted",
}
_SAID: Final = {
    "useful": "it is useful",
    "noisy": "it is too noisy",
    "identifies": "it could identify someone",
}


def use_lines(use: LinkUse | None) -> tuple[str, ...]:
    """What was refused and what readers said, summed over days."""
    if use is None:
        return ()
    refused, said = Counter[str](), Counter[tuple[str, str]]()
    for each in use.refused:
        refused[each.why] += each.times
    for told in use.opinions:
        said[told.opinion, told.part] += told.times
    return (
        *(f"Refused {_WHY[why]}: {times:,}" for why, times in refused.items()),
        *(f"{part}: {_SAID[word]} ({times:,})" for (word, part), times in said.items()),
    )


def review(reviews: Sequence[Review]) -> str:
    """What readers of one link say could identify someone."""
    first = reviews[0]
    parts = ", ".join(dict.fromkeys(f"“{each.opinion.part}”" for each in reviews))
    return (
        f"A reader of the link “{first.link.label or NO_LABEL}” to “{first.title}” says that "
        f"someone could be identified by: {parts} ({wording.day(first.opinion.day)}). Look at the "
        "page as readers see it. A paused link can be resumed."
    )


def recipient_state(recipient: Recipient, obstacle: str | None) -> str:
    """How a recipient stands: what they are, and what keeps their links shut."""
    what = RECIPIENT_KINDS[recipient.kind].partition(":")[0]
    if obstacle:
        return f"{what} · links are paused, because {obstacle}"
    due = recipient.review_due
    return f"{what} · next review on {wording.day(due)}" if due else what


def renewed(due: date) -> str:
    """When a recipient is to be reviewed again."""
    return f"Noted. The next review is due on {wording.day(due)}."


def revoked(count: int) -> str:
    """How many links were closed."""
    return f"{count} link{'' if count == 1 else 's'} revoked."


# ── alternative texts ───────────────────────────────────────────────────────────────────
def sizes_alt(segments: int) -> str:
    """For people who hear the sizes chart."""
    return f"Sizes of {segments} segments as dots with ranges; the table below says the same."


def heat_alt(rows: int) -> str:
    """For people who hear the heat map."""
    return f"How {rows} columns differ from usual in each segment; the table below says the same."


def distribution_alt(column: str) -> str:
    """For people who hear the distribution."""
    return f"How “{column}” is spread in each segment; the table below says the same."


def scatter_alt(points: int) -> str:
    """For people who hear the scatter picture."""
    return f"{points} invented customers, placed by likeness and colored by segment."


def movement_alt(segments: int) -> str:
    """For people who hear the picture of what moved."""
    return f"Shares of {segments} segments then and now, with bands; the table below says the same."


def comparison_alt(one: str, another: str) -> str:
    """For people who hear the comparison."""
    return f"“{one}” and “{another}” compared by column; the table below says the same."


# ── the fine print of a release ─────────────────────────────────────────────────────────
def spent_words(spent: Spent) -> str:
    """Epsilon, delta and rho as an expert reads them."""
    return f"epsilon {spent.epsilon:.3g} at delta {spent.delta:.0e} (rho {spent.rho:.5f})"


def fine_print(release: Release) -> tuple[tuple[str, str], ...]:
    """What experts ask of a release: promise, unit, threshold, version and checksum."""
    return (
        ("Privacy loss", spent_words(release.budget)),
        ("Who is protected", f"{release.unit}; adjacency: {release.adjacency}"),
        ("Smallest group shown", f"about {release.threshold} people"),
        ("Made on", wording.day(date.fromisoformat(release.created_on[:10]))),
        ("Program version", release.version),
        ("Release id", release.id),
        ("SHA-256", release.digest),
    )


# ── privacy desk ────────────────────────────────────────────────────────────────────────
DESK_TITLE: Final = "Privacy desk"
DESK_LEAD: Final = "What is kept and until when, what it cost your customers, and what they asked."
DESK_EMPTY: Final = "No customer table is kept at the moment."
BASES_TITLE: Final = "Privacy budget"
CHARGES_FOLD: Final = "What it was spent on"
CHARGES_HEAD: Final = ("Day", "For", "Privacy loss", "Answer")
PURPOSES: Final = {
    "count": "Number of customers",
    "map": "Map",
    "release": "Release",
    "bounds": "Ranges of columns",
}
ANSWERED: Final = ("paid, no answer yet", "stored")
TABLES_TITLE: Final = "Customer tables"
TABLES_HEAD: Final = ("Table", "Purpose", "Columns", "Destroyed on")
REQUESTS_TITLE: Final = "Requests of customers"
REQUESTS_NOTE: Final = (
    "Make sure first that it is really them who ask. Who asked is never written down here."
)
REQUEST_KINDS: Final[dict[RequestKind, str]] = {
    "access": "See what is kept of them",
    "erasure": "Be erased",
    "correction": "Have something corrected",
    "objection": "Not be grouped any more",
}
REQUESTS_HEAD: Final = ("Asked for", "Received", "Answered", "What was done")
REQUEST_KIND: Final = "What does the customer ask for?"
REQUEST_DAY: Final = "When did the request arrive?"
REQUEST_CHECKED: Final = "Who of you made sure that it is them, and how?"
REQUEST_CHECKED_HINT: Final = "Mia, by calling back"
REQUEST_NOTE: Final = "Note this request"
REQUEST_FOLD: Final = "Note a new request"
WHO: Final = "Who is it? It is used now and not kept."
WHO_HINT: Final = "the id that your table tells customers apart by"
ANSWER_BUTTONS: Final[dict[RequestKind, str]] = {
    "access": "Look up what is kept",
    "erasure": "Erase, and keep out from now on",
    "correction": "Look up, and correct it in the next file",
    "objection": "Take out, and keep out from now on",
}
HELD_LEAD: Final = "This is what to tell them. It is shown once and not kept."
HELD_HEAD: Final = ("Table", "Purpose", "What is kept", "Until", "Segments")
NOT_HELD: Final = (
    "Nobody has that id in any table kept now. Try the other ids by which you know them."
)
CHOICES_TITLE: Final = "Page for customers"
CHOICES_LEAD: Final = (
    "Here customers say no themselves, without an account. It holds from the next map on."
)
CHOICES_NAME: Final = "By which name do your customers know you?"
CHOICES_FOLD: Final = "Open a page for your customers"
CHOICES_OPEN: Final = "Open the page"
CHOICES_CLOSE: Final = "Close the page"
CHOICES_USE: Final = (
    "Put this address into your privacy notice and under your messages. What customers write is "
    "sealed to your vault: whoever runs the shared pages can’t read it."
)
REQUESTS_NONE: Final = "No request is noted."
LOG_TITLE: Final = "Audit log"
LOG_HEAD: Final = ("Line", "When", "What", "Of")
LOG_FOLD: Final = "The newest lines"
ACTIONS: Final = {
    "dataset.kept": "Customer table kept",
    "dataset.destroyed": "Customer table destroyed",
    "map.bought": "Map bought",
    "release.published": "Release published",
    "link.made": "Link made",
    "link.revoked": "Link revoked",
    "links.revoked": "All links of a release revoked",
    "request.noted": "Request of a customer noted",
    "request.answered": "Request of a customer answered",
    "customer.looked_up": "A customer looked up",
    "dataset.renewed": "Customer table made anew without somebody",
    "choices.opened": "Page for customers opened",
    "choices.closed": "Page for customers closed",
    "choices.heard": "Customers’ no heard",
}


def log_state(state: LogState) -> str:
    """Whether the log holds."""
    if state.broken_at is not None:
        return (
            f"The log was changed: line {state.broken_at} does not fit. Keep a copy of the "
            "database and find out who could write to it."
        )
    if not state.head:
        return "The log is empty."
    return (
        f"Every line is as it was written. Note the seal of the last one elsewhere, {state.head}, "
        "and nobody can cut the end off unnoticed."
    )


def answer_by(due_on: date, today: date) -> str:
    """Until when an open request is to be answered."""
    return f"Answer by {days_left(due_on, today)}"


def placed(title: str, segment: str) -> str:
    """Where a release puts the customer who asks."""
    return f"{title}: {segment or 'in none that is shown'}"


def days_left(due_on: date, today: date) -> str:
    """How long there is to answer a request."""
    left = (due_on - today).days
    if left < 0:
        return f"overdue by {-left} day{'s' if left < -1 else ''}"
    return f"{wording.day(due_on)}, in {left} day{'' if left == 1 else 's'}"
