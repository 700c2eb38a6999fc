"""Give the intake as many broken files as asked for, and print what became of them."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.fuzz.broken import KINDS
from tests.fuzz.trial import MAX_BYTES, MEMORY_MB, give_all


def main() -> int:
    """Run and report; the exit code says whether anything was wrong."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=10_000, help="how many (10000)")
    asked.add_argument("--from", dest="first", type=int, default=0, help="the first number (0)")
    told = asked.parse_args()
    start = time.perf_counter()
    tally = give_all(range(told.first, told.first + told.files))
    seconds = time.perf_counter() - start
    both: Counter[str] = tally.refused + tally.read
    print(f"{told.files} files, at most {MAX_BYTES >> 20} MiB each, memory limit {MEMORY_MB} MiB")
    print(f"{'kind':<18}{'files':>7}{'refused':>9}{'read':>7}")
    for kind in KINDS:
        name = kind.__name__
        print(f"{name:<18}{both[name]:>7}{tally.refused[name]:>9}{tally.read[name]:>7}")
    print(f"in all: {tally.refused.total()} refused in a sentence, {tally.read.total()} read clean")
    print(f"slowest: {tally.slowest[0]:.2f} s ({tally.slowest[1]}); in all {seconds:.0f} s")
    print(f"memory grew by {tally.grown_mb:.0f} MiB at most; nothing was left on disk")
    print(f"wrong: {len(tally.wrong)}")
    print("\n".join(tally.wrong[:40]))
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
