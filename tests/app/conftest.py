"""The program at a desk without a browser, with invented verbs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.ui import work
from tests.app.fake_workflow import FakeWorkflow, install

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeWorkflow:
    """The invented verbs, with nothing done yet."""
    monkeypatch.setenv("DASHBOARD_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DASHBOARD_MODE", raising=False)
    return install(monkeypatch)


@pytest.fixture
def full(fake: FakeWorkflow) -> FakeWorkflow:
    """The invented verbs after a whole walk through the pages."""
    fake.fill()
    return fake


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Open a page of the program, with ids in its address."""

    def opened(page: str = "start", **ids: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "dashboard" / "main.py"), default_timeout=30)
        for name, its_id in ids.items():
            app.query_params[name] = its_id
        app.run()
        if page != "start":
            app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        return app

    return opened


@pytest.fixture(autouse=True)
def _in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits until what it began is over, so that nobody needs to look again."""
    monkeypatch.setattr(work, "ACCOMPANIED", 120.0)
