"""The memory's door: private, durable, and shut to newer tables."""

import multiprocessing
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dashboard.errors import ConfigurationError
from dashboard.records.db import Records
from dashboard.records.tables import VERSION
from tests.records.conftest import SQLITE


@SQLITE
def test_the_file_and_its_folder_are_readable_by_their_owner_only(records, url):
    file = Path(url.removeprefix("sqlite:///"))
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    for each in file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each.name


@SQLITE
def test_every_connection_waits_its_turn_and_writes_to_the_disk(records):
    with records.read() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }


def _open_one_good_and_one_bad_account(records):
    with records.write() as connection:
        for spent in (0, 2):
            row = {"id": f"x{spent}", "spent": spent}
            connection.execute(
                text(
                    "INSERT INTO lineages (id, spent_rho, spent_delta, cap_rho, cap_delta)"
                    " VALUES (:id, :spent, 0, 1, 1)"
                ),
                row,
            )


def test_an_error_within_a_write_undoes_all_of_it(records):
    with pytest.raises(IntegrityError):
        _open_one_good_and_one_bad_account(records)
    with records.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM lineages WHERE id = 'x0'")) == 0


def test_opening_again_keeps_what_is_there(records, url):
    records.close()
    again = Records(url)
    with again.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM lineages")) == 1
        assert connection.scalar(text("SELECT version FROM schema_version")) == VERSION
    again.close()


def test_the_tables_of_a_newer_program_are_left_alone(records, url):
    with records.write() as connection:
        connection.execute(text("UPDATE schema_version SET version = 99"))
    with pytest.raises(ConfigurationError, match="newer program"):
        Records(url)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_that_cannot_remember_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigurationError) as refused:
        Records(url)
    assert "DASHBOARD_DATABASE_URL" in str(refused.value)


def _open_and_close(url, barrier):
    barrier.wait()
    Records(url).close()


def test_four_processes_may_open_a_new_memory_at_once(url):
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(4)
    started = [spawn.Process(target=_open_and_close, args=(url, barrier)) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * 4
