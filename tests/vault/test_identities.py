from __future__ import annotations

import pyarrow as pa

from dashboard.plan import Feature
from dashboard.receipts import Choices
from dashboard.terms import Bounds
from dashboard.vault import identities as found
from dashboard.vault.identities import Identities

PEOPLE = 200


def identities(raw: pa.Table, id_column: str | None) -> Identities:
    return found.identities(raw, Choices("p", id_column, (), ()))


def _file(**more: list[str | None]) -> pa.Table:
    return pa.table({"age": ["30", "40"] * (PEOPLE // 2), **more})


def _codes(form: str) -> list[str | None]:
    return [form.format(each) for each in range(PEOPLE)]


def test_a_file_is_known_by_every_column_that_tells_people_apart() -> None:
    raw = _file(
        customer_id=_codes("C{}"),
        email=_codes("p{}@x.example"),
        first_name=["Ann", "Ben"] * (PEOPLE // 2),
    )
    by_id, by_mail, by_none = (identities(raw, name) for name in ("customer_id", "email", None))
    assert by_id == by_mail == by_none
    assert len(by_id.values) == 2 * PEOPLE
    assert not by_id.nameless


def test_names_places_and_coordinates_are_shared_by_strangers() -> None:
    raw = _file(
        customer_id=_codes("C{}"),
        full_name=_codes("Ann Lee {}"),
        street_address=_codes("{} Main Street"),
        latitude=_codes("48.{:05}"),
    )
    assert len(identities(raw, "customer_id").values) == PEOPLE


def test_repeated_e_mail_addresses_and_the_suggested_id_count_too() -> None:
    """A file of orders names each customer in many rows."""
    orders = _file(
        customer_id=[f"C{each % 20}" for each in range(PEOPLE)],
        email=[f"p{each % 20}@x.example" for each in range(PEOPLE)],
    )
    assert len(identities(orders, None).values) == 40


def test_a_chosen_id_counts_whatever_it_looks_like() -> None:
    raw = _file(label=["one", "two", "three", "four"] * (PEOPLE // 4))
    assert identities(raw, "label").values == {"one", "two", "three", "four"}


def test_values_are_written_in_one_way_and_words_for_none_are_none() -> None:
    codes = [*_codes("C{}")[:-3], " c0 ", "n/a", None]
    told = identities(_file(customer_id=codes), "customer_id")
    assert len(told.values) == PEOPLE - 3
    assert "c0" in told.values
    assert not told.nameless


def test_rows_that_nothing_identifies_are_told() -> None:
    assert identities(_file(), None).nameless
    mails: list[str | None] = [*_codes("p{}@x.example")[:-1], None]
    assert identities(_file(email=mails), None).nameless
    assert not identities(_file(email=mails, customer_id=_codes("C{}")), None).nameless
    assert not identities(_file(email=mails), "email").nameless


def test_a_file_without_rows_is_nobody_s() -> None:
    raw = pa.table({"customer_id": pa.array([], pa.string()), "age": pa.array([], pa.string())})
    assert identities(raw, "customer_id").nameless


def test_an_address_counts_in_any_column_however_few_there_are() -> None:
    """Each value is judged by itself: no other row says whether this one is recognized."""
    notes: list[str | None] = ["none given", None] * (PEOPLE // 2)
    notes[7] = " Ann@X.example"
    notes[8] = "+49 151 234567"
    raw = _file(customer_id=_codes("C{}"), remark=notes)
    told = identities(raw, "customer_id").values
    assert set(told) - set(_file_of_codes()) == {"ann@x.example", "+49 151 234567"}


def test_a_column_called_after_people_counts_though_its_values_repeat() -> None:
    twice = [f"A{each // 2}" for each in range(PEOPLE)]
    raw = _file(client_id=_codes("Z{}"), customer_id=twice)
    assert "a3" in identities(raw, "client_id").values


def test_words_for_nothing_given_identify_nobody() -> None:
    mails: list[str | None] = ["none given", "p@x.example"] * (PEOPLE // 2)
    told = identities(_file(email=mails, customer_id=_codes("C{}")), "customer_id").values
    assert "p@x.example" in told
    assert "none given" not in told


def test_a_chosen_number_is_nobody_s_name() -> None:
    raw = _file(customer_id=_codes("C{}"), phone=_codes("0151 2345{:03}"))
    chosen = Choices("p", "customer_id", (), (Feature("phone", "number", Bounds(0, 1)),))
    assert len(found.identities(raw, chosen).values) == PEOPLE


def _file_of_codes() -> list[str]:
    return [f"c{each}" for each in range(PEOPLE)]
