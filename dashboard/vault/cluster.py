"""Customers who stay on a Spark cluster: questions go there, and only whole totals come back.

The same compiled queries run beside the rows, and their vectors are added up before
anything is sent: not even the sum over one part of the table leaves the cluster, because a
part may hold one customer. Sums of whole numbers know no order, so a total is that of
:class:`scan.Rows`, to the last bit, however the rows are spread.
"""

from __future__ import annotations

import logging
import pickle
import socket
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

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
    "spark.ui.showConsoleProgress": "false",
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).parents[2]),
    "spark.log.level": "OFF",  # what workers say may hold a row
}
_PORTS: Final = {"sc": 15002, "spark": 7077}
_SECONDS: Final = 10
_PARTS_HERE: Final = 8
"""Parts of what is sorted on one machine; Spark's own number is meant for many."""


class SparkRows(Generic[Encoded]):
    """Customers on a cluster that answer only totals, as :class:`scan.Rows` does.

    ``encode`` must say the same of a batch wherever it runs: labels are declared before,
    because what one worker learned the next one doesn't know.
    """

    def __init__(self, frame: Any, encode: Callable[[pa.RecordBatch], Encoded]) -> None:
        """Take a frame whose columns are those that the vault would keep."""
        self._frame = frame
        self._encode = encode
        self._packed: Any = None
        self._changes: tuple[Callable[[Encoded], Encoded], ...] = ()

    def __repr__(self) -> str:
        return "SparkRows(…)"

    def change(self, change: Callable[[Encoded], Encoded]) -> None:
        """Go on with another encoding, made of this one where the customers are."""
        self._changes = (*self._changes, change)

    def total(self, query: Query[Encoded]) -> npt.NDArray[np.int64]:
        """The exact sum of a query over all customers, shape ``(query.length,)``.

        At the first question the cluster encodes all customers, once, and holds that.

        Raises:
            BadInputError: the cluster failed; the sentence holds no value.
        """
        import numpy as np

        answer = np.zeros(query.length, dtype=np.int64)
        with refusing("The cluster could not answer. Try again later, or ask the owner about it."):
            if self._packed is None:
                packed = self._frame.mapInArrow(_packing(self._encode), "packed binary")
                self._packed = packed.localCheckpoint()
            parts = self._packed.mapInArrow(_adding(self._changes, query), "place int, part bigint")
            found = parts.groupBy("place").agg({"part": "sum"}).collect()
        for place, total in found:
            answer[place] = total
        return answer


def _packing(
    encode: Callable[[pa.RecordBatch], Encoded],
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does first: some thousand customers become one small value."""

    def packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            whole = pickle.dumps(encode(batch), pickle.HIGHEST_PROTOCOL)
            yield pa.RecordBatch.from_arrays([pa.array([whole], pa.binary())], ["packed"])

    return packed


def _adding(
    changes: tuple[Callable[[Encoded], Encoded], ...], query: Query[Encoded]
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a worker does with its part of the table."""

    def added(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import numpy as np
        import pyarrow as pa

        answer = np.zeros(query.length, dtype=np.int64)
        for batch in batches:
            for whole in batch.column(0):
                encoded = pickle.loads(whole.as_py())  # noqa: S301 - packed by workers of ours
                for change in changes:
                    encoded = change(encoded)
                answer += query(encoded)
        places = np.flatnonzero(answer)
        yield pa.RecordBatch.from_arrays(
            [pa.array(places.astype(np.int32)), pa.array(answer[places])], ["place", "part"]
        )

    return added


_sessions: dict[str, Any] = {}


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
    # Rows go to workers and back by Arrow; what pandas can do doesn't matter.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    if source.address in _sessions and not _answers(_sessions[source.address]):
        close()
    if source.address not in _sessions:
        if _sessions:
            raise BadInputError(
                f"{source.name} lies on another cluster than the one that this program talks to. "
                "Start it again, and ask one cluster only."
            )
        with refusing(f"{source.name} can't be reached. Ask its owner to check address and Java."):
            _knock(source.address)
            _sessions[source.address] = _opened(SparkSession.builder, source.address)
    return _sessions[source.address]


def close() -> None:
    """End the session, and with it all that the cluster holds for it."""
    while _sessions:
        with suppress(BadInputError), refusing("It is gone already."):
            _sessions.popitem()[1].stop()


def _answers(spark: Any) -> bool:
    """Whether a session is still there: its cluster may have been started again meanwhile."""
    try:
        with refusing("It is gone."):
            spark.conf.get("spark.sql.session.timeZone")
    except BadInputError:
        return False
    return True


def quoted(name: str) -> str:
    """A column's name as Spark takes it, whatever signs are in it."""
    return "`" + name.replace("`", "``") + "`"


def _knock(address: str) -> None:
    """Find out at once whether anybody is there; Spark itself would try for minutes."""
    place = urlsplit(address)
    if place.hostname and "," not in place.netloc:
        port = place.port or _PORTS[place.scheme]
        socket.create_connection((place.hostname, port), _SECONDS).close()


def _opened(builder: Any, address: str) -> Any:
    if address.startswith("sc://"):
        chosen = builder.remote(address)
    else:
        chosen = builder.master(address).config(map=_SETTINGS)
    opened = chosen.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    if address.startswith("local"):
        opened.sparkContext.pythonExec = sys.executable  # workers are this machine's
        opened.conf.set("spark.sql.shuffle.partitions", _PARTS_HERE)
    return opened


@contextmanager
def refusing(why: str) -> Iterator[None]:
    """Whatever Spark says, this sentence comes out: its own words may hold a row or an address."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as failure:
        logging.getLogger(__name__).warning("the cluster failed (%s)", type(failure).__name__)
        raise BadInputError(why) from None
