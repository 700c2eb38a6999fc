"""SmartNoise SQL: one query over a pandas frame, half of epsilon for each statistic."""

from importlib.metadata import version

import pandas as pd
import snsql
from common import DELTA, EPSILON, HIGH, LOW, Answer, mean, run

TABLE = {
    "row_privacy": True,
    "censor_dims": False,
    "segment": {"type": "string"},
    "category": {"type": "string"},
    "spent": {"type": "float", "lower": LOW, "upper": HIGH},
}
ASKED = (
    "SELECT segment, category, COUNT(*) AS n, SUM(spent) AS s "
    "FROM customers GROUP BY segment, category"
)


def work(path: str) -> Answer:
    """Both statistics by one statement."""
    frame = pd.read_parquet(path)
    shape = {"": {"": {"customers": {**TABLE, "rows": len(frame)}}}}
    privacy = snsql.Privacy(epsilon=EPSILON / 2, delta=DELTA)
    _, *rows = snsql.from_df(frame, privacy=privacy, metadata=shape).execute(ASKED)
    return {(segment, category): (n, mean(n, s)) for segment, category, n, s in rows}


run(f"smartnoise-sql {version('smartnoise-sql')}", "geometric, Laplace", work)
