"""By what can the customers of a file be recognized again? The values that tell people apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dashboard.vault import columns, lexicon
from dashboard.vault.numbers import MISSING
from dashboard.vault.pseudonyms import normalize
from dashboard.vault.shapes import PERSONAL, Shape

if TYPE_CHECKING:
    import pyarrow as pa

MOSTLY_DISTINCT: Final = 0.9
"""The share of different values from which an identifying column tells people apart."""

_ONE_PERSON_S: Final = ("an e-mail address", "a phone number")
_SHARED_BY_MANY: Final = lexicon.phrases(
    "name|first name|firstname|last name|lastname|full name|fullname|surname|given name|"
    "family name|middle name|maiden name|nickname|customer name|client name|contact name|"
    "display name|nom|prenom|nom complet|nom de famille|vorname|nachname|familienname|nombre|"
    "apellido|apellidos|nombre completo|address|address line|address 1|address 2|address1|"
    "address2|address line 1|address line 2|street|street address|mailing street|billing street|"
    "strasse|hausnummer|anschrift|adresse|adresse postale|rue|direccion|calle|default address|"
    "latitude|longitude|lat|lng|lon|geolocation|gps|coordinates|lat long|lat lng"
)
"""Names, places and coordinates: strangers share them, so they don't say who somebody is."""


@dataclass(frozen=True)
class Identities:
    """The values that tell a file's customers apart, and whether somebody in it has none."""

    values: frozenset[str]
    nameless: bool


def identities(raw: pa.Table, id_column: str | None) -> Identities:
    """Everything that identifies a file's customers, whichever column was chosen as their id.

    Customer numbers, e-mail addresses, telephone numbers and other codes of all rows,
    each in the normal form of :func:`pseudonyms.normalize`. These columns count: the
    chosen one, the one that :func:`columns.describe` suggests, and further identifying
    ones whose values look like e-mail addresses or telephone numbers, or are (almost)
    different for each row; names, places and coordinates don't.

    ``nameless`` says that a row which may be kept has no such value at all. Where an
    id was chosen, rows without it are not kept.
    """
    values: set[str] = set()
    named = None
    for name in _telling(raw, id_column):
        normal, known = _normal(raw.column(name))
        values |= normal
        named = known if named is None else named | known
    everybody = named is not None and (id_column is not None or bool(named.all()))
    return Identities(frozenset(values), nameless=not (values and everybody))


def _telling(raw: pa.Table, id_column: str | None) -> list[str]:
    roles = {each.name: each.role for each in columns.describe(raw)}
    return [
        name
        for name in raw.column_names
        if name == id_column
        or roles[name] == "id"
        or (roles[name] == "identifier" and _tells_apart(name, raw.column(name)))
    ]


def _tells_apart(name: str, texts: pa.ChunkedArray) -> bool:
    shape = Shape(texts.drop_null())
    if shape.personal in _ONE_PERSON_S:
        return True
    distinct = len(shape.levels[1]) >= MOSTLY_DISTINCT * max(1, shape.count)
    return distinct and (shape.personal in PERSONAL or not lexicon.says(name, _SHARED_BY_MANY))


def _normal(texts: pa.ChunkedArray) -> tuple[set[str], pa.Array]:
    """A column's values in normal form, and which rows have one: words for “no value” are none."""
    import numpy as np
    import pyarrow.compute as pc

    encoded = texts.combine_chunks().dictionary_encode()
    absent = pc.match_substring_regex(encoded.dictionary, MISSING).to_pylist()
    normal = [
        "" if missing else normalize(each)
        for each, missing in zip(encoded.dictionary.to_pylist(), absent, strict=True)
    ]
    known = np.array([*map(bool, normal), False])
    return {*normal} - {""}, known[encoded.indices.fill_null(len(normal)).to_numpy()]
