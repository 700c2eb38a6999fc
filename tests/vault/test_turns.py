"""Files take turns, and whoever waits hears of it and may leave."""

from __future__ import annotations

from contextlib import ExitStack
from threading import Event, Thread

import pytest

from dashboard.vault import turns
from dashboard.vault.turns import AT_ONCE, turn
from tests.vault.making import quiet


class LeftError(Exception):
    """Somebody gave up."""


def _leave(done: float, doing: str) -> None:
    raise LeftError(doing)


def test_no_more_are_read_at_once_and_who_waits_hears_of_it_and_may_leave() -> None:
    with ExitStack() as others:
        for _ in range(AT_ONCE):
            others.enter_context(turn(_leave))  # nobody waits where there is room
        with pytest.raises(LeftError, match="Waiting for another upload"), turn(_leave):
            pass
    with turn(_leave):
        pass


def test_who_waits_goes_on_when_another_is_done_or_failed() -> None:
    told, done = Event(), Event()

    def wait() -> None:
        with turn(lambda part, doing: told.set()):
            done.set()

    def fail() -> None:
        with turn(quiet):
            waiting.start()
            assert told.wait(10)
            assert not done.is_set()
            raise LeftError

    waiting = Thread(target=wait)
    with ExitStack() as others:
        for _ in range(AT_ONCE - 1):
            others.enter_context(turn(quiet))
        with pytest.raises(LeftError):
            fail()
        assert done.wait(10)
        waiting.join()


def test_memory_is_given_back_before_the_next_turn_also_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = []
    monkeypatch.setattr(turns, "give_memory_back", lambda: given.append(turns._free._value))
    with turn(quiet):
        pass
    with pytest.raises(LeftError), turn(quiet):
        raise LeftError
    assert given == [AT_ONCE - 1, AT_ONCE - 1]
