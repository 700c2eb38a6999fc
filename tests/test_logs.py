"""Logs tell where something happened, and nothing of anybody."""

from __future__ import annotations

import io
import logging

import pytest

from dashboard import logs

SECRET = "jane.doe@private.example"
TOKEN = "kJ8fQ0aZ_x-9LmN2bV7cX1sD4gH6wE3rT5yU8iO0pA"


@pytest.fixture
def log():
    """A logger of this test alone, behind the program's filter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(logs.Discreet())
    logger = logging.getLogger("test.discreet")
    logger.propagate = False
    logger.addHandler(handler)
    yield logger, written
    logger.removeHandler(handler)


def test_an_exceptions_text_stays_out_and_its_place_stays_in(log):
    logger, written = log
    try:
        raise ValueError(f"could not convert {SECRET}")
    except ValueError:
        logger.exception("reading failed")
    assert SECRET not in written.getvalue()
    assert "ValueError at test_logs.py" in written.getvalue()


def test_a_chained_exceptions_text_stays_out_too(log):
    logger, written = log
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise RuntimeError(SECRET) from cause
    except RuntimeError:
        logger.exception("reading failed")
    assert SECRET not in written.getvalue()


def test_a_links_token_stays_out(log):
    logger, written = log
    logger.warning("GET %s 200", f"/s/{TOKEN}")
    assert TOKEN not in written.getvalue()
    assert "/s/…" in written.getvalue()


def test_setting_up_twice_filters_once():
    logs.set_up()
    logs.set_up()
    for handler in logging.getLogger().handlers:
        assert sum(isinstance(each, logs.Discreet) for each in handler.filters) == 1


def test_a_logger_that_brings_its_own_handler_is_discreet_too():
    written = io.StringIO()
    logger = logging.getLogger("test.stranger")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(written))
    factory = logging.getLogRecordFactory()
    try:
        logs.set_up()
        logger.error("GET /s/%s", TOKEN, exc_info=ValueError(SECRET))
    finally:
        logging.setLogRecordFactory(factory)
        logger.handlers.clear()
    assert TOKEN not in written.getvalue()
    assert SECRET not in written.getvalue()
    assert "ValueError" in written.getvalue()
