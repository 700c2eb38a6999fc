"""Publishing: the chosen segments sharpened, sized and described, bought once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dashboard.privacy.encoding import Int64
from dashboard.privacy.interview import Interview
from dashboard.privacy.profiles import columns_of
from dashboard.privacy.queries import Profiles, Sizes
from dashboard.privacy.segments import Geometry, sharpen
from dashboard.privacy.synopsis import as_rows


@dataclass(frozen=True)
class Published:
    """What publishing bought: the sharpened centers, noisy sizes and noisy profiles.

    ``profiles`` holds per segment and column the noisy counts of its bars,
    missing last. ``noise`` maps each query to its σ².
    """

    centers: Int64
    sizes: tuple[int, ...]
    profiles: tuple[tuple[tuple[int, ...], ...], ...]
    noise: dict[str, int]

    def to_stored(self) -> dict[str, Any]:
        """The numbers as plain values, ready to be stored."""
        return {**asdict(self), "centers": as_rows(self.centers)}


def published_from(stored: dict[str, Any]) -> Published:
    """Read the numbers back from :meth:`Published.to_stored`."""
    return Published(
        centers=np.asarray(stored["centers"], dtype=np.int64),
        sizes=tuple(stored["sizes"]),
        profiles=tuple(
            tuple(tuple(column) for column in segment) for segment in stored["profiles"]
        ),
        noise=dict(stored["noise"]),
    )


def draw_published(interview: Interview, geometry: Geometry, segments: int) -> Published:
    """Ask for sharper centers, then sizes, then profiles; say what was bought."""
    centers, _ = geometry.segments(segments)
    centers = sharpen(interview, geometry, centers)
    sizes = interview.ask(Sizes(geometry.space, centers))
    bins = tuple(column.bins for column in columns_of(geometry))
    table = interview.ask(Profiles(geometry.space, centers, bins)).reshape(segments, -1)
    ends = np.cumsum([each.size for each in bins])[:-1]
    profiles = tuple(
        tuple(tuple(int(each) for each in part) for part in np.split(row, ends)) for row in table
    )
    return Published(centers, tuple(int(each) for each in sizes), profiles, dict(interview.noise))
