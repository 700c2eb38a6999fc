"""Questions to rows, each paid for beforehand and asked once.

An interview is made by the gate after the ledger was charged. It holds the
units that were paid for each query; a query that was not paid for, or is asked
twice, is our mistake and is refused before a row is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dashboard.errors import BadInputError, InternalError
from dashboard.plan import Plan
from dashboard.privacy.accounting import rho_units_of, sigma_squared
from dashboard.privacy.encoding import EncodedBatch, Encoder, Int64
from dashboard.terms import RHO_UNIT
from dashboard.vault.cluster import SparkRows, quoted
from dashboard.vault.scan import Rows

if TYPE_CHECKING:
    from dashboard.privacy.mechanisms import Noise
    from dashboard.privacy.queries import Query

OpenRows = Callable[[Encoder], Rows[EncodedBatch] | SparkRows[EncodedBatch]]
"""Opens a customer table through an encoder; only totals come out of what it returns."""


def check_labels(plan: Plan) -> None:
    """Refuse to learn labels of a table on a cluster: they would have to leave it.

    Raises:
        BadInputError: a category has no declared labels.
    """
    for each in plan.columns:
        if each.kind == "category" and each.domain is None:
            raise BadInputError(
                f"The column “{each.name}” stays on a cluster, so its labels can't be looked up. "
                "Declare them in the file that DASHBOARD_SOURCES names."
            )


def on_cluster(frame: Any) -> OpenRows:
    """Opens customers who stay on a Spark cluster; only the plan's columns are read.

    ``frame`` has one row per customer who may be used and the vault's kinds of values.

    Raises:
        BadInputError: a category has no declared labels.
    """

    def open_rows(encoder: Encoder) -> SparkRows[EncodedBatch]:
        check_labels(encoder.plan)
        columns = (quoted(each.name) for each in encoder.plan.columns)
        return SparkRows(frame.select(*columns), encoder)

    return open_rows


class Interview:
    """A series of paid questions about one customer table under one plan.

    ``noise`` maps each query asked so far to its σ².
    """

    def __init__(
        self, open_rows: OpenRows, plan: Plan, paid: Mapping[str, int], tap: Noise
    ) -> None:
        self._paid = dict(paid)
        self._tap = tap
        self._rho_units = rho_units_of(plan.epsilon)
        self.noise: dict[str, int] = {}
        self.encoder = Encoder(plan)
        self._rows = open_rows(self.encoder)

    def go_on(self, paid: Mapping[str, int]) -> None:
        """Begin the next series of paid questions; the same customers are not read again."""
        self._paid, self.noise = dict(paid), {}

    def recode(self, plan: Plan) -> None:
        """Go on under the same plan with domains for its categories; no row is read again."""
        later = Encoder(plan)
        self._rows.change(self.encoder.recoder(later))
        self.encoder = later

    @property
    def rho_of_release(self) -> float:
        """The whole release's rho, by which the map's fineness is chosen."""
        return self._rho_units * RHO_UNIT

    def ask(self, query: Query) -> Int64:
        """The noisy total of a query that was paid for; each only once.

        Raises:
            InternalError: the query was not paid for or was asked before.
        """
        if query.name not in self._paid:
            raise InternalError(f"the query “{query.name}” was not paid for")
        units = self._paid.pop(query.name)
        self.noise[query.name] = sigma_squared(query.sensitivity_squared, units)
        return self._tap.add(self._rows.total(query), self.noise[query.name])

    def sigma(self, name: str) -> float:
        """The noise scale of a query that was asked."""
        return math.sqrt(self.noise[name])
