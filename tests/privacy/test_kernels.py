"""Compiled sums are those of plain NumPy, to the last bit, however the rows are dealt out."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from dashboard.errors import InternalError
from dashboard.plan import MAX_FEATURES, Feature
from dashboard.privacy import kernels
from dashboard.privacy.encoding import LEVELS, EncodedBatch, Int64
from dashboard.privacy.known import CENTERS, GroupSpace
from dashboard.privacy.lookup import Table, lookup_of
from dashboard.privacy.margins import MAX_LABELS
from dashboard.privacy.queries import (
    DIAGONAL,
    OFF_DIAGONAL,
    Bins,
    Margins,
    Moments,
    Profiles,
    Query,
    Residuals,
    Sizes,
    even_bins,
    flag_bins,
    label_bins,
    radius_for,
)
from dashboard.privacy.space import SCORE_UNIT, Dimension, Latent, Space
from dashboard.rfm import GROUPS
from dashboard.terms import Bounds
from dashboard.vault import scan
from tests.privacy.reference import answer

ROOT = Path(__file__).resolve().parents[2]
NUMBERS, LABELED = 3, 3


def customers(rows: int, *, hostile: bool, seed: int = 5) -> EncodedBatch:
    """Customers at random; hostile ones are at the ends, missing, or of codes beyond all tables."""
    draw = np.random.default_rng([seed, rows])
    levels = draw.integers(-1, LEVELS, (rows, NUMBERS)).astype(np.int16)
    codes = draw.integers(-1, 5, (rows, LABELED)).astype(np.int32)
    if hostile:
        ends = np.array([-32_768, -2, -1, 0, 1, LEVELS - 1])
        odd = draw.random(levels.shape) < 0.7
        levels = np.where(odd, draw.choice(ends, levels.shape), levels).astype(np.int16)
        codes = draw.choice([-(2**31), -1, 0, 11, 12, 13, 2**31 - 1], codes.shape).astype(np.int32)
    return EncodedBatch(np.asfortranarray(levels), np.asfortranarray(codes))


@cache
def directions() -> tuple[Dimension, ...]:
    shares = (0.1, 0.5, 0.4)
    return (
        *(
            Dimension(
                Feature(f"n{place}", "number", Bounds(0, 1)), place, None, None, 0.4, 0.1, shares
            )
            for place in range(NUMBERS)
        ),
        Dimension(Feature("flag", "flag"), 0, 1, "yes", 0.3, 0.4, (0.7, 0.3)),
        Dimension(Feature("city", "category"), 1, 3, "d", 0.2, 0.1, (0.8, 0.2)),
    )


def centers(k: int) -> Int64:
    """Centers of which every third is the one before it again, so that many customers tie."""
    draw = np.random.default_rng(k)
    found = draw.integers(-2_048, 2_049, (k, len(directions())))
    found[2::3] = found[1::3][: len(found[2::3])]
    return found


@cache
def questions() -> tuple[Query, ...]:
    space, bins = (
        Space(directions()),
        (even_bins(0), flag_bins(0), label_bins(1, 4), even_bins(2, 7)),
    )
    groups = GroupSpace(2)
    return (
        Margins(bins),
        Moments(Latent(directions(), 300)),
        Moments(Latent(directions(), 10_000)),
        Residuals(space, centers(48), 700, 40),
        Residuals(space, centers(2), 1, 1),
        Residuals(space, centers(1) * 100, 2**31, 9),
        Sizes(space, centers(8)),
        Profiles(space, centers(8), bins),
        Sizes(groups, CENTERS),
        Profiles(groups, CENTERS, bins),
    )


@pytest.mark.parametrize("query", questions(), ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("hostile", [False, True])
@pytest.mark.parametrize("rows", [0, 1, 255, 256, 257, 3_001])
def test_a_compiled_sum_is_numpys_to_the_last_bit(query: Query, rows: int, hostile: bool) -> None:
    batch = customers(rows, hostile=hostile)
    told = query(batch)
    assert told.dtype == np.int64
    assert told.tolist() == answer(query, batch).tolist()


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 97, 256, 1_000, 5_000])
def test_threads_and_batches_never_change_a_total(
    monkeypatch: pytest.MonkeyPatch, threads: int, size: int
) -> None:
    monkeypatch.setattr(scan, "_CORES", threads)
    whole = customers(1_500, hostile=True)

    def part(batch: pa.RecordBatch) -> EncodedBatch:
        rows = batch.column("row").to_numpy()
        return EncodedBatch(whole.levels[rows], whole.codes[rows])  # not column by column

    batches = pa.table({"row": np.arange(len(whole))}).to_batches(max_chunksize=size)
    rows = scan.Rows(batches, part)
    for query in questions():
        assert rows.total(query).tolist() == answer(query, whole).tolist()


def test_totals_of_ninety_million_customers_are_exact_for_the_largest_plan() -> None:
    """Sums are added as int64, and read as float64 afterward: both hold them."""
    radius = radius_for(MAX_FEATURES * MAX_LABELS, SCORE_UNIT)
    most = max(DIAGONAL, OFF_DIAGONAL) * radius**2
    assert DIAGONAL * radius**2 * 90_000_000 < 2**53
    assert most * 10**10 < 2**63


def test_levels_at_both_ends_of_int16_are_looked_up_as_plain_numpy_does() -> None:
    ends = np.array([[-32_768], [-1], [0], [1], [LEVELS - 1]], dtype=np.int16)
    batch = EncodedBatch(ends, np.empty((5, 0), dtype=np.int32))
    bins = Margins((even_bins(0, LEVELS),))
    told = bins(batch)
    assert told.nonzero()[0].tolist() == [0, 1, LEVELS - 1, LEVELS]
    assert told[[0, 1, LEVELS - 1, LEVELS]].tolist() == [1, 1, 1, 2]


def test_in_a_tie_the_first_center_wins() -> None:
    space = Space(directions())
    sizes = Sizes(space, np.zeros((4, space.dimensions), dtype=np.int64))
    assert sizes(customers(300, hostile=True)).tolist() == [300, 0, 0, 0]


def test_who_is_in_no_known_group_is_where_nobody_knows() -> None:
    codes = np.array([[-1], [len(GROUPS)], [2**31 - 1], [0]], dtype=np.int32)
    batch = EncodedBatch(np.empty((4, 0), dtype=np.int16), codes)
    assert Sizes(GroupSpace(0), CENTERS)(batch).tolist() == [1, *[0] * (len(GROUPS) - 2), 3]


def test_a_batch_without_a_column_is_refused_before_it_is_read() -> None:
    narrow = EncodedBatch(np.zeros((5, 1), dtype=np.int16), np.zeros((5, 3), dtype=np.int32))
    with pytest.raises(InternalError, match="lacks a column"):
        Sizes(Space(directions()), centers(2))(narrow)
    with pytest.raises(InternalError, match="lacks a column"):
        Margins((even_bins(1),))(narrow)


def test_a_part_beyond_its_histogram_is_refused() -> None:
    with pytest.raises(InternalError, match="not its own"):
        Bins(is_number=True, place=0, lookup=np.array([0, 3]), size=3)


def test_a_table_begins_with_missing_and_ends_with_every_other_code() -> None:
    look_up = lookup_of([Table(is_number=False, place=0, entries=np.array([9, 5, 7]))])
    codes = np.array([[-(2**31)], [-1], [0], [1], [2], [2**31 - 1]], dtype=np.int32)
    batch = EncodedBatch(np.empty((6, 0), dtype=np.int16), codes)
    assert look_up(batch)[:, 0].tolist() == [9, 9, 5, 7, 7, 7]


def test_kernels_are_compiled_where_no_folder_can_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on a read-only disk: Numba says so when a kernel is to be kept."""
    asked = []

    def njit(*signature: object, **options: object) -> object:
        asked.append(options.get("cache", False))
        if options.get("cache"):
            raise RuntimeError("no locator available")
        return lambda function: function

    monkeypatch.setattr(kernels, "njit", njit)
    made = kernels.compiled(lambda *_: None, kernels._LEVELS)(abs)
    assert asked == [True, False]
    assert made(-1) == 1


def test_numba_is_not_needed_before_a_question_is_asked() -> None:
    said = "import sys; from dashboard.privacy import gate; print('numba' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
