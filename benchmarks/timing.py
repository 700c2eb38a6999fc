"""Does the time of a purchase tell about one row? ``make bench BENCH=timing``.

Two tables that differ by one customer, mapped by the real program in turns. The time of
each purchase is one clue for somebody who guesses which table it was; the best cut on
every other clue is tried on those between, with a Clopper–Pearson bound at 99.9 %. A
naive twin, which looks at the odd row for a tenth of a second, must be found out.

Prints, for each odd customer, the medians, how often the best cut is right, and what is
certified: "nothing" where a coin could have done as well.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from dashboard import workflow
from dashboard.plan import Feature, Plan
from dashboard.receipts import Upload
from dashboard.settings import Settings
from dashboard.terms import Bounds, Domain
from dashboard.workflow import Workspace

CUSTOMERS: Final = 2_000
PLAN: Final = Plan(
    (
        Feature("age", "number", Bounds(0, 120)),
        Feature("spend", "number", Bounds(0, 10_000, log=True)),
    ),
    (Feature("region", "category", domain=Domain(("north", "south"))),),
)
ODD: Final = {
    "an outlier": "X1,119,1e308,north",
    "a denormal number": "X1,119,5e-324,north",
    "nothing but blanks": "X1,,,",
    "a number of 400 digits": f"X1,119,{'9' * 400},north",
    "a label nobody declared": f"X1,60,100,{'z' * 80}",
}
HEADER: Final = "customer_id,age,spend,region\n"


def shop() -> str:
    """A plain table, the same each time."""
    return "".join(
        f"C{n},{20 + n % 50},{10 + n * 37 % 900},{('north', 'south')[n % 2]}\n"
        for n in range(CUSTOMERS)
    )


def keep(workspace: Workspace, rows: str) -> str:
    """Give a table, once; its id."""
    received = workflow.receive(workspace, [Upload("shop.csv", (HEADER + rows).encode())])
    choices = replace(workflow.suggest(received, "to measure"), kept=PLAN.columns)
    return workflow.keep(workspace, received.staged_id, choices).dataset_id


def buyer(workspace: Workspace, dataset_id: str, delay: float = 0.0) -> Callable[[int], float]:
    """Buys a new map of one table at each call, and says in seconds how long it took."""

    def buy(turn: int) -> float:
        plan = replace(PLAN, epsilon=0.1 + turn / 1e6)
        start = time.perf_counter()
        workflow.buy_map(workspace, dataset_id, plan)
        bought = time.perf_counter()
        while time.perf_counter() < bought + delay:
            continue
        return time.perf_counter() - start

    return buy


def certified(with_: Sequence[float], without: Sequence[float]) -> tuple[float, float]:
    """How often the best cut is right on the other half, and what is certain at 99.9 %."""
    from scipy.stats import beta

    cuts = sorted({*with_[::2], *without[::2]})
    half, tried = len(with_[::2]), 2 * len(with_[1::2])

    def right(cut: float, ones: Sequence[float], others: Sequence[float]) -> int:
        return sum(each > cut for each in ones) + sum(each <= cut for each in others)

    best = max(cuts, key=lambda cut: abs(right(cut, with_[::2], without[::2]) - half))
    turned = right(best, with_[::2], without[::2]) < half
    hits = right(best, with_[1::2], without[1::2])
    hits = tried - hits if turned else hits
    low = float(beta.ppf(0.001, hits, tried - hits + 1)) if hits else 0.0
    return hits / tried, low


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--purchases", type=int, default=200, help="of each table (200)")
    purchases = asked.parse_args().purchases
    print(f"{purchases} maps of each table, {CUSTOMERS:,} customers, one of them odd")
    print(f"{'the odd customer':28} with (ms)  without   guess right  certified")
    with tempfile.TemporaryDirectory() as folder:
        caps = {"epsilon_cap": 10.0, "workspace_epsilon_cap": 10.0}
        settings = Settings(data_dir=Path(folder), **caps)  # type: ignore[arg-type]
        workspace = workflow.open_workspace(settings)
        for place, (what, row) in enumerate([*ODD.items(), ("naive twin", ODD["an outlier"])]):
            own = replace(workspace, owner=f"owner {place}")
            tables = keep(own, shop() + row + "\n"), keep(own, shop())
            slow = 0.1 if what == "naive twin" else 0.0
            buy = buyer(own, tables[0], slow), buyer(own, tables[1])
            times: tuple[list[float], list[float]] = ([], [])
            for turn in range(purchases):
                for world in (turn % 2, 1 - turn % 2):
                    times[world].append(buy[world](turn))
            guess, low = certified(*times)
            told = f"{low:.0%}" if low > 0.5 else "nothing"
            ms = [1_000 * statistics.median(each) for each in times]
            print(f"{what:28} {ms[0]:8.1f} {ms[1]:9.1f} {guess:12.0%}  {told:>9}", flush=True)


if __name__ == "__main__":
    main()
