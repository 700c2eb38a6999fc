"""Two hands: the next piece is made while this one is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")

_END: Final = object()


def pipelined(work: Callable[[Piece], Made], pieces: Iterable[Piece]) -> Iterator[Made]:
    """What becomes of each piece, in their order.

    The pieces are made in another thread, one at a time; Arrow, NumPy and encryption
    let go of Python's lock. No more than two pieces are held. Mistakes are raised
    as if everything were done one after the other.
    """
    making = iter(pieces)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, making, _END)
        while (piece := coming.result()) is not _END:
            coming = beside.submit(next, making, _END)
            yield work(piece)  # type: ignore[arg-type]
