from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import BadInputError
from dashboard.vault.encodings import MAX_RECORD, utf8_lines


def _read(content: bytes, size: int = 1 << 20) -> bytes:
    chunks = (content[start : start + size] for start in range(0, len(content), size))
    return b"".join(utf8_lines(chunks, "a.csv"))


@given(st.binary(max_size=60).filter(lambda each: b"\0" not in each), st.integers(1, 9))
def test_one_line_s_bytes_change_no_other_line(nasty: bytes, size: int) -> None:
    before, after = "id,ville\n1,Orléans\n".encode(), "2,Besançon €\n".encode()
    read = _read(before + nasty + b"\n" + after, size)
    assert read.startswith(before)
    assert read.endswith(after)
    read.decode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("size", [4, 7, 1 << 20])
def test_an_encoding_is_read_in_chunks_of_any_size(encoding: str, size: int) -> None:
    text = "id,ville\r\n1,Orléans “x”\r2,Ünsal"
    expected = "id,ville\n1,Orléans “x”\n2,Ünsal\n".encode()
    assert _read(text.encode(encoding), size) == expected


JAPANESE = "会員番号,氏名,Email\n1,山田,a@x.jp\n"


@pytest.mark.parametrize("size", [4, 7, 1 << 20])
def test_a_japanese_header_is_read_and_so_are_the_lines_below_it(size: int) -> None:
    assert _read(JAPANESE.encode("cp932"), size) == JAPANESE.encode()
    assert _read(b"\n\n\n\n" + JAPANESE.encode("cp932"), size).endswith(JAPANESE.encode())


@given(st.binary(max_size=60).filter(lambda each: b"\0" not in each), st.integers(1, 9))
def test_one_line_s_bytes_change_no_other_line_below_a_japanese_header(
    nasty: bytes, size: int
) -> None:
    before, after = JAPANESE.encode("cp932"), "2,佐藤,b@x.jp\n".encode("cp932")
    read = _read(before + nasty + b"\n" + after, size)
    assert read.startswith(JAPANESE.encode())
    assert read.endswith("2,佐藤,b@x.jp\n".encode())


@pytest.mark.parametrize(
    "header", ["Größe;Straße;Umsatz €", "Prénom;Été;N° client", "cœur;œil;sœur", "Categoría;Año"]
)
def test_a_western_header_is_never_taken_for_a_japanese_one(header: str) -> None:
    text = f"{header}\né;ö;ñ\n"
    assert _read(text.encode("cp1252")) == text.encode()


@pytest.mark.parametrize(
    ("encoding", "header"),
    [
        ("cp1251", "Номер;Сумма"),
        ("gbk", "客户编号;金额"),
        ("euc_kr", "고객번호"),
        ("cp1253", "Πελάτης"),
    ],
)
def test_a_header_that_nobody_can_read_is_refused_rather_than_garbled(
    encoding: str, header: str
) -> None:
    with pytest.raises(BadInputError, match=r"^a\.csv, line 1: .*CSV UTF-8") as refused:
        _read(f"{header}\n1;2\n".encode(encoding))
    assert header not in str(refused.value)


def test_a_row_decides_nothing_where_the_header_is_plain() -> None:
    row = "1,会員番号氏名\n".encode("cp932")
    assert _read(b"id,name\n" + row).decode().startswith("id,name\n1,")


def test_every_byte_means_something() -> None:
    assert _read(b"id\n\x80 \x81 \xff").decode() == "id\n€ \x81 ÿ\n"


@pytest.mark.parametrize("content", [b"a\nb\nc\0\n", b"a\nb\n" + b"x" * (MAX_RECORD + 1)])
def test_what_is_no_text_is_refused_with_its_line(content: bytes) -> None:
    with pytest.raises(BadInputError, match=r"^a\.csv, line 3: "):
        _read(content)
