"""An environment for each peer, made by pip: their libraries exclude each other's versions."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Peer:
    """A tool to compare with: its script, what pip installs for it, and the bar for our ratio."""

    name: str
    script: str
    needs: tuple[str, ...]
    bar: float | None = None


PEERS: Final = (
    Peer("opendp", "opendp_polars.py", ("opendp[polars]==0.16.0",), 0.5),
    Peer("smartnoise", "smartnoise_sql.py", ("smartnoise-sql==1.0.10", "pyarrow"), 0.1),
    Peer("tumult", "tumult.py", ("tmlt.analytics==0.21.0",)),
    Peer("pipelinedp", "pipelinedp.py", ("pipeline-dp==0.3.1", "pandas", "pyarrow")),
    Peer(
        "diffprivlib",
        "diffprivlib_tools.py",
        ("diffprivlib==0.6.6", "scikit-learn<1.9", "pandas", "pyarrow"),
    ),
)


class UnavailableError(Exception):
    """A peer can't be had on this machine; the text says why."""


def command(peer: Peer, folder: Path) -> list[str]:
    """How a peer's script is started, once its environment is there.

    Raises:
        UnavailableError: pip could not install it.
    """
    place = folder / peer.name
    python, made = place / "bin" / "python", place / "made-for"
    wanted = "\n".join(peer.needs)
    if not made.exists() or made.read_text() != wanted:
        print(f"making an environment for {peer.name} …", flush=True)
        venv.create(place, clear=True, with_pip=True)
        quiet = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        ran = subprocess.run(
            [python, *quiet, *peer.needs], capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise UnavailableError(last_line(ran.stderr))
        made.write_text(wanted)
    return [str(python), str(HERE / peer.script)]


def ours() -> list[str]:
    """How our own side is started, in the same way."""
    return [sys.executable, "-m", "benchmarks.peers.ours"]


def last_line(told: str) -> str:
    """The last thing that a program said, which is where Python and pip name the reason."""
    return next((line for line in reversed(told.splitlines()) if line.strip()), "no reason told")
