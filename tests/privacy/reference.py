"""The questions once more in plain NumPy, whole table at a time: slow, short, and easy to check."""

from __future__ import annotations

from functools import singledispatch

import numpy as np

from dashboard.privacy.encoding import EncodedBatch, Float, Int64
from dashboard.privacy.queries import (
    DIAGONAL,
    OFF_DIAGONAL,
    Bins,
    Margins,
    Moments,
    Profiles,
    Residuals,
    Sizes,
)


@singledispatch
def answer(query: object, batch: EncodedBatch) -> Int64:
    """What a question's total is for these customers."""
    raise NotImplementedError(type(query).__name__)


@answer.register
def _(query: Margins, batch: EncodedBatch) -> Int64:
    counts = [np.bincount(bins(each, batch), minlength=each.size) for each in query.columns]
    return np.concatenate(counts).astype(np.int64)


@answer.register
def _(query: Moments, batch: EncodedBatch) -> Int64:
    scores = clip_to_ball(query.latent.lookup(batch), query.latent.radius).astype(np.int64)
    products = scores.T @ scores
    upper = products[np.triu_indices(len(products), 1)]
    return np.concatenate([DIAGONAL * np.diag(products), OFF_DIAGONAL * upper])


@answer.register
def _(query: Residuals, batch: EncodedBatch) -> Int64:
    places = query.space.lookup(batch)
    belongs = nearest(places, query.centers)
    short = clip_to_ball(places - query.centers[belongs], query.radius).astype(np.int64)
    sums = np.zeros((len(query.centers), places.shape[1] + 1), dtype=np.int64)
    np.add.at(sums[:, :-1], belongs, short)
    np.add.at(sums[:, -1], belongs, query.weight)
    return sums.ravel()


@answer.register
def _(query: Sizes, batch: EncodedBatch) -> Int64:
    belongs = nearest(query.space.lookup(batch), query.centers)
    return np.bincount(belongs, minlength=len(query.centers)).astype(np.int64)


@answer.register
def _(query: Profiles, batch: EncodedBatch) -> Int64:
    belongs, k = nearest(query.space.lookup(batch), query.centers), len(query.centers)
    tables = [
        np.bincount(belongs * each.size + bins(each, batch), minlength=k * each.size)
        for each in query.columns
    ]
    rows = [table.reshape(k, -1) for table in tables]
    return np.concatenate(rows, axis=1).astype(np.int64).ravel()


def bins(column: Bins, batch: EncodedBatch) -> Int64:
    """The part of a column's histogram in which each customer is."""
    source = batch.levels if column.is_number else batch.codes
    places = source[:, column.place].astype(np.int64) + 1
    return column.lookup[np.clip(places, 0, len(column.lookup) - 1)]


def nearest(places: Float, centers: Int64) -> Int64:
    """The first of the nearest centers of each place, by distances in whole numbers."""
    away = places.astype(np.int64)[:, None, :] - centers[None]
    return np.argmin((away**2).sum(axis=2), axis=1)


def clip_to_ball(vectors: Float, radius: int) -> Float:
    """Whole-number vectors, shortened toward zero where they are longer than the radius."""
    norms = (vectors**2).sum(axis=1)
    over = norms > float(radius) ** 2
    clipped = vectors.copy()
    factors = radius / np.sqrt(norms[over]) * (1 - 1e-12)
    clipped[over] = np.trunc(vectors[over] * factors[:, None])
    return clipped
