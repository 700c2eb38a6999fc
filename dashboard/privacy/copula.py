"""How columns move together, and invented customers who follow it: a Gaussian copula."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from dashboard.privacy.encoding import Float
from dashboard.privacy.queries import (
    OFF_DIAGONAL,
)
from dashboard.privacy.space import (
    SCORE_UNIT,
    Dimension,
    Latent,
    bin_scores,
)

INVENTED: Final = 12_000
"""How many customers are invented from the map to find its micro-cells."""


def correlations(latent: Latent, noisy: tuple[int, ...], count: int, sigma: float) -> Float:
    """How strongly directions move together, from noisy moments: a proper correlation matrix.

    Scores that are means within parts shrink a correlation by the variance that
    they keep, so it is divided out; values below the noise are drawn toward zero.
    """
    d = latent.dimensions
    kept = np.array(
        [
            float(np.asarray(each.shares) @ bin_scores(each.shares) ** 2)
            for each in latent.directions
        ]
    )
    kept = np.clip(kept, 0.2, 1.0)
    matrix = np.eye(d)
    upper = np.triu_indices(d, 1)
    unit = SCORE_UNIT**2 * max(count, 1)
    values = np.asarray(noisy[d:], dtype=np.float64) / (OFF_DIAGONAL * unit)
    error = sigma / (OFF_DIAGONAL * unit)
    weights = np.outer(kept, kept)[upper]
    shrunk = values * np.clip(1 - (error / np.maximum(np.abs(values), 1e-12)) ** 2, 0, 1)
    matrix[upper] = np.clip(shrunk / weights, -0.97, 0.97)
    matrix = matrix + matrix.T - np.eye(d)
    roots, vectors = np.linalg.eigh(matrix)
    proper = vectors @ np.diag(np.clip(roots, 1e-3, None)) @ vectors.T
    scale = np.sqrt(np.diag(proper))
    return np.asarray(proper / np.outer(scale, scale))


def invent(directions: tuple[Dimension, ...], correlation: Float, count: int = INVENTED) -> Float:
    """Invented customers on the lattice, shape (count, dimensions): free, and always the same ones.

    The generator's start is public: what it draws are pictures of noisy numbers,
    not noise that protects anybody. Those of a map that was just bought are looked at next,
    so they are remembered.
    """
    return _invented(directions, tuple(map(tuple, correlation.tolist())), count)


@lru_cache(maxsize=2)
def _invented(
    directions: tuple[Dimension, ...], correlation: tuple[tuple[float, ...], ...], count: int
) -> Float:
    normal = _people(len(directions))[:count]
    uniform = _normal_cdf(np.linalg.cholesky(correlation) @ normal.T)
    places = np.empty_like(normal)
    for column, each in enumerate(directions):
        cuts = np.concatenate([[0.0], np.cumsum(each.shares)])
        cuts[-1] = 1.0
        if each.is_number:
            edges = np.linspace(0, 1, len(each.shares) + 1)
            parts = np.interp(uniform[column], cuts, edges)
            if each.feature.kind == "level":  # nobody lies between two labels
                levels = len(each.shares)
                parts = (np.minimum(np.floor(parts * levels), levels - 1) + 0.5) / levels
        else:
            parts = (uniform[column] > cuts[1]).astype(np.float64)
        places[:, column] = each.steps(parts)
    places.flags.writeable = False
    return places


@lru_cache(maxsize=4)
def _people(directions: int) -> Float:
    """Standard normal numbers, always the same, from which customers are invented."""
    return np.random.default_rng(2026).standard_normal((INVENTED, directions))


def other_noise(of: str, turns: int, shape: tuple[int, ...]) -> Float:
    """Standard normal numbers, always the same: what other noise might have been, in each turn.

    Those ``of`` a map and those of sharpening are drawn apart.

    Only for playing through, on stored noisy numbers, how much would have changed. The
    generator's start is public, so these numbers protect nobody.
    """
    return np.random.default_rng([1733, *of.encode()]).standard_normal((turns, *shape))


def _normal_cdf(values: Float) -> Float:
    from scipy.special import ndtr

    return np.asarray(ndtr(values))
