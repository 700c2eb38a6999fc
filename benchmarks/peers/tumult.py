"""Tumult Analytics: counts and sums of known cells on this machine's Spark, under zCDP."""

import os
import sys
from importlib.metadata import version

from common import CATEGORIES, HIGH, LOW, SEGMENTS, Answer, mean, rho, run
from pyspark.sql import SparkSession
from tmlt.analytics import AddOneRow, KeySet, QueryBuilder, RhoZCDPBudget, Session

os.environ["PYSPARK_PYTHON"] = sys.executable
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.driver.memory", "4g")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .getOrCreate()
)
KNOWN = KeySet.from_dict({"segment": list(SEGMENTS), "category": list(CATEGORIES)})


def work(path: str) -> Answer:
    """One query for each statistic; Spark runs already."""
    session = Session.from_dataframe(
        privacy_budget=RhoZCDPBudget(rho()),
        source_id="customers",
        dataframe=spark.read.parquet(path),
        protected_change=AddOneRow(),
    )
    asked, half = QueryBuilder("customers").groupby(KNOWN), RhoZCDPBudget(rho() / 2)
    counts, sums = (
        {
            (row["segment"], row["category"]): row["x"]
            for row in session.evaluate(each, half).collect()
        }
        for each in (asked.count(name="x"), asked.sum("spent", low=LOW, high=HIGH, name="x"))
    )
    return {cell: (counts[cell], mean(counts[cell], sums[cell])) for cell in counts}


run(f"tmlt-analytics {version('tmlt-analytics')}", "discrete Gaussian", work)
