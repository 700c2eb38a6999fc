"""A table of customers as it lies on a cluster: several rows each, and whatever can go wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.plan import Feature
from dashboard.receipts import Choices, Upload
from dashboard.vault.beside import Wanted
from dashboard.vault.intake import read
from dashboard.vault.pseudonyms import normal_forms
from dashboard.vault.suppression import Suppressed, codes_of
from dashboard.vault.table import CustomerTable, Refusing, one_row_per_customer
from tests.privacy.tables import PLAN, shop

DAY = date(2026, 9, 1)
TELLING = ("customer id", "email")
COLUMNS = ("spend", "age", "member", "channel", "tier", "region")
LISTED = ("P7@post.example", "p8@post.example", "nobody@post.example")


def lines(customers: int = 900, seed: int = 5) -> pa.Table:
    """About two rows for each customer, in the order in which they were written."""
    draw = np.random.default_rng(seed)
    places = np.concatenate([np.arange(customers), draw.integers(0, customers, customers)])
    draw.shuffle(places)
    values = shop(len(places), seed).drop_columns(["customer"])
    spelled = [
        (f"C-{place}", f" c-{place} ", f"'C-{place}")[int(draw.integers(3))] for place in places
    ]
    table = values.append_column("customer id", pa.array(spelled))
    table = table.append_column("email", pa.array([f"p{place}@post.example" for place in places]))
    table = table.set_column(1, "age", pa.array(values["age"].to_numpy().astype(int) - 12))
    table = table.set_column(
        2, "member", pa.array(np.where(draw.random(len(places)) < 0.5, "yes", "no"))
    )
    return _with_holes(table, draw)


def _with_holes(table: pa.Table, draw: np.random.Generator) -> pa.Table:
    """Blanks everywhere, NaN, infinity, labels of one row, noes, and a row of nobody."""
    rows = table.num_rows
    said = ["yes", "no", "", "perhaps", "by all means"]
    answers = draw.choice(said, rows, p=[0.3, 0.06, 0.44, 0.1, 0.1])
    spend = table["spend"].to_numpy().copy()
    spend[:3] = np.nan, np.inf, 5e-324
    region = np.array(table["region"].to_pylist(), dtype=object)
    region[3:5] = "Atlantis", "moon"
    table = table.set_column(0, "spend", pa.array(spend)).set_column(5, "region", pa.array(region))
    for name in (*COLUMNS, "customer id", "email"):
        blank = draw.random(rows) < (0.02 if name == "customer id" else 0.1)
        column = pa.array(table[name].to_pylist(), table[name].type, mask=blank)
        table = table.set_column(table.column_names.index(name), name, column)
    objects = np.where(draw.random(rows) < 0.02, "yes", "no")
    return (
        table.append_column("email opt.in", pa.array(answers))
        .append_column("profiling_opt_out", pa.array(objects))
        .append_column("changed_at", pa.array(np.arange(rows) * 1_000_000, pa.timestamp("us")))
    )


def kept() -> tuple[Feature, ...]:
    """The columns of the plan, as a giver keeps them."""
    return PLAN.columns


def wanted(basis: str = "interests") -> Wanted:
    """A giver's choices, and somebody who said no earlier."""
    told = {"email opt.in": {"by all means": 1}}
    listed = normal_forms(pa.chunked_array([pa.array(LISTED)]))
    known = [made for _, made in codes_of(b"l" * 32, listed)]
    codes = np.unique(np.concatenate(known), axis=0)
    suppressed = Suppressed(codes, b"l" * 32, TELLING, "customer id")
    return Wanted(
        choices=Choices(
            "tests",
            "customer id",
            ("email opt.in", "profiling_opt_out"),
            kept(),
            age_column="age",
            basis="consent" if basis == "consent" else "interests",
        ),
        refusing=Refusing(suppressed, told),
        child_age=16,
        day=DAY,
        telling=TELLING,
        rows_key=b"r" * 32,
        hash_key=b"h" * 32,
    )


def spread(table: pa.Table, folder: Path) -> Path:
    """The table in files of 1, 40 and all other rows, the newest first."""
    folder.mkdir()
    for start, count in ((0, 1), (1, 40), (41, len(table))):
        part = table.slice(start, count)
        pq.write_table(part.take(list(range(len(part)))[::-1]), folder / f"{start:04}.parquet")
    return folder


def texts(table: pa.Table, folder: Path) -> pa.Table:
    """The same table as its export is read here."""
    path = folder / "export.parquet"
    pq.write_table(table, path)
    upload = Upload(path.name, path)
    tell = {"progress": lambda done, doing: None}
    return read([upload], max_bytes=1 << 24, memory_limit_mb=256, **tell).table


def here(raw: pa.Table, asked: Wanted) -> CustomerTable:
    """What this machine would keep of the export."""
    return one_row_per_customer(
        raw,
        asked.choices,
        key=asked.rows_key,
        child_age=asked.child_age,
        today=asked.day,
        refusing=asked.refusing,
    )
