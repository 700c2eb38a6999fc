"""The rule places everybody where the dashboard does: in DuckDB, in PostgreSQL and in Python."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from dashboard import cli, rfm
from dashboard.errors import BadInputError
from dashboard.handoff import parts
from dashboard.handoff.python import python
from dashboard.handoff.sql import sql
from dashboard.plan import Feature
from dashboard.privacy.encoding import levels_of
from dashboard.release import HiddenGroup, release_from
from dashboard.rfm import FREQUENCY, GROUPS, MONETARY, RECENCY, Cuts
from dashboard.rule import Rule
from dashboard.terms import Bounds
from dashboard.vault import lexicon
from tests.fixtures_release import sample_release
from tests.handoff.people import ODD, Row, in_warehouse, odd_people, published
from tests.records.server import Server

TYPES = {
    "spend": "double precision",
    ODD: "double precision",
    "member": "smallint",
    "channel": "text",
    "tier": "text",
    "joined": "date",
}
KNOWN_TYPES = dict.fromkeys((RECENCY, FREQUENCY, MONETARY), "double precision")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _made(types: dict[str, str]) -> str:
    columns = ", ".join(f"{_quoted(name)} {kind}" for name, kind in types.items())
    return f"CREATE TABLE customers (n integer, {columns})"


def by_duckdb(text: str, rows: list[Row], types: dict[str, str]) -> list[str]:
    """Run the SQL as an owner would; gives the segments in the order of the rows."""
    import pyarrow as pa

    with duckdb.connect() as engine:
        engine.execute(_made(types))
        kinds = {"double precision": pa.float64(), "smallint": pa.int16(), "text": pa.string()}
        arrow = {name: kinds.get(kind, pa.date32()) for name, kind in types.items()}
        schema = pa.schema([("n", pa.int32()), *arrow.items()])
        given = pa.Table.from_pylist([{"n": n, **row} for n, row in enumerate(rows)], schema=schema)
        engine.register("given", given)
        engine.execute("INSERT INTO customers SELECT * FROM given")
        told = engine.sql(text.rstrip().rstrip(";"))
        place = told.columns.index("n")
        return [row[-1] for row in sorted(told.fetchall(), key=lambda row: row[place])]


def by_postgresql(server: Server, text: str, rows: list[Row], types: dict[str, str]) -> list[str]:
    import psycopg

    address = f"host={server.folder} dbname=postgres user=owner"
    with psycopg.connect(address) as connection:
        connection.execute(_made(types).replace("CREATE TABLE", "CREATE TEMPORARY TABLE"))
        with connection.cursor().copy("COPY customers FROM STDIN") as copy:
            for n, row in enumerate(rows):
                copy.write_row([n, *(row[name] for name in types)])
        cursor = connection.execute(text.encode())
        place = [each.name for each in cursor.description or ()].index("n")
        return [row[-1] for row in sorted(cursor.fetchall(), key=lambda row: row[place])]


def by_python(text: str, rows: list[Row]) -> list[str]:
    module: dict[str, Any] = {}
    exec(compile(text, "rule", "exec"), module)
    return [module["segment"](row) for row in rows]


# ── the nearest center ──────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return odd_people(4_000, 11)


@pytest.fixture(scope="module")
def expected(rows: list[Row]) -> list[str]:
    told = published().assigned(rows)
    assert len(set(told)) == len(published().release.segments)
    return told


def test_duckdb_places_everybody_where_the_dashboard_does(
    rows: list[Row], expected: list[str]
) -> None:
    told = by_duckdb(sql(published().release), [in_warehouse(row) for row in rows], TYPES)
    assert told == expected


def test_postgresql_places_everybody_where_the_dashboard_does(
    postgresql: Server, rows: list[Row], expected: list[str]
) -> None:
    given = [in_warehouse(row) for row in rows]
    assert by_postgresql(postgresql, sql(published().release), given, TYPES) == expected


def test_python_places_everybody_where_the_dashboard_does(
    rows: list[Row], expected: list[str]
) -> None:
    told = by_python(python(published().release), [in_warehouse(row) for row in rows])
    assert told == expected


def test_of_equally_near_segments_the_first_counts_everywhere(postgresql: Server) -> None:
    feature = Feature("x", "number", Bounds(0, 32_767))
    axis = parts.Axis("x", None, 16_384 / 32_767, 1 / 32_767)
    rule = Rule((axis,), ((512,), (-512,), (0,)))
    release = replace(
        sample_release(),
        rule=rule,
        features=(feature,),
        segments=sample_release().segments[:3],
    )
    names = [each.name for each in release.segments]
    rows: list[Row] = [{"x": x} for x in (16_385.0, 16_383.0, 16_384.0, None)]
    tied = replace(release, rule=replace(rule, centers=((512,), (-512,), (512,))))
    for made, expected in ((release, [*names, names[2]]), (tied, [*names[:2], names[0], names[0]])):
        told = (
            by_duckdb(sql(made), rows, {"x": "double precision"}),
            by_postgresql(postgresql, sql(made), rows, {"x": "double precision"}),
            by_python(python(made), rows),
        )
        assert all(each == expected for each in told)


@pytest.mark.parametrize("log", [False, True])
def test_at_the_edge_of_a_level_a_range_is_exact_and_a_ratio_within_one_level(
    log: bool, postgresql: Server
) -> None:
    bounds = Bounds(0.1, 777.7, log=log)
    edges = [_edge(level, bounds) for level in range(1, 32_767, 37)]
    rows: list[Row] = [
        {"x": float(x)} for e in edges for x in (np.nextafter(e, 0), e, np.nextafter(e, 1e9))
    ]
    expected = levels_of(np.array([row["x"] for row in rows]), bounds)
    release = sample_release()
    release = replace(
        release, features=(Feature("x", "number", bounds),), segments=release.segments[:1]
    )
    axis = parts.Axis("x", None, 0.0, 1 / 32_767)
    release = replace(release, rule=Rule((axis,), ((0,),), reach=40_000, unit=1))
    text = sql(release).replace("SELECT c.*, r.segment", "SELECT c.n, s.s1")
    for told in (
        by_duckdb(text, rows, {"x": "double precision"}),
        by_postgresql(postgresql, text, rows, {"x": "double precision"}),
    ):
        apart = np.abs(np.array(told, dtype=float) - expected)
        assert apart.max() <= (1 if log else 0)
    assert _edge(1, bounds) > bounds.low


def _edge(level: int, bounds: Bounds) -> float:
    """The smallest double on a level, found by halving."""
    low, high = bounds.low, bounds.high
    while (middle := low + (high - low) / 2) not in (low, high):
        if levels_of(np.array([middle]), bounds)[0] >= level:
            high = middle
        else:
            low = middle
    return high


def test_names_that_look_like_code_stay_names() -> None:
    text = sql(published().release, 'shop."x"; DROP TABLE y; --')
    assert '"shop"."""x""; DROP TABLE y; --"' in text
    assert "'O''Brien''s; DROP TABLE customers; --'" in text
    assert "\n-- Which segment each customer belongs to, by release r--." in "\n" + text
    assert "O'Brien" in repr(by_python(python(published().release), odd_people(40, 1)))


def test_a_zero_byte_is_refused() -> None:
    with pytest.raises(BadInputError, match="zero byte"):
        sql(published().release, "a\0b")


def test_hidden_segments_have_no_center_in_the_rule() -> None:
    told = published(6).release
    assert told.rule
    assert len(told.rule.centers) == len(told.segments)


def test_both_texts_say_where_customers_of_hidden_segments_stand(rows: list[Row]) -> None:
    shown = published().release
    told = replace(shown, other=HiddenGroup(2, None, None, None))
    said = "Their customers stand with the nearest segment that is shown"
    for write in (sql, python):
        assert said in " ".join(write(told).replace("--", "#").replace("# ", "").split())
        assert said.split()[-1] not in write(shown)
    given = [in_warehouse(row) for row in rows[:50]]
    assert by_duckdb(sql(told), given, TYPES) == by_duckdb(sql(shown), given, TYPES)
    assert by_python(python(told), given) == by_python(python(shown), given)


def test_known_groups_are_told_by_cuts_also_where_they_are_hidden() -> None:
    known = replace(sample_release(), rule=Rule(cuts=Cuts()), other=HiddenGroup(2, 40, 20, 60))
    assert "hidden" not in sql(known)
    assert "hidden" not in python(known)


def test_yes_and_no_are_those_of_the_vault() -> None:
    assert set(parts.YES) == lexicon.entries(lexicon.YES) | {"1.0"}
    assert set(parts.NO) == lexicon.entries(lexicon.NO) | {"0.0"}


def test_a_release_with_a_rule_reads_back_and_an_older_one_opens_without() -> None:
    told = published().release
    assert release_from(told.to_json()) == told
    older = sample_release().to_json().replace('"rule":null,', "")
    assert '"rule"' not in older
    assert release_from(older).rule is None
    with pytest.raises(BadInputError, match="holds no rule"):
        sql(release_from(older))


def test_the_command_line_writes_the_rule(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "release.json"
    path.write_text(published().release.to_json(), encoding="utf-8")
    assert cli.main(["rule", str(path), "--sql", "--table", "shop.people"]) == 0
    assert capsys.readouterr().out == sql(published().release, "shop.people")
    assert cli.main(["rule", str(path), "--python"]) == 0
    assert capsys.readouterr().out == python(published().release)
    assert cli.main(["rule", str(path)]) == 2


# ── known groups ────────────────────────────────────────────────────────────────────────
def test_known_groups_are_placed_alike_everywhere(postgresql: Server) -> None:
    values = {
        RECENCY: (0.0, 60.0, 61.0, 180.0, 181.0, 365.0, 366.0, None, math.nan, math.inf),
        FREQUENCY: (1.0, 2.0, 4.0, 5.0, 1e308, None, math.nan),
        MONETARY: (0.0, 499.99, 500.0, np.nextafter(500, 0), None, math.nan, math.inf),
    }
    rows: list[Row] = [
        dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())
    ]
    rows = [
        {name: None if each is None else float(each) for name, each in row.items()} for row in rows
    ]  # type: ignore[arg-type]
    expected = [_group(row) for row in rows]
    assert set(expected) == set(GROUPS)
    release = replace(sample_release(), rule=Rule(cuts=Cuts()))
    assert by_duckdb(sql(release), rows, KNOWN_TYPES) == expected
    assert by_postgresql(postgresql, sql(release), rows, KNOWN_TYPES) == expected
    assert by_python(python(release), rows) == expected


def _group(row: Row) -> str:
    numbers = (row[name] for name in (RECENCY, FREQUENCY, MONETARY))
    finite = [
        each if isinstance(each, float) and math.isfinite(each) else math.nan for each in numbers
    ]
    return rfm.group_of(*finite, Cuts())
