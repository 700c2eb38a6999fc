"""What each level or code stands for, as whole numbers that lie one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.errors import InternalError
from dashboard.privacy.encoding import EncodedBatch, Float, Int32, Int64

MIDDLE: Final = 32_768
"""Where level 0 stands in a number's table, which has an entry for each int16 there is."""

Packed = tuple[npt.NDArray[np.bool_], Int64, Int64, Int32]


@dataclass(frozen=True)
class Table:
    """What one column's levels or codes stand for.

    ``entries`` begins with what a missing value stands for; then comes what the level or
    code 0 stands for, and so on. A code beyond the last entry counts as the last.
    """

    is_number: bool
    place: int
    entries: npt.NDArray[np.int64] | Float

    @property
    def laid_out(self) -> npt.NDArray[np.int64] | Float:
        """The entries as they are looked up: a number's needs no comparison, and lies in order."""
        if not self.is_number:
            return self.entries
        missing, known = self.entries[:1], self.entries[1:]
        beyond = np.repeat(self.entries[-1:], MIDDLE - len(known))
        return np.concatenate([np.repeat(missing, MIDDLE), known, beyond])


@dataclass(frozen=True)
class Lookup:
    """Several tables at once: table t begins at ``starts[t]`` and ends where the next begins.

    Missing comes first. A number's table holds it for all negative levels, so that level 0
    stands at ``MIDDLE``; in a table of codes, code 0 comes next.
    """

    numeric: npt.NDArray[np.bool_]
    places: Int64
    starts: Int64
    entries: Int32

    def checked(self, batch: EncodedBatch) -> Packed:
        """The same as plain arrays for the kernels, which don't notice when a column is missing.

        Raises:
            InternalError: the batch lacks a column that is looked up.
        """
        for numeric, columns in ((True, batch.levels), (False, batch.codes)):
            if (self.places[self.numeric == numeric] >= columns.shape[1]).any():
                raise InternalError("a batch lacks a column that a question looks up")
        return self.numeric, self.places, self.starts, self.entries

    def __call__(self, batch: EncodedBatch) -> Float:
        """What every table says of every customer, shape (customers, tables), as float64."""
        found = np.empty((len(self.places), len(batch)))
        for place in range(len(found)):
            found[place] = self.column(place, batch)
        return found.T

    def column(self, place: int, batch: EncodedBatch) -> Int32:
        """What one table says of every customer."""
        source = batch.levels if self.numeric[place] else batch.codes
        entries = self.entries[self.starts[place] : self.starts[place + 1]]
        codes = source[:, self.places[place]].astype(np.int64)
        if self.numeric[place]:
            return entries[codes + MIDDLE]
        return entries[np.clip(codes + 1, 0, len(entries) - 1)]


def lookup_of(tables: Iterable[Table]) -> Lookup:
    """Put tables one after the other."""
    each = list(tables)
    parts = [table.laid_out for table in each]
    ends = np.cumsum([0, *map(len, parts)], dtype=np.int64)
    return Lookup(
        numeric=np.array([table.is_number for table in each], dtype=np.bool_),
        places=np.array([table.place for table in each], dtype=np.int64),
        starts=ends,
        entries=np.concatenate([np.empty(0), *parts]).astype(np.int32),
    )
