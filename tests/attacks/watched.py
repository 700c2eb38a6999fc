"""Runs the program so that every file which Python opens for writing is noted down."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from dashboard.privacy import kernels

WATCHED = """
import os, runpy, sys

notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND)
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | getattr(os, "O_TMPFILE", 0)

def note(event, told):
    if event == "open" and isinstance(told[0], (str, bytes, os.PathLike)) and told[2] & writing:
        os.write(notes, os.fsencode(told[0]) + b"\\n")

sys.addaudithook(note)
sys.argv[0] = "dashboard"
runpy.run_module("dashboard", run_name="__main__")
"""
"""Given to ``python -c`` with the arguments of ``python -m dashboard`` behind it."""


COMPILED = Path(kernels.__file__).parent / "__pycache__"
"""Where compiled sums are kept: each process asks first whether it could write there."""


def environment(notes: Path) -> dict[str, str]:
    """What the watched program needs to be told; ``notes`` then holds a name in each line."""
    notes.touch()
    return {"NOTES": str(notes), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": tempfile.gettempdir()}


def written(notes: Path, *allowed: Path) -> set[str]:
    """The files that were opened for writing, but for those below the allowed places."""
    names = {os.path.realpath(each) for each in notes.read_text("utf-8").splitlines()}
    places = [os.path.realpath(each) for each in (os.devnull, COMPILED, *allowed)]
    return {name for name in names if not any(name.startswith(place) for place in places)}
