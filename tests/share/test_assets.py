"""The script files of shared pages: named by what is in them, kept for good, and nothing else."""

import gzip
import hashlib
import re

from dashboard.share import assets
from tests.share.visits import visit


def test_each_file_is_served_under_the_hash_of_what_is_in_it(app):
    for which, source in (("page", assets.script), ("plotly", assets.plotly)):
        answer = visit(app, assets.address(which))
        assert (answer.status, answer["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert answer.text == source()
        assert hashlib.sha256(answer.body).hexdigest()[:16] in assets.address(which)
        assert answer["cache-control"] == "public, max-age=31536000, immutable"
        assert answer["set-cookie"] is None
        assert answer["x-content-type-options"] == "nosniff"


def test_files_travel_compressed_where_the_browser_can(app):
    packed = visit(app, assets.address("plotly"), accept_encoding="gzip, br")
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body).decode() == assets.plotly()
    assert len(packed.body) < 1_800_000


def test_any_other_name_opens_nothing(app):
    for name in ("page.js", "plotly.min.js", "../page.py", "page.0000000000000000.js", ""):
        assert visit(app, f"{assets.PLACE}/{name}").status == 404


def test_plotly_comes_without_the_style_sheet_that_content_security_refuses():
    assert assets.plotly().startswith("/**\n* plotly.js v")
    assert ".maplibregl-map{" not in assets.plotly()


def test_our_script_asks_nobody_and_writes_no_markup():
    script = assets.script()
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|sendBeacon|https?://", script)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
    assert not re.search(r"localStorage|sessionStorage|\.cookie", script)
