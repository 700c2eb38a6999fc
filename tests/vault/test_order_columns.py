"""A file of orders is recognized by its header, in four languages and from common shops."""

from __future__ import annotations

import pyarrow as pa
import pytest

from dashboard.receipts import Orders
from dashboard.vault.columns import describe
from dashboard.vault.order_columns import recognized, written

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Id"
)
FILES = {
    "customer_id,order_date,amount": ("customer_id", "order_date", "amount", None),
    "Kunden-Nr,Bestelldatum,Betrag": ("Kunden-Nr", "Bestelldatum", "Betrag", None),
    "id_client,date_commande,montant,numero_commande": (
        *("id_client", "date_commande", "montant", "numero_commande"),
    ),
    "id_cliente,fecha_pedido,importe": ("id_cliente", "fecha_pedido", "importe", None),
    SHOPIFY: ("Email", "Paid at", "Total", "Name"),
    "order_id,order_number,order_date,customer_id,order_total": (
        *("customer_id", "order_date", "order_total", "order_id"),
    ),
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country": (
        *("CustomerID", "InvoiceDate", "UnitPrice", "InvoiceNo"),
    ),
    "transaction_id,customer_email,transaction_date,revenue": (
        *("customer_email", "transaction_date", "revenue", "transaction_id"),
    ),
}  # fmt: skip


def found(header: str) -> Orders | None:
    names = header.split(",")
    table = pa.table({name: pa.array([f"{n}" for n in range(60)]) for name in names})
    return recognized(describe(table))


@pytest.mark.parametrize("header", FILES)
def test_the_columns_of_a_shop_are_found(header: str) -> None:
    told = found(header)
    assert told is not None
    assert (told.customer, told.day, told.amount, told.number) == FILES[header]


def test_a_whole_order_s_total_counts_once_and_a_price_times_its_quantity() -> None:
    shopify, retail = found(SHOPIFY), found(list(FILES)[6])
    assert shopify is not None
    assert retail is not None
    assert shopify.once_per_order
    assert (retail.quantity, retail.once_per_order) == ("Quantity", False)


@pytest.mark.parametrize(
    "header",
    [
        "customer_id,signup_date,age,total_spent,orders",
        "customer_id,last_order_date,monetary,frequency",
        "customer_id,date_of_birth,income",
        "customer_id,amount",
        "order_date,country",
    ],
)
def test_a_table_of_customers_is_not_taken_for_orders(header: str) -> None:
    assert found(header) is None


def test_how_days_seem_to_be_written_is_suggested() -> None:
    assert written(pa.chunked_array([["2026-08-01", "2026-08-02"]])) == "ymd"
    assert written(pa.chunked_array([["31.08.2026", "02.08.2026"] * 9])) == "dmy"
    assert written(pa.chunked_array([["08/31/2026", "08/02/2026"] * 9])) == "mdy"
