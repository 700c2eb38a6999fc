"""One planted shop, mapped, published and shared once, for all attacks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from dashboard import workflow
from dashboard.plan import Feature, Plan
from dashboard.receipts import Kept, MapInfo, NewLink, Received, Upload
from dashboard.release import Release
from dashboard.settings import Settings
from dashboard.share.routes import routes
from dashboard.terms import Bounds
from dashboard.workflow import Workspace
from tests.attacks import planted

PLAN = Plan(
    features=(
        Feature("age", "number", Bounds(0, 120, whole=True)),
        Feature("total_spent", "number", Bounds(0, 1_000_000, log=True)),
        Feature("orders", "number", Bounds(0, 1_000, log=True, whole=True)),
    ),
    profiled=(Feature("channel", "category"), Feature("region", "category")),
)


@dataclass(frozen=True)
class Shop:
    """The planted shop after its marketer did everything once."""

    workspace: Workspace
    received: Received
    kept: Kept
    bought: MapInfo
    release: Release
    link: NewLink
    window: Starlette

    @property
    def folder(self) -> Path:
        """Where the program keeps its files."""
        return self.workspace.settings.data_dir


def give(workspace: Workspace, table: list[list[str]]) -> tuple[Received, Kept]:
    """Give a table, agreeing with what was found."""
    received = workflow.receive(workspace, [Upload("shop.csv", planted.as_csv(table))])
    choices = workflow.suggest(received, "to group customers")
    return received, workflow.keep(workspace, received.staged_id, choices)


def window_of(workspace: Workspace) -> Starlette:
    """What somebody with only a link can reach: the share routes, without session or login."""
    return Starlette(routes=routes(lambda: workspace.records, lambda: workspace.visits))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    settings = Settings(data_dir=tmp_path_factory.mktemp("shop") / "data")
    workspace = workflow.open_workspace(settings)
    received, kept = give(workspace, planted.rows())
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    release = workflow.publish(workspace, bought.id, 3)
    link = workflow.share(workspace, release.id)
    return Shop(workspace, received, kept, bought, release, link, window_of(workspace))
