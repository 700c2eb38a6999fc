"""Every setting of the program in one frozen object; the only reader of the environment."""

from __future__ import annotations

import base64
import binascii
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from dashboard.errors import ConfigurationError

Mode = Literal["local", "demo", "viewer"]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that only this machine reaches."""

ChannelOptOuts = Literal["strict", "channel"]


def _setting(default: Any, *, env: str, help: str, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"env": env, "help": help})


@dataclass(frozen=True, slots=True)
class Settings:
    """How this copy of the program runs. Each field says its environment name, unit and range."""

    data_dir: Path = _setting(
        Path("data"),
        env="DASHBOARD_DATA_DIR",
        help="Folder for everything the program keeps. Made at first run, readable by its owner.",
    )
    folder: Path | None = _setting(
        None,
        env="DASHBOARD_FOLDER",
        help="Folder whose files the Data page may read: for tables beyond the upload limit.",
    )
    sources: Path | None = _setting(
        None,
        env="DASHBOARD_SOURCES",
        help="File that declares tables in databases and clusters; see docs/sources.md.",
    )
    mode: Mode = _setting(
        "local",
        env="DASHBOARD_MODE",
        help="local: one owner; demo: sample data only, forgotten; viewer: shared links only.",
    )
    database_url: str = _setting(
        "",
        env="DASHBOARD_DATABASE_URL",
        help="SQLAlchemy address of the records. Empty: SQLite in the data folder.",
        secret=True,
    )
    visits_url: str = _setting(
        "",
        env="DASHBOARD_VISITS_URL",
        help="SQLAlchemy address where visits to links are counted. Empty: beside the records.",
        secret=True,
    )
    master_key: bytes | None = _setting(
        None,
        env="DASHBOARD_MASTER_KEY",
        help="32 bytes in base64 that lock the vault. Empty in local mode: a key file is made.",
        secret=True,
    )
    new_master_key: bytes | None = _setting(
        None,
        env="DASHBOARD_NEW_MASTER_KEY",
        help="The key that `rotate-key` changes to, 32 bytes in base64. Empty otherwise.",
        secret=True,
    )
    public_url: str = _setting(
        "",
        env="DASHBOARD_PUBLIC_URL",
        help="Address at which others reach the dashboard. With it a master key must be set.",
    )
    channel_opt_outs: ChannelOptOuts = _setting(
        "strict",
        env="DASHBOARD_CHANNEL_OPT_OUTS",
        help="strict: who refuses e-mail or messages is left out; channel: counts as undecided.",
    )
    retention_days: int = _setting(
        90,
        env="DASHBOARD_RETENTION_DAYS",
        help="Days after which a customer table is destroyed, 1 to 3650.",
    )
    max_upload_mb: int = _setting(
        200,
        env="DASHBOARD_MAX_UPLOAD_MB",
        help="Largest file that is accepted, in MiB, 1 to 4096.",
    )
    memory_limit_mb: int = _setting(
        2048,
        env="DASHBOARD_MEMORY_LIMIT_MB",
        help="Memory for reading one workbook, in MiB, 128 to 65536.",
    )
    epsilon_cap: float = _setting(
        3.0,
        env="DASHBOARD_EPSILON_CAP",
        help="Largest epsilon (delta 1e-6) that one customer base may ever spend, 0.01 to 10.",
    )
    workspace_epsilon_cap: float = _setting(
        6.0,
        env="DASHBOARD_WORKSPACE_EPSILON_CAP",
        help="Largest epsilon (delta 1e-6) over all customer bases of one owner, 0.01 to 20.",
    )
    min_segment_size: int = _setting(
        11,
        env="DASHBOARD_MIN_SEGMENT_SIZE",
        help="Smallest group that may be shown, in people, 5 to 1000.",
    )
    child_age: int = _setting(
        16,
        env="DASHBOARD_CHILD_AGE",
        help="People younger than this are left out where an age is known, 0 to 21 years.",
    )
    link_days: int = _setting(
        14,
        env="DASHBOARD_LINK_DAYS",
        help="Days that a shared link lives when nothing else is asked, 1 to 90.",
    )
    demo_minutes: int = _setting(
        60,
        env="DASHBOARD_DEMO_MINUTES",
        help="Minutes after which a demo visit is forgotten in any case, 5 to 1440.",
    )

    @property
    def vault_dir(self) -> Path:
        """Where encrypted customer tables lie."""
        return self.data_dir / "vault"

    @property
    def records_url(self) -> str:
        """Where releases, ledger and links are remembered."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'records.sqlite3').absolute()}"

    @property
    def visits_address(self) -> str:
        """Where visits are counted: a file beside the records' file, or the same server."""
        if self.visits_url or not self.records_url.startswith("sqlite"):
            return self.visits_url or self.records_url
        return self.records_url.partition("?")[0].rpartition("/")[0] + "/visits.sqlite3"


_RANGES: dict[str, tuple[float, float]] = {
    "retention_days": (1, 3650),
    "max_upload_mb": (1, 4096),
    "memory_limit_mb": (128, 65536),
    "epsilon_cap": (0.01, 10),
    "workspace_epsilon_cap": (0.01, 20),
    "min_segment_size": (5, 1000),
    "child_age": (0, 21),
    "link_days": (1, 90),
    "demo_minutes": (5, 1440),
}


def _key(env: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise ConfigurationError(
            f"{env} must be 32 bytes in base64; make one with: openssl rand -base64 32"
        )
    return key


def _number(name: str, env: str, text: str, *, whole: bool) -> float:
    low, high = _RANGES[name]
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise ConfigurationError(f"{env} must be a number from {low:g} to {high:g}.")
    return value


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; an empty or absent one keeps its default.

    Raises:
        ConfigurationError: a value is outside its range, in a sentence that names the variable.
    """
    given: dict[str, Any] = {}
    for each in fields(Settings):
        env = each.metadata["env"]
        text = environ.get(env, "").strip()
        if not text:
            continue
        if each.name in _RANGES:
            given[each.name] = _number(
                each.name, env, text, whole=not each.name.endswith("epsilon_cap")
            )
        elif each.name in ("master_key", "new_master_key"):
            given[each.name] = _key(env, text)
        elif each.name in ("data_dir", "folder", "sources"):
            given[each.name] = Path(text).expanduser()
        elif each.name == "channel_opt_outs":
            if text not in ("strict", "channel"):
                raise ConfigurationError(f"{env} must be strict or channel.")
            given[each.name] = cast("ChannelOptOuts", text)
        elif each.name == "mode":
            if text not in ("local", "demo", "viewer"):
                raise ConfigurationError(f"{env} must be local, demo or viewer.")
            given[each.name] = cast("Mode", text)
        else:
            given[each.name] = text
    return _fitting(Settings(**given))


def has_login(secrets: Path) -> bool:
    """Whether Streamlit's file of secrets sets a login up."""
    try:
        return "auth" in tomllib.loads(secrets.read_text("utf-8"))
    except (OSError, ValueError):
        return False


def _fitting(settings: Settings) -> Settings:
    if settings.workspace_epsilon_cap < settings.epsilon_cap:
        raise ConfigurationError(
            "DASHBOARD_WORKSPACE_EPSILON_CAP must be at least DASHBOARD_EPSILON_CAP, which is "
            f"{settings.epsilon_cap:g}: all customer bases together can't have less than one."
        )
    return settings
