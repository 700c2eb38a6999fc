"""The addresses: one page for an open link, one same answer for every other."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.applications import Starlette

from dashboard.receipts import Recipient
from dashboard.records import door, links, recipients
from dashboard.share import routes as window
from dashboard.share.page import STYLE_HASH
from tests.share.conftest import MADE
from tests.share.visits import send, visit


def test_an_open_link_shows_the_page(app, share):
    answer = visit(app, share().path)
    assert answer.status == 200
    assert answer["content-type"] == "text/html; charset=utf-8"
    assert "Loyal enthusiasts" in answer.text


def test_every_view_is_the_same_to_the_byte(app, records, visits, share):
    path = share().path
    first, second = visit(app, path), visit(app, path)
    assert first == second
    other_process = Starlette(routes=window.routes(lambda: records, lambda: visits))
    assert visit(other_process, path) == first


@pytest.fixture
def closed(app, records, share):
    """Paths of every kind that opens nothing."""
    agency = Recipient("", "Agency", "processor", MADE.date(), review_due=date(2999, 1, 1))
    held = recipients.keep(records, replace(agency, country="FR"), "ana", MADE)
    of_agency = share(recipient_id=held.id).path
    recipients.keep(records, replace(held, review_due=date(2026, 1, 1)), "ana", MADE)
    paused, rotated, viewed = share(), share(passphrase="open sesame"), share(max_views=1)
    links.pause(records, "ana", paused.link.id, datetime.now(UTC))
    links.rotate(records, "ana", rotated.link.id, datetime.now(UTC))
    assert visit(app, viewed.path).status == 200
    over = share(passphrase="open sesame", max_views=1)
    links.revoke(records, "ana", over.link.id, datetime.now(UTC))
    expired = share(days=1, now=datetime.now(UTC) - timedelta(days=2)).path
    revoked = share()
    links.revoke(records, "ana", revoked.link.id, datetime.now(UTC))
    return [
        expired,
        revoked.path,
        of_agency,
        paused.path,
        rotated.path,
        viewed.path,
        over.path,
        "/s/" + "A" * 43,
        "/s/short",
        "/s/",
        "/s",
        "/s/é" + "A" * 42,
        "/s/" + "A" * 20 + "/" + "B" * 22,
        "/s/../../etc/passwd",
        share().path + "x",
    ]


def test_every_refusal_is_the_same_page_status_and_headers(app, closed):
    answers = {visit(app, path) for path in closed}
    answers |= {send(app, path, passphrase="open sesame") for path in closed}
    answers |= {send(app, path, opinion="useful", part="page") for path in set(closed[:1])}
    assert len(answers) == 1
    (answer,) = answers
    assert answer.status == 404
    assert answer["cache-control"] == "no-store"
    assert len({visit(app, path, accept_encoding="gzip") for path in closed}) == 1
    assert len({visit(app, path, "HEAD") for path in closed}) == 1
    assert len({visit(app, path, if_none_match=str(answer["etag"])) for path in closed}) == 1


def test_a_link_closes_at_once_although_its_page_was_prepared(app, records, share):
    made = share()
    etag = str(visit(app, made.path)["etag"])
    links.revoke(records, "ana", made.link.id, datetime.now(UTC))
    assert visit(app, made.path).status == 404
    assert visit(app, made.path, if_none_match=etag).status == 404


def test_a_browser_keeps_a_page_for_less_than_a_minute(app, share):
    answer = visit(app, share().path)
    assert answer["cache-control"] == "private, max-age=30, must-revalidate"


def test_an_unchanged_page_is_not_sent_again(app, share):
    path = share().path
    etag = str(visit(app, path)["etag"])
    again = visit(app, path, if_none_match=etag)
    assert (again.status, again.body) == (304, b"")
    assert again["etag"] == etag
    assert visit(app, path, if_none_match='W/"other"').status == 200


def test_a_page_travels_compressed_where_the_browser_can(app, share):
    path = share().path
    plain, packed = visit(app, path), visit(app, path, accept_encoding="gzip, br")
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3
    assert plain["vary"] == packed["vary"] == "Accept-Encoding"


def test_headers_are_strict_and_there_is_no_cookie(app, share, closed):
    for path in (share().path, closed[0]):
        answer = visit(app, path)
        assert answer["content-security-policy"] == (
            f"default-src 'none'; script-src 'self'; style-src 'sha256-{STYLE_HASH}' "
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src data:; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        assert answer["referrer-policy"] == "no-referrer"
        assert answer["x-content-type-options"] == "nosniff"
        assert answer["x-robots-tag"] == "noindex, nofollow"
        assert answer["x-frame-options"] == "DENY"
        assert answer["set-cookie"] is None
        assert "unsafe" not in str(answer["content-security-policy"])


def test_only_looking_and_answering_is_possible(app, share):
    path = share().path
    head = visit(app, path, "HEAD")
    assert (head.status, head["etag"]) == (200, visit(app, path)["etag"])
    for method in ("PUT", "DELETE", "PATCH"):
        assert visit(app, path, method).status == 405


def test_health_is_plain_and_never_kept(app):
    answer = visit(app, "/health")
    assert (answer.status, answer.body, answer["cache-control"]) == (200, b"ok", "no-store")


def test_the_memory_is_opened_at_the_first_visit_only(records, share):
    opened = []

    def memory():
        opened.append(1)
        return records

    app = Starlette(routes=window.routes(memory))
    assert not opened
    assert visit(app, share().path).status == 200
    assert opened


def test_a_crowd_at_a_new_link_waits_for_one_page(records, share, monkeypatch):
    written = []
    render = window.page.render

    def note(*told):
        written.append(1)
        return render(*told)

    monkeypatch.setattr(window.page, "render", note)
    view = window.Window(lambda: records)
    found = door.find(records, share().path.removeprefix("/s/"), datetime.now(UTC))
    with ThreadPoolExecutor(8) as crowd:
        pages = set(crowd.map(lambda _: view.page(found, asks=False), range(8)))
    assert (len(pages), len(written)) == (1, 1)


def test_few_prepared_pages_are_remembered(records, share, monkeypatch):
    monkeypatch.setattr(window, "_PAGES_KEPT", 2)
    view = window.Window(lambda: records)
    behind = [
        door.find(records, share().path.removeprefix("/s/"), datetime.now(UTC)) for _ in range(4)
    ]
    pages = [view.page(found, asks=False) for found in behind]
    assert len({page.etag for page in pages}) == 1
    assert len(view._pages) == 2
    assert view.page(behind[0], asks=False) == pages[0]
