"""How well are columns told apart? Precision and recall, on fixtures and on held-out lists.

Three lists, all written down from knowledge of the products, not from their documents. The
vendors' fixtures are what the rules were made from. ``headers_first.csv`` was written before the
rules learned vendors, and its mistakes were then mended. ``headers_held_out.csv`` was written
before these were; one of its mistakes led to a rule (a date in a column of refusals is a refusal),
the others stand as they are, and words are not added because of them.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from dashboard.vault.columns import describe

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "vault" / "vendors" / "columns.csv"
LISTS = (
    ("Fixtures of the vendors", FIXTURES),
    ("First list, looked at since", Path(__file__).with_name("headers_first.csv")),
    ("Held-out list", Path(__file__).with_name("headers_held_out.csv")),
)
ROWS = 200
CLASSES = ("identifier", "consent", "birth", "special", "proxy", "free text", "date", "usable")
GUARDED = ("identifier", "consent", "birth", "special", "proxy", "free text")
_CLASS_OF = {
    "id": "identifier",
    "feature": "usable",
    "category": "usable",
    "unused": "usable",
    "free_text": "free text",
}
_DRAW = random.Random(3)


@dataclass(frozen=True)
class Judged:
    """One column of a list: what it is, what was found, and whether it would be kept unasked."""

    source: str
    header: str
    true: str
    found: str
    kept: bool


def _words(count: int) -> Callable[[int], str]:
    return lambda _: " ".join(_word() for _ in range(count))


def _word() -> str:
    return "".join(_DRAW.choice("aeioulmnrst") for _ in range(8)).title()


def _label(*labels: str) -> Callable[[int], str]:
    return lambda row: labels[row * 7919 % 101 % len(labels)]


LOOKS: dict[str, Callable[[int], str]] = {
    "mail": lambda row: f"person{row}@shop.example",
    "phone": lambda row: f"+33 6 12 {row % 100:02} {row * 7 % 100:02} {row * 3 % 100:02}",
    "name": _words(2),
    "word": _words(1),
    "street": lambda row: f"{row} {_word()} Street",
    "city": _label("Lyon", "Bremen", "Leeds", "Cádiz", "Ghent"),
    "code": lambda row: f"KX-{row * 7919 % 99991:05}",
    "uuid": lambda row: f"{row:08x}-1111-4222-8333-{row * 7919:012x}",
    "hash": lambda row: f"{row * 7919:032x}",
    "ip": lambda row: f"10.0.{row % 7}.{row}",
    "number": lambda row: str(1_000 + row * 7919 % 9973),
    "year": lambda row: str(2026 + row % 5),
    "small": lambda row: str(row * 31 % 9),
    "price": lambda row: f"{row * 7919 % 997 / 7:.2f}",
    "zip": lambda row: str(10_000 + row * 7919 % 80_000),
    "date": lambda row: f"20{row % 20:02}-0{1 + row % 9}-{10 + row % 18}",
    "yesno": _label("yes", "no", "no"),
    "bit": _label("1", "0", "0"),
    "state": _label("subscribed", "unsubscribed", "subscribed", "never subscribed"),
    "label": _label("alpha", "beta", "gamma", "delta"),
    "truefalse": _label("true", "false", "false"),
    "klaviyo": _label("SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"),
    "reasons": lambda row: "" if row % 4 else "USER_SUPPRESSED",
    "basis": _label(
        "Freely given consent from contact", "Legitimate interest – existing customer", ""
    ),
    "sfstatus": _label("OptIn", "OptOut", "NotSeen"),
    "agepick": _label("13 or older", "16 or older"),
    "monthday": lambda row: f"{1 + row % 12:02}/{1 + row % 28:02}",
    "title": _label("Mr", "Ms", "Dr"),
    "prose": lambda row: f"called on monday about order {row} and was happy with it",
    "diets": _label("running shoes", "prenatal vitamins", "rain jacket", "water bottle"),
    "faiths": _label("grills", "kosher pantry", "halal sweets", "pans"),
    "causes": _label("clean water", "mosque repair", "school books", "cancer research"),
}


def _table(names: Sequence[str], looks: Sequence[str]) -> pa.Table:
    columns = [[LOOKS[look](row) or None for row in range(ROWS)] for look in looks]
    return pa.table([pa.array(each, pa.string()) for each in columns], names=list(names))


def judged(path: Path) -> Iterator[Judged]:
    """Every column of a list, judged in its own product's table; or alone where names repeat."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    products = dict.fromkeys(line["product"] for line in lines)
    for product in products:
        own = [line for line in lines if line["product"] == product]
        names = [line["header"] for line in own]
        found = describe(_table(names, [line["looks"] for line in own]))
        for line, finding in zip(own, found, strict=True):
            role = str(finding.role)
            kept = role in ("feature", "category")
            told = _CLASS_OF.get(role, role)
            yield Judged(product, line["header"], line["class"], told, kept)


def report(title: str, columns: Sequence[Judged]) -> Iterator[str]:
    """Precision and recall of each class, what would be kept although it must not, and errors."""
    products = dict.fromkeys(each.source for each in columns)
    yield f"{title}: {len(columns)} columns of {len(products)} products ({', '.join(products)})"
    yield f"  {'class':<11}{'columns':>8}{'precision':>11}{'recall':>8}"
    for name in CLASSES:
        true = sum(each.true == name for each in columns)
        found = sum(each.found == name for each in columns)
        both = sum(each.true == each.found == name for each in columns)
        shares = f"{_share(both, found):>11}{_share(both, true):>8}"
        yield f"  {name:<11}{true:>8}{shares}"
    right = sum(each.true == each.found for each in columns)
    leaks = [each for each in columns if each.kept and each.true in GUARDED]
    guarded = sum(each.true in GUARDED for each in columns)
    usable = [each for each in columns if each.true == "usable"]
    blocked = [each for each in usable if each.found != "usable"]
    yield f"  right in all: {_share(right, len(columns))}"
    yield f"  guarded columns that would be kept unasked: {len(leaks)} of {guarded}"
    yield f"  usable columns that are taken for something else: {len(blocked)} of {len(usable)}"
    yield f"  usable columns that are suggested unasked: {sum(e.kept for e in usable)}"
    for each in columns:
        if each.true != each.found:
            kept = ", would be kept" if each.kept and each.true in GUARDED else ""
            yield f"    {each.source}: “{each.header}” is {each.true}, found {each.found}{kept}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "–"


def main() -> None:
    """Print both reports."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for title, path in LISTS:
        print("\n".join(report(title, list(judged(path)))))


if __name__ == "__main__":
    main()
