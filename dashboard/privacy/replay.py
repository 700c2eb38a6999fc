"""A map played through again: what it might have told, had the noise fallen otherwise."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from dashboard.privacy.copula import other_noise
from dashboard.privacy.encoding import Float
from dashboard.privacy.margins import directions_of
from dashboard.privacy.space import Space, between
from dashboard.privacy.synopsis import Synopsis, as_rows


def replayed(synopsis: Synopsis, space: Space, turns: int) -> list[Synopsis]:
    """The same purchase with other noise added to each stored number, at its public scale.

    Margins decide how directions are scaled, so cells are put on each turn's own lattice.
    Free: nothing but stored numbers and public scales is used.
    """
    counts = np.concatenate([np.asarray(each) for each in synopsis.margins.values()])
    cells = np.asarray(synopsis.cells, dtype=np.float64)
    ends = np.cumsum([len(counts), len(synopsis.moments)])
    drawn = other_noise("map", turns, (int(ends[-1]) + cells.size,))
    return [_replayed(synopsis, space, *np.split(each, ends)) for each in drawn]


def _replayed(
    synopsis: Synopsis, space: Space, margins: Float, moments: Float, cells: Float
) -> Synopsis:
    scales = {name: math.sqrt(variance) for name, variance in synopsis.noise.items()}
    ends = np.cumsum([len(each) for each in synopsis.margins.values()])[:-1]
    told = {
        name: tuple(int(each) for each in np.rint(counts + scales["margins"] * noise))
        for (name, counts), noise in zip(
            synopsis.margins.items(), np.split(margins, ends), strict=True
        )
    }
    turn = Space(tuple(directions_of(synopsis.plan, told, scales["margins"], synopsis.count)))
    answers = np.asarray(synopsis.cells, dtype=np.float64)
    answers = answers + scales["cells"] * cells.reshape(answers.shape)
    pairs = zip(space.directions, turn.directions, strict=True)
    answers[:, :-1] *= [ours.spread / theirs.spread for ours, theirs in pairs]
    return replace(
        synopsis,
        margins=told,
        moments=tuple(
            int(each) for each in np.rint(synopsis.moments + scales["moments"] * moments)
        ),
        grid=as_rows(between(space, turn, np.asarray(synopsis.grid))),
        cells=as_rows(np.rint(answers)),
    )
