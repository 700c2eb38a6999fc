"""A release is one text: it comes back the same, and anything else is refused."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict

import pytest

from dashboard.release import release_from
from tests.fixtures_release import sample_release


def test_a_release_comes_back_from_its_text_unchanged():
    made = sample_release()
    again = release_from(made.to_json())
    assert again == made
    assert again.to_json() == made.to_json()
    assert again.digest == made.digest


def test_the_text_is_that_of_its_parts_as_plain_values():
    """So that digests stay those of releases from before."""
    release = sample_release()
    plain = json.dumps(asdict(release), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert release.to_json() == plain


def test_the_digest_changes_with_any_change():
    assert sample_release(title="Another").digest != sample_release().digest


def test_a_release_does_not_change():
    with pytest.raises(FrozenInstanceError):
        sample_release().title = "Changed"


def _without(field: str) -> str:
    stored = json.loads(sample_release().to_json())
    del stored[field]
    return json.dumps(stored)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"format": "other/1"}', _without("segments"), _without("budget")],
)
def test_what_is_not_a_release_is_refused(text):
    with pytest.raises(ValueError, match="not a release"):
        release_from(text)


def test_the_text_holds_plain_json_only():
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    json.loads(sample_release().to_json(), parse_constant=refuse)
