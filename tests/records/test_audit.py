"""The audit log: edits, swaps and cuts are found at the line."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from dashboard.errors import InternalError
from dashboard.records import audit
from tests.records.conftest import NOW, drop_guards

KEY = b"k" * 32


def note(records, number, **changes):
    told = {"actor": "owner", "action": "release", "object": f"rel_{number}", "key": KEY}
    detail = {"segments": 5, "epsilon": 1.0}
    return audit.note(records, **{**told, "detail": detail, "now": NOW, **changes})


@pytest.fixture
def log(records):
    for number in range(1, 9):
        note(records, number)
    return records


def change(records, *statements):
    with records.write() as connection:
        drop_guards(connection)
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_log_holds(log):
    assert audit.verify(log, KEY) is None
    assert audit.verify(log, KEY, audit.head(log)) is None


def test_an_empty_log_holds_and_has_no_head(records):
    assert audit.verify(records, KEY) is None
    assert audit.head(records) is None


@pytest.mark.parametrize(
    ("tampering", "line"),
    [
        (["UPDATE audit SET object = 'rel_x' WHERE seq = 4"], 4),
        (["UPDATE audit SET detail = '{}' WHERE seq = 1"], 1),
        (["DELETE FROM audit WHERE seq = 5"], 5),
        (["DELETE FROM audit WHERE seq = 1"], 1),
        (
            [
                "UPDATE audit SET seq = 100 WHERE seq = 3",
                "UPDATE audit SET seq = 3 WHERE seq = 6",
                "UPDATE audit SET seq = 6 WHERE seq = 100",
            ],
            3,
        ),
        (["UPDATE audit SET hash = 'é' WHERE seq = 8"], 8),
    ],
)
def test_an_edit_a_cut_and_a_swap_are_found_at_the_line(log, tampering, line):
    change(log, *tampering)
    assert audit.verify(log, KEY) == line


def test_a_log_cut_at_its_end_is_found_with_a_kept_head(log):
    kept = audit.head(log)
    change(log, "DELETE FROM audit WHERE seq > 5")
    assert audit.verify(log, KEY) is None
    assert audit.verify(log, KEY, kept) == 6


def test_another_key_does_not_hold(log):
    assert audit.verify(log, b"x" * 32) == 1


def test_only_the_viewer_writes_without_the_key(log):
    with pytest.raises(InternalError):
        note(log, 9, key=None)
    note(log, 9, key=None, actor=audit.VIEWER, action="link opened")
    note(log, 10)
    assert audit.verify(log, KEY) is None
    change(log, "UPDATE audit SET actor = 'owner' WHERE seq = 9")
    assert audit.verify(log, KEY) == 9


@pytest.mark.parametrize("statement", ["DELETE FROM audit", "UPDATE audit SET actor = 'x'"])
def test_the_file_itself_refuses_to_rewrite_the_log(log, statement):
    with pytest.raises(IntegrityError, match="append-only"), log.write() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    "told", ["/s/abcdefgh", "ana@example.org", "Zk3_" * 11, "a long text " * 30]
)
def test_addresses_tokens_and_long_texts_are_not_written(records, told):
    for change in ({"detail": {"said": told}}, {"object": told}):
        with pytest.raises(InternalError):
            note(records, 1, **change)
    assert audit.entries(records) == ()


def test_a_digest_may_be_written(records):
    note(records, 1, detail={"sha256": "ab12" * 16})
    assert audit.verify(records, KEY) is None


def test_lines_are_read_newest_first_and_page_by_page(log):
    newest = audit.entries(log, limit=3)
    assert [entry.seq for entry in newest] == [8, 7, 6]
    assert [entry.seq for entry in audit.entries(log, limit=2, before=6)] == [5, 4]
    assert newest[0].at == NOW
    assert newest[0].detail == {"segments": 5, "epsilon": 1.0}
