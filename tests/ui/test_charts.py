"""Pictures are pure values: the same release gives the same figure, and nothing beyond it.

After a wanted change, write the stored figures anew:
``python -m tests.ui.test_charts`` and look at the difference before committing.
"""

import itertools
import json
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from plotly.graph_objects import Figure

from dashboard.release import HiddenGroup, Release, Segment
from dashboard.ui import charts, colors, deviation
from tests.fixtures_release import sample_movement, sample_release

GOLDEN = Path(__file__).with_name("golden")
RELEASE = sample_release()


def rows_of(release: Release) -> tuple[deviation.Row, ...]:
    return deviation.rows(release.segments, release.overall, release.features + release.profiled)


def whole(name: str) -> Any:
    return next(profile for profile in RELEASE.overall if profile.name == name)


def figures() -> dict[str, Any]:
    few_points = RELEASE.points[::30]
    return {
        "sizes": charts.sizes(RELEASE.segments, RELEASE.other),
        "heat_map": charts.heat_map(rows_of(RELEASE), RELEASE.segments),
        "scatter": charts.scatter(few_points, RELEASE.segments, RELEASE.axes),
        "distribution_number": charts.distribution("age", RELEASE.segments, whole("age")),
        "distribution_flag": charts.distribution(
            "newsletter", RELEASE.segments, whole("newsletter")
        ),
        "distribution_category": charts.distribution("country", RELEASE.segments, whole("country")),
        "comparison": charts.comparison(rows_of(RELEASE), 0, 3, RELEASE.segments),
    }


def told(figure: Any) -> Any:
    """A figure as plain values, floats short enough to be the same on any machine."""

    def short(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 6)
        if isinstance(value, dict):
            return {key: short(each) for key, each in value.items()}
        return [short(each) for each in value] if isinstance(value, list) else value

    plain = json.loads(figure.to_json())
    plain["layout"].pop("template", None)
    return short(plain)


@pytest.mark.parametrize("name", list(figures()))
def test_a_release_always_gives_the_same_picture(name: str) -> None:
    stored = json.loads((GOLDEN / f"{name}.json").read_text())
    assert told(figures()[name]) == stored


def test_a_long_axis_is_broken_so_that_it_fits_a_phone() -> None:
    long = "more Q4 the product is nice, less Q3 the product is cheap →"
    figure = told(charts.scatter(RELEASE.points, RELEASE.segments, (long, long)))
    said = figure["layout"]["xaxis"]["title"]["text"]
    assert max(map(len, said.split("<br>"))) <= 44
    assert said.replace("<br>", " ") == long


@pytest.mark.parametrize("name", [*figures(), "flow"])
def test_every_picture_keeps_the_rules_of_plotly_itself(name: str) -> None:
    figure = {**figures(), "flow": charts.flow(sample_movement())}[name]
    assert told(Figure(figure.to_dict())) == told(figure)
    broken = figure.to_dict()
    broken["data"][0]["made-up"] = 1
    with pytest.raises(ValueError, match="made-up"):
        Figure(broken)


@pytest.mark.parametrize("name", list(figures()))
def test_no_picture_names_a_color_of_paper_or_text(name: str) -> None:
    layout = told(figures()[name])["layout"]
    assert "paper_bgcolor" not in layout
    assert "plot_bgcolor" not in layout
    assert "color" not in layout.get("font", {})


def test_sizes_say_the_range_on_both_sides() -> None:
    first = told(charts.sizes(RELEASE.segments))["data"][0]
    assert first["x"] == [1240]
    assert first["error_x"]["array"] == [25]
    assert first["error_x"]["arrayminus"] == [25]
    assert "about 1,240 (1,215–1,265) people" in first["hovertemplate"]


def test_a_hidden_group_without_a_size_has_no_dot() -> None:
    silent = HiddenGroup(2, None, None, None)
    assert len(told(charts.sizes(RELEASE.segments, silent))["data"]) == len(RELEASE.segments)


def test_hidden_parts_of_a_distribution_have_no_dot() -> None:
    gardeners = RELEASE.segments[3]
    profile = deviation.profile_of(gardeners, "favorite_aisle")
    assert profile
    hidden = [bar.label for bar in profile.bars if bar.share is None]
    assert hidden
    figure = charts.distribution("favorite_aisle", [gardeners], whole("favorite_aisle"))
    own = told(figure)["data"][1]
    gaps = [label for label, share in zip(own["x"], own["y"], strict=True) if share is None]
    assert gaps == hidden


def test_labels_that_look_like_numbers_stay_labels() -> None:
    figure = told(charts.distribution("country", RELEASE.segments, whole("country")))
    assert figure["layout"]["xaxis"]["type"] == "category"


def test_long_labels_are_broken_and_can_not_smuggle_markup_into_a_picture() -> None:
    aisles = whole("favorite_aisle")
    long = 'Home & Living / <a href="x">Decoration</a> and everything around the house'
    bars = (replace(aisles.bars[0], label=long), *aisles.bars[1:])
    figure = charts.distribution("favorite_aisle", RELEASE.segments, replace(aisles, bars=bars))
    ticks = told(figure)["layout"]["xaxis"]["ticktext"]
    assert max(len(unescape(line)) for line in ticks[0].split("<br>")) <= 14
    assert "<a " not in figure.to_json()
    assert "\\u003ca " not in figure.to_json()


def test_labels_without_an_order_are_not_joined_by_a_line() -> None:
    figure = charts.distribution("favorite_aisle", RELEASE.segments, whole("favorite_aisle"))
    assert {each["mode"] for each in told(figure)["data"]} == {"markers"}
    figure = charts.distribution("age", RELEASE.segments, whole("age"))
    assert {each["mode"] for each in told(figure)["data"]} == {"lines", "lines+markers"}


def test_names_can_not_smuggle_markup_into_a_picture() -> None:
    bad = replace(RELEASE.segments[0], name='<a href="javascript:alert(1)">x</a>')
    segments: list[Segment] = [bad, *RELEASE.segments[1:]]
    for figure in (
        charts.sizes(segments),
        charts.heat_map(rows_of(replace(RELEASE, segments=tuple(segments))), segments),
        charts.scatter(RELEASE.points, segments, RELEASE.axes),
        charts.distribution("age", segments, whole("age")),
        charts.distribution("newsletter", segments, whole("newsletter")),
        charts.comparison(rows_of(RELEASE), 0, 1, segments),
    ):
        assert "<a " not in figure.to_json()
        assert "\\u003ca " not in figure.to_json()


def test_axes_do_not_depend_on_single_values() -> None:
    flags = told(charts.distribution("newsletter", RELEASE.segments, whole("newsletter")))
    assert flags["layout"]["xaxis"]["range"] == [-0.02, 1.02]
    pair = told(charts.comparison(rows_of(RELEASE), 0, 1, RELEASE.segments))
    assert pair["layout"]["xaxis"]["range"] == [-2.6, 2.6]


def test_one_segment_and_no_segment_are_drawn_too() -> None:
    for segments in (RELEASE.segments[:1], ()):
        charts.sizes(segments)
        charts.heat_map(rows_of(replace(RELEASE, segments=segments)), segments)
        charts.scatter(RELEASE.points, segments, RELEASE.axes)
        charts.distribution("age", segments, whole("age"))
        charts.distribution("newsletter", segments, whole("newsletter"))


def _write_anew() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, figure in figures().items():
        text = json.dumps(told(figure), indent=1, sort_keys=True, ensure_ascii=False)
        (GOLDEN / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    _write_anew()


def test_the_flow_has_a_band_for_each_segment_and_gray_where_nothing_changed() -> None:
    movement = sample_movement()
    figure = charts.flow(movement)
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(bands) == len(movement.changes)
    for band, change in zip(bands, movement.changes, strict=True):
        before, after = change.share_before, change.share_after
        assert list(band.y) == [before.low, after.low, after.high, before.high]
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    tones = [trace.line.color for trace in lines]
    assert tones == [colors.color(0), colors.EVERYBODY]
    names = next(trace for trace in figure.data if trace.mode == "text")
    gaps = [high - low for low, high in itertools.pairwise(sorted(names.y))]
    assert all(gap > 0.01 for gap in gaps)
