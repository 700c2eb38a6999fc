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


def test_every_byte_means_something() -> None:
    assert _read(b"\x80 \x81 \xff").decode() == "€ \x81 ÿ\n"


@pytest.mark.parametrize("content", [b"a\nb\nc\0\n", b"a\nb\n" + b"x" * (MAX_RECORD + 1)])
def test_what_is_no_text_is_refused_with_its_line(content: bytes) -> None:
    with pytest.raises(BadInputError, match=r"^a\.csv, line 3: "):
        _read(content)
