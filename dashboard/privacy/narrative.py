"""What was done, in numbered sentences for anyone who asks."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.plan import Feature, Plan
from dashboard.privacy.accounting import (
    count_price,
    map_price,
    publish_price,
    ranges_price,
    spent_of,
)
from dashboard.privacy.segments import Geometry
from dashboard.privacy.spoken import plain
from dashboard.privacy.suppression import Shown


def account_of(
    plan: Plan, geometry: Geometry, k: int, shown: Shown, threshold: int, unit: str
) -> tuple[str, ...]:
    """What was done, in numbered sentences for anyone who asks."""
    bought = spent_of(count_price(plan) + map_price(plan))
    published = spent_of(publish_price(plan))
    ranges = ranges_price(plan)
    everything = spent_of(ranges + count_price(plan) + map_price(plan) + publish_price(plan))
    hidden = len(shown.hidden)
    return (
        f"Rows were reduced to {unit} each; people who said no were left out first.",
        (
            f"{_list(plan.features)} decide who is alike, each within a range that was declared "
            "without looking at the data"
            + (
                f", or bought for ε {spent_of(ranges).epsilon:.2g} in all."
                if ranges.rho_units
                else "."
            )
        ),
        (
            f"A map was bought once for ε {bought.epsilon:.2g}: a noisy count, "
            f"{len(plan.columns)} noisy distributions, how the features move together, and "
            f"{len(geometry.synopsis.grid)} small noisy neighborhoods."
        ),
        f"{k} segments were chosen by looking at the map, which cost nothing.",
        (
            f"Publishing cost ε {published.epsilon:.2g}: centers were sharpened "
            "twice, then sizes, means and distributions were counted, with noise on every number."
        ),
        f"Groups below {threshold} noisy people are not shown; "
        + (f"{hidden} of {k} were merged." if hidden else "none had to be hidden."),
        "The total is the sum of the noisy sizes shown. Points in the picture are invented.",
        (
            f"All in all one customer's presence changes the odds of any such result by at most "
            f"ε = {everything.epsilon:.3g} (δ = {everything.delta:.0e}, ρ = {everything.rho:.3g})."
        ),
    )


def _list(features: Sequence[Feature]) -> str:
    names = [plain(each.name) for each in features]
    joined = ", ".join(names[:-1]) + (" and " if names[:-1] else "") + names[-1]
    return joined[:1].upper() + joined[1:]
