"""Names from what sets segments apart, from everybody and from each other; free suggestions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from dashboard.privacy.families import family_of
from dashboard.privacy.portraits import Mark, Portrait
from dashboard.vault import lexicon

EVERYDAY: Final = "Everyday customers"
LONGEST: Final = 44
"""Signs beyond which a shorter name is preferred."""

_MARKS: Final = 5
_SECOND: Final = 0.7
_CONTRAST: Final = 0.75
_SHARED: Final = 0.5
_TURNED: Final = 0.1
_NOTHING: Final = frozenset(
    (
        *("other", "others", "misc", "miscellaneous", "various", "unknown", "undefined", "n/a"),
        *("na", "null", "nan", "-", "?", "sonstige", "sonstiges", "andere", "unbekannt"),
        *("autre", "autres", "otro", "otros", "otra", "otras"),
    )
)
_GUESSED: Final = lexicon.phrases(f"{lexicon.PROXY}|{lexicon.SPECIAL}")


@dataclass(frozen=True)
class _Told:
    """A mark that a name can be made of, and how well it tells this segment from the others."""

    mark: Mark
    score: float

    @property
    def who(self) -> str:
        return "" if self.mark.label else family_of(self.mark.column).who[self.mark.deviation > 0]

    @property
    def adjective(self) -> str:
        if self.mark.label:
            return ""
        return family_of(self.mark.column).adjective[self.mark.deviation > 0]

    @property
    def plus(self) -> bool:
        return self.mark.more


def names_of(portraits: Sequence[Portrait]) -> tuple[str, ...]:
    """A suggested name for each segment, short and each different from the others.

    A name is made of one or two marks of different themes that stand out of the noise.
    Those that also tell the segment from the one most like it come first. Columns that
    can stand for gender, origin, place or family never make a name.
    """
    names: list[str] = []
    begun: set[str] = set()
    for place in range(len(portraits)):
        marks = told_marks(portraits, place)
        candidates = list(_candidates(marks))
        found = [name for name in candidates if name not in names]
        fresh = [name for name in found if _beginning(name) not in begun]
        degrees = [name for name in _in_degrees(marks) if name not in names]
        name = next(iter(fresh or found or degrees or candidates), "")
        name = name or _plain_name(portraits, place, names)
        names.append(name)
        begun.add(_beginning(name))
    return unique(names)


def told_marks(portraits: Sequence[Portrait], place: int) -> list[_Told]:
    """The marks that may name a segment, the most telling first."""
    near = _nearest(portraits, place)
    told = []
    for mark in portraits[place]:
        if not mark.stands_out or lexicon.says(mark.column, _GUESSED) or _says_nothing(mark):
            continue
        score = abs(mark.strength)
        if near is not None:
            score = _against(mark, near, score)
        told.append(_Told(mark, score * mark.weight))
    return sorted(told, key=lambda each: -each.score)


def _says_nothing(mark: Mark) -> bool:
    """Whether it is a label that stands for none: customers' own “Other”, or “unknown”."""
    return mark.label is not None and mark.label.strip().casefold() in _NOTHING


def _against(mark: Mark, near: Portrait, score: float) -> float:
    """More for what the most similar segment lacks, less for what it shares."""
    other = _same(near, mark)
    if other is None:
        return score
    ahead = (mark.strength - other.strength) * (1 if mark.strength > 0 else -1)
    return score + _CONTRAST * ahead if ahead > mark.noise + other.noise else score * _SHARED


def _nearest(portraits: Sequence[Portrait], place: int) -> Portrait | None:
    """The portrait that differs least."""
    others = [each for other, each in enumerate(portraits) if other != place]
    return min(others, key=lambda each: _difference(portraits[place], each), default=None)


def _difference(one: Portrait, other: Portrait) -> float:
    pairs = ((mark, _same(other, mark)) for mark in one)
    return sum((mark.strength - same.strength) ** 2 for mark, same in pairs if same)


def _same(portrait: Portrait, mark: Mark) -> Mark | None:
    place = (mark.column, mark.label)
    return next((each for each in portrait if (each.column, each.label) == place), None)


# ── from marks to words ─────────────────────────────────────────────────────────────────
def _candidates(marks: Sequence[_Told]) -> Iterator[str]:
    """Possible names, the most telling first; long ones last."""
    scored = [(each.score, _alone(each)) for each in marks[:_MARKS]]
    for one, two in combinations(marks[:_MARKS], 2):
        if not _one_story(one.mark, two.mark):
            score = one.score + _SECOND * two.score
            scored += [(score, _together(*_in_order(one, two)))]
            scored += [(score - _TURNED, _together(*reversed(_in_order(one, two))))]
    ranked = sorted(scored, key=lambda each: (len(each[1]) > LONGEST, -each[0]))
    return (_written(name) for _, name in ranked)


def _in_degrees(marks: Sequence[_Told]) -> Iterator[str]:
    """Names for those of whom others have taken the usual ones: “Very many orders”."""
    numbers = (each.mark for each in marks if each.mark.label is None)
    return (_written(mark.said.partition(" (")[0]) for mark in numbers)


def _one_story(one: Mark, two: Mark) -> bool:
    """Whether two marks say the same: of one theme, or both that people buy more, or less."""
    if one.theme == two.theme:
        return True
    buying = [each.theme.partition(" ")[0] in ("buying", "frequency") for each in (one, two)]
    sorts = " " in one.theme and " " in two.theme
    return all(buying) and not sorts and one.more == two.more


def _in_order(one: _Told, two: _Told) -> tuple[_Told, _Told]:
    """What people are before what they have, and more before less."""
    first = max((one, two), key=lambda each: (bool(each.who), bool(each.adjective), each.plus))
    return (one, two) if first is one else (two, one)


def _alone(told: _Told) -> str:
    if told.who:
        return told.who
    return f"{told.adjective} customers" if told.adjective else told.mark.short


def _together(one: _Told, two: _Told) -> str:
    if one.who and two.adjective:
        return f"{two.adjective} {one.who}"
    if two.who and one.adjective:
        return f"{one.adjective} {two.who}"
    return _joined(one.who or one.mark.short, two.mark.short)


def _joined(first: str, second: str) -> str:
    """“heavy on milk” and “heavy on grocery” → “heavy on milk and grocery”."""
    for start in ("heavy on ", "light on ", "many ", "few ", "high ", "low ", "mostly "):
        if first.startswith(start) and second.startswith(start):
            return f"{first} and {second.removeprefix(start)}"
    return f"{first}, {second}"


def _written(name: str) -> str:
    return name[:1].upper() + name[1:]


def _beginning(name: str) -> str:
    return name.partition(",")[0]


def _plain_name(portraits: Sequence[Portrait], place: int, names: Sequence[str]) -> str:
    """For a segment much like everybody: “Everyday customers”, then what others have more of.

    Where the noise is larger than what it leans to, or than all that was found of anybody,
    it has a letter and is said to be much like the others.
    """
    told = (mark.stands_out for portrait in portraits for mark in portrait)
    alone = len(portraits) == 1 or any(told)
    near = _nearest(portraits, place) or ()
    gaps = [(mark, same) for mark in portraits[place] if (same := _same(near, mark))]
    apart = sorted(gaps, key=lambda pair: -abs(pair[0].strength - pair[1].strength))
    leaning = [
        f"{EVERYDAY}, {mark.short}"
        for mark, same in apart
        if mark.label is None and abs(mark.deviation - same.deviation) > mark.noise + same.noise
    ]
    if EVERYDAY not in names and (alone or leaning):
        return EVERYDAY
    letter = f"Group {chr(ord('A') + place)}, much like the others"
    return next((name for name in leaning if name not in names), letter)


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """The same names, with a number behind those that stand twice."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(told)
