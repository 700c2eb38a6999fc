"""Broken files without end: each number makes one, the same on every machine."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from dashboard.receipts import Upload
from tests.vault.making import sheet_xml, workbook

CANARY = "zz.canary"
"""Stands in most files and must stand in no sentence."""

Draw = random.Random
Made = tuple[str, bytes]

_WORDS = ("id", "email", "spend", "opt_in", "birthday", "city", "note", "orders", "Tags", "âge")
_CELLS = (
    CANARY + "@shop.example",
    "",
    "12.5",
    "1,234",
    "1e308",
    "-1e308",
    "1e999",
    "nan",
    "=1+1",
    '=HYPERLINK("http://x")',
    "@SUM(A1)",
    "+33 6 12 34 56 78",
    "yes",
    "2026-02-30",
    "31/12/2026",
    "\u202e\u0000".replace("\u0000", ""),
    "ﬁ ﷺ \U0001f9d1",
    "a" * 300,
    "'007",
    "0x1F",
    "9" * 400,
)


def _table(draw: Draw, rows: int = 12, delimiter: str = ",") -> str:
    names = draw.sample(_WORDS, draw.randint(1, len(_WORDS)))
    lines = [delimiter.join(names)]
    lines += [
        delimiter.join(_quoted(draw.choice(_CELLS)) for _ in names)
        for _ in range(draw.randint(0, rows))
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',;"\t|') else text


# ── text ────────────────────────────────────────────────────────────────────────────────
def encodings(draw: Draw) -> Made:
    codec = draw.choice(("utf-16", "utf-32", "utf-16-le", "cp1252", "utf-7", "cp037", "shift_jis"))
    return "t.csv", _table(draw).encode(codec, errors="replace")


def marks(draw: Draw) -> Made:
    mark = draw.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00", b"+/v8"))
    return "t.csv", mark * draw.randint(1, 3) + _table(draw).encode()


def quotes(draw: Draw) -> Made:
    text = _table(draw, 30)
    for _ in range(draw.randint(1, 6)):
        place = draw.randrange(len(text) + 1)
        text = text[:place] + draw.choice(('"', '""', '"\n', '\\"', "'", '","')) + text[place:]
    return "t.csv", text.encode()


def ragged(draw: Draw) -> Made:
    rows = [",".join(["x"] * draw.randint(0, 9)) for _ in range(draw.randint(1, 60))]
    return "t.csv", ("id,spend,email\n" + "\n".join(rows)).encode()


def delimiters(draw: Draw) -> Made:
    return draw.choice(("t.csv", "t.tsv", "t.txt")), _table(
        draw, 20, draw.choice(",;\t|:^~ ")
    ).encode()


def line_ends(draw: Draw) -> Made:
    end = draw.choice(("\r", "\n\r", "\r\r\n", "\x0b", "\x0c", "\x85", "\u2028", ""))
    return "t.csv", _table(draw).replace("\n", end).encode()


def zero_bytes(draw: Draw) -> Made:
    return "t.csv", _struck(draw, _table(draw).encode(), lambda _: b"\0")


def wide(draw: Draw) -> Made:
    count = draw.choice((1_999, 2_001, 20_000, 100_000))
    head = ",".join(f"c{each}" for each in range(count))
    return "t.csv", f"{head}\n{','.join('1' * count)}\n".encode()


def long_lines(draw: Draw) -> Made:
    size = draw.choice((90_000, 2_100_000, 5_000_000))
    return "t.csv", b"id,note\n1," + b"x" * size + b"\n2,y\n"


def headers(draw: Draw) -> Made:
    head = draw.choice(
        (
            "id,id,ID",
            ",,,",
            "1,2,3",
            f"{CANARY}@shop.example,7,8",
            "\ufeff\ufeff,b",
            "a\0b,c",
            " ",
            "",
        )
    )
    return "t.csv", f"{head}\n1,2,3\n4,5,6\n".encode()


def numbers(draw: Draw) -> Made:
    cells = (f"{draw.choice('+-')}{draw.random()}e{draw.randint(-400, 400)}" for _ in range(80))
    return "t.csv", ("id,spend\n" + "\n".join(f"{n},{x}" for n, x in enumerate(cells))).encode()


def formulas(draw: Draw) -> Made:
    names = ("=cmd|' /C calc'!A0", "@x", "+1+1", "-2", "<script>alert(1)</script>", "id")
    rows = "\n".join(",".join(draw.choice(_CELLS[8:12]) for _ in names) for _ in range(20))
    return "t.csv", (",".join(names) + "\n" + rows).encode()


def noise(draw: Draw) -> Made:
    name = draw.choice(("t.csv", "t.tsv", "t.txt", "t.xlsx", "t.parquet", "t.csv.gz"))
    return name, draw.randbytes(draw.randint(0, 4_000))


def bytes_struck(draw: Draw) -> Made:
    return "t.csv", _struck(draw, _table(draw, 40).encode(), lambda d: d.randbytes(1))


def _struck(draw: Draw, content: bytes, by: Callable[[Draw], bytes]) -> bytes:
    for _ in range(draw.randint(1, 12)):
        place = draw.randrange(len(content) + 1)
        content = content[:place] + by(draw) + content[place + draw.randint(0, 1) :]
    return content


# ── packed ──────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=8)
def _zeros(size: int) -> bytes:
    return gzip.compress(b"0" * size, 1, mtime=0)


def gzip_bombs(draw: Draw) -> Made:
    packed = _zeros(draw.choice((9 << 20, 64 << 20)))
    if draw.random() < 0.3:
        packed = gzip.compress(packed, mtime=0)
    return "t.csv.gz", b"" if draw.random() < 0.02 else packed


def gzip_broken(draw: Draw) -> Made:
    packed = gzip.compress(_table(draw, 60).encode(), mtime=0)
    return "t.csv.gz", _broken(draw, packed)


@lru_cache(maxsize=8)
def _bomb(kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>", zipfile.ZIP_DEFLATED)
        if kind == "large":
            archive.writestr(
                zipfile.ZipInfo("xl/worksheets/sheet1.xml"), b" " * (64 << 20), zipfile.ZIP_DEFLATED
            )
        elif kind == "many":
            for each in range(3_000):
                archive.writestr(
                    zipfile.ZipInfo(f"xl/part{each}.xml"), b"x" * 20_000, zipfile.ZIP_DEFLATED
                )
        elif kind == "nested":
            archive.writestr(
                zipfile.ZipInfo("xl/worksheets/sheet1.xml"), _bomb("large"), zipfile.ZIP_DEFLATED
            )
        else:
            far = '<worksheet><sheetData><c r="A1"/><c r="XFD1048576"/></sheetData></worksheet>'
            archive.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), far, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def workbook_bombs(draw: Draw) -> Made:
    return "t.xlsx", _bomb(draw.choice(("large", "many", "nested", "far")))


def workbook_lies(draw: Draw) -> Made:
    """Sizes in the archive's list that are not true."""
    packed = bytearray(_bomb(draw.choice(("large", "far"))))
    place = packed.rfind(b"PK\x01\x02")
    struct.pack_into("<I", packed, place + 24, draw.choice((0, 10, 2**32 - 1)))
    return "t.xlsx", bytes(packed)


def nested_archives(draw: Draw) -> Made:
    content = _table(draw).encode()
    for _ in range(draw.randint(1, 6)):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(
                zipfile.ZipInfo(draw.choice(("t.csv", "t.zip", "../../etc/t", "xl/x.xml"))), content
            )
        content = out.getvalue()
    return draw.choice(("t.xlsx", "t.csv", "t.csv.gz", "t.zip")), content


def _sheet(draw: Draw) -> bytes:
    cells: list[object] = ["a", 1, 1e308, True, "&lt;x&gt;", -0.0, CANARY, None]
    names: list[object] = ["id", "spend", "name", "opt_in"]
    rows = [[draw.choice(cells) for _ in names] for _ in range(draw.randint(0, 20))]
    return workbook(sheet_xml([names, *rows]))


def workbooks_broken(draw: Draw) -> Made:
    return "t.xlsx", _broken(draw, _sheet(draw))


def workbooks_odd(draw: Draw) -> Made:
    xml = sheet_xml([["id", "spend"], [1, 2]])
    odd = draw.choice(
        (
            xml.replace("A1", "ZZZZ1"),
            xml.replace('r="A2"', 'r="A0"'),
            xml.replace("<v>1</v>", "<v>1e999</v>"),
            xml.replace("<v>1</v>", f"<f>{CANARY}()</f><v>#REF!</v>"),
            xml.replace("<sheetData>", "<sheetData>" * draw.randint(2, 400)),
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + xml,
            xml[: draw.randrange(len(xml))],
            "",
        )
    )
    return "t.xlsx", workbook(odd)


def locked_workbooks(draw: Draw) -> Made:
    """An XLSX with a password is a file of another kind: a compound document."""
    return "t.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + draw.randbytes(draw.randint(0, 3_000))


# ── Parquet ─────────────────────────────────────────────────────────────────────────────
def _parquet(draw: Draw, **options: object) -> bytes:
    rows = draw.randint(0, 50)
    columns = {
        "id": [f"C{each}" for each in range(rows)],
        "spend": [draw.choice((1.5, float("nan"), 1e308, None)) for _ in range(rows)],
        "mail": [CANARY + "@shop.example"] * rows,
    }
    out = io.BytesIO()
    types = pa.schema({"id": pa.string(), "spend": pa.float64(), "mail": pa.string()})
    pq.write_table(pa.table(columns, schema=types), out, **options)
    return out.getvalue()


def parquet_broken(draw: Draw) -> Made:
    return "t.parquet", _broken(draw, _parquet(draw))


def parquet_cut(draw: Draw) -> Made:
    whole = _parquet(draw)
    return "t.parquet", whole[: draw.randrange(len(whole))]


def parquet_odd(draw: Draw) -> Made:
    column = draw.choice(
        (
            pa.array([[1], [2]]),
            pa.array([{"a": 1}, {"a": 2}]),
            pa.array([b"\xff", b"\0"]),
            pa.array([1, 2], pa.duration("s")),
            pa.array([None, None], pa.null()),
            pa.array([2**63 - 1, -(2**63)], pa.int64()),
            pa.array([10**30, 1], pa.decimal128(38, 2)),
            pa.array(["a", "b"]).dictionary_encode(),
        )
    )
    out = io.BytesIO()
    name = draw.choice(("id", "", "a\0b", "1", CANARY))
    pq.write_table(pa.table([column, column], names=[name, draw.choice(("x", name))]), out)
    return "t.parquet", out.getvalue()


def parquet_locked(draw: Draw) -> Made:
    keys = pe.create_encryption_properties(footer_key=draw.randbytes(32))
    return "t.parquet", _parquet(draw, encryption_properties=keys)


def parquet_bombs(draw: Draw) -> Made:
    return "t.parquet", _repeated(draw.choice((200_000, 900_000)))


@lru_cache(maxsize=4)
def _repeated(rows: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"note": pa.array(["x" * 200]).take(pa.array([0] * rows))}), out)
    return out.getvalue()


# ── lies about what a file is ───────────────────────────────────────────────────────────
def lying_names(draw: Draw) -> Made:
    contents = (
        _table(draw).encode(),
        _sheet(draw),
        _parquet(draw),
        gzip.compress(b"id\n1\n", mtime=0),
        b"%PDF-1.7 " + draw.randbytes(50),
        b"\x89PNG" + draw.randbytes(50),
        b"SQLite format 3\0",
        b"BZh9" + draw.randbytes(20),
        b"7z\xbc\xaf\x27\x1c",
    )
    names = (
        "t.csv",
        "t.xlsx",
        "t.parquet",
        "t.csv.gz",
        "t.json",
        "t",
        "../../t.csv",
        "a\0.csv",
        "💥.csv",
    )
    return draw.choice(names), draw.choice(contents)


def empty(draw: Draw) -> Made:
    return draw.choice(("t.csv", "t.xlsx", "t.parquet", "t.csv.gz")), draw.choice(
        (b"", b"\n", b" \n \n", b"\xef\xbb\xbf", b"\0", b",", b'"')
    )


def _broken(draw: Draw, content: bytes) -> bytes:
    if draw.random() < 0.4:
        return content[: draw.randrange(len(content) + 1)]
    return _struck(draw, content, lambda d: d.randbytes(d.randint(1, 4)))


KINDS: tuple[Callable[[Draw], Made], ...] = (
    encodings,
    marks,
    quotes,
    ragged,
    delimiters,
    line_ends,
    zero_bytes,
    headers,
    numbers,
    formulas,
    noise,
    bytes_struck,
    gzip_broken,
    nested_archives,
    workbooks_broken,
    workbooks_odd,
    locked_workbooks,
    parquet_broken,
    parquet_cut,
    parquet_odd,
    parquet_locked,
    lying_names,
    empty,
    wide,
    long_lines,
    gzip_bombs,
    workbook_bombs,
    workbook_lies,
    parquet_bombs,
)
HEAVY = KINDS[KINDS.index(wide) :]
"""Kinds that take long to make or to refuse; every tenth round has them."""

_LIGHT = KINDS[: KINDS.index(wide)]
_ROUND = 10 * len(_LIGHT) + len(HEAVY)


def made(number: int) -> tuple[str, Upload]:
    """The broken file of a number, and the kind that it is of."""
    place = number % _ROUND
    kind = (
        HEAVY[place - 10 * len(_LIGHT)]
        if place >= 10 * len(_LIGHT)
        else _LIGHT[place % len(_LIGHT)]
    )
    name, content = kind(random.Random(number))
    return kind.__name__, Upload(name, content)
