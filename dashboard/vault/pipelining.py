"""Two hands: one piece is worked on while the next one is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def pipelined(work: Callable[[Piece], Made], pieces: Iterable[Piece]) -> Iterator[Made]:
    """What becomes of each piece, in their order.

    ``work`` is called in another thread, for one piece at a time; Arrow, NumPy and
    encryption let go of Python's lock. No more than two pieces are held. Of two
    mistakes that of the earlier piece is raised, as if all were done one after the other.
    """
    with ThreadPoolExecutor(1) as beside:
        making: Future[Made] | None = None
        try:
            for piece in pieces:
                making, before = beside.submit(work, piece), making
                if before is not None:
                    yield before.result()
        except Exception:
            if making is not None:
                making.result()
            raise
        if making is not None:
            yield making.result()
