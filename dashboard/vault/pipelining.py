"""Several hands: pieces are made or worked on beside one another, and come in their order.

Arrow, NumPy and encryption let go of Python's lock, so that threads are enough.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")


def ahead(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces, of which the next one is made in another thread while one is used.

    No more than two are held. Mistakes are raised as if each were made when it is asked for.
    """
    making = iter(pieces)

    def following() -> list[Piece]:
        return list(islice(making, 1))

    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(following)
        while piece := coming.result():
            coming = beside.submit(following)
            yield piece[0]


def pipelined(work: Callable[[Piece], Made], pieces: Iterable[Piece]) -> Iterator[Made]:
    """What becomes of each piece, in their order: the next one is made while one is worked on."""
    for piece in ahead(pieces):
        yield work(piece)


def side_by_side(
    work: Callable[[Piece], Made], pieces: Iterable[Piece], hands: int, held: int
) -> Generator[Made]:
    """What becomes of each piece, in their order, worked on by so many threads.

    At most ``held`` pieces are under way. The next one is begun before what became of one is used.
    """
    coming = iter(pieces)
    with ThreadPoolExecutor(hands) as several:
        under_way = deque(several.submit(work, piece) for piece in islice(coming, held))
        while under_way:
            made = under_way.popleft().result()
            under_way.extend(several.submit(work, piece) for piece in islice(coming, 1))
            yield made
