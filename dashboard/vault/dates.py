"""Texts → days, each value by itself: which comes first, day or month, is declared, not guessed."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.terms import DateOrder, DateReading
from dashboard.vault.signs import once

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_REST: Final = r"(?:[ t,].*)?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_REST}")
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}|\d{{2}}){_REST}")
_DAY_AND_NAME: Final = re.compile(
    rf"(\d{{1,2}})\.?[ -]([a-z]{{3,10}})\.?[ -](\d{{4}}|\d{{2}}){_REST}"
)
_NAME_AND_DAY: Final = re.compile(rf"([a-z]{{3,10}})\.? (\d{{1,2}}),? (\d{{4}}){_REST}")
_PLAIN: Final = r"^\d{4}-\d{2}-\d{2}([ T].*)?$"

_NAMES: Final = (
    ("jan", "ene"),
    ("feb", "fev"),
    ("mar",),
    ("apr", "avr", "abr"),
    ("may", "mai"),
    ("jun", "juin"),
    ("jul", "juil"),
    ("aug", "aou", "ago"),
    ("sep",),
    ("oct", "okt"),
    ("nov",),
    ("dec", "dez", "dic"),
)
_MONTHS: Final = {start: month for month, starts in enumerate(_NAMES, 1) for start in starts}
"""The beginnings of months' names in English, French, German and Spanish."""

_CENTURY_TURNS: Final = 69
"""A year of two digits is of the 21st century below this, as everywhere on computers."""


def days_before(texts: pa.ChunkedArray, reading: DateReading) -> npt.NDArray[np.float64]:
    """How many days before the declared day each date lies; negative after it, NaN for no date."""
    return reading.day.toordinal() - ordinals(texts, reading.order)


def ordinals(texts: pa.ChunkedArray, order: DateOrder) -> npt.NDArray[np.float64]:
    """A whole column as days since the beginning of year 1; NaN where there is no such date."""
    import numpy as np

    values, codes = once(texts)
    return np.append(_ordinals(values, order), math.nan)[codes]


def _ordinals(texts: pa.Array, order: DateOrder) -> npt.NDArray[np.float64]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = pc.match_substring_regex(texts, _PLAIN)
    starts = pc.utf8_slice_codeunits(pc.if_else(plain, texts, None), 0, 10)
    known = pc.strptime(starts, format="%Y-%m-%d", unit="s", error_is_null=True)
    same = pc.equal(pc.strftime(known, format="%Y-%m-%d"), starts)  # strptime takes 30 February
    known = pc.if_else(same, known, None)
    seconds = pc.fill_null(known.cast(pa.int64()), np.iinfo(np.int64).min).to_numpy()
    days = np.where(np.asarray(known.is_valid()), seconds // 86_400 + _EPOCH, np.nan)
    odd = np.flatnonzero(np.isnan(days))
    told = [date_of(text, order) for text in texts.take(pa.array(odd)).to_pylist()]
    days[odd] = [math.nan if day is None else float(day.toordinal()) for day in told]
    return days


_EPOCH: Final = date(1970, 1, 1).toordinal()


def date_of(text: str, order: DateOrder) -> date | None:
    """One text as a date; ``None`` where it is none in the declared order.

    Four digits in front are a year and a word is a month, whatever was declared. A
    date of numbers that ends in its year is read in the declared order only, and is
    missing where that gives no day: nobody's 25/12 says how another's 05/06 is meant.
    A time behind the date is left away, and the day counts as it is written.
    """
    bare = unicodedata.normalize("NFKD", text.strip().casefold())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    if found := _YEAR_FIRST.fullmatch(bare):
        return _day(found[1], found[2], found[3])
    if found := _DAY_AND_NAME.fullmatch(bare):
        return _day(found[3], found[2], found[1])
    if found := _NAME_AND_DAY.fullmatch(bare):
        return _day(found[3], found[1], found[2])
    found = _YEAR_LAST.fullmatch(bare)
    if found and order == "dmy":
        return _day(found[3], found[2], found[1])
    return _day(found[3], found[1], found[2]) if found and order == "mdy" else None


def likely_order(texts: pa.ChunkedArray) -> DateOrder:
    """The order that a person may be asked to confirm: the one in which most values are dates.

    Day before month, unless one value in a hundred more can be read the other way.
    """
    import pyarrow.compute as pc

    plain = pc.match_substring_regex(texts, _PLAIN)  # which is read alike in every order
    values = pc.value_counts(texts.filter(pc.invert(plain))).to_pylist()
    readable = {
        order: sum(each["counts"] for each in values if date_of(each["values"], order))
        for order in _ORDERS
    }
    some = max(1, len(texts) // 100)
    if readable["mdy"] > readable["dmy"] + some:
        return "mdy"
    return "dmy" if readable["dmy"] > readable["ymd"] + some else "ymd"


_ORDERS: Final[tuple[DateOrder, ...]] = ("ymd", "dmy", "mdy")


def _day(year: str, month: str, day: str) -> date | None:
    whole = int(year)
    if len(year) == 2:
        whole += 2000 if whole < _CENTURY_TURNS else 1900
    number = int(month) if month.isdecimal() else _MONTHS.get(month[:4], _MONTHS.get(month[:3]))
    try:
        return date(whole, number or 0, int(day))
    except ValueError:
        return None
