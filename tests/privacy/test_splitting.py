from __future__ import annotations

from dataclasses import replace

from dashboard.privacy.exploring import exploration
from dashboard.privacy.queries import Count
from dashboard.privacy.segments import Geometry
from dashboard.privacy.splitting import split_of
from dashboard.privacy.synopsis import draw_map
from dashboard.ui import words
from tests.privacy.tables import PLAN, interview, repeatable, shop
from tests.privacy.test_releasing import bought


def test_one_more_segment_is_told_by_what_its_parts_differ_in() -> None:
    seen = exploration("m", bought()[0], 2)
    assert seen.one_more is not None
    assert seen.one_more.segments == 3
    assert 0 <= seen.one_more.place < 2
    first, second = seen.one_more.into
    assert first != second
    assert words.one_more(seen.one_more) in (
        f"With 3, A splits into {first} and {second}.",
        f"With 3, B splits into {first} and {second}.",
    )


def test_two_groups_in_one_are_said_to_split_where_they_differ() -> None:
    """The shop has two groups; taken as one, the parts differ in every column that made them."""
    talk = interview(shop(), repeatable(), replace(PLAN, features=PLAN.features[:2]))
    geometry = Geometry(draw_map(talk, int(talk.ask(Count())[0])))
    told = [split_of(geometry, k, tuple(range(k))) for k in range(2, geometry.most_segments)]
    assert all(each is None or len(each.into) in (0, 2) for each in told)


def test_where_no_more_segments_stand_out_none_is_promised() -> None:
    geometry, _ = bought()
    assert split_of(geometry, geometry.most_segments, tuple(range(12))) is None


def test_a_hidden_segment_is_not_told_to_split() -> None:
    assert split_of(bought()[0], 2, ()) is None


def test_a_difference_that_is_noise_is_said_to_be_noise() -> None:
    geometry, _ = bought()
    loud = replace(geometry.synopsis, noise={**geometry.synopsis.noise, "cells": 10**13})
    split = split_of(Geometry(loud), 2, (0, 1))
    assert split is None or split.into == ()
