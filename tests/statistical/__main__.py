"""``make audit``: many more runs than the pipeline affords, as a table."""

from __future__ import annotations

import os
import sys
import time

from dashboard.privacy.accounting import epsilon_of
from tests.statistical.auditor import certify
from tests.statistical.cases import cases
from tests.statistical.pool import both_worlds, workers

CONFIDENCE = 0.999
COUNT_RUNS = 20_000


def main() -> int:
    """Print what is claimed and what is certified; 1 where a claim is proven wrong."""
    wanted = int(os.environ.get("AUDIT_RUNS", "200000"))
    print(f"{'':33} claimed  certified ε at 99.9 %    by event of        runs")
    print(f"{'question':33}       ε   by (ε, δ)   by ρ     ρ is proven        in all  seconds")
    wrong = 0
    with workers() as pool:
        for name, case in cases().items():
            start = time.monotonic()
            worlds = both_worlds(pool, name, max(20, case.runs * wanted // COUNT_RUNS))
            told, sure = certify(*worlds, 1 - CONFIDENCE), certify(*worlds, case.alarm)
            broken = sure.epsilon > case.claimed or sure.rho > case.claimed_rho
            wrong += broken
            print(
                f"{name:33} {case.claimed:7.2f} {told.epsilon:11.2f} {epsilon_of(told.rho):6.2f}"
                f"     {told.rho_event.score:18.18} {told.runs:7,} {time.monotonic() - start:8.1f}"
                f"{'  WRONG' if broken else ''}",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
