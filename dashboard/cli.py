"""The same verbs without a screen: ``python -m dashboard publish customers.csv …``.

Bad input ends with exit code 2 and one sentence; a mistake of ours with exit
code 1 and a reference number. Neither ever shows a value from a row.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, get_args

from dashboard import commands, exports, logs
from dashboard.errors import BadInputError, PrivateSegmentsError
from dashboard.rfm import Cuts
from dashboard.terms import Bounds, DateOrder, DateReading, Domain


# ── what people write ───────────────────────────────────────────────────────────────────
def _names(text: str) -> tuple[str, ...]:
    """Column names with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _segments(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("write a number of segments, or auto")
    return int(text)


def _part(text: str) -> float:
    """A part as people write it: 5% or 0.05."""
    written = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(%?)", text.strip())
    part = float(written[1]) / (100 if written[2] else 1) if written else 0.0
    if not 0 < part <= 1:
        raise argparse.ArgumentTypeError("write how exact as a percentage, such as 5%")
    return part


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("write a number from 1 to 65535")
    return int(text)


def _bounds(text: str) -> tuple[str, Bounds | None]:
    """A range: ``spend=0:1000``, by ratio ``spend=0:1000:log``, or to be found ``spend=buy``."""
    if text.endswith("=buy"):
        return text.removesuffix("=buy"), None
    written = re.fullmatch(r"(.+)=([^:]+):([^:]+)(:log)?", text)
    if not written:
        raise argparse.ArgumentTypeError(
            "write it as column=lowest:highest, with :log for ratios, or column=buy"
        )
    name, low, high, log = written.groups()
    try:
        return name, Bounds(float(low), float(high), log=bool(log))
    except ValueError as wrong:
        said = str(wrong) if "bound" in str(wrong) else "write both bounds as numbers"
        raise argparse.ArgumentTypeError(said) from None


def _order(text: str) -> tuple[str, Domain]:
    """Labels from low to high: ``tier=bronze,silver,gold``."""
    name, sign, labels = text.partition("=")
    written = _names(labels)
    if not sign or len(set(written)) < 2 or len(set(written)) < len(written):
        raise argparse.ArgumentTypeError("write it as column=lowest,next,highest, each label once")
    return name, Domain(written)


def _dates(text: str) -> tuple[str, str]:
    """How a column's dates are written: ``signup=dmy``."""
    name, _, order = text.partition("=")
    if order not in get_args(DateOrder):
        raise argparse.ArgumentTypeError("write it as column=dmy, column=mdy or column=ymd")
    return name, order


def _day(text: str) -> str:
    try:
        return DateReading("ymd", text).until
    except ValueError:
        raise argparse.ArgumentTypeError("write the day as 2026-11-24") from None


def _date(text: str) -> date:
    """A day of the register."""
    return date.fromisoformat(_day(text))


def _cuts(text: str) -> Cuts:
    """Where known groups are cut: ``60,180,365:2,5:500`` (days, orders, spent)."""
    written = re.fullmatch(r"(\d+),(\d+),(\d+):(\d+),(\d+):(\d+(?:\.\d+)?)", text)
    if not written:
        raise argparse.ArgumentTypeError("write the cuts as 60,180,365:2,5:500")
    days = [int(each) for each in written.groups()[:5]]
    try:
        return Cuts((days[0], days[1], days[2]), (days[3], days[4]), float(written[6]))
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def _reason(text: str) -> tuple[str, str]:
    """Why a guarded column is kept: ``gender=asked for by the health shop's survey``."""
    name, _, reason = text.partition("=")
    if not name.strip() or not reason.strip():
        raise argparse.ArgumentTypeError("write it as column=reason")
    return name.strip(), reason.strip()


def _answer(text: str) -> tuple[str, str, str]:
    """What an answer to consent means: ``opt_in:maybe=unknown``."""
    written = re.fullmatch(r"([^:]+):(.+)=(in|out|unknown)", text)
    if not written:
        raise argparse.ArgumentTypeError("write it as column:answer=in, =out or =unknown")
    column, value, meaning = written.groups()
    return column, value, meaning


# ── the table of commands ───────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Command:
    """One verb: what it does, and the options that it understands."""

    run: Callable[[argparse.Namespace], None]
    options: tuple[str, ...]

    @property
    def name(self) -> str:
        """How people write it: ``rotate-key``."""
        return self.run.__name__.replace("_", "-")


_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "files": {"type": Path, "nargs": "+", "metavar": "FILE", "help": "CSV, TSV, XLSX or Parquet"},
    "files_or_source": {
        "dest": "files",
        "type": Path,
        "nargs": "*",
        "metavar": "FILE",
        "help": "CSV, TSV, XLSX or Parquet",
    },
    "--source": {"metavar": "NAME", "help": "instead of files: a declared table, shop.customers"},
    "release": {"metavar": "RELEASE", "help": "a release's file, or its id"},
    "release_file": {"dest": "release", "type": Path, "metavar": "RELEASE", "help": "its file"},
    "any_file": {
        "dest": "release",
        "type": Path,
        "metavar": "FILE",
        "help": "a release or an export",
    },
    "--format": {
        "choices": tuple(exports.FORMATS),
        "required": True,
        "help": "pdf, xlsx, csv, png or svg (a zip of pictures), html, ipynb or json",
    },
    "--features": {"type": _names, "default": (), "metavar": "A,B", "help": "what makes alike"},
    "--describe": {"type": _names, "default": (), "metavar": "C,D", "help": "columns to describe"},
    "--segments": {"type": _segments, "metavar": "N", "help": "a number from 2 to 12, or auto"},
    "--epsilon": {"type": float, "help": "what to spend (1; with --rfm 0.5)"},
    "--rfm": {"action": "store_true", "help": "the file holds orders: Champions … Lost"},
    "--cuts": {"type": _cuts, "metavar": "D,D,D:N,N:S", "help": "with --rfm: other cut points"},
    "--order-date": {"metavar": "COL", "help": "with --rfm: the day of an order"},
    "--amount": {"metavar": "COL", "help": "with --rfm: what an order came to"},
    "--bounds": {
        "type": _bounds,
        "action": "append",
        "default": [],
        "metavar": "COL=LO:HI[:log]",
        "help": "the range of a number, declared without looking; COL=buy finds it for a price",
    },
    "--order": {
        "type": _order,
        "action": "append",
        "default": [],
        "metavar": "COL=LOW,…,HIGH",
        "help": "the order of a column's labels, the lowest first",
    },
    "--dates": {
        "type": _dates,
        "action": "append",
        "default": [],
        "metavar": "COL=dmy",
        "help": "how a column's dates are written: dmy, mdy or ymd",
    },
    "--until": {"type": _day, "metavar": "DAY", "help": "the day up to which days are counted"},
    "--id": {"metavar": "COL", "help": "the column that says who is who"},
    "--consent": {
        "action": "append",
        "default": [],
        "metavar": "COL",
        "help": "a further column that says who may be used",
    },
    "--legal-basis": {
        "choices": ("interests", "consent", "contract"),
        "default": "interests",
        "help": "the legal basis; with consent only those who said yes are used",
    },
    "--answer": {
        "type": _answer,
        "action": "append",
        "default": [],
        "metavar": "COL:ANSWER=in|out|unknown",
        "help": "what an answer to consent means; remembered",
    },
    "--reason": {
        "type": _reason,
        "action": "append",
        "default": [],
        "metavar": "COL=WHY",
        "help": "why a guarded column is kept, for the audit log",
    },
    "--way-back": {
        "choices": ("hubspot", "klaviyo", "mailchimp", "shopify", "salesforce"),
        "default": "hubspot",
        "help": "which CRM the file written by --out is for",
    },
    "--out": {"type": Path, "metavar": "FILE", "help": "where to write what was made"},
    "--title": {"default": "", "help": "the release's title"},
    "--days": {"type": int, "help": "how long the link lives"},
    "--label": {"default": "", "help": "what the link is for"},
    "--passphrase": {"action": "store_true", "help": "ask for one; read from standard input"},
    "--by": {"default": "", "metavar": "NAME", "help": "who shares it, as its readers know them"},
    "--max-views": {"type": int, "metavar": "N", "help": "how often the page may be shown"},
    "--recipient": {"metavar": "NAME", "help": "whom the register knows by this name or id"},
    "--embed": {
        "action": "append",
        "default": [],
        "metavar": "SITE",
        "help": "a site that may show the page inside its own, as https://name",
    },
    "link": {"metavar": "LINK", "help": "a link's id, from links"},
    "link_or_all": {"dest": "link", "metavar": "LINK", "nargs": "?", "help": "a link's id"},
    "--release": {"metavar": "RELEASE", "help": "all links of this release"},
    "--keep": {"metavar": "NAME", "help": "write this recipient, with what follows"},
    "--kind": {"help": "internal, processor, joint controller or third party"},
    "--contract-on": {"type": _date, "metavar": "DAY", "help": "date of the contract"},
    "--contract-link": {"metavar": "URL", "help": "where the contract is"},
    "--basis": {"help": "why one who is no processor may see it"},
    "--review-due": {"type": _date, "metavar": "DAY", "help": "next review"},
    "--country": {"metavar": "CC", "help": "two letters, as in FR"},
    "--transfer-basis": {"help": "what a transfer outside the EEA rests on"},
    "--contact": {"help": "whom to ask there"},
    "--renew": {"metavar": "NAME", "help": "note that this recipient was reviewed today"},
    "--viewer": {"action": "store_true", "help": "serve shared pages only"},
    "--port": {"type": _port, "default": 8501, "help": "8501 when nothing is said"},
    "--host": {"default": "127.0.0.1", "help": "127.0.0.1 when nothing is said"},
    "other": {"metavar": "OTHER", "help": "another release of the same customers"},
    "--sql": {"action": "store_true", "help": "as SQL for DuckDB and PostgreSQL"},
    "--python": {"action": "store_true", "help": "as a Python function"},
    "--table": {"default": "customers", "help": "the table in your warehouse (customers)"},
    "--within": {"type": _part, "metavar": "5%", "help": "how exact a size has to be"},
    "--group": {"type": int, "default": 1_000, "help": "of how many people (1000)"},
    "--json": {"action": "store_true", "help": "answer in JSON"},
}
_DECLARED: Final = ("--bounds", "--order", "--dates", "--until")
_KNOWN: Final = ("--rfm", "--cuts", "--order-date", "--amount")
_PEOPLE: Final = ("--id", "--consent", "--legal-basis", "--answer", "--reason")
_QUESTION: Final = (
    *("files_or_source", "--source", "--features", "--describe", "--epsilon", *_DECLARED, *_PEOPLE),
    *_KNOWN,
)
COMMANDS: Final = (
    Command(commands.columns, ("files_or_source", "--source", "--json")),
    Command(commands.quote, (*_QUESTION, "--within", "--group", "--json")),
    Command(commands.publish, (*_QUESTION, "--segments", "--out", "--title", "--json")),
    Command(commands.show, ("release_file", "--json")),
    Command(commands.export, ("release", "--format", "--out", "--json")),
    Command(commands.verify, ("any_file", "--json")),
    Command(commands.movement, ("release", "other", "--json")),
    Command(commands.rule, ("release_file", "--sql", "--python", "--table")),
    Command(
        commands.link,
        (
            *("release", "--days", "--label", "--by", "--passphrase", "--max-views"),
            *("--recipient", "--embed", "--json"),
        ),
    ),
    Command(commands.links, ("release", "--json")),
    Command(commands.revoke, ("link_or_all", "--release", "--recipient", "--json")),
    Command(commands.rotate, ("link", "--json")),
    Command(
        commands.recipients,
        (
            *("--keep", "--kind", "--contract-on", "--contract-link", "--basis", "--review-due"),
            *("--country", "--transfer-basis", "--contact", "--renew", "--json"),
        ),
    ),
    Command(commands.budget, ("--json",)),
    Command(commands.suppress, ("files", "--way-back", "--out", "--json")),
    Command(commands.purge, ("--json",)),
    Command(commands.rotate_key, ("--json",)),
    Command(commands.serve, ("--viewer", "--port", "--host")),
)


class _Parser(argparse.ArgumentParser):
    """Refuses in one sentence, like everything else here."""

    def error(self, message: str) -> NoReturn:
        raise BadInputError(f"{message[:1].upper()}{message[1:].rstrip('.')}.")


def parser() -> argparse.ArgumentParser:
    """The command line as the table above describes it."""
    whole = _Parser("python -m dashboard", description="Private Segments without a screen.")
    verbs = whole.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)
    for each in COMMANDS:
        said = (each.run.__doc__ or "").strip()
        command = verbs.add_parser(each.name, help=said, description=said)
        command.set_defaults(run=each.run)
        for name in each.options:
            option = dict(_OPTIONS[name])
            command.add_argument(option.pop("dest", name), **option)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, or 2 when something was refused."""
    logs.set_up()
    try:
        asked = parser().parse_args(arguments)
        asked.run(asked)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except PrivateSegmentsError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def speak_plainly(
    kind: type[BaseException], mistake: BaseException, trace: TracebackType | None
) -> None:
    """Instead of a traceback: a reference number here, and in the log the places in the code."""
    if issubclass(kind, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        return
    reference = secrets.token_hex(3)
    logging.getLogger(__name__).error(
        "internal error %s", reference, exc_info=(kind, mistake, trace)
    )
    print(f"Something went wrong here; it is our mistake ({reference}).", file=sys.stderr)
