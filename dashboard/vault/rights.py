"""One customer's row: found when they ask what is kept, and taken out when they want that.

An id is looked for in the way in which a table's own ids were read. Another id of the same
person, such as an address where numbers say who is who, finds nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashboard.vault.pseudonyms import CUSTOMER, SIZE, one_apart, pseudonyms, together

if TYPE_CHECKING:
    import pyarrow as pa

    from dashboard.vault.store import Vault


def rows_of(vault: Vault, dataset_id: str, owner: str, ids: Iterable[str]) -> pa.Table:
    """The rows of those who have these ids in this table: one for each that is there."""
    import pyarrow as pa

    names = vault.columns(dataset_id, owner)
    asked = _names(vault, dataset_id, owner, ids)
    found = [
        batch.filter(_is_in(batch.column(CUSTOMER), asked))
        for batch in vault.batches(dataset_id, owner, names)
    ]
    return pa.Table.from_batches(found) if found else vault.read(dataset_id, owner)


def without(vault: Vault, dataset_id: str, owner: str, ids: Iterable[str]) -> pa.Table:
    """The table without these customers, ready to be put: under the owner's names for the rest."""
    import pyarrow.compute as pc

    rows = vault.read(dataset_id, owner)
    gone = _is_in(rows.column(CUSTOMER), _names(vault, dataset_id, owner, ids))
    return together(rows.filter(pc.invert(gone)), vault.table_key(owner, dataset_id))


def _is_in(customers: pa.Array, names: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.is_in(customers, value_set=names)


def _names(vault: Vault, dataset_id: str, owner: str, ids: Iterable[str]) -> pa.Array:
    import pyarrow as pa

    key = vault.table_key(owner, dataset_id)
    own = pseudonyms(vault.id_key(owner), ids)
    return pa.array([one_apart(each, key) for each in own], pa.binary(SIZE))
