"""Who said no, told to the database in its own words, so that their rows stay there.

Each condition says no only where ``consent.py`` and ``pseudonyms.py`` say so, too: answers are
read here, each distinct one once, and ids are compared as plainly as the vault does at
least. What this leaves out is heard in the vault.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError
from dashboard.sources import SourceTable
from dashboard.vault import consent
from dashboard.vault.headers import checked_names, stripped

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

_MOST_ANSWERS: Final = 10_000
"""A column with more answers than these can't be told to the database."""


def refusals(
    connection: psycopg.Connection, source: SourceTable, place: sql.Identifier, *, channels: bool
) -> sql.Composed | None:
    """What to join so that ``no.said`` tells for each row whether its customer said no.

    Args:
        connection: an open look at the database.
        source: the declared table.
        place: where it lies.
        channels: whether who refuses messages only refuses, too.

    Returns:
        ``None`` where no column of answers was declared, or nobody refuses.

    Raises:
        BadInputError: a declared column has too many answers to be told.
    """
    from psycopg import sql

    if source.id is None:
        return None
    found = [_said_in(connection, source, place, each, channels) for each in source.consent]
    known = [each for each in found if each is not None]
    if not known:
        return None
    said = sql.SQL(" OR ").join(known)
    # ids as the vault takes them for one at least: without spaces around and ASCII's capitals
    name = sql.SQL("translate(btrim(t.{}::text, ' '), {}, {})").format(
        sql.Identifier(source.id), string.ascii_uppercase, string.ascii_lowercase
    )
    return sql.SQL(
        " LEFT JOIN (SELECT DISTINCT {name} AS who FROM {place} AS t WHERE {said}) AS refuser"
        " ON refuser.who = {name}"
        " CROSS JOIN LATERAL"
        " (SELECT refuser.who IS NOT NULL OR coalesce({said}, false) AS said) AS no"
    ).format(name=name, place=place, said=said)


def _said_in(
    connection: psycopg.Connection,
    source: SourceTable,
    place: sql.Identifier,
    column: str,
    channels: bool,  # noqa: FBT001
) -> sql.Composed | None:
    """The condition under which one column says no; ``None`` where it never does."""
    from psycopg import sql

    header = checked_names([column], "the table")[0]
    if consent.scope_of(header) == "channel" and not channels:
        return None
    answer = sql.SQL("t.{}::text").format(sql.Identifier(column))
    if consent.polarity_of(header) == "list":
        return sql.SQL("{} ~ '[0-9A-Za-z]'").format(answer)
    asked = sql.SQL("SELECT DISTINCT {} FROM {} AS t LIMIT {}")
    told = connection.execute(asked.format(answer, place, _MOST_ANSWERS + 1)).fetchall()
    if len(told) > _MOST_ANSWERS:
        raise BadInputError(
            f"The column “{header}” of {source.name} has too many different answers for the "
            "database to tell who said no. Ask its owner to declare a column with fewer, or to "
            "take it out of consent: then it is read here, and whoever says no is left out here."
        )
    noes = _noes(header, [value for (value,) in told if value is not None])
    return sql.SQL("{} = ANY({})").format(answer, noes) if noes else None


def _noes(header: str, values: list[str]) -> list[str]:
    """Which of these answers are a no."""
    import pyarrow as pa

    texts = stripped(pa.chunked_array([pa.array(values, pa.string())]))
    states = consent.read_answers(header, texts).states
    return [value for value, state in zip(values, states, strict=True) if state == consent.OUT]
