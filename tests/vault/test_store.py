from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dashboard.errors import ConfigurationError, InternalError, NotFoundError
from dashboard.vault import opening, store
from dashboard.vault.opening import open_vault, rotate_key
from dashboard.vault.store import Vault
from dashboard.vault.texts import looked_at

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=90)
MAIL, NUMBER = "zz.canary@secret.example", 918273645.25
ROWS = pa.table(
    {
        "customer": pa.array([bytes([n]) * 16 for n in range(9)], pa.binary(16)),
        "mail_of_canary": [MAIL, None, *["x"] * 7],
        "spend": [NUMBER, None, 3.5, *[0.0] * 6],
        "member": pa.array([1, 0, None, *[1] * 6], pa.int8()),
    }
)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", KEY, now=lambda: NOW)


def _put(vault: Vault, rows: pa.Table = ROWS, owner: str = "me", until: datetime = LATER) -> str:
    return vault.put(rows, owner=owner, purpose="dataset", expires_at=until)


def _same(kept: pa.Table) -> bool:
    """The same rows as were put, under other names and in another order."""
    assert kept.schema == ROWS.schema
    rest = [name for name in ROWS.column_names if name != "customer"]
    return sorted(map(str, kept.select(rest).to_pylist())) == sorted(
        map(str, ROWS.select(rest).to_pylist())
    )


def _tables(vault: Vault) -> list[Path]:
    """The files of tables; keys and what outlives tables lie in folders of their own."""
    return [path for path in vault.directory.iterdir() if path.is_file()]


def _rows_file(vault: Vault, dataset_id: str) -> Path:
    return vault.directory / f"{dataset_id}.rows"


def test_what_was_put_is_read_back(vault: Vault) -> None:
    dataset_id = _put(vault)
    assert len(bytes.fromhex(dataset_id)) == 16
    assert _same(vault.read(dataset_id, "me"))
    assert vault.columns(dataset_id, "me") == tuple(ROWS.column_names)
    pieces = list(vault.batches(dataset_id, "me", ["spend"], batch_rows=4))
    assert [piece.num_rows for piece in pieces] == [4, 4, 1]
    assert sorted(map(str, pa.Table.from_batches(pieces)["spend"].to_pylist())) == sorted(
        map(str, ROWS["spend"].to_pylist())
    )


def test_parts_that_are_decrypted_side_by_side_come_in_their_order(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PART", 2)
    dataset_id = _put(vault)
    pieces = list(vault.batches(dataset_id, "me", ["spend"]))
    assert [piece.num_rows for piece in pieces] == [2, 2, 2, 2, 1]
    whole = vault.read(dataset_id, "me")["spend"].to_pylist()
    assert list(map(str, pa.Table.from_batches(pieces)["spend"].to_pylist())) == list(
        map(str, whole)
    )
    assert next(vault.batches(dataset_id, "me", ["spend"])).equals(pieces[0])


def test_a_part_that_was_changed_is_refused_and_those_before_it_are_read(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PART", 2)
    dataset_id = _put(vault)
    with vault._opened(dataset_id, "me") as file:
        last = file.metadata.row_group(4).column(ROWS.column_names.index("spend"))
    path = _rows_file(vault, dataset_id)
    content = bytearray(path.read_bytes())
    content[last.data_page_offset + last.total_compressed_size - 1] ^= 1
    path.write_bytes(content)
    pieces = vault.batches(dataset_id, "me", ["spend"])
    assert sum(next(pieces).num_rows for _ in range(4)) == 8
    with pytest.raises(InternalError, match="can't be opened"):
        next(pieces)


def test_a_table_without_rows_is_kept_too(vault: Vault) -> None:
    assert vault.read(_put(vault, ROWS.slice(0, 0)), "me").num_rows == 0


def test_no_value_and_no_column_name_lies_on_disk(vault: Vault) -> None:
    dataset_id = _put(vault)
    assert _rows_file(vault, dataset_id).read_bytes()[:4] == b"PARE"
    import struct

    for path in filter(Path.is_file, vault.directory.rglob("*")):
        content = path.read_bytes()
        for secret in (b"canary", b"spend", struct.pack("<d", NUMBER), b'"me"', KEY):
            assert secret not in content


def test_files_belong_to_their_owner_alone(vault: Vault) -> None:
    _put(vault)
    assert stat.S_IMODE(vault.directory.stat().st_mode) == 0o700
    for path in vault.directory.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert len(_tables(vault)) == 2


def test_a_wrong_key_opens_nothing(vault: Vault) -> None:
    dataset_id = _put(vault)
    with pytest.raises(ConfigurationError, match="locked by another key"):
        Vault(vault.directory, OTHER_KEY, now=lambda: NOW)
    (vault.directory / "keys" / "root").unlink()  # not even for who removes the root key
    with pytest.raises((InternalError, NotFoundError)):
        Vault(vault.directory, OTHER_KEY, now=lambda: NOW).read(dataset_id, "me")


def test_a_swapped_file_does_not_open(vault: Vault) -> None:
    here, there = _put(vault), _put(vault)
    _rows_file(vault, there).replace(_rows_file(vault, here))
    with pytest.raises(InternalError, match="was changed"):
        vault.read(here, "me")


def test_a_swapped_key_does_not_open(vault: Vault) -> None:
    here, there = _put(vault), _put(vault)
    locks = [vault.directory / f"{each}.key" for each in (here, there)]
    mine, other = (json.loads(lock.read_bytes()) for lock in locks)
    locks[0].write_text(json.dumps({**mine, "key": other["key"]}))
    with pytest.raises(InternalError, match="was changed"):
        vault.read(here, "me")


def test_a_day_put_off_by_hand_does_not_open(vault: Vault) -> None:
    lock = vault.directory / f"{_put(vault)}.key"
    facts = json.loads(lock.read_bytes())
    lock.write_text(json.dumps({**facts, "expires_at": "2099-01-01T00:00:00+00:00"}))
    with pytest.raises(InternalError, match="was changed"):
        vault.read(lock.stem, "me")


def test_one_flipped_byte_anywhere_is_noticed(vault: Vault) -> None:
    dataset_id = _put(vault)
    path = _rows_file(vault, dataset_id)
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(InternalError, match="was changed"):
            vault.read(dataset_id, "me")


def test_a_plain_file_put_in_its_place_does_not_open(vault: Vault) -> None:
    import pyarrow.parquet as pq

    dataset_id = _put(vault)
    pq.write_table(ROWS, _rows_file(vault, dataset_id))
    with pytest.raises(InternalError, match="was changed"):
        vault.read(dataset_id, "me")


def test_what_ended_never_was_or_is_another_s_is_not_found_alike(vault: Vault) -> None:
    theirs = _put(vault, owner="you")
    ended = _put(vault, until=NOW)
    gone = _put(vault)
    vault.shred(gone, "me")
    said = set()
    for dataset_id in (theirs, ended, gone, "0" * 32, "../master", "", "x" * 32):
        for ask in (
            lambda name: vault.read(name, "me"),
            lambda name: vault.columns(name, "me"),
            lambda name: vault.batches(name, "me", ["spend"]),
            lambda name: vault.content_key(name, "me"),
            lambda name: vault.shred(name, "me"),
        ):
            with pytest.raises(NotFoundError) as refusal:
                ask(dataset_id)
            said.add(str(refusal.value))
    assert len(said) == 1
    assert _same(vault.read(theirs, "you"))


def test_a_copy_kept_before_shredding_stays_closed(vault: Vault) -> None:
    dataset_id = _put(vault)
    copy = _rows_file(vault, dataset_id).read_bytes()
    vault.shred(dataset_id, "me")
    assert _tables(vault) == []
    _rows_file(vault, dataset_id).write_bytes(copy)
    with pytest.raises(NotFoundError):
        vault.read(dataset_id, "me")
    with pytest.raises(NotFoundError):
        Vault(vault.directory, KEY, now=lambda: NOW).read(dataset_id, "me")


def test_shredding_destroys_the_key_even_where_the_file_cannot_go(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset_id = _put(vault)
    unlink = Path.unlink

    def stuck(path: Path, *, missing_ok: bool = False) -> None:
        if path.suffix == ".rows":
            raise PermissionError
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", stuck)
    with pytest.raises(PermissionError):
        vault.shred(dataset_id, "me")
    assert [path.suffix for path in _tables(vault)] == [".rows"]


def test_purging_destroys_what_ended_and_leftovers(vault: Vault) -> None:
    lasting, ended = _put(vault), _put(vault, until=NOW)
    staged = vault.put(ROWS, owner="me", purpose="staged", expires_at=NOW - timedelta(hours=1))
    stray, fresh = vault.directory / "old.draft", vault.directory / "new.draft"
    orphan = vault.directory / f"{'a' * 32}.rows"
    for path in (stray, fresh, orphan):
        path.write_bytes(b"x")
    for path, age in ((stray, 2), (orphan, 2), (fresh, 0)):
        moment = (NOW - timedelta(hours=age)).timestamp()
        os.utime(path, (moment, moment))
    assert vault.purge(NOW) == 2
    names = {path.name for path in _tables(vault)}
    assert names == {f"{lasting}.key", f"{lasting}.rows", "new.draft"}
    assert ended not in str(names)
    assert staged not in str(names)
    assert vault.purge(LATER) == 1


def test_forgetting_an_owner_leaves_the_others(vault: Vault) -> None:
    _put(vault)
    _put(vault)
    theirs = _put(vault, owner="you")
    assert vault.forget("me") == 2
    assert _same(vault.read(theirs, "you"))


def test_the_same_rows_have_the_same_content_key_in_any_order(vault: Vault) -> None:
    first, second = _put(vault), _put(vault, ROWS.take([3, 1, 0, 2, 8, 7, 6, 5, 4]))
    assert first != second
    assert vault.content_key(first, "me") == vault.content_key(second, "me")
    swapped = ROWS.select(["spend", "customer", "member", "mail_of_canary"])
    assert vault.content_key(_put(vault, swapped), "me") == vault.content_key(first, "me")


def test_other_rows_owners_and_keys_have_other_content_keys(vault: Vault, tmp_path: Path) -> None:
    blank_to_zero = ROWS.set_column(2, "spend", ROWS.column("spend").fill_null(0.0))
    blank_to_text = ROWS.set_column(1, "mail_of_canary", ROWS.column(1).fill_null(""))
    renamed = ROWS.rename_columns(["customer", "mail", "spend", "member"])
    elsewhere = Vault(tmp_path / "other", OTHER_KEY, now=lambda: NOW)
    found = [
        vault.content_key(_put(vault, rows), "me")
        for rows in (ROWS, ROWS.slice(1), blank_to_zero, blank_to_text, renamed)
    ]
    found.append(vault.content_key(_put(vault, owner="you"), "you"))
    found.append(elsewhere.content_key(_put(elsewhere), "me"))
    assert len(set(found)) == 7


def test_rows_without_pseudonyms_have_a_content_key_too(vault: Vault) -> None:
    rows = pa.table({"plan": ["a", None, "a"], "spend": [1.0, 2.0, None]})
    first, second = _put(vault, rows), _put(vault, rows.take([2, 1, 0]))
    assert vault.content_key(first, "me") == vault.content_key(second, "me")


def test_no_pseudonym_joins_two_tables(vault: Vault) -> None:
    one, two = (vault.read(_put(vault), "me").column("customer").to_pylist() for _ in range(2))
    assert len({*one, *two, *ROWS.column("customer").to_pylist()}) == 3 * ROWS.num_rows
    assert one == sorted(one)


def test_a_new_master_key_opens_all_that_the_old_one_did(vault: Vault, tmp_path: Path) -> None:
    kept, staged = _put(vault), vault.put(ROWS, owner="me", purpose="staged", expires_at=LATER)
    rows = {path: path.read_bytes() for path in _tables(vault) if path.suffix == ".rows"}
    before = vault.read(kept, "me")
    keys = [vault.id_key("me"), vault.audit_key(), vault.suppression_key("me")]
    assert vault.rotate(OTHER_KEY) == 2
    fresh = Vault(vault.directory, OTHER_KEY, now=lambda: NOW)
    for each in (vault, fresh):
        assert each.read(kept, "me").equals(before)
        assert each.read(staged, "me").equals(ROWS)
        assert [each.id_key("me"), each.audit_key(), each.suppression_key("me")] == keys
    assert {path: path.read_bytes() for path in rows} == rows  # no row was written again
    with pytest.raises(ConfigurationError, match="locked by another key"):
        Vault(vault.directory, KEY)


def test_an_interrupted_change_of_keys_is_finished_by_a_second_one(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [_put(vault) for _ in range(3)]
    write, written = store.write_whole, []

    def stopping(path: Path, writing: Any) -> None:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        write(path, writing)

    monkeypatch.setattr(store, "write_whole", stopping)
    with pytest.raises(KeyboardInterrupt):
        vault.rotate(OTHER_KEY)
    monkeypatch.undo()
    again = Vault(vault.directory, KEY, now=lambda: NOW)
    assert again.rotate(OTHER_KEY) == 1
    fresh = Vault(vault.directory, OTHER_KEY, now=lambda: NOW)
    assert all(_same(fresh.read(each, "me")) for each in tables)


def test_a_vault_from_before_root_keys_opens_as_it_was(tmp_path: Path) -> None:
    older = Vault(tmp_path / "older", KEY, now=lambda: NOW)
    older._root_key = KEY  # what every key was derived from then
    dataset_id = _put(older)
    (older.directory / "keys" / "root").unlink()
    opened = Vault(older.directory, KEY, now=lambda: NOW)
    assert _same(opened.read(dataset_id, "me"))
    assert opened.id_key("me") == older.id_key("me")


def test_the_key_file_can_be_renewed_or_given_up_for_a_given_key(tmp_path: Path) -> None:
    folder, key_file = tmp_path / "vault", tmp_path / "master.key"
    first = open_vault(folder, None, make_key=True)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    dataset_id, old = _put(first, until=tomorrow), key_file.read_bytes()
    assert rotate_key(first, None, has_file=True) == 1
    assert key_file.read_bytes() != old
    again = open_vault(folder, None, make_key=True)
    assert _same(again.read(dataset_id, "me"))
    assert rotate_key(again, KEY, has_file=True) == 1
    assert not key_file.exists()
    assert _same(open_vault(folder, KEY, make_key=True).read(dataset_id, "me"))
    with pytest.raises(ConfigurationError, match="DASHBOARD_NEW_MASTER_KEY"):
        rotate_key(again, None, has_file=False)


def test_a_renewal_of_the_key_file_that_stopped_before_its_last_step_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "vault"
    first = open_vault(folder, None, make_key=True)
    dataset_id = _put(first, until=datetime.now(UTC) + timedelta(days=1))

    def stopping(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(opening, "use_next_key_file", stopping)
    with pytest.raises(KeyboardInterrupt):
        rotate_key(first, None, has_file=True)
    monkeypatch.undo()
    assert _same(open_vault(folder, None, make_key=True).read(dataset_id, "me"))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["master.key"]


def test_pseudonym_keys_differ_by_owner_and_stay(vault: Vault) -> None:
    assert vault.id_key("me") == Vault(vault.directory, KEY).id_key("me")
    assert len({vault.id_key("me"), vault.id_key("you"), vault.sketch_key("me"), KEY}) == 4


def test_the_given_key_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    assert not open_vault(tmp_path / "vault", KEY, make_key=True).made_key
    assert not (tmp_path / "master.key").exists()


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = open_vault(tmp_path / "data" / "vault", None, make_key=True)
    key_file = tmp_path / "data" / "master.key"
    assert first.made_key
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert len(key_file.read_bytes()) == 32
    assert [path.name for path in key_file.parent.iterdir() if path.is_file()] == ["master.key"]
    again = open_vault(tmp_path / "data" / "vault", None, make_key=True)
    assert not again.made_key
    assert again.id_key("me") == first.id_key("me")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    open_vault(tmp_path / "vault", None, make_key=True)
    (tmp_path / "master.key").chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        open_vault(tmp_path / "vault", None, make_key=True)


def test_a_key_file_without_a_key_or_behind_a_link_is_refused(tmp_path: Path) -> None:
    key_file = tmp_path / "master.key"
    key_file.write_bytes(b"short")
    key_file.chmod(0o600)
    with pytest.raises(ConfigurationError, match="doesn't hold a key"):
        open_vault(tmp_path / "vault", None, make_key=True)
    key_file.rename(tmp_path / "elsewhere")
    key_file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="can't be opened"):
        open_vault(tmp_path / "vault", None, make_key=True)


def test_without_a_key_the_vault_stays_closed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="DASHBOARD_MASTER_KEY"):
        open_vault(tmp_path / "vault", None, make_key=False)
    with pytest.raises(ConfigurationError, match="32 bytes"):
        Vault(tmp_path / "vault", b"short")


def test_a_vault_never_shows_its_key(vault: Vault) -> None:
    assert repr(vault) == "Vault(…)"


def test_an_upload_is_staged_piece_by_piece_and_read_column_by_column(vault: Vault) -> None:
    schema = pa.schema({"a": pa.string(), "b": pa.string()})
    sizes = (3, 0, 200_000, 70_000)
    pieces = [pa.table({"a": [str(n)] * n, "b": ["x"] * n}, schema) for n in sizes]
    staged = vault.stage(iter(pieces), owner="me", expires_at=LATER)
    texts, whole = vault.texts(staged, "me"), pa.concat_tables(pieces)
    assert texts.num_rows == whole.num_rows
    assert texts.column("a").equals(whole.column("a"))
    for start, length in ((0, 5), (131_070, 10), (269_990, 100), (0, whole.num_rows)):
        assert texts.slice(start, length).equals(whole.slice(start, length))
    assert looked_at(texts).num_rows == whole.num_rows


def test_a_part_that_cannot_be_written_ends_the_upload(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are written beside the reading of the next; a full disk is told all the same."""
    import pyarrow.parquet as pq

    def full(*_part: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space"):
        vault.stage(iter([pa.table({"a": ["1"] * 300_000})]), owner="me", expires_at=LATER)
    assert [each for each in vault.directory.iterdir() if each.is_file()] == []


def test_an_upload_that_ends_midway_leaves_nothing(vault: Vault) -> None:
    def pieces() -> Iterator[pa.Table]:
        yield pa.table({"a": ["1"] * 140_000})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vault.stage(pieces(), owner="me", expires_at=LATER)
    assert [each for each in vault.directory.iterdir() if each.is_file()] == []
