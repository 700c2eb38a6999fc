from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import BadInputError
from dashboard.receipts import RefusedLine
from dashboard.vault import delimited, quoting
from dashboard.vault.encodings import MAX_RECORD
from dashboard.vault.quoting import LINE_BREAK, MISPLACED, SEPARATOR, RowCutter

HEADER = "id,plan,note\n"

LINES = st.lists(st.text(alphabet='"" ,\n\nx\\', max_size=14), max_size=5).map(
    lambda each: "".join(f"{line}\n" for line in each)
)
"""Lines in which quotation marks, delimiters, blanks and line ends stand anywhere."""

VALUES = st.text(alphabet='"" ,\nx\\é', max_size=6).filter(lambda each: each.strip() != "")


def cut(*parts: str, delimiter: str = ",") -> tuple[list[list[str]], RowCutter]:
    cutter = RowCutter("a.csv", delimiter, 1, 20)
    text = "".join(cutter.cut(part.encode()).decode() for part in parts if part)
    cutter.finish()
    rows = [row.split(SEPARATOR) for row in text.split("\n")[:-1]]
    return [[each.replace(LINE_BREAK, "\n") for each in row] for row in rows], cutter


def rows_of(text: str) -> list[list[str]] | None:
    """The rows of a file, or nothing where it is refused whole."""
    try:
        return cut(HEADER + text)[0]
    except BadInputError:
        return None


@settings(max_examples=1_500, deadline=None)
@given(LINES, LINES, LINES)
def test_any_lines_between_two_rows_change_no_other_row(
    before: str, nasty: str, after: str
) -> None:
    first, both, whole = rows_of(before), rows_of(before + after), rows_of(before + nasty + after)
    if first is None or both is None or whole is None:
        return  # a file that is refused whole has no rows to compare
    others = both[len(first) :]
    assert whole[: len(first)] == first
    assert whole[len(whole) - len(others) :] == others


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_a_program_writes_is_read_back(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    assert cut(HEADER + out.getvalue())[0] == rows


@settings(max_examples=300, deadline=None)
@given(LINES, st.integers(0, 60))
def test_a_file_is_cut_alike_in_pieces_of_any_size(text: str, place: int) -> None:
    whole = rows_of(text)
    end = text.find("\n", place) + 1
    if whole is not None:
        assert cut(HEADER + text[:end], text[end:])[0] == whole


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('1,12" screen,x\n', ["1", '12" screen', "x"]),
        ("1,a\\\\,x\\\n", ["1", "a\\\\", "x\\"]),
        ('1,"said "hi" to me",x\n', ["1", 'said "hi" to me', "x"]),
        ('1,"a \\"b\\" c",x\n', ["1", 'a \\"b\\" c', "x"]),
        ('1,"a ""b"", c",x\n', ["1", 'a "b", c', "x"]),
        ('1,"""",""\n', ["1", '"', ""]),
        ('1,"two\nlines",x\n', ["1", "two\nlines", "x"]),
        ("1,a\x1fb\x1ec,x\n", ["1", "a b c", "x"]),
    ],
)
def test_a_quotation_mark_is_read_by_what_stands_beside_it(line: str, read: list[str]) -> None:
    assert cut(HEADER, line, "2,b,y\n")[0] == [read, ["2", "b", "y"]]


def test_blanks_around_quotation_marks_count_for_nothing() -> None:
    assert cut(HEADER, '1, "a, b" ,x\n')[0] == [["1", " a, b ", "x"]]


@pytest.mark.parametrize("line", ['1,""a"",x\n', '1,a"",x\n', '1,"a""b"c,"x\n'])
def test_misplaced_marks_on_one_line_cost_that_line(line: str) -> None:
    rows, cutter = cut(HEADER, "0,b,y\n", line, "2,b,y\n")
    assert rows == [["0", "b", "y"], ["2", "b", "y"]]
    assert cutter.lines == [RefusedLine(3, None, MISPLACED)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('1,"a,x\n2,b,y\n', "line 2, column “plan”"),
        ('0,b,y\n1,a,"x\n2,"b",y\n', "line 3, column “note”"),
        ('0,b,y\n"1,a,x\n2,"\nb",y\n3,c\n', "line 5, column “id”"),
    ],
)
def test_an_open_mark_refuses_the_file_with_line_and_column(text: str, where: str) -> None:
    with pytest.raises(BadInputError, match=rf"^a\.csv, {where}: a quotation mark"):
        cut(HEADER + text)


def test_lines_are_counted_as_they_stand_in_the_file() -> None:
    _, cutter = cut("id,plan,\n", '\n1,"a\nb",x\n\n2,b\n', "3,c,y,z\n")
    assert [(each.line, each.column) for each in cutter.lines] == [(6, None), (7, None)]
    _, cutter = cut(HEADER, '1,"a\nb",x\n2\n')
    assert [(each.line, each.column) for each in cutter.lines] == [(4, "plan")]


def test_a_header_may_hold_delimiters_and_line_breaks_in_quotation_marks() -> None:
    _, cutter = cut('id;"total\nspent";"a; b"\n', "1;2;3\n", delimiter=";")
    assert cutter.names == ["id", "total spent", "a; b"]


def test_a_row_without_end_refuses_the_file() -> None:
    with pytest.raises(BadInputError, match="line 2: the row is longer"):
        cut(HEADER, '1,"' + "a\n" * (MAX_RECORD // 2), "a\n", "b\n")


def test_the_rule_is_explained_where_it_stands() -> None:
    assert "sound" in (quoting.__doc__ or "")


CELLS = st.text(alphabet='ab,;" \t\x1f\x1e\ufeffé\u00a0', max_size=5)
LINES = st.lists(st.lists(CELLS, max_size=4).map(";".join), max_size=12)


@given(st.lists(LINES, min_size=1, max_size=4), st.sampled_from([1, 2, 3]))
@settings(deadline=None)
def test_the_fast_way_finds_what_the_careful_one_does(blocks: list[list[str]], width: int) -> None:
    header = (";".join("abc"[:width]) + "\n").encode()
    fast, careful = (RowCutter("a.csv", ";", 1, 20) for _ in range(2))
    for cutter in (fast, careful):
        cutter.cut(header)
    for lines in blocks:
        block = "".join(f"{line}\n" for line in lines).encode()
        if not block:
            continue
        try:
            rows = careful.cut(block)
        except BadInputError:
            with pytest.raises(BadInputError):
                delimited._fitting(fast, block)
            return
        values = [line.split(SEPARATOR) for line in rows.decode().split("\n")[:-1]]
        table = delimited._fitting(fast, block)
        found = [list(row.values()) for row in table.to_pylist()]
        assert found == [[value.replace(LINE_BREAK, "\n") for value in row] for row in values]
        assert (fast.rows, fast.refused, fast.lines) == (
            careful.rows,
            careful.refused,
            careful.lines,
        )


def test_rows_without_marks_take_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    cutter = RowCutter("a.csv", ",", 1, 20)
    cutter.cut(b"id,x\n")
    monkeypatch.setattr(cutter, "cut", None)
    assert delimited._fitting(cutter, b"1,a\n2,b\n").num_rows == 2
    assert cutter.rows == 2


def test_rows_of_any_length_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 64)
    cutter = RowCutter("a.csv", ",", 1, 20)
    cutter.cut(b"id,x\n")
    block = b"".join(b"%d,%s\n" % (each, b"x" * (each * 3 % 400)) for each in range(500))
    found = delimited._fitting(cutter, block).column(1).to_pylist()
    assert found == ["x" * (each * 3 % 400) for each in range(500)]
