from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from dashboard.vault.ages import children, youngest_age

TODAY = date(2026, 6, 15)
AGES = {
    "15": 15,
    "15.9": 15.9,
    "2010": 15,
    "2010-06-15": 16,
    "2010-06-16": 15,
    "2010-06-15T08:00:00Z": 16,
    "15/06/2010": 15,
    "06/15/10": 15,
    "3 March 1990": 35,
    "1/2/85": 40,
    "0": 0,
    "-4": None,
    "unknown": None,
    "06/15": None,
    "3026-01-01": None,
}


@pytest.mark.parametrize("text", AGES)
def test_a_value_tells_the_least_age_that_it_leaves_possible(text: str) -> None:
    assert youngest_age(text, TODAY) == AGES[text]


def test_children_are_found_and_blanks_are_not_guessed() -> None:
    values = pa.chunked_array([["15", "16", None, "2012", "x"]])
    assert children(values, 16, TODAY).tolist() == [True, False, False, True, False]
