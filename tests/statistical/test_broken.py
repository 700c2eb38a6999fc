"""What breaks its promise is caught, each by the kind of event that is made for it."""

from __future__ import annotations

import pytest

from dashboard.privacy.queries import Count, Residuals, Sizes
from tests.privacy.tables import repeatable
from tests.statistical.auditor import Certificate, certified_delta, certify
from tests.statistical.broken import (
    FloatingLaplace,
    HalfSigma,
    OneDrawForAll,
    Understated,
    naive_threshold,
)
from tests.statistical.cases import CENTERS, RADIUS, WEIGHT, space_of
from tests.statistical.neighbors import ATLANTIS, NAMED, NUMBERS, OUTLIER, at
from tests.statistical.runs import Drawn, Names, Question

pytestmark = pytest.mark.statistical

ALARM = 1e-8
"""So improbable is it that an honest mechanism would be called broken by one of these."""


def proven(what: Drawn, runs: int, tap: object) -> Certificate:
    return certify(what.draw(0, runs, tap), what.draw(1, runs, tap), ALARM)


def test_half_the_noise_is_caught():
    cells = Residuals(space_of(NUMBERS), CENTERS, RADIUS, WEIGHT)
    question = Question(cells, OUTLIER, at(NUMBERS, 4))
    caught = proven(question, 4_000, HalfSigma(repeatable(1)))
    assert caught.rho > 1.5 * question.rho_units * 1e-9
    assert caught.epsilon_by_rho > 4


def test_half_the_noise_is_caught_at_the_default_epsilon():
    question = Question(Count(), OUTLIER, at(NUMBERS, 1))
    assert proven(question, 20_000, HalfSigma(repeatable(2))).rho > question.rho_units * 1e-9


def test_an_understated_sensitivity_is_caught():
    stated = Residuals(space_of(NUMBERS), CENTERS[[0, 2]], RADIUS, WEIGHT)
    question = Question(Understated(stated), OUTLIER, at(NUMBERS, 4))
    assert proven(question, 4_000, repeatable(3)).rho > question.rho_units * 1e-9


def test_noise_that_is_shared_between_numbers_is_caught_by_looking_at_two_at_once():
    question = Question(Sizes(space_of(NUMBERS), CENTERS), OUTLIER, at(NUMBERS, 1))
    caught = proven(question, 2_000, OneDrawForAll(repeatable(4)))
    assert caught.epsilon > 1
    assert caught.event.score == "repeats" or " - " in caught.event.score


def test_floating_point_noise_is_caught_by_its_lowest_bit():
    question = Question(Sizes(space_of(NUMBERS), CENTERS), OUTLIER, at(NUMBERS, 1))
    caught = proven(question, 4_000, FloatingLaplace())
    assert caught.epsilon > 2
    assert "bit" in caught.event.score


def test_naming_every_label_is_caught():
    naive = Names(ATLANTIS, at(NAMED, 2), naive_threshold)
    without, with_ = (naive.draw(world, 3_000, repeatable(6)) for world in (0, 1))
    times = [int(each["Atlantis named"].sum()) for each in (with_, without)]
    assert certified_delta(*times, 3_000, 2.0, ALARM) > 1e-6
    told = [{name: each[name] for name in without if name in with_} for each in (without, with_)]
    assert certify(*told, ALARM).epsilon > 2
