from __future__ import annotations

import pytest

from dashboard.errors import InternalError
from dashboard.privacy.interview import Interview
from dashboard.privacy.queries import Count
from tests.privacy.tables import PLAN, NoNoise, opener, shop


def test_a_question_that_was_not_paid_for_is_not_asked() -> None:
    talk = Interview(opener(shop(50)), PLAN, {}, NoNoise())
    with pytest.raises(InternalError, match="not paid for"):
        talk.ask(Count())


def test_a_question_is_asked_only_once() -> None:
    talk = Interview(opener(shop(50)), PLAN, {"count": 1_000}, NoNoise())
    assert int(talk.ask(Count())[0]) == 50
    with pytest.raises(InternalError, match="not paid for"):
        talk.ask(Count())


def test_an_interview_says_how_noisy_its_answers_are() -> None:
    talk = Interview(opener(shop(50)), PLAN, {"count": 5_000_000}, NoNoise())
    talk.ask(Count())
    assert talk.noise == {"count": 100}
    assert talk.sigma("count") == 10


def test_the_next_questions_are_asked_of_the_same_customers_and_paid_for_apart() -> None:
    talk = Interview(opener(shop(50)), PLAN, {"count": 1_000, "sizes": 1_000}, NoNoise())
    talk.ask(Count())
    talk.go_on({"sizes": 1_000})
    with pytest.raises(InternalError, match="not paid for"):
        talk.ask(Count())
    talk.go_on({"count": 5_000_000})
    assert talk.noise == {}
    assert int(talk.ask(Count())[0]) == 50
    assert talk.sigma("count") == 10
