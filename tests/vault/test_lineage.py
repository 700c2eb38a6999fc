from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dashboard.errors import InternalError
from dashboard.vault import lineage
from dashboard.vault.keys import derived
from dashboard.vault.lineage import (
    absorbed_by,
    forget_lineages,
    hashes_of,
    lineage_of,
    sampled,
)
from dashboard.vault.store import Vault

KEY = b"k" * 32


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", KEY)


def _people(first: int, last: int) -> list[str]:
    return [f"person {number}" for number in range(first, last)]


def test_the_same_people_in_any_order_are_one_base(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    assert len(first) == 32
    assert lineage_of(vault, "me", reversed(_people(0, 3000))) == first


def test_strangers_are_another_base(vault: Vault) -> None:
    assert lineage_of(vault, "me", _people(0, 3000)) != lineage_of(vault, "me", _people(3000, 6000))


def test_a_part_and_a_padded_file_join_their_base(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    assert lineage_of(vault, "me", _people(100, 160)) == first
    assert lineage_of(vault, "me", _people(0, 30_000)) == first


def test_next_month_s_file_joins_and_carries_the_base_on(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    assert lineage_of(vault, "me", _people(1500, 4500)) == first
    assert lineage_of(vault, "me", _people(3200, 6000)) == first


def test_one_shared_customer_is_enough_to_join(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    assert lineage_of(vault, "me", _people(2999, 60_000)) == first


def test_a_base_that_bridges_two_absorbs_the_smaller_overlap(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    second = lineage_of(vault, "me", _people(5000, 8000))
    assert lineage_of(vault, "me", _people(1000, 5400)) == first
    assert absorbed_by(vault, "me", first) == (second,)
    assert lineage_of(vault, "me", _people(5000, 8000)) == first
    assert absorbed_by(vault, "me", second) == ()


def test_tables_without_ids_share_one_base_per_owner(vault: Vault) -> None:
    first = lineage_of(vault, "me", [], nameless=True)
    assert lineage_of(vault, "me", []) == first
    assert lineage_of(vault, "you", [], nameless=True) != first


def test_a_table_in_which_some_have_no_id_joins_those_without(vault: Vault) -> None:
    first = lineage_of(vault, "me", [], nameless=True)
    assert lineage_of(vault, "me", ["one@x.example"], nameless=True) == first
    assert lineage_of(vault, "me", ["one@x.example", "two@x.example"]) == first


def test_a_very_large_base_keeps_a_sample_that_no_padding_can_dilute(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MOST_HASHES", 100)
    first = lineage_of(vault, "me", [*_people(0, 300), *(f"made {n}" for n in range(20_000))])
    made = [f"new {n}" for n in range(20_000)]
    assert lineage_of(vault, "me", [*_people(0, 300), *made]) == first
    hashes = hashes_of(KEY, made)
    kept = sampled(hashes)
    assert 1_000 < len(kept) < 1_500
    assert (kept == hashes[: len(kept)]).all()


def test_the_mark_of_those_without_an_id_stays_in_every_sample(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MOST_HASHES", 1)
    first = lineage_of(vault, "me", _people(0, 5_000), nameless=True)
    assert lineage_of(vault, "me", []) == first


def test_hashes_are_in_order_each_once_and_nothing_without_the_key() -> None:
    hashes = hashes_of(KEY, [*_people(0, 50), *_people(0, 50)])
    assert hashes.dtype == np.uint64
    assert (np.diff(hashes.astype(object)) > 0).all()
    assert len(hashes) == 50
    assert not set(hashes) & set(hashes_of(b"other", _people(0, 50)))


def test_nothing_is_written_where_nothing_is_new(vault: Vault) -> None:
    lineage_of(vault, "me", _people(0, 50))
    (path,) = (p for p in (vault.directory / "lineages").iterdir() if p.suffix != ".lock")
    before = path.read_bytes()
    lineage_of(vault, "me", _people(10, 20))
    assert path.read_bytes() == before


def test_owners_never_meet(vault: Vault) -> None:
    assert lineage_of(vault, "me", _people(0, 3000)) != lineage_of(vault, "you", _people(0, 3000))


def test_hashes_lie_encrypted_and_purging_leaves_them(vault: Vault) -> None:
    from datetime import UTC, datetime

    first = lineage_of(vault, "me", _people(0, 50))
    hashes = hashes_of(derived(vault.sketch_key("me"), "hashes"), _people(0, 50))
    for path in (vault.directory / "lineages").iterdir():
        content = path.read_bytes()
        assert first.encode() not in content
        assert hashes[0].tobytes() not in content
        assert b"hashes" not in content
        assert path.stat().st_mode & 0o077 == 0
    vault.purge(datetime(2999, 1, 1, tzinfo=UTC))
    vault.forget("me")
    assert lineage_of(vault, "me", _people(0, 50)) == first


def test_a_changed_file_or_another_key_opens_nothing(vault: Vault) -> None:
    lineage_of(vault, "me", _people(0, 50))
    (path,) = (p for p in (vault.directory / "lineages").iterdir() if p.suffix != ".lock")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(InternalError, match="was changed"):
        lineage_of(vault, "me", _people(0, 50))


def test_forgotten_lineages_start_afresh(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 50))
    forget_lineages(vault, "me")
    assert lineage_of(vault, "me", _people(0, 50)) != first


def test_processes_at_once_agree_on_one_lineage(tmp_path: Path) -> None:
    script = (
        "import json, sys; from pathlib import Path\n"
        "from dashboard.vault.lineage import lineage_of\n"
        "from dashboard.vault.store import Vault\n"
        "vault = Vault(Path(sys.argv[1]), b'k' * 32)\n"
        "base = int(sys.argv[2])\n"
        "own = ['%d-%06d' % (base, n) for n in range(200)]\n"
        "both = ['both%04d' % n for n in range(200)]\n"
        "print(json.dumps([lineage_of(vault, 'me', own), lineage_of(vault, 'me', both)]))\n"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "vault"), str(number)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        for number in range(4)
    ]
    answers = [json.loads(each.communicate(timeout=60)[0]) for each in running]
    assert len({both for _, both in answers}) == 1
    assert len({own for own, _ in answers}) == 4
