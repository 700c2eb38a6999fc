"""By what can the customers of a file be recognized again? The values that tell people apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from dashboard.receipts import Choices
from dashboard.vault import columns, lexicon
from dashboard.vault.pipelining import ahead
from dashboard.vault.pseudonyms import normal_forms
from dashboard.vault.shapes import PERSONAL, Shape
from dashboard.vault.signs import once
from dashboard.vault.texts import looked_at, pieces

if TYPE_CHECKING:
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


_PERSONS: Final = lexicon.phrases(
    f"{lexicon.ID_BEST}|{lexicon.ID_GOOD}|{lexicon.EMAIL}|phone|phone number|telephone|tel|mobile|"
    "mobile phone|mobile number|cell|cell phone|cellphone|telefon|telefonnummer|handynummer|handy|"
    "telefono|movil|portable|whatsapp|whatsapp number|phone home|mobile phone number|ssn|"
    "social security|social security number|national id|passport|passport number|tax id|iban|"
    "user name|username|login|external id|n de client|numero de socio|n client|mitgliedsnummer|"
    "numero dadherent|dni|nie|nif"
)
"""What columns are called that number people or hold their addresses."""

_CODE: Final = r"[0-9@]"
_ADDRESS: Final = "|".join(PERSONAL[each] for each in _ONE_PERSON_S)
_SHORTEST_PHONE: Final = 8


def told(raw: Texts, name: str, id_column: str | None) -> Iterator[pa.Array]:
    """Who one column says that each row is: normal forms, null where it doesn't, piece by piece.

    Each value is judged by itself and by the column's name, so that no other customer's
    row decides whether this one is recognized. The chosen id counts whatever it looks
    like; where a column is called after what people are known by, whatever holds a digit
    or an @; elsewhere what looks like an e-mail address or a telephone number.
    """
    if name == id_column:
        yield from _forms(raw, name)
    elif lexicon.is_called(name, _PERSONS):
        for piece in _forms(raw, name):
            yield _codes_in(piece)
    else:
        for texts in pieces(raw, name):
            yield from map(_addresses, texts.chunks)


def _codes_in(forms: pa.Array) -> pa.Array:
    """What holds a digit or an @; in a column of addresses that is soon said."""
    import pyarrow.compute as pc

    at = pc.match_substring(forms, "@")
    if pc.all(at).as_py():
        return forms
    return pc.if_else(pc.match_substring_regex(forms, _CODE), forms, None)


def _forms(raw: Texts, name: str) -> Iterator[pa.Array]:
    """The normal forms of a column, of which no more is held than is looked at."""
    for texts in pieces(raw, name):
        yield from normal_forms(texts)


def _addresses(texts: pa.Array) -> pa.Array:
    """The normal form of what looks like an address or a telephone number, and null for all else.

    Most columns are of few labels, so each different text is looked at once.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values, codes = once(texts)
    likely = pc.or_(
        pc.match_substring(values, "@"),
        pc.greater_equal(pc.binary_length(values), _SHORTEST_PHONE),
    )
    found = pc.match_substring_regex(
        pc.utf8_trim_whitespace(pc.if_else(likely, values, None)), _ADDRESS
    )
    addresses = pc.if_else(found, values, None)
    if addresses.null_count == len(values):
        return pa.nulls(len(texts), pa.string())
    forms = pa.concat_arrays(
        [*normal_forms(pa.chunked_array([addresses])), pa.nulls(1, pa.string())]
    )
    return forms.take(pa.array(codes))


class Values(AbstractSet[str]):
    """A set of texts that are normal forms of a file's columns, worked out piece by piece.

    As a set it is small: only :meth:`pieces` copes with millions.
    """

    def __init__(
        self, raw: Texts, names: Iterable[str], whole: Iterable[str], id_column: str | None
    ) -> None:
        self._raw, self._names = raw, tuple(names)
        self._whole, self._id_column = frozenset(whole), id_column

    def pieces(self) -> Iterator[pa.Array]:
        """All values, some of them many times, and nulls where a row has none; in no order.

        Two columns are read at a time.
        """
        hands = (map(self._of, names) for names in (self._names[0::2], self._names[1::2]))
        for both in zip_longest(*(ahead(chain.from_iterable(hand)) for hand in hands)):
            yield from (piece for piece in both if piece is not None)

    def _of(self, name: str) -> Iterator[pa.Array]:
        if name in self._whole:
            return _forms(self._raw, name)
        return told(self._raw, name, self._id_column)

    def of_everybody(self) -> bool:
        """Whether each row has a value in at least one of the columns."""
        import numpy as np

        known = np.zeros(self._raw.num_rows, dtype=bool)
        for name in self._names:
            start = 0
            for piece in self._of(name):
                known[start : start + len(piece)] |= np.asarray(piece.is_valid())
                start += len(piece)
        return bool(known.all())

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


def looked_in(names: Iterable[str], choices: Choices) -> list[str]:
    """The columns that may say who somebody is: all but what was chosen as a number or a yes."""
    measured = {each.name for each in choices.kept if each.kind in ("number", "flag")}
    return [name for name in names if name not in measured]


def identities(raw: Texts, choices: Choices) -> Identities:
    """Everything that identifies a file's customers, whichever column was chosen as their id.

    Customer numbers, e-mail addresses, telephone numbers and other codes of all rows,
    each in the normal form of :func:`pseudonyms.normalize`: what :func:`told` recognizes
    value by value, and whole columns that :func:`telling` finds. Names, places and
    coordinates don't count, nor what was chosen as a number.

    ``nameless`` says that a row which may be kept has no such value at all. Where an
    id was chosen, rows without it are not kept.
    """
    id_column, names = choices.id_column, looked_in(raw.column_names, choices)
    values = Values(raw, names, telling(raw, id_column), id_column)
    if id_column is not None:
        somebody = any(piece.null_count < len(piece) for piece in values.pieces())
        return Identities(values, nameless=not somebody)
    return Identities(values, nameless=not raw.num_rows or not values.of_everybody())


def telling(raw: Texts, id_column: str | None) -> list[str]:
    """The columns whose values, taken together, tell people apart, the chosen id among them.

    One customer more can change what is found here. It decides about whose budget is
    charged, and how an imported list of refusals is read; never about a row of a table.
    """
    roles = {each.name: each.role for each in columns.judged(raw)}
    return [
        name
        for name in raw.column_names
        if name == id_column
        or roles[name] == "id"
        or (roles[name] == "identifier" and _tells_apart(name, looked_at(raw, [name]).column(0)))
    ]


def _tells_apart(name: str, texts: pa.ChunkedArray) -> bool:
    shape = Shape(texts.drop_null())
    if shape.personal in _ONE_PERSON_S:
        return True
    distinct = len(shape.levels[1]) >= MOSTLY_DISTINCT * max(1, shape.count)
    return distinct and (shape.personal in PERSONAL or not lexicon.says(name, _SHARED_BY_MANY))
