"""The one operation on rows: an exact integer total.

A query is a pure function from a batch of encoded customers to a fixed-length
integer vector. Its total over all batches is the same, to the last bit, for any
batch size and any order, so nothing but the sum itself can be learned from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from dashboard.vault.pipelining import side_by_side
from dashboard.vault.turns import give_memory_back

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

_CORES: Final = os.cpu_count() or 1

Encoded = TypeVar("Encoded")
Asked_contra = TypeVar("Asked_contra", contravariant=True)


class Query(Protocol[Asked_contra]):
    """What may be asked of rows: a vector per batch, with its length known beforehand."""

    @property
    def length(self) -> int:
        """How many integers the answer has."""
        ...  # pragma: no cover

    def __call__(self, batch: Asked_contra) -> npt.NDArray[np.int64]:
        """The sum of the batch's rows' vectors."""
        ...  # pragma: no cover


class Rows(Generic[Encoded]):
    """Customers, encoded once into small integers, that answer only totals.

    All cores work at once: NumPy and Arrow let go of Python's lock, batches are small
    enough to stay in a core's own memory, and sums of integers know no order.
    """

    def __init__(
        self, batches: Iterable[pa.RecordBatch], encode: Callable[[pa.RecordBatch], Encoded]
    ) -> None:
        """Encode every batch; ``encode`` must say the same of a batch in any order."""
        give_memory_back()  # of whatever was done before, so that only these rows need any
        self._encoded = list(side_by_side(encode, batches, _CORES, 2 * _CORES))

    def __repr__(self) -> str:
        return "Rows(…)"

    def change(self, change: Callable[[Encoded], Encoded]) -> None:
        """Go on with another encoding, made of this one; no customer is read again."""
        self._encoded = [change(each) for each in self._encoded]

    def total(self, query: Query[Encoded]) -> npt.NDArray[np.int64]:
        """The exact sum of a query over all customers, shape ``(query.length,)``."""
        import numpy as np

        def share(first: int) -> npt.NDArray[np.int64]:
            answer = np.zeros(query.length, dtype=np.int64)
            for batch in self._encoded[first::_CORES]:
                answer += query(batch)
            return answer

        if len(self._encoded) < 2:
            return share(0)  # too little to be worth a second core
        with ThreadPoolExecutor(_CORES) as pool:
            return sum(pool.map(share, range(_CORES)), np.zeros(query.length, dtype=np.int64))
