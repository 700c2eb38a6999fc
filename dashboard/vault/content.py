"""Are these the same rows? A keyed digest that knows neither the order nor the file."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from dashboard.vault.keys import fingerprint
from dashboard.vault.pseudonyms import SIZE, blocks_of
from dashboard.vault.signs import bytes_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


def content_digest(key: bytes, rows: pa.Table) -> str:
    """The same for two tables with equal columns and equal rows in any order, 256 bits.

    Rows are put in the order of all their values, beginning with the customer's
    pseudonym; blanks are digested apart from the values, so that none is mistaken
    for zero or for an empty text.
    """
    names = sorted(rows.column_names, key=lambda name: (name != "customer", name))
    ordered = rows.select(names)
    if not _in_order(ordered.column(0)):
        ordered = ordered.take(_order(ordered))
    parts = chain.from_iterable(
        (name.encode(), str(column.type).encode(), *_bytes(column))
        for name, column in zip(names, ordered.columns, strict=True)
    )
    return fingerprint(key, chain([str(rows.num_rows).encode()], parts)).hex()


def _in_order(customers: pa.ChunkedArray) -> bool:
    """Whether each pseudonym is larger than the one before it, as they are where they are made."""
    import pyarrow as pa

    if customers.type != pa.binary(SIZE) or customers.null_count:
        return False
    first, second = blocks_of(customers).view(">u8").T
    larger = first[1:] > first[:-1]
    return bool((larger | ((first[1:] == first[:-1]) & (second[1:] > second[:-1]))).all())


def _order(rows: pa.Table) -> pa.Array:
    """The order of all values, beginning with the pseudonym."""
    import pyarrow.compute as pc

    return pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in rows.column_names])


def _bytes(column: pa.ChunkedArray) -> list[bytes | memoryview]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    present = _seen(np.asarray(column.is_valid().combine_chunks().cast(pa.uint8())))
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        numbers = column.fill_null(0).to_numpy()
        return [present, _seen(numbers.astype(numbers.dtype.newbyteorder("<"), copy=False))]
    filled = [each.cast(pa.binary()).fill_null(b"") for each in column.chunks]
    lengths = [pc.binary_length(each).to_numpy().astype("<i8").tobytes() for each in filled]
    return [present, b"".join(lengths), b"".join(bytes_of(each) for each in filled)]


def _seen(values: npt.NDArray[Any]) -> memoryview:
    """The bytes of an array where they lie."""
    import numpy as np

    return np.ascontiguousarray(values).data.cast("B")
