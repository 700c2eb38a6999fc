"""Shared links: unguessable, bounded, revocable, and never kept in clear."""

from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.errors import BadInputError, NotFoundError
from dashboard.receipts import Recipient, Terms
from dashboard.records import door, links, recipients, releases
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


def opens(records, token, now=NOW):
    """Whether a token opens something, as far as the records alone decide it."""
    found = door.find(records, token, now)
    return found is not None and door.shut(found, None, now) is None


def test_a_link_opens_the_release_until_its_day(records, released):
    link, token = make(records, released, days=1)
    found = door.find(records, token, NOW)
    assert found == door.Found(link, sample_release().digest, None)
    assert door.release_behind(records, found) == sample_release()
    almost = NOW + timedelta(days=1) - timedelta(seconds=1)
    assert opens(records, token, almost)
    assert not opens(records, token, NOW + timedelta(days=1))


def test_a_crowd_is_told_in_its_order_what_stands_behind_each_token(records, released):
    (one, its), (other, others) = make(records, released), make(records, released)
    crowd = [its, "A" * 43, others, "short", its] + ["B" * 43] * 1_200 + [others]
    found = door.find_all(records, crowd, NOW)
    assert [each and each.link for each in found[:5]] == [one, None, other, None, one]
    assert set(found[5:-1]) == {None}
    assert found[-1].link == other


def test_a_revoked_link_stays_closed(records, released):
    link, token = make(records, released)
    links.revoke(records, "ana", link.id, NOW + timedelta(hours=1))
    links.revoke(records, "ana", link.id, NOW + timedelta(hours=2))
    assert not opens(records, token, NOW)
    (listed,) = links.of_release(records, "ana", released, NOW)
    assert listed.revoked_at == NOW + timedelta(hours=1)


def test_all_links_of_a_release_are_revoked_at_once(records, released):
    tokens = [make(records, released)[1] for _ in range(3)]
    make(records, released, days=1, now=NOW - timedelta(days=2))
    assert links.revoke_all(records, "bob", NOW, release_id=released) == 0
    assert links.revoke_all(records, "ana", NOW, release_id=released) == 3
    assert links.revoke_all(records, "ana", NOW, release_id=released) == 0
    assert not any(opens(records, token) for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "A" * 43, "../..", "A" * 10_000, "\x00" * 43])
def test_a_token_that_was_never_given_opens_nothing(records, released, token):
    assert door.find(records, token, NOW) is None


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
    for change in (links.rotate, links.pause):
        with pytest.raises(NotFoundError):
            change(records, "bob", link.id, NOW)
    assert links.of_release(records, "bob", released, NOW) == ()
    assert opens(records, token)


# ── rotate, pause ───────────────────────────────────────────────────────────────────────
def test_a_rotated_link_has_a_new_address_and_its_old_terms(records, released):
    terms = Terms(passphrase="open sesame", max_views=7)
    link, token = make(records, released, terms=terms)
    made = links.rotate(records, "ana", link.id, NOW)
    assert door.find(records, token, NOW) is None
    found = door.find(records, made.path.removeprefix("/s/"), NOW)
    assert (found.link, found.lock is not None) == (made.link, True)
    assert (made.link.version, made.link.max_views) == (2, 7)
    assert made.link.expires_at == link.expires_at


def test_a_link_that_is_over_gets_no_new_address(records, released):
    link, _ = make(records, released)
    links.revoke(records, "ana", link.id, NOW)
    late, _ = make(records, released, days=1, now=NOW - timedelta(days=3))
    for over in (link, late):
        with pytest.raises(BadInputError, match="is over"):
            links.rotate(records, "ana", over.id, NOW)


def test_a_paused_link_is_shut_until_it_is_resumed(records, released):
    link, token = make(records, released)
    links.pause(records, "ana", link.id, NOW)
    assert not opens(records, token)
    links.pause(records, "ana", link.id, NOW, paused=False)
    assert opens(records, token)


# ── terms ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("views", [0, -1, 100_001])
def test_the_largest_number_of_views_is_a_positive_number(records, released, views):
    with pytest.raises(BadInputError, match="1 to 100,000"):
        make(records, released, terms=Terms(max_views=views))


@pytest.mark.parametrize("words", ["short", " " * 20, "x" * 129])
def test_a_passphrase_is_neither_short_nor_endless(records, released, words):
    with pytest.raises(BadInputError, match="8 to 128"):
        make(records, released, terms=Terms(passphrase=words))


def test_a_passphrase_is_kept_as_argon2id_only(records, released):
    link, token = make(records, released, terms=Terms(passphrase="open sesame"))
    found = door.find(records, token, NOW)
    assert found.lock.startswith("$argon2id$")
    assert "sesame" not in found.lock
    assert link.passphrase
    assert "sesame" not in repr(Terms(passphrase="open sesame"))


SITES = ["https://wiki.example", "https://wiki.example:8443", "http://localhost:8600"]
NO_SITES = [
    "http://wiki.example",
    "https://*.example",
    "*",
    "https:",
    "'self'",
    "https://wiki.example/page",
    "https://wiki.example; script-src *",
    "https://wiki.example https://other.example",
    "https://me@wiki.example",
    "https://wiki.example:port",
    "https://wiki.example?x",
    "javascript:alert(1)",
    "data:text/html,x",
    "null",
    "",
    "https://wíki.example",
]


def test_sites_that_may_show_the_page_are_named_one_by_one(records, released):
    link, token = make(records, released, terms=Terms(embed=(*SITES, "HTTPS://Wiki.Example/")))
    assert link.embed == tuple(SITES)
    assert door.find(records, token, NOW).link.embed == link.embed


@pytest.mark.parametrize("site", NO_SITES)
def test_what_would_widen_the_policy_is_no_site(records, released, site):
    with pytest.raises(BadInputError, match="https://name"):
        make(records, released, terms=Terms(embed=(site,)))


def test_a_passphrase_and_another_site_do_not_go_together(records, released):
    with pytest.raises(BadInputError, match="Choose one of the two"):
        make(records, released, terms=Terms(passphrase="open sesame", embed=(SITES[0],)))


# ── recipients ──────────────────────────────────────────────────────────────────────────
def agency(records, **changes):
    told = {
        "id": "",
        "name": "Bright & Co",
        "kind": "processor",
        "contract_on": NOW.date(),
        "review_due": NOW.date() + timedelta(days=30),
        "country": "FR",
    }
    return recipients.keep(records, Recipient(**{**told, **changes}), "ana", NOW)


def test_a_link_for_somebody_outside_needs_what_the_register_asks(records, released):
    kept = agency(records)
    _, token = make(records, released, terms=Terms(recipient_id=kept.id))
    assert opens(records, token)
    missing = agency(records, contract_on=None)
    with pytest.raises(BadInputError, match="no date of a contract with Bright & Co"):
        make(records, released, terms=Terms(recipient_id=missing.id))
    with pytest.raises(NotFoundError):
        make(records, released, terms=Terms(recipient_id="unknown"))


def test_an_overdue_review_holds_the_link_and_a_renewal_lets_it_go(records, released):
    kept = agency(records)
    link, token = make(records, released, days=90, terms=Terms(recipient_id=kept.id))
    due, after = NOW + timedelta(days=30), NOW + timedelta(days=31)
    assert opens(records, token, due)
    assert not opens(records, token, after)
    (listed,) = links.of_release(records, "ana", released, after)
    assert listed.held_because == "the review of Bright & Co was due on 23 December 2026"
    assert recipients.renew(records, "ana", kept.id, after.date()) == after.date() + timedelta(365)
    assert opens(records, token, after)
    assert listed.id == link.id


def test_all_links_of_a_recipient_are_revoked_at_once(records, released):
    kept = agency(records)
    _, theirs = make(records, released, terms=Terms(recipient_id=kept.id))
    _, other = make(records, released)
    assert links.revoke_all(records, "bob", NOW, recipient_id=kept.id) == 0
    assert links.revoke_all(records, "ana", NOW, recipient_id=kept.id) == 1
    assert not opens(records, theirs)
    assert opens(records, other)
    with pytest.raises(BadInputError):
        links.revoke_all(records, "ana", NOW)
