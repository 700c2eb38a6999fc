"""Broken files give a sentence with a place or a clean table; `make fuzz` gives ten thousand."""

from __future__ import annotations

from tests.fuzz.broken import HEAVY, KINDS, made
from tests.fuzz.trial import Tally, _faults, give_all

ROUND = 10 * (len(KINDS) - len(HEAVY)) + len(HEAVY)
GROWTH_MB = 1_500
"""Memory for reading, judging and making the files of a round; a bomb let through takes more."""


def test_a_round_of_broken_files_of_all_kinds_does_no_harm() -> None:
    tally = give_all(range(ROUND))
    assert tally.wrong == []
    assert {*tally.refused, *tally.read} == {kind.__name__ for kind in KINDS}
    assert tally.grown_mb < GROWTH_MB


def test_a_number_makes_the_same_file_again() -> None:
    one, two = ([made(number) for number in range(60)] for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert first == second or first[0] == "parquet_locked"  # encryption draws for itself


def test_the_trial_finds_what_is_wrong(monkeypatch) -> None:
    from dashboard.vault import columns

    def failing(*_: object) -> None:
        raise KeyError("zz.canary")

    monkeypatch.setattr(columns, "describe", failing)
    tally: Tally = give_all(range(30))
    assert any("KeyError instead of a sentence" in each for each in tally.wrong)
    assert _faults("t.csv, line 3: zz.canary is no number. Mend it.", "t") == [
        "the sentence holds a value"
    ]
