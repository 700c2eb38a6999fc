"""What is each column for? Names and looks decide; no value of one customer ever does."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from dashboard.plan import PERCENT, Feature, preset_bounds, preset_days, words_of
from dashboard.receipts import ColumnFinding
from dashboard.terms import GUARDED, Bounds, DateReading, Domain, Role
from dashboard.vault import lexicon
from dashboard.vault.consent import Polarity, answers_consent, polarity_of
from dashboard.vault.dates import likely_order
from dashboard.vault.lexicon import is_called, says
from dashboard.vault.scales import scale_of
from dashboard.vault.shapes import MOST, SMALL, Shape
from dashboard.vault.texts import StoredTexts, looked_at
from dashboard.vault.vendors import STATUS_BY_FILE, Purpose, Vendor, vendor_of

if TYPE_CHECKING:
    import pyarrow as pa

    from dashboard.vault.texts import Texts

MASK: Final = "•••"
_MASKED: Final[frozenset[Role]] = frozenset(
    {"id", "identifier", "birth", "free_text", "special", "unused"}
)
_SHOWN_SIGNS: Final = 24
_TELLING: Final = 3
"""Rows that must hold a telling label before a column counts as sensitive by its values."""

_NOT_A_PERSON: Final = lexicon.phrases(lexicon.NOT_A_PERSON)
_SPECIAL: Final = lexicon.phrases(lexicon.SPECIAL)
_SPECIAL_VALUES: Final = lexicon.phrases(lexicon.SPECIAL_VALUES)
_CONSENT_STRING: Final = lexicon.phrases(lexicon.CONSENT_STRING)
_GROUP: Final = lexicon.phrases(lexicon.GROUP)
_ANSWER: Final = lexicon.phrases(lexicon.ANSWER)
_AGE: Final = lexicon.phrases(lexicon.AGE)
_PROXY: Final = lexicon.phrases(lexicon.PROXY)
_BIRTH: Final = lexicon.phrases(lexicon.BIRTH)
_METRIC: Final = lexicon.phrases(lexicon.METRIC)
_ID_BEST: Final = lexicon.phrases(lexicon.ID_BEST)
_ID_GOOD: Final = lexicon.phrases(lexicon.ID_GOOD)
_ID_OF_WHAT: Final = lexicon.phrases(lexicon.ID_OF_WHAT)
_EMAIL: Final = lexicon.phrases(lexicon.EMAIL)
_IDENTIFIER: Final = lexicon.phrases(lexicon.IDENTIFIER)
_STRONG: Final = lexicon.phrases(lexicon.STRONG_IDENTIFIER)
_FREE_TEXT: Final = lexicon.phrases(lexicon.FREE_TEXT)
_EVENTS: Final = lexicon.entries(lexicon.EVENTS)
_PEOPLE: Final = lexicon.entries(lexicon.PEOPLE)
_CODE_WORDS: Final = lexicon.entries(lexicon.CODE_WORDS)


_CHOOSABLE: Final[frozenset[Role]] = GUARDED | {"birth", "feature", "category", "date", "unused"}


@dataclass(frozen=True)
class _Column:
    name: str
    rows: int
    shape: Shape
    today: date
    vendor: Vendor | None = None

    @property
    def kind(self) -> str:
        if self.shape.personal:
            return "text"
        for kind, holds in (
            ("flag", self.shape.is_flag),
            ("number", self.shape.is_number),
            ("date", self.shape.is_date),
            ("category", self.shape.is_category),
        ):
            if self.shape.count and holds:
                return kind
        return "text"

    @cached_property
    def scale(self) -> Domain | None:
        """The order of the labels, where everybody knows it."""
        if self.kind not in ("number", "category"):
            return None
        texts, sizes = self.shape.levels
        return scale_of(self.name, texts, sizes.tolist())

    @property
    def suggested(self) -> Feature | None:
        """How this column would count, if somebody chose it; ``None`` where it can't."""
        if self.kind == "date":
            reading = DateReading(likely_order(self.shape.sample), self.today.isoformat())
            days = preset_days(self.name)
            return Feature(self.name, "number", bounds=days, dates=reading)
        if self.scale is not None:
            return Feature(self.name, "level", domain=self.scale)
        if self.kind == "number":
            return Feature(self.name, "number", bounds=self._usual_bounds)
        if self.kind == "flag":
            return Feature(self.name, "flag")
        return Feature(self.name, "category") if self.kind == "category" else None

    @property
    def _usual_bounds(self) -> Bounds:
        """The range that the name suggests; hundredths where they are written as such."""
        in_hundredths = "%" in self.name or self.shape.share(r"%\s*$") >= MOST
        return PERCENT if in_hundredths else preset_bounds(self.name)

    def found(self, role: Role, reason: str) -> ColumnFinding:
        suggested = self.suggested if role in _CHOOSABLE else None
        return ColumnFinding(self.name, role, self.kind, reason, suggested)


def describe(table: pa.Table, today: date | None = None) -> tuple[ColumnFinding, ...]:
    """Say of each column what it seems to be and what will happen to it, with one reason.

    A known product's headers say it themselves (``vendors.py``). For all others
    rules are asked in order, and the first that knows answers; a number or label whose
    name says nothing is not used unless somebody chooses it. Thresholds are shares
    of the values (nine in ten for a kind), so that one odd value changes nothing. At
    most one column gets the role ``id``: the best of those that can tell customers
    apart, even where ids repeat. Days are suggested to be counted up to ``today``.
    """
    day = today or datetime.now(UTC).date()
    vendor = vendor_of(table.column_names)
    columns = [
        _Column(name, table.num_rows, Shape(table.column(name).drop_null()), day, vendor)
        for name in table.column_names
    ]
    findings = [_finding(column) for column in columns]
    best = _vendor_id(columns) if vendor else None
    best = _best_id(columns, findings) if best is None else best
    if best is not None:
        findings[best] = replace(
            findings[best],
            role="id",
            reason="Tells which rows belong to one customer; kept only as a keyed code.",
            suggested=None,
        )
    return tuple(findings)


_JUDGED: Final[WeakKeyDictionary[StoredTexts, tuple[ColumnFinding, ...]]] = WeakKeyDictionary()


def judged(raw: Texts) -> tuple[ColumnFinding, ...]:
    """What :func:`describe` says of a file by the rows that are looked at; of an upload only once.

    It is kept as long as somebody works with that upload.
    """
    if not isinstance(raw, StoredTexts):
        return describe(looked_at(raw))
    if raw not in _JUDGED:
        _JUDGED[raw] = describe(looked_at(raw))
    return _JUDGED[raw]


def masked_rows(
    table: pa.Table, findings: Sequence[ColumnFinding], count: int = 5
) -> tuple[tuple[str, ...], ...]:
    """The first rows as their giver may look at them once: whoever it is, is masked."""
    rows = table.slice(0, count).select([each.name for each in findings]).to_pylist()
    return tuple(tuple(_shown(row[each.name], each) for each in findings) for row in rows)


def _shown(value: str | None, finding: ColumnFinding) -> str:
    if value is None:
        return ""
    if finding.role in _MASKED or "@" in value:
        return MASK
    return value if len(value) <= _SHOWN_SIGNS else value[: _SHOWN_SIGNS - 1] + "…"


# ── the rules, in the order in which they are asked ─────────────────────────────────────
def _finding(column: _Column) -> ColumnFinding:
    for rule in _RULES:
        finding = rule(column)
        if finding is not None:
            return finding
    return column.found("unused", _TOO_DIFFERENT)


def _by_vendor(column: _Column) -> ColumnFinding | None:
    purpose = column.vendor.purpose(column.name) if column.vendor else None
    if column.vendor is None or purpose is None:
        return None
    return _as_known(column, purpose, column.vendor.name)


def _as_known(column: _Column, purpose: Purpose, product: str) -> ColumnFinding | None:
    if column.name == STATUS_BY_FILE and not column.shape.count:
        return column.found("consent", _NOT_IN_NAME)
    if purpose == "consent":
        return column.found("consent", _CONSENT_REASONS[polarity_of(column.name) or "in"])
    if purpose == "used":
        return _suggested(column) or _blank(column) or column.found("unused", _TOO_DIFFERENT)
    if purpose in ("id", "identifier"):
        return column.found("identifier", f"Not kept: {product} keeps here who somebody is.")
    if purpose == "birth":
        return column.found("birth", _BIRTH_REASON)
    if purpose == "date":
        return column.found("date", _DATE_REASON)
    if purpose == "special":
        return column.found("special", _SPECIAL_REASON)
    if purpose == "proxy":
        return _proxy(column)
    if purpose == "free_text":
        return column.found("free_text", _FREE_TEXT_REASON)
    return column.found("unused", f"Not used: in {product} it says nothing about how people buy.")


_TOO_DIFFERENT: Final = "Not used: its values are too different to group people by."
_BIRTH_REASON: Final = "Used only to leave out minors, then dropped."
_DATE_REASON: Final = "Not kept unless you choose so: it is used as days since then."
_FREE_TEXT_REASON: Final = "Not kept: free text can name anybody."
_SPECIAL_REASON: Final = (
    "Not kept without a written reason: its name points to health, belief, origin or other "
    "protected facts."
)
_NOT_IN_NAME: Final = (
    "Says nothing: Mailchimp writes who subscribed into a file's name, and this one was renamed."
)
_CONSENT_REASONS: Final = {
    "in": "Decides who may be used: a no here leaves the customer out.",
    "status": "Decides who may be used: a no here leaves the customer out.",
    "out": "Decides who is left out: a yes here means a refusal.",
    "list": "Decides who is left out: a yes here means a refusal.",
    "us_privacy": "Decides who is left out: a Y in third place refuses sale and sharing.",
}


def _blank(column: _Column) -> ColumnFinding | None:
    if column.shape.count or polarity_of(column.name):
        return None
    return column.found("unused", "Not used: it is blank throughout.")


def _looks_personal(column: _Column) -> ColumnFinding | None:
    """Values outrank friendly names: an address stays one in a column called “ref”."""
    what = column.shape.personal
    if what is None or polarity_of(column.name) == "list":
        return None
    if what == "a scrambled identifier":
        return column.found(
            "identifier",
            "Not kept: most values look like scrambled identifiers, which anybody who guesses an "
            "address can undo.",
        )
    return column.found("identifier", f"Not kept: most values look like {what}.")


def _is_consent_string(column: _Column) -> ColumnFinding | None:
    """Said rather than guessed: what these strings allow isn't read here."""
    if not is_called(column.name, _CONSENT_STRING):
        return None
    return column.found(
        "identifier",
        "Not kept, and not read: consent written for machines. Add a column that says yes or no.",
    )


def _is_consent(column: _Column) -> ColumnFinding | None:
    polarity = polarity_of(column.name) or _by_answers(column)
    fits = column.kind in ("flag", "category") or column.shape.count == 0
    fits = fits or polarity in ("list", "us_privacy") or column.shape.is_constant
    fits = fits or (polarity == "out" and column.kind == "date")
    if polarity is None or not fits:
        return None
    return column.found("consent", _CONSENT_REASONS[polarity])


def _by_answers(column: _Column) -> Polarity | None:
    """Labels such as “subscribed” and “unsubscribed” speak for themselves in any column."""
    if column.kind != "category" or len(column.shape.levels[1]) > len(column.shape.levels[0]):
        return None
    return "status" if answers_consent(_usual(column)) else None


def _usual(column: _Column) -> tuple[str, ...]:
    """The labels without those of one or two rows, so that no odd one decides."""
    texts, sizes = column.shape.levels
    least = _TELLING if column.shape.count >= SMALL else 1
    return tuple(text for text, size in zip(texts, sizes, strict=False) if size >= least)


def _is_special(column: _Column) -> ColumnFinding | None:
    if says(column.name, _NOT_A_PERSON) or not says(column.name, _SPECIAL):
        return None
    return column.found("special", _SPECIAL_REASON)


def _holds_special(column: _Column) -> ColumnFinding | None:
    """Product names give away what a harmless header hides; one customer's never do."""
    if column.kind not in ("category", "text"):
        return None
    if not any(says(text, _SPECIAL_VALUES) for text in _usual(column)):
        return None
    return column.found(
        "special",
        "Not kept without a written reason: some of its labels point to protected facts.",
    )


def _is_birth(column: _Column) -> ColumnFinding | None:
    if not says(column.name, _BIRTH):
        return None
    return column.found("birth", _BIRTH_REASON)


def _is_called_id(column: _Column) -> ColumnFinding | None:
    if column.kind == "flag" or column.shape.is_prose:
        return None
    named = any(is_called(column.name, each) for each in (_ID_BEST, _ID_GOOD, _ID_OF_WHAT))
    if named or any(form.endswith(" id") for form in lexicon.spoken(column.name)):
        return column.found(
            "identifier", "Not kept: its name says that it numbers people or things."
        )
    return None


def _is_constant(column: _Column) -> ColumnFinding | None:
    if not column.shape.is_constant:
        return None
    return column.found("unused", "Not used: (almost) everybody has the same value.")


def _is_called_proxy(column: _Column) -> ColumnFinding | None:
    return _proxy(column) if is_called(column.name, _PROXY) else None


def _is_called_identifier(column: _Column) -> ColumnFinding | None:
    if column.kind == "flag" or says(column.name, _NOT_A_PERSON):
        return None
    if is_called(column.name, _IDENTIFIER) or is_called(column.name, _EMAIL):
        return column.found("identifier", "Not kept: its name says that it points to a person.")
    if says(column.name, _STRONG):
        return column.found("identifier", "Not kept: its name says that it points to a person.")
    return None


def _numbers_events(column: _Column) -> ColumnFinding | None:
    """An order's number is a number, but it measures nobody."""
    words = words_of(column.name)
    if not column.shape.is_unique or not _EVENTS & set(words):
        return None
    alone = len(words) == 1 and not words[0].endswith("s")
    if words[-1] not in _CODE_WORDS and not (alone and column.shape.is_numbering):
        return None
    return column.found(
        "identifier", "Not kept: its name says that it numbers what people do, such as orders."
    )


def _is_metric(column: _Column) -> ColumnFinding | None:
    """What a name says that customers do; a product's own names come from ``_by_vendor``."""
    known = says(column.name, _METRIC) or says(column.name, _NOT_A_PERSON)
    return _suggested(column) if known and column.kind == "number" else None


def _mentions_identifier(column: _Column) -> ColumnFinding | None:
    if column.kind in ("flag", "date") or says(column.name, _NOT_A_PERSON):
        return None
    if says(column.name, _IDENTIFIER) or says(column.name, _EMAIL):
        return column.found("identifier", "Not kept: its name mentions a person's details.")
    return None


def _is_free_text(column: _Column) -> ColumnFinding | None:
    called = is_called(column.name, _FREE_TEXT) and column.kind in ("text", "category")
    if column.kind == "number" or not (called or (column.kind == "text" and column.shape.is_prose)):
        return None
    return column.found("free_text", _FREE_TEXT_REASON)


def _mentions_proxy(column: _Column) -> ColumnFinding | None:
    if not says(column.name, _PROXY) or says(column.name, _NOT_A_PERSON):
        return None
    return _proxy(column)


def _proxy(column: _Column) -> ColumnFinding:
    return column.found(
        "proxy", "Not kept unless you choose so: it can stand for gender, origin, place or family."
    )


def _is_numbering(column: _Column) -> ColumnFinding | None:
    if not (column.shape.is_code or (column.kind == "number" and column.shape.is_numbering)):
        return None
    if column.kind == "number" and not column.shape.is_numbering:
        return None
    if column.kind == "date":
        return None
    return column.found("identifier", "Not kept: nearly every row has a code of its own.")


def _by_kind(column: _Column) -> ColumnFinding | None:
    """What nobody taught the program waits to be chosen, whatever it may be."""
    if column.kind == "date":
        return _date(column)
    known = _GROUP if column.kind == "category" else _ANSWER
    if column.kind in ("category", "flag") and _says_so(column.name, known):
        return _suggested(column)
    if column.scale is not None:
        return _suggested(column)
    if column.suggested is None:
        return None
    return column.found("unused", "Not used unless you choose it: its name says nothing known.")


def _says_so(name: str, known: re.Pattern[str]) -> bool:
    return says(name, known) or says(name, _METRIC) or says(name, _NOT_A_PERSON)


def _date(column: _Column) -> ColumnFinding:
    return column.found("date", _DATE_REASON)


def _suggested(column: _Column) -> ColumnFinding | None:
    if column.kind == "number" and column.scale is not None:
        found = column.found("feature", "Points that customers gave, from low to high.")
        return replace(found, kind="category")
    if column.kind == "number":
        return column.found("feature", "A number for each customer.")
    if column.kind == "flag":
        return column.found("feature", "A yes or no for each customer.")
    if column.kind == "category":
        return column.found("category", "A label that customers share.")
    return None


_RULES: Final[tuple[Callable[[_Column], ColumnFinding | None], ...]] = (
    _by_vendor,
    _blank,
    _looks_personal,
    _is_consent_string,
    _is_consent,
    _is_special,
    _holds_special,
    _is_birth,
    _is_called_id,
    _is_constant,
    _is_called_proxy,
    _is_called_identifier,
    _numbers_events,
    _is_metric,
    _mentions_identifier,
    _is_free_text,
    _mentions_proxy,
    _is_numbering,
    _by_kind,
)


# ── who is who ──────────────────────────────────────────────────────────────────────────
def _vendor_id(columns: Sequence[_Column]) -> int | None:
    """The place of a known product's own id, where it says who most customers are."""
    for place, column in enumerate(columns):
        purpose = column.vendor.purpose(column.name) if column.vendor else None
        if purpose == "id" and column.shape.count >= 0.5 * max(1, column.rows):
            return place
    return None


def _best_id(columns: Sequence[_Column], findings: Sequence[ColumnFinding]) -> int | None:
    """The place of the column that tells customers apart best, if there is any."""
    ranked = [
        (_id_rank(column), len(column.shape.levels[1]), -place)
        for place, (column, finding) in enumerate(zip(columns, findings, strict=True))
        if finding.role == "identifier" and column.shape.count >= 0.5 * max(1, column.rows)
    ]
    rank, _, place = max(ranked, default=(0, 0, 0))
    return -place if rank > 0 else None


def _id_rank(column: _Column) -> int:
    """From 4 (its name says customer id) to 1 (unique codes of people, by name); 0 for none.

    A code that is merely unique may number orders: only the giver can say whom it names.
    """
    levels = len(column.shape.levels[1])
    if levels < 2:
        return 0
    if is_called(column.name, _ID_BEST):
        return 4
    words = set(words_of(column.name))
    if _EVENTS & words:
        return 0
    if is_called(column.name, _ID_GOOD):
        return 3
    if column.shape.personal == "an e-mail address" or is_called(column.name, _EMAIL):
        return 2
    numbers_people = _is_numbering(column) is not None and not says(column.name, _IDENTIFIER)
    return 1 if numbers_people and _PEOPLE & words else 0
