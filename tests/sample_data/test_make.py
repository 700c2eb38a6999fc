"""The sample shop is the same at every run, and everything that other tests look for is in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dashboard.plan import preset_bounds
from sample_data import make

HERE = Path(__file__).parents[2] / "sample_data"
NUMBERS = [
    "age",
    "orders",
    "total_spent",
    "average_basket",
    "days_since_last_order",
    "returns",
    "web_visits_month",
    "tenure_months",
]


@pytest.fixture(scope="module")
def shop():
    return make.invent()


@pytest.fixture(scope="module")
def people(shop):
    """One line per customer, as the vault would see it."""
    listed = shop.customers.copy()
    listed["customer_id"] = listed["customer_id"].str.strip().str.upper()
    return listed.drop_duplicates("customer_id").set_index("customer_id")


def test_the_files_in_the_repository_are_those_that_the_script_makes(shop, tmp_path):
    make.write(shop, tmp_path)
    assert (tmp_path / "customers.csv").read_bytes() == (HERE / "customers.csv").read_bytes()
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "orders.parquet"), pd.read_parquet(HERE / "orders.parquet")
    )


def test_two_runs_give_the_same_bytes(shop, tmp_path):
    make.write(shop, tmp_path / "once")
    make.write(make.invent(), tmp_path / "again")
    for name in ("customers.csv", "orders.parquet"):
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_files_are_small_enough_to_live_in_a_repository():
    assert (HERE / "customers.csv").stat().st_size < 2_200_000
    assert (HERE / "orders.parquet").stat().st_size < 1_000_000


def test_twenty_thousand_customers_and_some_repeated_lines(shop, people):
    assert len(people) == make.CUSTOMERS
    assert shop.customers.duplicated().sum() == make.EXACT_DUPLICATES
    repeated = make.EXACT_DUPLICATES + make.NEAR_DUPLICATES
    assert len(shop.customers) == make.CUSTOMERS + repeated


def test_people_said_no_or_nothing(people):
    answers = people["accepts_marketing"].value_counts(normalize=True)
    assert answers["no"] == pytest.approx(0.04, abs=0.01)
    assert answers[""] == pytest.approx(0.06, abs=0.01)


def test_sixty_minors_one_lone_region_one_extreme_spender(people):
    assert (people["age"] < 16).sum() == make.MINORS
    assert (people["region"] == make.LONE_REGION).sum() == 1
    assert (people["total_spent"] == make.EXTREME_SPEND).sum() == 1
    assert people["total_spent"].nlargest(2).iloc[1] < make.EXTREME_SPEND / 50
    planted = people[
        (people["region"] == make.LONE_REGION) | (people["total_spent"] == make.EXTREME_SPEND)
    ]
    assert set(planted["accepts_marketing"]) == {"yes"}
    assert planted["age"].min() >= 16


def test_values_are_missing_where_the_readme_says(people):
    empty = people.isna().mean()
    for column, share in make.MISSING.items():
        assert empty[column] == pytest.approx(share, abs=0.006)
    assert set(empty.index[empty > 0]) == set(make.MISSING)


def test_orders_agree_with_the_customers_to_the_cent(shop, people):
    cents = (shop.orders["amount"] * 100).round().astype("int64")
    per = cents.groupby(shop.orders["customer_id"]).agg(["size", "sum"]).loc[people.index]
    assert (per["size"] == people["orders"]).all()
    assert (per["sum"] == (people["total_spent"] * 100).round().astype("int64")).all()
    last = pd.to_datetime(shop.orders.groupby("customer_id")["order_date"].max())
    assert ((make.TODAY - last).dt.days[people.index] == people["days_since_last_order"]).all()
    joined = pd.to_datetime(people["signup_date"])
    first = pd.to_datetime(shop.orders.groupby("customer_id")["order_date"].min())
    assert (first[people.index] >= joined).all()


def _encoded(people):
    columns = []
    for name in NUMBERS:
        bounds = preset_bounds(name)
        values = people[name].astype(float).clip(bounds.low, bounds.high)
        values = np.log1p(values) if bounds.log else values
        columns.append(values.fillna(values.mean()))
    encoded = np.column_stack(columns)
    return (encoded - encoded.mean(axis=0)) / encoded.std(axis=0)


@pytest.mark.statistical
def test_five_segments_are_found_again_and_no_other_number_fits_as_well(shop, people):
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    encoded = _encoded(people)
    found = {k: KMeans(k, n_init=5, random_state=0).fit(encoded).labels_ for k in (3, 4, 5, 6, 7)}
    assert adjusted_rand_score(shop.kinds[people.index], found[5]) >= 0.9
    scores = {
        k: silhouette_score(encoded, labels, sample_size=4000, random_state=0)
        for k, labels in found.items()
    }
    assert max(scores, key=scores.get) == 5
