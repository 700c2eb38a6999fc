"""Tables that stay where they live: which ones the owner of this program lets it read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from dashboard.errors import BadInputError, ConfigurationError

SourceKind = Literal["postgresql", "spark"]
_ADDRESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "postgresql": ("postgresql://", "postgres://"),
    "spark": ("sc://", "spark://", "local"),
}
_LABEL: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_PASSWORD: Final = re.compile(r"//[^/@]*:[^/@]*@|password=|token=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table that may be read: people see its name, and never where it lies.

    ``consent`` names columns whose no is heard before a row leaves its place: of whoever
    refuses in one of them, in any row with the same ``id``, only ``id``, ``consent`` and
    ``also`` are read. ``order`` names columns by which rows are sorted, the newest last.
    ``labels`` says what may stand in columns of a cluster, where no row is looked at.
    """

    name: str
    kind: SourceKind
    address: str = field(repr=False)
    table: str = field(repr=False)
    id: str | None = None
    consent: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    minutes: int = 60
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()


def declared(path: Path | None) -> tuple[SourceTable, ...]:
    """The tables that the owner declared in a file, by name; none where there is no file.

    Raises:
        ConfigurationError: the file is not there, says something unknown, or holds a
            password that others of this machine can read.
    """
    if path is None:
        return ()
    found = [table for source, told in _read(path).items() for table in _tables(str(source), told)]
    return tuple(sorted(found, key=lambda each: each.name))


def declared_as(path: Path | None, name: str) -> SourceTable:
    """The declared table of this name; no other can be named.

    Raises:
        BadInputError: nothing is declared under this name.
    """
    known = declared(path)
    for each in known:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in known) or "none"
    raise BadInputError(f"There is no declared table of this name. There are: {names}.")


def _read(path: Path) -> dict[str, Any]:
    try:
        text, rights = path.read_text("utf-8"), path.stat().st_mode
        told = tomllib.loads(text)
    except (OSError, ValueError):
        raise _wrong("it can't be read as TOML") from None
    if _PASSWORD.search(text) and rights & 0o077:
        raise _wrong("it holds a password that others can read; run chmod 600 on it")
    return told


def _tables(source: str, told: object) -> list[SourceTable]:
    where = f"[{source}]"
    if not _LABEL.fullmatch(source) or not isinstance(told, dict):
        raise _wrong("sources are sections whose names are letters and digits")
    kind, address = _kind(told.get("kind"), where), told.get("address")
    if not isinstance(address, str) or not address.startswith(_ADDRESSES[kind]):
        raise _wrong(f"{where} needs an address that begins with {_ADDRESSES[kind][0]}")
    minutes = told.get("minutes", 60)
    if type(minutes) is not int or not 1 <= minutes <= 1440:
        raise _wrong(f"{where} minutes must be a whole number from 1 to 1440")
    tables = told.get("tables")
    if told.keys() - {"kind", "address", "minutes", "tables"} or not isinstance(tables, dict):
        raise _wrong(f"{where} knows kind, address, minutes and [{source}.tables.NAME]")
    return [
        SourceTable(
            f"{source}.{label}",
            kind,
            address,
            minutes=minutes,
            **_one_table(kind, source, label, each),
        )
        for label, each in tables.items()
    ]


def _kind(told: object, where: str) -> SourceKind:
    for known in get_args(SourceKind):
        if told == known:
            return cast("SourceKind", known)
    raise _wrong(f"{where} needs kind = " + " or ".join(map(repr, get_args(SourceKind))))


def _one_table(kind: SourceKind, source: str, label: str, told: object) -> dict[str, Any]:
    where = f"[{source}.tables.{label}]"
    if not _LABEL.fullmatch(label) or not isinstance(told, dict):
        raise _wrong("tables are sections whose names are letters and digits")
    table, customer = told.get("table"), told.get("id")
    lists = {name: told.get(name, []) for name in ("consent", "also", "order")}
    known = {"table", "id", *lists, *(["labels"] if kind == "spark" else [])}
    if told.keys() - known or not isinstance(table, str) or not table:
        more = ", order and labels" if kind == "spark" else " and order"
        raise _wrong(f'{where} needs table = "schema.name", and knows id, consent, also{more}')
    if not isinstance(customer, str | None):
        raise _wrong(f"{where} id is the name of one column")
    for name, columns in lists.items():
        if not isinstance(columns, list) or not all(isinstance(each, str) for each in columns):
            raise _wrong(f"{where} {name} is a list of columns' names")
    if lists["consent"] and not customer:
        raise _wrong(f"{where} consent needs id, so that a no counts in all rows of a customer")
    if kind == "spark" and not customer:
        raise _wrong(f"{where} needs id: nobody looks at a cluster's rows to find out who is who")
    named = {name: tuple(lists[name]) for name in lists}
    return {"table": table, "id": customer, "labels": _labels(where, told), **named}


def _labels(where: str, told: dict[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    labels = told.get("labels", {})
    if not isinstance(labels, dict):
        raise _wrong(f'{where} labels are written as labels.column = ["one", "other"]')
    for name, each in labels.items():
        written = isinstance(each, list) and all(isinstance(label, str) for label in each)
        if not written or len(set(each)) < max(1, len(each)):
            raise _wrong(f"{where} labels.{name} is a list of labels, each once")
    return tuple((name, tuple(each)) for name, each in labels.items())


def _wrong(why: str) -> ConfigurationError:
    return ConfigurationError(f"DASHBOARD_SOURCES names a file that can't be used: {why}.")
