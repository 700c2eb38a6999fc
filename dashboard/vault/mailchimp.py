"""Mailchimp says in a file's name, and nowhere else, who subscribed and who unsubscribed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dashboard.vault.vendors import STATUS_BY_FILE, vendor_of

if TYPE_CHECKING:
    import pyarrow as pa

_STATUS: Final = re.compile(
    r"(?:.*[^a-z])?(subscribed|unsubscribed|cleaned|nonsubscribed)"
    r"_(?:\w+_)?(?:audience|members|segment)_export.*",
    re.IGNORECASE,
)


def with_status(table: pa.Table, file_name: str) -> pa.Table:
    """Add what the name of a Mailchimp file says of everybody in it; other tables stay as they are.

    ``subscribed`` agreed and ``unsubscribed`` refused; ``nonsubscribed`` said nothing, and
    to ``cleaned`` addresses no mail arrives, which is no refusal. A name that was
    changed leaves the column blank: nobody in that file is known to have agreed.
    """
    import pyarrow as pa

    vendor = vendor_of(table.column_names)
    if vendor is None or vendor.name != "Mailchimp" or STATUS_BY_FILE in table.column_names:
        return table
    said = _STATUS.fullmatch(file_name)
    status = said[1].lower() if said else None
    return table.append_column(STATUS_BY_FILE, pa.array([status] * table.num_rows, pa.string()))
