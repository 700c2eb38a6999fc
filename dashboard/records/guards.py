"""The guards that keep history from being rewritten, in the words of each database."""

from __future__ import annotations

from typing import Final

from dashboard.records import tables

_REFUSE: Final = """
CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = '23000'; END $$
"""


def guards(dialect: str) -> tuple[str, ...]:
    """What a database is told at each start; telling it again changes nothing."""
    if dialect == "postgresql":
        return (_REFUSE, *map(_in_postgresql, tables.GUARDS))
    return tables.GUARDS


def _in_postgresql(guard: str) -> str:
    """The same trigger for PostgreSQL, which calls a function where SQLite has a block."""
    head, _, block = guard.partition("BEGIN SELECT RAISE(ABORT, ")
    why = block.removesuffix("); END")
    event, _, condition = head.partition("WHEN ")
    event = event.replace("CREATE TRIGGER IF NOT EXISTS", "CREATE OR REPLACE TRIGGER")
    when = f"WHEN ({condition}) " if condition else ""
    return f"{event}FOR EACH ROW {when}EXECUTE FUNCTION refuse_rewriting({why})"
