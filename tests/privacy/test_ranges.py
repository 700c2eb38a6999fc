from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import BadInputError, BudgetExceededError, NotEnoughDataError
from dashboard.plan import Feature
from dashboard.privacy.accounting import RANGE_UNITS, range_price, sigma_squared
from dashboard.privacy.ranges import EDGES, PARTS, GridEncoder, range_query, read_range
from dashboard.receipts import Dataset
from dashboard.terms import RHO_UNIT, Bounds
from tests.privacy.tables import PLAN, NoNoise, repeatable, shop
from tests.privacy.test_gate import NOW, Failing, House, Recording, house, quiet

__all__ = ["house"]

SPEND = Feature("spend", "number", Bounds(0, 10_000, log=True))
ODD = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 5e-324, 1e308, -1e308, *EDGES]),
)


def counts(*values: float | None) -> np.ndarray:
    batch = pa.RecordBatch.from_pydict({"spend": pa.array(values, pa.float64())})
    return range_query()(GridEncoder("spend")(batch))


def noisy(values: np.ndarray, seed: int = 3) -> list[int]:
    exact = counts(*values.tolist())
    return [int(each) for each in repeatable(seed).add(exact, sigma_squared(1, RANGE_UNITS))]


# ── the query ───────────────────────────────────────────────────────────────────────────
@settings(max_examples=200, deadline=None)
@given(ODD)
def test_one_customer_adds_exactly_one_to_one_part(value: float | None) -> None:
    vector = counts(value)
    assert vector.shape == (range_query().length,)
    assert sorted(set(vector.tolist())) == [0, 1]
    assert int((vector**2).sum()) == range_query().sensitivity_squared == 1
    assert (value is None or not math.isfinite(value)) == bool(vector[-1])


@settings(max_examples=40, deadline=None)
@given(st.lists(ODD, min_size=1, max_size=9), st.integers(0, 9))
def test_a_total_is_the_sum_of_its_parts(values: list[float | None], cut: int) -> None:
    assert (counts(*values) == counts(*values[:cut]) + counts(*values[cut:])).all()


def test_the_price_is_that_of_its_noise() -> None:
    variance = sigma_squared(1, RANGE_UNITS)
    assert 1 / (2 * variance) <= range_price().rho_units * RHO_UNIT


# ── the range ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("values", "low", "high", "log"),
    [
        (np.linspace(20, 70, 5_000), 20, 100, False),
        (np.linspace(5, 70, 5_000), 0, 100, False),
        (np.linspace(0, 0.99, 5_000), 0, 1, False),
        (np.linspace(-300, 400, 5_000), -500, 500, False),
        (np.repeat([1.5, 30.0, 900.0], [4_000, 800, 400]), 0, 1_000, True),
    ],
)
def test_a_range_holds_nearly_everybody_and_ends_at_round_numbers(
    values: np.ndarray, low: float, high: float, log: bool
) -> None:
    found = read_range(noisy(values), whole=False)
    assert found is not None
    assert (found.low, found.high, found.log, found.bought) == (low, high, log, True)
    assert np.mean((values >= found.low) & (values <= found.high)) > 0.95


@pytest.mark.parametrize("odd", [1e9, -1e9, 1e308])
def test_one_customer_moves_no_bound(odd: float) -> None:
    values = np.linspace(20, 70, 5_000)
    assert read_range(noisy(values), whole=False) == read_range(
        noisy(np.append(values, odd)), whole=False
    )


def test_too_few_people_show_no_range() -> None:
    assert read_range(noisy(np.linspace(1, 1_000, 50)), whole=False) is None


@given(st.lists(st.integers(-300, 3_000), min_size=PARTS + 2, max_size=PARTS + 2), st.booleans())
def test_any_noisy_counts_give_bounds_that_can_be_or_none(parts: list[int], whole: bool) -> None:
    found = read_range(parts, whole=whole)
    assert found is None or found.low < found.high


# ── the purchase ────────────────────────────────────────────────────────────────────────
def dataset(house: House) -> Dataset:
    return house.dataset(shop())


def test_a_range_is_charged_before_its_noise_and_bought_once(house: House) -> None:
    base, tap = dataset(house), Recording(house)
    first = house.gate(tap).buy_range(base, SPEND, NOW)
    assert house.spent() == range_price().rho_units
    assert tap.seen == [(range_price().rho_units, PARTS + 2, sigma_squared(1, RANGE_UNITS))]
    again = house.gate(Failing()).buy_range(base, SPEND, NOW)
    assert again == first == house.gate().known_range(base, SPEND)
    assert house.spent() == range_price().rho_units


def test_a_range_that_was_not_bought_is_not_known(house: House) -> None:
    assert house.gate().known_range(dataset(house), SPEND) is None


def test_what_is_no_number_has_no_range(house: House) -> None:
    with pytest.raises(BadInputError, match="Only numbers"):
        house.gate(Failing()).buy_range(dataset(house), Feature("member", "flag"), NOW)


def test_without_budget_no_range_is_drawn(house: House) -> None:
    with pytest.raises(BudgetExceededError):
        house.gate(Failing(), cap=0.01).buy_range(dataset(house), SPEND, NOW)


def test_a_range_that_cannot_be_told_stays_so_and_is_not_charged_again(house: House) -> None:
    base = house.dataset(shop(40))
    for _ in range(2):
        with pytest.raises(NotEnoughDataError, match="Declare a range"):
            house.gate(NoNoise()).buy_range(base, SPEND, NOW)
    assert house.spent() == range_price().rho_units


def test_a_release_of_bought_ranges_states_their_price(house: House) -> None:
    base = dataset(house)
    found = house.gate().buy_range(base, SPEND, NOW)
    plan = replace(PLAN, features=(replace(SPEND, bounds=found), *PLAN.features[1:]))
    gate = house.gate()
    made = gate.publish(base, gate.buy_map(base, plan, "shop", NOW, quiet), 2, (), "t", NOW, quiet)
    assert made.budget.rho == pytest.approx(house.spent() * RHO_UNIT, abs=2e-9)
    assert "bought" in made.account[1]
