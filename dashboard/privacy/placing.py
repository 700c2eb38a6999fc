"""Where one customer stands under a released rule: told to them, when they ask, by the owner.

This is no release: it answers the one person whose row it is, as the law asks. Nothing of
it is stored, and nothing is bought, because the rule is public already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.privacy.encoding import Encoder
from dashboard.privacy.queries import nearest_center
from dashboard.privacy.ruling import space_of
from dashboard.privacy.segments import Geometry
from dashboard.release import Release
from dashboard.rfm import GROUP

if TYPE_CHECKING:
    import pyarrow as pa


def segment_of(row: pa.Table, release: Release, geometry: Geometry | None) -> str | None:
    """The name of the segment that holds a customer; ``None`` where the release shows none.

    Args:
        row: the customer's kept row, a table of one.
        release: the release whose rule is asked.
        geometry: the map under the release, or ``None`` where its groups are known ones.
    """
    import numpy as np

    if release.rule is None:
        return None
    if geometry is None:
        group = str(row.column(GROUP)[0].as_py())
        return group if group in {each.name for each in release.segments} else None
    if not release.rule.centers:
        return None
    plan = geometry.synopsis.plan
    [batch] = row.select([each.name for each in plan.columns]).combine_chunks().to_batches()
    places = space_of(release.rule, geometry.space).places(Encoder(plan)(batch))
    centers = np.asarray(release.rule.centers, dtype=np.int64)
    return release.segments[int(nearest_center(places, centers)[0])].name
