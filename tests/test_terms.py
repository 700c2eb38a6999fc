"""Words of the field refuse what makes no sense."""

from __future__ import annotations

import math

import pytest

from dashboard.terms import Bounds, Domain, Price


@pytest.mark.parametrize(
    ("low", "high", "log"),
    [
        (0, math.inf, False),
        (math.nan, 1, False),
        (1, 1, False),
        (2, 1, False),
        (-1, 5, True),
        (-1.7e308, 1.7e308, False),
        (0, 5e-324, False),
    ],
)
def test_bounds_that_bound_nothing_are_refused(low, high, log):
    with pytest.raises(ValueError, match="bound"):
        Bounds(low, high, log=log)


def test_a_domain_names_each_label_once():
    with pytest.raises(ValueError, match="once"):
        Domain(("North", "North"))
    with pytest.raises(ValueError, match="at least one"):
        Domain(())


def test_prices_add_and_are_never_negative():
    assert Price(2, 3) + Price(5) == Price(7, 3)
    with pytest.raises(ValueError, match="never negative"):
        Price(-1)
