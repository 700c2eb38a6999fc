"""Colors keep apart from both backgrounds, and segments keep apart from each other."""

import pytest

from dashboard.plan import MAX_SEGMENTS
from dashboard.ui import colors


def light(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, another: str) -> float:
    low, high = sorted((light(one), light(another)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("color", colors.SEGMENTS)
@pytest.mark.parametrize("paper", [colors.LIGHT, colors.DARK])
def test_every_segment_is_seen_by_day_and_by_night(color: str, paper: str) -> None:
    assert contrast(color, paper) >= 3.0


@pytest.mark.parametrize("color", colors.SEGMENTS)
def test_the_white_letter_is_read_on_every_color(color: str) -> None:
    assert contrast(color, "#FFFFFF") >= 3.0


@pytest.mark.parametrize("tone", [tone for _, tone in colors.DEVIATION])
def test_text_is_read_on_every_tone_of_the_heat_map(tone: str) -> None:
    assert contrast(tone, colors.ON_DEVIATION) >= 4.5


def test_no_two_segments_share_color_shape_or_letter() -> None:
    places = range(MAX_SEGMENTS)
    for kind in (colors.color, colors.shape, colors.letter):
        assert len({kind(place) for place in places}) == MAX_SEGMENTS
