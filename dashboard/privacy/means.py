"""Where a published segment's customers lie on the average, and how exactly that is known.

A center is a rule: who is nearest belongs. The mean of those who belong is measured
once more, after the centers came to rest, so that its range covers the truth.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.privacy import accuracy
from dashboard.privacy.encoding import Float
from dashboard.privacy.published import Published


def mean_places(published: Published, place: int) -> Float:
    """The mean lattice place of a segment's customers; those without a value count as the middle.

    The center, plus the noisy sum of residuals over the noisy size.
    """
    sums = np.asarray(published.means[place], dtype=np.float64)
    return np.asarray(published.centers[place] + sums / max(published.sizes[place], 1))


def means_error(published: Published, place: int) -> Float:
    """The 95 % half-width of each mean, in lattice steps: of a ratio s/n, to the first order.

    Var(s/n) = (σ_s² + (s/n)²·σ_n²)/n². What is shortened at the radius is left out of it.
    """
    size = max(published.sizes[place], 1)
    steps = np.asarray(published.means[place], dtype=np.float64) / size
    variance = published.noise["means"] + steps**2 * published.noise["sizes"]
    return np.asarray(accuracy.Z * np.sqrt(variance) / size)


def known_part(missing: float, size: int, sigma: float) -> float:
    """Which part of a segment has a value: all of it unless more are missing than noise explains.

    Customers without a value stand in the middle, at zero, so a mean over all of them
    divided by this part is the mean of those who have one.
    """
    if missing < 2 * sigma:
        return 1.0
    return max(1 - missing / max(size, 1), 1 / math.sqrt(max(size, 4)))
