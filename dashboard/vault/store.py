"""The vault: customer tables as encrypted files, each locked by a key of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from dashboard.errors import ConfigurationError, InternalError, NotFoundError
from dashboard.vault.content import content_digest
from dashboard.vault.disk import destroy, write_whole
from dashboard.vault.keyring import rewrap_root, root_key
from dashboard.vault.keys import KEY_SIZE, derived, fingerprint
from dashboard.vault.pipelining import pipelined, side_by_side
from dashboard.vault.pseudonyms import CUSTOMER, SIZE, apart

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dashboard.vault.texts import StoredTexts

Purpose = Literal["staged", "dataset"]

_ID: Final = re.compile(r"[0-9a-f]{32}")
_STRAY_AGE: Final = timedelta(hours=1)
_MAGIC: Final = b"PARE"
PART: Final = 131_072
"""Rows that are stored together, and decrypted together."""

_COMPRESSION: Final = "lz4"
"""Read several times for each purchase, so that unpacking fast counts more than half the room."""

_LOCK_SUFFIX: Final = ".key"
_ROWS_SUFFIX: Final = ".rows"
_LOOK: Final = b"look"
_FACTS: Final = ("id", "owner", "purpose", "expires_at", "content", "key")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Vault:
    """A folder of encrypted tables that only the master key opens, each until its day.

    A table is two files. ``<id>.rows`` is Parquet encrypted with a random 256-bit key
    of its own. ``<id>.key`` holds that key, wrapped with AES-GCM under a key derived
    from the master key and bound to owner, id, purpose, day and content digest: change
    one of them, or swap two files, and nothing opens. Destroying the small file
    destroys the table, wherever copies of the large one are.

    Whatever belongs to another owner, has ended or never was is not found, in one
    same sentence. Keys derive from the master key for
    one use each: wrapping directly, and through a root key that stays when the master
    key changes (``keyring.py``) owners' tags, pseudonyms, content digests, lineages,
    suppressions, answers and the audit log.
    """

    def __init__(
        self,
        directory: Path,
        master_key: bytes,
        *,
        made_key: bool = False,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        if len(master_key) != KEY_SIZE:
            raise ConfigurationError("The vault's master key must be 32 bytes.")
        self.directory = directory
        self.made_key = made_key
        self._master_key = master_key
        self._now = now
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root_key = root_key(directory, master_key)

    def __repr__(self) -> str:
        return "Vault(…)"

    # ── keys ────────────────────────────────────────────────────────────────────────────
    def id_key(self, owner: str) -> bytes:
        """The key of this owner's pseudonyms.

        It is the same for all of an owner's uploads, so that an equal table is recognized
        and one customer base stays one; no two owners' pseudonyms can be joined. What is
        kept is :func:`pseudonyms.apart`, so that no two tables' can be, either.
        """
        return derived(self._root_key, "ids", owner)

    def table_key(self, owner: str, dataset_id: str) -> bytes:
        """The key that sets the pseudonyms of one table apart from all others'."""
        return derived(self._root_key, "table", owner, dataset_id)

    def suppression_key(self, owner: str) -> bytes:
        """The key of this owner's list of refusals, which outlives all tables."""
        return derived(self._root_key, "suppress", owner)

    def answers_key(self, owner: str) -> bytes:
        """The key of what this owner said that answers to consent mean."""
        return derived(self._root_key, "answers", owner)

    def sketch_key(self, owner: str) -> bytes:
        """The key that locks this owner's lineage sketches; see ``lineage.py``."""
        return derived(self._root_key, "lineage", owner)

    def look_key(self, owner: str) -> bytes:
        """The key under which a cluster names and digests this owner's rows; it opens nothing."""
        return derived(self._root_key, "look", owner)

    def audit_key(self) -> bytes:
        """The key that seals the audit log, so that who rewrites a line is found out."""
        return derived(self._root_key, "audit")

    def owner_tag(self, owner: str) -> str:
        """A name for the owner that tells nobody on disk who that is."""
        return fingerprint(derived(self._root_key, "owners"), [owner.encode()]).hex()[:32]

    def letters_key(self, owner: str) -> bytes:
        """The key that opens what this owner's customers sealed on their page."""
        return derived(self._root_key, "letters", owner)

    # ── tables ──────────────────────────────────────────────────────────────────────────
    def put(self, rows: pa.Table, *, owner: str, purpose: Purpose, expires_at: datetime) -> str:
        """Encrypt a table and keep it until a moment; returns its unguessable id.

        The customers of a dataset get names that no other table shares, in another order.
        """
        dataset_id = self.new_id()
        if purpose == "staged":
            return self._put(dataset_id, iter([rows]), owner, purpose, expires_at, "")
        parts = apart(rows, self.table_key(owner, dataset_id), PART)
        with ThreadPoolExecutor(1) as beside:
            digesting = beside.submit(self.content, rows, owner)
            first = next(parts)  # for which all names are made and put in order
        whole = chain([first], parts)
        return self._put(dataset_id, whole, owner, purpose, expires_at, digesting.result())

    def new_id(self) -> str:
        """An unguessable id for a table."""
        return secrets.token_hex(16)

    def put_parts(
        self,
        dataset_id: str,
        parts: Iterator[pa.Table],
        content: str,
        *,
        owner: str,
        expires_at: datetime,
    ) -> None:
        """Keep a table that never is in memory whole, under an id of :meth:`new_id`.

        Its customers have names under :meth:`table_key` already, and are in their order.
        """
        self._put(dataset_id, parts, owner, "dataset", expires_at, content)

    def put_look(self, look: str, content: str, *, owner: str, expires_at: datetime) -> str:
        """Keep how a table that stays on a cluster was looked at, until a moment: no row of it.

        ``content`` is the name of the rows that were seen.
        """
        import pyarrow as pa

        nobody = pa.table({CUSTOMER: pa.array([], pa.binary(SIZE))})
        rows = nobody.replace_schema_metadata({_LOOK: look.encode()})
        return self._put(self.new_id(), iter([rows]), owner, "dataset", expires_at, content)

    def look(self, dataset_id: str, owner: str) -> str | None:
        """How a table on a cluster was looked at; ``None`` of others; raises like :meth:`read`."""
        with _failing_closed(), self._opened(dataset_id, owner) as file:
            told = (file.schema_arrow.metadata or {}).get(_LOOK)
        return told.decode() if told else None

    def stage(self, pieces: Iterable[pa.Table], *, owner: str, expires_at: datetime) -> str:
        """Encrypt an upload piece by piece, as it is read; what ends midway leaves nothing."""
        return self.stage_parts(_parts_of(pieces), owner=owner, expires_at=expires_at)

    def stage_parts(self, parts: Iterator[pa.Table], *, owner: str, expires_at: datetime) -> str:
        """The same for parts of at most ``PART`` rows, each of which can be asked for alone."""
        return self._put(self.new_id(), parts, owner, "staged", expires_at, "")

    def _put(
        self,
        dataset_id: str,
        parts: Iterator[pa.Table],
        owner: str,
        purpose: Purpose,
        expires_at: datetime,
        content: str,
    ) -> str:
        import pyarrow.parquet as pq
        import pyarrow.parquet.encryption as pe

        data_key = secrets.token_bytes(KEY_SIZE)
        facts = {
            "id": dataset_id,
            "owner": self.owner_tag(owner),
            "purpose": purpose,
            "expires_at": expires_at.astimezone(UTC).isoformat(),
            "content": content,
        }
        locks = pe.create_encryption_properties(
            footer_key=data_key, aad_prefix=_aad(facts), store_aad_prefix=False
        )
        first = next(parts)

        def write_rows(path: Path) -> None:
            with pq.ParquetWriter(
                path,
                first.schema,
                compression=_COMPRESSION,
                use_dictionary=_labels_of(first.schema) if purpose == "dataset" else False,
                encryption_properties=locks,
                write_statistics=False,
            ) as writer:
                _write_beside(writer, chain([first], parts))

        write_whole(self._path(dataset_id, _ROWS_SUFFIX), write_rows)
        facts["key"] = _wrapped(self._master_key, data_key, facts)
        _write_lock(self._path(dataset_id, _LOCK_SUFFIX), facts)
        return dataset_id

    def texts(self, staged_id: str, owner: str, parts: Sequence[int] | None = None) -> StoredTexts:
        """An upload's columns, each decrypted when it is asked for; raises like :meth:`read`."""
        from dashboard.vault.texts import StoredTexts

        @contextmanager
        def opened() -> Iterator[pq.ParquetFile]:
            with _failing_closed(), self._opened(staged_id, owner) as file:
                yield file

        return StoredTexts(opened, parts)

    def read(self, dataset_id: str, owner: str, parts: Sequence[int] | None = None) -> pa.Table:
        """The whole table, or some of the parts in which it was stored.

        Raises:
            NotFoundError: there is no such table of this owner's, or it ended.
            InternalError: its file was changed, or the key is another.
        """
        with _failing_closed(), self._opened(dataset_id, owner) as file:
            return file.read() if parts is None else file.read_row_groups(list(parts))

    def batches(
        self, dataset_id: str, owner: str, columns: Sequence[str], batch_rows: int = 16_384
    ) -> Iterator[pa.RecordBatch]:
        """The table piece by piece, with the named columns only; raises like :meth:`read`."""
        with _failing_closed():
            files = [self._opened(dataset_id, owner)]
            files += [self._opened(dataset_id, owner) for _ in range(1, _readers_of(files[0]))]
        return _pieces(files, columns, batch_rows)

    def columns(self, dataset_id: str, owner: str) -> tuple[str, ...]:
        """The names of the table's columns; raises like :meth:`read`."""
        with _failing_closed(), self._opened(dataset_id, owner) as file:
            return tuple(file.schema_arrow.names)

    def content_key(self, dataset_id: str, owner: str) -> str:
        """A keyed digest of the rows: the same customers given twice have the same one.

        Worked out when the table is put, over rows in the order of their pseudonyms,
        so it depends neither on the id nor on the order in the file.
        """
        return str(self._facts(dataset_id, owner)["content"])

    def content(self, rows: pa.Table, owner: str) -> str:
        """What :meth:`content_key` says of a table of such rows."""
        return content_digest(derived(self._root_key, "content", owner), rows)

    def content_of_shares(self, contents: Sequence[str], owner: str) -> str:
        """The same for rows whose shares of customers were digested one after the other."""
        key = derived(self._root_key, "content", owner)
        return fingerprint(key, [each.encode() for each in contents]).hex()

    def rotate(self, new_master_key: bytes) -> int:
        """Lock everything under a new master key; says for how many tables that was done.

        Only the small files are written again; no row is read. If it stops in between, the
        old key still opens the root key, and a second run does the rest.
        """
        if len(new_master_key) != KEY_SIZE:
            raise ConfigurationError("The vault's master key must be 32 bytes.")
        rewrapped = 0
        for path in sorted(self.directory.glob(f"*{_LOCK_SUFFIX}")):
            facts = _stored(path)
            data_key = _opened_by(self._master_key, facts) if facts else None
            if facts and data_key:
                _write_lock(path, {**facts, "key": _wrapped(new_master_key, data_key, facts)})
                rewrapped += 1
        rewrap_root(self.directory, self._root_key, new_master_key)
        self._master_key = new_master_key
        return rewrapped

    # ── ends ────────────────────────────────────────────────────────────────────────────
    def shred(self, dataset_id: str, owner: str) -> None:
        """Destroy a table: its key first, then its file. Copies of the file stay locked.

        Raises:
            NotFoundError: there is no such table of this owner's, or it ended.
        """
        self._facts(dataset_id, owner)
        self._destroy(dataset_id)

    def purge(self, now: datetime) -> int:
        """Destroy every table past its moment, staged ones too; says how many there were.

        Leftovers of an interrupted write go as well, once they are an hour old.
        """
        ended = 0
        for path in sorted(self.directory.glob(f"*{_LOCK_SUFFIX}")):
            facts = _stored(path)
            if facts is None or datetime.fromisoformat(facts["expires_at"]) <= now:
                self._destroy(path.stem)
                ended += 1
        for path in self.directory.iterdir():
            if path.is_file() and self._is_stray(path, now):
                path.unlink(missing_ok=True)
        return ended

    def forget(self, owner: str) -> int:
        """Destroy every table of one owner's; says how many there were."""
        tag = self.owner_tag(owner)
        paths = sorted(self.directory.glob(f"*{_LOCK_SUFFIX}"))
        theirs = [path.stem for path in paths if (_stored(path) or {}).get("owner") == tag]
        for dataset_id in theirs:
            self._destroy(dataset_id)
        return len(theirs)

    def _is_stray(self, path: Path, now: datetime) -> bool:
        try:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return False
        whole = self._path(path.stem, _LOCK_SUFFIX).exists() and path.suffix == _ROWS_SUFFIX
        return not whole and path.suffix != _LOCK_SUFFIX and now - written > _STRAY_AGE

    def _destroy(self, dataset_id: str) -> None:
        destroy(self._path(dataset_id, _LOCK_SUFFIX))
        self._path(dataset_id, _ROWS_SUFFIX).unlink(missing_ok=True)

    # ── locks ───────────────────────────────────────────────────────────────────────────
    def _path(self, dataset_id: str, suffix: str) -> Path:
        return self.directory / f"{dataset_id}{suffix}"

    def _facts(self, dataset_id: str, owner: str) -> dict[str, Any]:
        known = _ID.fullmatch(dataset_id) is not None
        facts = _stored(self._path(dataset_id, _LOCK_SUFFIX)) if known else None
        if (
            facts is None
            or facts["owner"] != self.owner_tag(owner)
            or datetime.fromisoformat(facts["expires_at"]) <= self._now()
        ):
            raise _not_found()
        return facts

    def _opened(self, dataset_id: str, owner: str) -> pq.ParquetFile:
        import pyarrow.parquet as pq
        import pyarrow.parquet.encryption as pe

        facts = self._facts(dataset_id, owner)
        keys = pe.create_decryption_properties(
            footer_key=self._unwrapped(facts), aad_prefix=_aad(facts)
        )
        path = self._path(dataset_id, _ROWS_SUFFIX)
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:  # the only bytes that no tag covers
                raise _changed()
        return pq.ParquetFile(path, decryption_properties=keys)

    def _unwrapped(self, facts: dict[str, Any]) -> bytes:
        data_key = _opened_by(self._master_key, facts)
        if data_key is None:
            raise _changed()
        return data_key


def _write_lock(path: Path, facts: dict[str, Any]) -> None:
    content = json.dumps(facts).encode()
    write_whole(path, lambda draft: draft.write_bytes(content))


def _wrapped(master_key: bytes, data_key: bytes, facts: dict[str, Any]) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    lock = AESGCM(derived(master_key, "wrap"))
    return (nonce + lock.encrypt(nonce, data_key, _aad(facts))).hex()


def _opened_by(master_key: bytes, facts: dict[str, Any]) -> bytes | None:
    """A table's own key; ``None`` where this master key doesn't open it, or a fact was changed."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        sealed = bytes.fromhex(facts["key"])
        return AESGCM(derived(master_key, "wrap")).decrypt(sealed[:12], sealed[12:], _aad(facts))
    except (InvalidTag, ValueError):
        return None


def _write_beside(writer: pq.ParquetWriter, parts: Iterable[pa.Table]) -> None:
    """Encrypt each part while the next one is made."""

    def write(part: pa.Table) -> None:
        writer.write_table(part, row_group_size=PART)

    for _ in pipelined(write, parts):
        pass


def _labels_of(schema: pa.Schema) -> list[str]:
    """The columns of texts: few labels take little room, and numbers differ too much."""
    import pyarrow as pa

    return [field.name for field in schema if pa.types.is_string(field.type)]


def _parts_of(pieces: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Pieces of any size, put together to parts of the size in which they are stored."""
    import pyarrow as pa

    held: list[pa.Table] = []
    for piece in pieces:
        held.append(piece)
        if sum(each.num_rows for each in held) >= PART:
            together = pa.concat_tables(held)
            whole = together.num_rows - together.num_rows % PART
            yield together.slice(0, whole)
            held = [together.slice(whole)]
    yield pa.concat_tables(held)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such customer table here. It may have ended.")


def _changed() -> InternalError:
    return InternalError(
        "This customer table can't be opened: its file was changed, or the vault has another key. "
        "Put the right key back, or give the file again."
    )


@contextmanager
def _failing_closed() -> Iterator[None]:
    """Whatever a damaged or swapped file makes the reader say, one sentence comes out."""
    try:
        yield
    except FileNotFoundError:
        raise _not_found() from None
    except (OSError, ValueError):  # Arrow's errors are kinds of these
        raise _changed() from None


def _readers_of(file: pq.ParquetFile) -> int:
    """How many parts of a table are decrypted at the same time: one for each core."""
    return max(1, min(os.cpu_count() or 1, int(file.num_row_groups)))


def _pieces(
    files: Sequence[pq.ParquetFile], columns: Sequence[str], batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """The parts in their order; those that come next are decrypted while one is used.

    The file is open as often as parts are decrypted at once: a reader does one thing at a time.
    """
    parts, readers = files[0].num_row_groups, len(files)

    def part(place: int) -> pa.Table:
        reader = files[place % readers]
        return reader.read_row_group(place, columns=list(columns), use_threads=False)

    with _failing_closed(), ExitStack() as opened:
        for file in files:
            opened.enter_context(file)
        tables = side_by_side(part, range(parts), readers, readers)
        for rows in opened.enter_context(closing(tables)):  # before the files are
            yield from rows.to_batches(max_chunksize=batch_rows)


def _aad(facts: dict[str, Any]) -> bytes:
    """What a key is bound to: all that the small file says, except the wrapped key itself."""
    bound = {name: value for name, value in facts.items() if name != "key"}
    return json.dumps(bound, sort_keys=True, separators=(",", ":")).encode()


def _stored(path: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads(path.read_bytes())
        datetime.fromisoformat(facts["expires_at"])
        return {name: str(facts[name]) for name in _FACTS}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
