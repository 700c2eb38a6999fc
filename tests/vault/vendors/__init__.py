"""Made exports of six products: their exact headers, and a few invented people who answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.detection import LOOKS
from dashboard.receipts import Upload

PEOPLE = 60
Told = Mapping[str, Sequence[str]]


def headers(product: str) -> dict[str, str]:
    """The exact headers of a product's export, with the look of their values."""
    with Path(__file__).with_name("columns.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return {line["header"]: line["looks"] for line in lines if line["product"] == product}


def export(
    product: str, name: str, told: Told, *, without: Sequence[str] = (), first: int = 0
) -> Upload:
    """A file as the product writes it: invented people, and the given answers of the first ones.

    Columns of consent that are not given are blank, like those of somebody who never answered.
    """
    columns = {each: look for each, look in headers(product).items() if each not in without}
    size = max([PEOPLE, *(len(values) for values in told.values())])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in range(size):
        writer.writerow(_cell(each, look, row, told, first) for each, look in columns.items())
    return Upload(name, b"\xef\xbb\xbf" + out.getvalue().encode())


def _cell(header: str, look: str, row: int, told: Told, first: int) -> str:
    if header in told:
        return told[header][row] if row < len(told[header]) else ""
    if look in ANSWERS or header.startswith("UNSUB"):
        return ""
    return _look(look)(first + row)


def _look(look: str) -> Callable[[int], str]:
    if look == "number":  # Shopify writes an apostrophe in front, so that spreadsheets keep it
        return lambda row: f"'{7_300_000_000 + row}"
    return LOOKS[look]


ANSWERS = frozenset({"yesno", "truefalse", "bit", "klaviyo", "reasons", "basis", "sfstatus"})
