"""A table whose rows nobody looks at: what its columns are for follows from names and kinds.

Columns of a file are judged by name and by what their values look like. Of a table on a
cluster no value comes here, so the same rules are given invented values of each column's kind,
and the labels that its owner declared. What only values would tell has to be declared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.terms import Domain
from dashboard.vault.consent import polarity_of

if TYPE_CHECKING:
    import pyarrow as pa

    from dashboard.receipts import Answer, ColumnFinding

_ROWS: Final = 120
_FAR: Final = b"far"
_UNDECLARED: Final = "Not used: what labels may stand here is not declared, and nobody looks."
_YES_OR_NO: Final = {
    "flag": ("true", "false"),
    "number": ("1", "0"),
    "text": ("yes", "no"),
}


@dataclass(frozen=True)
class Far:
    """A table that stays on a cluster, as it is known here: names, kinds, declared labels.

    ``kinds`` says of each column flag, number, date or text.
    """

    source: str
    rows: int
    kinds: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]


def kinds_of(schema: pa.Schema, names: Sequence[str], source: str) -> dict[str, str]:
    """What each column holds, by its type alone.

    Raises:
        BadInputError: a column holds lists, records or raw bytes.
    """
    return {name: _kind(each.type, name, source) for name, each in zip(names, schema, strict=True)}


def _kind(kind: pa.DataType, name: str, source: str) -> str:
    import pyarrow as pa

    is_a = pa.types
    if is_a.is_boolean(kind):
        return "flag"
    if is_a.is_integer(kind) or is_a.is_floating(kind) or is_a.is_decimal(kind):
        return "number"
    if is_a.is_date(kind) or is_a.is_timestamp(kind):
        return "date"
    if is_a.is_string(kind) or is_a.is_large_string(kind):
        return "text"
    raise BadInputError(
        f"{source}, column “{name}”: it holds lists, records or raw bytes. Ask its owner for a "
        "view without it."
    )


def as_texts(far: Far) -> pa.Table:
    """The table as it waits here for its giver's choices: all columns, no row."""
    import pyarrow as pa

    blank = pa.table({name: pa.array([], pa.string()) for name in far.kinds})
    metadata = {**(blank.schema.metadata or {}), _FAR: json.dumps(asdict(far)).encode()}
    return blank.replace_schema_metadata(metadata)


def far_in(schema: pa.Schema) -> Far | None:
    """Where the rows of a table are, if not here."""
    told = (schema.metadata or {}).get(_FAR)
    if told is None:
        return None
    stored = json.loads(told)
    labels = {name: tuple(each) for name, each in stored["labels"].items()}
    return Far(stored["source"], stored["rows"], stored["kinds"], labels)


def invented(far: Far) -> pa.Table:
    """Rows that nobody has, with a value of each column's kind."""
    import pyarrow as pa

    return pa.table(
        {
            name: pa.array(_values(name, kind, far.labels.get(name, ())), pa.string())
            for name, kind in far.kinds.items()
        }
    )


def _values(name: str, kind: str, labels: Sequence[str]) -> list[str]:
    if kind == "flag" or (kind == "text" and not labels and polarity_of(name)):
        labels = _YES_OR_NO[kind]
    if labels:
        return [labels[place % len(labels)] for place in range(_ROWS)]
    if kind == "number":
        return [str(2 + place * place % 53) for place in range(_ROWS)]
    if kind == "date":
        return [f"2024-{1 + place % 12:02}-{1 + place % 28:02}" for place in range(_ROWS)]
    return [f"{chr(97 + place // 26)}{chr(97 + place % 26)} x" for place in range(_ROWS)]


def findings(far: Far, id_column: str) -> tuple[ColumnFinding, ...]:
    """What each column seems to be; the declared id is who is who."""
    from dashboard.vault.columns import describe

    return tuple(_finding(each, far, id_column) for each in describe(invented(far)))


def _finding(found: ColumnFinding, far: Far, id_column: str) -> ColumnFinding:
    if found.name == id_column:
        reason = "Tells which rows belong to one customer, as its owner declared."
        return replace(found, role="id", reason=reason, suggested=None)
    found = replace(found, role="identifier") if found.role == "id" else found
    undeclared = far.kinds[found.name] == "text" and found.name not in far.labels
    if undeclared and found.role in ("unused", "free_text", "category", "feature"):
        return replace(found, role="unused", reason=_UNDECLARED, suggested=None)
    if found.suggested is not None and found.suggested.kind == "category":
        labels = Domain(far.labels.get(found.name) or _YES_OR_NO[far.kinds[found.name]])
        return replace(found, suggested=replace(found.suggested, domain=labels))
    return found


def answers_to(far: Far, columns: Sequence[str], told: Sequence[Answer]) -> pa.Table:
    """Whatever can be known to stand in the columns that say who agreed: declared, or just told.

    Where neither says what yes and no mean, these stand there too, so that somebody is asked.
    """
    import pyarrow as pa

    known = {
        name: [
            *far.labels.get(name, ()),
            *(each.value for each in told if each.column == name),
            *_YES_OR_NO.get(far.kinds[name], ()),
        ]
        for name in columns
        if name in far.kinds
    }
    longest = max(map(len, known.values()), default=0)
    return pa.table(
        {
            name: pa.array(values + [None] * (longest - len(values)), pa.string())
            for name, values in known.items()
        }
    )
