"""Sentences around numbers: true for one, for many and for none."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.receipts import Kept, Link
from dashboard.records import opinions, recipients
from dashboard.release import HiddenGroup
from dashboard.terms import Role, Spent
from dashboard.ui import words

ROOT = Path(__file__).parents[2]
KEPT = Kept("d", 2540, 12, 3, 180, 50, 4, 2310, 12, 8, date(2027, 2, 21))
FORBIDDEN = ("anonymous", "anonymis", "anonymiz", "compliant", "cluster")


def test_what_became_of_the_rows_is_told_without_gaps() -> None:
    assert words.kept_headline(KEPT) == "About 2,310 of 2,490 customers may be used."
    said = " ".join(words.kept_sentences(KEPT, use_unknown=True))
    assert "180 customers said no and were left out." in said
    assert "50 customers said neither yes nor no and are used." in said
    assert "The table is destroyed on 21 February 2027." in said


def test_undecided_customers_who_are_left_out_are_counted_as_asked() -> None:
    many = replace(KEPT, minors=40)
    assert words.kept_headline(many, use_unknown=False) == "2,310 of 2,580 customers may be used."
    said = " ".join(words.kept_sentences(KEPT, use_unknown=False))
    assert "50 customers said neither yes nor no and were left out." in said


def test_of_a_table_on_a_cluster_nobody_says_that_it_was_kept_here():
    told = words.kept_sentences(replace(KEPT, far=True), use_unknown=True)
    assert "No row came here" in " ".join(told)
    assert "encrypted" not in " ".join(told)


def test_a_small_count_of_people_is_told_and_can_be_worked_out_by_nobody() -> None:
    said = " ".join([words.kept_headline(KEPT), *words.kept_sentences(KEPT, use_unknown=True)])
    assert "Fewer than 11 customers are minors" in said
    assert "2,494" not in said
    listed = [replace(KEPT, minors=0, listed=count) for count in (0, 1, 10)]
    assert len({words.kept_sentences(each, use_unknown=True) for each in listed}) == 1
    assert words.kept_headline(listed[0]) == words.kept_headline(listed[1])


def test_a_handful_of_customers_who_may_be_used_is_not_counted() -> None:
    few = [words.kept_headline(replace(KEPT, customers=count)) for count in (1, 10)]
    assert few == ["Fewer than 11 customers may be used."] * 2


def test_nothing_is_said_of_what_did_not_happen() -> None:
    quiet = Kept("d", 100, 0, 0, 0, 0, 0, 100, 3, 3, date(2027, 2, 21))
    assert len(words.kept_sentences(quiet, use_unknown=True)) == 3


@pytest.mark.parametrize(
    ("count", "said"),
    [(6, "About 6 more releases"), (1, "About 1 more release "), (0, "used up"), (-1, "used up")],
)
def test_the_budget_is_told_in_releases(count: int, said: str) -> None:
    assert said in words.releases_left(count)


@pytest.mark.parametrize(("epsilon", "right"), [(0.5, 62), (1.0, 73), (2.0, 88), (3.0, 95)])
def test_epsilon_is_told_in_odds(epsilon: float, right: int) -> None:
    assert f"{right} times in 100" in words.odds_at(epsilon)


def test_a_price_is_a_part_of_the_budget_and_never_nothing() -> None:
    cap = Spent(3.0, 1e-6, 0.2)
    assert words.part_of_budget(Spent(1.0, 1e-6, 0.02), cap).startswith("10")
    assert words.part_of_budget(Spent(0.1, 1e-6, 1e-6), cap).startswith("1")
    assert "paid for" in words.part_of_budget(Spent(0.0, 1e-6, 0.0), cap)


def test_a_link_says_whether_it_opens() -> None:
    when = datetime(2026, 12, 7, tzinfo=UTC)
    before, after = when - timedelta(days=1), when + timedelta(days=1)
    link = Link("l", "r", "", before, when, None)
    assert words.link_state(link, before) == "open until 7 December 2026"
    assert words.link_state(link, after) == "expired on 7 December 2026"
    assert words.link_state(replace(link, revoked_at=when), after) == "revoked on 7 December 2026"
    paused = replace(link, paused_at=before)
    assert words.link_state(paused, before).startswith("paused on 6 December 2026")
    held = replace(link, held_because="the review of Bright & Co was due on 5 December 2026")
    assert words.link_state(held, before) == (
        "paused, because the review of Bright & Co was due on 5 December 2026"
    )


def test_every_opinion_refusal_and_recipient_has_words() -> None:
    assert set(words._SAID) == set(opinions.OPINIONS)
    assert set(words.RECIPIENT_KINDS) == set(recipients.KINDS)
    door = (ROOT / "dashboard" / "records" / "door.py").read_text("utf-8")
    said = set(re.findall(r'return "(\w+)"|return "(\w+)" if', door)) | {("recipient", "")}
    assert {one or other for one, other in said} | {"passphrase"} == set(words._WHY)


def test_a_total_without_hidden_groups_is_not_said_to_be_all() -> None:
    assert words.people_in_all(None) == "people in all"
    assert words.people_in_all(HiddenGroup(1, None, None, None)) == "people in the segments shown"
    assert [words.segments_shown(count) for count in (1, 2)] == ["segment shown", "segments shown"]


def test_every_role_has_words() -> None:
    assert set(words.ROLES) == set(Role.__args__)


def test_markdown_signs_mean_themselves() -> None:
    assert words.safe("a*b [x](y) $1$") == r"a\*b \[x\]\(y\) \$1\$"


def test_no_screen_promises_what_nobody_can() -> None:
    texts = [value for value in vars(words).values() if isinstance(value, str)]
    for text in texts:
        assert not any(each in text.lower() for each in FORBIDDEN), text
