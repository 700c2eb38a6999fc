"""Customers as small integers: each number a level of its declared range, each label a code.

Encoding looks at one row at a time and at declared bounds only. Values beyond a
bound count as the bound; NaN, infinity, and what is not there are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from dashboard.plan import Feature, Plan
from dashboard.terms import Bounds, Domain

if TYPE_CHECKING:
    import pyarrow as pa

LEVELS: Final = 32_768
"""How finely a declared range is divided: level 0 is its low end, 32,767 its high end."""

MISSING: Final = -1

Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class EncodedBatch:
    """A batch of customers in small integers.

    ``levels`` has shape (customers, numbers), from 0 to 32,767; ``codes`` has
    shape (customers, flags and categories); both hold -1 where a value is missing.
    """

    levels: Int16
    codes: Int32

    def __len__(self) -> int:
        return int(self.levels.shape[0])


def levels_of(values: Float, bounds: Bounds) -> Int16:
    """Clip to the declared bounds in float64, scale, round toward zero; not finite is missing."""
    from dashboard.privacy import kernels

    low, high = bounds.low, bounds.high
    values = np.ascontiguousarray(values, dtype=np.float64)
    places = scaled(np.clip(values, low, high), bounds) if bounds.log else values
    return kernels.levels(values, places, *(float(scaled(each, bounds)) for each in (low, high)))


def scaled(values: Any, bounds: Bounds) -> Any:
    """Numbers on the scale on which they are compared: log1p for money and counts."""
    return np.log1p(np.asarray(values) - bounds.low) if bounds.log else np.asarray(values)


def value_of(part: Any, bounds: Bounds) -> Any:
    """The number, in the column's own units, at a place from 0 to 1 of the declared range."""
    place = scaled(bounds.low, bounds) + np.minimum(np.maximum(part, 0), 1) * _span(bounds)
    return np.expm1(place) + bounds.low if bounds.log else place


def _span(bounds: Bounds) -> float:
    return float(scaled(bounds.high, bounds) - scaled(bounds.low, bounds))


def _numbers(column: pa.Array) -> Float:
    numbers: Float = column.to_numpy(zero_copy_only=False).astype(np.float64, copy=False)
    return numbers


def _positions(column: pa.Array, domain: Domain) -> Float:
    """Labels as 1, 2, 3, … in their declared order, large and small letters alike; NaN if none."""
    words = column.dictionary_encode()
    known = {_bare(label): place for place, label in enumerate(domain.labels, 1)}
    told = [known.get(_bare(label), np.nan) for label in words.dictionary.to_pylist()]
    places = words.indices.fill_null(len(told)).to_numpy(zero_copy_only=False)
    positions: Float = np.array([*told, np.nan], dtype=np.float64)[places]
    return positions


def _bare(label: str | None) -> str:
    return re.sub(r"^(\d+)[.,]0+$", r"\1", (label or "").strip().casefold())


@dataclass
class Encoder:
    """Turns kept rows into integers, learning labels where none were declared.

    ``vocabulary`` maps each open category's labels to codes. It is as private as
    the rows: it stays in the gate, and only labels that pass selection leave it.
    """

    plan: Plan
    vocabulary: dict[str, dict[str, int]] = field(default_factory=dict, repr=False)

    @property
    def numbers(self) -> tuple[Feature, ...]:
        """Columns from low to high, numbers and levels, in the order of ``levels``."""
        return tuple(each for each in self.plan.columns if each.scale)

    @property
    def labeled(self) -> tuple[Feature, ...]:
        """Flags and categories, in the order of ``codes``."""
        return tuple(each for each in self.plan.columns if not each.scale)

    def __call__(self, batch: pa.RecordBatch) -> EncodedBatch:
        """Encode one batch; column types are those that the vault keeps."""
        rows = batch.num_rows
        levels = np.empty((rows, len(self.numbers)), dtype=np.int16, order="F")
        for place, each in enumerate(self.numbers):
            column = batch.column(each.name)
            values = _positions(column, each.domain) if each.domain else _numbers(column)
            levels[:, place] = levels_of(values, each.scale or Bounds(0, 1))
        codes = np.empty((rows, len(self.labeled)), dtype=np.int32, order="F")
        for place, each in enumerate(self.labeled):
            codes[:, place] = self._codes(batch.column(each.name), each)
        return EncodedBatch(levels, codes)

    def learning(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Learn open labels in the order of the batches, so that these may be encoded in any."""
        open_columns = [
            each for each in self.labeled if each.kind == "category" and each.domain is None
        ]
        for batch in batches:
            for each in open_columns:
                for label in batch.column(each.name).unique().to_pylist():
                    self._code(each, label)
            yield batch

    def recoder(self, later: Encoder) -> Callable[[EncodedBatch], EncodedBatch]:
        """Turns customers encoded here into what ``later``, whose labels are declared, makes."""
        tables = {
            place: np.array(self._recodes(old, new, later), dtype=np.int32)
            for place, (old, new) in enumerate(zip(self.labeled, later.labeled, strict=True))
            if old != new
        }

        def recoded(batch: EncodedBatch) -> EncodedBatch:
            codes = batch.codes.copy(order="F")
            for place, table in tables.items():
                codes[:, place] = table[codes[:, place]]  # missing, -1, is the last entry
            return EncodedBatch(batch.levels, codes)

        return recoded

    def _recodes(self, old: Feature, new: Feature, later: Encoder) -> list[int]:
        """The later code of each code, and last what missing stays."""
        return [*(later._code(new, label) for label in self.labels(old)), MISSING]

    def _codes(self, column: pa.Array, feature: Feature) -> Int32:
        if feature.kind == "flag":
            values = column.fill_null(MISSING).to_numpy(zero_copy_only=False)
            return np.asarray(values, dtype=np.int32)
        words = column.dictionary_encode()
        table = [self._code(feature, label) for label in words.dictionary.to_pylist()]
        lookup = np.array([*table, MISSING], dtype=np.int32)
        places = words.indices.fill_null(len(table)).to_numpy(zero_copy_only=False)
        return np.asarray(lookup[places], dtype=np.int32)

    def _code(self, feature: Feature, label: str | None) -> int:
        if label is None:
            return MISSING
        known = self.vocabulary.setdefault(feature.name, self._declared(feature))
        if feature.domain is not None:
            return known.get(label, len(feature.domain.labels))
        return known.setdefault(label, len(known))

    @staticmethod
    def _declared(feature: Feature) -> dict[str, int]:
        labels = feature.domain.labels if feature.domain else ()
        return {label: code for code, label in enumerate(labels)}

    def labels(self, feature: Feature) -> tuple[str, ...]:
        """All labels of a column in the order of their codes; private where none were declared."""
        if feature.kind == "flag":
            return ("no", "yes")
        if feature.domain is not None:
            return feature.domain.labels
        return tuple(self.vocabulary.get(feature.name, {}))
