"""How numbers are said: with their range, rounded to the error, never zero for a hidden one."""

import math
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import wording
from dashboard.plan import Feature
from dashboard.privacy import accuracy
from dashboard.receipts import BudgetState, Charge
from dashboard.release import Bar, ColumnProfile, Estimate, HiddenGroup
from dashboard.terms import Bounds, DateReading, Spent
from tests.fixtures_release import sample_release


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1240, "1,240"),
        (12.5, "12.5"),
        (0, "0"),
        (-0.0, "0"),
        (0.0312, "0.0312"),
        (99.99, "100"),
        (-5.25, "−5.25"),
        (1_234_567.8, "1,234,568"),
        (-4.4e306, "−4.4e+306"),
        (float("nan"), "unknown"),
        (float("inf"), "unknown"),
    ],
)
def test_a_number_has_separators_and_sensible_digits(value, said):
    assert wording.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(950, "950"), (9_999, "9,999"), (12_500, "12.5k"), (999_999, "1M"), (3.45e9, "3.45B")],
)
def test_an_amount_is_as_short_as_an_axis_needs(value, said):
    assert wording.amount(value) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ((1240, 1215, 1265), "about 1,240 (1,215–1,265)"),
        ((12.5, 12.2, 12.8), "about 12.5 (12.2–12.8)"),
        ((12_345, 9_845, 14_845), "about 12,300 (9,800–14,800)"),
        ((5, 5, 5), "about 5"),
        ((-3, -8, 2), "about −3 (−8 to 2)"),
    ],
)
def test_a_range_is_rounded_to_the_size_of_the_error(told, said):
    assert wording.with_range(Estimate(*told)) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ((0.12, 0.11, 0.13), "about 12 % (11–13 %)"),
        ((0.004, 0.002, 0.0065), "about 0.4 % (0.2–0.7 %)"),
        ((0.99, 0.97, 1.2), "about 99 % (97–100 %)"),
        ((0.01, -0.02, 0.04), "about 1 % (0–4 %)"),
    ],
)
def test_a_share_stays_between_nothing_and_all(told, said):
    assert wording.percent(Estimate(*told)).replace(wording.NBSP, " ") == said


def test_a_percent_sign_never_touches_its_digits_in_any_sentence_or_picture() -> None:
    rooms = Path(wording.__file__).parent
    written = re.compile(r"\.\d%\}|tickformat")
    told = {file.name for file in rooms.rglob("*.py") if written.search(file.read_text("utf-8"))}
    assert told == {"charts.py"}, "charts.py shortens numbers of people on an axis: 1.2k"
    assert wording.part(0.934) == "93\u00a0%"
    assert wording.part(1.2) == "100\u00a0%"


finite = st.floats(-1e12, 1e12)


@given(finite, finite, finite)
def test_any_three_numbers_are_said_without_failing(value, low, high):
    e = Estimate(value, min(low, high), max(low, high))
    assert wording.with_range(e).startswith("about ")
    assert wording.percent(e).endswith(("%", ")"))
    assert wording.number(value)
    assert wording.amount(value)


def test_a_segment_is_said_in_people_and_in_share():
    segment = sample_release().segments[0]
    assert wording.people(segment) == "about 1,240 people (1,215–1,265)"
    assert wording.size(segment) == "about 1,240 (1,215–1,265)"
    assert wording.share(segment).startswith("about 15.8")
    exact = replace(segment, size=5, size_low=5, size_high=5)
    assert wording.people(exact) == "about 5 people"


def test_a_size_never_reaches_below_nothing():
    segment = replace(sample_release().segments[0], size=20, size_low=-5, size_high=45)
    assert wording.size(segment) == "about 20 (0–45)"


@pytest.mark.parametrize("reason", ["too few people", "too uncertain to show"])
def test_a_hidden_number_says_why_and_never_zero(reason):
    assert reason in wording.hidden(reason)
    assert wording.bar_words(Bar("x", None, reason)) == wording.hidden(reason)
    assert "0" not in wording.hidden(reason)


def test_a_hidden_group_is_told_as_far_as_it_may_be():
    assert wording.hidden_group(HiddenGroup(2, 31, 6, 56)) == (
        "2 groups are hidden for privacy: too few people. Together about 31 (6–56)."
    )
    assert wording.hidden_group(HiddenGroup(1, None, None, None)) == (
        "One group is hidden for privacy: too few people. How many is hidden as well."
    )


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ((2000, 1000), "“a” is larger than “b” (more than 99 in 100)."),
        ((1000, 2000), "“b” is larger than “a” (more than 99 in 100)."),
        ((1024, 1000), "“a” is probably larger than “b” (about 9 in 10)."),
        ((1008, 1000), "“a” is perhaps larger than “b” (about 7 in 10)."),
        ((1000, 1000), "“a” and “b” are about the same size."),
    ],
)
def test_which_is_larger_is_said_as_surely_as_the_noise_allows(sizes, said):
    one, another = (
        replace(
            sample_release().segments[0],
            name=name,
            size=size,
            size_low=size - 25,
            size_high=size + 25,
        )
        for name, size in zip("ab", sizes, strict=True)
    )
    assert wording.larger(one, another) == said


def test_columns_are_written_as_words():
    assert wording.column_words("total_spent") == "Total spent"
    assert wording.column_words("  a__b ") == "A b"
    assert wording.column_words("") == ""


def test_what_is_typical_depends_on_the_kind():
    share = Estimate(0.5, 0.4, 0.6)
    bars = (Bar("red", share), Bar("blue", None, "too few people"))
    assert wording.typical(ColumnProfile("c", "category", None, bars)).startswith("red: about 50")
    assert wording.typical(ColumnProfile("c", "category", None, ())) == "no clear answer"
    assert wording.typical(ColumnProfile("n", "number", None, ())) == "too uncertain to show"
    assert wording.typical(ColumnProfile("n", "number", Estimate(5, 4, 6), ())).startswith("about")
    assert "%" in wording.typical(ColumnProfile("f", "flag", share, ()))


def test_days_bounds_and_odds_are_written_out():
    assert wording.day(date(2026, 11, 3)) == "3 November 2026"
    assert wording.bounds_words(0, 1000) == "0 to 1,000"
    for epsilon, right in ((0.5, 62), (1, 73), (2, 88), (3, 95)):
        assert f"{right} times in 100" in wording.odds(Spent(epsilon, 1e-6, 0.02))


@pytest.mark.parametrize(
    ("place", "said"),
    [(0.5, "bronze"), (1.1, "bronze"), (1.5, "bronze to silver"), (2.8, "gold"), (3.5, "gold")],
)
def test_a_place_among_labels_is_said_by_label(place: float, said: str) -> None:
    assert wording.level(place, ("bronze", "silver", "gold")) == said


@pytest.mark.parametrize(("place", "said"), [(1, "1"), (3.84, "3.8"), (5.5, "5")])
def test_a_place_among_points_is_said_as_a_number(place: float, said: str) -> None:
    assert wording.level(place, ("1", "2", "3", "4", "5")) == said


def test_a_purchase_without_an_answer_is_told_with_its_day_and_what_to_do() -> None:
    spent, cap = Spent(0.5, 1e-6, 0.006), Spent(3.0, 1e-6, 0.185)
    at = datetime(2026, 11, 24, 18, tzinfo=UTC)
    lines = [Charge(f"r{done}", "map", spent, at, bool(done)) for done in (0, 0, 1)]
    said = wording.interrupted(BudgetState(spent, cap, 5, tuple(lines)))
    assert said
    assert said.count("24 November 2026") == 1
    assert "Ask the same question again" in said
    assert wording.interrupted(BudgetState(spent, cap, 5, (lines[2],))) is None


@pytest.mark.statistical
def test_of_segments_said_to_be_larger_as_many_are_as_the_odds_say():
    """False alarm at most 1e-6: each bound is five standard deviations from the claimed odds."""
    draw = np.random.default_rng(20)
    sigma, turns = 12.0, 20_000
    true = draw.uniform(1_000, 1_120, (turns, 2))
    noisy = np.rint(true + draw.normal(0, sigma, true.shape)).astype(int)
    blank, width = sample_release().segments[0], accuracy.half_width(sigma)
    held: dict[str, list[bool]] = {}
    for sizes, pair in zip(noisy.tolist(), true.tolist(), strict=True):
        told = [accuracy.people(size, width) for size in sizes]
        one, other = (
            replace(blank, name=name, size=int(e.value), size_low=int(e.low), size_high=int(e.high))
            for name, e in zip("ab", told, strict=True)
        )
        said = wording.larger(one, other)
        if "larger" in said:
            right = said.startswith("“a”") == (pair[0] > pair[1])
            held.setdefault(said.partition("(")[2], []).append(right)
    for claim, (low, high) in {
        "about 6 in 10).": (0.55, 0.68),
        "about 7 in 10).": (0.65, 0.75),
        "about 8 in 10).": (0.75, 0.85),
        "about 9 in 10).": (0.85, 0.95),
        "more than 9 in 10).": (0.95, 0.99),
        "more than 99 in 100).": (0.99, 1.0),
    }.items():
        share, slack = np.mean(held[claim]), 5 * math.sqrt(0.25 / len(held[claim]))
        assert low - slack <= share <= high + slack, claim


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1.0, "still share one nearly always."),
        (0.97, "still share one more than 9 times in 10."),
        (0.9, "still share one about 9 times in 10."),
        (0.6, "about 6 times in 10. Fewer segments would be steadier."),
    ],
)
def test_how_steady_segments_are_is_said_in_times_of_ten(share, said):
    assert wording.stability(share).endswith(said)


def test_days_since_a_date_are_told_as_days():
    dates = DateReading("ymd", "2026-11-24")
    feature = Feature("last_order", "number", Bounds(0, 3650), dates=dates)
    assert wording.feature_words(feature) == "Last order (days ago)"
    assert wording.feature_words(replace(feature, dates=None)) == "Last order"
    told = replace(feature, name="days_since_last_order")
    assert wording.feature_words(told) == "Days since last order"
