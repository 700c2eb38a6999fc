"""How one customer's row is written never changes how another customer's row is read."""

from __future__ import annotations

import pytest

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.plan import Feature
from dashboard.receipts import Choices, Received, Upload
from dashboard.settings import Settings
from dashboard.terms import Bounds, PrivacyUnit
from dashboard.vault import intake
from dashboard.vault.table import one_row_per_customer
from dashboard.workflow import Workspace

pytestmark = pytest.mark.attack

HEADER = "customer_id,city,spend,note\n"
OTHERS = "".join(f"C{each},Orléans,{each}.5 €,fine\n" for each in range(500))
FEATURES = (Feature("spend", "number", Bounds(0, 1_000)), Feature("city", "category"))


def read(file: bytes) -> list[dict[str, str | None]]:
    raw = intake.read(
        [Upload("shop.csv", file)],
        max_bytes=2**24,
        memory_limit_mb=256,
        progress=lambda _done, _doing: None,
    )
    nasty = ("X1", "b", "customer_id")
    return [row for row in raw.table.to_pylist() if row["customer_id"] not in nasty]


NASTY = {
    "another encoding": b"X1,Orl\xe9ans,1," + b"\xe9" * 3_000 + b"\n",
    "a lone byte": b"X1,\xff,1,x\n",
    "backslash and quote": b'X1,"a \\"b\\" c",1,x\n',
    "semicolons": b"X1,a;b;c;d;e;f;g,1,x\n",
    "tabs": b"X1,a\tb\tc\td\te,1,x\n",
    "too many values": b"X1,a,b,c,d,e,f,g\n",
    "too few values": b"X1\n",
    "a formula": b"X1,=1+1,1e308,@x\n",
    "a quote within": b'X1,a"b,1,x\n',
    "line breaks within": b'X1,"a\nb\nc",1,x\n',
    "a carriage return within": b"X1,a\rb,1,x\n",
    "an inch": b'X1,12" screen,1,5" hose\n',
    "quotes that don't fit": b'X1,""Paris"",1,x\n',
    "unescaped quotes": b'X1,"the "best" one",1,x\n',
    "signs of the reader's own": b"X1,a\x1fb\x1ec,1,x\n",
    "a long note": b"X1,Paris,1," + b"x" * 1_500_000 + b"\n",
    "a number too far": b"X1,Paris,1" + b"0" * 400 + b",x\n",
    "the header again": HEADER.encode(),
}


@pytest.mark.parametrize("kind", sorted(NASTY))
@pytest.mark.parametrize("first", [True, False])
def test_a_nasty_row_changes_no_other_row(kind: str, first: bool) -> None:
    others, nasty = OTHERS.encode(), NASTY[kind]
    rows = nasty + others if first else others + nasty
    assert read(HEADER.encode() + rows) == read(HEADER.encode() + others)


NEIGHBORS = {
    "plain": OTHERS,
    "quoted": "".join(f'"C{each}","Orléans","{each}.5","fine"\n' for each in range(500)),
    "a value that begins with a delimiter": OTHERS + 'D1,",b",2,x\n' + OTHERS,
    "a value that is a delimiter": OTHERS + 'D1,",",2,x\n' + OTHERS,
    "a line break at the edge of a value": OTHERS + 'D1,"\nb",2,x\n' + OTHERS,
    "an inch": OTHERS + 'D1,12" screen,2,x\n' + OTHERS,
}


@pytest.mark.parametrize("kind", NEIGHBORS)
@pytest.mark.parametrize("open_row", ['X1,"Paris,1,x\n', 'X1,Paris,1,"x\n', 'X1,Paris,1,x"\n'])
def test_an_open_quotation_mark_refuses_the_file_rather_than_its_neighbors(
    kind: str, open_row: str
) -> None:
    others = NEIGHBORS[kind]
    assert read((HEADER + others).encode())
    for rows in (open_row + others, others + open_row, others + open_row + others):
        with pytest.raises(BadInputError, match=r"line \d+.*: a quotation mark"):
            read((HEADER + rows).encode())


def test_a_customer_s_kept_row_is_the_same_with_and_without_a_nasty_one() -> None:
    def kept(file: str) -> set[tuple[object, ...]]:
        raw = intake.read(
            [Upload("shop.csv", file.encode())],
            max_bytes=2**24,
            memory_limit_mb=256,
            progress=lambda _done, _doing: None,
        )
        choices = Choices("to try", "customer_id", (), FEATURES)
        rows = one_row_per_customer(raw.table, choices, key=b"k" * 32, child_age=0).rows
        return {tuple(row.values()) for row in rows.to_pylist()}

    without = kept(HEADER + OTHERS)
    for nasty in NASTY.values():
        text = nasty.decode("cp1252", errors="replace")
        assert without <= kept(HEADER + text + OTHERS)


def test_a_vote_of_all_rows_is_a_naive_tool_that_one_customer_turns() -> None:
    nasty = b"X1,Paris,1," + b"\xe9" * 3_000 + b"\n"

    def naive(file: bytes) -> str:
        broken = file.decode(errors="replace").count("\ufffd")
        return file.decode("cp1252" if broken > 2_000 else "utf-8", errors="replace")

    assert "Orléans" in naive(OTHERS.encode())
    assert "Orléans" not in naive(OTHERS.encode() + nasty)


def test_a_file_without_a_header_is_refused_without_its_first_customer() -> None:
    with pytest.raises(BadInputError) as refusal:
        read(("Jane Doe,Orléans,7,fine\n" + OTHERS).encode())
    assert "Jane" not in str(refusal.value)


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return workflow.open_workspace(settings)


def found(workspace: Workspace, name: str) -> Received:
    rows = "".join(f"{90_000 + each},{each % 80}.5,{each % 9}\n" for each in range(600))
    file = f"{name},spend,visits\n{rows}".encode()
    return workflow.receive(workspace, [Upload("orders.csv", file)])


@pytest.mark.parametrize(
    "name", ["order_no", "order_ref", "order_id", "invoice", "transaction_no", "receipt_no"]
)
def test_the_number_of_an_order_is_not_taken_for_a_customer(
    name: str, workspace: Workspace
) -> None:
    received = found(workspace, name)
    choices = workflow.suggest(received, "to try")
    assert choices.id_column is None
    kept = workflow.keep(workspace, received.staged_id, choices)
    assert workflow.dataset(workspace, kept.dataset_id).unit == PrivacyUnit.ROW.value


@pytest.mark.parametrize("name", ["customer_id", "CustomerID", "ID", "user_id", "client_no"])
def test_the_number_of_a_customer_is(name: str, workspace: Workspace) -> None:
    assert workflow.suggest(found(workspace, name), "to try").id_column == name
