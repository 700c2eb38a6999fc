"""Names that only this workspace's key can make: a customer's id goes in, 16 bytes come out.

A name is a message authentication code (CBC-MAC under AES-256) of the id's normal form.
The form's length comes first, so no message begins another, and then the code of a
message can't be told from random bytes without the key (Petrank and Rackoff, 2000), but
for a chance of 2⁻⁷⁰ at 10 million ids. The last block is added to its encryption, so that
with the key, too, an id can be tried but not computed (Matyas, Meyer and Oseas, 1985).
Codes are made for a whole column at once, because ten million calls take a minute.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from dashboard.vault.numbers import is_missing
from dashboard.vault.pipelining import pipelined
from dashboard.vault.signs import bytes_of, parts_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa
    from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    Codes = npt.NDArray[np.uint64]
    Blocks = npt.NDArray[np.uint64]

CUSTOMER: Final = "customer"
"""The column of pseudonyms in a kept table."""

SIZE: Final = 16
"""Bytes of a pseudonym: enough that two customers never share one."""

_HEAD: Final = 4
"""Bytes in front of a message that say how long it is."""

_AT_ONCE: Final = 65_536
_PRINTED: Final = bytes(sign for sign in range(0x21, 0x7F) if sign != ord("'"))
"""Signs that stay as they are in a normal form, or become small letters."""

_ALMOST_NORMAL: Final = r"^[!-&(-~]([ -~]*[!-~])?$"


def normalize(identifier: str) -> str:
    """Write an id in one way, so that the same customer is the same in every export.

    NFKC, no signs that nobody sees, no spaces around, no leading apostrophe
    (spreadsheets add it to keep long numbers), and case folded.
    """
    text = identifier
    if not text.isascii():
        seen = (sign for sign in text if unicodedata.category(sign) != "Cf")
        text = unicodedata.normalize("NFKC", "".join(seen))
    return text.strip().removeprefix("'").strip().casefold()


def normal_forms(texts: pa.ChunkedArray) -> Iterator[pa.Array]:
    """The normal form of every value of a column, null where it has none, piece by piece.

    Words for “no value” have none. What needs no more than small letters is done at once.
    """
    for chunk in texts.chunks:
        for start in range(0, len(chunk), _AT_ONCE):
            yield _normal(chunk.slice(start, _AT_ONCE))


def _normal(texts: pa.Array) -> pa.Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    named = pc.if_else(is_missing(texts), None, texts)
    if not bytes_of(named).translate(None, _PRINTED):
        return pc.if_else(pc.equal(pc.binary_length(named), 0), None, pc.ascii_lower(named))
    simple = pc.fill_null(pc.match_substring_regex(named, _ALMOST_NORMAL), fill_value=True)
    lowered = pc.ascii_lower(pc.if_else(simple, named, ""))
    odd = np.flatnonzero(~np.asarray(simple))
    forms = [normalize(each) for each in named.take(pa.array(odd)).to_pylist()]
    whole = pc.replace_with_mask(lowered, pc.invert(simple), pa.array(forms, pa.string()))
    return pc.if_else(pc.equal(pc.binary_length(whole), 0), None, whole)


# ── codes ───────────────────────────────────────────────────────────────────────────────
def pseudonyms(key: bytes, identifiers: Iterable[str]) -> list[bytes]:
    """The pseudonym of each id: the code of its normal form.

    Without the key nobody can tell whose it is, not even by trying every address.
    """
    import pyarrow as pa

    forms = [normalize(each).encode(errors="surrogatepass") for each in identifiers]
    return as_bytes(codes(key, pa.array(forms, pa.binary())))


def as_bytes(names: Codes) -> list[bytes]:
    """Codes as 16 bytes each; they sort as the numbers do."""
    whole = names.astype(">u8").tobytes()
    return [whole[start : start + SIZE] for start in range(0, len(whole), SIZE)]


def codes(key: bytes, texts: pa.Array) -> Codes:
    """The code of every value as two whole numbers, shape (values, 2); of a null that of none.

    Args:
        key: of any length; that of :meth:`Vault.id_key`, for pseudonyms.
        texts: values as they are, in UTF-8; two are one only if they are equal.
    """
    import numpy as np
    import pyarrow as pa

    made = np.empty((len(texts), 2), dtype=np.uint64)
    lock = _lock(key)
    for start in range(0, len(texts), _AT_ONCE):
        piece = texts.slice(start, _AT_ONCE).cast(pa.binary())
        made[start : start + _AT_ONCE] = _codes(lock, piece)
    return made


def coded(key: bytes, pieces: Iterable[pa.Array]) -> Iterator[Codes]:
    """The codes of a column that comes in pieces: those of one are made while the next is read."""
    return pipelined(lambda piece: codes(key, piece), pieces)


def chained(key: bytes, parts: Iterable[Codes]) -> Codes:
    """One code for several columns' codes: as many for each row, in the same order."""
    import numpy as np

    lock = _lock(key, b"rows")
    state: Codes | None = None
    for part in parts:
        before = part if state is None else state ^ part
        state = _encrypted(lock, before) ^ before
    return np.empty((0, 2), dtype=np.uint64) if state is None else state


def apart(rows: pa.Table, key: bytes, at_once: int) -> Iterator[pa.Table]:
    """The same customers under names of this table's own, in the order of these, in parts."""
    return in_order(renamed(rows, key), at_once)


def renamed(rows: pa.Table, key: bytes) -> pa.Table:
    """The same customers in the same order, under names of a table's own.

    A pseudonym is one block of AES, so its encryption under a table's key is another
    16 bytes that nobody without the key can join to it, and no two become one.
    """
    import numpy as np

    if CUSTOMER not in rows.column_names:
        return rows
    own = rows.column(CUSTOMER)
    lock, names = _lock(key, b"table"), np.empty((rows.num_rows, 2), dtype=np.uint64)
    for start in range(0, rows.num_rows, _AT_ONCE):
        names[start : start + _AT_ONCE] = _encrypted(lock, blocks_of(own.slice(start, _AT_ONCE)))
    return _named(rows, names)


def in_order(rows: pa.Table, at_once: int) -> Iterator[pa.Table]:
    """The same customers in the order of their names, in parts; at least one."""
    import numpy as np
    import pyarrow as pa

    if CUSTOMER not in rows.column_names or not rows.num_rows:
        yield rows
        return
    order = np.argsort(first_halves(rows))
    for start in range(0, len(order), at_once):
        yield rows.take(pa.array(order[start : start + at_once]))


def together(rows: pa.Table, key: bytes) -> pa.Table:
    """The reverse of :func:`apart`: the same customers under the owner's own names for them."""
    import numpy as np
    import pyarrow as pa

    if not rows.num_rows:
        return rows
    own = _encrypted(_cipher(key, b"table").decryptor(), blocks_of(rows.column(CUSTOMER)))
    first, second = own.view(">u8").T
    return _named(rows, own).take(pa.array(np.lexsort((second, first))))


def first_halves(rows: pa.Table) -> npt.NDArray[np.uint64]:
    """The first half of each customer's name, as the number by which names are in order."""
    return blocks_of(rows.column(CUSTOMER))[:, 0].byteswap()


def blocks_of(customers: pa.ChunkedArray) -> Blocks:
    """Customers' names as they lie in memory, none of which is missing."""
    import numpy as np
    import pyarrow as pa

    parts = [
        np.frombuffer(each.buffers()[1], np.uint64).reshape(-1, 2)[each.offset :][: len(each)]
        for each in customers.cast(pa.binary(SIZE)).chunks
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty((0, 2), np.uint64)])


def _named(rows: pa.Table, names: Blocks) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    whole = pa.py_buffer(np.ascontiguousarray(names).tobytes())
    customers = pa.FixedSizeBinaryArray.from_buffers(pa.binary(SIZE), len(names), [None, whole])
    return rows.set_column(rows.column_names.index(CUSTOMER), CUSTOMER, customers)


def one_apart(name: bytes, key: bytes) -> bytes:
    """How :func:`apart` calls one customer."""
    return _lock(key, b"table").update(name)


def _lock(key: bytes, use: bytes = b"texts") -> CipherContext:
    """AES on single blocks: chaining is done here, over a whole column at once."""
    return _cipher(key, use).encryptor()


def _cipher(key: bytes, use: bytes) -> Cipher[ECB]:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    return Cipher(
        algorithms.AES(hmac.digest(key, use, "sha256")),
        modes.ECB(),  # noqa: S305 - each call is one step of the chain, never a whole message
    )


def _codes(lock: CipherContext, texts: pa.Array) -> Codes:
    import numpy as np

    offsets, signs = parts_of(texts)
    starts = offsets[:-1].astype(np.int64)
    lengths = np.diff(offsets).astype(np.int64)
    lengths[~np.asarray(texts.is_valid())] = 0
    room = np.concatenate([signs, np.zeros(SIZE, dtype=np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(room, SIZE)
    state = _head(windows, starts, lengths)
    last = state
    made = _encrypted(lock, state)
    done = SIZE - _HEAD
    active = np.flatnonzero(lengths > done)
    while active.size:
        block = _cut(windows[starts[active] + done], lengths[active] - done)
        fresh = made[active] ^ block
        last[active] = fresh
        made[active] = _encrypted(lock, fresh)
        done += SIZE
        active = active[lengths[active] > done]
    return (made ^ last).view(">u8").astype(np.uint64)


def _head(
    windows: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> Blocks:
    """The first block of each message: its length, then its beginning."""
    import numpy as np

    first = np.zeros((len(starts), SIZE), dtype=np.uint8)
    first[:, :_HEAD] = lengths.astype("<u4").view(np.uint8).reshape(-1, _HEAD)
    body = _cut(windows[starts], np.minimum(lengths, SIZE - _HEAD)).view(np.uint8)
    first[:, _HEAD:] = body[:, : SIZE - _HEAD]
    return first.view(np.uint64)


def _cut(blocks: npt.NDArray[np.uint8], lengths: npt.NDArray[np.int64]) -> Blocks:
    """Blocks with zeros from each one's length on."""
    import numpy as np

    masks = np.tril(np.full((SIZE + 1, SIZE), 255, dtype=np.uint8), -1).view(np.uint64)
    return blocks.view(np.uint64) & masks[np.minimum(lengths, SIZE)]


def _encrypted(lock: CipherContext, blocks: Blocks) -> Blocks:
    import numpy as np

    sealed = lock.update(np.ascontiguousarray(blocks).tobytes())
    return np.frombuffer(sealed, np.uint64).reshape(-1, 2).copy()
