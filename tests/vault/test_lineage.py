from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.errors import InternalError
from dashboard.vault.lineage import (
    SKETCH_SIZE,
    absorbed_by,
    forget_lineages,
    lineage_of,
    overlap,
    sketch,
)
from dashboard.vault.pseudonyms import pseudonyms
from dashboard.vault.store import Vault

KEY = b"k" * 32


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", KEY)


def _people(first: int, last: int) -> list[bytes]:
    return pseudonyms(KEY, [f"person {number}" for number in range(first, last)])


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


def test_a_tiny_overlap_does_not_join(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    assert lineage_of(vault, "me", _people(2990, 6000)) != first


def test_a_base_that_bridges_two_absorbs_the_smaller_overlap(vault: Vault) -> None:
    first = lineage_of(vault, "me", _people(0, 3000))
    second = lineage_of(vault, "me", _people(5000, 8000))
    assert lineage_of(vault, "me", _people(1000, 5400)) == first
    assert absorbed_by(vault, "me", first) == (second,)
    assert lineage_of(vault, "me", _people(5000, 8000)) == first
    assert absorbed_by(vault, "me", second) == ()


def test_tables_without_ids_share_one_base_per_owner(vault: Vault) -> None:
    first = lineage_of(vault, "me", None)
    assert lineage_of(vault, "me", None) == first
    assert lineage_of(vault, "you", None) != first


def test_owners_never_meet(vault: Vault) -> None:
    assert lineage_of(vault, "me", _people(0, 3000)) != lineage_of(vault, "you", _people(0, 3000))


def test_overlap_is_estimated_well_enough() -> None:
    here, there = (sketch(KEY, _people(*span)) for span in ((0, 20_000), (16_000, 36_000)))
    assert len(here) == SKETCH_SIZE
    assert 0.14 < overlap(here, there) < 0.26
    assert overlap(here, here) == 1.0
    assert overlap(here, ()) == 0.0


def test_sketches_lie_encrypted_and_purging_leaves_them(vault: Vault) -> None:
    from datetime import UTC, datetime

    first = lineage_of(vault, "me", _people(0, 50))
    hashes = sketch(KEY, _people(0, 50))
    for path in (vault.directory / "lineages").iterdir():
        content = path.read_bytes()
        assert first.encode() not in content
        assert str(hashes[0]).encode() not in content
        assert b"sketch" not in content
        assert path.stat().st_mode & 0o077 == 0
    vault.purge(datetime(2999, 1, 1, tzinfo=UTC))
    vault.forget("me")
    assert lineage_of(vault, "me", _people(0, 50)) == first


def test_a_changed_sketch_or_another_key_opens_nothing(vault: Vault) -> None:
    lineage_of(vault, "me", _people(0, 50))
    (path,) = (p for p in (vault.directory / "lineages").iterdir() if p.suffix != ".lock")
    path.write_bytes(path.read_bytes()[:-1] + b"x")
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
        "own = [b'%d-%d' % (base, n) for n in range(200)]\n"
        "both = [b'both %d' % n for n in range(200)]\n"
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
