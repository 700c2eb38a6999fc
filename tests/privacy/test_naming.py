from __future__ import annotations

import pytest

from dashboard.privacy import naming
from dashboard.release import Trait


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("total_spent", "low spenders", "big spenders"),
        ("Age", "younger", "older"),
        ("days_since_last_order", "recently active", "long inactive"),
        ("NumWebVisits", "few num web visits", "many num web visits"),
        ("average_basket", "small baskets", "large baskets"),
        ("xyz", "low xyz", "high xyz"),
    ],
)
def test_the_ends_of_a_number_are_said_as_people_say_them(column: str, low: str, high: str) -> None:
    assert naming.phrase(column, high=False) == low
    assert naming.phrase(column, high=True) == high


def test_a_name_joins_the_two_strongest_traits() -> None:
    traits = [Trait("a", "older (about 58; overall 40)", 1.2), Trait("b", "big spenders (x)", 1.0)]
    assert naming.name_of(traits) == "Older, big spenders"


def test_a_segment_without_traits_is_called_everyday() -> None:
    assert naming.name_of([]) == "Everyday customers"


def test_names_that_stand_twice_are_numbered() -> None:
    assert naming.unique(["A", "B", "A"]) == ("A", "B", "A (2)")


def test_a_next_step_follows_the_strongest_trait_that_suggests_one() -> None:
    traits = [Trait("age", "older", 1.5), Trait("returns", "many returns", 1.0)]
    assert "choose right" in naming.next_step(traits)
    assert naming.next_step([]).startswith("Ask")
