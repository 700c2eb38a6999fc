"""What a person once said that an answer means is remembered, without the answer itself."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from dashboard.receipts import Answer, Unlisted
from dashboard.vault import sealed
from dashboard.vault.consent import (
    IN,
    OUT,
    UNKNOWN,
    YES_OR_NO,
    plain_answer,
    polarity_of,
    unlisted_answers,
)
from dashboard.vault.disk import destroy, locked
from dashboard.vault.keys import derived
from dashboard.vault.vendors import plain

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.vault.store import Vault
    from dashboard.vault.texts import Texts

MOST_ASKED: Final = 20
"""Answers of one column that a person is asked about; a column with more holds something else."""

_STATES: Final = {"in": IN, "out": OUT, "unknown": UNKNOWN}


def remember(vault: Vault, owner: str, answers: Sequence[Answer]) -> None:
    """Keep the meanings under keyed codes of column and answer; the latest word counts."""
    path = _path(vault, owner)
    if not answers:
        return
    with locked(path.with_suffix(".lock")):
        known = _load(vault, owner, path)
        fresh = {_code(vault, owner, each.column, each.value): each.meaning for each in answers}
        sealed.save(path, _file_key(vault, owner), json.dumps({**known, **fresh}).encode())


def forget_answers(vault: Vault, owner: str) -> None:
    """Forget what this owner said: at the end of a demo visit, whose owner never returns."""
    path = _path(vault, owner)
    with locked(path.with_suffix(".lock")):
        destroy(path)


def meanings(
    vault: Vault, owner: str, raw: Texts, columns: Sequence[str], answers: Sequence[Answer] = ()
) -> Mapping[str, Mapping[str, int]]:
    """What the unlisted answers of these columns mean, as told now or remembered.

    Returns:
        For each column the states of its answers, by their plain form.
    """
    known = _load(vault, owner, _path(vault, owner))
    now = {(each.column, plain_answer(each.value)): each.meaning for each in answers}
    told: dict[str, dict[str, int]] = {}
    for column in columns:
        for value in unlisted_answers(column, raw.column(column)):
            form = plain_answer(value)
            meaning = now.get((column, form)) or known.get(_code(vault, owner, column, value))
            if meaning is not None:
                told.setdefault(column, {})[form] = _STATES[meaning]
    return told


def unlisted(vault: Vault, owner: str, raw: Texts, columns: Sequence[str]) -> tuple[Unlisted, ...]:
    """The answers that a person has to be asked about, for the giver at this moment."""
    found = {column: unlisted_answers(column, raw.column(column)) for column in columns}
    known = meanings(vault, owner, raw, [column for column in columns if found[column]])
    asked: list[Unlisted] = []
    for column in columns:
        strange = [
            Unlisted(column, value)
            for value in found[column]
            if plain_answer(value) not in known.get(column, {})
        ]
        asked += strange if len(strange) <= MOST_ASKED else ()
    return tuple(asked)


def untold(
    raw: Texts, columns: Sequence[str], told: Mapping[str, Mapping[str, int]]
) -> tuple[str, ...]:
    """Columns whose name doesn't say what a yes means, and of whose answers nobody said it all."""
    return tuple(
        column
        for column in columns
        if polarity_of(column) is None
        for value in unlisted_answers(column, raw.column(column))
        if plain_answer(value) in YES_OR_NO and plain_answer(value) not in told.get(column, {})
    )


def _code(vault: Vault, owner: str, column: str, value: str) -> str:
    message = f"{plain(column)}\0{plain_answer(value)}".encode(errors="surrogatepass")
    return hmac.digest(derived(vault.answers_key(owner), "codes"), message, "sha256").hex()[:32]


def _file_key(vault: Vault, owner: str) -> bytes:
    return derived(vault.answers_key(owner), "file")


def _path(vault: Vault, owner: str) -> Path:
    return vault.directory / "answers" / vault.owner_tag(owner)


def _load(vault: Vault, owner: str, path: Path) -> dict[str, str]:
    opened = sealed.load(path, _file_key(vault, owner))
    return dict(json.loads(opened)) if opened else {}
