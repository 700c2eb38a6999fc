"""By what can the customers of a file be recognized again? The values that tell people apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from dashboard.vault import columns, lexicon
from dashboard.vault.pseudonyms import normal_forms
from dashboard.vault.shapes import PERSONAL, Shape
from dashboard.vault.texts import looked_at

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from dashboard.vault.texts import Texts

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


class Values(AbstractSet[str]):
    """A set of texts that are normal forms of a file's columns, worked out piece by piece.

    As a set it is small: only :meth:`pieces` copes with millions.
    """

    def __init__(self, raw: Texts, names: Iterable[str]) -> None:
        self._raw, self._names = raw, tuple(names)

    def pieces(self) -> Iterator[pa.Array]:
        """All values, some of them many times, and nulls where a row has none."""
        for name in self._names:
            yield from normal_forms(self._raw.column(name))

    @cached_property
    def _distinct(self) -> frozenset[str]:
        found = {each for piece in self.pieces() for each in piece.unique().to_pylist()}
        return frozenset(each for each in found if each is not None)

    def __contains__(self, value: object) -> bool:
        """Whether somebody is identified by this value."""
        return value in self._distinct

    def __iter__(self) -> Iterator[str]:
        """Each value once."""
        return iter(self._distinct)

    def __len__(self) -> int:
        """How many different values there are."""
        return len(self._distinct)


@dataclass(frozen=True)
class Identities:
    """The values that tell a file's customers apart, and whether somebody in it has none."""

    values: Values
    nameless: bool


def identities(raw: Texts, id_column: str | None) -> Identities:
    """Everything that identifies a file's customers, whichever column was chosen as their id.

    Customer numbers, e-mail addresses, telephone numbers and other codes of all rows,
    each in the normal form of :func:`pseudonyms.normalize`. These columns count: the
    chosen one, the one that :func:`columns.describe` suggests, and further identifying
    ones whose values look like e-mail addresses or telephone numbers, or are (almost)
    different for each row; names, places and coordinates don't.

    ``nameless`` says that a row which may be kept has no such value at all. Where an
    id was chosen, rows without it are not kept.
    """
    names = telling(raw, id_column)
    values = Values(raw, names)
    if id_column is not None:
        somebody = any(piece.null_count < len(piece) for piece in values.pieces())
        return Identities(values, nameless=not somebody)
    return Identities(values, nameless=not names or not bool(_known(raw, names).all()))


def _known(raw: Texts, names: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Which rows have a value in at least one of the columns."""
    import numpy as np

    known = np.zeros(raw.num_rows, dtype=bool)
    for name in names:
        start = 0
        for piece in normal_forms(raw.column(name)):
            known[start : start + len(piece)] |= np.asarray(piece.is_valid())
            start += len(piece)
    return known


def telling(raw: Texts, id_column: str | None) -> list[str]:
    """The columns whose values tell people apart, the chosen id among them."""
    roles = {each.name: each.role for each in columns.judged(raw)}
    some = cache(lambda: looked_at(raw))
    return [
        name
        for name in raw.column_names
        if name == id_column
        or roles[name] == "id"
        or (roles[name] == "identifier" and _tells_apart(name, some().column(name)))
    ]


def _tells_apart(name: str, texts: pa.ChunkedArray) -> bool:
    shape = Shape(texts.drop_null())
    if shape.personal in _ONE_PERSON_S:
        return True
    distinct = len(shape.levels[1]) >= MOSTLY_DISTINCT * max(1, shape.count)
    return distinct and (shape.personal in PERSONAL or not lexicon.says(name, _SHARED_BY_MANY))
