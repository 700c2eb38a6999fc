r"""Lines → rows: quotation marks are read so that one customer's can't swallow another's line.

Exports have true line breaks inside quoted values, so a line end alone doesn't end a
row, and one open mark could make the next customers part of it. The rule here:

* A quotation mark *counts* if it stands at a value's edge (next to the delimiter or a
  line's end, blanks aside) or beside another quotation mark. Any other, as in
  ``12" screen``, is an ordinary sign. Only the mark's own line is looked at.
* A row ends at each line end with an even number of counting marks before it.
* A row on one line whose marks don't fit (an opening mark amid a value, text after a
  closing one) is refused alone. Where such a row runs over several lines, or the file
  ends inside a quoted value, the whole file is refused.

Why that is sound: put any lines between two rows of a file that is read. If an even
number of marks counts in them, every row before and after ends where it did, with the
same text. If an odd number does, the file's own number becomes odd, so it ends inside a
quoted value and is refused whole. So the rows of others stay as they are, or there are
none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine
from dashboard.vault.encodings import MAX_RECORD, too_long
from dashboard.vault.headers import checked_names

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Places = npt.NDArray[np.int64]

SEPARATOR: Final = "\x1f"
"""Stands between two values once rows are cut; what was there before becomes a blank."""

LINE_BREAK: Final = "\x1e"
"""Stands for a line break inside a value once rows are cut."""

_NO_CONTROLS: Final = bytes(32 if sign in (0x1E, 0x1F) else sign for sign in range(256))
_NEWLINE, _BLANK, _MARK = b'\n "'

FEWER: Final = "fewer values than the header has columns"
MORE: Final = "more values than the header has columns"
MISPLACED: Final = "a quotation mark is not closed, or text follows it"


@dataclass(frozen=True)
class _Signs:
    """Whole lines, from the start of a row on, and where in them something begins or ends."""

    text: bytes
    delimiter: int

    @cached_property
    def all(self) -> npt.NDArray[np.uint8]:
        import numpy as np

        return np.frombuffer(self.text, dtype=np.uint8)

    def at(self, sign: int) -> Places:
        import numpy as np

        return np.flatnonzero(self.all == sign)

    @cached_property
    def newlines(self) -> Places:
        return self.at(_NEWLINE)

    @cached_property
    def quotes(self) -> Places:
        return self.at(_MARK)

    @cached_property
    def edges(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Of each quotation mark, whether a value may begin before it, or end after it."""
        import numpy as np

        order = np.arange(len(self.all))
        filled = self.all != _BLANK
        before = np.maximum.accumulate(np.where(filled, order, -1))[self.quotes - 1]
        before[self.quotes == 0] = -1
        after = np.minimum.accumulate(np.where(filled, order, len(order))[::-1])[::-1]
        left = (before < 0) | self._ends_value(self.all[before])
        return left, self._ends_value(self.all[after[self.quotes + 1]])

    def _ends_value(self, signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        ends: npt.NDArray[np.bool_] = (signs == self.delimiter) | (signs == _NEWLINE)
        return ends

    @cached_property
    def counting(self) -> npt.NDArray[np.bool_]:
        """Which quotation marks open or close something."""
        import numpy as np

        left, right = self.edges
        twins = np.diff(self.quotes) == 1
        counting: npt.NDArray[np.bool_] = left | right
        counting[1:] |= twins
        counting[:-1] |= twins
        return counting

    @cached_property
    def marks(self) -> Places:
        return self.quotes[self.counting] if self.quotes.size else self.quotes

    def outside(self, places: Places) -> npt.NDArray[np.bool_]:
        """Which places lie outside quoted values."""
        import numpy as np

        outside: npt.NDArray[np.bool_] = (np.searchsorted(self.marks, places) & 1) == 0
        return outside

    @cached_property
    def separators(self) -> Places:
        delimiters = self.at(self.delimiter)
        return delimiters[self.outside(delimiters)] if self.marks.size else delimiters

    @cached_property
    def ends(self) -> Places:
        """The line ends that end a row."""
        return self.newlines[self.outside(self.newlines)] if self.marks.size else self.newlines

    @cached_property
    def used(self) -> int:
        """How much of the text is rows that ended."""
        return int(self.ends[-1]) + 1 if self.ends.size else 0

    @cached_property
    def _pairs(self) -> tuple[Places, Places, npt.NDArray[np.bool_]]:
        """Opening and closing marks, and which closing ones are doubled: a mark as a sign."""
        import numpy as np

        marks = self.marks[self.marks < self.used]
        opening, closing = marks[0::2], marks[1::2]
        doubled = np.zeros(len(closing), dtype=bool)
        doubled[:-1] = closing[:-1] + 1 == opening[1:]
        return opening, closing, doubled

    @cached_property
    def misplaced(self) -> Places:
        """Opening marks amid a value, and closing marks with text after them."""
        import numpy as np

        opening, closing, doubled = self._pairs
        if not opening.size:
            return opening
        left, right = (each[self.counting][: 2 * len(opening)] for each in self.edges)
        opens = left[0::2]
        opens[1:] |= doubled[:-1]
        return np.concatenate([opening[~opens], closing[~(right[1::2] | doubled)]])

    def rows(self, fitting: npt.NDArray[np.bool_], lengths: Places) -> bytes:
        """The rows that fit, with one sign between values and no mark around them."""
        import numpy as np

        signs = self.all[: self.used].copy()
        signs[self.separators[self.separators < self.used]] = ord(SEPARATOR)
        kept = np.repeat(fitting, lengths)
        if self.marks.size:
            breaks = self.newlines[~self.outside(self.newlines)]
            signs[breaks[breaks < self.used]] = ord(LINE_BREAK)
            opening, closing, doubled = self._pairs
            kept[opening] = False
            kept[closing[~doubled]] = False
        return signs.tobytes() if kept.all() else signs[kept].tobytes()

    def left_open(self, start: int) -> int:
        """Which value of the row that starts there is still open at its first line's end."""
        import numpy as np

        end = self.newlines[np.searchsorted(self.newlines, start)]
        mark = self.marks[np.searchsorted(self.marks, end) - 1]
        return int(np.searchsorted(self.separators, mark)) - int(
            np.searchsorted(self.separators, start)
        )


class RowCutter:
    """Cuts lines into rows with as many values as the header; counts the lines that don't fit."""

    def __init__(self, name: str, delimiter: str, line: int, max_listed: int) -> None:
        """Begin at the header, which stands in the given line."""
        self.names: list[str] = []
        self.rows = self.refused = 0
        self.lines: list[RefusedLine] = []
        self.delimiter = delimiter
        self._name, self._delimiter, self._line = name, ord(delimiter), line
        self._max_listed = max_listed
        self._held = b""

    def cut(self, lines: bytes) -> bytes:
        """Take whole lines; give the rows that ended in them, one line for each.

        Raises:
            BadInputError: the header can't be read, or a quotation mark endangers other rows.
        """
        import numpy as np

        signs = _Signs((self._held + lines).translate(_NO_CONTROLS), self._delimiter)
        self._held = signs.text[signs.used :]
        if not signs.used:
            self._check_length(self._line, len(self._held))
            return b""
        lengths = np.diff(signs.ends, prepend=-1)
        starts = signs.ends + 1 - lengths
        numbers = self._line + np.searchsorted(signs.newlines, starts)
        self._check_length(int(numbers[lengths.argmax()]), int(lengths.max()))
        widths = np.diff(np.searchsorted(signs.separators, signs.ends), prepend=0) + 1
        wrong = np.zeros(len(starts), dtype=bool)
        wrong[np.searchsorted(signs.ends, signs.misplaced)] = True
        self._refuse_swallowed(signs, starts[wrong], numbers[wrong], signs.ends[wrong])
        first = 0
        if not self.names:
            self._read_header(signs, int(lengths[0]), broken=bool(wrong[0]))
            first = 1
        blank = lengths == 1
        fitting = ~wrong & ~blank & (widths == len(self.names))
        fitting[:first] = False
        self._count(numbers[first:], widths[first:], wrong[first:], (fitting | blank)[first:])
        self.rows += int(fitting.sum())
        self._line += int(np.searchsorted(signs.newlines, signs.used))
        if len(self._held) > MAX_RECORD:
            self._check_length(self._line, len(self._held))
        return signs.rows(fitting, lengths)

    @property
    def between_rows(self) -> bool:
        """Whether the header was read and the next line begins a row."""
        return bool(self.names) and not self._held

    def skip(self, rows: int, lines: int) -> None:
        """Count rows that were cut elsewhere, from lines that need no care."""
        self.rows += rows
        self._line += lines

    def finish(self) -> None:
        """Refuse a file that ends inside a quoted value."""
        if self._held:
            signs = _Signs(self._held, self._delimiter)
            raise self._swallowed(self._line, signs.left_open(0))

    def _check_length(self, line: int, length: int) -> None:
        if length > MAX_RECORD:
            raise too_long(line, self._name)

    def _refuse_swallowed(
        self, signs: _Signs, starts: Places, numbers: Places, ends: Places
    ) -> None:
        """A row with misplaced marks on several lines may hold other customers' lines."""
        for start, number, end in zip(starts, numbers, ends, strict=True):
            if b"\n" in signs.text[start:end]:
                raise self._swallowed(int(number), signs.left_open(int(start)))

    def _swallowed(self, line: int, place: int) -> BadInputError:
        header = self.names[place] if place < len(self.names) else ""
        column = f", column “{header}”" if header else ""
        return BadInputError(
            f"{self._name}, line {line}{column}: a quotation mark here, or in a line above, is not "
            "closed, so that lines could be taken for a part of another. Close or remove it; "
            "inside a quoted value write it twice."
        )

    def _read_header(self, signs: _Signs, length: int, *, broken: bool) -> None:
        import numpy as np

        if broken:
            raise BadInputError(
                f"{self._name}, line {self._line}: the header can't be read. Check its quotation "
                "marks."
            )
        first = _Signs(signs.text[:length], self._delimiter)
        cells = first.rows(np.array([True]), np.array([length])).decode()[:-1]
        self.names += checked_names(cells.split(SEPARATOR), self._name)

    def _count(
        self,
        numbers: Places,
        widths: Places,
        wrong: npt.NDArray[np.bool_],
        fitting: npt.NDArray[np.bool_],
    ) -> None:
        """Note the rows that don't fit: each is one line here, or has a width of its own."""
        import numpy as np

        places = np.flatnonzero(~fitting)
        self.refused += len(places)
        for place in places[: self._max_listed - len(self.lines)]:
            line, width = int(numbers[place]), int(widths[place])
            self.lines.append(self._refusal(line, width, misplaced=bool(wrong[place])))

    def _refusal(self, line: int, width: int, *, misplaced: bool) -> RefusedLine:
        if misplaced:
            return RefusedLine(line, None, MISPLACED)
        if width > len(self.names):
            return RefusedLine(line, None, MORE)
        return RefusedLine(line, self.names[width] or None, FEWER)
