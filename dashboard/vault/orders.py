"""Orders → one row per customer: days since the last one, how many, how much, and the known group.

Everything happens before any question is asked, so one customer with thousands of
orders is one row and moves each answer no further than anybody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from dashboard.errors import BadInputError, InternalError
from dashboard.receipts import Choices, Orders, OrdersTold
from dashboard.rfm import FREQUENCY, GROUP, LADDER, MONETARY, RECENCY, Cuts
from dashboard.vault.dates import ordinals
from dashboard.vault.numbers import is_missing, numbers
from dashboard.vault.pseudonyms import normalize
from dashboard.vault.signs import once

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Float = npt.NDArray[np.float64]
    Places = npt.NDArray[np.int64]
    Marks = npt.NDArray[np.bool_]

_DECIMALS: Final = 4
"""Totals are rounded so far, so that 0.1 + 0.2 is 0.3."""


@dataclass(frozen=True)
class _Lines:
    """The lines of a file: whose, of which order, on which day, how much, and which repeat."""

    who: Places
    customers: int
    order: Places
    day: Float
    amount: Float
    repeated: Marks


def rolled_up(raw: pa.Table, choices: Choices) -> tuple[pa.Table, OrdersTold]:
    """Each line's customer in numbers, beside what stood there; who has no order is left out.

    Like everything in this room it looks at one customer's lines, the choices and the
    day only. A line that stands twice, to the letter, counts once. A negative order is
    a refund: it lowers what was spent and is no order. Orders without a day that can be
    read, and orders after the reference day, are left out.

    Args:
        raw: texts as :func:`intake.read` gives them.
        choices: with ``orders`` set, and :func:`dashboard.rfm.features` among the kept.

    Raises:
        BadInputError: a column is not there, or nobody has an order that can be placed.
    """
    import numpy as np

    told, until = choices.orders, _until(choices)
    if told is None or until is None:
        raise InternalError("orders were to be added up without being chosen")
    _check(raw, told)
    lines = _lines(raw, told)
    last, found, tally = _added_up(lines, told, float(until.toordinal()))
    known = np.isfinite(last)
    if not known.any():
        raise BadInputError(
            f"No order in this file has a day up to {until} in “{told.day}”. Choose the column "
            "with the order's day, how it is written, or a later reference day."
        )
    added = _texts(last, found, choices.cuts)
    table = raw.drop_columns([name for name in added if name in raw.column_names])
    for name, texts in added.items():
        table = table.append_column(name, texts.take(_indices(lines.who)))
    return table.filter(_mask(known, lines.who)), tally


def _until(choices: Choices) -> date | None:
    """The reference day, which stands with the column that counts back from it."""
    readings = [each.dates for each in choices.kept if each.name == RECENCY]
    return readings[0].day if readings and readings[0] else None


def _check(raw: pa.Table, told: Orders) -> None:
    for name in (told.customer, told.day, told.amount, told.number, told.quantity):
        if name is not None and name not in raw.column_names:
            raise BadInputError(f"There is no column “{name}” in this file. Choose again.")


# ── lines ───────────────────────────────────────────────────────────────────────────────
def _lines(raw: pa.Table, told: Orders) -> _Lines:
    import numpy as np

    who, customers = _codes(raw.column(told.customer))
    amount = numbers(raw.column(told.amount))
    if told.quantity:
        with np.errstate(over="ignore", invalid="ignore"):  # a warning would tell of one row
            amount = amount * numbers(raw.column(told.quantity))
    return _Lines(
        who=who,
        customers=customers,
        order=_orders(raw, told, who),
        day=ordinals(raw.column(told.day), told.written),
        amount=amount,
        repeated=_repeated(raw) & (who >= 0),
    )


def _codes(texts: pa.ChunkedArray) -> tuple[Places, int]:
    """A number for each customer, by the normal form of their id; −1 where there is none."""
    import numpy as np

    values, places = once(texts)
    absent = is_missing(values).to_pylist()
    known: dict[str, int] = {}
    codes = [
        -1 if missing or not (form := normalize(each)) else known.setdefault(form, len(known))
        for each, missing in zip(values.to_pylist(), absent, strict=True)
    ]
    return np.array([*codes, -1], dtype=np.int64)[places], len(known)


def _orders(raw: pa.Table, told: Orders, who: Places) -> Places:
    """A number for each order: lines of one customer under one number; else each line is one."""
    import numpy as np

    alone = np.arange(raw.num_rows)
    if told.number is None:
        return alone
    numbered, count = _codes(raw.column(told.number))
    pairs = np.where(numbered >= 0, (who + 1) * (count + 1) + numbered, -1 - alone)
    return np.asarray(np.unique(pairs, return_inverse=True)[1], dtype=np.int64)


def _repeated(raw: pa.Table) -> Marks:
    """Which lines stood before, to the letter."""
    import numpy as np
    import pyarrow as pa

    numbered = raw.append_column("\0line", pa.array(np.arange(raw.num_rows)))
    firsts = numbered.group_by(raw.column_names).aggregate([("\0line", "min")])
    repeated = np.ones(raw.num_rows, dtype=bool)
    repeated[firsts.column("\0line_min").to_numpy()] = False
    return repeated


# ── sums ────────────────────────────────────────────────────────────────────────────────
def _added_up(
    lines: _Lines, told: Orders, until: float
) -> tuple[Float, dict[str, Float], OrdersTold]:
    """The day of each customer's last order (NaN: none), their numbers, and what was left out."""
    import numpy as np

    used = (lines.who >= 0) & ~lines.repeated
    count = int(lines.order.max()) + 1 if len(lines.order) else 0
    order, amount, day = lines.order[used], lines.amount[used], lines.day[used]
    whose = np.full(count, -1, dtype=np.int64)
    whose[order] = lines.who[used]
    first = np.full(count, np.inf)
    np.minimum.at(first, order[~np.isnan(day)], day[~np.isnan(day)])
    worth = _worth(order, amount, count, once=told.once_per_order)
    there, undated = whose >= 0, np.isinf(first)
    placed = there & ~undated & (first <= until)
    bought = placed & ~(worth < 0)
    last = np.full(lines.customers, -np.inf)
    np.maximum.at(last, whose[bought], first[bought])
    last[np.isinf(last)] = np.nan
    found = {
        RECENCY: until - last,
        FREQUENCY: np.bincount(whose[bought], minlength=lines.customers).astype(np.float64),
        MONETARY: _spent(lines.customers, whose, placed & ~np.isnan(worth), worth),
    }
    return (
        last,
        found,
        OrdersTold(
            orders=int(bought.sum()),
            refunds=int((placed & ~bought).sum()),
            repeated=int(lines.repeated.sum()),
            undated=int((there & undated).sum()),
            future=int((there & ~undated & ~placed).sum()),
            without_order=int(np.isnan(last).sum()),
        ),
    )


def _worth(order: Places, amount: Float, orders: int, *, once: bool) -> Float:
    """What each order comes to; NaN where no amount could be read."""
    import numpy as np

    known = ~np.isnan(amount)
    worth = np.full(orders, np.nan)
    if once:
        worth[order[known]] = amount[known]  # of repeated places NumPy keeps the last
        return worth
    sums, some = _summed(order[known], amount[known], orders)
    worth[some] = sums[some]
    return worth


def _spent(customers: int, whose: Places, paid: Marks, worth: Float) -> Float:
    """What each customer spent less what was refunded, at least 0; NaN where nothing is known."""
    import numpy as np

    spent, some = _summed(whose[paid], worth[paid], customers)
    with np.errstate(over="ignore", invalid="ignore"):  # a warning would tell of one row
        return np.where(some, np.round(np.maximum(spent, 0.0), _DECIMALS), np.nan)


def _summed(places: Places, amounts: Float, count: int) -> tuple[Float, Marks]:
    """What comes to each place, and whether anything does, smallest amount first.

    Rounding depends on the order in which amounts are added. This one follows from the
    amounts of a place alone, so that no other customer's line moves a sum.
    """
    import numpy as np

    order = np.argsort(amounts, kind="stable")
    sums = np.zeros(count)
    with np.errstate(over="ignore", invalid="ignore"):  # a warning would tell of one row
        np.add.at(sums, places[order], amounts[order])
    return sums, np.bincount(places, minlength=count) > 0


# ── groups ──────────────────────────────────────────────────────────────────────────────
def groups_of(recency: Float, orders: Float, spent: Float, cuts: Cuts) -> Places:
    """The step of the ladder that each customer stands on; the first that fits counts."""
    import numpy as np

    placed = np.full(len(recency), len(LADDER) - 1, dtype=np.int64)
    for place in reversed(range(len(LADDER))):
        step = LADDER[place]
        fits = np.ones(len(recency), dtype=bool)
        if step.days is not None:
            fits &= np.isfinite(recency) & (recency <= cuts.days[step.days])
        if step.orders is not None:
            fits &= np.isfinite(orders) & (orders >= cuts.orders[step.orders])
        if step.spent:
            fits &= np.isfinite(spent) & (spent >= cuts.spent)
        placed[fits] = place
    return placed


# ── texts, as the table reads them ──────────────────────────────────────────────────────
def _texts(last: Float, found: dict[str, Float], cuts: Cuts) -> dict[str, pa.Array]:
    import numpy as np
    import pyarrow as pa

    steps = groups_of(found[RECENCY], found[FREQUENCY], found[MONETARY], cuts)
    labels = pa.array([step.group for step in LADDER])
    days = np.where(np.isnan(last), _EPOCH, last).astype(np.int64) - _EPOCH
    day = pa.array(days, pa.int32(), mask=np.isnan(last))
    return {
        RECENCY: day.cast(pa.date32()).cast(pa.string()),
        FREQUENCY: _written(found[FREQUENCY]),
        MONETARY: _written(found[MONETARY]),
        GROUP: labels.take(pa.array(steps)),
    }


_EPOCH: Final = date(1970, 1, 1).toordinal()


def _written(values: Float) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    return pa.array([repr(each) for each in values.tolist()], pa.string(), mask=np.isnan(values))


def _indices(who: Places) -> pa.Array:
    import pyarrow as pa

    return pa.array(who, mask=who < 0)


def _mask(known: Marks, who: Places) -> pa.Array:
    """Lines of customers with an order, and lines without a customer, who are counted later."""
    import numpy as np
    import pyarrow as pa

    return pa.array(np.append(known, [True])[who])
