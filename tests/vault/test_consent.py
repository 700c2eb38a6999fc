from __future__ import annotations

import pyarrow as pa
import pytest

from dashboard.vault.consent import (
    IN,
    OUT,
    UNKNOWN,
    combined,
    polarity_of,
    read_answers,
    scope_of,
    unlisted_answers,
)

HEADERS = {
    "Accepts Email Marketing": "in",
    "Accepts WhatsApp Marketing": "in",
    "Email Marketing Consent": "in",
    "gdpr_consent": "in",
    "NEWSLETTER_OPT_IN": "in",
    "consentement": "in",
    "Einwilligung": "in",
    "consentimiento": "in",
    "emailMarketingConsent.marketingState": "status",
    "Legal basis for processing contact's data": "status",
    "HasOptedOutOfEmail": "out",
    "Don't Profile": "out",
    "ShouldForget": "out",
    "Opted out of email: Campaign news": "out",
    "Unsubscribed from all email": "out",
    "do_not_sell": "out",
    "Email Suppressions": "list",
    "UNSUB_TIME": "list",
    "Marketing contact status": None,
    "Email Marketing Consent Timestamp": None,
    "OPTIN_IP": None,
    "newsletter_opens": None,
    "AcceptedCmp3": None,
    "Contract": None,
}


@pytest.mark.parametrize("header", HEADERS)
def test_a_name_tells_what_a_yes_means(header: str) -> None:
    assert polarity_of(header) == HEADERS[header]


def _states(header: str, *values: str | None) -> list[int]:
    return read_answers(header, pa.chunked_array([pa.array(values, pa.string())])).states.tolist()


def test_a_yes_and_a_no_are_read_in_four_languages() -> None:
    assert _states("opt_in", "Yes", "oui", "JA", "sí", "1", "1.0", "x") == [IN] * 7
    assert _states("opt_in", "no", "non", "Nein", "0", "0.0", "FALSE") == [OUT] * 6


def test_a_missing_answer_is_neither() -> None:
    assert _states("opt_in", None, "N/A", "-") == [UNKNOWN] * 3


def test_not_opted_out_is_not_opted_in() -> None:
    assert _states("Email Opt Out", "0", "false", "no", None) == [UNKNOWN] * 4
    assert _states("Email Opt Out", "1", "TRUE", "Opted-out") == [OUT] * 3


def test_status_words_speak_for_themselves() -> None:
    header = "emailMarketingConsent.marketingState"
    assert _states(header, "SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING") == [
        IN,
        OUT,
        UNKNOWN,
        UNKNOWN,
    ]
    assert _states("hs_legal_basis", "Not applicable;Freely given consent from contact") == [IN]
    assert _states("hs_legal_basis", "Legitimate interest – existing customer") == [UNKNOWN]


def test_anything_on_a_suppression_list_is_a_no() -> None:
    assert _states("Email Suppressions", "HARD_BOUNCE", "0", None) == [OUT, OUT, UNKNOWN]


def test_unlisted_answers_are_neither_and_counted() -> None:
    reading = read_answers("opt_in", pa.chunked_array([["yes", "perhaps", "perhaps", "maybe"]]))
    assert reading.states.tolist() == [IN, UNKNOWN, UNKNOWN, UNKNOWN]
    assert reading.unlisted == 3


def test_a_name_that_does_not_tell_leaves_yes_and_no_to_a_person() -> None:
    answers = pa.chunked_array([["yes", "no", "unsubscribed", "opted in"]])
    reading = read_answers("marketing_ok", answers)
    assert (reading.states.tolist(), reading.unlisted) == ([UNKNOWN, UNKNOWN, OUT, IN], 2)
    told = read_answers("marketing_ok", answers, {"yes": IN, "no": OUT})
    assert (told.states.tolist(), told.unlisted) == ([IN, OUT, OUT, IN], 0)
    assert unlisted_answers("marketing_ok", answers) == ("yes", "no")


@pytest.mark.parametrize(
    "private", ["call +49 151 23456000", "0612345678", "anna@shop.example", "x" * 41]
)
def test_nobody_is_asked_about_an_answer_that_points_to_somebody(private: str) -> None:
    answers = pa.chunked_array([["perhaps", private, "since 2024-05-01"]])
    assert unlisted_answers("opt_in", answers) == ("perhaps", "since 2024-05-01")
    assert read_answers("opt_in", answers).unlisted == 3


def test_what_a_person_says_never_overrules_a_word_that_speaks_for_itself() -> None:
    answers = pa.chunked_array([["unsubscribed", "perhaps"]])
    told = read_answers("opt_in", answers, {"unsubscribed": IN, "perhaps": IN})
    assert told.states.tolist() == [OUT, IN]


def test_how_others_answer_does_not_decide_how_one_answer_is_read() -> None:
    odd = [f"odd {each}" for each in range(40)]
    for others in ([], odd):
        answers = pa.chunked_array([["perhaps", *others]])
        assert read_answers("opt_in", answers, {"perhaps": OUT}).states[0] == OUT


def test_long_texts_and_addresses_are_no_answers() -> None:
    answers = pa.chunked_array([["x" * 41, "zz.canary@shop.example", "maybe"]])
    assert unlisted_answers("opt_in", answers) == ("maybe",)


def test_the_day_of_a_refusal_is_a_refusal() -> None:
    assert _states("Abgemeldet am", "2025-01-31", "31.1.2025", None) == [OUT, OUT, UNKNOWN]
    assert _states("unsubscribed_at", "2025-01-31T10:00:00Z", None) == [OUT, UNKNOWN]


def test_the_third_sign_of_a_privacy_string_refuses() -> None:
    assert _states("us_privacy", "1YYN", "1YNN", "1---", None) == [OUT, *[UNKNOWN] * 3]


SCOPES = {
    "HasOptedOutProfiling": "profiling",
    "Don't Process": "profiling",
    "ShouldForget": "profiling",
    "Widerspruch gegen Profilbildung": "profiling",
    "Do Not Contact": "any",
    "gdpr_consent": "any",
    "do_not_sell": "any",
    "Email Opt Out": "channel",
    "Do Not Call": "channel",
    "Portal Unsubscribe": "channel",
    "newsletter": "channel",
    "Email Suppressions": "channel",
}


@pytest.mark.parametrize("header", SCOPES)
def test_a_name_tells_what_a_refusal_is_about(header: str) -> None:
    assert scope_of(header) == SCOPES[header]


def test_any_no_wins_over_columns() -> None:
    email = read_answers("opt_in", pa.chunked_array([["yes", "yes", None, None]]))
    phone = read_answers("do_not_call", pa.chunked_array([["1", "0", "0", "1"]]))
    for readings in ([email, phone], [phone, email]):
        assert combined(readings, 4).tolist() == [OUT, IN, UNKNOWN, OUT]
