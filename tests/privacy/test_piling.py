from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from dashboard.plan import Feature, Plan
from dashboard.privacy.exploring import exploration
from dashboard.privacy.mechanisms import Noise
from dashboard.privacy.piling import LEAST, piled_up, piles
from dashboard.privacy.queries import Count
from dashboard.privacy.segments import Geometry
from dashboard.privacy.synopsis import draw_map
from dashboard.terms import Bounds
from tests.privacy.tables import PLAN, NoNoise, interview, repeatable, shop

NARROW = replace(PLAN.features[0], bounds=Bounds(0, 700, log=True))


def mapped(table: pa.Table, spend: Feature, tap: Noise) -> Geometry:
    asking = interview(table, tap, Plan((spend, *PLAN.features[1:])))
    return Geometry(draw_map(asking, int(asking.ask(Count())[0])))


def test_who_stands_beyond_an_upper_limit_is_told_with_what_would_help() -> None:
    table = shop()
    truth = np.mean(np.asarray(table["spend"]) >= 630)
    geometry = mapped(table, NARROW, repeatable())
    (hint,) = exploration("m", geometry, 2).hints
    assert hint.startswith(f"About 1 in {round(1 / truth)} customers stand at the upper end")
    assert hint.endswith("If larger values occur, widen that range for the next map.")
    (note,) = piled_up(geometry, advise=False)
    assert note.endswith("Its means are rather too low.")


def test_nothing_is_told_where_the_range_is_wide_enough() -> None:
    assert piles(mapped(shop(), PLAN.features[0], repeatable())) == ()


@pytest.mark.parametrize(("name", "told"), [("net_margin", 1), ("spend", 0)])
def test_zeros_are_a_pile_only_of_numbers_that_can_fall_below(name: str, told: int) -> None:
    table = shop()
    values = np.where(np.arange(len(table)) % 3 == 0, 0.0, np.asarray(table["spend"]))
    table = table.set_column(table.column_names.index("spend"), name, pa.array(values))
    assert len(piles(mapped(table, replace(PLAN.features[0], name=name), NoNoise()))) == told


def test_a_scale_that_ends_by_itself_is_no_pile() -> None:
    table = shop()
    full = pa.array(np.where(np.arange(len(table)) % 2 == 0, 1.0, 0.4))
    table = table.set_column(table.column_names.index("spend"), "email_share", full)
    share = Feature("email_share", "number", Bounds(0, 1))
    assert piles(mapped(table, share, NoNoise())) == ()
    assert piles(mapped(table, replace(share, bounds=Bounds(0, 0.9)), NoNoise()))


def test_noise_at_the_ends_of_ranges_is_taken_for_a_pile_less_than_once_in_a_hundred_maps() -> None:
    """2,000 maps of 20 ends that hold nobody: 1.3 alarms are expected, 12 or more once in 10⁸."""
    geometry = mapped(shop(300), PLAN.features[0], repeatable())
    draw, alarms = np.random.default_rng(3), 0
    sigma = geometry.synopsis.noise["margins"] ** 0.5
    columns = [replace(PLAN.features[0], name=f"profit_{place}") for place in range(10)]
    plan = Plan(tuple(columns))
    for _ in range(2_000):
        noise = np.rint(draw.standard_normal((10, 33)) * sigma).astype(int)
        margins = {each.name: tuple(row) for each, row in zip(columns, noise, strict=True)}
        alarms += bool(piles(Geometry(replace(geometry.synopsis, plan=plan, margins=margins))))
    assert alarms < 12


def test_a_pile_within_the_noise_is_not_told() -> None:
    geometry = mapped(shop(), NARROW, NoNoise())
    (pile,) = piles(geometry)
    assert pile.share > LEAST
    drowned = {**geometry.synopsis.noise, "margins": 4_000_000}
    assert piles(Geometry(replace(geometry.synopsis, noise=drowned))) == ()
