"""A number's range, bought where nobody knows it: a noisy histogram on a public grid.

**Sensitivity.** Each customer has one value of the column and falls into exactly one
part of the grid, or among those without a value, and adds 1 there. The grid is the
same for every table and every column. So adding or removing one customer changes the
vector of counts by a vector of squared norm exactly 1, whatever the value: NaN,
infinity and 10³⁰⁸ included. With discrete Gaussian noise σ² the purchase is
1/(2σ²)-zCDP, and the range that is read off the noisy counts costs nothing more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboard.privacy.accounting import RANGE_UNITS, sigma_squared
from dashboard.privacy.encoding import MISSING, EncodedBatch
from dashboard.privacy.queries import Margins, label_bins
from dashboard.terms import Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

_STEPS: Final = tuple(digit * 10.0**power for power in range(-2, 10) for digit in (1, 2, 5))
EDGES: Final = (*(-step for step in reversed(_STEPS)), 0.0, *_STEPS)
"""The public grid: 1, 2 and 5 times powers of ten from 0.01 to 5,000,000,000, of both signs."""

PARTS: Final = len(EDGES) + 1
"""Below the first edge, between two neighbors, and from the last edge on."""

_SURE: Final = 4.0
"""Noise scales by which a part must stand out to count as inhabited."""

_SKEWED: Final = 20.0
"""How many times the middle value the top must be for a comparison by ratio."""


@dataclass(frozen=True)
class GridEncoder:
    """Turns one column's values into parts of the public grid; looks at one row at a time."""

    column: str

    def __call__(self, batch: pa.RecordBatch) -> EncodedBatch:
        """Encode one batch: a code from 0 for each value, -1 where there is none."""
        values = batch.column(self.column).to_numpy(zero_copy_only=False).astype(np.float64)
        finite = np.isfinite(values)
        parts = np.searchsorted(EDGES, np.where(finite, values, 0.0), side="right")
        codes = np.where(finite, parts, MISSING).astype(np.int32)
        return EncodedBatch(np.empty((len(codes), 0), dtype=np.int16), codes[:, None])


def range_query() -> Margins:
    """Customers per part of the grid; the last two counts are of no part, and of no value."""
    return Margins((label_bins(0, PARTS),), "range")


def read_range(noisy: Sequence[int], *, whole: bool) -> Bounds | None:
    """The range in which noisy counts show people; ``None`` where no part stands out.

    From the outermost parts whose count exceeds four noise scales: with about 75 empty
    parts one is taken for inhabited once in 400 purchases. Few people beyond it
    count as the nearest bound, as with a declared range. What starts at zero and reaches
    twenty times its middle is compared by ratio.

    Args:
        noisy: the answer to :func:`range_query`.
        whole: whether the number counts things.
    """
    counts = np.asarray(noisy[:PARTS], dtype=np.float64)
    sigma = math.sqrt(sigma_squared(1, RANGE_UNITS))
    lived_in = np.flatnonzero(counts > _SURE * sigma)
    if not len(lived_in):
        return None
    edges = np.array([EDGES[0] * 2, *EDGES, EDGES[-1] * 2])
    first, last = int(lived_in[0]), int(lived_in[-1])
    low, high = float(edges[first]), float(edges[last + 1])
    low = 0.0 if 0 < low < high / 10 else low
    held = np.clip(counts[first : last + 1], 0, None)
    middle = first + int(np.searchsorted(np.cumsum(held), held.sum() / 2))
    log = low >= 0 and high >= _SKEWED * max(float(edges[middle + 1]), edges[last + 1] / 1e9)
    if whole:
        low, high = math.floor(low), math.ceil(high)
    return Bounds(low, high, log=log, whole=whole, bought=True)
