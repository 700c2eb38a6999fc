"""Texts → numbers and yes/no, each value by itself: no customer decides how another is read."""

from __future__ import annotations

import contextlib
import math
import re
from typing import TYPE_CHECKING, Final

from dashboard.vault import lexicon
from dashboard.vault.signs import bytes_of, once

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_PLAIN: Final = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$"
_AROUND: Final = re.compile(
    r"[\s'’_€$£¥￥円%]|^\\(?=\d)|\b(?:EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|kr)\b\.?", re.I
)
_COMMA_GROUPS: Final = re.compile(r"[-+]?(?!0,)\d{1,3}(,\d{3})+(\.\d*)?")
_POINT_GROUPS: Final = re.compile(r"[-+]?\d{1,3}((\.\d{3})+,\d*|(\.\d{3}){2,})")
_DECIMAL_COMMA: Final = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_BELOW_ZERO: Final = re.compile(r"\((\d[\d.,]*)\)|(\d[\d.,]*)-")

_YES: Final = lexicon.entries(lexicon.YES)
_NO: Final = lexicon.entries(lexicon.NO)

_NO_NUMBERS: Final = ("nan", "inf", "infinity")
MISSING: Final = frozenset(
    {
        *("na", "n/a", "n.a.", "#n/a", "#value!", "#ref!", "#div/0!", "null", "none", "nil"),
        *(".", "-", "?"),
        *(f"{sign}{each}" for sign in ("", "-", "+") for each in _NO_NUMBERS),
    }
)
"""Words that programs write where there is no value, in small letters."""

_DIGITS: Final = b"0123456789.-"
"""What whole numbers and decimals are written with. A text of nothing else that Arrow reads
as a number is a plain one, and no other way of reading it is left."""


def is_missing(texts: pa.Array) -> pa.Array:
    """Which texts are words for “no value”."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.is_in(pc.ascii_lower(texts), value_set=pa.array(sorted(MISSING)))


def number_of(text: str) -> float:
    """One text as a number; NaN if it is none, or not a finite one.

    “1,234.5”, “1.234,5”, “€ 12”, “12 %” (12) and “12,5” (12.5) are understood. A single
    comma before exactly three digits groups thousands, a single point never does:
    every value is read by itself, without looking at other customers'. What bookkeepers
    put in brackets, “(12.50)”, or write as “12.50-”, is below zero.
    """
    bare = _AROUND.sub("", text).replace("−", "-")
    if below := _BELOW_ZERO.fullmatch(bare):
        bare = f"-{below[1] or below[2]}"
    if _COMMA_GROUPS.fullmatch(bare):
        bare = bare.replace(",", "")
    elif _POINT_GROUPS.fullmatch(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _DECIMAL_COMMA.fullmatch(bare):
        bare = bare.replace(",", ".")
    elif not re.fullmatch(_PLAIN, bare, re.ASCII):
        return math.nan
    number = float(bare)
    return number if math.isfinite(number) else math.nan


def numbers(texts: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """A whole column as numbers, NaN where there is none; the plain ones are read at once."""
    import numpy as np

    parsed = np.concatenate([np.empty(0), *map(_numbers, texts.chunks)])
    parsed[~np.isfinite(parsed)] = np.nan
    return parsed


def _numbers(texts: pa.Array) -> npt.NDArray[np.float64]:
    """Each value is read as :func:`number_of` does, however the others are written."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not bytes_of(texts).translate(None, _DIGITS):
        with contextlib.suppress(pa.ArrowInvalid):  # such as 1-2: it has to be found
            return np.asarray(texts.cast(pa.float64()).to_numpy(zero_copy_only=False))
    plain = pc.fill_null(pc.match_substring_regex(texts, _PLAIN), fill_value=False)
    known = pc.if_else(plain, texts, None).cast(pa.float64())
    parsed = np.array(known.to_numpy(zero_copy_only=False), dtype=np.float64)
    odd = np.flatnonzero(~np.asarray(plain) & np.asarray(texts.is_valid()))
    if odd.size:
        values, codes = once(texts.take(pa.array(odd)))
        parsed[odd] = np.array([number_of(text) for text in values.to_pylist()])[codes]
    return parsed


def flags(texts: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """A whole column as yes (1) and no (0), NaN where it is neither."""
    import numpy as np

    values, codes = once(texts)
    told = [flag_of(text) for text in values.to_pylist()]
    each = np.array([*told, math.nan], dtype=np.float64)
    return each[codes]


def flag_of(text: str) -> float:
    """One text as yes (1) or no (0), in four languages; NaN if it is neither."""
    word = re.sub(r"^([01])[.,]0+$", r"\1", text.strip().casefold())
    if word in _YES:
        return 1.0
    return 0.0 if word in _NO else math.nan
