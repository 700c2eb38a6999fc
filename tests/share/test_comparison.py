"""How far segments are from everybody: said only as far as the noise allows."""

from dataclasses import replace

from dashboard.release import Estimate
from dashboard.share.comparison import larger_sentences, rows
from tests.fixtures_release import sample_release


def row(release, title):
    return next(each for each in rows(release) if each.title == title)


def test_each_comparable_column_has_one_row_with_a_cell_for_each_segment():
    found = rows(sample_release())
    assert [each.title for each in found][:3] == ["Total spent", "Orders", "Recency days"]
    assert all(len(each.cells) == 5 for each in found)


def test_levels_follow_the_distance_from_everybody():
    recency = row(sample_release(), "Recency days")
    assert [cell.level for cell in recency.cells] == [-2, -1, -2, 2, 2]


def test_a_category_is_compared_by_its_most_telling_label():
    assert row(sample_release(), "Favorite aisle: Garden").cells[3].level == 2


def test_an_uncertain_value_has_no_cell():
    assert row(sample_release(), "Total spent").cells[4] is None


def test_a_range_that_reaches_everybody_is_about_the_same():
    release = sample_release()
    first = release.segments[0]
    wide = tuple(
        replace(each, typical=Estimate(18.0, 1.0, 200.0)) if each.name == "recency_days" else each
        for each in first.profile
    )
    changed = replace(release, segments=(replace(first, profile=wide), *release.segments[1:]))
    assert row(changed, "Recency days").cells[0].level == 0


def test_neighbors_in_size_are_compared_in_words():
    sentences = larger_sentences(sample_release().segments)
    assert len(sentences) == 4
    assert sentences[0].startswith("“Weekend family shoppers” is larger than “New and curious”")
