"""What is wrong with the values, said before they make a segment: counted for the giver alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.receipts import ColumnFinding, Flaw
from dashboard.vault import lexicon
from dashboard.vault.ages import youngest_age
from dashboard.vault.consent import IN, OUT, read_answers
from dashboard.vault.dates import likely_order, ordinals
from dashboard.vault.lexicon import is_called, says
from dashboard.vault.numbers import numbers
from dashboard.vault.shapes import PERSONAL, Shape
from dashboard.vault.signs import once
from dashboard.wording import bounds_words

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

OLDEST: Final = 110
"""Years; nobody in a customer base is older."""

STALE_MONTHS: Final = 36
"""Without a purchase, click or visit for longer, most authorities expect the data to go."""

_TOTAL: Final = rf"(?i)^(?:{lexicon.TOTALS})\s*:?$"
_UNDONE: Final = lexicon.entries(lexicon.UNDONE)
_MANY: Final = 0.05
"""The part of the rows from which on a suggested range is worth a word."""

_AGE: Final = lexicon.phrases(lexicon.AGE)
_MONEY: Final = lexicon.phrases(lexicon.MONEY)
_ACTIVITY: Final = lexicon.phrases(lexicon.ACTIVITY)
_EMAIL: Final = lexicon.phrases(lexicon.EMAIL)
_TO_COME: Final = lexicon.phrases(
    "next|expected|due|expiry|expires|expiration|renewal|end|until|valid|predicted|prochaine|"
    "nachste|proxima"
)


def flaws(raw: pa.Table, findings: Sequence[ColumnFinding], today: date) -> tuple[Flaw, ...]:
    """Everything that is found wrong, worst first as far as segments are concerned."""
    told = [*_duplicates(raw, findings), *_contradictions(raw, findings)]
    again = any(each.role == "id" and _repeated(raw.column(each.name)) for each in findings)
    for each in findings:
        told += _in_column(raw.column(each.name), each, today)
        if again and each.kind == "category":
            told += _undone(raw.column(each.name), each.name)
    return tuple(flaw for flaw in told if flaw.rows)


def _duplicates(raw: pa.Table, findings: Sequence[ColumnFinding]) -> Iterator[Flaw]:
    """Rows of one customer; and one address under several ids, who may be counted twice."""
    ids = [each.name for each in findings if each.role == "id"]
    for name in ids:
        repeated = _repeated(raw.column(name))
        yield Flaw(
            "rows repeat a customer",
            name,
            repeated,
            "They become one customer: orders are added up, else the last value that can be read "
            "counts.",
        )
        yield Flaw(
            "rows are totals, by their id",
            name,
            _alike(raw.column(name), _TOTAL),
            "Each counts as a customer. Leave them out of the file.",
        )
    for each in findings:
        if ids and each.role == "identifier" and is_called(each.name, _EMAIL):
            shared = _repeated(raw.column(each.name)) - _repeated_pairs(raw, ids[0], each.name)
            yield Flaw(
                "rows share an address with another customer id",
                each.name,
                shared,
                "One person may be counted twice. Choose this column as the id if that is so.",
            )
    if not ids:
        yield Flaw(
            "rows are repeated whole",
            None,
            raw.num_rows - raw.group_by(raw.column_names).aggregate([]).num_rows,
            "Each counts as a customer. Choose the column that says who is who.",
        )


def _repeated(texts: pa.ChunkedArray) -> int:
    import pyarrow.compute as pc

    return int(len(texts) - texts.null_count - pc.count_distinct(texts).as_py())


def _repeated_pairs(raw: pa.Table, one: str, other: str) -> int:
    pairs = raw.select([one, other]).drop_null()
    return int(pairs.num_rows - pairs.group_by([one, other]).aggregate([]).num_rows)


def _contradictions(raw: pa.Table, findings: Sequence[ColumnFinding]) -> Iterator[Flaw]:
    """A yes beside a no: of one row in two columns, or of one customer in two rows."""
    import numpy as np

    asked = [each.name for each in findings if each.role == "consent"]
    if not asked:
        return
    states = [read_answers(name, raw.column(name)).states for name in asked]
    yes, no = np.any([s == IN for s in states], axis=0), np.any([s == OUT for s in states], axis=0)
    ids = [each.name for each in findings if each.role == "id"]
    if ids:
        yes, no = _of_customer(raw.column(ids[0]), yes), _of_customer(raw.column(ids[0]), no)
    yield Flaw(
        "rows say yes and no to being used",
        None,
        int((yes & no).sum()),
        "The no counts, wherever it stands.",
    )


def _of_customer(texts: pa.ChunkedArray, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which rows belong to a customer of whom some row is meant; rows without an id to nobody."""
    import numpy as np

    values, codes = once(texts)
    found: npt.NDArray[np.bool_] = np.zeros(len(values) + 1, dtype=bool)
    found[codes[rows]] = True
    found[-1] = False
    named: npt.NDArray[np.bool_] = found[codes]
    nameless: npt.NDArray[np.bool_] = rows & (codes == len(found) - 1)
    both: npt.NDArray[np.bool_] = named | nameless
    return both


def _in_column(texts: pa.ChunkedArray, finding: ColumnFinding, today: date) -> Iterator[Flaw]:
    name = finding.name
    if finding.kind == "date":
        yield from _dates(texts, finding, today)
    if finding.role == "birth" or is_called(name, _AGE):
        yield from _ages(texts, name, today)
    if finding.kind == "number" and (finding.role in ("feature", "unused") or says(name, _MONEY)):
        yield from _odd_numbers(texts, finding)
    if finding.role in ("id", "identifier") and is_called(name, _EMAIL):
        yield Flaw(
            "addresses can't be addresses",
            name,
            _unlike(texts, PERSONAL["an e-mail address"]),
            "Nobody can be recognized by them, and a no can't be matched.",
        )


def _undone(texts: pa.ChunkedArray, name: str) -> Iterator[Flaw]:
    """Orders that came to nothing, in a file with several rows for a customer."""
    yield Flaw(
        "rows are of canceled or refunded orders",
        name,
        sum(count for text, count in _counted(texts) if text.casefold() in _UNDONE),
        "They count like the others. Leave them out of the file if they shouldn't.",
    )


def _odd_numbers(texts: pa.ChunkedArray, finding: ColumnFinding) -> Iterator[Flaw]:
    """Amounts below zero, numbers beyond what a name suggests, and what is no number at all."""
    import numpy as np

    found, money = numbers(texts), says(finding.name, _MONEY)
    if money:
        yield Flaw(
            "amounts are below zero",
            finding.name,
            int((found < 0).sum()),
            "They count as the lowest value of the declared range. Refunds belong elsewhere.",
        )
    if finding.role == "feature":
        yield from _outside(found, finding, low=-np.inf if money else None)
    if finding.role in ("feature", "unused"):
        yield Flaw(
            "values are no numbers",
            finding.name,
            int(np.isnan(found).sum() - texts.null_count),
            "They count as missing.",
        )


def _outside(
    found: npt.NDArray[np.float64], finding: ColumnFinding, low: float | None
) -> Iterator[Flaw]:
    """Numbers beyond the range that a column's name suggests, where the name has misled."""
    bounds = finding.suggested.bounds if finding.suggested else None
    if bounds is None:
        return
    least = bounds.low if low is None else low
    outside = int(((found < least) | (found > bounds.high)).sum())
    if outside > _MANY * len(found):
        yield Flaw(
            f"values lie outside {bounds_words(bounds.low, bounds.high)}, the range that its name "
            "suggests",
            finding.name,
            outside,
            "They count as the nearest end of that range. Declare the range that you expect "
            "before you buy.",
        )


def _dates(texts: pa.ChunkedArray, finding: ColumnFinding, today: date) -> Iterator[Flaw]:
    import numpy as np

    days = ordinals(texts, likely_order(Shape(texts.drop_null()).sample))
    if not says(finding.name, _TO_COME):
        yield Flaw(
            "dates lie in the future",
            finding.name,
            int((days > today.toordinal()).sum()),
            "Check how day and month are written, and the clock of the system they come from.",
        )
    if says(finding.name, _ACTIVITY):
        months = STALE_MONTHS * 30.44
        yield Flaw(
            f"customers did nothing for {STALE_MONTHS} months",
            finding.name,
            int(np.nansum(today.toordinal() - days > months)),
            "Ask whether they still are customers, and whether you may still keep them.",
        )


def _ages(texts: pa.ChunkedArray, name: str, today: date) -> Iterator[Flaw]:
    counted = _counted(texts)
    ages = [(youngest_age(text, today), count) for text, count in counted]
    unlikely = sum(count for age, count in ages if age is not None and age > OLDEST)
    unlikely += sum(count for text, count in counted if _is_negative(text))
    untold = sum(count for age, count in ages if age is None)
    yield Flaw(
        f"ages are below 0 or above {OLDEST}",
        name,
        unlikely,
        "They count as the nearest end of the declared range. Blank them where they are wrong.",
    )
    if untold > 0.5 * sum(count for _, count in counted):
        yield Flaw(
            "birthdays tell no age",
            name,
            untold,
            "Minors can't be found by them: there is no year.",
        )


def _is_negative(text: str) -> bool:
    return text.startswith("-") and text[1:].replace(".", "", 1).isdecimal()


def _counted(texts: pa.ChunkedArray) -> list[tuple[str, int]]:
    import pyarrow.compute as pc

    counted = pc.value_counts(texts.drop_null()).to_pylist()
    return [(each["values"], each["counts"]) for each in counted]


def _alike(texts: pa.ChunkedArray, pattern: str) -> int:
    import pyarrow.compute as pc

    return int(pc.sum(pc.match_substring_regex(texts, pattern)).as_py() or 0)


def _unlike(texts: pa.ChunkedArray, pattern: str) -> int:
    return int(len(texts) - texts.null_count - _alike(texts, pattern))
