from __future__ import annotations

import hmac
import re

import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.vault.numbers import MISSING
from dashboard.vault.pseudonyms import as_bytes, codes, normal_forms, normalize, pseudonyms

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    "written",
    [
        *("'0042A", " 0042a ", "\u200a0042\uff21", "0042A"),
        *("00\u200b42a", "\ufeff0042\u00ada"),  # signs that nobody sees
    ],
)
def test_one_id_in_several_exports_is_one_customer(written: str) -> None:
    assert normalize(written) == "0042a"


def test_a_pseudonym_has_16_bytes_and_hangs_on_the_key() -> None:
    (here,), (there,) = pseudonyms(KEY, ["a@b.c"]), pseudonyms(OTHER, ["a@b.c"])
    assert len(here) == len(there) == 16
    assert here != there


def test_two_customers_never_share_a_pseudonym() -> None:
    assert len(set(pseudonyms(KEY, [str(number) for number in range(5000)]))) == 5000


ID = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="aZ09 '-\t", max_size=6),
    st.sampled_from(["n/a", "NaN", "", "'", " '7 ", "\u00e9 ", "\x1c7", "C0042", "\uff21b"]),
    st.none(),
)


@given(st.lists(st.lists(ID, max_size=4), max_size=4))
@settings(deadline=None)
def test_a_column_s_normal_forms_are_those_of_its_values(pieces: list[list[str | None]]) -> None:
    whole = pa.chunked_array([pa.array(piece, pa.string()) for piece in pieces], pa.string())
    found = [form for piece in normal_forms(whole) for form in piece.to_pylist()]
    assert found == [expected_form(each) for piece in pieces for each in piece]


def expected_form(text: str | None) -> str | None:
    if text is None or re.sub("[A-Z]", lambda sign: sign[0].lower(), text) in MISSING:
        return None
    return normalize(text) or None


@given(st.lists(st.one_of(st.binary(max_size=70), st.none()), max_size=9), st.integers(0, 5))
@settings(deadline=None)
def test_codes_of_a_column_are_those_of_its_values_one_by_one(
    values: list[bytes | None], left_out: int
) -> None:
    column = pa.array(values, pa.binary()).slice(left_out)
    assert as_bytes(codes(KEY, column)) == [one_code(each or b"") for each in values[left_out:]]


def one_code(message: bytes) -> bytes:
    key = hmac.digest(KEY, b"texts", "sha256")
    block_cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    told = len(message).to_bytes(4, "little") + message
    told += bytes(-len(told) % 16)
    state = before = bytes(16)
    for start in range(0, len(told), 16):
        before = bytes(a ^ b for a, b in zip(state, told[start : start + 16], strict=True))
        state = block_cipher.update(before)
    return bytes(a ^ b for a, b in zip(state, before, strict=True))


def test_with_the_key_an_id_can_be_tried_but_not_computed() -> None:
    key = hmac.digest(KEY, b"texts", "sha256")
    (name,) = pseudonyms(KEY, ["jane"])
    backwards = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
    assert b"jane" not in backwards.update(name)
