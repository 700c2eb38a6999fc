"""Who said yes, who said no, and who said nothing: a yes is never read from a missing no."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dashboard.vault import lexicon
from dashboard.vault.shapes import DATE
from dashboard.vault.signs import once

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

Polarity = Literal["in", "out", "status", "list", "us_privacy"]
"""What a column's yes means: agreed, refused, a word that says which, or refused by being there.

``us_privacy`` is the string of four signs whose third is Y where sale was refused.
"""

Scope = Literal["profiling", "any", "channel"]
"""What a refusal is about: being grouped at all, everything or nothing in particular, or only
being written to by e-mail, text message, telephone or letter."""

LONGEST_ANSWER: Final = 40
"""Signs of an answer that a person may be asked about."""

_OF_A_PHONE: Final = 9
"""Digits from which on an answer holds a number that points to somebody; a day has eight."""

IN: Final = 1
UNKNOWN: Final = 0
OUT: Final = -1

_NAMES: Final[tuple[tuple[Polarity, re.Pattern[str]], ...]] = (
    ("list", lexicon.phrases(lexicon.CONSENT_LIST)),
    ("out", lexicon.phrases(lexicon.CONSENT_OUT)),
    ("status", lexicon.phrases(lexicon.CONSENT_STATUS)),
    ("in", lexicon.phrases(lexicon.CONSENT_IN)),
)
_NEVER: Final = lexicon.phrases(lexicon.CONSENT_NEVER)
_DATE: Final = re.compile(DATE)
_STAMP: Final = lexicon.phrases(lexicon.STAMP)
_EXACT: Final[dict[str, Polarity]] = {
    "marketing information": "out",  # HubSpot's export of who unsubscribed
    "subscribe": "in",
    "us privacy": "us_privacy",
    "usprivacy": "us_privacy",
    "us privacy string": "us_privacy",
    "email suppressions timestamp": "list",
}
_SCOPES: Final[tuple[tuple[Scope, re.Pattern[str]], ...]] = (
    ("profiling", lexicon.phrases(lexicon.ABOUT_PROFILING)),
    ("channel", lexicon.phrases(lexicon.ABOUT_CHANNEL)),
)

_YES: Final = lexicon.entries(lexicon.YES)
_NO: Final = lexicon.entries(lexicon.NO)
YES_OR_NO: Final = _YES | _NO
"""Answers that mean nothing as long as nobody says what was asked."""

_AGREED: Final = lexicon.entries(lexicon.AGREED)
_REFUSED: Final = lexicon.entries(lexicon.REFUSED)
_NEITHER: Final = lexicon.entries(lexicon.NEITHER)


@dataclass(frozen=True)
class Reading:
    """What one column says of each row: 1 agreed, −1 refused, 0 neither.

    ``unlisted`` counts values that nobody taught the program to read; they are
    taken as neither. ``scope`` is what a refusal in this column is about.
    """

    states: npt.NDArray[np.int8]
    unlisted: int
    scope: Scope = "any"


def polarity_of(header: str) -> Polarity | None:
    """What a yes in a column of this name means; ``None`` if the name isn't about consent.

    Dates, counts and sources beside a consent column are no consent, and HubSpot's
    “Marketing contact status” is a billing tier.
    """
    exact = next((_EXACT[form] for form in lexicon.spoken(header) if form in _EXACT), None)
    if exact is not None:
        return exact
    for polarity, pattern in _NAMES:
        if lexicon.says(header, pattern):
            if polarity != "list" and lexicon.says(header, _NEVER):
                return _despite(header, polarity)
            return polarity
    return None


def answers_consent(values: Sequence[str]) -> bool:
    """Whether labels are words for who agreed and who refused, whatever their column is called."""
    told = [plain_answer(value) for value in values]
    speaking = sum(text in _AGREED or text in _REFUSED for text in told)
    known = speaking + sum(text in _NEITHER for text in told)
    return speaking >= 1 and known == len(told) and _both_or_refused(told)


def _both_or_refused(told: Sequence[str]) -> bool:
    return any(text in _REFUSED for text in told) or sum(text in _AGREED for text in told) > 1


def scope_of(header: str) -> Scope:
    """What a refusal in a column of this name is about."""
    for scope, pattern in _SCOPES:
        if lexicon.says(header, pattern):
            return scope
    return "any"


def _despite(header: str, polarity: Polarity) -> Polarity | None:
    """“Opted out of email: <type>” is consent although it ends in a topic.

    The time of a refusal is one; the time, source or number of anything else is not.
    """
    if re.match(r"(?i)\s*opted out of email\s*:", header):
        return polarity
    others = [_STAMP.sub("", form) for form in lexicon.spoken(header)]
    stamped = polarity == "out" and not any(_NEVER.search(form) for form in others)
    return "list" if stamped else None


def read_answers(
    header: str, values: pa.ChunkedArray, told: Mapping[str, int] | None = None
) -> Reading:
    """Read a whole column, each distinct value once.

    ============  =================  =======================  ================
    polarity      yes, 1, x, oui …   no, 0, false …           blank
    ============  =================  =======================  ================
    in, status    agreed             refused                  neither
    out           refused            neither                  neither
    list          refused            refused                  neither
    us_privacy    third sign Y: refused, else neither         neither
    ============  =================  =======================  ================

    In every column but a list, words such as “unsubscribed” or “opted in” say
    it themselves. Where a name doesn't tell what a yes means, yes and no are unlisted.

    Args:
        header: the column's name, which says what a yes means.
        values: the answers of all rows.
        told: what a person said that unlisted answers mean, by their plain form
            (:func:`plain_answer`): 1 agreed, −1 refused, 0 neither.
    """
    import numpy as np

    polarity = polarity_of(header)
    answers, codes = once(values)
    meanings = []
    for each in answers.to_pylist():
        meaning = _meaning(polarity, each)
        meanings.append((told or {}).get(plain_answer(each)) if meaning is None else meaning)
    table = np.array([UNKNOWN if each is None else each for each in meanings] + [0], dtype=np.int8)
    unlisted = np.array([each is None for each in meanings] + [False])
    return Reading(table[codes], int(unlisted[codes].sum()), scope_of(header))


def unlisted_answers(header: str, values: pa.ChunkedArray) -> tuple[str, ...]:
    """The answers that nobody taught the program to read, each once, most frequent first.

    Long ones, addresses and telephone numbers are no answers and are left away. Nothing hangs on
    how many there are: whether an answer is one is decided for each by itself.
    """
    import pyarrow.compute as pc

    polarity = polarity_of(header)
    if polarity in ("list", "us_privacy"):
        return ()
    counted = pc.value_counts(values).to_pylist()
    found: dict[str, str] = {}
    for each in sorted(counted, key=lambda each: -each["counts"]):
        text = each["values"]
        if text is None or len(text) > LONGEST_ANSWER or "@" in text:
            continue
        if sum(map(str.isdigit, text)) >= _OF_A_PHONE:
            continue
        if _meaning(polarity, text) is None:
            found.setdefault(plain_answer(text), text)
    return tuple(found.values())


def combined(readings: Sequence[Reading], rows: int) -> npt.NDArray[np.int8]:
    """Several columns about one row: any no wins, then any yes, else neither."""
    import numpy as np

    states = np.zeros(rows, dtype=np.int8)
    for reading in readings:
        states = np.maximum(states, reading.states)
    for reading in readings:
        states[reading.states == OUT] = OUT
    return states


def without_noes(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The rows that hold no no in these columns."""
    import pyarrow as pa

    readings = [read_answers(name, table.column(name)) for name in columns]
    return table.filter(pa.array(combined(readings, table.num_rows) != OUT))


def _meaning(polarity: Polarity | None, value: str) -> int | None:
    """1, 0 or −1, or ``None`` for a value that says nothing that we know."""
    if polarity == "list":
        return OUT if value.strip() else UNKNOWN
    if polarity == "us_privacy":
        return _meaning_of_string(value)
    parts = [_one_meaning(polarity, part) for part in value.split(";")]
    known = [each for each in parts if each is not None]
    if not known:
        return None
    return OUT if OUT in known else max(known)


def _meaning_of_string(value: str) -> int | None:
    told = re.fullmatch(r"\d[YN-]([YN-])[YN-]", value.strip().upper())
    if not told:
        return None
    return OUT if told[1] == "Y" else UNKNOWN


def _one_meaning(polarity: Polarity | None, value: str) -> int | None:
    text = plain_answer(value)
    if not text or text in _NEITHER:
        return UNKNOWN
    if text in _REFUSED:
        return OUT
    if text in _AGREED:
        return IN
    if polarity == "out" and _DATE.match(value.strip()):
        return OUT  # the day of a refusal
    if text not in _YES and text not in _NO:
        return None
    if polarity is None:
        return None  # the name doesn't tell whether yes means agreed or refused
    if polarity == "out":
        return OUT if text in _YES else UNKNOWN
    return IN if text in _YES else OUT


def plain_answer(value: str) -> str:
    """An answer in one way of writing, without capitals, dashes and wide spaces."""
    form = lexicon.spoken(value)[-1] if re.search(r"\w\w", value) and "/" not in value else value
    text = re.sub(r"[\s_–—-]+", " ", form.casefold()).strip()
    return re.sub(r"^([01])\.0+$", r"\1", text) or value.strip()
