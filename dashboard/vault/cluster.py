"""Customers who stay on a Spark cluster: questions go there, and only whole totals come back.

The same compiled queries run beside the rows, and their vectors are added up before
anything is sent: not even the sum over one part of the table leaves the cluster, because a
part may hold one customer. Sums of whole numbers know no order, so a total is that of
:class:`scan.Rows`, to the last bit, however the rows are spread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from dashboard.errors import BadInputError, ConfigurationError
from dashboard.sources import SourceTable
from dashboard.vault.scan import Query

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

Encoded = TypeVar("Encoded")

_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).parents[2]),
    "spark.log.level": "OFF",  # what workers say may hold a row
}


class SparkRows(Generic[Encoded]):
    """Customers on a cluster that answer only totals, as :class:`scan.Rows` does.

    ``encode`` must say the same of a batch wherever it runs: labels are declared before,
    because what one worker learned the next one doesn't know.
    """

    def __init__(self, frame: Any, encode: Callable[[pa.RecordBatch], Encoded]) -> None:
        """Take a frame whose columns are those that the vault would keep."""
        self._frame = frame
        self._encode = encode

    def __repr__(self) -> str:
        return "SparkRows(…)"

    def change(self, change: Callable[[Encoded], Encoded]) -> None:
        """Go on with another encoding, made of this one where the customers are."""
        encode = self._encode
        self._encode = lambda batch: change(encode(batch))

    def total(self, query: Query[Encoded]) -> npt.NDArray[np.int64]:
        """The exact sum of a query over all customers, shape ``(query.length,)``.

        Raises:
            BadInputError: the cluster failed; the sentence holds no value.
        """
        import numpy as np

        parts = self._frame.mapInArrow(_adding(self._encode, query), "place int, part bigint")
        answer = np.zeros(query.length, dtype=np.int64)
        with _refusing("The cluster could not answer. Try again later, or ask the owner about it."):
            found = parts.groupBy("place").agg({"part": "sum"}).collect()
        for place, total in found:
            answer[place] = total
        return answer


def _adding(
    encode: Callable[[pa.RecordBatch], Encoded], query: Query[Encoded]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with its part of the table."""

    def added(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        answer = np.zeros(query.length, dtype=np.int64)
        for batch in batches:
            answer += query(encode(batch))
        places = np.flatnonzero(answer)
        yield pa.RecordBatch.from_arrays(
            [pa.array(places.astype(np.int32)), pa.array(answer[places])], ["place", "part"]
        )

    return added


def session(source: SourceTable) -> Any:
    """A session on the cluster of a declared table, in UTC.

    Raises:
        BadInputError: the cluster can't be reached.
        ConfigurationError: Spark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigurationError(
            "Tables on a Spark cluster need its driver: pip install -r requirements-spark.txt"
        ) from None
    builder: Any = SparkSession.builder
    if source.address.startswith("sc://"):
        builder = builder.remote(source.address)
    else:
        builder = builder.master(source.address).config(map=_SETTINGS)
    with _refusing(f"{source.name} can't be reached. Ask the owner to check its address and Java."):
        return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


@contextmanager
def _refusing(why: str) -> Iterator[None]:
    """Whatever Spark says, this sentence comes out: its own words may hold a row or an address."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as failure:
        logging.getLogger(__name__).warning("the cluster failed (%s)", type(failure).__name__)
        raise BadInputError(why) from None
