"""What is wrong with the values is found, counted and explained before it makes a segment."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.receipts import Flaw
from dashboard.vault.columns import describe
from dashboard.vault.quality import flaws
from tests.vault.making import raw

TODAY = date(2026, 6, 15)
SIZE = 60


def found(**columns: list[str | None]) -> dict[str, Flaw]:
    """What is found in a table of customers with these columns, by its first words."""
    ids: list[str | None] = [f"C{each}" for each in range(SIZE)]
    table = raw(**{"customer_id": ids, **columns})
    return {each.what: each for each in flaws(table, describe(table, TODAY), TODAY)}


def test_a_sound_table_has_nothing_wrong() -> None:
    assert (
        found(
            orders=[str(each % 9) for each in range(SIZE)],
            age=[str(20 + each) for each in range(SIZE)],
            last_order=["2026-01-05"] * 30 + ["2026-02-07"] * 30,
            opt_in=["yes", "no", None] * 20,
        )
        == {}
    )


CASES = {
    "dates lie in the future": ("signup", ["2026-07-01", "2031-01-01"], "2020-03-0{}", 2),
    "ages are below 0 or above 110": ("age", ["140", "-3"], "4{}", 2),
    "amounts are below zero": ("total_spent", ["-5", "-0.01"], "1{}", 2),
    "values are no numbers": ("orders", ["many", "few"], "1{}", 2),
    "customers did nothing for 36 months": ("last_order", ["2019-01-01"], "2026-03-0{}", 1),
}


@pytest.mark.parametrize("what", CASES)
def test_wrong_values_are_found_and_counted(what: str) -> None:
    column, wrong, right, count = CASES[what]
    values: list[str | None] = [
        *wrong,
        *(right.format(1 + each % 9) for each in range(len(wrong), SIZE)),
    ]
    flaw = found(**{column: values})[what]
    assert (flaw.rows, flaw.column) == (count, column)
    assert flaw.advice.endswith(".")


def test_a_report_s_last_line_is_told_to_count_as_a_customer() -> None:
    ids: list[str | None] = [*(f"C{each}" for each in range(SIZE - 1)), "Grand Total:"]
    assert found(customer_id=ids)["rows are totals, by their id"].rows == 1


def test_canceled_orders_are_told_in_a_file_of_orders_and_nowhere_else() -> None:
    state: list[str | None] = ["paid", "paid", "Cancelled", "refunded"] * 15
    who: list[str | None] = [f"C{each // 3}" for each in range(SIZE)]
    what = "rows are of canceled or refunded orders"
    assert found(customer_id=who, status=state)[what].rows == 30
    assert what not in found(status=state)


OUTSIDE = "values lie outside {}, the range that its name suggests"


@pytest.mark.parametrize(
    ("column", "value", "suggested"),
    [("open_rate", "{}2.5", "0 to 1"), ("balance", "-{}", "0 to 1,000,000")],
)
def test_numbers_that_a_name_has_misled_about_are_told_before_a_range_is_bought(
    column: str, value: str, suggested: str
) -> None:
    wrong: list[str | None] = [value.format(1 + each % 9) for each in range(SIZE)]
    assert found(**{column: wrong})[OUTSIDE.format(suggested)].rows == SIZE
    one_in_twenty: list[str | None] = [*wrong[:3], *["0.5"] * (SIZE - 3)]
    assert OUTSIDE.format(suggested) not in found(**{column: one_in_twenty})


def test_a_day_that_is_meant_to_come_is_no_flaw() -> None:
    values: list[str | None] = [f"2027-01-{1 + each % 28:02}" for each in range(SIZE)]
    assert "dates lie in the future" not in found(**{"Expected Date Of Next Order": values})


def test_opening_an_e_mail_is_no_activity() -> None:
    values: list[str | None] = ["2019-01-01"] * SIZE
    values[0] = "2019-01-02"
    assert not [each for each in found(**{"Last Open": values}) if "did nothing" in each]


def test_repeated_customers_are_counted_and_never_as_two_people() -> None:
    ids: list[str | None] = [f"C{each // 2}" for each in range(SIZE)]
    assert found(customer_id=ids)["rows repeat a customer"].rows == 30


def test_one_address_under_two_ids_may_be_one_person_twice() -> None:
    mails: list[str | None] = [f"p{max(1, each)}@shop.example" for each in range(SIZE)]
    told = found(Email=mails)["rows share an address with another customer id"]
    assert (told.rows, told.column) == (1, "Email")


def test_a_yes_beside_a_no_is_found_over_columns_and_rows() -> None:
    opt_in: list[str | None] = ["yes"] * 30 + ["no"] * 30
    out: list[str | None] = ["1", "1", *["0"] * 58]
    assert found(opt_in=opt_in, do_not_contact=out)["rows say yes and no to being used"].rows == 2
    ids: list[str | None] = ["C1", *(f"C{each}" for each in range(1, SIZE))]
    rows = found(customer_id=ids, opt_in=["no", *["yes"] * 59])
    assert rows["rows say yes and no to being used"].rows == 2


def test_birthdays_without_a_year_tell_no_age() -> None:
    values: list[str | None] = [f"{1 + each % 12:02}/{1 + each % 28:02}" for each in range(SIZE)]
    assert found(Birthday=values)["birthdays tell no age"].rows == SIZE


def test_no_value_stands_in_what_is_told() -> None:
    told = found(age=["zz.canary", *["30"] * 59], total_spent=["-918273645", *["1"] * 59])
    assert not [each for each in told.values() if "canary" in str(each) or "9182" in str(each)]
