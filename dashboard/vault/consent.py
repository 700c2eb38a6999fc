"""Who said yes, who said no, and who said nothing: a yes is never read from a missing no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dashboard.errors import BadInputError
from dashboard.vault import lexicon

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

Polarity = Literal["in", "out", "status", "list"]
"""What a column's yes means: agreed, refused, a word that says which, or refused by being there."""

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

_YES: Final = lexicon.entries(lexicon.YES)
_NO: Final = lexicon.entries(lexicon.NO)
_AGREED: Final = lexicon.entries(lexicon.AGREED)
_REFUSED: Final = lexicon.entries(lexicon.REFUSED)
_NEITHER: Final = lexicon.entries(lexicon.NEITHER)


@dataclass(frozen=True)
class Reading:
    """What one column says of each row: 1 agreed, −1 refused, 0 neither.

    ``unlisted`` counts values that nobody taught the program to read; they are
    taken as neither.
    """

    states: npt.NDArray[np.int8]
    unlisted: int


def polarity_of(header: str) -> Polarity | None:
    """What a yes in a column of this name means; ``None`` if the name isn't about consent.

    Dates, counts and sources beside a consent column are no consent, and HubSpot's
    “Marketing contact status” is a billing tier.
    """
    for polarity, pattern in _NAMES:
        if lexicon.says(header, pattern):
            if polarity != "list" and lexicon.says(header, _NEVER):
                return _despite(header, polarity)
            return polarity
    return None


def _despite(header: str, polarity: Polarity) -> Polarity | None:
    """“Opted out of email: <type>” is consent although it ends in a topic; a date beside is not."""
    topic = re.match(r"(?i)\s*opted out of email\s*:", header)
    return polarity if topic else None


def read_answers(header: str, values: pa.ChunkedArray) -> Reading:
    """Read a whole column, each distinct value once.

    ============  =================  =======================  ================
    polarity      yes, 1, x, oui …   no, 0, false …           blank
    ============  =================  =======================  ================
    in, status    agreed             refused                  neither
    out           refused            neither                  neither
    list          refused            refused                  neither
    ============  =================  =======================  ================

    In every column but a list, words such as “unsubscribed” or “opted in” say
    it themselves.

    Raises:
        BadInputError: the name doesn't tell whether a yes means agreed or refused.
    """
    import numpy as np

    polarity = polarity_of(header)
    encoded = values.combine_chunks().dictionary_encode()
    meanings = [_meaning(header, polarity, each) for each in encoded.dictionary.to_pylist()]
    table = np.array([UNKNOWN if each is None else each for each in meanings] + [0], dtype=np.int8)
    unlisted = np.array([each is None for each in meanings] + [False])
    codes = encoded.indices.fill_null(len(meanings)).to_numpy()
    return Reading(table[codes], int(unlisted[codes].sum()))


def combined(readings: Sequence[Reading], rows: int) -> npt.NDArray[np.int8]:
    """Several columns about one row: any no wins, then any yes, else neither."""
    import numpy as np

    states = np.zeros(rows, dtype=np.int8)
    for reading in readings:
        states = np.maximum(states, reading.states)
    for reading in readings:
        states[reading.states == OUT] = OUT
    return states


def _meaning(header: str, polarity: Polarity | None, value: str) -> int | None:
    """1, 0 or −1, or ``None`` for a value that says nothing that we know."""
    if polarity == "list":
        return OUT if value.strip() else UNKNOWN
    parts = [_one_meaning(header, polarity, part) for part in value.split(";")]
    known = [each for each in parts if each is not None]
    if not known:
        return None
    return OUT if OUT in known else max(known)


def _one_meaning(header: str, polarity: Polarity | None, value: str) -> int | None:
    text = _plain(value)
    if not text or text in _NEITHER:
        return UNKNOWN
    if text in _REFUSED:
        return OUT
    if text in _AGREED:
        return IN
    if text not in _YES and text not in _NO:
        return None
    if polarity is None:
        raise BadInputError(
            f"The column “{header}” can't decide who may be used: its name doesn't tell whether "
            "yes means agreed or refused. Rename it, for example to “opt in” or “opt out”."
        )
    if polarity == "out":
        return OUT if text in _YES else UNKNOWN
    return IN if text in _YES else OUT


def _plain(value: str) -> str:
    form = lexicon.spoken(value)[-1] if re.search(r"\w\w", value) and "/" not in value else value
    text = re.sub(r"[\s_–—-]+", " ", form.casefold()).strip()
    return re.sub(r"^([01])\.0+$", r"\1", text) or value.strip()
