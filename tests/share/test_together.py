"""Visitors who come at the same time share one look, and nobody gets an older answer."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from dashboard.share.together import Together

Answer = TypeVar("Answer")


def run(asked: Coroutine[object, object, Answer]) -> Answer:
    """Run in a thread of its own: browser tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def test_a_crowd_is_answered_by_one_look_each_with_their_own_answer():
    looks: list[list[int]] = []

    def double(questions: Sequence[int]) -> list[int]:
        looks.append(list(questions))
        return [2 * each for each in questions]

    async def crowd() -> list[int]:
        together = Together(double)
        return await asyncio.gather(*(together.ask(each) for each in range(50)))

    assert run(crowd()) == [2 * each for each in range(50)]
    assert looks == [list(range(50))]


def test_who_comes_during_a_look_is_answered_by_the_next_one():
    """What was closed while others were answered is closed for whoever comes after."""
    door, begun, go_on = ["open"], threading.Event(), threading.Event()

    def look(questions: Sequence[str]) -> list[str]:
        seen = door[0]
        begun.set()
        go_on.wait(20)
        return [seen] * len(questions)

    async def visits() -> list[str]:
        together = Together(look)
        early = asyncio.ensure_future(together.ask("early"))
        await asyncio.to_thread(begun.wait, 20)
        door[0] = "closed"
        late = [asyncio.ensure_future(together.ask("late")) for _ in range(3)]
        await asyncio.sleep(0)
        go_on.set()
        return [await early, *(await asyncio.gather(*late))]

    assert run(visits()) == ["open", "closed", "closed", "closed"]


def test_a_look_that_fails_fails_for_those_who_asked_and_for_nobody_after():
    fails = [True]

    def look(questions: Sequence[str]) -> list[str]:
        if fails.pop() if fails else False:
            raise OSError("no disk")
        return list(questions)

    async def visits() -> list[object]:
        together = Together(look)
        first = await asyncio.gather(*(together.ask("a") for _ in range(2)), return_exceptions=True)
        return [*map(type, first), await together.ask("b")]

    assert run(visits()) == [OSError, OSError, "b"]


def test_a_visitor_who_leaves_takes_no_answer_from_the_others():
    begun, go_on = threading.Event(), threading.Event()

    def look(questions: Sequence[int]) -> list[int]:
        begun.set()
        go_on.wait(20)
        return list(questions)

    async def visits() -> int:
        together = Together(look)
        leaves, stays = (asyncio.ensure_future(together.ask(each)) for each in (1, 2))
        await asyncio.to_thread(begun.wait, 20)
        leaves.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaves
        go_on.set()
        return await stays

    assert run(visits()) == 2


def test_each_server_loop_has_its_own_crowd():
    together: Together[int, int] = Together(list)
    assert [run(together.ask(each)) for each in range(3)] == [0, 1, 2]
