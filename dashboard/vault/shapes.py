"""What the values of a column look like, judged so that no single value decides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from dashboard.vault.numbers import flag_of, is_missing, numbers

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

MAX_LEVELS: Final = 50
SAMPLE: Final = 5_000
MOST: Final = 0.9
"""The share of values that must look alike before a column is said to be of a kind."""

_PERSONAL_SHARE: Final = 0.6
_UNIQUE: Final = 0.95
_ENOUGH_ROWS: Final = 50
_CARD_DIGITS: Final = r"^\d([ -]?\d){12,18}$"

DATE: Final = (
    r"^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})"
    r"|\d{1,2}[ -][A-Za-zéû]{3,9}\.?[ -]\d{2,4}|[A-Za-z]{3,9} \d{1,2},? \d{4})([ T,].*)?$"
)
PERSONAL: Final = {
    "an e-mail address": r"^[^@\s]+@[^@\s]+\.[^@\s.]+$",
    "a phone number": (
        r"^(\+\d[\d\s().\-/]{6,18}|\(\d{2,5}\)[\d\s.\-/]{5,15}"
        r"|0\d{1,4}[\s./-]\d[\d\s./-]{4,12}|\d{3}[-. ]\d{3}[-. ]\d{4})$"
    ),
    "an IP address": r"^((\d{1,3}\.){3}\d{1,3}|([0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4})$",
    "a bank account": r"^[A-Z]{2}\d{2} ?([A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}$",
    "a unique code": r"^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$",
    "a scrambled identifier": r"^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$",
    "a web address": r"^https?://\S+$",
}


@dataclass(frozen=True)
class Shape:
    """One column's values, in the measures that its role is decided by."""

    filled: pa.ChunkedArray

    @property
    def count(self) -> int:
        """How many values there are, blanks aside."""
        return len(self.filled)

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
        """The most frequent values, and the frequencies of all, largest first."""
        import numpy as np
        import pyarrow.compute as pc

        counted = pc.value_counts(self.filled)
        sizes = counted.field("counts").to_numpy()
        order = np.argsort(-sizes, kind="stable")
        texts = counted.field("values").take(order[: MAX_LEVELS + 1]).to_pylist()
        return tuple(texts), sizes[order]

    @cached_property
    def sample(self) -> pa.ChunkedArray:
        """At most 5,000 values, evenly spread over the file, without words for “no value”."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        places = np.unique(np.linspace(0, self.count - 1, min(self.count, SAMPLE)).astype(int))
        some = self.filled.take(pa.array(places))
        return some.filter(pc.invert(is_missing(some)))

    @cached_property
    def sampled_numbers(self) -> npt.NDArray[np.float64]:
        """The sample as numbers, those that are any."""
        import numpy as np

        parsed = numbers(self.sample)
        return parsed[~np.isnan(parsed)]

    def share(self, pattern: str) -> float:
        """The share of sampled values that a pattern describes."""
        import pyarrow.compute as pc

        if not len(self.sample):
            return 0.0
        return float(pc.mean(pc.match_substring_regex(self.sample, pattern)).as_py())

    @property
    def is_constant(self) -> bool:
        """Whether (almost) everybody has the same value: one odd one doesn't make it vary."""
        _, sizes = self.levels
        others = self.count - int(sizes[0]) if len(sizes) else 0
        return others <= (max(1, self.count // 1000) if self.count >= _ENOUGH_ROWS else 0)

    @cached_property
    def is_number(self) -> bool:
        """Whether nine values in ten are numbers."""
        return len(self.sampled_numbers) >= MOST * max(1, len(self.sample))

    @cached_property
    def is_date(self) -> bool:
        """Whether nine values in ten are written as dates."""
        return self.share(DATE) >= MOST

    @cached_property
    def is_flag(self) -> bool:
        """Whether the values are yes or no; a count that reaches 2 is none."""
        import numpy as np

        texts, sizes = self.levels
        answers = np.array([flag_of(text) for text in texts])
        top = sizes[: len(texts)]
        told = int(top[~np.isnan(answers)].sum())
        odd_numbers = (self.sampled_numbers != 0) & (self.sampled_numbers != 1)
        allowed = max(1, len(self.sample) // 200) if self.count >= SMALL else 0
        return told >= 0.95 * self.count and int(odd_numbers.sum()) <= allowed

    @cached_property
    def is_category(self) -> bool:
        """Whether at most 50 labels name nearly everybody."""
        _, sizes = self.levels
        named = int(sizes[:MAX_LEVELS].sum())
        repeated = len(sizes) <= 0.8 * self.count
        return self.count > 0 and named >= 0.95 * self.count and repeated

    @cached_property
    def is_unique(self) -> bool:
        """Whether nearly every row has a value of its own, in at least 50 rows."""
        _, sizes = self.levels
        return self.count >= _ENOUGH_ROWS and len(sizes) > _UNIQUE * self.count

    @cached_property
    def is_numbering(self) -> bool:
        """Whether unique whole numbers look like a numbering: close together or equally long."""
        import numpy as np

        found = self.sampled_numbers
        if not self.is_unique or len(found) < _ENOUGH_ROWS:
            return False
        whole = found[(found == np.floor(found)) & (found >= 0)]
        if len(whole) < _UNIQUE * len(found):
            return False
        low, high = np.quantile(whole, [0.05, 0.95])
        digits = np.floor(np.log10(np.maximum(whole, 1)))
        alike = np.bincount(digits.astype(int)).max() >= _UNIQUE * len(whole)
        return bool(high - low <= 2 * self.count or (alike and np.median(digits) >= 5))

    @cached_property
    def is_code(self) -> bool:
        """Whether values are unique single words with digits in them, such as AB-1234."""
        return self.is_unique and self.share(r"^\S*\d\S*$") >= MOST

    @cached_property
    def is_prose(self) -> bool:
        """Whether values are sentences rather than labels."""
        return self.share(r"(\S+\s+){5,}\S+") >= 0.3 or self.share(r"^(?s:.{60,})$") >= 0.3

    @cached_property
    def personal(self) -> str | None:
        """What each value is, if it identifies a person by its look alone."""
        if not len(self.sample) or self.is_date:
            return None
        for what, pattern in PERSONAL.items():
            if self.share(pattern) >= _PERSONAL_SHARE:
                return what
        return "a card number" if self._are_cards() else None

    def _are_cards(self) -> bool:
        if self.share(_CARD_DIGITS) < MOST:
            return False
        texts = self.sample.slice(0, 500).to_pylist()
        return sum(_passes_luhn(text) for text in texts) >= MOST * len(texts)


SMALL: Final = 20
"""Below this many rows, every value counts."""


def _passes_luhn(text: str) -> bool:
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
