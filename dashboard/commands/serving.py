"""The dashboard, or only its shared pages, on a port."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from dashboard.commands.speaking import Asked
from dashboard.errors import ConfigurationError
from dashboard.settings import LOOPBACK, Settings, from_environment, has_login

if TYPE_CHECKING:
    from types import FrameType

    from starlette.applications import Starlette

ROOT: Final = Path(__file__).resolve().parents[2]


def serve(asked: Asked) -> None:
    """Start the dashboard, or with --viewer only the shared pages."""
    import uvicorn

    signal.signal(signal.SIGTERM, _leave)
    settings = from_environment(os.environ)
    if not asked.viewer:
        _refuse_open_door(settings, asked.host)
    print(f"Private Segments is at http://{asked.host}:{asked.port}", flush=True)
    uvicorn.run(
        _viewer(settings) if asked.viewer or settings.mode == "viewer" else "streamlit_app:app",
        app_dir=str(ROOT),
        host=asked.host,
        port=asked.port,
        log_config=None,
        access_log=False,
    )


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Told to end, end as at the last line, so that a demo's folder is removed on the way.

    Uvicorn closes its connections first and then raises the signal once more, for this.
    """
    raise SystemExit(128 + number)


def _refuse_open_door(settings: Settings, host: str) -> None:
    """A key file beside the data is for one person's machine; others' visits need a better one."""
    if settings.mode != "local" or settings.master_key is not None:
        return
    reached = host not in LOOPBACK or settings.public_url
    if reached or has_login(ROOT / ".streamlit" / "secrets.toml"):
        raise ConfigurationError(
            "Others can reach this dashboard, or log in to it, but its vault has no key of its "
            "own. Set DASHBOARD_MASTER_KEY to 32 bytes in base64 (make one with: openssl rand "
            "-base64 32); if there is a key file, `python -m dashboard rotate-key` changes over."
        )


def _viewer(settings: Settings) -> Starlette:
    """Shared pages only, with no vault behind them."""
    from dashboard.share.viewer import viewer_app

    return viewer_app(replace(settings, mode="viewer"))
