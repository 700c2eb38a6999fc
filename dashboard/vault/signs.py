"""Columns of texts as they lie in memory: their signs in a row, and each different text once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa


def bytes_of(texts: pa.Array) -> bytes:
    """The signs of all values in a row, one after the other."""
    import numpy as np

    offsets, signs = parts_of(texts)
    return np.asarray(signs[offsets[0] : offsets[-1]]).tobytes()


def parts_of(texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where the values of an array of texts lie, and the signs that they lie in."""
    import numpy as np

    _, offsets, signs = texts.buffers()
    if not len(texts):
        return np.zeros(1, dtype=np.int32), np.zeros(0, dtype=np.uint8)
    places = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return places, np.frombuffer(signs or b"", np.uint8)


def once(texts: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, npt.NDArray[np.int32]]:
    """The different values of a column, and which of them each row has.

    A row without a value has the place behind the last one, so that a table of what
    each value means needs one entry more, for none.
    """
    import numpy as np
    import pyarrow as pa

    whole = pa.chunked_array([texts]) if isinstance(texts, pa.Array) else texts
    encoded = whole.dictionary_encode()
    if not encoded.num_chunks:
        return pa.array([], pa.string()), np.zeros(0, dtype=np.int32)
    values = encoded.chunk(0).dictionary
    codes = [each.indices.fill_null(len(values)).to_numpy() for each in encoded.chunks]
    return values, np.concatenate(codes)
