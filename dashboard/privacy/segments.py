"""Segments from the map: any number of them, for free, and sharper ones when published."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from dashboard.errors import NotEnoughDataError
from dashboard.plan import MAX_SEGMENTS, MIN_SEGMENTS
from dashboard.privacy.accounting import SHARPEN_ROUNDS, publish_units, sigma_squared
from dashboard.privacy.copula import INVENTED, correlations, invent
from dashboard.privacy.encoding import Float, Int64
from dashboard.privacy.interview import Interview
from dashboard.privacy.margins import directions_of
from dashboard.privacy.queries import Residuals, nearest_center, radius_for
from dashboard.privacy.signal import most_by_signal
from dashboard.privacy.space import SCORE_UNIT, UNIT, Latent, Space, whole_centers
from dashboard.privacy.suppression import suppression_threshold
from dashboard.privacy.synopsis import Synopsis, radius_of, weight_of

CROWD: Final = 3_000
"""How many invented customers are looked at to suggest a number of segments."""

STARTS, ROUNDS = 20, 300
"""From how many beginnings segments are looked for, and for how long; the best end is taken."""

MOST_SUGGESTED: Final = 9
"""The largest number of segments that is suggested; more can be chosen."""

SHARPEN_REACH: Final = 0.7
"""The part of the invented customers whose residual is not shortened when sharpening."""

BLUR: Final = 0.3
"""How far a center that was found on the map may lie from where sharpening would put it, in
standard deviations, beside the noise of its micro-cells."""


@dataclass(frozen=True)
class Geometry:
    """What follows from a bought map without asking anything more."""

    synopsis: Synopsis
    people: int = INVENTED
    """How many customers are invented."""

    @cached_property
    def space(self) -> Space:
        """The space in which customers are compared."""
        bought = self.synopsis
        sigma = math.sqrt(bought.noise["margins"])
        return Space(tuple(directions_of(bought.plan, bought.margins, sigma, bought.count)))

    @cached_property
    def latent(self) -> Latent:
        """The same directions as normal scores."""
        directions = self.space.directions
        return Latent(directions, radius_for(len(directions), SCORE_UNIT))

    @cached_property
    def invented(self) -> Float:
        """Invented customers that follow the map, on the lattice."""
        synopsis = self.synopsis
        sigma = math.sqrt(synopsis.noise["moments"])
        matrix = correlations(self.latent, synopsis.moments, synopsis.count, sigma)
        return invent(self.space.directions, matrix, self.people)

    @cached_property
    def turns(self) -> list[Geometry]:
        """The same map played through again with other noise; see ``stability``."""
        return []

    @cached_property
    def steadiness(self) -> dict[int, float]:
        """What was played through before, by number of segments; see ``stability``."""
        return {}

    @cached_property
    def cells(self) -> Float:
        """Each micro-cell's center, moved to where its customers pull it."""
        return moved(
            np.asarray(self.synopsis.grid, dtype=np.int64),
            np.asarray(self.synopsis.cells, dtype=np.int64),
            self.synopsis.cell_weight,
            self.cell_sigma * self.synopsis.cell_weight,
        )

    @cached_property
    def counts(self) -> Float:
        """Each micro-cell's noisy number of customers."""
        weighted = np.asarray(self.synopsis.cells, dtype=np.float64)[:, -1]
        return np.asarray(weighted / self.synopsis.cell_weight)

    @property
    def cell_sigma(self) -> float:
        """The noise scale of a micro-cell's count, in customers."""
        return math.sqrt(self.synopsis.noise["cells"]) / self.synopsis.cell_weight

    @cached_property
    def weights(self) -> Float:
        """Counts as weights, drawn toward what the invented customers foretell where noise rules.

        A far-off neighborhood that nobody is foretold for keeps a noisy count only
        where it stands well out of the noise, so that no segment is made of noise.
        """
        grid = np.asarray(self.synopsis.grid, dtype=np.int64)
        foretold = np.bincount(nearest_center(self.invented, grid), minlength=len(grid))
        prior = foretold * (max(self.synopsis.count, 0) / len(self.invented))
        surprise, noise = self.counts - prior, self.cell_sigma**2
        trust = np.maximum(prior**2, surprise**2 - 4 * noise)
        weights = np.clip(prior + surprise * trust / (trust + noise), 0.0, None)
        return np.asarray(np.maximum(weights, 1e-6))

    @cached_property
    def most_segments(self) -> int:
        """How many segments there can be at most: as many as stand out of the noise and apart."""
        bought = self.synopsis
        clear = most_by_signal(bought.count, bought.plan, self.space.dimensions)
        return max(MIN_SEGMENTS, min(clear, self.places_apart))

    @cached_property
    def places_apart(self) -> int:
        """How many different places have customers."""
        held = self.cells[self.weights > 1e-6]
        return min(MAX_SEGMENTS, len(np.unique(held, axis=0)))

    def segments(self, k: int) -> tuple[Int64, Int64]:
        """Centers of k segments on the lattice, largest first, and each micro-cell's segment.

        They are looked for once for each k, and kept with the map.

        Raises:
            NotEnoughDataError: the features can't tell that many groups apart.
        """
        if k not in self._found:
            self._found[k] = self._looked_for(k)
        return self._found[k]

    @cached_property
    def _found(self) -> dict[int, tuple[Int64, Int64]]:
        return {}

    def _looked_for(self, k: int) -> tuple[Int64, Int64]:
        from dashboard.privacy import grouping

        if k > self.places_apart:
            raise NotEnoughDataError(
                f"These features tell at most {self.places_apart} groups apart. "
                "Choose fewer segments, or more features."
            )
        centers = whole_centers(grouping.grouped(self.cells, self.weights, k, STARTS, ROUNDS))
        belongs = nearest_center(self.cells, centers)
        sizes = np.bincount(belongs, weights=self.weights, minlength=k)
        centers = centers[np.argsort(-sizes, kind="stable")]
        return centers, nearest_center(self.cells, centers)

    @cached_property
    def crowd(self) -> tuple[Float, Float]:
        """Invented customers as the micro-cells found the real ones: places, and weights.

        Each moves with its cell and carries its part of the cell's weight; a cell in
        which nobody was invented stands for itself.
        """
        grid = np.asarray(self.synopsis.grid, dtype=np.int64)
        sample = self.invented[:CROWD]
        near = nearest_center(sample, grid)
        held = np.bincount(near, minlength=len(grid))
        empty = held == 0
        places = np.vstack([sample + (self.cells - grid)[near], self.cells[empty]])
        each = (self.weights / np.maximum(held, 1))[near]
        return places, np.concatenate([each, self.weights[empty]])

    @cached_property
    def suggestion(self) -> tuple[int, str]:
        """The number of segments that stand apart most clearly, and why, in words.

        Numbers with which fewer than two would be shown when published are left out.
        """
        scores = {}
        for k in range(MIN_SEGMENTS, min(self.most_segments, MOST_SUGGESTED) + 1):
            centers, _ = self.segments(k)
            scores[k] = separation(*self.crowd, centers)
        held_back = self._held_back
        if len(scores) < 2:
            two = "The chosen features tell only two groups apart."
            return MIN_SEGMENTS, held_back or two
        scores = {k: score for k, score in scores.items() if self.shows_two(k)} or scores
        best = max(scores, key=lambda k: scores[k])
        if len(scores) == 1:
            only = f"Only with {best} segments are at least two large enough to be shown."
            return best, " ".join(filter(None, (only, held_back)))
        second = max((k for k in scores if k != best), key=lambda k: scores[k])
        clear = "clearly" if scores[best] > scores[second] + 0.03 else "slightly"
        return best, (
            f"With {best} segments the groups stand apart most: {clear} better than with {second}."
            + (f" {held_back}" if held_back else "")
        )

    def shows_two(self, k: int) -> bool:
        """Whether at least two of k segments would be large enough to be shown when published."""
        people = np.bincount(self.segments(k)[1], weights=self.counts, minlength=k)
        return int((np.round(people) >= self.least_shown).sum()) >= 2

    @property
    def least_shown(self) -> int:
        """The noisy size from which on a segment is shown when published."""
        plan = self.synopsis.plan
        sigma = math.sqrt(sigma_squared(1, publish_units(plan)["sizes"]))
        return suppression_threshold(plan.min_segment_size, sigma)

    @property
    def _held_back(self) -> str:
        """A sentence where the noise, not the customers, limits how many segments are tried."""
        if self.most_segments >= min(self.places_apart, MOST_SUGGESTED):
            return ""
        return (
            f"At this privacy no more than {self.most_segments} stand out of the noise. More "
            "privacy budget, or more customers, might show more."
        )


def moved(centers: Int64, answers: Int64, weight: int, sigma: float) -> Float:
    """Centers after one step toward their customers, each step shrunk by how noisy it is.

    Args:
        centers: the lattice centers that were asked about, shape (k, d).
        answers: noisy residual sums and weighted counts, shape (k, d + 1).
        weight: what one customer adds to a weighted count.
        sigma: the noise scale of each number in ``answers``.

    The positive-part James–Stein rule: a step m with error variance v per
    coordinate is multiplied by max(0, 1 − (d − 2)v/‖m‖²), at least d = 3's rule.
    """
    steps, variance, told = _steps(answers, weight, sigma)
    length = np.maximum((steps**2).sum(axis=1), 1e-9)
    d = centers.shape[1]
    shrink = np.clip(1 - max(d - 2, 1) * variance / length, 0, 1)
    shrink[~told] = 0.0
    return np.asarray(centers + steps * shrink[:, None])


def separation(places: Float, weights: Float, centers: Int64) -> float:
    """How well segments stand apart: the weighted simplified silhouette of customers, -1 to 1."""
    exact = centers.astype(np.float64)
    squares = (places**2).sum(axis=1)[:, None] - 2 * places @ exact.T + (exact**2).sum(axis=1)
    own, other = np.sqrt(np.maximum(np.partition(squares, 1, axis=1)[:, :2], 0)).T
    return float(np.average((other - own) / np.maximum(other, 1e-9), weights=weights))


def sharpen(interview: Interview, geometry: Geometry, centers: Int64) -> Int64:
    """Move the chosen centers to where their customers are, in two paid rounds."""
    d = centers.shape[1]
    belief = doubt(geometry, centers)
    for turn in range(1, SHARPEN_ROUNDS + 1):
        radius = radius_of(geometry.invented, centers, SHARPEN_REACH)
        weight = weight_of(radius, d)
        name = f"sharpen {turn}"
        answers = interview.ask(Residuals(geometry.space, centers, radius, weight, name))
        table = answers.reshape(len(centers), d + 1)
        centers, belief = tracked(centers, table, weight, interview.sigma(name), belief)
    return centers


def doubt(geometry: Geometry, centers: Int64) -> Float:
    """The error variance per coordinate of centers found on the map, before they are sharpened.

    A center is the mean of m micro-cells that hold n customers: m·σ²/n², and the blur.
    """
    belongs, k = nearest_center(geometry.cells, centers), len(centers)
    people = np.bincount(belongs, weights=geometry.weights, minlength=k)
    cells = np.bincount(belongs, minlength=k)
    noise = geometry.synopsis.noise["cells"] * cells / np.maximum(people, 1.0) ** 2
    return np.asarray(noise + (BLUR * UNIT) ** 2)


def tracked(
    centers: Int64, answers: Int64, weight: int, sigma: float, belief: Float
) -> tuple[Int64, Float]:
    """Centers after one more step, weighed against what earlier rounds found, and the new belief.

    Args:
        centers: the lattice centers that were asked about, shape (k, d).
        answers: noisy residual sums and weighted counts, shape (k, d + 1).
        weight: what one customer adds to a weighted count.
        sigma: the noise scale of each number in ``answers``.
        belief: each center's error variance per coordinate so far.

    A step's error variance is v. Where a center rests, the step and the belief p are two
    measurements of one place, and p/(p + v) of the step is right (Kalman 1960). Where the step
    is longer than both errors explain, the center still moves: then 1 − d(p + v)/‖step‖² of
    it is right. The larger of the two is taken.
    """
    steps, variance, told = _steps(answers, weight, sigma)
    length = np.maximum((steps**2).sum(axis=1), 1e-9)
    d = centers.shape[1]
    rest = belief / (belief + variance)
    gain = np.maximum(rest, np.clip(1 - d * (belief + variance) / length, 0, 1))
    gain[~told] = 0.0
    after = (1 - gain) ** 2 * belief + gain**2 * variance
    return whole_centers(centers + steps * gain[:, None]), after


def _steps(answers: Int64, weight: int, sigma: float) -> tuple[Float, Float, npt.NDArray[np.bool_]]:
    """Mean residuals, their error variance, and which centers have customers beyond the noise."""
    counts = answers[:, -1] / weight
    safe = np.maximum(counts, 2 * sigma / weight)
    return answers[:, :-1] / safe[:, None], (sigma / safe) ** 2, counts >= 2 * sigma / weight
