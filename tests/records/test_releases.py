"""What was bought: the first answer wins, and nobody finds another's."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dashboard.errors import InternalError, NotFoundError
from dashboard.records import door, ledger, links, releases
from tests.fixtures_release import sample_release
from tests.records.conftest import NOW


def keep_map(records, body, map_id="map", owner="ana"):
    return releases.keep_map(
        records,
        map_id=map_id,
        owner=owner,
        dataset_id="dataset",
        lineage="base",
        title="Shop",
        body=body,
        now=NOW,
    )


def keep_release(records, body, release_id="release", owner="ana"):
    return releases.keep_release(
        records,
        release_id=release_id,
        owner=owner,
        map_id="map",
        numbers_id="numbers",
        body=body,
        now=NOW,
    )


@pytest.fixture
def numbers(records, paid):
    """Noisy numbers that were paid for and stored."""
    keep_map(records, "numbers", map_id=paid("numbers"))
    return "numbers"


def test_the_first_map_wins_and_the_ledger_line_is_finished(records, paid):
    paid("map")
    assert keep_map(records, "first") == "first"
    assert keep_map(records, "second") == "first"
    assert releases.find_map(records, "map", "ana").body == "first"
    assert ledger.account(records, "base").charges[0].finished


def test_the_first_release_wins_and_reads_back_whole(records, numbers):
    first, second = sample_release(), sample_release(title="Drawn again")
    assert keep_release(records, first.to_json()) == first.to_json()
    assert keep_release(records, second.to_json()) == first.to_json()
    assert releases.find_release(records, "release", "ana") == first
    (listed,) = releases.releases(records, "ana")
    assert (listed.title, listed.segments, listed.digest) == (first.title, 5, first.digest)
    assert releases.has_release(records, "release", "ana")


def test_racing_draws_give_one_answer(records, paid):
    paid("map")
    answers = []
    barrier = threading.Barrier(6)

    def draw(body):
        barrier.wait()
        answers.append(keep_map(records, body))

    threads = [threading.Thread(target=draw, args=(f"draw {each}",)) for each in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1


def test_an_answer_nobody_paid_for_is_not_stored(records):
    with pytest.raises(InternalError):
        keep_map(records, "body", map_id="unpaid")
    assert not releases.has_map(records, "unpaid", "ana")


def test_a_body_that_is_no_release_is_not_stored(records, numbers):
    with pytest.raises(ValueError, match="not a release"):
        keep_release(records, "{}")
    assert releases.releases(records, "ana") == ()


def test_a_release_of_numbers_that_nobody_bought_is_not_stored(records, paid):
    with pytest.raises(NotFoundError):
        keep_release(records, sample_release().to_json())
    assert releases.releases(records, "ana") == ()


def test_another_edition_of_the_same_numbers_costs_nothing(records, numbers):
    before = ledger.account(records, "base").spent
    keep_release(records, sample_release().to_json(), release_id="one")
    keep_release(records, sample_release(title="Renamed").to_json(), release_id="two")
    assert ledger.account(records, "base").spent == before
    assert len(releases.releases(records, "ana")) == 2


def test_what_belongs_to_somebody_else_is_not_found(records, paid, numbers):
    keep_map(records, "body", map_id=paid("map"))
    keep_release(records, sample_release().to_json())
    for find in (releases.find_map, releases.find_release):
        messages = set()
        for item, owner in (("map", "bob"), ("release", "bob"), ("unknown", "ana")):
            with pytest.raises(NotFoundError) as refused:
                find(records, item, owner)
            messages.add(str(refused.value))
        assert len(messages) == 1
    assert releases.maps(records, "bob") == ()
    assert releases.releases(records, "bob") == ()
    assert not releases.has_map(records, "map", "bob")
    with pytest.raises(NotFoundError):
        keep_map(records, "mine now", owner="bob")


def test_a_demo_visit_is_forgotten_and_its_spending_is_not(records, paid, numbers, url):
    keep_map(records, "the body of the visit", map_id=paid("map"))
    keep_release(records, sample_release().to_json())
    made = links.create(records, owner="ana", release_id="release", label="", days=1, now=NOW)
    keep_map(records, "another's", map_id=paid("other map", "bob"), owner="bob")
    releases.forget(records, "ana")
    assert releases.maps(records, "ana") == ()
    assert releases.releases(records, "ana") == ()
    assert door.find(records, made.path.removeprefix("/s/"), NOW) is None
    assert len(releases.maps(records, "bob")) == 1
    assert len(ledger.account(records, "base").charges) == 3
    ledger.check(records)


def test_the_file_itself_refuses_to_change_what_was_released(records, numbers):
    keep_release(records, sample_release().to_json())
    with pytest.raises(IntegrityError), records.write() as connection:
        connection.execute(text("UPDATE releases SET body = '{}'"))


def test_lists_come_newest_first(records, paid):
    for number in range(3):
        releases.keep_map(
            records,
            map_id=paid(f"map {number}"),
            owner="ana",
            dataset_id="d",
            lineage="base",
            title="",
            body="",
            now=NOW.replace(minute=number),
        )
    assert [each.id for each in releases.maps(records, "ana")] == ["map 2", "map 1", "map 0"]
