"""Is this a file of orders? The names of its columns say so: who, which day, how much."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dashboard.receipts import ColumnFinding, Orders
from dashboard.terms import DateOrder
from dashboard.vault import lexicon
from dashboard.vault.dates import likely_order
from dashboard.vault.lexicon import is_called
from dashboard.vault.shapes import Shape

if TYPE_CHECKING:
    import pyarrow as pa

_DAY: Final = lexicon.phrases(
    "order date|orderdate|order day|order time|order timestamp|order datetime|order created at|"
    "order placed at|order purchase timestamp|ordered at|ordered on|placed at|purchase date|"
    "purchased at|purchased on|date of purchase|date purchased|invoice date|invoicedate|"
    "transaction date|transaction time|trans date|txn date|trx date|sale date|sales date|"
    "booking date|receipt date|paid at|payment date|processed at|created at|date created|created|"
    "date created gmt|completed date|date|datetime|timestamp|day|date commande|date de commande|"
    "date de la commande|date achat|date dachat|date d achat|date de lachat|date facture|"
    "date de facture|date de facturation|date de transaction|date de creation|bestelldatum|"
    "kaufdatum|rechnungsdatum|auftragsdatum|buchungsdatum|belegdatum|transaktionsdatum|datum|"
    "erstellt am|fecha|fecha pedido|fecha de pedido|fecha del pedido|fecha compra|fecha de compra|"
    "fecha de la compra|fecha factura|fecha de factura|fecha de transaccion|fecha de creacion"
)
_ORDER_AMOUNT: Final = lexicon.phrases(
    "order total|order amount|order value|order total amount|total|grand total|total price|"
    "total amount|total paid|total price usd|invoice total|invoice amount|transaction amount|"
    "payment value|payment amount|amount paid|total sales|"
    "cart total|basket value|montant total|total commande|total ttc|montant ttc|"
    "montant commande|montant de la commande|total facture|gesamtbetrag|gesamtsumme|"
    "rechnungsbetrag|rechnungssumme|bestellwert|bestellsumme|auftragswert|warenkorbwert|"
    "importe total|monto total|total pedido|total del pedido|total factura|importe del pedido"
)
_LINE_AMOUNT: Final = lexicon.phrases(
    "amount|line total|line amount|item total|net amount|gross amount|revenue|net revenue|sales|"
    "net sales|gross sales|sales amount|sale amount|value|spend|spent|turnover|paid|montant|"
    "montant ht|chiffre daffaires|ca|ca ttc|prix total|betrag|summe|umsatz|nettobetrag|"
    "bruttobetrag|importe|monto|valor|ventas|ingresos|trans amount|tran amount|transaction value"
)
_UNIT_PRICE: Final = lexicon.phrases(
    "unit price|unitprice|price per unit|price each|item price|lineitem price|line item price|"
    "price|prix unitaire|prix|stuckpreis|einzelpreis|preis|precio unitario|precio"
)
_QUANTITY: Final = lexicon.phrases(
    "quantity|qty|units|quantity ordered|lineitem quantity|line item quantity|items|item quantity|"
    "quantite|qte|menge|anzahl|stuck|stuckzahl|cantidad|unidades"
)
_NUMBER: Final = lexicon.phrases(
    "order id|order no|order nr|order number|orderid|orderno|ordernumber|order|order name|"
    "order key|order ref|order reference|invoice|invoice id|invoice no|invoice nr|invoiceno|"
    "invoice number|transaction id|transaction no|transaction number|trans id|txn id|receipt|"
    "receipt id|receipt no|receipt number|basket id|cart id|increment id|sales order number|"
    "numero de commande|numero commande|no commande|commande|id commande|reference commande|"
    "numero de facture|facture|bestellnummer|bestell nr|bestellung|auftragsnummer|auftrag|"
    "rechnungsnummer|belegnummer|numero de pedido|numero pedido|pedido|id pedido|"
    "numero de factura|factura"
)


def recognized(findings: Sequence[ColumnFinding]) -> Orders | None:
    """Which columns of a file tell orders; ``None`` where it doesn't look like orders.

    Names decide, not values: a day of an order, an amount, and somebody they belong to.
    An amount that is named for the whole order counts once per order number; a price
    is multiplied by a quantity, where there is one.
    """
    names = [each.name for each in findings]
    customer = _customer(findings)
    day = _first(names, _DAY, but=customer)
    if customer is None or day is None:
        return None
    number = _first(names, _NUMBER, but=customer) or _shopify_number(names)
    whole, line = _first(names, _ORDER_AMOUNT), _first(names, _LINE_AMOUNT)
    price, quantity = _first(names, _UNIT_PRICE), _first(names, _QUANTITY)
    if whole:
        return Orders(customer, day, whole, number, once_per_order=number is not None)
    if line:
        return Orders(customer, day, line, number)
    return Orders(customer, day, price, number, quantity) if price else None


def written(days: pa.ChunkedArray) -> DateOrder:
    """How the days seem to be written; a suggestion that the giver confirms."""
    return likely_order(Shape(days.drop_null()).sample)


def _first(names: Sequence[str], called: re.Pattern[str], but: str | None = None) -> str | None:
    return next((each for each in names if each != but and is_called(each, called)), None)


def _customer(findings: Sequence[ColumnFinding]) -> str | None:
    """The column that names the customer: by its name, an e-mail address, or the suggested id."""
    best = _first([each.name for each in findings], lexicon.phrases(lexicon.ID_BEST))
    mail = _first([each.name for each in findings], lexicon.phrases(lexicon.EMAIL))
    suggested = next((each.name for each in findings if each.role == "id"), None)
    return best or mail or suggested


def _shopify_number(names: Sequence[str]) -> str | None:
    """Shopify writes the order's number under “Name” and the address under “Email”."""
    return "Name" if {"Name", "Email", "Financial Status"} <= set(names) else None
