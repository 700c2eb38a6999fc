"""Small naive tools that fall to the attacks of the table, by the checks that ours stands.

Those of attacks 1, 3 to 10 and 27 to 37 stand beside the attacks; that of 23 in
``tests/statistical/test_broken.py``.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import io
import json
import logging
import random
import zipfile
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from tests.attacks import planted
from tests.browser import files

pytestmark = pytest.mark.attack

ROWS = planted.rows(900)
SHUFFLED = ROWS[::-1]


# ── the scan sees through every wrapping ────────────────────────────────────────────────
def _arrow(stream: bool) -> bytes:
    table, sink = pa.table({"spend": [float(row[3]) for row in ROWS]}), io.BytesIO()
    opened = pa.ipc.new_stream if stream else pa.ipc.new_file
    with opened(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _zipped(content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("rows.csv", content)
    return sink.getvalue()


WRAPPED: dict[str, Callable[[], bytes]] = {
    "text": lambda: planted.as_csv(ROWS),
    "gzip": lambda: gzip.compress(planted.as_csv(ROWS)),
    "zip": lambda: _zipped(planted.as_csv(ROWS)),
    "gzip in a zip": lambda: _zipped(gzip.compress(planted.as_csv(ROWS))),
    "xlsx": lambda: files.as_workbook(ROWS),
    "parquet": lambda: files.as_parquet(ROWS),
    "arrow stream": lambda: _arrow(stream=True),
    "arrow file": lambda: _arrow(stream=False),
    "base64 of gzip": lambda: base64.b64encode(gzip.compress(planted.as_csv(ROWS))),
    "typed array": lambda: (
        b'{"bdata": "%s"}' % base64.b64encode(np.array([float(row[3]) for row in ROWS]).tobytes())
    ),
    "escaped json": lambda: json.dumps("".join(f"\\u{ord(c):04x}" for c in planted.EMAIL)).encode(),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_9_and_26_the_scan_finds_what_a_naive_tool_packs_away(kind: str) -> None:
    assert planted.secrets_in(WRAPPED[kind]())


# ── questions asked again and again ─────────────────────────────────────────────────────
def test_2_and_16_exact_counts_of_two_questions_give_one_customer_away() -> None:
    def count(rows: list[list[str]], feature: int, least: float) -> int:
        return sum(float(row[feature]) >= least for row in rows)

    assert count(ROWS, 3, 400_000) - count(ROWS, 3, 500_000) == 1
    assert len(ROWS) - len(ROWS[:-1]) == 1


def test_14_noise_from_a_seed_drops_out_of_the_difference() -> None:
    def noisy(exact: int) -> int:
        return exact + round(random.Random(7).gauss(0, 50))

    assert noisy(len(ROWS)) - noisy(len(ROWS[:-1])) == 1


def test_15_a_budget_by_file_begins_afresh_for_the_same_people() -> None:
    def account(rows: list[list[str]]) -> str:
        return hashlib.sha256(planted.as_csv(rows)).hexdigest()

    assert account(ROWS) != account(SHUFFLED)


def test_17_without_a_cap_one_person_s_answer_is_found_by_asking_often() -> None:
    tap, secret = np.random.default_rng(1), 1
    asked = secret + tap.normal(0, 20, 400_000)
    assert round(float(asked.mean())) == secret


# ── money ───────────────────────────────────────────────────────────────────────────────
def test_19_looking_first_and_charging_later_overspends() -> None:
    account = {"spent": 0}

    def buyer() -> Iterator[None]:
        if account["spent"] + 7 <= 10:
            yield None  # another buyer looks here
            account["spent"] += 7

    buyers = [buyer(), buyer()]
    for _ in range(2):
        for each in buyers:
            next(each, None)
    assert account["spent"] > 10


def test_20_drawing_first_and_charging_later_gives_answers_away() -> None:
    spent, shown = 0, []

    def buy() -> None:
        nonlocal spent
        shown.append(42)
        raise KeyboardInterrupt
        spent += 7

    with pytest.raises(KeyboardInterrupt):
        buy()
    assert shown
    assert spent == 0


# ── words, caches, links, pages ─────────────────────────────────────────────────────────
def test_11_an_error_and_a_log_quote_the_value() -> None:
    with pytest.raises(ValueError, match="could not convert") as mistake:
        float(planted.EMAIL)
    logged = logging.Formatter().formatException((mistake.type, mistake.value, mistake.tb))
    assert planted.secrets_in(str(mistake.value).encode())
    assert planted.secrets_in(logged.encode())


def test_22_one_poisoned_row_turns_a_mean_into_nothing() -> None:
    spends = [float(row[3]) for row in ROWS]
    assert np.isfinite(np.mean(spends))
    assert np.isnan(np.mean([*spends, float("nan")]))


def test_12_a_cache_by_the_name_of_a_file_gives_one_visitor_the_other_s_rows() -> None:
    uploads = iter((ROWS, ROWS[:10]))

    @functools.cache
    def read(name: str) -> list[list[str]]:
        return next(uploads)

    read("customers.csv")
    assert planted.secrets_in(repr(read("customers.csv")).encode())


def test_13_numbered_links_are_guessed_and_answers_that_differ_tell_which_existed() -> None:
    links = {"1": "open", "2": "expired"}
    answers = {"open": 200, "expired": 410}
    tried = [answers.get(links.get(str(number), ""), 404) for number in range(5)]
    assert 200 in tried
    assert len(set(tried)) == 3


def test_18_a_formula_and_markup_go_through() -> None:
    name = "=HYPERLINK(1)<script>"
    assert "<script>" in f"<td>{name}</td>"
    assert f"{name},1".startswith("=")


def test_21_a_score_on_rows_changes_with_one_customer() -> None:
    def inertia(rows: list[list[str]]) -> float:
        spends = np.array([float(row[3]) for row in rows])
        return float(((spends - spends.mean()) ** 2).sum())

    assert inertia(ROWS) > 100 * inertia(ROWS[:-1])


def test_24_a_table_by_its_id_alone_is_anybody_s() -> None:
    tables = {"t1": ("owner", ROWS)}
    assert tables["t1"][1] is ROWS


def test_25_a_page_without_a_guard_shows_itself() -> None:
    """The same look by which ours are found empty in ``tests/app/test_pages.py``."""
    page = AppTest.from_string("import streamlit as st\nst.title('Customers')").run()
    assert len(page.main) > 0
