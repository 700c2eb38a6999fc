"""The page for customers: anyone can say no, without an account, and gets the same thanks.

It works without a script. Who a letter is about is sealed before it is kept, and never
looked up here: this room knows no customer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dashboard.errors import BadInputError
from dashboard.receipts import ChoicePage
from dashboard.records import choices
from dashboard.records.db import Records
from dashboard.records.visits import Visits
from dashboard.share import forms, page
from dashboard.share.headers import page_headers
from dashboard.share.markup import tag

WISHES: Final = {
    "group": "Don’t put me into groups",
    "marketing": "Don’t send me marketing",
}
ASKED: Final = "Your choice at {name}"
WHY: Final = (
    "{name} sorts customers into groups with similar habits, to send fewer and more fitting "
    "messages. You can say no here, at any time, without giving a reason."
)
WHO: Final = "Your e-mail address or customer number"
KEPT: Final = (
    "What you write is encrypted at once, used to leave you out, and not shown on any page. It "
    "holds from the next time that groups are made. To change your mind, write to {name}."
)
THANKS: Final = "Thank you"
THANKS_WHY: Final = "Your choice is noted and holds from the next time that groups are made."
AGAIN: Final = "Something is missing"
AGAIN_WHY: Final = "Write your e-mail address or customer number, and choose one of the two."
BUSY: Final = "Too many answers at once"
BUSY_WHY: Final = "Your choice could not be noted just now. Please try again in a few minutes."
NONE: Final = "This page is not open"
NONE_WHY: Final = "Write to the company whose customer you are: they can note your choice as well."


def form(asked: ChoicePage) -> str:
    """Write the page that asks."""
    buttons = (
        tag("button", words, type="submit", name="wish", value=wish)
        for wish, words in WISHES.items()
    )
    body = tag(
        "form",
        tag("label", WHO, for_="who"),
        tag(
            "input",
            id="who",
            name="who",
            maxlength=choices.LONGEST,
            autocomplete="email",
            required="required",
        ),
        tag("p", *buttons, class_="answers"),
        method="post",
        class_="ask",
    )
    after = tag("p", KEPT.format(name=asked.name), class_="lead")
    return page.plain(ASKED.format(name=asked.name), WHY.format(name=asked.name), body, after)


class Letterbox:
    """Asks customers for their choice and keeps what they say, sealed.

    Args:
        records: gives the memory, in which the page stands.
        visits: gives the store in which letters wait; ``None`` where nothing can be kept.
    """

    def __init__(self, records: Callable[[], Records], visits: Callable[[], Visits | None]) -> None:
        self._records = records
        self._visits = visits

    async def show(self, request: Request) -> Response:
        """Answer a visit to a page for customers, or take what its form says."""
        if request.method != "POST":
            return await run_in_threadpool(self._ask, request)
        if not forms.from_our_page(request):
            return _told(NONE, NONE_WHY, 404)
        return await run_in_threadpool(self._take, request, await forms.told(request))

    def _ask(self, request: Request) -> Response:
        found = self._found(request)
        if found is None or self._visits() is None:
            return _told(NONE, NONE_WHY, 404)
        return _answer(form(found), 200)

    def _take(self, request: Request, told: dict[str, str]) -> Response:
        found, visits = self._found(request), self._visits()
        if found is None or visits is None:
            return _told(NONE, NONE_WHY, 404)
        now = datetime.now(UTC)
        try:
            kept = choices.drop(visits, found, told.get("who", ""), told.get("wish", ""), now)
        except BadInputError:
            return _told(AGAIN, AGAIN_WHY, 400, back=True)
        return _told(THANKS, THANKS_WHY, 200) if kept else _told(BUSY, BUSY_WHY, 429, back=True)

    def _found(self, request: Request) -> ChoicePage | None:
        return choices.find_page(self._records(), str(request.path_params["token"]))


def _told(title: str, sentence: str, status: int, *, back: bool = False) -> Response:
    further = (forms.back(),) if back else ()
    return _answer(page.plain(title, sentence, *further), status)


def _answer(text: str, status: int) -> Response:
    return HTMLResponse(text, status, {**page_headers(), "Cache-Control": "no-store"})


def routes(records: Callable[[], Records], visits: Callable[[], Visits | None]) -> list[Route]:
    """The address of the page for customers."""
    letterbox = Letterbox(records, visits)
    return [Route("/choices/{token:path}", letterbox.show, methods=["GET", "POST"])]
