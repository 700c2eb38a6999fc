"""The shared page as one file that opens from a disk: everything is inside, nothing is fetched."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from dashboard.release import Release
from dashboard.share import assets, page, tools
from dashboard.share.markup import tag

_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""What the file may do: run what is in it, and ask nobody for anything."""


def standalone_html(release: Release) -> str:
    """The page without a link's facts, with its script and plotly inside.

    Plotly lies there as plain text until the first chart is opened, so the page opens at once.
    """
    return page.document(
        release.title,
        *page.body(release),
        tag("script", Markup(assets.plotly()), type="text/plain"),  # noqa: S704 - from our wheel
        tag("script", Markup(assets.script()), data_failed=tools.FAILED),  # noqa: S704 - our file
        policy=_POLICY,
    )
