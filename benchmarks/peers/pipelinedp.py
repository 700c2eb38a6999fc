"""PipelineDP on its local backend: count and mean of public partitions."""

from importlib.metadata import version

import pandas as pd
import pipeline_dp
from common import CELLS, DELTA, EPSILON, HIGH, LOW, Answer, run


def work(path: str) -> Answer:
    """Both statistics by one aggregation of one row per customer."""
    budget = pipeline_dp.NaiveBudgetAccountant(total_epsilon=EPSILON, total_delta=DELTA)
    engine = pipeline_dp.DPEngine(budget, pipeline_dp.LocalBackend())
    both = pipeline_dp.AggregateParams(
        metrics=[pipeline_dp.Metrics.COUNT, pipeline_dp.Metrics.MEAN],
        noise_kind=pipeline_dp.NoiseKind.GAUSSIAN,
        max_partitions_contributed=1,
        max_contributions_per_partition=1,
        min_value=LOW,
        max_value=HIGH,
    )
    customer = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row[0],
        partition_extractor=lambda row: (row[1], row[2]),
        value_extractor=lambda row: row[3],
    )
    rows = list(pd.read_parquet(path).itertuples(index=True, name=None))
    found = engine.aggregate(rows, both, customer, public_partitions=list(CELLS))
    budget.compute_budgets()
    return {cell: (each.count, each.mean) for cell, each in found}


run(f"pipeline-dp {version('pipeline-dp')}", "Gaussian", work)
