"""Shared links: unguessable, bounded, revocable, and never kept in clear."""

from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.errors import BadInputError, NotFoundError
from dashboard.records import links, releases
from tests.fixtures_release import sample_release
from tests.records.conftest import NOW, SQLITE


@pytest.fixture
def released(records, paid):
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
    return "release"


def make(records, released, **changes):
    told = {"owner": "ana", "label": "For the agency", "days": 14, "now": NOW, **changes}
    made = links.create(records, release_id=released, **told)
    return made.link, made.path.removeprefix("/s/")


def test_a_link_opens_the_release_until_its_day(records, released):
    link, token = make(records, released, days=1)
    assert links.open_link(records, token, NOW) == (sample_release(), link)
    assert links.live_link(records, token, NOW) == (sample_release().digest, link)
    almost = NOW + timedelta(days=1) - timedelta(seconds=1)
    assert links.open_link(records, token, almost) is not None
    assert links.open_link(records, token, NOW + timedelta(days=1)) is None


def test_a_revoked_link_stays_closed(records, released):
    link, token = make(records, released)
    links.revoke(records, "ana", link.id, NOW + timedelta(hours=1))
    links.revoke(records, "ana", link.id, NOW + timedelta(hours=2))
    assert links.open_link(records, token, NOW) is None
    assert links.live_link(records, token, NOW) is None
    (listed,) = links.of_release(records, "ana", released)
    assert listed.revoked_at == NOW + timedelta(hours=1)


def test_all_links_of_a_release_are_revoked_at_once(records, released):
    tokens = [make(records, released)[1] for _ in range(3)]
    make(records, released, days=1, now=NOW - timedelta(days=2))
    assert links.revoke_all(records, "bob", released, NOW) == 0
    assert links.revoke_all(records, "ana", released, NOW) == 3
    assert links.revoke_all(records, "ana", released, NOW) == 0
    assert all(links.open_link(records, token, NOW) is None for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "A" * 43, "../..", "A" * 10_000, "\x00" * 43])
def test_a_token_that_was_never_given_opens_nothing(records, released, token):
    assert links.open_link(records, token, NOW) is None
    assert links.live_link(records, token, NOW) is None


@SQLITE
def test_the_token_is_nowhere_in_the_database(records, released, url):
    link, token = make(records, released)
    assert len(token) == 43
    folder = Path(url.removeprefix("sqlite:///")).parent
    stored = b"".join(file.read_bytes() for file in folder.iterdir())
    assert token.encode() not in stored
    assert link.id.encode() in stored


@pytest.mark.parametrize("days", [0, -1, 91, 10_000])
def test_a_link_lives_one_to_ninety_days(records, released, days):
    with pytest.raises(BadInputError, match="1 to 90 days"):
        make(records, released, days=days)


def test_a_label_is_one_short_line(records, released):
    link, _ = make(records, released, label="  For\n the   agency ")
    assert link.label == "For the agency"
    with pytest.raises(BadInputError, match="120 characters"):
        make(records, released, label="x" * 121)


def test_nobody_shares_lists_or_revokes_what_is_another_s(records, released):
    link, token = make(records, released)
    with pytest.raises(NotFoundError):
        make(records, released, owner="bob")
    with pytest.raises(NotFoundError):
        make(records, "unknown release")
    with pytest.raises(NotFoundError):
        links.revoke(records, "bob", link.id, NOW)
    assert links.of_release(records, "bob", released) == ()
    assert links.open_link(records, token, NOW) is not None
