"""OpenDP with Polars: counts and sums of known cells under zCDP."""

from importlib.metadata import version

import opendp.prelude as dp
import polars as pl
from common import CELLS, HIGH, LOW, Answer, mean, rho, run

dp.enable_features("contrib")
BY = ["segment", "category"]
KNOWN = dp.polars.Margin(by=BY, max_length=10_000_000, max_groups=len(CELLS), invariant="keys")


def work(path: str) -> Answer:
    """One release of both statistics."""
    context = dp.Context.compositor(
        data=pl.scan_parquet(path),
        privacy_unit=dp.unit_of(contributions=1),
        privacy_loss=dp.loss_of(rho=rho()),
        split_evenly_over=1,
        margins=[KNOWN],
    )
    spent = pl.col("spent").fill_null(0.0).fill_nan(0.0)
    both = (
        dp.len(signed=True).alias("n"),
        spent.dp.sum((LOW, HIGH)).alias("s"),
    )
    found = context.query().group_by(BY).agg(*both).release().collect()
    rows = found.iter_rows(named=True)
    return {(r["segment"], r["category"]): (r["n"], mean(r["n"], r["s"])) for r in rows}


run(f"opendp {version('opendp')}", "Gaussian", work)
