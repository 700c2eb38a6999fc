"""What takes seconds to load is loaded before somebody waits for it."""

from __future__ import annotations

import gc
import threading
from functools import cache

from dashboard.workflow.seat import Workspace


def warm(workspace: Workspace) -> None:
    """Load in the background what a first purchase needs, once for each process.

    A copy that only serves shared links buys nothing, and loads nothing.
    """
    if workspace.vault is not None:
        _loading()


@cache
def _loading() -> threading.Thread:
    loading = threading.Thread(target=load, name="warming", daemon=True)
    loading.start()
    return loading


def load() -> None:
    """Import what a purchase needs, and use once what is looked for at the first use.

    Nobody's numbers are touched: the two groups are 0 and 1, and the noise is thrown away.
    What was loaded stays for good, so it is left out when garbage is looked for, which
    Streamlit does after each run of a page; otherwise that takes longer than the page.
    """
    import numpy as np
    import scipy.optimize
    import scipy.spatial.distance  # noqa: F401

    from dashboard.privacy import gate, kernels  # noqa: F401
    from dashboard.privacy.mechanisms import DiscreteGaussianNoise
    from dashboard.privacy.synopsis import grid_of
    from dashboard.vault import headers  # noqa: F401

    grid_of(np.array([[0.0], [1.0]]), 2)
    DiscreteGaussianNoise().add(np.zeros(1, dtype=np.int64), 1)
    gc.collect()
    gc.freeze()
