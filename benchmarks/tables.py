"""The real tables and the made mixtures that accuracy is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from dashboard.plan import Feature
from dashboard.terms import Bounds

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A table for a trial: values in their own units, declared features, and how many segments.

    ``scaled`` says that its values are standardized already.
    """

    name: str
    values: pd.DataFrame
    features: tuple[Feature, ...]
    k: int
    scaled: bool = False


def _log(*names: str, high: float = 1e6) -> tuple[Feature, ...]:
    return tuple(Feature(name, "number", Bounds(0, high, log=True)) for name in names)


def _linear(**bounds: float) -> tuple[Feature, ...]:
    return tuple(Feature(name, "number", Bounds(0, high)) for name, high in bounds.items())


def real_tables(folder: Path) -> Iterator[Table]:
    """The shared real tables with the public bounds that their notes state."""
    yield _table("mall", pd.read_csv(folder / "mall.csv"), 5, _mall())
    yield _table("wholesale", pd.read_csv(folder / "wholesale.csv"), 3, _wholesale())
    campaign = pd.read_csv(folder / "marketing_campaign.csv", sep=";", encoding="utf-8-sig")
    campaign["Age"] = 2014 - campaign["Year_Birth"]
    yield _table("marketing_campaign", campaign, 4, _campaign())
    telco = pd.read_csv(folder / "telco.csv", encoding="utf-8-sig")
    telco["TotalCharges"] = pd.to_numeric(telco["TotalCharges"], errors="coerce")
    yield _table("telco", telco, 4, _telco())
    yield _table("cc", pd.read_csv(folder / "cc.csv"), 5, _cc())


def _mall() -> tuple[Feature, ...]:
    income = Feature("Annual_Income(k$)", "number", Bounds(0, 500))
    score = Feature("Spending_Score(1-100)", "number", Bounds(0, 100))
    return (*_linear(Age=120), income, score)


def _wholesale() -> tuple[Feature, ...]:
    return _log("Fresh", "Milk", "Grocery", "Frozen")


def _campaign() -> tuple[Feature, ...]:
    return (
        *_linear(Age=120),
        *_log("Income"),
        *_linear(Recency=365),
        *_log("MntWines", "MntMeatProducts", high=1e5),
        *_log("NumWebPurchases", "NumStorePurchases", "NumWebVisitsMonth", high=1000),
    )


def _telco() -> tuple[Feature, ...]:
    return (*_linear(tenure=120, MonthlyCharges=500), *_log("TotalCharges", high=1e5))


def _cc() -> tuple[Feature, ...]:
    return (
        *_log("balance", "purchases", "oneoff_purchases", "installment_purchases"),
        *_log("cash_advance", "credit_limit", "payments", "minimum_payment"),
        *_linear(purchases_frequency=1),
        *_log("purchases_trx", high=1e4),
    )


def _table(name: str, frame: pd.DataFrame, k: int, features: tuple[Feature, ...]) -> Table:
    values = frame[[each.name for each in features]].dropna().astype(float).reset_index(drop=True)
    return Table(name, values, features, k)


def mixture(n: int, d: int, k: int, seed: int = 0) -> Table:
    """Spherical Gaussians, k of them, in [-1, 1]^d, far enough apart, with uneven weights."""
    draw = np.random.default_rng(seed)
    far = 0.75 * 0.9 * np.sqrt(d / 2)
    while True:
        centers = draw.uniform(-0.8, 0.8, (k, d))
        gaps = np.linalg.norm(centers[:, None] - centers[None], axis=2)[np.triu_indices(k, 1)]
        if gaps.min() > far:
            break
        far *= 0.999
    weights = draw.dirichlet(np.full(k, 5.0))
    spreads = draw.uniform(0.12, 0.25, k)
    belongs = draw.choice(k, n, p=weights)
    points = centers[belongs] + draw.standard_normal((n, d)) * spreads[belongs, None]
    names = [f"x{place}" for place in range(d)]
    features = tuple(Feature(name, "number", Bounds(-2, 2)) for name in names)
    return Table(f"gm_{n}_{d}_{k}", pd.DataFrame(points, columns=names), features, k)


def mixtures() -> Iterator[Table]:
    """The made mixtures of the accuracy bars."""
    yield mixture(2_000, 2, 3)
    yield mixture(20_000, 5, 5)
    yield mixture(20_000, 10, 8)


def oracle_scaled(table: Table) -> Table:
    """The same table, standardized with its true mean and spread, clipped at three, in [-1, 1]."""
    points = np.clip(standardized(table, compared(table, table.values)), -3, 3) / 3
    names = [each.name for each in table.features]
    features = tuple(Feature(name, "number", Bounds(-1, 1)) for name in names)
    return Table(table.name, pd.DataFrame(points, columns=names), features, table.k, scaled=True)


def compared(table: Table, values: pd.DataFrame) -> Float:
    """Values on the scale on which they are compared: clipped to bounds, log1p where declared."""
    columns = []
    for each in table.features:
        bounds = each.bounds or Bounds(0, 1)
        clipped = values[each.name].to_numpy(float).clip(bounds.low, bounds.high)
        columns.append(np.log1p(clipped) if bounds.log else clipped)
    return np.column_stack(columns)


def standardized(table: Table, points: Float) -> Float:
    """Compared values in standard deviations of the table's own; a scaled table stays as it is."""
    if table.scaled:
        return points
    true = compared(table, table.values)
    spread = np.where(true.std(axis=0) > 0, true.std(axis=0), 1.0)
    return np.asarray((points - true.mean(axis=0)) / spread)
