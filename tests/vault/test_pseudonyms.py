from __future__ import annotations

import pytest

from dashboard.vault.pseudonyms import normalize, pseudonyms

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize("written", ["'0042A", " 0042a ", "\u200a0042\uff21", "0042A"])
def test_one_id_in_several_exports_is_one_customer(written: str) -> None:
    assert normalize(written) == "0042a"


def test_a_pseudonym_has_16_bytes_and_hangs_on_the_key() -> None:
    (here,), (there,) = pseudonyms(KEY, ["a@b.c"]), pseudonyms(OTHER, ["a@b.c"])
    assert len(here) == len(there) == 16
    assert here != there


def test_two_customers_never_share_a_pseudonym() -> None:
    assert len(set(pseudonyms(KEY, [str(number) for number in range(5000)]))) == 5000
