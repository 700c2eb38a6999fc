"""Publishing: the chosen segments sharpened, sized and described, bought once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dashboard.privacy.encoding import Int64
from dashboard.privacy.interview import Interview
from dashboard.privacy.profiles import columns_of
from dashboard.privacy.queries import Profiles, Residuals, Sizes
from dashboard.privacy.segments import Geometry, sharpen
from dashboard.privacy.synopsis import as_rows, radius_of

MEANS_REACH: Final = 0.998
"""The part of the invented customers who count with their whole distance in a segment's mean."""


@dataclass(frozen=True)
class Published:
    """What publishing bought: the sharpened centers, noisy sizes and noisy profiles.

    ``means`` holds per segment how its customers lie around its center: noisy sums of
    their lattice places less the center's.
    ``profiles`` holds per segment and column the noisy counts of its bars,
    missing last. ``noise`` maps each query to its σ².
    """

    centers: Int64
    sizes: tuple[int, ...]
    means: tuple[tuple[int, ...], ...]
    profiles: tuple[tuple[tuple[int, ...], ...], ...]
    noise: dict[str, int]

    def to_stored(self) -> dict[str, Any]:
        """The numbers as plain values, ready to be stored."""
        return {**vars(self), "centers": as_rows(self.centers)}


def published_from(stored: dict[str, Any]) -> Published:
    """Read the numbers back from :meth:`Published.to_stored`."""
    return Published(
        centers=np.asarray(stored["centers"], dtype=np.int64),
        sizes=tuple(stored["sizes"]),
        means=tuple(tuple(each) for each in stored["means"]),
        profiles=tuple(
            tuple(tuple(column) for column in segment) for segment in stored["profiles"]
        ),
        noise=dict(stored["noise"]),
    )


def draw_published(interview: Interview, geometry: Geometry, segments: int) -> Published:
    """Ask for sharper centers, then sizes, means and profiles; say what was bought."""
    centers, _ = geometry.segments(segments)
    centers = sharpen(interview, geometry, centers)
    sizes = interview.ask(Sizes(geometry.space, centers))
    radius = radius_of(geometry.invented, centers, MEANS_REACH)
    sums = interview.ask(Residuals(geometry.space, centers, radius, 1, "means"))
    means = as_rows(sums.reshape(segments, -1)[:, :-1])
    bins = tuple(column.bins for column in columns_of(geometry))
    table = interview.ask(Profiles(geometry.space, centers, bins)).reshape(segments, -1)
    ends = np.cumsum([each.size for each in bins])[:-1]
    profiles = tuple(
        tuple(tuple(int(each) for each in part) for part in np.split(row, ends)) for row in table
    )
    counted = tuple(int(each) for each in sizes)
    return Published(centers, counted, means, profiles, dict(interview.noise))
