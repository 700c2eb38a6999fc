"""The way back: files that tell each product who said no, made while the addresses are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboard.receipts import WayBack

_FILES: Final = (
    ("HubSpot", "hubspot-opt-outs.csv", "Email", ""),
    ("Klaviyo", "klaviyo-suppressions.csv", "Email", ""),
    ("Mailchimp", "mailchimp-unsubscribes.csv", "Email Address", ""),
    ("Shopify", "shopify-no-marketing.csv", "Email,Accepts Email Marketing", ",no"),
    ("Salesforce", "salesforce-opt-outs.csv", "Email,HasOptedOutOfEmail", ",TRUE"),
)


def way_back(addresses: Sequence[str]) -> tuple[WayBack, ...]:
    """One file for each product, with the headers that its import asks for.

    The addresses must be plain: :func:`suppression.addresses` lets no formula through.
    """
    if not addresses:
        return ()
    return tuple(
        WayBack(product, name, "".join(_lines(addresses, header, ending)).encode())
        for product, name, header, ending in _FILES
    )


def _lines(addresses: Sequence[str], header: str, ending: str) -> list[str]:
    quoted = (each.replace('"', '""') for each in addresses)
    return [f"{header}\r\n", *(f'"{each}"{ending}\r\n' for each in quoted)]
