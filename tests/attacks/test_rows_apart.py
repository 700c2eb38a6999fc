"""How one customer's row is written never changes how another customer's row is read."""

from __future__ import annotations

import pytest

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Received, Upload
from dashboard.settings import Settings
from dashboard.terms import PrivacyUnit
from dashboard.vault import intake
from dashboard.workflow import Workspace

pytestmark = pytest.mark.attack

HEADER = "customer_id,city,spend,note\n"
OTHERS = "".join(f"C{each},Orléans,{each}.5 €,fine\n" for each in range(500))


def read(file: bytes) -> list[dict[str, str | None]]:
    raw = intake.read(
        [Upload("shop.csv", file)],
        max_bytes=2**24,
        memory_limit_mb=256,
        progress=lambda _done, _doing: None,
    )
    return [row for row in raw.table.to_pylist() if row["customer_id"] != "X1"]


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
}


@pytest.mark.parametrize("kind", sorted(NASTY))
@pytest.mark.parametrize("first", [True, False])
def test_a_nasty_row_changes_no_other_row(kind: str, first: bool) -> None:
    others, nasty = OTHERS.encode(), NASTY[kind]
    rows = nasty + others if first else others + nasty
    assert read(HEADER.encode() + rows) == read(HEADER.encode() + others)


def test_an_open_quotation_mark_refuses_the_file_rather_than_its_neighbors() -> None:
    with pytest.raises(BadInputError, match="line 2, column “city”: a quotation mark"):
        read((HEADER + 'X1,"Paris,1,x\n' + OTHERS).encode())


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
