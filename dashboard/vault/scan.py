"""The one operation on rows: an exact integer total.

A query is a pure function from a batch of encoded customers to a fixed-length
integer vector. Its total over all batches is the same, to the last bit, for any
batch size and any order, so nothing but the sum itself can be learned from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

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
    """Customers, encoded once into small integers, that answer only totals."""

    def __init__(
        self, batches: Iterable[pa.RecordBatch], encode: Callable[[pa.RecordBatch], Encoded]
    ) -> None:
        self._encoded = [encode(batch) for batch in batches]

    def __repr__(self) -> str:
        return "Rows(…)"

    def total(self, query: Query[Encoded]) -> npt.NDArray[np.int64]:
        """The exact sum of a query over all customers, shape ``(query.length,)``."""
        import numpy as np

        answer = np.zeros(query.length, dtype=np.int64)
        for batch in self._encoded:
            answer += query(batch)
        return answer
