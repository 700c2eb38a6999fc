from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.plan import Feature, preset_bounds
from dashboard.receipts import ColumnFinding
from dashboard.terms import Bounds, DateReading, Domain
from dashboard.vault.columns import MASK, describe, masked_rows
from tests.vault.making import raw

ROWS = 200
DRAW = random.Random(5)

Maker = Callable[[int], str]

NUMBER: Maker = lambda row: str(row * 7919 % 9973)  # noqa: E731
PRICE: Maker = lambda row: f"{row * 7919 % 997 / 7:.2f}"  # noqa: E731
SMALL: Maker = lambda row: str(row % 7)  # noqa: E731
YES: Maker = lambda row: ("yes", "no")[row % 3 == 0]  # noqa: E731
BIT: Maker = lambda row: str(row % 3 // 2)  # noqa: E731
LABEL: Maker = lambda row: ("basic", "plus", "pro")[row % 3]  # noqa: E731
WORD: Maker = lambda row: "".join(DRAW.choice("aeioulmnrst") for _ in range(9))  # noqa: E731
DAY: Maker = lambda row: f"20{row % 20:02}-0{1 + row % 9}-{10 + row % 18}"  # noqa: E731
MAIL: Maker = lambda row: f"p{row}@shop.example"  # noqa: E731
PHONE: Maker = lambda row: f"+33 6 12 34 {row % 100:02} {row * 7 % 100:02}"  # noqa: E731
PROSE: Maker = lambda row: f"called on monday about order {row} and was happy"  # noqa: E731
UUID: Maker = lambda row: f"{row:08x}-1111-4222-8333-{row * 7919:012x}"  # noqa: E731
CODE: Maker = lambda row: f"KX-{row * 7919 % 99991:05}"  # noqa: E731

CASES: dict[tuple[str, Maker], tuple[str, str]] = {
    ("email", MAIL): ("id", "text"),  # where nothing better tells who is who
    ("ref", MAIL): ("id", "text"),
    ("contact", PHONE): ("identifier", "text"),
    ("Phone", lambda row: f"06{row * 7919 % 10**8:08}"): ("identifier", "number"),
    ("ip_signup", lambda row: f"10.0.{row % 7}.{row}"): ("identifier", "text"),
    ("thing", UUID): ("identifier", "text"),
    ("iban", lambda row: f"FR76 3000 6000 0112 3456 7890 {row:03}"): ("identifier", "text"),
    ("code", CODE): ("identifier", "text"),
    ("serial", lambda row: str(300_000 + row)): ("identifier", "number"),
    ("customer_id", NUMBER): ("id", "number"),
    ("CustomerID", NUMBER): ("id", "number"),
    ("Kundennummer", NUMBER): ("id", "number"),
    ("First Name", LABEL): ("identifier", "category"),
    ("nom", WORD): ("identifier", "text"),
    ("address_line1", PROSE): ("identifier", "text"),
    ("Latitude", PRICE): ("identifier", "number"),
    ("Accepts Email Marketing", YES): ("consent", "flag"),
    ("Accepts WhatsApp Marketing", YES): ("consent", "flag"),
    ("opt_in", lambda row: "yes"): ("consent", "flag"),
    ("Email Suppressions", lambda row: "HARD_BOUNCE"): ("consent", "category"),
    ("Marketing contact status", LABEL): ("category", "category"),
    ("opt_in_date", DAY): ("date", "date"),
    ("religion", LABEL): ("special", "category"),
    ("Konfession", LABEL): ("special", "category"),
    ("état de santé", LABEL): ("special", "category"),
    ("discapacidad", YES): ("special", "flag"),
    ("health score", SMALL): ("feature", "number"),
    ("race distance", SMALL): ("feature", "number"),
    ("gender", LABEL): ("proxy", "category"),
    ("Civilité", LABEL): ("proxy", "category"),
    ("ZipCode", lambda row: str(10_000 + row * 7919 % 80_000)): ("proxy", "number"),
    ("Marital_Status", LABEL): ("proxy", "category"),
    ("Preferred language", LABEL): ("proxy", "category"),
    ("income", lambda row: str(20_000 + row * 7919 % 60_000)): ("proxy", "number"),
    ("Annual_Income(k$)", SMALL): ("proxy", "number"),
    ("Fresh", lambda row: str(row * row * 7 + 3)): ("unused", "number"),
    ("what it is", LABEL): ("unused", "category"),
    ("Status", lambda row: ("unsubscribed", "active", "cleaned")[row % 3]): (
        "category",
        "category",
    ),
    ("Condition", lambda row: ("subscribed", "unsubscribed", "cleaned")[row % 3]): (
        "consent",
        "category",
    ),
    ("last_product", lambda row: ("pans", "Halal sweets", "tea")[row % 3]): (
        "special",
        "category",
    ),
    ("Abgemeldet am", DAY): ("consent", "date"),
    ("unsubscribed_at", DAY): ("consent", "date"),
    ("usprivacy", lambda row: ("1YNN", "1YYN")[row % 2]): ("consent", "category"),
    ("gpp_string", lambda row: f"DBABMA~CPXxRfAPXxRfA{row}"): ("identifier", "text"),
    ("N° client", NUMBER): ("id", "number"),
    ("Nº cliente", CODE): ("id", "text"),
    ("Mitgliedsnummer", NUMBER): ("id", "number"),
    ("Bestellungen", SMALL): ("feature", "number"),
    ("Retourenquote", lambda row: f"{row % 40},5 %"): ("feature", "number"),
    ("Chiffre d'affaires", PRICE): ("feature", "number"),
    ("Panier moyen", PRICE): ("feature", "number"),
    ("Visitas", SMALL): ("feature", "number"),
    ("Provincia", LABEL): ("category", "category"),
    ("mrr", PRICE): ("feature", "number"),
    ("net_flow_30d", lambda row: f"({row}.50)"): ("feature", "number"),
    ("total_spent", PRICE): ("feature", "number"),
    ("Umsatz", lambda row: f"{row * 31},5 €"): ("feature", "number"),
    ("Age", lambda row: str(18 + row % 60)): ("feature", "number"),
    ("Year_Birth", lambda row: str(1950 + row % 50)): ("birth", "number"),
    ("birthday", DAY): ("birth", "date"),
    ("is_member", BIT): ("feature", "flag"),
    ("abonné premium", lambda row: ("oui", "non")[row % 2]): ("feature", "flag"),
    ("Aktiv", lambda row: ("Ja", "Nein")[row % 2]): ("feature", "flag"),
    ("kids_bought", lambda row: str(row % 3)): ("feature", "number"),
    ("PhoneService", YES): ("feature", "flag"),
    ("plan", LABEL): ("category", "category"),
    ("Default Address Zip", SMALL): ("proxy", "number"),
    ("Default Address Country Code", LABEL): ("category", "category"),
    ("Default Address Phone", NUMBER): ("identifier", "number"),
    ("Email Marketing Consent Timestamp", DAY): ("date", "date"),
    ("ConsumerCreditScore", SMALL): ("proxy", "number"),
    ("Block Geolocation Tracking", BIT): ("consent", "flag"),
    ("num_children", SMALL): ("proxy", "number"),
    ("note", PROSE): ("free_text", "text"),
    ("what they said", PROSE): ("free_text", "text"),
    ("signup", DAY): ("date", "date"),
    ("constant", lambda row: "same"): ("unused", "category"),
    ("stuff", WORD): ("unused", "text"),
}


def _one(name: str, values: list[str | None]) -> ColumnFinding:
    return describe(raw(**{name: values}))[0]


@pytest.mark.parametrize(("name", "maker"), CASES, ids=[name for name, _ in CASES])
def test_a_column_is_known_by_its_name_and_looks(name: str, maker: Maker) -> None:
    found = _one(name, [maker(row) for row in range(ROWS)])
    assert (found.role, found.kind) == CASES[name, maker]


@pytest.mark.parametrize(("name", "maker"), CASES, ids=[name for name, _ in CASES])
@pytest.mark.parametrize(
    "odd", [None, "NaN", "inf", "-1e308", "zz.canary@x.example", "7", "no", "?"]
)
def test_one_odd_value_changes_nothing(name: str, maker: Maker, odd: str | None) -> None:
    values: list[str | None] = [maker(row) for row in range(ROWS)]
    before = _one(name, values)
    for place in (0, 77, ROWS - 1):
        assert _one(name, [*values[:place], odd, *values[place + 1 :]]) == before
    assert _one(name, [*values, odd]) == before


def test_bounds_come_from_the_name_alone() -> None:
    found = _one("income", [str(row) for row in range(ROWS)])
    assert found.suggested is not None
    assert found.suggested.bounds == preset_bounds("income")


@pytest.mark.parametrize(
    ("name", "written", "high"),
    [("open rate", "{} %", 100), ("Rabatt %", "{}", 100), ("open rate", "0.{}", 1)],
)
def test_what_is_written_in_hundredths_has_a_range_in_hundredths(
    name: str, written: str, high: float
) -> None:
    found = _one(name, [written.format(row % 90) for row in range(ROWS)])
    assert found.suggested is not None
    assert found.suggested.bounds == Bounds(0, high)


def test_categories_are_suggested_without_their_labels() -> None:
    found = _one("plan", [LABEL(row) for row in range(ROWS)])
    assert found.suggested is not None
    assert found.suggested.domain is None


def test_at_most_one_column_tells_who_is_who_and_it_is_the_best() -> None:
    found = describe(
        raw(
            **{
                "serial": [str(row) for row in range(ROWS)],
                "email": [MAIL(row) for row in range(ROWS)],
                "Order ID": [CODE(row) for row in range(ROWS)],
                "Customer ID": [str(row // 3) for row in range(ROWS)],
            }
        )
    )
    assert [each.role for each in found] == ["identifier", "identifier", "identifier", "id"]


@pytest.mark.parametrize(
    "name",
    [
        "order_no",
        "order_ref",
        "order",
        "invoice",
        "booking",
        "transaction_no",
        "receipt_no",
        "ticket_code",
        "session_key",
        "customerOrderNo",
        "recordId",
        "key",
        "uuid",
        "pid",
        "serial",
        "code",
    ],
)
@pytest.mark.parametrize("maker", [CODE, UUID, lambda row: str(300_000 + row)])
def test_a_code_of_what_happened_is_no_customer(name: str, maker: Maker) -> None:
    assert _one(name, [maker(row) for row in range(ROWS)]).role == "identifier"


@pytest.mark.parametrize("name", ["client_no", "user hash", "Member", "kunde", "uid", "ID"])
def test_a_code_whose_name_says_so_is_a_customer(name: str) -> None:
    assert _one(name, [CODE(row) for row in range(ROWS)]).role == "id"


@pytest.mark.parametrize("name", ["orders", "number of orders", "total purchase", "order value"])
def test_what_counts_or_measures_orders_stays_a_number(name: str) -> None:
    assert _one(name, [str(row * 7919 % 9973) for row in range(ROWS)]).role == "feature"


def test_a_name_tells_no_customers_apart() -> None:
    assert _one("customer name", [WORD(row) for row in range(ROWS)]).role == "identifier"


def test_a_blank_table_has_nothing_to_use() -> None:
    found = describe(raw(id=[None, None], spend=[None, None]))
    assert [each.role for each in found] == ["unused", "unused"]


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=30),
    st.lists(st.none() | st.text(min_size=1, max_size=12), min_size=1, max_size=70),
)
def test_any_column_is_described_and_no_reason_holds_a_value(
    name: str, values: list[str | None]
) -> None:
    marked = [value and f"{value}§{value}" for value in values]
    found = describe(pa.table({name: pa.array(marked, pa.string())}))
    assert len(found) == 1
    assert "§" not in found[0].reason


def test_masked_rows_show_numbers_and_hide_people() -> None:
    table = raw(
        customer_id=["C1", "C2", "C3"],
        spend=["12.5", None, "3"],
        plan=["a very long label that nobody needs", "pro", "zz.canary@x.example"],
        religion=["x", "y", "x"],
        note=["Anna called", "b", "c"],
    )
    rows = masked_rows(table, describe(table), count=3)
    assert len(rows) == 3
    assert [row[0] for row in rows] == [MASK] * 3
    assert [row[1] for row in rows] == ["12.5", "", "3"]
    assert rows[2][2] == MASK
    assert {row[3] for row in rows} | {row[4] for row in rows} == {MASK}


def test_a_date_is_suggested_as_days_up_to_the_declared_day() -> None:
    days = [f"{1 + row % 28:02}/{1 + row % 12:02}/2025" for row in range(ROWS)]
    found = describe(raw(signup=days), date(2026, 6, 15))[0]
    assert (found.role, found.kind) == ("date", "date")
    assert found.suggested is not None
    assert found.suggested.dates == DateReading("dmy", "2026-06-15")


@pytest.mark.parametrize(
    ("name", "values", "labels"),
    [
        ("tier", ["gold", "silver", "bronze"], ("Bronze", "Silver", "Gold")),
        ("tier", ["GOLD", "Platinum"], ("Silver", "Gold", "Platinum")),
        ("size", ["M", "L", "S", "XL"], ("S", "M", "L", "XL")),
        ("rating", ["5", "3", "1"], ("1", "2", "3", "4", "5")),
        ("stars", ["5.0", "4.0", "2.0"], ("1", "2", "3", "4", "5")),
    ],
)
def test_a_publicly_known_order_is_suggested_whole(
    name: str, values: list[str], labels: tuple[str, ...]
) -> None:
    found = _one(name, [values[row % len(values)] for row in range(ROWS)])
    assert found.suggested is not None
    assert (found.suggested.kind, found.suggested.domain) == ("level", Domain(labels))
    assert found.role in ("feature", "category")


@pytest.mark.parametrize("odd", ["platinum", "7", "zz"])
def test_one_customer_makes_and_breaks_no_order(odd: str) -> None:
    values: list[str | None] = [("gold", "silver", "bronze")[row % 3] for row in range(ROWS)]
    assert _one("tier", [odd, *values]) == _one("tier", values)


def test_labels_without_a_known_order_stay_a_category() -> None:
    found = _one("region", [("North", "South")[row % 2] for row in range(ROWS)])
    assert found.suggested == Feature("region", "category")
    points = _one("orders", [str(1 + row % 5) for row in range(ROWS)])
    assert points.suggested is not None
    assert points.suggested.kind == "number"
