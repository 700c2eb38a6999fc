from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dashboard.vault.pipelining import pipelined


def pieces(*, breaking: bool) -> Iterator[int]:
    yield from (1, 2)
    if breaking:
        raise KeyError


def refusing(piece: int) -> int:
    if piece == 2:
        raise ZeroDivisionError
    return piece


def test_pieces_come_out_as_they_went_in() -> None:
    assert list(pipelined(lambda piece: 2 * piece, range(9))) == list(range(0, 18, 2))
    assert list(pipelined(refusing, [])) == []


def test_the_mistake_of_the_earlier_piece_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        list(pipelined(refusing, pieces(breaking=True)))


def test_a_mistake_while_pieces_are_made_is_told() -> None:
    with pytest.raises(KeyError):
        list(pipelined(lambda piece: piece, pieces(breaking=True)))


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    going = pipelined(lambda piece: piece, iter(range(9)))
    assert next(going) == 0
    assert threading.active_count() == before + 1
    going.close()
    assert threading.active_count() == before
