"""A viewer's program: shared links and nothing else, with no vault behind it."""

import subprocess
import sys
from pathlib import Path

from dashboard.settings import Settings
from dashboard.share.viewer import viewer_app
from tests.share.visits import visit


def _viewer(records, tmp_path):
    return viewer_app(Settings(data_dir=tmp_path, mode="viewer"))


def test_a_shared_link_opens_and_the_front_page_is_plain(records, share, tmp_path):
    app = _viewer(records, tmp_path)
    assert visit(app, share().path).status == 200
    front = visit(app, "/")
    assert front.status == 200
    assert "This address serves shared links only." in front.text
    assert "unsafe" not in str(front["content-security-policy"])


def test_nothing_else_is_there(records, tmp_path):
    app = _viewer(records, tmp_path)
    for path in ("/data", "/share", "/_stcore/health", "/media/x", "/docs"):
        assert visit(app, path).status == 404, path
    assert visit(app, "/health").status == 200


def test_a_viewer_knows_neither_rows_nor_streamlit(tmp_path):
    program = (
        "import sys, streamlit_app\n"
        "kept = ('streamlit', 'pandas', 'numpy', 'dashboard.vault', 'dashboard.privacy',"
        " 'dashboard.workflow', 'plotly', 'sklearn')\n"
        "print(sorted(name for name in kept if name in sys.modules))\n"
    )
    environment = {"DASHBOARD_MODE": "viewer", "DASHBOARD_DATA_DIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"
    assert not list(tmp_path.iterdir())
