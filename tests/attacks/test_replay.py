"""What the noise does not decide, nobody may see: two shops, the same noisy numbers, one release.

The tap is replaced by one that forgets the exact numbers and answers from a fixed list.
If anything that is shown (a number of points, a suggestion, a warning, an order, the
lowest digit of a share) came from the rows by another way, the releases would differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from dashboard import workflow
from dashboard.errors import NotEnoughDataError
from dashboard.plan import Feature, Plan
from dashboard.receipts import Kept
from dashboard.records import releases as memory
from dashboard.settings import Settings
from dashboard.share.page import render
from dashboard.terms import Bounds, Domain
from dashboard.workflow import Workspace
from tests.attacks import planted
from tests.attacks.conftest import give

pytestmark = pytest.mark.attack

Numbers = npt.NDArray[np.int64]

PLAN = Plan(
    features=(
        Feature("age", "number", Bounds(0, 120, whole=True)),
        Feature("total_spent", "number", Bounds(0, 1_000_000, log=True)),
    ),
    profiled=(Feature("channel", "category", domain=Domain(("app", "store", "web"))),),
    epsilon=2.0,
)


class Recorder:
    """An honest-looking tap that writes down what it was asked and answered, without noise."""

    def __init__(self) -> None:
        self.answers: list[Numbers] = []

    def add(self, exact: Numbers, sigma_squared: int) -> Numbers:
        self.answers.append(exact.copy())
        return exact


class Replay:
    """A tap that answers what another table's tap answered, whatever the rows say."""

    def __init__(self, answers: list[Numbers]) -> None:
        self.left = list(answers)

    def add(self, exact: Numbers, sigma_squared: int) -> Numbers:
        answer = self.left.pop(0)
        assert answer.shape == exact.shape
        return answer


class Leaky(Replay):
    """A naive tap, whose last answer is true in its lowest bit."""

    def add(self, exact: Numbers, sigma_squared: int) -> Numbers:
        answer = super().add(exact, sigma_squared)
        return answer if self.left else answer - answer % 2 + exact % 2


def seat(folder: Path, noise: Any) -> Workspace:
    return replace(workflow.open_workspace(Settings(data_dir=folder)), noise=noise)


def strangers(customers: int) -> list[list[str]]:
    """Other customers: older, poorer, few through the app, with one who stands out."""
    table = planted.rows(customers, canary=False, seed=99)
    for place, row in enumerate(table):
        row[2], row[3] = str(90 - int(row[2]) // 2), f"{float(row[3]) / 9:.2f}"
        row[5] = "app" if place % 9 == 0 else "store"
    table[7][3] = planted.SPEND
    return table


def everything_shown(workspace: Workspace, kept: Kept) -> dict[str, str]:
    """All that anybody sees of one table, without ids, days and the giver's own receipt."""
    shown = {"quote": repr(asdict(workflow.quote(workspace, kept.dataset_id, PLAN)))}
    bought = workflow.buy_map(workspace, kept.dataset_id, PLAN)
    shown["map"] = repr(replace(bought, id="", dataset_id="", created_at=None))  # type: ignore[arg-type]
    shown["stored"] = memory.find_map(workspace.records, bought.id, workspace.owner).body
    for k in (None, *range(2, 13)):
        shown[f"explore {k}"] = repr(replace(workflow.explore(workspace, bought.id, k), map_id=""))
    release = workflow.publish(workspace, bought.id, 3, title="Shop")
    plain = replace(release, id="", created_on=date(2026, 1, 1).isoformat())
    shown["release"], shown["digest"] = plain.to_json(), plain.digest
    made = workflow.share(workspace, release.id, label="board").link
    fixed = replace(made, id="l", created_at=made.created_at.min, expires_at=made.expires_at.max)
    shown["page"] = render(plain, fixed)
    state = workflow.budget(workspace, kept.dataset_id)
    shown["budget"] = repr((state.spent, state.cap, state.releases_left))
    shown["audit"] = repr(
        [(each.action, dict(each.detail)) for each in _log(workspace, release.id)]
    )
    return shown


def _log(workspace: Workspace, release_id: str) -> Any:
    from dashboard.records import audit

    return [
        replace(each, detail={k: v for k, v in each.detail.items() if v != release_id})
        for each in audit.entries(workspace.records)
    ]


def shown_under(
    folder: Path, tap: Callable[[list[Numbers]], Any], answers: list[Numbers]
) -> dict[str, str]:
    workspace = seat(folder, tap(answers))
    _, kept = give(workspace, strangers(4_111))
    return everything_shown(workspace, kept)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], list[Numbers]]:
    recorder = Recorder()
    workspace = seat(tmp_path_factory.mktemp("first") / "data", recorder)
    _, kept = give(workspace, planted.rows(6_173))
    return everything_shown(workspace, kept), recorder.answers


def test_two_different_shops_with_the_same_noisy_numbers_look_the_same_everywhere(
    first: tuple[dict[str, str], list[Numbers]], tmp_path: Path
) -> None:
    shown, answers = first
    other = shown_under(tmp_path / "data", Replay, answers)
    assert {way for way in shown if shown[way] != other[way]} == set()


def test_the_replay_notices_a_tap_that_lets_one_bit_through(
    first: tuple[dict[str, str], list[Numbers]], tmp_path: Path
) -> None:
    shown, answers = first
    other = shown_under(tmp_path / "data", Leaky, answers)
    assert shown["release"] != other["release"]


def refusal(folder: Path, customers: int, noise: Any) -> str:
    workspace = seat(folder, noise)
    _, kept = give(workspace, planted.rows(customers))
    with pytest.raises(NotEnoughDataError) as refused:
        workflow.buy_map(workspace, kept.dataset_id, replace(PLAN, epsilon=0.5))
    return str(refused.value)


def test_a_refusal_follows_from_the_noisy_count_and_not_from_how_many_there_are(
    tmp_path: Path,
) -> None:
    recorder = Recorder()
    said = refusal(tmp_path / "few", 24, recorder)
    assert refusal(tmp_path / "more", 61, Replay(recorder.answers)) == said
