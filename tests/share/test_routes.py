"""The addresses: one page for an open link, one same answer for every other."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.records import links
from dashboard.share import routes as window
from dashboard.share.page import STYLE_HASH
from tests.share.visits import visit


def test_an_open_link_shows_the_page(app, share):
    answer = visit(app, share().path)
    assert answer.status == 200
    assert answer["content-type"] == "text/html; charset=utf-8"
    assert "Loyal enthusiasts" in answer.text


def test_every_view_is_the_same_to_the_byte(app, records, share):
    path = share().path
    first, second = visit(app, path), visit(app, path)
    assert first == second
    window.Window(lambda: records)
    from starlette.applications import Starlette

    other_process = Starlette(routes=window.routes(lambda: records))
    assert visit(other_process, path) == first


@pytest.fixture
def closed(records, share):
    """Paths of every kind that opens nothing."""
    expired = share(days=1, now=datetime.now(UTC) - timedelta(days=2)).path
    revoked = share()
    links.revoke(records, "ana", revoked.link.id, datetime.now(UTC))
    return [
        expired,
        revoked.path,
        "/s/" + "A" * 43,
        "/s/short",
        "/s/",
        "/s",
        "/s/é" + "A" * 42,
        "/s/" + "A" * 20 + "/" + "B" * 22,
        "/s/../../etc/passwd",
        share().path + "x",
    ]


def test_unknown_malformed_expired_and_revoked_answer_alike(app, closed):
    answers = {visit(app, path) for path in closed}
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
            f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        assert answer["referrer-policy"] == "no-referrer"
        assert answer["x-content-type-options"] == "nosniff"
        assert answer["x-robots-tag"] == "noindex, nofollow"
        assert answer["x-frame-options"] == "DENY"
        assert answer["set-cookie"] is None
        assert "unsafe" not in str(answer["content-security-policy"])


def test_only_looking_is_possible(app, share):
    path = share().path
    head = visit(app, path, "HEAD")
    assert (head.status, head["etag"]) == (200, visit(app, path)["etag"])
    for method in ("POST", "PUT", "DELETE"):
        assert visit(app, path, method).status == 405


def test_health_is_plain_and_never_kept(app):
    answer = visit(app, "/health")
    assert (answer.status, answer.body, answer["cache-control"]) == (200, b"ok", "no-store")


def test_the_memory_is_opened_at_the_first_visit_only(records, share):
    opened = []

    def memory():
        opened.append(1)
        return records

    view = window.Window(memory)
    assert not opened
    assert view.open(share().path.removeprefix("/s/"), datetime.now(UTC)) is not None
    assert opened


def test_few_prepared_pages_are_remembered(records, share, monkeypatch):
    monkeypatch.setattr(window, "_PAGES_KEPT", 2)
    view = window.Window(lambda: records)
    tokens = [share().path.removeprefix("/s/") for _ in range(4)]
    pages = [view.open(token, datetime.now(UTC)) for token in tokens]
    assert len({page.etag for page in pages}) == 1
    assert len(view._pages) == 2
    assert view.open(tokens[0], datetime.now(UTC)) == pages[0]
