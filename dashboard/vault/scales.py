"""Labels that everybody knows to go from low to high: public orders, never the data's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboard.terms import Domain
from dashboard.vault import lexicon

_ORDERS: Final = (
    "low|high",
    "low|medium|high",
    "very low|low|medium|high|very high",
    "small|medium|large",
    "s|m|l",
    "s|m|l|xl",
    "xs|s|m|l|xl",
    "xs|s|m|l|xl|xxl",
    "bronze|silver|gold",
    "bronze|silver|gold|platinum",
    "bronze|silver|gold|platinum|diamond",
    "silver|gold|platinum",
    "blue|silver|gold|platinum",
    "basic|standard|premium",
    "basic|plus|premium",
    "free|basic|premium",
    "free|basic|pro",
    "free|basic|pro|enterprise",
    "free|starter|pro|enterprise",
    "starter|professional|enterprise",
    "month-to-month|one year|two year",
    "monthly|yearly",
    "monthly|quarterly|yearly",
    "weekly|monthly|quarterly|yearly",
    "never|rarely|sometimes|often",
    "never|rarely|sometimes|often|always",
    "very dissatisfied|dissatisfied|neutral|satisfied|very satisfied",
    "strongly disagree|disagree|neutral|agree|strongly agree",
    "poor|fair|good|very good|excellent",
    "poor|average|good|excellent",
    "bad|ok|good",
    "beginner|intermediate|advanced",
    "beginner|intermediate|advanced|expert",
    "niedrig|mittel|hoch",
    "gering|mittel|hoch",
    "klein|mittel|groß",
    "bronze|silber|gold",
    "bronze|silber|gold|platin",
    "faible|moyen|élevé",
    "petit|moyen|grand",
    "bronze|argent|or",
    "bajo|medio|alto",
    "pequeño|mediano|grande",
    "bronce|plata|oro",
)
SCALES: Final = tuple(sorted((tuple(order.split("|")) for order in _ORDERS), key=len))
"""Orders of labels, the lowest first in each; the shortest that holds all labels is taken."""

_POINTS: Final = tuple(
    tuple(str(point) for point in range(low, high + 1)) for low, high in ((1, 5), (1, 7), (1, 10))
)
_RATING: Final = lexicon.phrases(
    "rating|ratings|stars|star|satisfaction|csat|note|bewertung|sterne|zufriedenheit|etoiles|"
    "estrellas|satisfaccion|likert"
)


def scale_of(name: str, texts: Sequence[str], sizes: Sequence[int]) -> Domain | None:
    """The public order in which a column's labels stand, to be confirmed by a person.

    Points from 1 to 5, 7 or 10 are an order where the column's name says that
    somebody rated. A value in a thousand, or one, may stand outside, so that no
    single customer decides; the labels are the order's own, spelled its way.

    Args:
        name: the column's name.
        texts: its most frequent values.
        sizes: the frequencies of all its values, those of ``texts`` first.
    """
    known = [*SCALES, *(_POINTS if lexicon.says(name, _RATING) else ())]
    bare = [text.strip().casefold().removesuffix(".0") for text in texts]
    allowed = max(1, sum(sizes) // 1000)
    for labels in known:
        held = sum(size for text, size in zip(bare, sizes, strict=False) if text in labels)
        if len(set(bare) & set(labels)) > 1 and sum(sizes) - held <= allowed:
            return Domain(tuple(_spelled(label) for label in labels))
    return None


def _spelled(label: str) -> str:
    return label.upper() if len(label) < 3 or label == "xxl" else label.capitalize()
