"""Logs for the operator: what the program did, with nothing of any customer in it."""

from __future__ import annotations

import logging
import re
from typing import Any

_TOKEN = re.compile(r"/s/[A-Za-z0-9_-]{8,}")
_VISITS = "uvicorn.access"


class Discreet(logging.Filter):
    """Keeps tokens, exception texts and arguments of foreign exceptions out of the log.

    An exception's text may quote a row, so only its type and the places in the
    code remain; a shared link's token becomes ``/s/…``.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always keeps it."""
        record.msg = _TOKEN.sub("/s/…", record.getMessage())
        record.args = None
        if record.exc_info:
            record.exc_text = _told(record.exc_info)
            record.exc_info = None
        return True


def _told(exc_info: object) -> str:
    if not isinstance(exc_info, tuple) or exc_info[1] is None:
        return ""
    return places(exc_info[1])


def places(mistake: BaseException) -> str:
    """Where it happened, without the exception's text: that may quote a row."""
    steps = []
    trace = mistake.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return f"{type(mistake).__name__} at " + " > ".join(steps)


def _discreet_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """A record that is discreet from its making: Streamlit gives each of its loggers a handler."""
    record = logging.LogRecord(*args, **kwargs)
    Discreet().filter(record)
    return record


def set_up() -> None:
    """Send warnings and worse to standard error through the filter; safe to call twice.

    There is no log of visits: addresses hold tokens and ids, and visitors are people. The
    server is told so at its start, but Streamlit turns its log on again.
    """
    logging.setLogRecordFactory(_discreet_record)
    logging.getLogger(_VISITS).disabled = True
    discreet = Discreet()
    root = logging.getLogger()
    if not root.handlers:
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    for name in ("", "streamlit", "uvicorn", "uvicorn.error"):
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(each, Discreet) for each in handler.filters):
                handler.addFilter(discreet)
