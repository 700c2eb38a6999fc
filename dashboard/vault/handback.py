"""The way back: files that tell each product who said no, made while the addresses are there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from dashboard.receipts import WayBack

_FILES: Final = (
    ("HubSpot", "hubspot-opt-outs", "Email", ""),
    ("Klaviyo", "klaviyo-suppressions", "Email", ""),
    ("Mailchimp", "mailchimp-unsubscribes", "Email Address", ""),
    ("Shopify", "shopify-no-marketing", "Email,Accepts Email Marketing", ",no"),
    ("Salesforce", "salesforce-opt-outs", "Email,HasOptedOutOfEmail", ",TRUE"),
)


def way_back(addresses: Sequence[str]) -> tuple[WayBack, ...]:
    """One file for each product, with the headers that its import asks for.

    Each name ends with signs that nobody can guess: a browser fetches a file from an address
    that follows from its name and content, and contents can be guessed. The addresses in it
    must be plain: :func:`suppression.addresses` lets no formula through.
    """
    if not addresses:
        return ()
    mark = secrets.token_hex(8)
    return tuple(
        WayBack(product, f"{name}-{mark}.csv", "".join(_lines(addresses, header, ending)).encode())
        for product, name, header, ending in _FILES
    )


def _lines(addresses: Sequence[str], header: str, ending: str) -> list[str]:
    quoted = (each.replace('"', '""') for each in addresses)
    return [f"{header}\r\n", *(f'"{each}"{ending}\r\n' for each in quoted)]
