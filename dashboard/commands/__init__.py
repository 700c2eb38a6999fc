"""What each command does: the verbs, from a file's name to words or JSON.

Answers go to standard output, progress to standard error; no value from a row
goes to either.
"""

from dashboard.commands.keeping import budget, purge, rotate_key, suppress
from dashboard.commands.releasing import export, movement, rule, show, verify
from dashboard.commands.segmenting import columns, publish, quote
from dashboard.commands.serving import serve
from dashboard.commands.sharing import link, links, recipients, revoke, rotate

__all__ = [
    "budget",
    "columns",
    "export",
    "link",
    "links",
    "movement",
    "publish",
    "purge",
    "quote",
    "recipients",
    "revoke",
    "rotate",
    "rotate_key",
    "rule",
    "serve",
    "show",
    "suppress",
    "verify",
]
