"""Files take turns: however many people give theirs at once, so many are read and no more."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

AT_ONCE: Final = 2
"""Tables that are read or reduced at the same time in one process; others wait, encrypted
or as they came, so that memory stays within what ``docs/deployment.md`` says."""

_LOOK_AGAIN_SECONDS: Final = 0.5
_free = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn(progress: Callable[[float, str], None]) -> Iterator[None]:
    """Wait for a turn; whoever waits is told so, and may give up by raising in ``progress``.

    Whoever is done gives memory back to the system, so that the next one finds it free.
    """
    if not _free.acquire(blocking=False):
        progress(0.0, "Waiting for another upload")
        while not _free.acquire(timeout=_LOOK_AGAIN_SECONDS):
            progress(0.0, "Waiting for another upload")
    try:
        yield
    finally:
        give_memory_back()
        _free.release()


def give_memory_back() -> None:
    """Hand what is not needed any more to the system; Arrow and C keep it for later, otherwise."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)
