"""Invented customers of any number, written as CSV or Parquet without ever holding them all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from dashboard.plan import Feature
from dashboard.terms import Bounds

BATCH = 250_000

NUMBERS = {
    "age": Bounds(0, 120),
    "orders": Bounds(0, 1_000, log=True),
    "total_spent": Bounds(0, 100_000, log=True),
    "average_basket": Bounds(0, 10_000, log=True),
    "days_since_order": Bounds(0, 3_650),
    "visits": Bounds(0, 10_000, log=True),
    "items": Bounds(0, 10_000, log=True),
    "discount_share": Bounds(0, 1),
    "returns": Bounds(0, 100, log=True),
    "tenure_months": Bounds(0, 600),
}
LABELS = {
    "region": ["North", "South", "East", "West", "Islands"],
    "channel": ["web", "store", "app", "phone"],
}
FEATURES = tuple(Feature(name, "number", bounds) for name, bounds in NUMBERS.items())
DESCRIBED = tuple(Feature(name, "category") for name in LABELS)


def _batch(first: int, rows: int) -> pa.RecordBatch:
    """Eight kinds of customers, told apart by their means; the same rows in every run."""
    draw = np.random.default_rng([7, first])
    kind = draw.choice(8, rows, p=np.arange(1, 9) / 36)
    ids = (np.arange(first, first + rows, dtype=np.int64) * 7_368_787) % 99_999_989
    spent = np.exp(2.5 + 0.55 * kind + 0.4 * draw.standard_normal(rows))
    orders = np.maximum(1, np.exp(0.3 * ((kind * 5) % 8) + 0.3 * draw.standard_normal(rows)))
    columns = {
        "customer_id": pa.array([f"C{each:08d}" for each in ids]),
        "email": pa.array([f"person{each}@mail.example" for each in ids]),
        "opt_in": pa.array(np.array(["yes", "yes", "yes", "no"])[draw.integers(0, 4, rows)]),
        "signup_date": pa.array(
            (np.datetime64("2015-01-01") + draw.integers(0, 3_650, rows)).astype("datetime64[D]")
        ),
        "newsletter": pa.array(np.array(["true", "false"])[draw.integers(0, 2, rows)]),
        **{
            name: pa.array(np.array(labels)[(kind + draw.integers(0, 3, rows)) % len(labels)])
            for name, labels in LABELS.items()
        },
        "age": np.clip(25 + 6 * ((kind * 3) % 8) + draw.normal(0, 6, rows), 17, 99).astype(int),
        "orders": orders.astype(int),
        "total_spent": spent.round(2),
        "average_basket": (spent / orders).round(2),
        "days_since_order": np.abs(40 * ((kind * 7) % 8) + draw.normal(0, 30, rows)).astype(int),
        "visits": draw.poisson(3 + 4 * ((kind * 2) % 7), rows),
        "items": draw.poisson(2 + orders * 2, rows),
        "discount_share": draw.beta(2 + kind, 6, rows).round(3),
        "returns": draw.poisson(0.3 * ((kind * 3) % 5), rows),
        "tenure_months": draw.integers(1, 40 + 12 * kind, rows),
    }
    return pa.record_batch({name: pa.array(each) for name, each in columns.items()})


def write(path: Path, rows: int) -> None:
    """Write that many customers in 17 columns; the ending says CSV or Parquet."""
    schema = _batch(0, 1).schema
    opened = (
        pq.ParquetWriter(path, schema, compression="zstd")
        if path.suffix == ".parquet"
        else pc.CSVWriter(path, schema, write_options=pc.WriteOptions(quoting_style="none"))
    )
    with opened as writer:
        for first in range(0, rows, BATCH):
            batch = _batch(first, min(BATCH, rows - first))
            writer.write_table(pa.Table.from_batches([batch]))
