"""The stakeholder's page: whole, calm, small, escaped, and the same at each writing."""

import gzip
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from dashboard import wording
from dashboard.plan import Feature
from dashboard.release import Bar, ColumnProfile, Estimate, HiddenGroup
from dashboard.share.markup import tag
from dashboard.share.page import STYLE, plain, render
from dashboard.terms import Bounds
from tests.fixtures_release import sample_release
from tests.share.conftest import LINK

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> \'&"'


class Outline(HTMLParser):
    """Reads a page's elements, headings and attributes."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.headings, self.said = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, key, value) for key, value in attrs]

    def handle_data(self, data):
        self.said.append(data)


def text_of(written):
    body = written[written.index("<body>") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body).replace("\u00a0", " "))


@pytest.fixture(scope="module")
def written():
    return render(sample_release(), LINK)


def test_the_page_is_a_whole_document_and_its_only_script_is_a_file_of_ours(written):
    outline = Outline(written)
    assert written.startswith("<!doctype html>")
    assert {"html", "title", "main", "h1", "nav", "footer"} <= set(outline.elements)
    assert outline.elements.count("script") == 1
    assert re.search(
        r"<script src=\"/s/static/page\.[0-9a-f]{16}\.js\"[^>]* defer></script>", written
    )
    assert not {"iframe", "form", "object", "embed", "base"} & set(outline.elements)
    assert not [each for each in outline.attributes if each[1].startswith("on")]


def test_the_page_has_no_inline_style_and_asks_nobody_for_anything(written):
    outline = Outline(written)
    assert "style" not in {key for _, key, _ in outline.attributes}
    keys = ("href", "src", "data-charts")
    addresses = [value for _, key, value in outline.attributes if key in keys]
    own = ("#", "data:image/svg+xml,", "/s/static/")
    assert all(value.startswith(own) for value in addresses)
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_two_writings_are_the_same_to_the_byte(written):
    assert render(sample_release(), LINK) == written


def test_the_page_says_who_when_until_and_what_protects(written):
    said = text_of(written)
    for sentence in (
        "Spring shop customers",
        "Bright &amp; Co",
        "Released 23 November 2026",
        "Open until 7 December 2026",
        "Every number here is an estimate",
        "About 7,831 customers (7,771–7,891) in 5 segments and 2 hidden groups",
        "sum of the noisy sizes",
    ):
        assert sentence in said, sentence


def test_each_segment_is_shown_with_range_share_traits_and_next_step(written):
    said = text_of(written)
    for segment in sample_release().segments:
        assert segment.name in said
        assert segment.next_step in said
        assert f"About {segment.size:,} customers ({segment.size_low:,}–" in said
        for trait in segment.traits:
            assert trait.words[1:].replace("\u00a0", " ") in said


def test_what_is_hidden_is_said_and_explained(written):
    said = text_of(written)
    assert "2 groups are hidden for privacy: too few people. Together about 31 (6–56)" in said
    assert "nothing hidden can be worked out by subtraction" in said
    assert "hidden: too few people" in said
    assert "too uncertain to show" in said


def test_the_details_name_the_promise_in_full(written):
    said, release = text_of(written), sample_release()
    for each in ("1e-06", "0.02436", release.unit, release.adjacency, release.version):
        assert each in said, each
    assert release.id in said
    assert release.digest in said
    assert "73 times in 100" in said


def test_the_account_stands_in_numbered_sentences(written):
    steps = written[written.index("<ol>") : written.index("</ol>")]
    assert steps.count("<li>") == len(sample_release().account)


def test_no_word_promises_too_much(written):
    assert not re.search("anonymo|compliant|certified", written, re.IGNORECASE)


def test_no_invented_point_is_on_the_page(written):
    said = text_of(written)
    places = {str(each) for point in sample_release().points for each in (point.x, point.y)}
    assert not [place for place in places if len(place) >= 5 and place in said]


def test_headings_go_down_step_by_step_and_ids_are_unique(written):
    levels = [int(each) for each in re.findall(r"<h([1-6])", written)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    attributes = Outline(written).attributes
    ids = [value for _, key, value in attributes if key == "id"]
    places = {value for tag, key, value in attributes if (tag, key) == ("a", "href")}
    assert len(ids) == len(set(ids)) == 6
    assert places == {f"#{each}" for each in ids}


def hostile_release():
    release = sample_release()
    profile = replace(
        release.overall[0], name=HOSTILE, bars=(Bar(HOSTILE, Estimate(0.5, 0.4, 0.6)),)
    )
    segment = replace(
        release.segments[0],
        name=HOSTILE,
        next_step=HOSTILE,
        traits=(replace(release.segments[0].traits[0], words=HOSTILE),),
        profile=(profile,),
    )
    return sample_release(
        title=HOSTILE,
        segments=(segment,),
        overall=(profile,),
        account=(HOSTILE,),
        notes=(HOSTILE,),
        version=HOSTILE,
        features=(Feature(HOSTILE, "number", Bounds(0, 1)),),
        profiled=(),
    )


def test_hostile_names_stay_words():
    page = render(hostile_release(), replace(LINK, label=HOSTILE, shared_by=HOSTILE))
    outline = Outline(page)
    assert "img" not in outline.elements
    assert outline.elements.count("script") == 1
    assert HOSTILE in "".join(outline.said)
    assert "onerror" not in {key for _, key, _ in outline.attributes}
    assert "<script>" not in page


def widest_release():
    """Six segments of ten columns each, in seven parts: as large as a usual page becomes."""
    bars = tuple(
        Bar(f"{100 * n}–{100 * n + 99}", Estimate(0.142, 0.132, 0.154), None, n, n + 1)
        for n in range(7)
    )
    profile = tuple(
        ColumnProfile(f"column_{n}", "number", Estimate(12.5, 12.1, 12.9), bars) for n in range(10)
    )
    segment = replace(sample_release().segments[0], profile=profile)
    features = tuple(Feature(each.name, "number", Bounds(0, 10_000)) for each in profile)
    return sample_release(segments=(segment,) * 6, overall=profile, features=features, profiled=())


def test_a_page_is_small_and_travels_in_twelve_kilobytes():
    usual = render(sample_release(), LINK).encode()
    assert len(usual) <= 60_000
    widest = render(widest_release(), LINK).encode()
    assert len(widest) <= 64_000
    assert max(len(gzip.compress(each)) for each in (usual, widest)) <= 12_500


def test_what_needs_scripts_is_hidden_until_they_run(written):
    tools = re.findall(r"<(?:p|div) [^>]*class=(?:tools|chart)[^>]*>", written)
    assert len(tools) == 7
    assert all(" hidden" in each for each in tools)


@pytest.mark.parametrize(
    "changes",
    [
        {"other": None},
        {"other": HiddenGroup(1, None, None, None)},
        {"segments": (), "overall": ()},
        {"overall": (), "notes": ()},
        {"unit": "one row"},
        {"total": Estimate(40, 40, 40)},
    ],
)
def test_a_page_is_written_for_unusual_releases_too(changes):
    page = render(sample_release(**changes), replace(LINK, label=""))
    assert "<main>" in page
    assert ">None<" not in page


def test_where_nothing_is_known_to_differ_a_sentence_stands_in_place_of_an_empty_table():
    untold = replace(sample_release(), overall=())
    assert wording.NOTHING_APART in render(untold, LINK)
    assert wording.NOTHING_APART not in render(sample_release(), LINK)


def test_a_hidden_group_too_small_to_tell_has_no_number():
    page = render(sample_release(other=HiddenGroup(1, None, None, None)), LINK)
    assert "One group is hidden for privacy: too few people. How many is hidden as well." in page


def test_rows_are_called_rows_where_no_id_says_who_is_who():
    said = text_of(render(sample_release(unit="one row"), LINK))
    assert "About 7,831 rows" in said
    assert "customers (" not in said


def test_a_plain_page_escapes_what_it_says():
    assert "&lt;b&gt;" in plain("<b>", "sentence")


@pytest.mark.parametrize(
    "value", ['"', "'", " ", ">", "<", "=", "`", "&", "/", "", "a b", 'x" onload="y', "\t"]
)
def test_an_attribute_never_escapes_from_its_place(value):
    outline = Outline(tag("a", "text", title=value, class_="c") + tag("p"))
    assert outline.attributes == [("a", "title", value), ("a", "class", "c")]
    assert outline.elements == ["a", "p"]


def test_the_page_says_who_shares_it_where_that_was_said():
    page = render(sample_release(), replace(LINK, shared_by="Mia, Marketing"))
    assert "Shared by <b>Mia, Marketing</b>" in page
    assert "Shared by" not in render(sample_release(), LINK)
