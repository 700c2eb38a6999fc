"""Invents the sample shop: the same customers and orders at every run, and no real person.

Run it from the root of the repository: ``python sample_data/make.py [folder]``.
Orders come first; totals, baskets and days are added up from them, so that the
two files agree to the cent.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

SEED: Final = 20_260_901
CUSTOMERS: Final = 20_000
TODAY: Final = pd.Timestamp(date(2026, 9, 1))
"""The day on which the shop is looked at; every date lies before it."""

LONE_REGION: Final = "Skerryvore"
"""A region that one customer has and nobody else: it must never be seen on a screen."""
EXTREME_SPEND: Final = 987_654.32
"""What one customer spent, far above everybody else: no segment may be pulled there."""
MINORS: Final = 60
EXACT_DUPLICATES: Final = 75
NEAR_DUPLICATES: Final = 75
REFUSED_SHARE: Final = 0.04
BLANK_SHARE: Final = 0.06
MISSING: Final = {
    "age": 0.03,
    "region": 0.02,
    "average_basket": 0.02,
    "returns": 0.02,
    "web_visits_month": 0.04,
}
REGIONS: Final = ("North", "South", "East", "West", "Coast", "Hills")
REGION_SHARES: Final = (0.27, 0.22, 0.19, 0.15, 0.11, 0.06)
FIRST_NAMES: Final = (
    *("ada", "ben", "cleo", "dan", "eva", "finn", "gia", "hugo", "ida", "jon"),
    *("kim", "leo", "mia", "noah", "ola", "pia", "rui", "sara", "tom", "uma"),
)


@dataclass(frozen=True)
class Habit:
    """How one kind of customer shops; means, except where a name says otherwise."""

    name: str
    share: float
    age: float
    age_spread: float
    orders: float
    basket: float
    days_since: float
    days_spread: float
    returned: float
    visits: float
    tenure: float
    tenure_spread: float
    card: float
    channels: tuple[float, float, float]
    plans: tuple[float, float, float]


CHANNELS: Final = ("web", "app", "store")
PLANS: Final = ("free", "plus", "club")
HABITS: Final = (
    Habit("loyal big spenders", 0.16, 47, 9, 11.0, 95, 18, 11, 0.02, 8, 72, 16, 0.94,
          (0.45, 0.15, 0.40), (0.08, 0.22, 0.70)),
    Habit("bargain hunters", 0.20, 37, 8, 6.5, 26, 34, 16, 0.42, 22, 34, 11, 0.88,
          (0.80, 0.15, 0.05), (0.25, 0.70, 0.05)),
    Habit("new and young app shoppers", 0.23, 24, 4, 2.2, 34, 24, 13, 0.03, 13, 5, 3, 0.12,
          (0.08, 0.90, 0.02), (0.85, 0.13, 0.02)),
    Habit("rare gift buyers", 0.16, 56, 9, 1.4, 270, 165, 38, 0.01, 1.2, 30, 11, 0.06,
          (0.30, 0.05, 0.65), (0.93, 0.05, 0.02)),
    Habit("lapsed customers", 0.25, 43, 9, 2.8, 44, 325, 55, 0.03, 0.3, 62, 14, 0.30,
          (0.60, 0.10, 0.30), (0.70, 0.25, 0.05)),
)  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """The invented shop: what the files say, and the kind of each customer, which they don't."""

    customers: pd.DataFrame
    orders: pd.DataFrame
    kinds: pd.Series


def invent() -> Shop:
    """Invent the shop; every call gives the same one."""
    draw = np.random.default_rng(SEED)
    kinds = draw.choice(len(HABITS), CUSTOMERS, p=[habit.share for habit in HABITS])
    ids = _ids(draw.permutation(CUSTOMERS))
    orders = _orders(draw, kinds)
    customers = _customers(draw, kinds, orders, ids)
    _plant_people(draw, customers, kinds)
    truth = pd.Series(kinds, index=customers["customer_id"], name="kind")
    _plant_gaps(draw, customers)
    listed = _plant_duplicates(draw, customers)
    return Shop(listed, _signed(orders, ids), truth)


def _of(kinds: np.ndarray, field: str) -> np.ndarray:
    return np.array([getattr(habit, field) for habit in HABITS])[kinds]


def _ids(numbers: np.ndarray) -> list[str]:
    return [f"C{100_003 + 7 * int(number):06d}" for number in numbers]


def _ages_of_accounts(draw: np.random.Generator, kinds: np.ndarray) -> np.ndarray:
    days = draw.normal(_of(kinds, "tenure"), _of(kinds, "tenure_spread")) * 30.44
    return np.clip(days, 15, 118 * 30.44).astype(int)


def _orders(draw: np.random.Generator, kinds: np.ndarray) -> pd.DataFrame:
    """One line per order: who, when, how much."""
    account_days = _ages_of_accounts(draw, kinds)
    last = draw.normal(_of(kinds, "days_since"), _of(kinds, "days_spread")).astype(int)
    last = np.clip(last, 1, np.minimum(account_days, 480))
    counts = 1 + draw.poisson(draw.gamma(6, (_of(kinds, "orders") - 1) / 6))
    level = np.log(_of(kinds, "basket")) + draw.normal(0, 0.28, CUSTOMERS)
    who = np.repeat(np.arange(CUSTOMERS), counts)
    first_of = np.concatenate(([0], np.cumsum(counts)[:-1]))
    days = (last[who] + draw.beta(1, 1.6, len(who)) * (account_days - last)[who]).astype(int)
    days[first_of] = last
    amounts = np.round(np.exp(level[who] + draw.normal(-0.045, 0.3, len(who))), 2)
    orders = pd.DataFrame({"number": who, "days": days, "amount": np.maximum(amounts, 1.5)})
    _plant_extreme(orders, kinds)
    orders["joined"] = account_days[who]
    return orders.sort_values(["days", "number"], ascending=[False, True], ignore_index=True)


def _plant_extreme(orders: pd.DataFrame, kinds: np.ndarray) -> None:
    """Let one loyal customer spend 987,654.32 in all."""
    numbers = np.flatnonzero(kinds == 0)
    theirs = orders.index[orders["number"] == numbers[41]]
    cents = round(EXTREME_SPEND * 100)
    each = cents // len(theirs)
    orders.loc[theirs, "amount"] = each / 100
    orders.loc[theirs[0], "amount"] = (cents - each * (len(theirs) - 1)) / 100


def _customers(
    draw: np.random.Generator, kinds: np.ndarray, orders: pd.DataFrame, ids: list[str]
) -> pd.DataFrame:
    """One line per customer, added up from the orders."""
    cents = (orders["amount"] * 100).round().astype("int64")
    per = cents.groupby(orders["number"]).agg(["size", "sum"])
    soonest = orders.groupby("number")["days"].min()
    joined = orders.groupby("number")["joined"].first()
    names = draw.choice(FIRST_NAMES, CUSTOMERS)
    marks = draw.permutation(np.arange(1000, 1000 + CUSTOMERS))
    return pd.DataFrame(
        {
            "customer_id": ids,
            "email": [
                f"{name}{mark}@post.example" for name, mark in zip(names, marks, strict=True)
            ],
            "signup_date": (TODAY - pd.to_timedelta(joined, unit="D")).dt.strftime("%Y-%m-%d"),
            "age": _ages(draw, kinds),
            "region": draw.choice(REGIONS, CUSTOMERS, p=REGION_SHARES),
            "channel": _labels(draw, kinds, CHANNELS, "channels"),
            "plan": _labels(draw, kinds, PLANS, "plans"),
            "orders": per["size"],
            "total_spent": per["sum"] / 100,
            "average_basket": (per["sum"] / per["size"] / 100).round(2),
            "days_since_last_order": soonest,
            "returns": _returns(draw, kinds, per["size"].to_numpy()),
            "web_visits_month": draw.poisson(draw.gamma(4, _of(kinds, "visits") / 4)),
            "tenure_months": (joined / 30.44).astype(int),
            "loyalty_card": np.where(draw.random(CUSTOMERS) < _of(kinds, "card"), "yes", "no"),
            "accepts_marketing": _consents(draw),
        }
    )


def _signed(orders: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """The orders as the file says them: customer, date, amount."""
    return pd.DataFrame(
        {
            "customer_id": np.array(ids)[orders["number"]],
            "order_date": (TODAY - pd.to_timedelta(orders["days"], unit="D")).dt.date,
            "amount": orders["amount"],
        }
    )


def _ages(draw: np.random.Generator, kinds: np.ndarray) -> np.ndarray:
    ages = draw.normal(_of(kinds, "age"), _of(kinds, "age_spread")).round()
    return np.clip(ages, 17, 94)


def _labels(
    draw: np.random.Generator, kinds: np.ndarray, labels: tuple[str, ...], field: str
) -> np.ndarray:
    limits = np.cumsum(_of(kinds, field), axis=1)
    places = (draw.random(CUSTOMERS)[:, None] > limits[:, :-1]).sum(axis=1)
    return np.array(labels)[places]


def _returns(draw: np.random.Generator, kinds: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Articles sent back: none for most people, many for the bargain hunters."""
    return draw.binomial(orders * 2, _of(kinds, "returned")).astype(float)


def _consents(draw: np.random.Generator) -> np.ndarray:
    chance = draw.random(CUSTOMERS)
    answers = np.where(chance < REFUSED_SHARE, "no", "yes")
    return np.where(chance > 1 - BLANK_SHARE, "", answers)


def _plant_people(draw: np.random.Generator, customers: pd.DataFrame, kinds: np.ndarray) -> None:
    """Put in the customers that tests look for: the lone region and the minors."""
    young = draw.choice(np.flatnonzero(kinds == 2), MINORS + 1, replace=False)
    customers.loc[young[:MINORS], "age"] = draw.integers(12, 16, MINORS)
    customers.loc[young[MINORS], "region"] = LONE_REGION
    extreme = customers["total_spent"].idxmax()
    agreed = [young[MINORS], extreme]
    customers.loc[agreed, "accepts_marketing"] = "yes"


def _plant_gaps(draw: np.random.Generator, customers: pd.DataFrame) -> None:
    """Blank a few cells, as in any real export; never the planted ones."""
    planted = (
        (customers["age"] < 16)
        | (customers["region"] == LONE_REGION)
        | (customers["total_spent"] == EXTREME_SPEND)
    )
    for column, share in MISSING.items():
        blank = (draw.random(CUSTOMERS) < share) & ~planted
        customers.loc[blank, column] = np.nan
    for column in ("age", "returns"):
        customers[column] = customers[column].astype("Int64")
    customers["web_visits_month"] = customers["web_visits_month"].astype("Int64")


def _plant_duplicates(draw: np.random.Generator, customers: pd.DataFrame) -> pd.DataFrame:
    """Add lines that repeat a customer, half of them with small differences, and shuffle."""
    ordinary = customers.index[
        (customers["region"] != LONE_REGION) & (customers["total_spent"] != EXTREME_SPEND)
    ]
    again = draw.choice(ordinary, EXACT_DUPLICATES + NEAR_DUPLICATES, replace=False)
    near = customers.loc[again[EXACT_DUPLICATES:]].copy()
    near["email"] = near["email"].str.upper()
    near["customer_id"] = near["customer_id"].str.lower() + " "
    listed = pd.concat([customers, customers.loc[again[:EXACT_DUPLICATES]], near])
    return listed.iloc[draw.permutation(len(listed))].reset_index(drop=True)


def write(shop: Shop, folder: Path) -> None:
    """Write ``customers.csv`` and ``orders.parquet`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shop.customers.to_csv(folder / "customers.csv", index=False, lineterminator="\n")
    shop.orders.to_parquet(folder / "orders.parquet", index=False, compression="zstd")


if __name__ == "__main__":
    write(invent(), Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
