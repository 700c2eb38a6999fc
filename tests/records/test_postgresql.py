"""PostgreSQL as the memory's store: what it needs to be told, and what a viewer may do there."""

import sys
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from dashboard.errors import ConfigurationError, InternalError
from dashboard.records import door, links, opinions, passphrases, releases
from dashboard.records.db import Records
from dashboard.records.visits import Visits
from tests.fixtures_release import sample_release
from tests.records.conftest import NOW, POSTGRESQL

pytestmark = POSTGRESQL


@pytest.fixture
def token(records, paid):
    """A link to a release that was bought."""
    releases.keep_map(
        records,
        map_id=paid("numbers"),
        owner="ana",
        dataset_id="dataset",
        lineage="base",
        title="Shop",
        body="numbers",
        now=NOW,
    )
    releases.keep_release(
        records,
        release_id="release",
        owner="ana",
        map_id="map",
        numbers_id="numbers",
        body=sample_release().to_json(),
        now=NOW,
    )
    made = links.create(records, owner="ana", release_id="release", label="", days=1, now=NOW)
    return made.path.removeprefix("/s/")


def test_a_look_sees_one_moment_whatever_is_written_meanwhile(records, paid):
    count = text("SELECT count(*) FROM charges")
    with records.read() as connection:
        assert connection.scalar(count) == 0
        paid("one")
        assert connection.scalar(count) == 0
    with records.read() as connection:
        assert connection.scalar(count) == 1


def test_a_look_changes_nothing(records):
    with pytest.raises(DBAPIError, match="read-only"), records.read() as connection:
        connection.execute(text("DELETE FROM links"))


def test_a_purchase_is_on_the_disk_whatever_the_server_is_used_to(url, postgresql):
    postgresql.run("ALTER ROLE owner SET synchronous_commit = off")
    try:
        records = Records(url)
        with records.write() as connection:
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        records.close()
    finally:
        postgresql.run("ALTER ROLE owner RESET synchronous_commit")


def test_every_guard_of_the_file_is_in_the_database_too(records):
    from dashboard.records.tables import GUARDS

    Records(str(records._engine.url.render_as_string(hide_password=False))).close()
    with records.read() as connection:
        names = connection.scalars(
            text(
                "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
            )
        ).all()
    assert set(names) == {guard.split()[5] for guard in GUARDS}


def test_a_refund_is_refused_by_the_database_itself(records, paid):
    paid("one")
    with pytest.raises(IntegrityError, match="never given back"), records.write() as connection:
        connection.execute(text("UPDATE lineages SET spent_rho = 0"))


def test_a_viewer_needs_to_read_links_and_releases_and_nothing_more(
    records, token, url, postgresql
):
    schema = url.rpartition("%3D")[2]
    postgresql.run(
        f"CREATE ROLE viewer_{schema} LOGIN",
        f"GRANT USAGE ON SCHEMA {schema} TO viewer_{schema}",
        f"GRANT SELECT ON {schema}.links, {schema}.releases, {schema}.schema_version"
        f" TO viewer_{schema}",
        "GRANT SELECT (id, name, kind, contract_on, basis, review_due, country, transfer_basis)"
        f" ON {schema}.recipients TO viewer_{schema}",
    )
    viewer = Records(postgresql.url(schema, f"viewer_{schema}"), read_only=True)
    try:
        found = door.find(viewer, token, NOW)
        assert door.release_behind(viewer, found) == sample_release()
        links.revoke(records, "ana", found.link.id, NOW + timedelta(hours=1))
        assert door.shut(door.find(viewer, token, NOW), None, NOW) == "revoked"
        for table in ("maps", "charges", "lineages", "audit", "datasets", "recipients"):
            with pytest.raises(DBAPIError, match="permission denied"), viewer.read() as connection:
                connection.execute(text(f"SELECT * FROM {table}"))
        with pytest.raises(InternalError, match="look only"):
            links.revoke(viewer, "ana", found.link.id, NOW)
    finally:
        viewer.close()
        postgresql.run(f"DROP OWNED BY viewer_{schema}", f"DROP ROLE viewer_{schema}")


def test_a_viewer_counts_where_it_may_and_nowhere_else(records, token, url, postgresql):
    schema = url.rpartition("%3D")[2]
    Visits(url).close()
    counts = ", ".join(
        f"{schema}.{name}"
        for name in ("link_views", "link_capped", "link_refusals", "link_tries", "link_opinions")
    )
    postgresql.run(
        f"CREATE ROLE viewer_{schema} LOGIN",
        f"GRANT USAGE ON SCHEMA {schema} TO viewer_{schema}",
    )
    link = door.find(records, token, NOW).link
    address = postgresql.url(schema, f"viewer_{schema}")
    with pytest.raises(DBAPIError, match="permission denied"):
        Visits(address)
    postgresql.run(
        f"GRANT SELECT ON {schema}.visits_version TO viewer_{schema}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {counts} TO viewer_{schema}",
    )
    visits = Visits(address)
    try:
        assert visits.enter(link, NOW)
        assert visits.by_day([link.id])[link.id][0].times == 1
        assert passphrases.begin(visits, link.id, NOW) is not None
        opinions.say(visits, link.id, "useful", "page", NOW)
        with pytest.raises(DBAPIError, match="permission denied"), visits.write() as connection:
            connection.execute(text("UPDATE links SET max_views = NULL"))
    finally:
        visits.close()
        postgresql.run(f"DROP OWNED BY viewer_{schema}", f"DROP ROLE viewer_{schema}")


def test_a_viewer_waits_for_nothing_and_makes_nothing(url):
    with pytest.raises(ConfigurationError, match="Start the dashboard once"):
        Records(url, read_only=True)


def test_a_server_that_can_not_be_reached_is_said_without_its_address(url, tmp_path):
    with pytest.raises(ConfigurationError, match="database runs") as refused:
        Records(f"postgresql://ana:secret@/shop?host={tmp_path}")
    assert "secret" not in str(refused.value)


def test_a_missing_driver_is_said_with_what_to_install(url, monkeypatch):
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "psycopg", None)
        with pytest.raises(ConfigurationError, match=r"requirements-postgresql\.txt"):
            Records(url)
