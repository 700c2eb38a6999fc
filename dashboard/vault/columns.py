"""What is each column for? Names and looks decide; no value of one customer ever does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from dashboard.plan import Feature, preset_bounds, preset_days, words_of
from dashboard.receipts import ColumnFinding
from dashboard.terms import DateReading, Role
from dashboard.vault import lexicon
from dashboard.vault.consent import polarity_of
from dashboard.vault.dates import likely_order
from dashboard.vault.lexicon import is_called, says
from dashboard.vault.scales import scale_of
from dashboard.vault.shapes import Shape

if TYPE_CHECKING:
    import pyarrow as pa

MASK: Final = "•••"
_MASKED: Final[frozenset[Role]] = frozenset({"id", "identifier", "free_text", "special", "unused"})
_SHOWN_SIGNS: Final = 24

_NOT_A_PERSON: Final = lexicon.phrases(lexicon.NOT_A_PERSON)
_SPECIAL: Final = lexicon.phrases(lexicon.SPECIAL)
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


@dataclass(frozen=True)
class _Column:
    name: str
    rows: int
    shape: Shape
    today: date

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

    def found(self, role: Role, reason: str) -> ColumnFinding:
        return ColumnFinding(self.name, role, self.kind, reason)


def describe(table: pa.Table, today: date | None = None) -> tuple[ColumnFinding, ...]:
    """Say of each column what it seems to be and what will happen to it, with one reason.

    Rules are asked in order, and the first that knows answers. Thresholds are shares
    of the values (nine in ten for a kind), so that one odd value changes nothing. At
    most one column gets the role ``id``: the best of those that can tell customers
    apart, even where ids repeat. Days are suggested to be counted up to ``today``.
    """
    day = today or datetime.now(UTC).date()
    columns = [
        _Column(name, table.num_rows, Shape(table.column(name).drop_null()), day)
        for name in table.column_names
    ]
    findings = [_finding(column) for column in columns]
    best = _best_id(columns, findings)
    if best is not None:
        findings[best] = replace(
            findings[best],
            role="id",
            reason="Tells which rows belong to one customer; kept only as a keyed code.",
        )
    return tuple(findings)


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
    return column.found("unused", "Not used: its values are too different to group people by.")


def _blank(column: _Column) -> ColumnFinding | None:
    if column.shape.count or polarity_of(column.name):
        return None
    return column.found("unused", "Not used: it is blank throughout.")


def _looks_personal(column: _Column) -> ColumnFinding | None:
    """Values outrank friendly names: an address stays one in a column called “ref”."""
    what = column.shape.personal
    if what is None or polarity_of(column.name) == "list":
        return None
    return column.found("identifier", f"Not kept: most values look like {what}.")


def _is_consent(column: _Column) -> ColumnFinding | None:
    polarity = polarity_of(column.name)
    fits = column.kind in ("flag", "category") or column.shape.count == 0
    if polarity is None or not (fits or polarity == "list" or column.shape.is_constant):
        return None
    if polarity in ("out", "list"):
        return column.found("consent", "Decides who is left out: a yes here means a refusal.")
    return column.found("consent", "Decides who may be used: a no here leaves the customer out.")


def _is_special(column: _Column) -> ColumnFinding | None:
    if says(column.name, _NOT_A_PERSON) or not says(column.name, _SPECIAL):
        return None
    return column.found(
        "special", "Never kept: its name points to health, belief, origin or other protected facts."
    )


def _is_birth(column: _Column) -> ColumnFinding | None:
    if not says(column.name, _BIRTH):
        return None
    if column.kind == "number":
        return _feature(column)
    return column.found("date", "Used only to leave out minors, then dropped.")


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
    known = says(column.name, _METRIC) or says(column.name, _NOT_A_PERSON)
    return _feature(column) if known and column.kind == "number" else None


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
    return column.found("free_text", "Not kept: free text can name anybody.")


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
    if column.kind in ("number", "flag"):
        return _feature(column)
    if column.kind == "date":
        return _date(column)
    if column.kind == "category":
        suggested = _labeled(column)
        return replace(
            column.found("category", "A label that customers share."), suggested=suggested
        )
    return None


def _date(column: _Column) -> ColumnFinding:
    reading = DateReading(likely_order(column.shape.sample), column.today.isoformat())
    bounds = preset_days(column.name)
    found = column.found("date", "Not kept unless you choose so: it is used as days since then.")
    return replace(found, suggested=Feature(column.name, "number", bounds=bounds, dates=reading))


def _labeled(column: _Column) -> Feature:
    """A category, or levels where the labels have an order that everybody knows."""
    texts, sizes = column.shape.levels
    scale = scale_of(column.name, texts, sizes.tolist())
    return Feature(column.name, "level" if scale else "category", domain=scale)


def _feature(column: _Column) -> ColumnFinding:
    if column.kind == "flag":
        found = column.found("feature", "A yes or no for each customer.")
        return replace(found, suggested=Feature(column.name, "flag"))
    if column.kind == "number" and (rated := _labeled(column)).domain:
        found = column.found("feature", "Points that customers gave, from low to high.")
        return replace(found, kind="category", suggested=rated)
    bounds = preset_bounds(column.name)
    found = column.found("feature", "A number for each customer.")
    return replace(found, suggested=Feature(column.name, "number", bounds=bounds))


_RULES: Final[tuple[Callable[[_Column], ColumnFinding | None], ...]] = (
    # A table of vendors' exact headers belongs first, once there is one.
    _blank,
    _looks_personal,
    _is_consent,
    _is_special,
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
