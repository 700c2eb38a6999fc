"""Cards say what a marketer needs, with every text from outside escaped."""

from dataclasses import replace

from dashboard.release import HiddenGroup, Trait
from dashboard.terms import Spent
from dashboard.ui import cards, tables, words
from tests.fixtures_release import sample_release

RELEASE = sample_release()
BAD = "<img src=x onerror=alert(1)>"


def test_a_card_says_name_size_share_traits_and_next_step() -> None:
    said = cards.segment_html(0, RELEASE.segments[0])
    for each in (
        "Loyal enthusiasts",
        "about 1,240 people (1,215–1,265)",
        "about 15.8",
        "orders about 4 times as often as everybody",
        "Thank them first",
        "Big enough for most ad platforms",
    ):
        assert each in said


def test_only_three_traits_are_told() -> None:
    many = replace(RELEASE.segments[0], traits=tuple(Trait("a", f"t{n}", 1.0) for n in range(5)))
    assert cards.segment_html(0, many).count("<li>") == 3


def test_the_badge_looks_at_the_low_end_of_the_range() -> None:
    segment = RELEASE.segments[0]
    for low, said in (
        (1000, words.BIG_ENOUGH[0][1]),
        (999, words.BIG_ENOUGH[1][1]),
        (100, words.BIG_ENOUGH[1][1]),
        (99, words.TOO_SMALL),
        (-3, words.TOO_SMALL),
    ):
        assert words.usable(replace(segment, size_low=low))[0] == said


def test_no_text_from_outside_becomes_markup() -> None:
    bad = replace(RELEASE.segments[0], name=BAD, next_step=BAD, traits=(Trait("a", BAD, 1.0),))
    made = (
        cards.cards_html((bad,), None)
        + cards.legend_html((bad,))
        + cards.facts_html(((BAD, BAD),))
        + tables.table_html((BAD,), ((BAD, BAD),))
    )
    assert "<img" not in made
    assert made.count("&lt;img") == 9


def test_a_hidden_group_is_a_sentence_never_zero() -> None:
    said = cards.cards_html(RELEASE.segments, HiddenGroup(1, None, None, None))
    assert "One group is hidden for privacy: too few people." in said
    assert said.count("of all shown") == len(RELEASE.segments)
    assert "of all shown" not in cards.cards_html(RELEASE.segments, None)


def test_the_meter_never_runs_over() -> None:
    said = cards.meter_html(Spent(3.0, 1e-6, 0.1), (("spent", 0.5),))
    assert "width:100.0%" in said


def test_color_is_never_alone() -> None:
    said = cards.legend_html(RELEASE.segments)
    for letter, segment in zip("ABCDE", RELEASE.segments, strict=True):
        assert f">{letter}</span>{segment.name}" in said
