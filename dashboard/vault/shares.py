"""Tables of tens of millions: customers are dealt out in shares, and one share at a time is kept.

What becomes of a customer follows from that customer's rows alone (``table.py``), so a
share needs none of the others. What lies between the steps is encrypted in the vault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from dashboard.receipts import Choices
from dashboard.vault.pseudonyms import coded, first_halves, in_order, normal_forms, renamed
from dashboard.vault.store import PART
from dashboard.vault.turns import give_memory_back

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.store import Vault
    from dashboard.vault.texts import StoredTexts, Texts

MOST_ROWS: Final = 12_000_000
"""So many rows are kept at once, within 2 GiB; the customers of a longer file are dealt out."""

MOST_IN_SHARE: Final = 4_000_000
"""So many rows go into a share, on average."""

_AT_ONCE: Final = 8 * PART


def shares_for(rows: int) -> int:
    """Into how many shares so many rows are dealt: a power of two, so that first bits decide."""
    return 1 if rows <= MOST_ROWS else 1 << ((rows - 1) // MOST_IN_SHARE).bit_length()


class _Dealer:
    """Deals rows out by the first bits of their customers' names, and remembers where they lie."""

    def __init__(self, shares: int) -> None:
        self.parts: list[list[int]] = [[] for _ in range(shares)]
        self._stored = 0

    def deal(self, rows: pa.Table, names: npt.NDArray[np.uint64]) -> Iterator[pa.Table]:
        """Rows as parts to be stored one after the other; those of a share keep their order."""
        import numpy as np
        import pyarrow as pa

        shares = len(self.parts)
        share_of = (names >> np.uint64(65 - shares.bit_length())).astype(np.int64)
        order = np.argsort(share_of, kind="stable")
        ends = np.searchsorted(share_of[order], np.arange(shares + 1))
        dealt = rows.take(pa.array(order))
        for share, (start, end) in enumerate(pairwise(ends)):
            for first in range(start, max(end, start + 1), PART):  # an empty share has a part, too
                self.parts[share].append(self._stored)
                self._stored += 1
                yield dealt.slice(first, min(PART, end - first))


@contextmanager
def dealt_out(
    vault: Vault,
    raw: StoredTexts,
    choices: Choices,
    id_column: str,
    asked: Sequence[str],
    *,
    owner: str,
    expires_at: datetime,
) -> Iterator[Sequence[Texts]]:
    """A file by shares of its customers, in the order of their pseudonyms; gone at the end.

    Args:
        vault: where the file and its shares lie.
        raw: the waiting file.
        choices: what was chosen to be looked at.
        id_column: the one that was chosen as the id, which decides the share.
        asked: columns that are looked at besides those that were chosen.
        owner: whose they are.
        expires_at: when the shares are gone in any case.
    """
    kept = [each.name for each in choices.kept]
    chosen = {id_column, choices.age_column, *choices.consent_columns, *kept, *asked}
    columns = [name for name in raw.column_names if name in chosen]
    dealer, key = _Dealer(shares_for(raw.num_rows)), vault.id_key(owner)

    def parts() -> Iterator[pa.Table]:
        for start in range(0, raw.num_rows, _AT_ONCE):
            rows = raw.slice(start, _AT_ONCE, columns)
            yield from dealer.deal(rows, _names(rows.column(id_column), key))

    dealt = vault.stage_parts(parts(), owner=owner, expires_at=expires_at)
    try:
        yield [vault.texts(dealt, owner, share) for share in dealer.parts]
    finally:
        vault.shred(dealt, owner)


def put_together(
    vault: Vault,
    shares: Iterable[pa.Table],
    count: int,
    *,
    owner: str,
    waiting_until: datetime,
    expires_at: datetime,
    ready: Callable[[], None],
) -> str:
    """Keep what the shares were reduced to as one table; returns its id.

    Its content key follows from the shares' own, so it is the same for the same customers
    only where they were dealt into as many shares.

    Args:
        vault: where the table is kept.
        shares: the customers of each share in the order of their pseudonyms.
        count: how many shares there are.
        owner: whose they are.
        waiting_until: when they are gone if this is cut off midway.
        expires_at: when the table is gone.
        ready: called once all shares are reduced; what it raises leaves nothing.
    """
    dataset_id = vault.new_id()
    key, dealer, digests = vault.table_key(owner, dataset_id), _Dealer(count), list[str]()

    def parts() -> Iterator[pa.Table]:
        for rows in shares:
            give_memory_back()
            digests.append(vault.content(rows, owner))
            for start in range(0, max(1, rows.num_rows), _AT_ONCE):
                some = renamed(rows.slice(start, _AT_ONCE), key)
                yield from dealer.deal(some, first_halves(some))

    waiting = vault.stage_parts(parts(), owner=owner, expires_at=waiting_until)
    try:
        ready()
        content = vault.content_of_shares(digests, owner)
        whole = (
            part
            for share in dealer.parts
            for part in in_order(vault.read(waiting, owner, share), PART)
        )
        vault.put_parts(dataset_id, whole, content, owner=owner, expires_at=expires_at)
    finally:
        vault.shred(waiting, owner)
    return dataset_id


def _names(ids: pa.ChunkedArray, key: bytes) -> npt.NDArray[np.uint64]:
    """The first half of each row's pseudonym."""
    import numpy as np

    return np.concatenate([made[:, 0] for made in coded(key, normal_forms(ids))])
