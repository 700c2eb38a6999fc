"""Visits are counted by day and link; a largest number of views can't be exceeded by a race."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import inspect, text

from dashboard.errors import ConfigurationError
from dashboard.receipts import DayOfViews, Link, Refused
from dashboard.records import opinions, passphrases
from dashboard.records import visits as counting
from dashboard.records.visits import Visits
from tests.records.conftest import NOW, SQLITE

LINK = Link("link", "release", "Board", NOW, NOW + timedelta(days=14), None)
CAPPED = replace(LINK, id="capped", max_views=10)
TODAY = NOW.date()


@pytest.fixture
def visits(url, monkeypatch):
    monkeypatch.setattr(counting, "SECONDS_HELD", 3600.0)
    opened = Visits(url)
    yield opened
    opened.close()


def held(visits):
    """What is written already, without what waits in memory."""
    with visits.read() as connection:
        return connection.execute(counting.views.select()).all()


def test_views_are_added_up_in_memory_and_written_together(visits):
    for _ in range(1_000):
        assert visits.enter(LINK, NOW)
    assert held(visits) == []
    visits.settle_up()
    assert [each.times for each in held(visits)] == [1_000]
    assert visits.enter(LINK, NOW + timedelta(days=1))
    days = (DayOfViews(TODAY, 1_000), DayOfViews(TODAY + timedelta(1), 1))
    assert visits.by_day(["link", "other"]) == {"link": days}


def test_what_waits_is_written_soon_without_another_visit(url, monkeypatch):
    monkeypatch.setattr(counting, "SECONDS_HELD", 0.01)
    visits = Visits(url)
    written = visits.settle_up
    import threading

    done = threading.Event()
    monkeypatch.setattr(visits, "settle_up", lambda: (written(), done.set()))
    visits.enter(LINK, NOW)
    assert done.wait(20)
    assert [each.times for each in held(visits)] == [1]
    visits.close()


def _visit_once_and_leave(url):
    Visits(url).enter(LINK, NOW)


def test_a_program_that_ends_writes_down_what_it_held(url):
    Visits(url).close()
    leaving = multiprocessing.get_context("spawn").Process(
        target=_visit_once_and_leave, args=(url,)
    )
    leaving.start()
    leaving.join(60)
    assert leaving.exitcode == 0
    again = Visits(url)
    assert again.by_day(["link"]) == {"link": (DayOfViews(TODAY, 1),)}
    again.close()


def test_no_race_shows_a_page_more_often_than_agreed(visits, url):
    other = Visits(url)
    with ThreadPoolExecutor(8) as together:
        let_in = list(
            together.map(lambda turn: (visits, other)[turn % 2].enter(CAPPED, NOW), range(40))
        )
    assert let_in.count(True) == 10
    assert visits.used_up(CAPPED)
    assert other.by_day(["capped"]) == {"capped": (DayOfViews(TODAY, 10),)}
    other.close()


def test_a_crowd_that_is_counted_at_once_is_let_in_no_more_often(visits):
    other = replace(CAPPED, id="other", max_views=1)
    crowd = [CAPPED] * 6 + [other] * 2 + [CAPPED] * 6
    let_in = visits.enter_all(crowd, NOW)
    assert let_in == [True] * 6 + [True, False] + [True] * 4 + [False] * 2
    assert visits.by_day(["other"]) == {"other": (DayOfViews(TODAY, 1),)}


def test_a_rotated_link_counts_anew_toward_its_largest_number(visits):
    for _ in range(10):
        visits.enter(CAPPED, NOW)
    rotated = replace(CAPPED, version=2)
    assert not visits.used_up(rotated)
    assert visits.enter(rotated, NOW)


@SQLITE
def test_where_nothing_can_be_counted_a_largest_number_lets_nobody_in(visits):
    with visits.write() as connection:
        connection.execute(text("DROP TABLE link_capped"))
    assert visits.used_up(CAPPED)
    assert not visits.enter(CAPPED, NOW)
    assert visits.enter(LINK, NOW)


@SQLITE
def test_views_that_can_not_be_written_stop_nobody(visits, caplog):
    with visits.write() as connection:
        connection.execute(text("DROP TABLE link_views"))
    visits.enter(LINK, NOW)
    visits.settle_up()
    assert "1 visits could not be counted" in caplog.text


def test_refused_visits_are_counted_with_their_reason(visits):
    for why in ("expired", "expired", "paused"):
        visits.refuse(LINK, why, NOW)
    told = (Refused("link", TODAY, "expired", 2), Refused("link", TODAY, "paused", 1))
    assert visits.refused(["link"]) == told
    visits.noted(told[0])
    assert visits.refused(["link"], noted=False) == told[1:]
    assert visits.refused(["link"]) == told


def test_nothing_that_is_kept_could_name_a_visitor(visits):
    with visits.read() as connection:
        seen = inspect(connection)
        columns = {
            each["name"]
            for table in seen.get_table_names()
            if table.startswith("link_")
            for each in seen.get_columns(table)
        }
    assert columns == {
        *("link_id", "version", "day", "times", "why", "noted"),
        *("id", "at", "opinion", "part", "reviewed"),
    }


def test_a_store_that_can_not_be_opened_names_its_setting(tmp_path):
    with pytest.raises(ConfigurationError, match="DASHBOARD_VISITS_URL"):
        Visits("nonsense")


def test_a_viewer_without_the_right_to_count_tries_again_later(tmp_path, monkeypatch):
    place = tmp_path / "made later"
    place.write_text("in the way")
    visits = counting.where_possible(f"sqlite:///{place / 'visits.sqlite3'}")
    assert visits() is None
    place.unlink()
    assert visits() is None
    monkeypatch.setattr(counting, "_SECONDS_BETWEEN_TRIES", 0.0)
    opened = visits()
    assert opened is not None
    assert visits() is opened
    opened.close()


def test_what_is_forgotten_is_gone(visits):
    visits.enter(LINK, NOW)
    visits.enter(CAPPED, NOW)
    visits.forget(["link"])
    assert set(visits.by_day(["link", "capped"])) == {"capped"}


# ── passphrases ─────────────────────────────────────────────────────────────────────────
def test_five_tries_in_a_quarter_of_an_hour_over_all_processes(visits, url):
    other = Visits(url)
    for turn in range(5):
        assert passphrases.begin((visits, other)[turn % 2], "link", NOW) is not None
    soon, later = NOW + timedelta(minutes=14), NOW + timedelta(minutes=15)
    assert passphrases.begin(other, "link", soon) is None
    assert passphrases.begin(visits, "another", soon) is not None
    assert passphrases.begin(other, "link", later) is not None
    other.close()


def test_tries_that_race_are_no_more_than_five(visits, url):
    with ThreadPoolExecutor(8) as together:
        begun = list(together.map(lambda _: passphrases.begin(visits, "link", NOW), range(24)))
    assert sum(each is not None for each in begun) == 5


def test_a_right_passphrase_uses_no_try_up(visits):
    for _ in range(20):
        passphrases.succeeded(visits, passphrases.begin(visits, "link", NOW))


@pytest.fixture(scope="module")
def stored():
    return passphrases.kept("  Café   in the park ")


def test_a_passphrase_fits_however_it_was_typed(stored):
    assert passphrases.fits(stored, "Cafe\u0301 in the park")
    assert not passphrases.fits(stored, "café in the park")
    assert not passphrases.fits(stored, "x" * 100_000)
    assert not passphrases.fits("not a hash", "Café in the park")


def test_a_proof_is_for_one_link_one_version_and_one_hour(stored):
    proof = passphrases.proof(stored, LINK, NOW)
    assert passphrases.proven(stored, LINK, proof, NOW + timedelta(minutes=59))
    assert not passphrases.proven(stored, LINK, proof, NOW + timedelta(minutes=60))
    assert not passphrases.proven(stored, replace(LINK, version=2), proof, NOW)
    assert not passphrases.proven(stored, replace(LINK, id="other"), proof, NOW)
    assert not passphrases.proven(passphrases.kept("Café in the park"), LINK, proof, NOW)


@pytest.mark.parametrize("change", ["", "x", "9999999999." + "0" * 64, "é", "1.", "." + "0" * 64])
def test_a_made_up_proof_proves_nothing(stored, change):
    assert not passphrases.proven(stored, LINK, change, NOW)


def test_a_proof_can_not_be_prolonged(stored):
    until, _, seal = passphrases.proof(stored, LINK, NOW).partition(".")
    assert not passphrases.proven(stored, LINK, f"{int(until) + 1}.{seal}", NOW)


# ── opinions ────────────────────────────────────────────────────────────────────────────
def test_opinions_are_counted_by_part_and_day(visits):
    for _ in range(3):
        opinions.say(visits, "link", "useful", "sizes", NOW)
    opinions.say(visits, "link", "noisy", "page", NOW)
    told = {(each.opinion, each.part, each.times) for each in opinions.of_links(visits, ["link"])}
    assert told == {("useful", "Sizes", 3), ("noisy", "The whole page", 1)}


def test_there_is_no_free_text(visits):
    opinions.say(visits, "link", "useful", "call me at home", NOW)
    opinions.say(visits, "link", "I know him", "page", NOW)
    assert opinions.of_links(visits, ["link"]) == ()


def test_a_flood_of_one_answer_does_not_drown_the_others(visits, monkeypatch):
    monkeypatch.setattr(opinions, "MOST", 3)
    for part in ("page", "sizes", "segments", "account"):
        opinions.say(visits, "link", "useful", part, NOW)
    opinions.say(visits, "link", "identifies", "sizes", NOW)
    opinions.say(visits, "link", "useful", "page", NOW + timedelta(days=1))
    told = [(each.day, each.opinion) for each in opinions.of_links(visits, ["link"])]
    assert told.count((TODAY, "useful")) == 3
    assert (TODAY, "identifies") in told
    assert (date(2026, 11, 24), "useful") in told


def test_what_could_identify_someone_waits_for_a_review_and_may_be_said_again(visits):
    def waiting():
        return [each.part for each in opinions.of_links(visits, ["link"]) if each.to_review]

    opinions.say(visits, "link", "identifies", "sizes", NOW)
    opinions.say(visits, "link", "noisy", "sizes", NOW)
    assert waiting() == ["Sizes"]
    opinions.reviewed(visits, "link")
    assert waiting() == []
    opinions.say(visits, "link", "identifies", "sizes", NOW)
    assert waiting() == ["Sizes"]
