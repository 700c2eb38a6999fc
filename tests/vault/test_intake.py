from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine, Upload
from dashboard.vault.intake import read
from tests.vault.making import given, parquet, quiet, sheet_xml, workbook

MAIL = "zz.canary@secret.example"
NUMBER = "918273645"
GOOD = f"id,mail,spend\n1,{MAIL},{NUMBER}\n2,b@c.de,3\n".encode()
ROWS = [["id", "mail", "spend"], [1, MAIL, int(NUMBER)], [2, "b@c.de", 3]]
BOOK = workbook(sheet_xml(ROWS))


def _claiming(book: bytes, size: int) -> bytes:
    """The same workbook, lying about the unpacked size of its last part."""
    lying = bytearray(book)
    struct.pack_into("<I", lying, lying.rfind(b"PK\x01\x02") + 24, size)
    return bytes(lying)


def _zipped(name: str, text: bytes, *blank: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
        for each in blank:
            archive.writestr(each, b"")
    return out.getvalue()


def _locked(archive: bytes) -> bytes:
    """The same archive, saying that its last part has a password."""
    locked = bytearray(archive)
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(locked)


def _zstd(text: bytes) -> bytes:
    return pa.Codec("zstd").compress(text, asbytes=True)


BROKEN = {
    "nothing": ("a.csv", b""),
    "only blanks": ("a.csv", b" \n \n"),
    "only a header": ("a.csv", b"id,mail\n"),
    "no header but a customer": ("a.csv", f"1,{MAIL},{NUMBER}\n2,x@y.de,4\n".encode()),
    "no header but numbers": ("a.csv", f"{NUMBER},2,3\n4,5,6\n".encode()),
    "no header but a phone number": ("a.csv", b"Jane,Kreuzberg,0170 1234567\nB,Mitte,\n"),
    "no header but labels": ("a.csv", b"canary,Mitte\n" + b"x,Mitte\n" * 3),
    "no header in a workbook": (
        "a.xlsx",
        workbook(sheet_xml([["canary", "Mitte"], *[["x", "Mitte"]] * 3])),
    ),
    "a blank header": ("a.csv", b",,\n1,2,3\n"),
    "a nameless column with values": ("a.csv", f"id,,spend\n1,{MAIL},2\n".encode()),
    "twins": ("a.csv", f"mail,spend,Mail\n{MAIL},1,2\n".encode()),
    "a zero byte": ("a.csv", f"id,mail\n1,{MAIL}\0\n".encode()),
    "too wide": ("a.csv", b",".join(b"c%d" % n for n in range(2001)) + b"\n"),
    "mostly ragged": ("a.csv", f"id,mail\n1\n2\n3\n4,{MAIL}\n".encode()),
    "an open quotation mark": ("a.csv", f'id,mail\n1,a\n2,"{MAIL}\n3,{NUMBER}\n4,d\n'.encode()),
    "a broken header": ("a.csv", b'"' + b"x" * 200_000 + b"\n1\n"),
    "a workbook called CSV": ("a.csv", BOOK),
    "a Parquet file called CSV": ("a.csv", parquet(id=[1], mail=[MAIL])),
    "a CSV called XLSX": ("a.xlsx", GOOD),
    "a CSV called Parquet": ("a.parquet", GOOD),
    "a CSV called gzip": ("a.csv.gz", GOOD),
    "gzip called CSV": ("a.csv", gzip.compress(GOOD)),
    "a web page": ("a.csv", f"<table><tr><td>{MAIL}</td></tr></table>".encode()),
    "JSON": ("a.txt", f'[{{"mail": "{MAIL}"}}]'.encode()),
    "an unknown kind": ("a.docx", GOOD),
    "no ending": ("a", GOOD),
    "gzip cut short": ("a.csv.gz", gzip.compress(os.urandom(4000) + GOOD * 100)[:-40]),
    "a gzip bomb": ("a.csv.gz", gzip.compress(GOOD + b"3,x,4\n" * 3_000_000)),
    "zstd cut short": ("a.csv.zst", _zstd(os.urandom(4000) + GOOD * 100)[:-40]),
    "zstd broken": ("a.csv.zst", _zstd(GOOD)[:8] + b"\xff" * 40),
    "a zstd bomb": ("a.csv.zst", _zstd(GOOD + b"3,x,4\n" * 3_000_000)),
    "zstd called CSV": ("a.csv", _zstd(GOOD)),
    "a CSV called zip": ("a.csv.zip", GOOD),
    "zip cut short": ("a.zip", _zipped("a.csv", GOOD)[:-40]),
    "zip broken": ("a.zip", (made := _zipped("a.csv", GOOD))[:40] + b"\xff" * 9 + made[49:]),
    "a zip bomb": ("a.zip", _zipped("a.csv", GOOD + b"3,x,4\n" * 3_000_000)),
    "a zip of two": ("a.zip", _zipped("a.csv", GOOD, "b.csv")),
    "a zip of something else": ("a.zip", _zipped("a.xlsx", BOOK)),
    "a zip of nothing": ("a.zip", _zipped("folder/", b"")),
    "a zip of zips": ("a.csv.zip", _zipped("a.zip", _zipped("a.csv", GOOD))),
    "a workbook called zip": ("a.zip", BOOK),
    "a zip that hides its text": ("a.zip", _locked(_zipped("a.csv", GOOD))),
    "UTF-16 cut short": ("a.csv", GOOD.decode().encode("utf-16")[:-1]),
    "a workbook with a password": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + GOOD * 20),
    "a workbook cut short": ("a.xlsx", BOOK[:-40]),
    "a workbook cut in half": ("a.xlsx", BOOK[: len(BOOK) // 2]),
    "a broken sheet": ("a.xlsx", workbook(sheet_xml(ROWS)[:-60])),
    "a sheet with a header only": ("a.xlsx", workbook(sheet_xml(ROWS[:1]))),
    "a blank sheet": ("a.xlsx", workbook(sheet_xml([]))),
    "another zip file": ("a.xlsx", _zipped("mails.csv", GOOD)),
    "a workbook bomb": ("a.xlsx", workbook(sheet_xml(ROWS) + " " * (40 << 20))),
    "a lying workbook bomb": (
        "a.xlsx",
        _claiming(workbook(sheet_xml(ROWS) + " " * (40 << 20)), 2000),
    ),
    "a far cell": ("a.xlsx", workbook(sheet_xml(ROWS).replace('r="A3"', 'r="ZZ1048576"'))),
    "a cell too far": ("a.xlsx", workbook(sheet_xml(ROWS).replace('r="A3"', 'r="XFD3"'))),
    "Parquet cut short": ("a.parquet", parquet(id=[1], mail=[MAIL])[:-9]),
    "Parquet with a broken middle": (
        "a.parquet",
        (whole := parquet(id=list(range(999)), mail=[MAIL] * 999))[:40]
        + b"\xff" * 400
        + whole[440:],
    ),
    "nested Parquet": ("a.parquet", parquet(id=[1], mail=[[MAIL]])),
    "Parquet of bytes": ("a.parquet", parquet(id=[1], mail=[MAIL.encode()])),
    "Parquet without rows": ("a.parquet", parquet(id=pa.array([], pa.int64()))),
    "encrypted Parquet": ("a.parquet", b"PARE" + GOOD),
    "a Parquet bomb": ("a.parquet", parquet(id=["x" * 1000] * 100_000)),
}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Report of May\nExported by Sales\nid,spend\n1,2\n3,4\n", "remove titles"),
        ("Spend,id,spend\n1,2,3\n", "columns 1 and 3 have the same name but for large"),
        ("spend,id,spend\n1,2,3\n", "columns 1 and 3 have the same name. "),
    ],
)
def test_a_refusal_says_what_to_do_about_titles_and_twins(content: str, said: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(said)):
        given("a.csv", content.encode())


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_in_a_sentence_without_any_value(kind: str) -> None:
    name, content = BROKEN[kind]
    with pytest.raises(BadInputError) as refusal:
        given(name, content)
    said = str(refusal.value)
    assert name in said
    assert said.endswith(".")
    assert "canary" not in said
    assert NUMBER not in said
    assert refusal.value.__cause__ is None


def test_a_file_larger_than_allowed_is_refused() -> None:
    with pytest.raises(BadInputError, match="too large"):
        given("a.csv", GOOD, max_bytes=20)


def test_several_files_share_the_allowed_size() -> None:
    uploads = [Upload("a.csv", GOOD), Upload("b.csv", GOOD)]
    with pytest.raises(BadInputError, match=r"b\.csv is too large"):
        read(uploads, max_bytes=len(GOOD) + 5, memory_limit_mb=256, progress=quiet)


def test_a_few_ragged_lines_are_counted_and_named() -> None:
    table = given("a.csv", b"id,mail\n1,a\n2\n3,c,d\n4,d\n")
    assert table.table.column("id").to_pylist() == ["1", "4"]
    assert table.refused == 2
    assert table.refused_lines == (
        RefusedLine(3, "mail", "fewer values than the header has columns"),
        RefusedLine(4, None, "more values than the header has columns"),
    )


def test_only_the_first_twenty_refused_lines_are_listed() -> None:
    table = given("a.csv", b"id,mail\n" + b"1,a\n" * 60 + b"2\n" * 50)
    assert table.refused == 50
    assert len(table.refused_lines) == 20


def test_an_open_quotation_mark_that_swallows_lines_refuses_the_whole_file() -> None:
    with pytest.raises(BadInputError, match="line 6, column “mail”: a quotation mark"):
        given("a.csv", b"id,mail\n1,a\n2,b\n3,c\n4,d\n" + b'5,"e\n6,f\n7,g\n')


def test_a_value_that_a_column_is_called_after_is_only_a_value() -> None:
    table = given("a.csv", b"id,gold\n1,gold\n2,gold\n3,\n").table
    assert table.column("gold").to_pylist() == ["gold", "gold", None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_usual_delimiters_and_newlines_are_recognized(delimiter: str, newline: str) -> None:
    lines = [delimiter.join(row) for row in (["id", "city"], ["1", "Rome"], ["2", "Ulm"])]
    table = given("a.csv", newline.join(lines).encode()).table
    assert table.to_pydict() == {"id": ["1", "2"], "city": ["Rome", "Ulm"]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_usual_encodings_are_recognized(encoding: str) -> None:
    table = given("a.csv", "id,ville\n1,Besançon\n2,Ünsal\n".encode(encoding)).table
    assert table.column("ville").to_pylist() == ["Besançon", "Ünsal"]


def test_one_broken_sign_does_not_change_how_the_others_are_read() -> None:
    table = given("a.csv", "id,ville\n1,Besançon\n2,Orléans\n".encode() + b"3,\xff\n")
    assert table.table.column("ville").to_pylist() == ["Besançon", "Orléans", "ÿ"]


def test_values_are_plain_text_whatever_they_look_like() -> None:
    content = b'id;note\n1;"a ""b"";\r\nc"\n2;=1+1\n3; 1e308 \n4;NaN\n5;\n6;"-"\n'
    assert given("a.csv", content).table.column("note").to_pylist() == [
        'a "b";\nc',
        "=1+1",
        "1e308",
        "NaN",
        None,
        "-",
    ]


def test_a_gzipped_file_and_a_file_on_disk_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD)
    on_disk = read([Upload("a.csv", path)], max_bytes=1 << 20, memory_limit_mb=256, progress=quiet)
    assert on_disk.table.equals(given("a.csv.gz", gzip.compress(GOOD)).table)


@pytest.mark.parametrize("name", ["a.csv.zst", "a.csv.zip", "a.ZIP", "a.tsv.gz"])
def test_compressed_text_reads_as_the_text_does(name: str) -> None:
    pack = {"gz": gzip.compress, "st": _zstd, "ip": lambda text: _zipped("sub/x.CSV", text)}
    packed = given(name, pack[name.lower()[-2:]](GOOD))
    assert packed.table.equals(given("a.csv", GOOD).table)


def test_a_mac_s_own_files_in_an_archive_are_no_second_text() -> None:
    packed = _zipped("a.csv", GOOD, "__MACOSX/._a.csv")
    assert given("a.zip", packed).table.equals(given("a.csv", GOOD).table)


def test_files_with_one_header_are_stacked_in_order() -> None:
    uploads = [Upload("in.csv", b"id,x\n1,a\n"), Upload("out.csv", b"x;id\nb;2\nc\n")]
    table = read(uploads, max_bytes=1 << 20, memory_limit_mb=256, progress=quiet)
    assert table.table.to_pydict() == {"id": ["1", "2"], "x": ["a", "b"]}
    assert table.file_names == ("in.csv", "out.csv")
    assert table.refused_lines[0].why.endswith("(in out.csv)")


def test_files_with_different_headers_are_refused() -> None:
    uploads = [Upload("in.csv", b"id,x\n1,a\n"), Upload("out.csv", b"id,y\n1,a\n")]
    with pytest.raises(BadInputError, match="other columns"):
        read(uploads, max_bytes=1 << 20, memory_limit_mb=256, progress=quiet)


def test_a_workbook_reads_as_text_that_reads_back() -> None:
    rows = [["id", "spend", "yes"], [10**12, 12.5, True], [None, None, None], [2, 3.0, False]]
    table = given("a.xlsx", workbook(sheet_xml(rows))).table
    assert table.to_pydict() == {
        "id": ["1000000000000", "2"],
        "spend": ["12.5", "3"],
        "yes": ["true", "false"],
    }


def test_a_parquet_file_reads_as_text_that_reads_back() -> None:
    day = datetime(2024, 1, 2)  # noqa: DTZ001 - files hold such values
    table = given(
        "a.parquet",
        parquet(
            id=[10**12, 2],
            spend=[0.1, 1e308],
            gone=[123456789012.0, None],
            yes=[True, None],
            day=[day.date(), day.date()],
            moment=[day, day.replace(hour=3)],
            label=pa.array(["a", "b"]).dictionary_encode(),
        ),
    ).table
    assert table.to_pydict() == {
        "id": ["1000000000000", "2"],
        "spend": ["0.1", "1e+308"],
        "gone": ["123456789012", None],
        "yes": ["true", None],
        "day": ["2024-01-02", "2024-01-02"],
        "moment": ["2024-01-02", "2024-01-02 03:00:00"],
        "label": ["a", "b"],
    }


def test_no_file_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    given("a.csv", GOOD)
    assert list(tmp_path.iterdir()) == []


def test_progress_is_told_in_words() -> None:
    heard: list[tuple[float, str]] = []
    uploads = [Upload("a.csv", GOOD)]
    read(uploads, max_bytes=1 << 20, memory_limit_mb=256, progress=lambda *told: heard.append(told))
    assert heard == [(0.0, "Reading a.csv"), (1.0, "Files read")]


def test_a_file_name_cannot_carry_a_path_or_hidden_signs() -> None:
    assert given("../../x\n\x1b/ev\til.csv", GOOD).file_names == ("ev_il.csv",)


def test_a_workbook_beyond_its_limit_is_told_the_limit_and_the_way_around() -> None:
    far = workbook(sheet_xml(ROWS).replace('r="A3"', 'r="ZZ1048576"'))
    with pytest.raises(BadInputError, match=r"may hold 4,194,304, .*as CSV or Parquet"):
        given("a.xlsx", far)
    long = workbook(sheet_xml(ROWS) + " " * (40 << 20))
    with pytest.raises(BadInputError, match=r"may take \d+ MiB then.*as CSV or Parquet"):
        given("a.xlsx", long)
