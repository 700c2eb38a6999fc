"""A made table with planted secrets, and everything of it that the program lets out."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CUSTOMERS = 6_173
"""An odd number of customers, so that no rounded number can be it by chance."""

EMAIL = "canary.quetzal@secret-inbox.example"
REGION = "Atlantis-Qx7"
NOTE = "told us about xylophones"
SPEND = "487654.321"
MEANT = 1e12
"""Larger numbers are ids read as numbers: their hundreds of digits hold any six sooner or later."""
IDENTITY = "CANARY-0042"
SECRETS = (EMAIL, "secret-inbox", REGION, "Atlantis", "xylophones", SPEND, "487654", IDENTITY)

HEADER = ["customer_id", "email", "age", "total_spent", "orders", "channel", "region", "note"]


def rows(customers: int = CUSTOMERS, *, canary: bool = True, seed: int = 3) -> list[list[str]]:
    """Three plain groups of customers and, last, the canary."""
    draw = np.random.default_rng(seed)
    groups = draw.choice(3, customers - canary, p=[0.5, 0.3, 0.2])
    made = []
    for place, group in enumerate(groups):
        spend = (60, 900, 220)[group] * draw.lognormal(0, 0.3)
        age = int(np.clip(draw.normal((26, 55, 40)[group], 4), 18, 90))
        orders = 1 + draw.poisson((1, 9, 3)[group])
        made.append(
            [
                f"C{place:06}",
                f"person{place}@shop.example",
                f"{age}",
                f"{spend:.2f}",
                f"{orders}",
                ("app", "store", "web")[group],
                ("North", "South")[place % 2],
                "thanks",
            ]
        )
    if canary:
        made.append([IDENTITY, EMAIL, "97", SPEND, "933", "web", REGION, NOTE])
    return made


def as_csv(table: Iterable[Iterable[str]]) -> bytes:
    """The table as a file that a marketer would give."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(table)
    return text.getvalue().encode()


def unpacked(sent: bytes) -> list[bytes]:
    """What lies in a gzip, ZIP, XLSX, Arrow or Parquet file, and what lies in that."""
    try:
        if sent.startswith(b"\x1f\x8b"):
            inner = [gzip.decompress(sent)]
        elif sent.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(sent)) as folder:
                inner = [folder.read(name) for name in folder.namelist()]
        elif sent.startswith(b"PAR1"):
            inner = [repr(pq.read_table(io.BytesIO(sent)).to_pylist()).encode()]
        elif sent.startswith(b"ARROW1"):
            inner = [repr(pa.ipc.open_file(sent).read_all().to_pylist()).encode()]
        elif sent.startswith(b"\xff\xff\xff\xff"):
            inner = [repr(pa.ipc.open_stream(sent).read_all().to_pylist()).encode()]
        else:
            return []
    except (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile):
        return []
    return inner + [deeper for each in inner for deeper in unpacked(each)]


def decoded(sent: bytes) -> str:
    """What was sent, with files, base64 and typed arrays opened, as one text to search."""
    return "\n".join(_decoded(each) for each in (sent, *unpacked(sent)))


def _decoded(sent: bytes) -> str:
    text = sent.decode("utf-8", "replace")
    text = re.sub(r"\\\\?u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    found = [text]
    for block in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text):
        try:
            raw = base64.b64decode(block + "=" * (-len(block) % 4))
        except ValueError:
            continue
        found.append(raw.decode("latin-1"))
        found += [each.decode("utf-8", "replace") for each in unpacked(raw)]
        for kind in ("<f8", "<f4", "<i4", "<i8"):
            size = np.dtype(kind).itemsize
            numbers = np.frombuffer(raw[: len(raw) // size * size], dtype=kind)
            with np.errstate(invalid="ignore"):  # bytes that spell no number
                small = numbers[(numbers > -MEANT) & (numbers < MEANT)]
            found.append(" ".join(f"{each:.3f} {each:.0f}" for each in small))
    return "\n".join(found)


def secrets_in(sent: bytes) -> set[str]:
    """Which planted secrets stand in what was sent, however it is encoded."""
    text = decoded(sent)
    return {secret for secret in SECRETS if secret in text}


def counts_in(sent: bytes, count: int = CUSTOMERS) -> set[str]:
    """The ways in which the exact number of customers stands in what was sent."""
    text = decoded(sent)
    forms = {str(count), f"{count:,}", f"{count:_}", f"{count}.0", f"{count:,}".replace(",", " ")}
    return {form for form in forms if re.search(rf"(?<![\d.]){re.escape(form)}(?!\d)", text)}


@dataclass(frozen=True)
class Exits:
    """Everything that left the program, by the way that it took."""

    sent: dict[str, bytes]

    def add(self, way: str, what: object) -> None:
        """Remember something that left: text, bytes, or any answer of a verb."""
        if isinstance(what, bytes):
            self.sent[way] = what
        elif isinstance(what, str):
            self.sent[way] = what.encode()
        elif isinstance(what, Path):
            self.sent[way] = what.read_bytes()
        else:
            self.sent[way] = json.dumps(what, default=repr, ensure_ascii=False).encode()
