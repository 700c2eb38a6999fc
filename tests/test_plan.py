"""A plan refuses what can't be asked, and equal questions have equal names."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.plan import (
    Feature,
    Plan,
    feature_from,
    plan_from,
    preset_bounds,
    preset_days,
    words_of,
)
from dashboard.terms import Bounds, DateReading, Domain

AGE = Feature("age", "number", Bounds(0, 120))
CARD = Feature("card", "flag")
REGION = Feature("region", "category", domain=Domain(("North", "South")))
PLAN = Plan((AGE, CARD), (REGION,), epsilon=0.5)


def test_a_plan_comes_back_from_its_stored_form():
    stored = json.loads(json.dumps(asdict(PLAN)))
    assert plan_from(stored) == PLAN
    assert plan_from(stored).fingerprint == PLAN.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"epsilon": 0.6},
        {"profiled": ()},
        {"min_segment_size": 12},
        {"features": (CARD, AGE)},
        {"features": (replace(AGE, bounds=Bounds(0, 100)), CARD)},
    ],
)
def test_another_question_has_another_fingerprint(other):
    assert replace(PLAN, **other).fingerprint != PLAN.fingerprint


@pytest.mark.parametrize(
    "wrong",
    [
        {"features": ()},
        {"features": tuple(Feature(f"f{n}", "flag") for n in range(21))},
        {"profiled": tuple(Feature(f"f{n}", "flag") for n in range(31))},
        {"profiled": (AGE,)},
        {"epsilon": 0},
        {"epsilon": 10.1},
        {"epsilon": float("nan")},
        {"min_segment_size": 4},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        replace(PLAN, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "number"},
        {"kind": "flag", "bounds": Bounds(0, 1)},
        {"kind": "flag", "domain": Domain(("a",))},
    ],
)
def test_a_feature_has_what_its_kind_needs_and_nothing_else(wrong):
    with pytest.raises(ValueError, match="“x”"):
        Feature("x", **wrong)


@pytest.mark.parametrize(
    ("header", "low", "high", "log"),
    [
        ("Age", 0, 120, False),
        ("birth_year", 1900, 2030, False),
        ("Total Spent", 0, 1_000_000, True),
        ("MntWines", 0, 1_000_000, True),
        ("NumWebPurchases", 0, 1_000, True),
        ("Annual_Income_(k$)", 0, 500, False),
        ("Spending Score (1-100)", 0, 100, False),
        ("purchases_frequency", 0, 1, False),
        ("web_visits_month", 0, 1_000, True),
        ("tenure_months", 0, 120, False),
        ("days_since_last_order", 0, 365, False),
        ("MonthlyCharges", 0, 500, False),
        ("Anzahl Bestellungen", 0, 1_000, True),
        ("Nb achats", 0, 1_000, True),
        ("Taux de retour", 0, 1, False),
        ("zzz", 0, 1_000_000, True),
    ],
)
def test_a_header_suggests_a_range_that_anybody_would_expect(header, low, high, log):
    found = preset_bounds(header)
    assert (found.low, found.high, found.log) == (low, high, log)


@given(st.text())
def test_every_header_has_words_and_a_range(header):
    assert all(word == word.casefold() for word in words_of(header))
    assert preset_bounds(header).low < preset_bounds(header).high


def test_levels_need_an_order_and_only_numbers_are_read_from_dates() -> None:
    with pytest.raises(ValueError, match="two labels in order"):
        Feature("tier", "level")
    with pytest.raises(ValueError, match="two labels in order"):
        Feature("tier", "level", domain=Domain(("gold",)))
    with pytest.raises(ValueError, match="read from dates"):
        Feature("member", "flag", dates=DateReading("dmy", "2026-11-24"))


def test_a_column_of_any_kind_reads_back_from_its_stored_form() -> None:
    made = (
        Feature("tier", "level", domain=Domain(("silver", "gold"))),
        Feature("signup", "number", Bounds(0, 3650), dates=DateReading("mdy", "2026-11-24")),
        Feature("region", "category"),
    )
    assert tuple(feature_from(asdict(each)) for each in made) == made


def test_days_get_public_ranges_by_name() -> None:
    assert preset_days("signup") == Bounds(0, 3650, whole=True)
    assert preset_days("last_order_date").log
    assert preset_days("RenewalDate").low < 0
