"""An auditor: how much can be proven to leak, from many runs on two neighboring tables.

Each run is told as *scores*, plain numbers computed from what the run gave away. On one
half of the runs the auditor chooses the events that tell the two tables apart best; on the
other half it counts them. Clopper–Pearson bounds on the two probabilities then hold with
the stated certainty, however the events were chosen, and from them follow

- a lower bound on ε: (ε, δ) promises p ≤ e^ε·q + δ for every event;
- a lower bound on ρ: ρ-zCDP promises D_α(p‖q) ≤ αρ for every event and every α > 1, D_α being
  Rényi's divergence of the event happening or not. It needs far fewer runs to come near.

A bound above the claim is a proof that the claim is wrong. One below it proves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from dashboard.privacy.accounting import epsilon_of
from dashboard.terms import DELTA

Float = npt.NDArray[np.float64]
Scores = Mapping[str, Float]
"""Per score its value in every run; a run that gave nothing for it has NaN."""

QUANTILES: Final = np.concatenate(
    [[0.001, 0.003, 0.01, 0.03], np.linspace(0.06, 0.94, 23), [0.97, 0.99, 0.997, 0.999]]
)
ATOMS: Final = 8
"""How many of a score's most frequent values are tried as events of their own."""

ORDERS: Final = 1 + np.geomspace(1e-3, 200, 80)


@dataclass(frozen=True)
class Event:
    """Something that a run shows or does not show: a score on one side of a value, or at it."""

    score: str
    relation: str
    value: float
    second_more: bool

    def __str__(self) -> str:
        return f"{self.score} {self.relation} {self.value:.6g}"

    def counts(self, scores: Scores) -> int:
        """In how many runs it happened."""
        seen = scores[self.score]
        if self.relation == "=":
            return int((seen == self.value).sum())
        return int(
            (seen >= self.value).sum() if self.relation == "≥" else (seen < self.value).sum()
        )


@dataclass(frozen=True)
class Certificate:
    """What was proven: ε is at least ``epsilon`` and ρ at least ``rho``, by which events.

    ``epsilon_by_rho`` states the same ρ as an ε, as the program's screens do; it may be held
    against the claim only where the claim is one on ρ.
    """

    epsilon: float
    rho: float
    event: Event
    rho_event: Event
    runs: int

    @property
    def epsilon_by_rho(self) -> float:
        """The ε at the stated δ that belongs to the proven ρ."""
        return epsilon_of(self.rho)


def certify(first: Scores, second: Scores, alarm: float, delta: float = DELTA) -> Certificate:
    """Prove as much leakage as the runs allow; wrong with a probability of at most ``alarm``.

    Args:
        first: the runs on one table.
        second: the runs on its neighbor, as many, with the same scores.
        alarm: the most probable that any of the four bounds behind the certificate is wrong.
        delta: the δ of the claim.
    """
    trial, exam = (
        [_half(each, 0) for each in (first, second)],
        [_half(each, 1) for each in (first, second)],
    )
    runs = [len(next(iter(each.values()))) for each in trial]
    events, counts = _candidates(*trial)
    rates = _bounds(counts, runs, alarm / 4, events)
    best, best_rho = (
        events[int(np.argmax(found))]
        for found in (epsilon_between(*rates, delta), rho_between(*rates, delta))
    )
    proven, proven_rho = (_measured(each, exam, alarm / 4) for each in (best, best_rho))
    return Certificate(
        epsilon=float(epsilon_between(*proven, delta)[0]),
        rho=float(rho_between(*proven_rho, delta)[0]),
        event=best,
        rho_event=best_rho,
        runs=sum(len(next(iter(each.values()))) for each in (first, second)),
    )


def certified_delta(more: int, less: int, runs: int, epsilon: float, alarm: float) -> float:
    """A lower bound on δ at an ε, from how often an event of one's choice happened in ``runs``."""
    low = float(lower(np.array([more]), runs, alarm / 2)[0])
    return max(0.0, low - math.exp(epsilon) * float(upper(np.array([less]), runs, alarm / 2)[0]))


def lower(happened: npt.ArrayLike, runs: int, alarm: float) -> Float:
    """Clopper and Pearson's lower bound on a probability, wrong at most that often."""
    k = np.asarray(happened, dtype=np.float64)
    return np.where(k > 0, beta.ppf(alarm, np.maximum(k, 1), runs - k + 1), 0.0)


def upper(happened: npt.ArrayLike, runs: int, alarm: float) -> Float:
    """Clopper and Pearson's upper bound on a probability, wrong at most that often."""
    k = np.asarray(happened, dtype=np.float64)
    return np.where(k < runs, beta.isf(alarm, k + 1, np.maximum(runs - k, 1)), 1.0)


def epsilon_between(more: Float, less: Float, delta: float) -> Float:
    """The ε that probabilities at least ``more`` and at most ``less`` need at a δ."""
    return np.log(np.maximum(more - delta, 1e-300) / less).clip(min=0.0)


def rho_between(more: Float, less: Float, delta: float) -> Float:
    """The ρ that probabilities at least ``more`` and at most ``less`` need, δ apart."""
    p, q = np.maximum(more - delta, 1e-12), np.minimum(less + delta, 1 - 1e-12)
    apart = p > q
    p, q, a = np.where(apart, p, 0.5)[:, None], np.where(apart, q, 0.5)[:, None], ORDERS[None, :]
    happens = a * np.log(p) + (1 - a) * np.log(q)
    fails = a * np.log1p(-np.minimum(p, 1 - 1e-12)) + (1 - a) * np.log1p(-q)
    divergence = np.logaddexp(happens, fails) / (a - 1)
    return np.where(apart, (divergence / a).max(axis=1), 0.0)


def _half(scores: Scores, start: int) -> dict[str, Float]:
    return {name: np.asarray(each, dtype=np.float64)[start::2] for name, each in scores.items()}


def _candidates(first: Scores, second: Scores) -> tuple[list[Event], npt.NDArray[np.int64]]:
    """Every event that is tried, and how often each happened on either table."""
    events, counts = [], []
    for name in first:
        for relation, values, happened in _tried(first[name], second[name]):
            for value, pair in zip(values, happened.T, strict=True):
                for second_more in (False, True):
                    events.append(Event(name, relation, float(value), second_more))
                    counts.append(pair[::-1] if second_more else pair)
    return events, np.array(counts, dtype=np.int64)


def _tried(first: Float, second: Float) -> Iterator[tuple[str, Float, Float]]:
    told = [each[~np.isnan(each)] for each in (first, second)]
    pooled = np.concatenate(told)
    if not len(pooled):
        return
    cuts = np.unique(np.quantile(pooled, QUANTILES, method="nearest"))
    below = np.array([np.searchsorted(np.sort(each), cuts) for each in told])
    yield "≥", cuts, np.array([[len(each)] for each in told]) - below
    yield "<", cuts, below
    atoms, often = np.unique(pooled, return_counts=True)
    atoms = atoms[np.argsort(-often, kind="stable")[:ATOMS]]
    yield "=", atoms, np.array([[(each == atom).sum() for atom in atoms] for each in told])


def _bounds(
    counts: npt.NDArray[np.int64], runs: list[int], alarm: float, events: list[Event]
) -> tuple[Float, Float]:
    swapped = np.array([each.second_more for each in events])
    more, less = np.where(swapped, runs[1], runs[0]), np.where(swapped, runs[0], runs[1])
    return lower(counts[:, 0], more, alarm), upper(counts[:, 1], less, alarm)


def _measured(event: Event, exam: list[dict[str, Float]], alarm: float) -> tuple[Float, Float]:
    more, less = reversed(exam) if event.second_more else exam
    runs = [len(each[event.score]) for each in (more, less)]
    return (
        lower([event.counts(more)], runs[0], alarm),
        upper([event.counts(less)], runs[1], alarm),
    )


# ── what is looked at in an answer ──────────────────────────────────────────────────────
def scores_of(answers: Float, shift: Float, coordinates: int = 4) -> dict[str, Float]:
    """Everything that is looked at in answers that are vectors of numbers.

    Args:
        answers: one answer per run, shape (runs, length).
        shift: what the one customer adds to the exact answer, shape (length,).
        coordinates: how many single numbers are looked at, those that move most first.

    The sum along ``shift`` is the likelihood ratio of Gaussian noise. Beside it stand single
    values, their rests, their lowest set bits, their differences, and how often numbers repeat.
    """
    order = np.argsort(-np.abs(shift), kind="stable")[:coordinates]
    scores = {"along the shift": answers @ (shift / max(float(np.abs(shift).max()), 1.0))}
    scores["repeats"] = (np.diff(np.sort(answers, axis=1), axis=1) == 0).sum(axis=1).astype(float)
    for place in order:
        told = answers[:, place]
        scores[f"value {place}"] = told
        scores[f"lowest bit {place}"] = lowest_bit(told)
        scores |= {f"value {place} mod {m}": np.mod(told, m) for m in (2, 3, 5, 8)}
        if place != order[0]:
            scores[f"value {order[0]} - {place}"] = answers[:, order[0]] - told
    return scores


def lowest_bit(values: Float) -> Float:
    """The exponent of the lowest set bit of each number: 0 for odd ones, -1 for halves."""
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2**53).astype(np.int64)
    return np.where(whole == 0, 2000.0, np.log2(np.maximum(whole & -whole, 1)) + exponent - 53)
