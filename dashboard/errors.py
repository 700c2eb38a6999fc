"""The ways this program refuses, each safe to show to anyone.

An error says what went wrong, what was there, and what to do. It never holds a
value from a customer's row: intake names the line and the column instead.
"""

from __future__ import annotations


class PrivateSegmentsError(Exception):
    """Something can't be done, and the sentence says why and what to do."""


class BadInputError(PrivateSegmentsError):
    """A file, a column or a setting can't be used as it is."""


class NotFoundError(PrivateSegmentsError):
    """There is nothing here under that name, for you.

    Raised alike for things that never were, that ended, and that belong to
    somebody else, so that the answer tells nothing.
    """


class NotEnoughDataError(PrivateSegmentsError):
    """Too few customers for a picture that would be true."""


class BudgetExceededError(PrivateSegmentsError):
    """This purchase would promise the customers less privacy than agreed."""


class ConfigurationError(PrivateSegmentsError):
    """The program was started with settings that don't fit together."""


class StoppedError(PrivateSegmentsError):
    """Somebody stopped this while it was going on."""


class InternalError(PrivateSegmentsError):
    """A mistake of ours; the person gets a reference number, the log the rest."""
