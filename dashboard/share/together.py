"""Visitors who come at the same time share one look, so that a crowd costs little more than one.

A visit joins only a look that has not begun: whatever was closed before it came is closed for it.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Task
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Look(Generic[Question, Answer]):
    """Questions that are answered together, and the work that answers them."""

    questions: list[Question]
    task: Task[Sequence[Answer]]
    begun: bool = False


class Together(Generic[Question, Answer]):
    """Puts the questions that wait into one call, and makes one call at a time.

    Args:
        answers: gives the answers to some questions, in their order. It may wait for a
            disk or a network, for it runs beside the server's loop.
    """

    def __init__(self, answers: Callable[[Sequence[Question]], Sequence[Answer]]) -> None:
        self._answers = answers
        self._last: WeakKeyDictionary[AbstractEventLoop, _Look[Question, Answer]] = (
            WeakKeyDictionary()
        )

    async def ask(self, question: Question) -> Answer:
        """The answer to a question, from a look that begins from now on."""
        loop = asyncio.get_running_loop()
        look = self._last.get(loop)
        if look is None or look.begun:
            look = self._last[loop] = self._gather(loop, look)
        place = len(look.questions)
        look.questions.append(question)
        return (await asyncio.shield(look.task))[place]

    def _gather(
        self, loop: AbstractEventLoop, before: _Look[Question, Answer] | None
    ) -> _Look[Question, Answer]:
        async def answer() -> Sequence[Answer]:
            if before is not None:
                await asyncio.wait([before.task])
            gathered.begun = True
            return await run_in_threadpool(self._answers, gathered.questions)

        gathered: _Look[Question, Answer] = _Look([], loop.create_task(answer()))
        return gathered
