"""Parquet files: every flat column becomes the text that reads back exactly."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.vault.headers import MAX_COLUMNS, Tidier, checked_names

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH_ROWS: Final = 65_536
_TEXT_PER_BYTE: Final = 4
"""Texts may take this many times the allowed size: Parquet packs numbers tightly."""


def columnar_pieces(
    content: bytes | Path,
    name: str,
    *,
    max_bytes: int,
    read_so_far: Callable[[float], None],
) -> Iterator[pa.Table]:
    """Read one Parquet file batch by batch, and stop as soon as it grows too large.

    Args:
        content: the file.
        name: what it is called in sentences.
        max_bytes: the largest size; its texts may take four times as much.
        read_so_far: told which part of the rows was read, from 0 to 1.

    Raises:
        BadInputError: the file is damaged, nested, too wide or too large once unpacked.
    """
    import pyarrow as pa

    source = io.BytesIO(content) if isinstance(content, bytes) else content
    try:
        yield from _read(source, name, _TEXT_PER_BYTE * max_bytes, read_so_far)
    except (pa.ArrowException, OSError):
        raise BadInputError(
            f"{name} can't be opened as Parquet: it is damaged, cut short or encrypted. Save it "
            "again, or as CSV."
        ) from None


def _read(
    source: io.BytesIO | Path, name: str, limit: int, read_so_far: Callable[[float], None]
) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(source) as file:
        names = _names(file, name)
        tidier = Tidier(names, name)
        labels = [f"c{place}" for place in range(len(names))]
        size = rows = 0
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            texts = [
                texts_of(column, each, name) for column, each in zip(batch, names, strict=True)
            ]
            table = pa.table(texts, labels)
            size += table.nbytes
            rows += table.num_rows
            if size > limit:
                raise BadInputError(
                    f"{name} is too large once unpacked. Give fewer columns or fewer rows."
                )
            yield tidier.tidy(table)
            read_so_far(rows / max(rows, file.metadata.num_rows))
        tidier.finish()


def _names(file: pq.ParquetFile, name: str) -> list[str]:
    import pyarrow as pa

    schema = file.schema_arrow
    if len(schema) > MAX_COLUMNS:
        raise BadInputError(f"{name} has more than {MAX_COLUMNS} columns.")
    for position, field in enumerate(schema, start=1):
        if pa.types.is_nested(field.type) or _is_binary(field.type):
            raise BadInputError(
                f"{name}, column {position}: it holds lists, records or raw bytes. Keep flat "
                "columns of numbers, texts, dates and yes/no only."
            )
    return checked_names(schema.names, name)


def _is_binary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    )


def texts_of(column: pa.Array, header: str, name: str) -> pa.Array:
    """One piece of a column as texts; ``name`` is what sentences call the file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        if pa.types.is_floating(column.type):
            return _float_texts(column)
        texts = column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise BadInputError(
            f"{name}, column “{header}”: its kind of value can't be read. Save it as text."
        ) from None
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring_regex(texts, r"( 00:00:00)?(\.0+)?Z?$", "")
    return texts


def _float_texts(column: pa.Array) -> pa.Array:
    """Whole numbers without a fraction or exponent, so that ids stay ids."""
    import pyarrow as pa
    import pyarrow.compute as pc

    exact = column.cast(pa.float64())
    whole = pc.and_(pc.equal(exact, pc.floor(exact)), pc.less(pc.abs(exact), 2.0**53))
    integers = pc.if_else(pc.fill_null(whole, fill_value=False), exact, None).cast(pa.int64())
    return pc.coalesce(integers.cast(pa.string()), column.cast(pa.string()))
