"""Is this a child? An age, a year of birth or a date of birth, each value by itself."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.vault.numbers import number_of
from dashboard.vault.signs import once

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
_SHORT_YEAR: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.](\d\d)")
_AT_LEAST: Final = re.compile(r"(\d{1,3}) ?(?:\+|(?:years )?(?:or|and) (?:older|over|above))", re.I)
_UNDER: Final = re.compile(r"(?:under|below|younger than|<) ?(\d{1,3})", re.I)
_YEARS: Final = range(1900, 2200)


def youngest_age(text: str, today: date) -> float | None:
    """The least age that a value leaves possible; ``None`` where it tells none.

    A year without a day counts as its last day, so that no child slips through.
    A number from 1900 is a year of birth, a smaller one an age. “13 or older” and
    “under 13” are ages, too; a day and month without a year tell none.
    """
    born = _ISO.fullmatch(text)
    if born:
        return _age(int(born[1]), (int(born[2]), int(born[3])), today)
    number = number_of(text)
    if not math.isnan(number):
        if int(number) in _YEARS:
            return _age(int(number), (12, 31), today)
        return number if number >= 0 else None
    if at_least := _AT_LEAST.fullmatch(text):
        return float(at_least[1])
    if under := _UNDER.fullmatch(text):
        return max(0.0, float(under[1]) - 1)
    year = _YEAR.search(text)
    if year:
        return _age(int(year[0]), (12, 31), today)
    short = _SHORT_YEAR.fullmatch(text)
    if short:
        told = int(short[1])
        return _age(told + (2000 if told <= today.year % 100 else 1900), (12, 31), today)
    return None


def children(values: pa.ChunkedArray, child_age: int, today: date) -> npt.NDArray[np.bool_]:
    """Which rows say that somebody is younger than the given age."""
    import numpy as np

    texts, codes = once(values)
    ages = [youngest_age(text, today) for text in texts.to_pylist()]
    young = np.array([age is not None and age < child_age for age in ages] + [False])
    rows: npt.NDArray[np.bool_] = young[codes]
    return rows


def _age(year: int, day: tuple[int, int], today: date) -> float | None:
    age = today.year - year - ((today.month, today.day) < day)
    return max(0.0, float(age)) if age > -2 else None
