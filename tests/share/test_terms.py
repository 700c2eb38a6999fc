"""Terms of a link at the window: views, passphrase, other sites, and what readers think."""

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

import pytest
from starlette.applications import Starlette

from dashboard.records import links, opinions, passphrases, previews
from dashboard.share.routes import owner_routes
from tests.share.visits import OURS, send, visit

WORDS = "open sesame"


def viewed(visits, link):
    """How often the page was shown."""
    return sum(day.times for day in visits.by_day([link.id]).get(link.id, ()))


# ── views ───────────────────────────────────────────────────────────────────────────────
def test_a_view_is_an_answer_that_carries_the_page(app, visits, share):
    made = share()
    etag = str(visit(app, made.path)["etag"])
    visit(app, made.path, accept_encoding="gzip")
    visit(app, made.path, "HEAD")
    visit(app, made.path, if_none_match=etag)
    send(app, made.path, opinion="useful", part="page")
    assert viewed(visits, made.link) == 2
    assert visits.by_day([made.link.id])[made.link.id][0].day == datetime.now(UTC).date()


def test_a_page_is_shown_as_often_as_agreed(app, visits, share):
    made = share(max_views=2)
    answers = [visit(app, made.path) for _ in range(4)]
    assert [each.status for each in answers] == [200, 200, 404, 404]
    assert answers[0]["cache-control"] == "private, no-cache"
    assert visit(app, made.path, if_none_match=str(answers[0]["etag"])).status == 404
    assert viewed(visits, made.link) == 2


def test_a_reader_may_still_say_something_after_the_last_view(app, visits, share):
    made = share(max_views=1)
    visit(app, made.path)
    assert "Thank you" in send(app, made.path, opinion="identifies", part="sizes").text
    assert opinions.of_links(visits, [made.link.id])[0].to_review


def test_where_nothing_can_be_counted_links_that_need_it_stay_shut(uncounted, share):
    plain = visit(uncounted, share().path)
    assert plain.status == 200
    assert "What do you think?" not in plain.text
    for terms in ({"max_views": 9}, {"passphrase": WORDS}):
        assert visit(uncounted, share(**terms).path).status == 404
        assert send(uncounted, share(**terms).path, passphrase=WORDS).status == 404


def test_refusals_are_counted_for_the_owner_by_reason(app, visits, records, share):
    made, paused = share(max_views=1), share()
    links.pause(records, "ana", paused.link.id, datetime.now(UTC))
    for path in (made.path, made.path, paused.path, "/s/" + "A" * 43):
        visit(app, path)
    told = visits.refused([made.link.id, paused.link.id])
    assert {(each.link_id, each.why, each.times) for each in told} == {
        (made.link.id, "views", 1),
        (paused.link.id, "paused", 1),
    }


# ── passphrase ──────────────────────────────────────────────────────────────────────────
@pytest.fixture
def locked(share):
    return share(passphrase=WORDS)


def proof_of(answer):
    return SimpleCookie(answer["set-cookie"])["proof"]


def test_a_passphrase_opens_the_page_for_this_browser_and_address(app, locked, visits):
    asked = visit(app, locked.path)
    assert (asked.status, asked["cache-control"]) == (200, "no-store")
    assert "<input id=passphrase" in asked.text
    assert "Loyal enthusiasts" not in asked.text
    let_in = send(app, locked.path, passphrase=WORDS)
    assert (let_in.status, let_in["location"]) == (303, locked.path.removeprefix("/s/"))
    cookie = proof_of(let_in)
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == (locked.path, "strict", True)
    assert int(cookie["max-age"]) == 3600
    opened = visit(app, locked.path, cookie=f"proof={cookie.value}")
    assert "Loyal enthusiasts" in opened.text
    assert opened["cache-control"] == "private, no-cache"
    assert "Cookie" in opened["vary"]
    assert viewed(visits, locked.link) == 1


def test_over_tls_the_proof_never_travels_without(app, locked):
    assert not proof_of(send(app, locked.path, passphrase=WORDS))["secure"]
    secure = send(app, locked.path, {**OURS, "scheme": "https"}, passphrase=WORDS)
    assert proof_of(secure)["secure"]


def test_a_wrong_passphrase_gets_the_same_form_whatever_was_tried(app, locked, share):
    asked = visit(app, locked.path)
    tries = [send(app, locked.path, passphrase=f"guess number {turn}") for turn in range(7)]
    shut_out = send(app, locked.path, passphrase=WORDS)
    assert {*tries, shut_out, visit(app, share(passphrase="another one").path)} == {asked}


def test_a_reader_is_let_in_again_when_the_quarter_is_over(app, locked, visits, monkeypatch):
    for turn in range(5):
        send(app, locked.path, passphrase=f"guess number {turn}")
    assert send(app, locked.path, passphrase=WORDS).status == 200
    monkeypatch.setattr(passphrases, "WINDOW", timedelta(0))
    assert send(app, locked.path, passphrase=WORDS).status == 303
    told = {each.why: each.times for each in visits.refused([locked.link.id])}
    assert told == {"passphrase": 6}


def test_a_proof_opens_no_other_link_and_ends_with_a_new_address(app, records, locked, share):
    proof = f"proof={proof_of(send(app, locked.path, passphrase=WORDS)).value}"
    other = share(passphrase=WORDS)
    assert "Loyal" not in visit(app, other.path, cookie=proof).text
    turned = links.rotate(records, "ana", locked.link.id, datetime.now(UTC))
    assert "Loyal" not in visit(app, turned.path, cookie=proof).text


def test_without_the_passphrase_nothing_can_be_said_either(app, locked, visits):
    asked = visit(app, locked.path)
    assert send(app, locked.path, opinion="identifies", part="page") == asked
    assert opinions.of_links(visits, [locked.link.id]) == ()


def test_an_unknown_token_does_not_tell_that_others_ask(app, locked):
    unknown = "/s/" + "A" * 43
    assert send(app, unknown, passphrase=WORDS) == visit(app, unknown)
    assert "assphrase" not in visit(app, unknown).text


FOREIGN = [
    {"content_type": OURS["content_type"]},
    {**OURS, "sec_fetch_site": "cross-site"},
    {**OURS, "sec_fetch_site": "same-site"},
    {**OURS, "sec_fetch_site": "none"},
    {"content_type": OURS["content_type"], "origin": "https://evil.example", "host": "here"},
    {"content_type": OURS["content_type"], "origin": "null", "host": "here"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_that_another_site_sends_is_refused(app, locked, share, visits, headers):
    refused = visit(app, "/s/" + "A" * 43)
    assert send(app, locked.path, headers, passphrase=WORDS) == refused
    made = share()
    assert send(app, made.path, headers, opinion="useful", part="page") == refused
    assert opinions.of_links(visits, [made.link.id]) == ()


def test_a_form_of_our_own_origin_is_taken_from_browsers_that_say_only_that(app, locked):
    own = {"content_type": OURS["content_type"], "origin": "https://here", "host": "here"}
    assert send(app, locked.path, own, passphrase=WORDS).status == 303


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain", ""])
def test_another_kind_of_form_says_nothing(app, locked, kind):
    sent = send(app, locked.path, {**OURS, "content_type": kind}, passphrase=WORDS)
    assert sent == visit(app, locked.path)


@pytest.mark.parametrize("content", [b"passphrase=" + b"x" * 5_000, b"a=1&" * 99, b"\xff\xfe", b""])
def test_a_form_that_is_too_large_or_broken_says_nothing(app, locked, content):
    assert visit(app, locked.path, "POST", content, **OURS) == visit(app, locked.path)


# ── other sites ─────────────────────────────────────────────────────────────────────────
def test_a_page_says_itself_inside_which_sites_it_may_be_shown(app, share):
    answer = visit(app, share(embed=("https://wiki.example",)).path)
    assert "frame-ancestors https://wiki.example" in str(answer["content-security-policy"])
    assert answer["x-frame-options"] is None
    plain = visit(app, share().path)
    assert "frame-ancestors 'none'" in str(plain["content-security-policy"])
    assert plain["x-frame-options"] == "DENY"


# ── opinions ────────────────────────────────────────────────────────────────────────────
def test_thanks_are_the_same_whatever_was_said_and_however_often(app, visits, share, monkeypatch):
    monkeypatch.setattr(opinions, "MOST", 2)
    made = share()
    said = [
        *({"opinion": "useful", "part": "page"} for _ in range(4)),
        {"opinion": "identifies", "part": "sizes"},
        {"opinion": "hello", "part": "my telephone number"},
        {},
    ]
    assert len({send(app, made.path, **each) for each in said}) == 1
    told = [(each.opinion, each.times) for each in opinions.of_links(visits, [made.link.id])]
    assert sorted(told) == [("identifies", 1), ("useful", 2)]


def test_the_question_stands_on_the_page_without_a_script(app, share):
    text = visit(app, share().path).text
    for words in ("It is useful", "It is too noisy", "It could identify someone"):
        assert words in text
    assert "<form method=post" in text
    assert "<textarea" not in text


# ── preview ─────────────────────────────────────────────────────────────────────────────
def test_the_owner_sees_the_readers_page_and_it_is_no_view(app, records, visits, share):
    made = share(max_views=3, passphrase=WORDS)
    desk = Starlette(routes=owner_routes(lambda: records))
    now = datetime.now(UTC)
    seen = visit(desk, previews.path_to(made.link.id, now))
    cookie = f"proof={proof_of(send(app, made.path, passphrase=WORDS)).value}"
    assert viewed(visits, made.link) == 0
    assert seen.body == visit(app, made.path, cookie=cookie).body
    assert "Thank you" in send(desk, previews.path_to(made.link.id, now), opinion="useful").text
    assert opinions.of_links(visits, [made.link.id]) == ()


@pytest.mark.parametrize(
    "path",
    ["", "x", "link/1.2", "link/9999999999." + "0" * 64, "../s/x", "link/9999999999"],
)
def test_a_preview_is_opened_by_nobody_else(records, share, path):
    desk = Starlette(routes=owner_routes(lambda: records))
    answer = visit(desk, "/preview/" + path.replace("link", share().link.id))
    assert (answer.status, "does not open anything" in answer.text) == (404, True)


def test_a_preview_ends(records, share):
    desk = Starlette(routes=owner_routes(lambda: records))
    path = previews.path_to(share().link.id, datetime.now(UTC) - timedelta(hours=13))
    assert visit(desk, path).status == 404


def test_a_preview_is_not_served_where_links_are(app, share):
    path = previews.path_to(share().link.id, datetime.now(UTC))
    assert "Loyal" not in visit(app, path).text
