"""How many visits to a shared page one process answers, and what a flood of wrong tokens costs.

``python -m benchmarks.share`` starts the real program on this machine alone, in a folder that is
thrown away, asks it over loopback for a few seconds a question, and ends it. The processor's
time for each answer is the server's own, so that it says something on a busy machine, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring import written
from dashboard.receipts import Terms
from dashboard.records import links
from dashboard.records.db import Records
from dashboard.records.visits import Visits
from tests.fixtures_release import keep_sample

ROOT = Path(__file__).parents[1]
LOOPBACK = "127.0.0.1"
CONNECTIONS = 16
TICKS = os.sysconf("SC_CLK_TCK")
PLAIN = "an open link"
WRONG = "wrong tokens"
Ask = Callable[[], bytes]


@dataclass(frozen=True)
class Shop:
    """The paths of links of each kind, in a folder with one release."""

    folder: Path
    open: str
    capped: str
    locked: str
    revoked: str

    @classmethod
    def at(cls, folder: Path) -> Shop:
        """A folder that was furnished otherwise, of which no link is asked for."""
        return cls(folder, "", "", "", "")


def furnish(folder: Path) -> Shop:
    """Put one release and its links into a folder, as if they had been bought and shared."""
    records = Records(f"sqlite:///{folder / 'records.sqlite3'}")
    Visits(f"sqlite:///{folder / 'visits.sqlite3'}").close()
    release_id, now = keep_sample(records, "owner"), datetime.now(UTC)

    def share(**terms: object) -> links.NewLink:
        told = {"owner": "owner", "release_id": release_id, "label": "Load", "days": 1, "now": now}
        return links.create(records, **told, terms=Terms(**terms))

    revoked = share()
    links.revoke(records, "owner", revoked.link.id, now)
    made = Shop(
        folder,
        share().path,
        share(max_views=100_000).path,
        share(passphrase="open sesame").path,
        revoked.path,
    )
    records.close()
    return made


# ── the program ─────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Server:
    """A running copy of the program."""

    process: subprocess.Popen[bytes]
    port: int

    def seconds_used(self) -> float:
        """Processor time of the process since it started."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / TICKS

    def held_mib(self) -> float:
        """Memory that the process holds now."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(each.split()[1]) / 1_024 for each in lines if each.startswith("VmRSS"))


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


@contextmanager
def serving(shop: Shop, *arguments: str) -> Iterator[Server]:
    """The program on a free port of this machine, until the block ends."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if "DASHBOARD_" not in name}
    with (shop.folder / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "serve", "--port", str(port), *arguments],
            cwd=ROOT,
            env={**clean, "DASHBOARD_DATA_DIR": str(shop.folder)},
            stdout=log,
            stderr=log,
        )
    try:
        _wait(process, port)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/health", timeout=2):
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.1)


# ── questions ───────────────────────────────────────────────────────────────────────────
def get(path: str, **headers: str) -> bytes:
    """A visit as it travels."""
    told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\naccept-encoding: gzip\r\n{told}\r\n".encode()
    )


def wrong() -> bytes:
    """A visit with a token that nobody was given; another one each time."""
    return get(f"/s/{secrets.token_urlsafe(32)}")


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in head[1:] if line)
    headers = {name.lower(): value for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head[0].split()[1]), headers, body


async def once(port: int, question: bytes) -> tuple[int, dict[str, str], bytes]:
    """One visit with a connection of its own."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(question)
    told = await _answer(reader)
    writer.close()
    return told


async def _visitor(port: int, ask: Ask, until: float, took: list[float], seen: set[int]) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    while (began := time.perf_counter()) < until:
        writer.write(ask())
        status, _, _ = await _answer(reader)
        took.append(time.perf_counter() - began)
        seen.add(status)
    writer.close()


@dataclass(frozen=True)
class Flood:
    """What a flood of one question was answered with: how many, how fast, at what cost."""

    a_second: float
    median_ms: float
    p99_ms: float
    processor_ms: float


def flood(server: Server, name: str, ask: Ask, seconds: float) -> Flood:
    """Ask over some connections for some seconds, and print the figures."""
    took: list[float] = []
    seen: set[int] = set()

    async def all_together() -> None:
        until = time.perf_counter() + seconds
        visitors = (_visitor(server.port, ask, until, took, seen) for _ in range(CONNECTIONS))
        await asyncio.gather(*visitors)

    used, began = server.seconds_used(), time.perf_counter()
    asyncio.run(all_together())
    lasted, cost = time.perf_counter() - began, server.seconds_used() - used
    ranked = sorted(took)
    found = Flood(
        len(took) / lasted,
        1_000 * ranked[len(took) // 2],
        1_000 * ranked[int(0.99 * len(took))],
        1_000 * cost / len(took),
    )
    print(
        f"  {name:<34}{found.a_second:8,.0f}/s{found.median_ms:9.1f} ms median"
        f"{found.p99_ms:9.1f} ms p99{found.processor_ms:9.3f} ms cpu  {sorted(seen)}",
        flush=True,
    )
    return found


# ── what a wrong token tells ────────────────────────────────────────────────────────────
def compare(server: Server, shop: Shop, rounds: int) -> None:
    """Ask for a wrong, a malformed and a revoked token in turn: same answer, same time?"""
    kinds: dict[str, Ask] = {
        "unknown": wrong,
        "malformed": lambda: get("/s/x"),
        "revoked": lambda: get(shop.revoked),
    }
    took: dict[str, list[float]] = {name: [] for name in kinds}
    answers: set[tuple[object, ...]] = set()

    async def in_turn() -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
        for _ in range(rounds):
            for name, ask in kinds.items():
                began = time.perf_counter()
                writer.write(ask())
                status, headers, body = await _answer(reader)
                took[name].append(time.perf_counter() - began)
                headers.pop("date", None)
                answers.add((status, tuple(sorted(headers.items())), body))
        writer.close()

    asyncio.run(in_turn())
    print(f"  refusals: {len(answers)} different answer(s) in {3 * rounds:,}")
    for name, times in took.items():
        print(f"    {name:<12}{1_000 * statistics.median(times):8.3f} ms median")
    pair = took["unknown"], took["revoked"]
    print(
        f"    a guess from one answer's time is right {_guess(*pair):.0%} of the time (chance 50%)"
    )


def _guess(one: list[float], other: list[float]) -> float:
    """How often the better guess "the slower one is …" is right for two single answers."""
    ranked = sorted([(each, 0) for each in one] + [(each, 1) for each in other])
    below, wins = 0, 0
    for _, which in ranked:
        if which:
            wins += below
        else:
            below += 1
    right = wins / (len(one) * len(other))
    return max(right, 1 - right)


def guess_passphrases(server: Server, shop: Shop) -> None:
    """Send twenty wrong passphrases: five are looked at, the rest cost little."""
    fields = b"passphrase=not+this+one"
    told = (
        f"POST {shop.locked} HTTP/1.1\r\nHost: {LOOPBACK}\r\nsec-fetch-site: same-origin\r\n"
        f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(fields)}\r\n\r\n"
    ).encode() + fields

    async def twenty() -> list[float]:
        took = []
        for _ in range(20):
            began = time.perf_counter()
            await once(server.port, told)
            took.append(1_000 * (time.perf_counter() - began))
        return took

    took = asyncio.run(twenty())
    first, later = statistics.median(took[:5]), statistics.median(took[5:])
    print(f"  wrong passphrases: {first:.0f} ms for each of the first five, then {later:.1f} ms")


def measure(
    shop: Shop, name: str, arguments: tuple[str, ...], asked: argparse.Namespace
) -> dict[str, object]:
    """All figures of one copy of the program."""
    with serving(shop, *arguments) as server:
        status, headers, body = asyncio.run(once(server.port, get(shop.open)))
        assert status == 200
        print(f"{name}: the page is {len(body):,} bytes, compressed")
        known = headers["etag"]
        questions: dict[str, Ask] = {
            PLAIN: lambda: get(shop.open),
            "an unchanged page (304)": lambda: get(shop.open, if_none_match=known),
            "the question for a passphrase": lambda: get(shop.locked),
            "a link with a largest number": lambda: get(shop.capped),
            WRONG: wrong,
        }
        flood(server, "(warming up)", questions[PLAIN], asked.seconds / 4)
        found = {each: flood(server, each, ask, asked.seconds) for each, ask in questions.items()}
        cost = found[WRONG].processor_ms / found[PLAIN].processor_ms
        print(f"  a wrong token costs {cost:.2f} times an open link")
        compare(server, shop, asked.rounds)
        guess_passphrases(server, shop)
        after = flood(server, f"{PLAIN}, after all this", questions[PLAIN], asked.seconds)
    told = {**found, "after all this": after}
    return {f"{name}: bytes": len(body), **{f"{name}: {each}": told[each] for each in told}}


def main() -> None:
    """Measure the viewer, and the dashboard's own process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each question, 1 to 30")
    parser.add_argument("--rounds", type=int, default=400, help="refusals of each kind, to 5000")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    asked.seconds = min(max(asked.seconds, 1.0), 30.0)
    asked.rounds = min(max(asked.rounds, 10), 5_000)
    results: dict[str, object] = {}
    for name, arguments in (("viewer", ("--viewer",)), ("dashboard", ())):
        with tempfile.TemporaryDirectory(prefix="share-") as folder:
            results |= measure(furnish(Path(folder)), name, arguments, asked)
    written("share", results, asked.json)


if __name__ == "__main__":
    main()
