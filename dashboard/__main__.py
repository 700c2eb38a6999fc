"""Runs the verbs from a command line: ``python -m dashboard --help``."""

from __future__ import annotations

import sys

from dashboard.cli import main, speak_plainly

if __name__ == "__main__":
    sys.excepthook = speak_plainly
    sys.exit(main())
