"""The page for customers: anyone can say no, nobody yes, and nobody learns who is a customer."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from starlette.applications import Starlette

from dashboard.records import choices as box
from dashboard.share import choices
from dashboard.vault import letterbox
from dashboard.vault.store import Vault
from tests.share.conftest import MADE
from tests.share.visits import send, visit

MIA = "mia@shop.example"


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "vault", bytes(range(32)))


@pytest.fixture
def page(records, vault):
    key = letterbox.public_key(vault, "ana")
    return box.open_page(records, owner="ana", name="Bright & Co", public_key=key, now=MADE)


@pytest.fixture
def app(records, visits):
    return Starlette(routes=choices.routes(lambda: records, lambda: visits))


def told(visits, vault, page, owner="ana"):
    return [
        letterbox.opened(vault, owner, page.token, sealed)
        for _, _, sealed in box.letters(visits, [page.token])
    ]


def test_the_page_asks_without_a_script_and_says_who_asks(app, page):
    answer = visit(app, page.path)
    assert answer.status == 200
    assert "Bright &amp; Co" in answer.text
    assert "<script" not in answer.text
    assert answer["referrer-policy"] == "no-referrer"
    assert answer["cache-control"] == "no-store"


@pytest.mark.parametrize("wish", choices.WISHES)
def test_a_no_reaches_the_vault_and_nobody_else(app, page, visits, vault, wish):
    assert send(app, page.path, who=f"  {MIA} ", wish=wish).status == 200
    assert told(visits, vault, page) == [(MIA, wish)]
    [(_, _, sealed)] = box.letters(visits, [page.token])
    assert MIA.encode() not in sealed


def test_letters_are_of_one_length_whatever_they_say(app, page, visits):
    for who in ("1", MIA, "é" * box.LONGEST, '"' * box.LONGEST):
        assert send(app, page.path, who=who, wish="group").status == 200
    assert len({len(sealed) for _, _, sealed in box.letters(visits, [page.token])}) == 1


@pytest.mark.parametrize("wish", ["", "yes", "in", "GROUP"])
def test_nobody_can_say_yes_here(app, page, visits, wish):
    assert send(app, page.path, who=MIA, wish=wish).status == 400
    assert box.letters(visits, [page.token]) == ()


def test_known_and_unknown_customers_get_the_same_thanks(app, page):
    answers = {
        send(app, page.path, who=who, wish="group").body for who in (MIA, "nobody@x.example")
    }
    assert len(answers) == 1


@pytest.mark.parametrize("who", ["", "   ", "x" * (box.LONGEST + 1)])
def test_an_empty_or_endless_name_is_asked_for_again(app, page, visits, who):
    assert send(app, page.path, who=who, wish="group").status == 400
    assert box.letters(visits, [page.token]) == ()


def test_a_flood_is_stopped_and_said_so(app, page, visits, monkeypatch):
    monkeypatch.setattr(box, "MOST_A_MINUTE", 3)
    answers = [send(app, page.path, who=f"{n}@x.example", wish="group").status for n in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    assert len(box.letters(visits, [page.token])) == 3


def test_a_form_from_another_site_changes_nothing(app, page, visits):
    elsewhere = {
        "sec_fetch_site": "cross-site",
        "content_type": "application/x-www-form-urlencoded",
    }
    assert send(app, page.path, elsewhere, who=MIA, wish="group").status == 404
    assert box.letters(visits, [page.token]) == ()


def test_unknown_closed_and_uncountable_pages_are_the_same(app, page, records):
    unknown = visit(app, "/choices/nothing")
    uncounted = Starlette(routes=choices.routes(lambda: records, lambda: None))
    nowhere = visit(uncounted, page.path)
    box.close_page(records, "ana", MADE)
    closed = visit(app, page.path)
    assert {unknown.status, nowhere.status, closed.status} == {404}
    assert unknown.body == nowhere.body == closed.body


def test_another_owner_s_or_another_key_s_letter_does_not_open(app, page, visits, vault, tmp_path):
    send(app, page.path, who=MIA, wish="group")
    assert told(visits, vault, page, owner="bob") == [None]
    assert told(visits, Vault(tmp_path / "other", bytes(32)), page) == [None]


def test_a_letter_of_somebody_s_making_is_let_go(vault, page):
    key = letterbox.public_key(vault, "ana")
    forged = box._sealed(page, json.dumps(["no", "letter"]).encode())
    assert letterbox.opened(vault, "ana", page.token, forged) is None
    assert letterbox.opened(vault, "ana", page.token, b"short") is None
    assert key != X25519PrivateKey.generate().public_key().public_bytes_raw()


def test_an_open_page_keeps_its_address(records, page):
    again = box.open_page(records, owner="ana", name="Other", public_key=bytes(32), now=MADE)
    assert again == page
    box.close_page(records, "ana", MADE)
    assert box.page_of(records, "ana") is None
