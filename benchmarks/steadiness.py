"""Said steadiness against how often fresh purchases agree, and how long another number takes.

    python -m benchmarks.steadiness --maps 10

A base that is known is bought again and again, each time with fresh noise. What really holds
is counted on its rows: of all pairs of customers who share a segment in one purchase, the share
that also does in another. Times are those of a map that was never explored, and of a
number of segments that was not looked at before.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import pyarrow as pa

from benchmarks.coverage import PLAN, Truth, base
from dashboard.plan import Plan
from dashboard.privacy.encoding import Int64
from dashboard.privacy.exploring import exploration
from dashboard.privacy.mechanisms import DiscreteGaussianNoise, Noise
from dashboard.privacy.published import draw_published
from dashboard.privacy.queries import Count
from dashboard.privacy.segments import Geometry
from dashboard.privacy.stability import map_stability, published_stability
from dashboard.privacy.synopsis import Synopsis, draw_map

NUMBERS = 2, 4, 6
EPSILONS = 0.3, 1.0


@dataclass(frozen=True)
class Held:
    """What was said on the average of so many purchases, and what held between them."""

    what: str
    segments: int
    said: float
    real: float


def agreement(belongs: Sequence[Int64]) -> float:
    """Of all pairs of rows together in one purchase, the share that also is in another."""
    shares = []
    for one, other in permutations(belongs, 2):
        both = np.bincount(one * 16 + other, minlength=256).reshape(16, 16).astype(float)
        shares.append((both**2).sum() / (both.sum(axis=1) ** 2).sum())
    return float(np.mean(shares))


def maps_of(truth: Truth, maps: int, tap: Noise) -> list[Geometry]:
    """So many maps of one base, each bought anew."""
    bought = []
    for _ in range(maps):
        asked = truth.interview(tap)
        bought.append(Geometry(draw_map(asked, max(int(asked.ask(Count())[0]), 1))))
    return bought


def held(table: pa.Table, plan: Plan, maps: int, tap: Noise) -> Iterator[Held]:
    """Said and real, for maps and for what is published of them, by number of segments."""
    truth = Truth(table, plan)
    bought = maps_of(truth, maps, tap)
    for k in (each for each in NUMBERS if each <= min(one.most_segments for one in bought)):
        said = statistics.mean(map_stability(each, k) for each in bought)
        real = agreement([truth.belongs(each, each.segments(k)[0]) for each in bought])
        yield Held("map", k, said, real)
        told = [draw_published(truth.interview(tap), each, k) for each in bought]
        pairs = list(zip(bought, told, strict=True))
        said = statistics.mean(published_stability(*each) for each in pairs)
        real = agreement([truth.belongs(each, one.centers) for each, one in pairs])
        yield Held("release", k, said, real)


def seconds(synopsis: Synopsis) -> tuple[float, float]:
    """How long a map's first look takes, and the slowest of the numbers looked at after it."""
    geometry = Geometry(synopsis)
    first, *others = (_timed(geometry, k) for k in (None, *range(2, geometry.most_segments + 1)))
    return first, max(others)


def _timed(geometry: Geometry, k: int | None) -> float:
    began = time.perf_counter()
    exploration("m", geometry, k)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=10)
    maps = parser.parse_args().maps
    table, tap = base(), DiscreteGaussianNoise()
    print(f"{'':8}{'epsilon':>8}{'segments':>9}{'said':>7}{'real':>7}")
    for epsilon in EPSILONS:
        for each in held(table, replace(PLAN, epsilon=epsilon), maps, tap):
            print(
                f"{each.what:8}{epsilon:8g}{each.segments:9}{each.said:7.0%}{each.real:7.0%}",
                flush=True,
            )
    looks = [seconds(each.synopsis) for each in maps_of(Truth(table), maps, tap)]
    first, another = (1_000 * statistics.median(each) for each in zip(*looks, strict=True))
    print(f"first look at a map {first:.0f} ms, slowest other number {another:.0f} ms")


if __name__ == "__main__":
    main()
