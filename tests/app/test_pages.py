"""Every page, empty and full: what a person reads there and what the buttons do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import wording, workflow
from dashboard.errors import BadInputError, BudgetExceededError
from dashboard.receipts import DayOfViews, LinkUse, Opinion, Recipient, Refused, Review, Terms
from dashboard.rfm import Cuts
from dashboard.rule import Rule
from dashboard.ui import words
from tests.app.fake_workflow import FakeWorkflow

PAGES = Path(__file__).resolve().parents[2] / "pages"
Visit = Callable[..., AppTest]
EVERYWHERE = {"dataset": "dts1", "map": "map1", "release": "rel_5b1f0c7d9e3a4826"}


def told(app: AppTest) -> str:
    """Everything that a page says, in one text."""
    kinds = (app.title, app.header, app.markdown, app.info, app.success, app.warning, app.error)
    plain = [each.value for kind in kinds for each in kind]
    html = [each.proto.body for each in app.get("html")]
    return "\n".join([*plain, *html, *(each.value for each in app.caption)]).replace("\\", "")


def press(app: AppTest, label: str) -> AppTest:
    """Press the button with this text."""
    return next(each for each in app.button if each.label == label).click().run()


@pytest.mark.parametrize("page", list(words.PAGES))
def test_every_page_is_friendly_when_there_is_nothing_yet(
    page: str, fake: FakeWorkflow, visit: Visit
) -> None:
    app = visit(page)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


@pytest.mark.parametrize("page", list(words.PAGES))
def test_every_page_shows_work_that_exists(page: str, full: FakeWorkflow, visit: Visit) -> None:
    app = visit(page, **EVERYWHERE)
    assert not app.exception
    assert not app.error
    assert words.PRIVACY_NOTE in told(app)
    assert "About 6 more releases" in told(app)


def test_a_release_of_which_no_column_is_known_draws_no_empty_picture(
    full: FakeWorkflow, visit: Visit
) -> None:
    full.published = [replace(each, overall=()) for each in full.published]
    app = visit("release", **EVERYWHERE)
    assert not app.exception
    assert wording.NOTHING_APART in told(app)


@pytest.mark.parametrize("page", list(words.PAGES))
def test_a_page_opened_past_the_entrance_shows_nothing(page: str, full: FakeWorkflow) -> None:
    app = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=30)
    for name, its_id in EVERYWHERE.items():
        app.query_params[name] = its_id
    app.run()
    assert not app.exception
    assert len(app.main) == 0
    assert len(app.sidebar) == 0


def test_the_desk_tells_budgets_clocks_and_whether_the_log_holds(
    full: FakeWorkflow, visit: Visit
) -> None:
    said = told(visit("desk"))
    for expected in ("customers.csv", "21 February 2027", "Every line is as it was written"):
        assert expected in said


def test_a_customer_s_request_is_noted_with_its_day_and_who_checked(
    full: FakeWorkflow, visit: Visit
) -> None:
    app = visit("desk")
    app.text_input[0].set_value("Mia, by calling back")
    app = press(app, words.REQUEST_NOTE)
    assert full.said == ["note_request access Mia, by calling back"]
    assert words.REQUEST_KINDS["access"] in told(app)


def test_who_asks_is_answered_once_and_forgotten(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("desk")
    full.note_request(None, "access", date(2026, 11, 23), "Mia")
    app.run()
    next(each for each in app.text_input if each.label == words.WHO).set_value("C000001")
    app = press(app, words.ANSWER_BUTTONS["access"])
    assert full.said[-1] == "answer_request req1 C000001"
    assert "Spring: Loyal enthusiasts" in told(app)
    app.run()
    assert "C000001" not in told(app)
    assert "Spring: Loyal enthusiasts" not in told(app)
    assert "found in 1 table" in told(app)


def test_the_page_for_customers_is_opened_and_closed_at_the_desk(
    full: FakeWorkflow, visit: Visit
) -> None:
    app = visit("desk")
    next(each for each in app.text_input if each.label == words.CHOICES_NAME).set_value("Shop")
    app = press(app, words.CHOICES_OPEN)
    assert any("/choices/invented" in each.value for each in app.code)
    press(app, words.CHOICES_CLOSE)
    assert full.said == ["open_choices Shop", "close_choices"]


@pytest.mark.parametrize("page", ["data", "segments", "release", "share"])
def test_ids_of_others_are_not_found_and_let_go(
    page: str, fake: FakeWorkflow, visit: Visit
) -> None:
    app = visit(page, dataset="theirs", map="theirs", release="theirs")
    assert not app.exception
    assert "theirs" not in told(app)
    assert not app.run().error


def test_one_click_leads_from_nothing_to_segments(fake: FakeWorkflow, visit: Visit) -> None:
    app = press(visit(), words.TRY_SAMPLE)
    assert fake.said == ["receive sample.csv", f"keep {words.SAMPLE_PURPOSE}", "buy_map 6"]
    assert app.title[0].value == words.SEGMENTS_TITLE
    assert "Loyal enthusiasts" in told(app)
    assert app.query_params["map"] in ("map1", ["map1"])


def test_a_reload_comes_back_to_the_same_work(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1", map="map1")
    assert "Loyal enthusiasts" in told(app)


def test_segments_without_a_choice_offer_what_there_is(full: FakeWorkflow, visit: Visit) -> None:
    assert words.PICK_WORK in told(visit("segments"))


@pytest.mark.parametrize(
    ("page", "button", "title"),
    [
        ("segments", words.TO_START, words.START_TITLE),
        ("release", words.TO_SEGMENTS_FIRST, words.SEGMENTS_TITLE),
        ("share", words.TO_SEGMENTS_FIRST, words.SEGMENTS_TITLE),
    ],
)
def test_an_empty_page_leads_on(
    page: str, button: str, title: str, fake: FakeWorkflow, visit: Visit
) -> None:
    assert press(visit(page), button).title[0].value == title


def test_the_price_stands_before_the_button(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1")
    assert "± 62 people" in told(app)
    assert "of the privacy budget" in told(app)
    assert app.button(key="buy-map").label == words.BUY_MAP
    assert full.said == []
    app.button(key="buy-map").click().run()
    assert full.said == ["buy_map 6"]
    assert "Five groups stand apart most clearly." in told(app)
    assert "stand at the upper end of the range for spend" in told(app)


def test_the_suggested_question_is_asked_letter_by_letter(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1")
    app.button(key="buy-map").click().run()
    assert full.plan
    assert full.plan.fingerprint == full.default_plan(None, "dts1").fingerprint


def test_columns_picked_in_another_order_are_the_same_question(
    full: FakeWorkflow, visit: Visit
) -> None:
    app = visit("segments", dataset="dts1")
    names = [each.name for each in full.default_plan(None, "dts1").features]
    app.button_group(key="features-dts1").set_value(names[::-1]).run()
    app.button(key="buy-map").click().run()
    assert full.plan
    assert full.plan.fingerprint == full.default_plan(None, "dts1").fingerprint


def test_what_is_not_affordable_can_not_be_bought(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1")
    app.select_slider[0].set_value(3.0).run()
    assert app.button(key="buy-map").disabled
    assert words.NOT_AFFORDABLE in told(app)


def test_bounds_that_cross_are_refused_in_words(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1")
    app.number_input(key="low-dts1-age").set_value(200.0).run()
    assert words.BOUNDS_WRONG in told(app)
    assert all(each.key != "buy-map" for each in app.button)


def test_a_question_without_columns_says_so(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1")
    app.button_group(key="features-dts1").set_value([]).run()
    assert words.NO_FEATURES in told(app)


def test_the_number_of_segments_is_free_to_change(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("segments", dataset="dts1", map="map1")
    app.button_group(key="count-map1").set_value(3).run()
    assert "New and curious" in told(app)
    assert "Drifting away" not in told(app)
    assert full.said == []


def test_names_go_from_the_boxes_to_the_cards_and_into_the_release(
    full: FakeWorkflow, visit: Visit
) -> None:
    app = visit("segments", dataset="dts1", map="map1")
    app.text_input(key="name-map1-5-0").set_value("<b>Our best</b>").run()
    assert "&lt;b&gt;Our best&lt;/b&gt;" in told(app)
    press(app, words.PUBLISH)
    assert full.said[0].startswith("publish 5 Our customer segments <b>Our best</b>|Weekend")
    assert app.title[0].value == words.TITLE_DEFAULT


def test_a_refusal_is_a_sentence_and_the_page_lives_on(
    full: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentence = "This would promise less privacy than agreed."

    def refuse(*anything: object) -> None:
        raise BudgetExceededError(sentence)

    monkeypatch.setattr(workflow, "publish", refuse)
    app = press(visit("segments", dataset="dts1", map="map1"), words.PUBLISH)
    assert [each.value for each in app.error] == [words.safe(sentence)]
    assert app.title[0].value == words.SEGMENTS_TITLE


def test_a_table_is_given_reviewed_and_kept(fake: FakeWorkflow, visit: Visit) -> None:
    app = visit("data")
    app.file_uploader[0].set_value(("mine.csv", b"customer_id\n1\n", "text/csv")).run()
    assert fake.said == ["receive mine.csv"]
    assert "2,540 rows and 12 columns in customers.csv" in told(app)
    assert "looks like e-mail addresses" in told(app)
    press(app, words.KEEP_BUTTON)
    assert fake.said[-1] == f"keep {words.PURPOSE_DEFAULT}"
    assert "About 2,310 of 2,490 customers may be used." in told(app)
    assert "180 customers said no and were left out." in told(app)
    press(app, words.TO_SEGMENTS)
    assert app.title[0].value == words.SEGMENTS_TITLE


def test_a_file_of_orders_is_added_up_and_leads_to_known_groups(
    fake: FakeWorkflow, visit: Visit
) -> None:
    app = visit("data")
    app.file_uploader[0].set_value(("orders.csv", b"customer_id\n1\n", "text/csv")).run()
    assert words.ORDERS_TITLE in [each.value for each in app.header]
    assert "Champions, Loyal" in told(app)
    press(app, words.ORDERS_BUTTON)
    assert fake.said[-1] == f"keep {words.PURPOSE_DEFAULT}"
    app = visit("segments", dataset="dts1")
    assert words.KNOWN_TITLE in told(app)
    assert "± 25 people" in told(app)
    press(app, words.KNOWN_PUBLISH)
    assert fake.said[-1] == "publish_known 0.5"
    assert app.title[0].value == "Champions to Lost"


def test_the_owner_may_declare_other_cut_points_and_sees_what_they_mean(
    fake: FakeWorkflow, visit: Visit
) -> None:
    app = visit("data")
    app.file_uploader[0].set_value(("orders.csv", b"customer_id\n1\n", "text/csv")).run()
    assert "last order within 60 days" in told(app)
    app.number_input(key="cut-days-0").set_value(14).run()
    assert "last order within 14 days" in told(app)
    app.number_input(key="cut-orders-1").set_value(1).run()
    assert "must be orders that grow" in told(app)
    assert next(each for each in app.button if each.label == words.ORDERS_BUTTON).disabled
    app.number_input(key="cut-orders-1").set_value(3).run()
    press(app, words.ORDERS_BUTTON)
    (kept,) = fake.tables
    assert kept.cuts == Cuts((14, 180, 365), (2, 3))


def test_one_click_leads_from_nothing_to_known_groups(fake: FakeWorkflow, visit: Visit) -> None:
    app = press(visit(), words.TRY_ORDERS)
    assert fake.said[-1] == "publish_known 0.5"
    assert app.title[0].value == "Champions to Lost"


def test_what_moved_since_an_earlier_release_is_told(full: FakeWorkflow, visit: Visit) -> None:
    assert words.MOVEMENT_TITLE not in told(visit("release"))
    full.before = workflow.releases(None)  # type: ignore[arg-type]
    app = visit("release")
    assert words.MOVEMENT_TITLE in told(app)
    assert "grew by about 120 (80–160)" in told(app)
    assert "no change beyond the noise" in told(app)
    assert "“Old friends” is not among the segments now." in told(app)


def test_segments_that_can_not_be_compared_say_so(
    full: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*anything: object) -> None:
        raise BadInputError("These releases are of different plans.")

    full.before = workflow.releases(None)  # type: ignore[arg-type]
    monkeypatch.setattr(workflow, "movement", refuse)
    app = visit("release")
    assert "These releases are of different plans." in told(app)
    assert not app.error


def test_the_rule_of_a_release_can_be_copied(full: FakeWorkflow, visit: Visit) -> None:
    full.published[0] = replace(full.published[0], rule=Rule(cuts=Cuts()))
    app = visit("release")
    assert [each.language for each in app.code] == ["sql", "python"]
    assert "CROSS JOIN LATERAL" in app.code[0].value


def test_nothing_is_kept_without_a_purpose(fake: FakeWorkflow, visit: Visit) -> None:
    app = visit("data")
    app.file_uploader[0].set_value(("mine.csv", b"customer_id\n1\n", "text/csv")).run()
    app.text_input[0].set_value(" ").run()
    assert words.PURPOSE_MISSING in told(app)
    assert next(each for each in app.button if each.label == words.KEEP_BUTTON).disabled


def test_a_kept_table_can_be_destroyed(full: FakeWorkflow, visit: Visit) -> None:
    app = press(visit("data", dataset="dts1"), words.DESTROY_SURE)
    assert full.said == ["destroy dts1"]
    assert not app.error
    assert "dataset" not in app.query_params


def test_a_release_says_what_experts_ask_for(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("release")
    said = told(app)
    for each in ("epsilon 1 at delta 1e-06", "one customer", "rel_5b1f0c7d9e3a4826", "0.1.0"):
        assert each in said
    assert full.published[0].digest in said
    assert "2 groups are hidden for privacy" in said


@pytest.mark.parametrize("view", words.VIEWS)
def test_every_view_of_a_release_opens(view: str, full: FakeWorkflow, visit: Visit) -> None:
    app = visit("release")
    app.button_group(key="view").set_value(view).run()
    assert not app.exception
    assert not app.error
    assert len(app.get("plotly_chart")) == 2


def test_every_column_of_a_release_opens(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("release")
    app.button_group(key="view").set_value(words.VIEWS[1]).run()
    for column in ("age", "newsletter", "country"):
        app.selectbox(key="column").set_value(column).run()
        assert not app.exception
        assert not app.error


def test_a_link_is_shown_once_and_can_be_revoked(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("share")
    app.text_input[0].set_value("Board")
    app.number_input[0].set_value(30)
    press(app, words.CREATE_LINK)
    assert full.said == ["share 30 Board"]
    assert app.code[0].value.endswith("/s/invented-token-invented-token")
    press(app, words.LINK_COPIED)
    assert not app.code
    press(app, words.REVOKE)
    assert "revoked on 23 November 2026" in told(app)
    assert all(each.label != words.REVOKE for each in app.button)


def test_all_links_close_at_once(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("share")
    press(app, words.CREATE_LINK)
    press(app, words.CREATE_LINK)
    press(app, words.REVOKE_ALL)
    assert all(link.revoked_at for link in full.shared)
    assert not app.code


def test_a_link_s_terms_are_folded_away_and_taken_along(full: FakeWorkflow, visit: Visit) -> None:
    full.register = [Recipient("rcp0", "Bright & Co", "third party", basis="a contract")]
    app = visit("share")
    app.selectbox(key="for-recipient").set_value("rcp0")
    app.text_input(key="passphrase").set_value("open sesame")
    app.number_input(key="max-views").set_value(20)
    app.text_input(key="sites").set_value("https://wiki.example, https://other.example")
    press(app, words.CREATE_LINK)
    sites = ("https://wiki.example", "https://other.example")
    assert full.terms == Terms("open sesame", 20, "rcp0", sites)
    assert "asks for a passphrase · at most 20 views" in told(app)
    assert "open sesame" not in told(app)


def test_a_first_link_is_one_click_and_needs_no_terms(full: FakeWorkflow, visit: Visit) -> None:
    app = press(visit("share"), words.CREATE_LINK)
    assert full.terms == Terms()
    assert len(app.code) == 1


def test_a_link_is_paused_resumed_and_given_a_new_address(full: FakeWorkflow, visit: Visit) -> None:
    app = press(visit("share"), words.CREATE_LINK)
    press(app, words.PAUSE)
    assert "paused on 23 November 2026" in told(app)
    press(app, words.RESUME)
    assert "open until" in told(app)
    press(app, words.ROTATE)
    assert app.code[0].value.endswith("/s/another-token-another-token")
    press(app, words.REVOKE)
    assert not {words.PAUSE, words.ROTATE} & {each.label for each in app.button}


def test_the_owner_sees_views_refusals_and_opinions(full: FakeWorkflow, visit: Visit) -> None:
    day = date(2026, 11, 23)
    full.share(None, "rel", 14, "Board")
    full.uses = [
        LinkUse(
            "lnk0",
            (DayOfViews(day, 1_200), DayOfViews(day + timedelta(1), 34)),
            (Refused("lnk0", day, "passphrase", 6),),
            (Opinion("lnk0", day, "noisy", "Sizes", 2, to_review=False),),
        )
    ]
    app = visit("share")
    for words_told in (
        "1,234 views",
        "24 November 2026",
        "Refused by a wrong passphrase: 6",
        "Sizes: it is too noisy (2)",
    ):
        assert words_told in told(app)


def test_a_held_link_says_why_and_is_renewed_in_one_click(full: FakeWorkflow, visit: Visit) -> None:
    full.register = [
        Recipient("rcp0", "Bright & Co", "third party", basis="x", review_due=date(2020, 1, 1))
    ]
    full.share(None, "rel", 14, "Agency", Terms(recipient_id="rcp0"))
    full.shared = [replace(full.shared[0], held_because="the review was due on 1 January 2020")]
    app = visit("share")
    assert "paused, because the review was due on 1 January 2020" in told(app)
    press(app, words.RENEW)
    assert "renew rcp0" in full.said


def test_what_could_identify_someone_stays_until_it_was_looked_at(
    full: FakeWorkflow, visit: Visit
) -> None:
    link = full.share(None, "rel", 14, "Board").link
    opinion = Opinion(link.id, date(2026, 11, 23), "identifies", "Sizes", 1, to_review=True)
    full.tasks = [Review(link, "Spring", opinion)]
    app = visit("share")
    assert "someone could be identified by: “Sizes”" in told(app)
    press(app, words.PAUSE_LINK)
    assert "paused on" in told(app)
    press(app, words.REVIEWED)
    assert "someone could be identified" not in told(app)


def test_a_recipient_is_kept_and_changed(full: FakeWorkflow, visit: Visit) -> None:
    app = visit("share")
    app.text_input(key="name-").set_value("Bright & Co")
    app.text_input(key="at-").set_value("FR")
    press(app, words.KEEP_RECIPIENT)
    assert [(each.name, each.country) for each in full.register] == [("Bright & Co", "FR")]
    assert "no date of a contract with Bright & Co is noted" in told(app)
    app.selectbox(key="recipient").set_value("rcp0").run()
    app.date_input(key="contract-rcp0").set_value(date(2026, 1, 31))
    app.date_input(key="review-rcp0").set_value(date(2031, 1, 31))
    press(app, words.KEEP_RECIPIENT)
    assert "next review on 31 January 2031" in told(app)
    assert full.register[0].contract_on == date(2026, 1, 31)


def test_no_element_is_given_a_frame(full: FakeWorkflow, visit: Visit) -> None:
    for page in words.PAGES:
        app = visit(page, **EVERYWHERE)
        assert not app.dataframe
        assert not app.get("arrow_data_frame")
        assert not app.table


# ── ranges that nobody knows ────────────────────────────────────────────────────────────
def test_a_range_that_nobody_knows_is_found_for_its_price_and_set(
    full: FakeWorkflow, visit: Visit
) -> None:
    app = visit("segments", dataset="dts1")
    button = app.button(key="range-dts1-age")
    assert "% of the privacy budget" in button.label
    button.click().run()
    assert full.said.count("buy_range age") == 1
    assert "0 to 2,000" in told(app)
    app.run()
    assert full.said.count("buy_range age") == 1


def test_a_click_while_a_range_is_looked_for_waits_for_the_same_answer(
    full: FakeWorkflow, visit: Visit
) -> None:
    """A page that is stopped within the search starts anew, and asks again for the same."""
    app = visit("segments", dataset="dts1")
    app.session_state["wanted-range"] = "age"
    app.button(key="buy-map").click().run()
    assert full.said.index("buy_range age") >= 0
    assert full.plan
    bounds = next(each.bounds for each in full.plan.features if each.name == "age")
    assert bounds
    assert bounds.bought


def test_files_of_the_owner_s_folder_are_offered_and_read(visit: Visit, fake: FakeWorkflow) -> None:
    assert not visit("data").multiselect
    fake.folder = ("june.parquet", "may.csv")
    app = visit("data")
    app.multiselect[0].set_value(["may.csv"]).run()
    next(each for each in app.button if each.label == words.FOLDER_BUTTON).click().run()
    assert not app.exception
    assert "receive may.csv" in fake.said


def test_tables_that_the_owner_declared_are_offered_and_read(
    visit: Visit, fake: FakeWorkflow
) -> None:
    assert words.TABLE_BUTTON not in [each.label for each in visit("data").button]
    fake.declared = ("shop.customers", "shop.orders")
    app = visit("data")
    asked = next(each for each in app.selectbox if each.label == words.TABLE_LABEL)
    read = next(each for each in app.button if each.label == words.TABLE_BUTTON)
    assert read.disabled
    asked.set_value("shop.customers").run()
    next(each for each in app.button if each.label == words.TABLE_BUTTON).click().run()
    assert not app.exception
    assert "receive shop.customers" in fake.said


HOSTILE = "![x](http://elsewhere.example/x.png)"
"""A header that would ask another machine for a picture, if it were read as markdown."""


def as_markdown(app: AppTest) -> str:
    """All that Streamlit reads as markdown: labels, texts, and the words on pills."""
    said = []
    for each in (*app.main, *app.sidebar):
        told = getattr(each, "proto", None)
        kind = type(told).__name__
        if kind != "Html":
            said += [str(getattr(told, name, "")) for name in ("label", "body", "help")]
        if kind == "ButtonGroup":
            said += [option.content for option in told.options]
    return "\n".join(said)


def test_a_column_s_name_is_never_read_as_markdown(full: FakeWorkflow, visit: Visit) -> None:
    table = full.tables[0]
    odd = replace(table.columns[0], name=HOSTILE)
    full.tables[0] = replace(table, columns=(*table.columns, odd))
    said = as_markdown(visit("segments", dataset="dts1"))
    assert words.safe(HOSTILE) in said
    assert HOSTILE not in said
    for label in (words.order_label, words.dates_label, words.reason_label):
        assert HOSTILE not in label(HOSTILE)


def test_a_refusal_is_never_read_as_markdown(
    full: FakeWorkflow, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise BadInputError(f"There is no column “{HOSTILE}”.")

    monkeypatch.setattr(workflow, "releases", refuse)
    said = as_markdown(visit("release"))
    assert words.safe(HOSTILE) in said
    assert HOSTILE not in said
