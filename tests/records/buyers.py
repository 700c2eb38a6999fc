"""Processes that buy through the real program, made fast by forking one that has warmed up.

Run as ``python -m tests.records.buyers``: each line on standard input names a task; a
fork of this process does it and tells on standard output how far it is, until it ends
or is killed from outside.
"""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from queue import Queue
from typing import Any

ROOT = Path(__file__).parents[2]
SEGMENTS = 3
MARKER = "nobody-may-see"
CUSTOMERS = 1_500
TABLE = "customer_id,age,orders,total_spent\n" + "\n".join(
    f"{MARKER}-{each},{20 + kind * 20 + each % 7},{1 + kind * 30},{kind * 900 + each % 50}"
    for each in range(CUSTOMERS)
    for kind in [each % 3]
)


# ── what a buyer does ───────────────────────────────────────────────────────────────────
def seat(folder: str, url: str) -> Any:
    """The real workspace over a folder, with room for many purchases."""
    from dashboard import workflow
    from dashboard.settings import Settings

    return workflow.open_workspace(
        Settings(
            data_dir=Path(folder),
            database_url=url,
            epsilon_cap=10.0,
            workspace_epsilon_cap=20.0,
        )
    )


def give(workspace: Any) -> str:
    """Hand the small table in; the same customers each time."""
    from dashboard import workflow
    from dashboard.receipts import Upload

    received = workflow.receive(workspace, [Upload("small.csv", TABLE.encode())])
    choices = workflow.suggest(received, "to be killed")
    return workflow.keep(workspace, received.staged_id, choices).dataset_id


def question(workspace: Any, dataset_id: str, number: int) -> Any:
    """A fresh plan for each number."""
    from dashboard import workflow

    plan = workflow.default_plan(workspace, dataset_id)
    return replace(plan, epsilon=0.8 + number / 10_000)


def buy(workspace: Any, dataset_id: str, number: int) -> str:
    """One map and its release."""
    from dashboard import workflow

    plan = question(workspace, dataset_id, number)
    bought = workflow.buy_map(workspace, dataset_id, plan)
    return workflow.publish(workspace, bought.id, SEGMENTS, title=f"Number {number}").id


def tell(**said: Any) -> None:
    """Say one thing in one write, so that a kill leaves a whole line or none."""
    os.write(sys.stdout.fileno(), json.dumps(said).encode() + b"\n")


def shop_on(folder: str, url: str, interrupted: int) -> None:
    """Finish what was interrupted, say so, then buy on and on."""
    workspace = seat(folder, url)
    dataset_id = give(workspace)
    started = time.monotonic()
    release_id = buy(workspace, dataset_id, interrupted)
    tell(finished=release_id, seconds=time.monotonic() - started)
    for number in count(interrupted + 1):
        tell(asking=number)
        if number % 3 == 0:
            dataset_id = give(workspace)
        buy(workspace, dataset_id, number)


def buy_together(folder: str, url: str, dataset_id: str, number: int, gate: str) -> None:
    """Buy one map at the same moment as others do: when the gate's lock is let go."""
    from dashboard import workflow

    workspace = seat(folder, url)
    plan = question(workspace, dataset_id, number)
    with Path(gate).open() as waiting:
        tell(ready=number)
        fcntl.flock(waiting, fcntl.LOCK_SH)
    bought = workflow.buy_map(workspace, dataset_id, plan)
    tell(map=bought.id, explored=str(workflow.explore(workspace, bought.id, SEGMENTS)))


TASKS = {each.__name__: each for each in (shop_on, buy_together)}


def _warm_up() -> None:
    """Load and use everything once, so that a fork starts at once."""
    from dashboard import workflow

    with tempfile.TemporaryDirectory() as folder:
        workspace = seat(folder, "")
        buy(workspace, give(workspace), 0)
        workspace.records.close()
        workflow.seat._stores.cache_clear()


def _fork(asked: dict[str, Any]) -> None:
    child = os.fork()
    if child:
        tell(pid=child)
        tell(ended=os.waitpid(child, 0)[1])
        return
    try:
        TASKS[asked.pop("task")](**asked)
    except BaseException:  # noqa: BLE001 - whatever it is, the test is told
        tell(broke=traceback.format_exc())
        os._exit(1)
    os._exit(0)


def main() -> None:
    _warm_up()
    tell(warm=True)
    for line in sys.stdin:
        _fork(json.loads(line))


# ── how a test speaks with it ───────────────────────────────────────────────────────────
@dataclass
class Buyer:
    """A warm process that forks buyers, and what they say."""

    process: subprocess.Popen[bytes]
    _heard: bytes = field(default=b"")

    def start(self, task: str, **told: Any) -> int:
        """Fork a buyer for a task; its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"task": task, **told}).encode() + b"\n")
        self.process.stdin.flush()
        return int(self.hear("pid"))

    def said(self, until: float) -> dict[str, Any] | None:
        """The next thing said before a moment (``time.monotonic``), or ``None``."""
        assert self.process.stdout is not None
        while b"\n" not in self._heard:
            left = max(0.0, until - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                return None
            more = os.read(self.process.stdout.fileno(), 65_536)
            assert more, "the buyers' process ended"
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        assert "broke" not in said, said["broke"]
        return said

    def hear(self, what: str, seconds: float = 60) -> Any:
        """Wait for one kind of message, and give what it says; others before it pass by."""
        return self.hear_all(what, seconds)[what]

    def hear_all(self, what: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for one kind of message, and give all of it."""
        until = time.monotonic() + seconds
        while True:
            said = self.said(until)
            assert said is not None, f"nobody said {what}"
            if what in said:
                return said


@contextmanager
def buyer(scratch: Path) -> Iterator[Buyer]:
    """A warm process; what it leaves in temporary files is left in ``scratch``."""
    scratch.mkdir(exist_ok=True)
    alone = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.records.buyers"],
        cwd=ROOT,
        env={**os.environ, **alone, "TMPDIR": str(scratch)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    started = Buyer(process)
    try:
        started.hear("warm", 120)
        yield started
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


@contextmanager
def lent(nurseries: Queue[tuple[Buyer, Path]]) -> Iterator[tuple[Buyer, Path]]:
    """One of the warm processes, given back whatever happens, so that no later test waits."""
    nursery = nurseries.get(timeout=60)
    try:
        yield nursery
    finally:
        nurseries.put(nursery)


if __name__ == "__main__":
    main()
