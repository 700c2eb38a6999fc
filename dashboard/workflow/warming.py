"""What takes seconds to load is loaded before somebody waits for it, and beside nobody's page."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

FIRST_COME: Final = 1.0
"""Seconds after the start in which a first visitor finds the program with nothing else to do."""

PATIENCE: Final = 2.0
"""Seconds that loading waits for pages before each step; a page that takes longer waits itself."""


class Pages:
    """The pages that are being answered: Python does one thing at a time, and these come first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now, self._so_far = 0, 0

    @contextmanager
    def answering(self) -> Iterator[None]:
        """A page is being answered until this block ends."""
        with self._changed:
            self._now += 1
        try:
            yield
        finally:
            with self._changed:
                self._now, self._so_far = self._now - 1, self._so_far + 1
                self._changed.notify_all()

    def wait_for_one(self, seconds: float) -> bool:
        """Wait until a page was answered, for so many seconds at most; whether one was."""
        with self._changed:
            return self._changed.wait_for(lambda: self._so_far > 0, seconds)

    def wait_for_none(self, seconds: float) -> bool:
        """Wait until none is being answered, for so many seconds at most; whether none is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._now == 0, seconds)


PAGES: Final = Pages()


@cache
def warm() -> threading.Thread:
    """Load in the background what a first purchase needs, once for each process."""
    loading = threading.Thread(target=_load_between_pages, name="warming", daemon=True)
    loading.start()
    return loading


def _load_between_pages() -> None:
    PAGES.wait_for_one(FIRST_COME)
    for _ in load():
        PAGES.wait_for_none(PATIENCE)


def load() -> Iterator[None]:
    """Import what a purchase needs, and use once what is looked for at the first use, in steps.

    Nobody's numbers are touched: the two groups are 0 and 1, and the noise is thrown away.
    What was loaded stays for good, so it is left out when garbage is looked for; otherwise
    that takes longer than a page.
    """
    import numpy as np

    yield
    import scipy.linalg
    import scipy.sparse

    yield
    import scipy.optimize
    import scipy.spatial.distance

    yield
    import scipy.stats  # noqa: F401

    yield
    import pandas  # noqa: F401, ICN001

    yield
    from dashboard.privacy.mechanisms import DiscreteGaussianNoise

    DiscreteGaussianNoise().add(np.zeros(1, dtype=np.int64), 1)

    yield
    from dashboard.vault import columns, headers, intake, quality, table  # noqa: F401

    yield
    from dashboard.privacy import gate, kernels, pricing  # noqa: F401
    from dashboard.records import audit, choices  # noqa: F401
    from dashboard.vault import letterbox  # noqa: F401

    yield
    from dashboard.privacy.synopsis import grid_of

    grid_of(np.array([[0.0], [1.0]]), 2)
    gc.freeze()
