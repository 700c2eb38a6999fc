"""One look at a table on a cluster: who may be used, one row each, and no row leaves it.

All rows of a customer are brought together on the cluster, and there the rules of
``table.py`` decide, the same lines that decide here; they look at one customer's rows only, so
it doesn't matter how many are together. What was found is held by the cluster for as long as
this process asks, cut loose from the table: each question sees the same customers, and a
worker that is lost ends the look rather than reading the table anew.

What comes back is what this machine would hold of an upload: totals for the receipt, a
digest of all rows, the lineage's keyed hashes, and keyed codes of who objects for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.receipts import Kept
from dashboard.sources import SourceTable
from dashboard.vault.beside import (
    CUSTOMERS,
    DIGESTS,
    HASHES,
    OBJECTIONS,
    PART,
    SUMS,
    TOLD,
    TOP,
    WHO,
    Wanted,
    judging,
    naming,
    schema_text,
)
from dashboard.vault.cluster import quoted, refusing, session
from dashboard.vault.headers import checked_names
from dashboard.vault.lineage import ALWAYS_KEPT, MOST_HASHES, NAMELESS, sampled
from dashboard.vault.texts import bound
from dashboard.vault.unseen import Far, as_texts, kinds_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.lineage import Hashes
    from dashboard.vault.pseudonyms import Codes

TOGETHER: Final = 50_000
"""About so many rows are decided at once by one worker."""

_GROUP: Final = "together"
_FAILED: Final = "The cluster could not read the table. Try again later, or ask its owner about it."


@dataclass(frozen=True)
class Seen:
    """What one look found: customers who stay there, and what is told of them all."""

    frame: Any = field(repr=False)
    content: str
    hashes: Hashes = field(repr=False)
    objections: Codes = field(repr=False)
    told: dict[str, int]

    def receipt(self, dataset_id: str, wanted: Wanted, columns: int, expires_on: date) -> Kept:
        """What became of the rows, for the person who gave them."""
        told = self.told
        return Kept(
            dataset_id=dataset_id,
            rows=told["rows"],
            duplicates=told["duplicates"],
            without_id=told["without_id"],
            said_no=told["said_no"],
            unknown=told["unknown"],
            minors=told["minors"],
            customers=told["customers"],
            columns_received=columns,
            columns_kept=len(wanted.choices.kept),
            expires_on=expires_on,
            listed=told["listed"] if wanted.refusing.asks else None,
            unlisted=told["unlisted"],
            far=True,
        )


def columns_of(source: SourceTable) -> pa.Table:
    """The columns of a table that stays on its cluster, without a row, and what was declared.

    Raises:
        BadInputError: it can't be reached or read; the sentence holds no value.
        ConfigurationError: Spark is not installed.
    """
    frame = _table(source)
    names = checked_names(frame.columns, source.name)
    with refusing(_FAILED):
        schema, rows = frame.limit(0).toArrow().schema, int(frame.count())
    for name in (source.id, *source.consent, *source.also, *source.order, *dict(source.labels)):
        if name not in frame.columns:
            raise BadInputError(
                f"{source.name} was declared with a column “{name}”, which is not there. Ask its "
                "owner to check the file that DASHBOARD_SOURCES names."
            )
    labels = {checked_names([name], source.name)[0]: each for name, each in source.labels}
    far = Far(source.name, rows, kinds_of(schema, names, source.name), labels)
    return bound(as_texts(far), source)


def seen(source: SourceTable, wanted: Wanted) -> Seen:
    """Look at a declared table once; its customers stay there, ready to be asked.

    Raises:
        BadInputError: the table can't be read, or a column is not there.
        ConfigurationError: Spark is not installed.
    """
    frame = _table(source)
    with refusing(_FAILED):
        pinned = _pinned(frame, source, wanted)
        (sums,) = pinned.where(f"{PART} = {SUMS}").selectExpr(*map(_sum_of, TOLD)).collect()
        told = {name: int(sums[name] or 0) for name in TOLD}
        hashes = _smallest(pinned.where(f"{PART} = {HASHES}").select("hash"), told["hashes"])
        objecting = pinned.where(f"{PART} = {OBJECTIONS}").select("hash", "more")
        objections = objecting.distinct().toArrow() if told["objections"] else None
    marks = [] if told["named"] else [NAMELESS]
    return Seen(
        frame=pinned.where(f"{PART} = {CUSTOMERS}").selectExpr(
            *(f"k{place} AS {quoted(each.name)}" for place, each in enumerate(wanted.choices.kept))
        ),
        content=content_of(told, wanted.choices.kept),
        hashes=_with(hashes, marks),
        objections=_codes_in(objections),
        told=told,
    )


def is_there(frame: Any) -> bool:
    """Whether the cluster still holds a look."""
    try:
        with refusing(_FAILED):
            frame.count()
    except BadInputError:
        return False
    return True


def _table(source: SourceTable) -> Any:
    spark = session(source)
    with refusing(
        f"{source.name} is not on the cluster, or may not be read there. Ask its owner to check "
        "its name in the file that DASHBOARD_SOURCES names."
    ):
        frame = spark.table(source.table)
        frame.columns  # noqa: B018 - asks whether it is there
        return frame


# ── on the way ──────────────────────────────────────────────────────────────────────────
def _pinned(frame: Any, source: SourceTable, wanted: Wanted) -> Any:
    """The customers and what is told of them, worked out at once and held by the cluster."""
    places = dict(zip(checked_names(frame.columns, source.name), frame.columns, strict=True))
    order = tuple(checked_names([each], source.name)[0] for each in source.order)
    for name in (*wanted.columns, *order):
        if name not in places:
            raise BadInputError(
                f"{source.name} has no column “{name}”. Choose again, or ask its owner to check "
                "the file that DASHBOARD_SOURCES names."
            )
    read = (*wanted.columns, *order)
    chosen = frame.selectExpr(
        *(f"{quoted(places[name])} AS c{place}" for place, name in enumerate(read))
    )
    fields = ", ".join(f"{each.name} {each.dataType.simpleString()}" for each in chosen.schema)
    named = chosen.mapInArrow(naming(wanted), f"{fields}, {WHO} bigint")
    groups = frame.count() // TOGETHER + 1
    return (
        named.withColumn(_GROUP, _expression(f"pmod({WHO}, {groups})"))
        .groupBy(_GROUP)
        .applyInArrow(judging(wanted, len(order)), schema_text(wanted.choices.kept))
        .localCheckpoint()
    )


def _expression(words: str) -> Any:
    from pyspark.sql.functions import expr

    return expr(words)


# ── what comes back ─────────────────────────────────────────────────────────────────────
def _sum_of(name: str) -> str:
    return f"sum({name}) AS {name}"


def _smallest(hashes: Any, count: int) -> Hashes:
    """The hashes that a lineage keeps; of very many the others stay where they are."""
    import numpy as np

    if count <= MOST_HASHES:
        return np.unique(_unsigned(hashes.toArrow(), "hash"))
    different = hashes.distinct()
    found = _unsigned(different.sort("hash").limit(MOST_HASHES).toArrow(), "hash")
    if len(found) == MOST_HASHES and found[-1] < ALWAYS_KEPT:
        always = different.where(f"hash < {ALWAYS_KEPT - TOP}").toArrow()
        found = np.sort(_unsigned(always, "hash"))
    return sampled(found)


def _with(hashes: Hashes, marks: Sequence[int]) -> Hashes:
    import numpy as np

    return np.concatenate([np.array(marks, dtype=np.uint64), hashes])


def _unsigned(table: pa.Table, name: str) -> npt.NDArray[np.uint64]:
    import numpy as np

    signed: npt.NDArray[np.int64] = table.column(name).to_numpy().astype(np.int64)
    return signed.view(np.uint64) ^ np.uint64(TOP)


def _codes_in(table: pa.Table | None) -> Codes:
    import numpy as np

    if table is None:
        return np.empty((0, 2), np.uint64)
    return np.stack([_unsigned(table, "hash"), _unsigned(table, "more")], axis=1)


def content_of(told: dict[str, int], kept: Sequence[Feature]) -> str:
    """The name of a look's rows: the same for the same customers, values and columns."""
    columns = [[each.name, each.kind, str(each.dates)] for each in kept]
    sums = [told[name] for name in ("customers", *DIGESTS)]
    return hashlib.sha256(json.dumps([columns, sums]).encode()).hexdigest()
