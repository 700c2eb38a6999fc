"""Records of an older program become like today's, with everything that was in them."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from dashboard.errors import ConfigurationError
from dashboard.records import tables
from dashboard.records.db import Records
from tests.fixtures_release import sample_release
from tests.records.conftest import NOW

SHAPES = Path(__file__).with_name("shapes")
OLD = (
    "INSERT INTO schema_version (version) VALUES (1)",
    "INSERT INTO lineages VALUES ('base', 1, 0, 10, 0, NULL)",
    "INSERT INTO charges VALUES ('numbers', 'base', 'ana', 'map', 1, 0, '{now}', TRUE)",
    "INSERT INTO maps VALUES ('numbers', 'ana', 'd', 'base', 'Shop', '{now}', 'numbers')",
    "INSERT INTO releases VALUES ('rel', 'ana', 'm', 'numbers', 'S', 5, '{digest}', '{now}', '')",
    "INSERT INTO links VALUES ('link', '{hash}', 'ana', 'rel', 'Board', '{now}', '{now}', NULL)",
)


@pytest.fixture
def old(url: str) -> str:
    """A memory as the first version of the tables left it."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()
    told = {
        "now": NOW.isoformat(timespec="microseconds"),
        "digest": sample_release().digest,
        "hash": "0" * 64,
    }
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (SHAPES / "records_1.sql").read_text("utf-8").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        for row in OLD:
            filled = row
            for name, value in told.items():
                filled = filled.replace("{" + name + "}", value)
            connection.exec_driver_sql(filled.replace("%", "%%") if "postgres" in url else filled)
    engine.dispose()
    return url


def _columns(records: Records) -> dict[str, dict[str, tuple[str, bool]]]:
    """Every table with its columns: their types and whether they may be empty."""
    with records.read() as connection:
        seen = inspect(connection)
        return {
            name: {
                each["name"]: (str(each["type"]), bool(each["nullable"]))
                for each in seen.get_columns(name)
            }
            for name in seen.get_table_names()
        }


def test_old_tables_get_the_shape_of_new_ones(old):
    moved = Records(old)
    with moved.read() as connection:
        assert connection.scalar(text("SELECT version FROM schema_version")) == tables.VERSION
    columns = _columns(moved)
    moved.close()
    for table in tables.metadata.sorted_tables:
        assert set(columns[table.name]) == {column.name for column in table.c}
    assert columns["links"]["version"] == ("INTEGER", False)
    assert columns["links"]["passphrase"] == ("TEXT", True)


def test_what_was_there_is_still_there_and_opens_as_before(old):
    moved = Records(old)
    with moved.read() as connection:
        (row,) = connection.execute(tables.links.select()).all()
        assert connection.scalar(text("SELECT spent_rho FROM lineages")) == 1
    assert (row.id, row.label, row.version, row.embed) == ("link", "Board", 1, "")
    assert row.recipient_id is row.passphrase is row.max_views is row.paused_at is None
    moved.close()
    Records(old).close()


def test_who_may_only_look_waits_until_the_dashboard_has_moved_on(old):
    with pytest.raises(ConfigurationError, match="Start the dashboard once"):
        Records(old, read_only=True)
    Records(old).close()
    Records(old, read_only=True).close()


def test_moving_on_happens_whole_or_not_at_all(old, monkeypatch):
    broken = (*tables.STEPS[0], "ALTER TABLE nowhere ADD COLUMN x TEXT")
    with monkeypatch.context() as patched:
        shape = Records.shape
        patched.setattr(
            Records,
            "shape",
            type(shape)(shape.metadata, shape.versions, 2, (broken,), guarded=True),
        )
        with pytest.raises((ConfigurationError, DBAPIError)):
            Records(old)
    engine = create_engine(old)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version FROM schema_version")) == 1
        assert "passphrase" not in {
            each["name"] for each in inspect(connection).get_columns("links")
        }
    engine.dispose()
    Records(old).close()
