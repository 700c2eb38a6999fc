from __future__ import annotations

import pyarrow as pa
import pytest

from dashboard.errors import BadInputError
from dashboard.vault.consent import IN, OUT, UNKNOWN, combined, polarity_of, read_answers

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


def test_a_name_that_does_not_tell_is_refused_when_it_matters() -> None:
    with pytest.raises(BadInputError, match="agreed or refused"):
        _states("marketing_ok", "yes")
    assert _states("marketing_ok", "unsubscribed", "opted in") == [OUT, IN]


def test_any_no_wins_over_columns() -> None:
    email = read_answers("opt_in", pa.chunked_array([["yes", "yes", None, None]]))
    phone = read_answers("do_not_call", pa.chunked_array([["1", "0", "0", "1"]]))
    for readings in ([email, phone], [phone, email]):
        assert combined(readings, 4).tolist() == [OUT, IN, UNKNOWN, OUT]
