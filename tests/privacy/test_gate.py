from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from dashboard.errors import (
    BadInputError,
    BudgetExceededError,
    InternalError,
    NotEnoughDataError,
    NotFoundError,
)
from dashboard.plan import Feature, Plan
from dashboard.privacy.accounting import count_price, map_price, publish_price, rho_units_of
from dashboard.privacy.gate import Gate
from dashboard.privacy.mechanisms import DiscreteGaussianNoise, Noise
from dashboard.receipts import Dataset
from dashboard.records import ledger
from dashboard.records import releases as memory
from dashboard.records.db import Records
from dashboard.terms import Bounds
from dashboard.vault.store import Vault
from tests.privacy.tables import PLAN, shop

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def quiet(_done: float, _doing: str) -> None:
    """Tell nobody."""


@dataclass
class House:
    """A vault with a shop in it, a memory, and gates with any tap."""

    vault: Vault
    records: Records

    def dataset(self, table: pa.Table, lineage: str = "base") -> Dataset:
        kept = self.vault.put(
            table, owner="ana", purpose="dataset", expires_at=NOW + timedelta(days=90)
        )
        columns = (*PLAN.features, *PLAN.profiled)
        return Dataset(kept, "shop", "to try", columns, "one customer", NOW, NOW.date(), lineage)

    def gate(self, tap: Noise | None = None, cap: float = 3.0) -> Gate:
        return Gate(self.vault, self.records, tap or DiscreteGaussianNoise(), "ana", cap, 6.0)

    def spent(self) -> int:
        return ledger.account(self.records, "base").spent.rho_units


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    records = Records(f"sqlite:///{tmp_path / 'records.sqlite3'}")
    yield House(Vault(tmp_path / "vault", b"k" * 32, now=lambda: NOW), records)
    records.close()


class Recording:
    """The product's noise, remembering what the ledger held when it was drawn."""

    def __init__(self, house: House) -> None:
        self.house, self.seen = house, []

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        self.seen.append((self.house.spent(), len(exact), sigma_squared))
        return DiscreteGaussianNoise().add(exact, sigma_squared)


class Failing:
    """A tap that breaks, as a machine that loses power would."""

    def add(self, exact: npt.NDArray[np.int64], sigma_squared: int) -> npt.NDArray[np.int64]:
        raise KeyboardInterrupt


def test_the_ledger_is_charged_before_any_noise_is_drawn(house: House) -> None:
    tap = Recording(house)
    base = house.dataset(shop())
    map_id = house.gate(tap).buy_map(base, PLAN, "shop", NOW, quiet)
    count, whole = count_price(PLAN).rho_units, (count_price(PLAN) + map_price(PLAN)).rho_units
    assert [spent for spent, _, _ in tap.seen] == [count, whole, whole, whole]
    house.gate(tap).publish(base, map_id, 3, (), "t", NOW, quiet)
    assert {spent for spent, _, _ in tap.seen[4:]} == {rho_units_of(1)}
    assert len(tap.seen) == 9


def test_a_whole_release_costs_what_its_price_says(house: House) -> None:
    base = house.dataset(shop())
    map_id = house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    release = house.gate().publish(base, map_id, 3, (), "t", NOW, quiet)
    price = count_price(PLAN) + map_price(PLAN) + publish_price(PLAN)
    assert house.spent() == price.rho_units == round(release.budget.rho * 1e9)


def test_the_same_table_and_plan_is_bought_once_even_when_it_is_given_again(house: House) -> None:
    first = house.gate().buy_map(house.dataset(shop()), PLAN, "shop", NOW, quiet)
    spent = house.spent()
    shuffled = shop().take(np.random.default_rng(0).permutation(4_000))
    assert house.gate(Failing()).buy_map(house.dataset(shuffled), PLAN, "x", NOW, quiet) == first
    assert house.spent() == spent


def test_names_and_titles_are_free_editions_of_the_same_numbers(house: House) -> None:
    base = house.dataset(shop())
    map_id = house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    one = house.gate().publish(base, map_id, 3, (), "One", NOW, quiet)
    spent = house.spent()
    two = house.gate(Failing()).publish(base, map_id, 3, ("Stars",), "Two", NOW, quiet)
    assert house.spent() == spent
    assert two.id != one.id
    assert two.title == "Two"
    assert [each.size for each in two.segments] == [each.size for each in one.segments]
    assert "Stars" in {each.name for each in two.segments}


def test_another_number_of_segments_is_another_purchase(house: House) -> None:
    base = house.dataset(shop())
    map_id = house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    house.gate().publish(base, map_id, 3, (), "t", NOW, quiet)
    before = house.spent()
    house.gate().publish(base, map_id, 4, (), "t", NOW, quiet)
    assert house.spent() == before + publish_price(PLAN).rho_units


def test_a_plan_beyond_the_cap_is_refused_before_anything_is_asked(house: House) -> None:
    with pytest.raises(BudgetExceededError):
        house.gate(Failing(), cap=0.5).buy_map(house.dataset(shop()), PLAN, "shop", NOW, quiet)
    assert house.spent() == 0


def test_rows_are_read_once_for_a_map_and_once_for_a_release(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count, margins with their open labels, moments and cells: all of one reading."""
    opened = []
    batches = house.vault.batches

    def told(*asked: object) -> object:
        opened.append(asked)
        return batches(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(house.vault, "batches", told)
    base = house.dataset(shop())
    map_id = house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    assert len(opened) == 1
    house.gate().publish(base, map_id, 3, (), "t", NOW, quiet)
    assert len(opened) == 2


def test_a_table_whose_beginning_was_changed_is_refused_before_the_charge(house: House) -> None:
    base = house.dataset(shop())
    path = house.vault.directory / f"{base.id}.rows"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InternalError, match="was changed"):
        house.gate(Failing()).buy_map(base, PLAN, "shop", NOW, quiet)
    assert house.spent() == 0


def test_an_interrupted_purchase_is_charged_once_and_answered_once(house: House) -> None:
    base = house.dataset(shop())
    with pytest.raises(KeyboardInterrupt):
        house.gate(Failing()).buy_map(base, PLAN, "shop", NOW, quiet)
    assert house.spent() == count_price(PLAN).rho_units
    house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    assert house.spent() == (count_price(PLAN) + map_price(PLAN)).rho_units


def test_a_column_that_was_not_kept_is_refused_before_anything_is_charged(house: House) -> None:
    plan = replace(PLAN, profiled=(Feature("income", "number", Bounds(0, 10)),))
    with pytest.raises(BadInputError, match="income"):
        house.gate(Failing()).buy_map(house.dataset(shop()), plan, "shop", NOW, quiet)


def test_too_few_customers_are_refused_from_the_noisy_count_alone(house: House) -> None:
    base = house.dataset(shop(60))
    with pytest.raises(NotEnoughDataError, match=r"It would take .*customers"):
        house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    spent = house.spent()
    assert spent == count_price(PLAN).rho_units
    with pytest.raises(NotEnoughDataError):
        house.gate(Failing()).buy_map(base, PLAN, "shop", NOW, quiet)
    assert house.spent() == spent


def test_a_refusal_that_noise_led_to_is_kept_as_the_answer(house: House) -> None:
    """Nobody shares a region often enough to be named, so there is nothing to map."""
    table = (
        shop()
        .drop_columns("region")
        .append_column("region", pa.array([f"r{each}" for each in range(4_000)]))
    )
    base = house.dataset(table)
    plan = Plan((Feature("region", "category"),))
    with pytest.raises(NotEnoughDataError, match="shared by enough people"):
        house.gate().buy_map(base, plan, "shop", NOW, quiet)
    spent = house.spent()
    with pytest.raises(NotEnoughDataError, match="shared by enough people"):
        house.gate(Failing()).buy_map(base, plan, "shop", NOW, quiet)
    assert house.spent() == spent


def test_what_was_forgotten_is_not_drawn_again_for_free(house: House) -> None:
    base = house.dataset(shop())
    house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    memory.forget(house.records, "ana")
    with pytest.raises(NotFoundError, match="forgotten"):
        house.gate(Failing()).buy_map(base, PLAN, "shop", NOW, quiet)


def test_the_names_belong_to_the_segments_that_the_exploration_showed(house: House) -> None:
    from dashboard.privacy.exploring import exploration
    from dashboard.privacy.gate import geometry_of

    base = house.dataset(shop())
    map_id = house.gate().buy_map(base, PLAN, "shop", NOW, quiet)
    geometry = geometry_of(memory.find_map(house.records, map_id, "ana").body)
    seen = exploration(map_id, geometry, 2).segments
    names = ["older" if float(each.center["age"]) > 40 else "younger" for each in seen]  # type: ignore[arg-type]
    release = house.gate().publish(base, map_id, 2, names, "t", NOW, quiet)
    for segment in release.segments:
        assert segment.name == ("older" if float(segment.center["age"]) > 40 else "younger")  # type: ignore[arg-type]


def test_a_look_at_a_map_is_worked_out_once_for_each_number_of_segments(house: House) -> None:
    from dashboard.privacy.exploring import exploration
    from dashboard.privacy.gate import explored, geometry_of

    map_id = house.gate().buy_map(house.dataset(shop()), PLAN, "shop", NOW, quiet)
    body = memory.find_map(house.records, map_id, "ana").body
    assert explored(map_id, body, 2) is explored(map_id, str(body.encode(), "utf-8"), 2)
    assert explored(map_id, body, 2) == exploration(map_id, geometry_of(body), 2)
    assert explored(map_id, body, 3).k == 3


def test_publishing_is_refused_before_the_charge_where_one_segment_would_be_shown(
    house: House,
) -> None:
    base, plan = house.dataset(shop()), replace(PLAN, min_segment_size=2_500)
    map_id = house.gate().buy_map(base, plan, "shop", NOW, quiet)
    spent = house.spent()
    with pytest.raises(NotEnoughDataError, match="fewer than two would be large enough"):
        house.gate(Failing()).publish(base, map_id, 2, (), "t", NOW, quiet)
    assert house.spent() == spent
