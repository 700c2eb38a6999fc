from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.privacy.families import phrase, short
from dashboard.privacy.naming import EVERYDAY, LONGEST, names_of, unique
from dashboard.privacy.portraits import Mark, Portrait, share_marks, traits_of
from dashboard.privacy.releasing import release_of
from dashboard.privacy.spoken import plain
from dashboard.privacy.steps import next_steps
from dashboard.release import Bar, ColumnProfile, Estimate
from dashboard.terms import Kind
from tests.privacy.test_releasing import bought, released

COLUMNS = (
    "total_spent",
    "orders",
    "days_since_last_order",
    "tenure",
    "MntWines",
    "NumWebVisitsMonth",
    "purchases_trx",
    "oneoff_purchases",
    "MonthlyCharges",
    "Annual_Income(k$)",
    "xyz",
)


def mark(column: str, deviation: float, noise: float = 0.05) -> Mark:
    words = f"{phrase(column, high=deviation > 0)} (about 1; overall 2)"
    return Mark(column, None, deviation, noise, words, short(column, high=deviation > 0))


def label(column: str, name: str, difference: float, noise: float = 0.01) -> Mark:
    return Mark(column, name, difference, noise, f"{column} {name}", f"mostly {name}")


def portrait(**deviations: float) -> Portrait:
    return tuple(mark(column, deviation) for column, deviation in deviations.items())


# ── columns in words ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("total_spent", "light spenders", "big spenders"),
        ("Chiffre d'affaires", "light spenders", "big spenders"),
        ("Rabatt %", "few deals", "many deals"),
        ("Age", "younger", "older"),
        ("Year_Birth", "older", "younger"),
        ("days_since_last_order", "recently active", "longer inactive"),
        ("signup_date", "newer customers", "long-standing"),
        ("NumWebVisitsMonth", "few web visits a month", "many web visits a month"),
        ("MntWines", "light on wines", "heavy on wines"),
        ("purchases_trx", "few purchase transactions", "many purchase transactions"),
        ("purchases_frequency", "rare purchases", "frequent purchases"),
        ("oneoff_purchases", "few one-off purchases", "many one-off purchases"),
        ("NumDealsPurchases", "few deals", "many deals"),
        ("MonthlyCharges", "low monthly charges", "high monthly charges"),
        ("average_basket", "small baskets", "large baskets"),
        ("xyz", "low xyz", "high xyz"),
        ("avg_days_between_orders", "frequent orders", "rare orders"),
        ("avg_order_value", "small baskets", "large baskets"),
        ("AOV (EUR)", "small baskets", "large baskets"),
        ("revenue_per_order", "small baskets", "large baskets"),
        ("total_order_value", "low total order value", "high total order value"),
        ("last_order_amount", "low last order amount", "high last order amount"),
        ("purchase_amount", "small baskets", "large baskets"),
        ("orders_last_12_months", "few orders last 12 months", "many orders last 12 months"),
        ("spend_last_12_months", "light spenders", "big spenders"),
        ("total_orders", "few orders", "many orders"),
        ("order_count", "few orders", "many orders"),
        ("Q3_ord_cnt", "few Q3 orders", "many Q3 orders"),
        ("no_of_returns", "few returns", "many returns"),
        ("return_rate", "low return rate", "high return rate"),
        ("no_show_rate", "low no show rate", "high no show rate"),
        ("support_ticket_count", "few support tickets", "many support tickets"),
        ("signup_year", "long-standing", "newer customers"),
        ("account_age_days", "newer customers", "long-standing"),
        ("customer_age", "younger", "older"),
        ("months_inactive", "recently active", "longer inactive"),
        ("months_since_last_order", "recently active", "longer inactive"),
        ("days_since_first_order", "newer customers", "long-standing"),
        ("contract_months", "low contract months", "high contract months"),
        ("recency_score", "low recency score", "high recency score"),
        ("churn_score", "low churn score", "high churn score"),
        ("nps_score", "low NPS score", "high NPS score"),
        ("renewal_date", "later renewal", "earlier renewal"),
        ("last_login_at", "recently active", "longer inactive"),
        ("last_campaign_response", "low last campaign response", "high last campaign response"),
        ("balance_frequency", "low balance frequency", "high balance frequency"),
        ("visit_frequency", "low visit frequency", "high visit frequency"),
        ("frequency", "rare orders", "frequent orders"),
        ("late_payments", "few late payments", "many late payments"),
        ("prc_full_payment", "low percent full payment", "high percent full payment"),
        ("minimum_payment", "low minimum payment", "high minimum payment"),
        ("fashion_spend", "light on fashion", "heavy on fashion"),
        ("Umsatz_2025", "light spenders", "big spenders"),
        ("rev_l12m", "light spenders", "big spenders"),
        ("household_size", "low household size", "high household size"),
        ("price.dannon", "low price dannon", "high price dannon"),
        ("X1", "low X1", "high X1"),
        ("NPS", "low NPS", "high NPS"),
        ("TOTAL SPENT", "light spenders", "big spenders"),
    ],
)
def test_the_ends_of_a_number_are_said_as_people_say_them(column: str, low: str, high: str) -> None:
    assert phrase(column, high=False) == low
    assert phrase(column, high=True) == high


@pytest.mark.parametrize("column", ["§§", "1-100", "k$", "num", "Number", "mnt", "trx", "_"])
def test_any_column_has_words_and_two_different_ends(column: str) -> None:
    assert plain(column)
    assert phrase(column, high=True) != phrase(column, high=False)
    assert short(column, high=True)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("AcceptedCmp3", "accepted cmp3"),
        ("Umsatz_2025", "umsatz 2025"),
        ("TotalSpent2025", "total spent 2025"),
        ("Spending_Score(1-100)", "spending score"),
        ("Annual_Income(k$)", "annual income"),
        ("T", "T"),
        ("CARD TYPE", "card type"),
        ("is_member", "member"),
        ("flag_nl", "nl"),
        ("item_qty", "items"),
        ("Größe", "größe"),
        ("sessions_30d", "sessions in 30 days"),
        ("orders_last_90d", "orders in 90 days"),
        ("3d_prints", "3d prints"),
    ],
)
def test_a_column_keeps_what_tells_it_from_others(column: str, said: str) -> None:
    assert plain(column) == said


def test_a_name_never_turns_a_number_around() -> None:
    rare, often, plain_ = names_of(
        [
            portrait(avg_days_between_orders=1.5),
            portrait(avg_days_between_orders=-1.5),
            portrait(avg_days_between_orders=0.0),
        ]
    )
    assert (rare, often, plain_) == ("Occasional buyers", "Frequent buyers", EVERYDAY)


def test_a_step_never_turns_a_number_around() -> None:
    (often,) = next_steps([portrait(avg_days_between_orders=-1.5)])
    assert often == next_steps([portrait(orders=1.5)])[0]


def shares(kind: Kind, bars: dict[str, float | None]) -> ColumnProfile:
    told = [
        Bar(name, None, "too few people")
        if part is None
        else Bar(name, Estimate(part, part - 0.02, part + 0.02))
        for name, part in bars.items()
    ]
    whole = Estimate(bars["yes"] or 0, (bars["yes"] or 0) - 0.02, (bars["yes"] or 0) + 0.02)
    return ColumnProfile("plan", kind, whole if kind == "flag" else None, tuple(told))


def said_of(kind: Kind, mine: dict[str, float | None], whole: dict[str, float | None]) -> list[str]:
    marks = share_marks(shares(kind, mine), shares(kind, whole), "other")
    return [f"{each.short}: {each.said}" for each in marks if each.stands_out]


def test_few_of_a_yes_are_said_as_many_of_a_no() -> None:
    (said,) = said_of("flag", {"no": 0.9, "yes": 0.1}, {"no": 0.6, "yes": 0.4})
    assert said == "no plan: no plan (90\u00a0% of them; overall 60\u00a0%)"


def test_a_label_that_says_no_is_a_no_and_a_code_stays_with_its_column() -> None:
    whole = {"A1": 0.2, "No internet service": 0.2, "yes": 0.2, "Fiber optic": 0.4, "other": 0.0}
    told = [
        said_of("category", {**whole, label: 0.9}, whole)[0].partition(":")[0]
        for label in ("A1", "No internet service", "yes", "Fiber optic")
    ]
    assert told == ["mostly plan A1", "no internet service", "with plan", "mostly Fiber optic"]


@pytest.mark.parametrize("name", ["Other", "unknown", "N/A", "Sonstige"])
def test_a_label_that_stands_for_none_makes_no_name(name: str) -> None:
    assert names_of([(label("plan", name, 0.6), mark("returns", 0.5))]) == ("Many returns",)


def test_beside_hidden_labels_the_least_that_a_share_can_be_is_said() -> None:
    mine: dict[str, float | None] = {"pro": 0.9, "basic": None, "yes": None}
    (said,) = said_of("category", mine, {"pro": 0.3, "basic": 0.5, "yes": 0.2})
    assert said == "mostly pro: plan: pro (at least 88\u00a0% of them; overall 30\u00a0%)"


# ── names ───────────────────────────────────────────────────────────────────────────────
def test_who_they_are_is_said_as_people_say_it() -> None:
    names = names_of(
        [
            portrait(total_spent=1.5, orders=1.2),
            portrait(total_spent=1.4, orders=-1.2),
            portrait(total_spent=-0.6, days_since_last_order=1.5),
            portrait(total_spent=0.1, orders=0.1),
        ]
    )
    assert names == (
        "Frequent big spenders",
        "Occasional big spenders",
        "Quiet light spenders",
        EVERYDAY,
    )


def test_whoever_stands_out_is_not_said_to_be_like_the_others_though_names_are_taken() -> None:
    names = names_of([portrait(orders=each) for each in (-0.7, 0.0, 0.7, -1.6, 1.2, -0.9, 1.9)])
    assert not [each for each in names if "others" in each]
    assert names.count(EVERYDAY) == 1
    assert {"Frequent buyers", "Occasional buyers", "Few orders", "Many orders"} <= set(names)
    assert len(set(names)) == len(names)


def test_a_name_keeps_the_words_of_a_question() -> None:
    column = "Q3: The product is cheap"
    assert names_of([portrait(**{column: 1.0})]) == ("High Q3 the product is cheap",)
    assert names_of([portrait(sessions_30d=1.0)]) == ("Many sessions",)


def test_a_name_says_what_the_most_similar_segment_lacks() -> None:
    shared = {"total_spent": 1.5, "xyz": 1.2}
    first, second, _ = names_of(
        [
            portrait(**shared, returns=1.0),
            portrait(**shared, returns=-1.0),
            portrait(total_spent=-1.5, xyz=-1.2, returns=0.0),
        ]
    )
    assert "many returns" in first.casefold()
    assert "few returns" in second.casefold()


def test_two_marks_of_one_story_are_not_both_in_a_name() -> None:
    (name,) = names_of([portrait(total_spent=1.5, revenue=1.4, returns=0.9)])
    assert name == "Big spenders, many returns"


def test_two_products_share_their_word() -> None:
    assert names_of([portrait(milk=1.5, grocery=1.4)]) == ("Heavy on milk and grocery",)


def test_what_noise_could_have_made_names_nobody() -> None:
    noisy = (mark("total_spent", 1.5, noise=1.6), label("plan", "pro", 0.3, noise=0.4))
    assert names_of([noisy]) == (EVERYDAY,)
    assert traits_of(noisy) == ()


@pytest.mark.parametrize("column", ["gender", "city", "children", "preferred_language"])
def test_what_can_stand_for_origin_or_family_makes_no_name_and_no_step(column: str) -> None:
    told = (mark(column, 2.0), label(column, "B", 0.6), mark("returns", 0.5))
    assert names_of([told]) == names_of([told[2:]])
    assert next_steps([told]) == next_steps([told[2:]])


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries({column: st.floats(-3, 3) for column in COLUMNS}),
        min_size=1,
        max_size=12,
    )
)
def test_names_are_short_sentences_and_never_stand_twice(rows: list[dict[str, float]]) -> None:
    names = names_of([portrait(**row) for row in rows])
    assert len(set(names)) == len(rows)
    for name in names:
        assert name[:1].isupper()
        assert len(name) <= 2 * LONGEST
        assert "_" not in name


def test_segments_much_like_everybody_are_told_apart_by_what_they_lean_to() -> None:
    names = names_of([portrait(total_spent=0.2, orders=0.1), portrait(total_spent=-0.2, orders=0)])
    assert names[0] == EVERYDAY
    assert names[1].startswith(f"{EVERYDAY}, ")


def test_names_that_stand_twice_are_numbered() -> None:
    assert unique(["A", "B", "A"]) == ("A", "B", "A (2)")


# ── traits ──────────────────────────────────────────────────────────────────────────────
def test_a_second_trait_tells_a_new_story_before_the_first_one_again() -> None:
    told = traits_of(portrait(total_spent=2.0, revenue=1.9, returns=0.5))
    assert [each.column for each in told] == ["total_spent", "returns", "revenue"]


def test_a_trait_has_its_deviation_and_both_values_behind_it() -> None:
    for segment in released().segments:
        assert segment.traits
        for trait in segment.traits:
            assert "overall" in trait.words
            assert abs(trait.deviation) >= 0.1


def test_the_segments_of_a_release_have_their_own_names_and_steps() -> None:
    segments = released(4).segments
    assert len({each.name for each in segments}) == len(segments)
    assert len({each.next_step for each in segments}) == len(segments)


def test_given_names_stay_and_the_others_are_suggested() -> None:
    geometry, published = bought()
    made = release_of(
        release_id="r",
        title="t",
        created_on="2026-11-23",
        unit="one customer",
        geometry=geometry,
        published=published,
        names=("Stars", ""),
    )
    suggested = {each.name for each in released().segments}
    assert len({each.name for each in made.segments} & suggested) == 1
    assert "Stars" in {each.name for each in made.segments}


# ── next steps ──────────────────────────────────────────────────────────────────────────
def test_a_step_follows_what_sets_a_segment_apart() -> None:
    kept, calmed, welcomed = next_steps(
        [
            portrait(total_spent=1.5, orders=1.5),
            portrait(returns=1.5),
            portrait(tenure=-1.5),
        ]
    )
    assert kept.startswith("Keep them")
    assert "choose right" in calmed
    assert "Welcome" in welcomed


def test_steps_are_not_all_alike() -> None:
    same = [portrait(orders=1.0 + place / 10) for place in range(4)]
    steps = next_steps(same)
    assert all(one != other for one, other in itertools.pairwise(steps))
    assert len(set(steps)) == 4


@pytest.mark.parametrize("column", ["age", "Year_Birth", "income"])
def test_no_step_follows_from_age_or_income(column: str) -> None:
    assert next_steps([portrait(**{column: 2.0})]) == next_steps([portrait(**{column: -2.0})])


def test_who_pays_back_little_is_not_said_to_spend_little() -> None:
    (step,) = next_steps([portrait(payments=-1.5, orders=1.2)])
    assert step == next_steps([portrait(orders=1.2)])[0]


def test_nobody_who_borrows_is_sold_more_credit() -> None:
    (step,) = next_steps([portrait(cash_advance=2.0)])
    assert "don't push more credit" in step


def test_segments_that_noise_keeps_from_being_told_apart_are_said_to_be_alike() -> None:
    drowned = [(mark("total_spent", each, noise=0.9),) for each in (0.5, -0.5, 0.6)]
    assert names_of(drowned) == tuple(f"Group {letter}, much like the others" for letter in "ABC")
