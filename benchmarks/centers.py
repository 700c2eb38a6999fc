"""Other ways to the same centers: scikit-learn without privacy, diffprivlib with it."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.cluster import KMeans

from benchmarks.tables import Float, Table, compared


def exact_centers(points: Float, k: int) -> Float:
    """scikit-learn's best of ten, not private: what everything is measured against."""
    return np.asarray(KMeans(k, n_init=10, random_state=0).fit(points).cluster_centers_)


def diffprivlib_centers(table: Table, epsilon: float) -> Float:
    """Diffprivlib's private k-means within the declared bounds; centers as compared values.

    It is given what a user can give without looking: values on the compared scale,
    each feature's declared range stretched to [-1, 1], so that no feature outweighs another.
    """
    from diffprivlib.accountant import BudgetAccountant
    from diffprivlib.models import KMeans as PrivateKMeans

    points = compared(table, table.values)
    low, high = bounds_of(table)
    middle, half = (low + high) / 2, (high - low) / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = PrivateKMeans(
            table.k, epsilon=epsilon, bounds=(-1, 1), accountant=BudgetAccountant()
        ).fit((points - middle) / half)
    return np.asarray(fit.cluster_centers_ * half + middle)


def bounds_of(table: Table) -> tuple[Float, Float]:
    """The declared bounds on the scale on which values are compared."""
    declared = [each.bounds for each in table.features]
    pairs = [(each.low, each.high) if each else (0.0, 1.0) for each in declared]
    logs = [bool(each and each.log) for each in declared]
    ends = np.array(
        [np.log1p(pair) if log else pair for pair, log in zip(pairs, logs, strict=True)]
    )
    return ends[:, 0], ends[:, 1]
