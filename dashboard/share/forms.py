"""The two forms of shared pages, which work without a script: the passphrase, and an opinion.

Both post to the address of their page. Neither has free text that would be kept.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from markupsafe import Markup
from starlette.requests import Request

from dashboard.records import opinions, passphrases
from dashboard.share.markup import tag

LARGEST: Final = 4096
"""Bytes that a form may bring."""

ASKED: Final = "This page asks for a passphrase"
ASKED_WHY: Final = (
    "The person who shared it has the passphrase. If it does not open the page, look at the "
    "spelling, or wait a quarter of an hour: five tries are allowed in that time."
)
THANKS: Final = "Thank you"
THANKS_WHY: Final = (
    "The person who shares this page sees what was said, and nothing about who said it."
)
_WORDS: Final = {
    "useful": "It is useful",
    "noisy": "It is too noisy",
    opinions.IDENTIFIES: "It could identify someone",
}


def passphrase() -> Markup:
    """Ask for the passphrase; the same for every link, after every try."""
    return tag(
        "form",
        tag("label", "Passphrase", for_="passphrase"),
        tag(
            "input",
            id="passphrase",
            name="passphrase",
            type="password",
            maxlength=passphrases.LONGEST,
            autocomplete="off",
            required="required",
        ),
        tag("button", "Open the page", type="submit"),
        method="post",
        class_="ask",
    )


def feedback() -> Markup:
    """Ask what the reader thinks, and of which part of the page."""
    choices = (tag("option", name, value=part) for part, name in opinions.PARTS.items())
    buttons = (
        tag("button", words, type="submit", name="opinion", value=opinion)
        for opinion, words in _WORDS.items()
    )
    return tag(
        "form",
        tag("h2", "What do you think?", id="opinion"),
        tag("p", "No account, no name: only the answer is counted.", class_="lead"),
        tag("label", "Which part?", for_="part"),
        tag("select", *choices, id="part", name="part"),
        tag("p", *buttons),
        method="post",
        aria_labelledby="opinion",
    )


def back() -> Markup:
    """The way from the thanks to the page, which has the same address."""
    return tag("p", tag("a", "Back to the page", href="?"))


# ── what comes back ─────────────────────────────────────────────────────────────────────
def from_our_page(request: Request) -> bool:
    """Whether a form was sent by a page of ours, as the browser says.

    Our pages send no referrer, and with it browsers leave out the origin; what they say
    instead, over TLS or on this machine, is that the request comes from the same origin.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")


async def told(request: Request) -> dict[str, str]:
    """What a form says; nothing where it is larger than any of ours, or is none."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            return {}
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=8, errors="replace")
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}
