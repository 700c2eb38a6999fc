"""What a person waits for in the app: its start, a change on a page, fifty people at once.

    python -m benchmarks.app --rows 10000,1000000 --json OUT

The real program runs on this machine alone, and is asked over sockets as a browser asks it.
A change is timed from the click's message to the last word of the answer; the processor's
time is the server's own. Programs that are held against each other take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import share
from benchmarks.customers import DESCRIBED, FEATURES, write
from benchmarks.measuring import told
from benchmarks.share import ROOT, Server, Shop, free_port, serving
from benchmarks.visitor import Visitor

NUMBERS = "3", "4", "5"
"""Numbers of segments that are chosen in turn."""

RERUN_BAR, ROWS_BAR, START_BAR, CROWD_BAR, SESSION_BAR, SHARE_BAR = 150, 1.2, 1.6, 2.0, 3.0, 1_000
IDLE = 0.05
"""A program that uses fewer seconds of a processor in one second has nothing left to load."""

SPREAD = 5.0
"""Seconds over which a crowd's clicks are spread where they don't come at the same moment."""

EMPTY = 'import streamlit as st\nst.title("Hello")\n'
Click = Callable[[Visitor, int], None]


# ── a shop ──────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Bought:
    """A folder with one customer table, its map and a release."""

    folder: Path
    map_id: str
    release_id: str


def furnish(folder: Path, rows: int) -> Bought:
    """Go the whole way once with invented customers."""
    from dashboard import workflow
    from dashboard.plan import Plan
    from dashboard.receipts import Choices, Upload
    from dashboard.settings import Settings

    table = folder / "customers.parquet"
    write(table, rows)
    workspace = workflow.open_workspace(replace(Settings(), data_dir=folder), "owner")
    received = workflow.receive(workspace, [Upload(table.name, table)])
    choices = Choices("to measure", "customer_id", ("opt_in",), (*FEATURES, *DESCRIBED), "age")
    kept = workflow.keep(workspace, received.staged_id, choices)
    bought = workflow.buy_map(workspace, kept.dataset_id, Plan(FEATURES, DESCRIBED))
    made = workflow.publish(workspace, bought.id, 4, (), "Measured")
    workspace.records.close()
    table.unlink()
    return Bought(folder, bought.id, made.id)


# ── changes ─────────────────────────────────────────────────────────────────────────────
def clicks(shop: Bought) -> dict[str, tuple[str, str, Click]]:
    """What is changed: by name the page, its query, and the click."""
    from dashboard.ui import words

    def number(visitor: Visitor, turn: int) -> None:
        visitor.choose(f"count-{shop.map_id}", NUMBERS[turn % 3])

    def name(visitor: Visitor, turn: int) -> None:
        key = next(each for each in visitor.ids if each.startswith(f"name-{shop.map_id}"))
        visitor.type(key, f"Name {turn}")

    def comparison(visitor: Visitor, turn: int) -> None:
        visitor.choose("view", words.VIEWS[turn % len(words.VIEWS)])

    map_, release = f"map={shop.map_id}", f"release={shop.release_id}"
    return {
        "another number of segments": ("segments", map_, number),
        "another name": ("segments", map_, name),
        "another comparison": ("segments", map_, comparison),
        "another comparison, release": ("release", release, comparison),
    }


async def settled(server: Server) -> None:
    """Open the first page, and wait until what is loaded behind it is there."""
    visitor = await Visitor(server.port).open()
    await visitor.run()
    await visitor.close()
    used, before = server.seconds_used(), -1.0
    while used - before > IDLE:
        await asyncio.sleep(1)
        used, before = server.seconds_used(), used


async def change(servers: dict[int, tuple[Server, Bought]], turns: int) -> dict[str, object]:
    """Each change on each program in turns: milliseconds waited, and of the processor."""
    results: dict[str, object] = {}
    for server, _ in servers.values():
        await settled(server)
    for what in clicks(next(iter(servers.values()))[1]):
        waited: dict[int, list[float]] = {rows: [] for rows in servers}
        visitors = {}
        for rows, (server, shop) in servers.items():
            page, query, _ = clicks(shop)[what]
            visitors[rows] = await Visitor(server.port, page, query).open()
            first = await visitors[rows].run()
            results.setdefault(f"{page}, {rows:,} rows: first look, ms", 1_000 * first)
        used = {rows: server.seconds_used() for rows, (server, _) in servers.items()}
        for turn in range(-3, turns):
            for rows, (server, shop) in servers.items():
                if turn == 0:
                    used[rows] = server.seconds_used()
                clicks(shop)[what][2](visitors[rows], turn % 3 if turn < 0 else turn)
                seconds = await visitors[rows].run()
                if turn >= 0:
                    waited[rows].append(1_000 * seconds)
        for rows, (server, _) in servers.items():
            spent = 1_000 * (server.seconds_used() - used[rows]) / turns
            middle = statistics.median(waited[rows])
            results[f"{what}, {rows:,} rows, ms (bar {RERUN_BAR})"] = middle
            results[f"{what}, {rows:,} rows, processor ms"] = spent
            await visitors[rows].close()
        few, many = (statistics.median(waited[rows]) for rows in (min(servers), max(servers)))
        results[f"{what}: most / fewest rows (bar {ROWS_BAR})"] = many / few
    return results


# ── the start ───────────────────────────────────────────────────────────────────────────
@contextmanager
def started(folder: Path, *command: str) -> Iterator[tuple[int, float]]:
    """A program that has just been asked to start: its port, and when that was."""
    clean = {name: value for name, value in os.environ.items() if "DASHBOARD_" not in name}
    port, begun = free_port(), time.perf_counter()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command, str(port)],
            cwd=ROOT,
            env={**clean, "DASHBOARD_DATA_DIR": str(folder)},
            stdout=log,
            stderr=log,
        )
    try:
        yield port, begun
    finally:
        process.terminate()
        process.wait(30)


async def first_screen(port: int, begun: float) -> float:
    """Seconds from the start of a program to the last word of its first page."""
    while True:
        try:
            visitor = await Visitor(port).open()
        except OSError:
            assert time.perf_counter() - begun < 120, "the program did not start"
            await asyncio.sleep(0.02)
            continue
        await visitor.run()
        seconds = time.perf_counter() - begun
        await visitor.close()
        return seconds


def start(folder: Path, runs: int) -> dict[str, object]:
    """Start the program and an empty app of Streamlit's in turns."""
    empty = folder / "empty.py"
    empty.write_text(EMPTY)
    commands = {
        "ours": ("dashboard", "serve", "--port"),
        "empty": ("streamlit", "run", str(empty), "--server.headless=true", "--server.port"),
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            with started(folder, *command) as (port, begun):
                took[name].append(asyncio.run(first_screen(port, begun)))
    ours, theirs = (statistics.median(took[name]) for name in commands)
    return {
        "start to first screen, s": ours,
        "start to first screen of an empty app, s": theirs,
        f"start: ours / empty (bar {START_BAR})": ours / theirs,
    }


# ── a crowd ─────────────────────────────────────────────────────────────────────────────
async def crowd(server: Server, shop: Bought, people: int, rounds: int) -> dict[str, object]:
    """Everybody looks at a map; then all click several times, at one moment or one by one."""
    page, query, click = clicks(shop)["another number of segments"]
    alone = await Visitor(server.port, page, query).open()
    for turn in range(4):
        await alone.run()
        click(alone, turn)
    held = server.held_mib()
    visitors = [await Visitor(server.port, page, query).open() for _ in range(people)]
    for each in visitors:
        await each.run()
    session = (server.held_mib() - held) / people
    results: dict[str, object] = {
        f"{people} people: MiB for each session (bar {SESSION_BAR})": session
    }

    async def later(visitor: Visitor, seconds: float) -> float:
        await asyncio.sleep(seconds)
        return await visitor.run()

    for how, spread in (("at the same moment", 0.0), (f"within {SPREAD:.0f} s", SPREAD)):
        waited: list[float] = []
        used = server.seconds_used()
        for turn in range(rounds):
            for place, each in enumerate(visitors):
                click(each, place + turn)
            gaps = (spread * place / people for place in range(people))
            runs = (later(each, gap) for each, gap in zip(visitors, gaps, strict=True))
            waited += await asyncio.gather(*runs)
        spent = (server.seconds_used() - used) / len(waited)
        late = sorted(waited)[int(0.95 * len(waited))]
        results[f"{people} {how}: rerun median, s"] = statistics.median(waited)
        results[f"{people} {how}: rerun p95, s (bar {CROWD_BAR})"] = late
        results[f"{people} {how}: processor ms for each"] = 1_000 * spent
    for each in (alone, *visitors):
        await each.close()
    return results


# ── shared pages ────────────────────────────────────────────────────────────────────────
def shared(folder: Path, seconds: float, runs: int) -> dict[str, object]:
    """Answers a second of a shared page, from the viewer's one process."""
    shop = share.furnish(folder)
    results: dict[str, object] = {}
    with serving(shop, "--viewer") as server:
        _, _, body = asyncio.run(share.once(server.port, share.get(shop.open)))
        floods = [
            share.flood(server, share.PLAIN, lambda: share.get(shop.open), seconds)
            for _ in range(runs)
        ]
        results["shared page, KiB as it travels (bar 60)"] = len(body) / 1_024
        middle = statistics.median(each.a_second for each in floods)
        results[f"shared page, answers a second (bar {SHARE_BAR:,})"] = middle
        cost = statistics.median(each.processor_ms for each in floods)
        results["shared page, processor ms for each"] = cost
    return results


def main() -> None:
    """Measure everything, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="10000,1000000")
    parser.add_argument("--turns", type=int, default=30, help="changes of each kind")
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3, help="starts, floods and rounds of a crowd")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each flood")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    results: dict[str, object] = {}
    with ExitStack() as open_ones:
        enter = open_ones.enter_context
        shops = {
            rows: furnish(Path(enter(tempfile.TemporaryDirectory(prefix="app-"))), rows)
            for rows in map(int, asked.rows.split(","))
        }
        results |= start(shops[min(shops)].folder, asked.runs)
        with ExitStack() as running:
            servers = {
                rows: (running.enter_context(serving(Shop.at(shop.folder))), shop)
                for rows, shop in shops.items()
            }
            results |= asyncio.run(change(servers, asked.turns))
            server, shop = servers[max(servers)]
            results |= asyncio.run(crowd(server, shop, asked.people, asked.runs))
        folder = Path(enter(tempfile.TemporaryDirectory(prefix="share-")))
        results |= shared(folder, asked.seconds, asked.runs)
    told("app", results, asked.json)


if __name__ == "__main__":
    main()
