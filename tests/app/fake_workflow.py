"""The verbs with invented answers, so that pages can be tried without rows, stores or noise."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dashboard import rfm, workflow
from dashboard.errors import NotFoundError, PrivateSegmentsError
from dashboard.plan import Plan
from dashboard.receipts import (
    BudgetState,
    Charge,
    ChoicePage,
    Choices,
    ColumnFinding,
    Dataset,
    Holding,
    Job,
    JobKind,
    Kept,
    Link,
    LinkUse,
    LogLine,
    LogState,
    MapInfo,
    NewLink,
    Orders,
    Quote,
    Received,
    Recipient,
    RefusedLine,
    ReleaseInfo,
    Request,
    RequestKind,
    Review,
    Terms,
    Upload,
    Wish,
)
from dashboard.release import Estimate, Exploration, Movement, Release
from dashboard.terms import Bounds, Spent
from dashboard.workflow import working
from tests.fixtures_release import FEATURES, PROFILED, sample_movement, sample_release

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CAP = Spent(3.0, 1e-6, 0.18507)


def _finding(name: str, role: Any, kind: str, reason: str) -> ColumnFinding:
    feature = next((each for each in FEATURES + PROFILED if each.name == name), None)
    return ColumnFinding(name, role, kind, reason, feature)


FOUND = (
    _finding("customer_id", "id", "text", "every row has its own value"),
    _finding("email", "identifier", "text", "looks like e-mail addresses"),
    _finding("marketing_ok", "consent", "yes/no", "the name says consent"),
    *(_finding(each.name, "feature", each.kind, "a number or yes/no") for each in FEATURES),
    *(_finding(each.name, "category", each.kind, "few different labels") for each in PROFILED),
    _finding("notes", "free_text", "text", "long texts may hold anything"),
)


ORDERS = Orders("customer_id", "total_spent", "age")


@dataclass
class FakeWorkflow:
    """Remembers what was done; every answer is invented."""

    said: list[str] = field(default_factory=list)
    tables: list[Dataset] = field(default_factory=list)
    bought: list[MapInfo] = field(default_factory=list)
    found: dict[str, Bounds] = field(default_factory=dict)
    folder: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    published: list[Release] = field(default_factory=list)
    shared: list[Link] = field(default_factory=list)
    uses: list[LinkUse] = field(default_factory=list)
    register: list[Recipient] = field(default_factory=list)
    tasks: list[Review] = field(default_factory=list)
    terms: Terms = workflow.NO_TERMS
    asked: list[Request] = field(default_factory=list)
    page: ChoicePage | None = None
    plan: Plan | None = None
    before: tuple[ReleaseInfo, ...] = ()
    jobs: dict[str, Job] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    waits: bool = False

    def open_workspace(self, settings: Any, owner: str = "owner") -> workflow.Workspace:
        return workflow.Workspace(settings, None, None, None, owner)  # type: ignore[arg-type]

    def sample_uploads(self) -> tuple[Upload, ...]:
        return (Upload("sample.csv", b"a,b\n1,2\n"),)

    def sample_orders(self) -> tuple[Upload, ...]:
        return (Upload("orders.csv", b"customer_id,order_date,amount\n1,2026-08-01,2\n"),)

    def suggest_orders(
        self,
        received: Received,
        purpose: str,
        until: Any = None,
        cuts: Any = None,
        told: Any = None,
    ) -> Choices:
        kept = rfm.features(until or date(2026, 9, 1))
        orders = told or received.orders
        return Choices(purpose, "customer_id", (), kept, orders=orders, cuts=cuts or rfm.Cuts())

    def known_plan(self, workspace: Any, dataset_id: str) -> Plan:
        columns = self._found(self.tables, dataset_id).columns
        return Plan(columns[:3], columns[3:], 0.5)

    def quote_known(self, workspace: Any, dataset_id: str, plan: Plan) -> Quote:
        return self.quote(workspace, dataset_id, plan)

    def publish_known(
        self, workspace: Any, dataset_id: str, plan: Plan, title: str = "", progress: Any = None
    ) -> Release:
        self.said.append(f"publish_known {plan.epsilon}")
        self.published.insert(0, sample_release(title="Champions to Lost"))
        return self.published[0]

    def try_sample(self, workspace: Any, purpose: str) -> tuple[Kept, MapInfo]:
        received = self.receive(workspace, self.sample_uploads())
        kept = self.keep(workspace, received.staged_id, self.suggest(received, purpose))
        plan = self.default_plan(workspace, kept.dataset_id)
        return kept, self.buy_map(workspace, kept.dataset_id, plan)

    def try_orders(self, workspace: Any, purpose: str) -> tuple[Kept, Release]:
        received = self.receive(workspace, self.sample_orders())
        choices = self.suggest_orders(received, purpose)
        kept = self.keep(workspace, received.staged_id, choices)
        return kept, self.publish_known(workspace, kept.dataset_id, self.known_plan(None, "dts1"))

    def begin(self, workspace: Any, kind: JobKind, verb: Any, *given: Any) -> Job:
        """In its place, unless a test lets it wait."""
        job = Job(f"job{len(self.jobs)}", kind, "running", 0.4, "Reading", True, False, NOW)
        if not self.waits:
            try:
                result = verb(workspace, *given)
                self.results[job.id] = result
                job = replace(job, state="done", made=working._ids(result))
            except PrivateSegmentsError as refusal:
                job = replace(job, state="failed", sentence=str(refusal))
        self.jobs[job.id] = job
        return job

    def job(self, workspace: Any, job_id: str, wait: float = 0.0) -> Job | None:
        return self.jobs.get(job_id)

    def unseen(self, workspace: Any) -> tuple[Job, ...]:
        return tuple(each for each in self.jobs.values() if not each.seen)

    def stop(self, workspace: Any, job_id: str) -> None:
        self.jobs[job_id] = replace(self.jobs[job_id], stopping=True)

    def taken(self, workspace: Any, job_id: str) -> Any:
        self.jobs[job_id] = replace(self.jobs[job_id], seen=True)
        return self.results.pop(job_id, None)

    def earlier(self, workspace: Any, release_id: str) -> tuple[ReleaseInfo, ...]:
        return self.before

    def movement(self, workspace: Any, release_id: str, other_id: str) -> Movement:
        return sample_movement()

    def folder_files(self, workspace: Any) -> tuple[str, ...]:
        return self.folder

    def folder_uploads(self, workspace: Any, names: Any) -> tuple[Upload, ...]:
        return tuple(Upload(name, b"") for name in names)

    def source_tables(self, workspace: Any) -> tuple[str, ...]:
        return self.declared

    def table_uploads(self, workspace: Any, name: str) -> tuple[Upload, ...]:
        return (Upload(name, b""),)

    def receive(self, workspace: Any, uploads: Any, progress: Any = None) -> Received:
        self.said.append(f"receive {','.join(each.name for each in uploads)}")
        masked = tuple(tuple("•••" for _ in FOUND) for _ in range(5))
        lines = (RefusedLine(17, "age", "not a number"),)
        orders = ORDERS if any("orders" in each.name for each in uploads) else None
        return Received("stg1", ("customers.csv",), 2540, 1, lines, FOUND, masked, orders)

    def suggest(self, received: Received, purpose: str) -> Choices:
        return Choices(purpose, "customer_id", ("marketing_ok",), FEATURES + PROFILED, "age")

    def keep(self, workspace: Any, staged_id: str, choices: Choices, progress: Any = None) -> Kept:
        self.said.append(f"keep {choices.purpose}")
        kept = Dataset(
            "dts1",
            "customers.csv",
            choices.purpose,
            choices.kept,
            "one customer",
            NOW,
            date(2027, 2, 21),
            "lin1",
            choices.cuts if choices.orders else None,
        )
        self.tables = [kept]
        return Kept("dts1", 2540, 12, 3, 180, 50, 4, 2310, 12, 8, date(2027, 2, 21))

    def unlisted(self, workspace: Any, received: Received, columns: Any) -> tuple[()]:
        return ()

    def waiting(self, workspace: Any) -> int:
        return 0

    def datasets(self, workspace: Any) -> tuple[Dataset, ...]:
        return tuple(self.tables)

    def dataset(self, workspace: Any, dataset_id: str) -> Dataset:
        return self._found(self.tables, dataset_id)

    def destroy(self, workspace: Any, dataset_id: str) -> None:
        self.said.append(f"destroy {dataset_id}")
        self.tables = []

    def default_plan(self, workspace: Any, dataset_id: str) -> Plan:
        self._found(self.tables, dataset_id)
        fitted = (replace(f, bounds=self.found.get(f.name, f.bounds)) for f in FEATURES)
        return Plan(tuple(fitted), PROFILED)

    def price_of_range(self, workspace: Any, dataset_id: str) -> Spent:
        return Spent(0.19, 1e-6, 0.001)

    def ranges(self, workspace: Any, dataset_id: str) -> dict[str, Bounds]:
        return dict(self.found)

    def buy_range(self, workspace: Any, dataset_id: str, column: str) -> Bounds:
        self.said.append(f"buy_range {column}")
        self.found[column] = Bounds(0, 2_000, log=True, bought=True)
        return self.found[column]

    def quote(self, workspace: Any, dataset_id: str, plan: Plan) -> Quote:
        return Quote(
            map_spent=Spent(plan.epsilon * 0.7, 1e-6, 0.01218 * plan.epsilon),
            publish_spent=Spent(plan.epsilon * 0.7, 1e-6, 0.01218 * plan.epsilon),
            spent_before=Spent(1.0, 1e-6, 0.02436),
            cap=CAP,
            releases_left=6,
            map_size_error=62,
            size_error=25,
            bar_error=40,
            labels_from=90,
            affordable=plan.epsilon < 3,
            sentences=("The map costs half of a release.", "Publishing costs the other half."),
        )

    def within(self, workspace: Any, dataset_id: str, plan: Plan, part: float, people: int) -> Wish:
        return Wish(0.5, f"For ± {100 * part:.0f} % of a group of {people:,} people: 0.5.")

    def quote_publish(self, workspace: Any, map_id: str, segments: int) -> Quote:
        return self.quote(workspace, "dts1", Plan(FEATURES, PROFILED))

    def budget(self, workspace: Any, dataset_id: str) -> BudgetState:
        self._found(self.tables, dataset_id)
        return BudgetState(Spent(1.0, 1e-6, 0.02436), CAP, 6, ())

    def buy_map(self, workspace: Any, dataset_id: str, plan: Plan, progress: Any = None) -> MapInfo:
        self.said.append(f"buy_map {len(plan.features)}")
        self.plan = plan
        if progress:
            progress(0.5, "counting")
        made = MapInfo("map1", dataset_id, "customers.csv", NOW, Estimate(7800, 7740, 7860))
        self.bought = [made]
        return made

    def maps(self, workspace: Any) -> tuple[MapInfo, ...]:
        return tuple(self.bought)

    def explore(self, workspace: Any, map_id: str, segments: int | None = None) -> Exploration:
        self._found(self.bought, map_id)
        told = sample_release()
        count = segments or 5
        shown = tuple(replace(each, profile=()) for each in told.segments[:count])
        return Exploration(
            map_id,
            count,
            5,
            "Five groups stand apart most clearly.",
            shown,
            told.other,
            told.total,
            told.overall,
            tuple(each for each in told.points if each.segment < count),
            told.axes,
            told.features,
            told.threshold,
            "Sizes on the map are rough." if count > 8 else None,
            hints=("About 1 in 5 customers stand at the upper end of the range for spend.",),
        )

    def publish(
        self,
        workspace: Any,
        map_id: str,
        segments: int | None = None,
        names: Any = (),
        title: str = "",
        progress: Any = None,
    ) -> Release:
        self.said.append(f"publish {segments} {title} {'|'.join(names)}")
        shown = sample_release().segments[: len(names)]
        named = tuple(replace(each, name=name) for each, name in zip(shown, names, strict=True))
        made = sample_release(title=title, segments=named)
        self.published = [made]
        return made

    def releases(self, workspace: Any) -> tuple[ReleaseInfo, ...]:
        return tuple(
            ReleaseInfo(each.id, each.title, NOW, len(each.segments), each.digest)
            for each in self.published
        )

    def release(self, workspace: Any, release_id: str) -> Release:
        return self._found(self.published, release_id)

    def share(
        self,
        workspace: Any,
        release_id: str,
        days: int | None = None,
        label: str = "",
        terms: Terms = workflow.NO_TERMS,
    ) -> NewLink:
        self.said.append(f"share {days} {label}".strip())
        self.terms = terms
        ends = datetime.now(UTC) + timedelta(days=days or 14)
        link = Link(
            f"lnk{len(self.shared)}",
            release_id,
            label,
            NOW,
            ends,
            None,
            recipient_id=terms.recipient_id,
            passphrase=bool(terms.passphrase),
            max_views=terms.max_views,
            embed=terms.embed,
        )
        self.shared = [link, *self.shared]
        return NewLink(link, "/s/invented-token-invented-token")

    def link_use(self, workspace: Any, release_id: str) -> tuple[LinkUse, ...]:
        return tuple(self.uses)

    def preview(self, workspace: Any, link_id: str) -> str:
        return f"/preview/{link_id}"

    def rotate(self, workspace: Any, link_id: str) -> NewLink:
        self.said.append(f"rotate {link_id}")
        return NewLink(self._found(self.shared, link_id), "/s/another-token-another-token")

    def pause(self, workspace: Any, link_id: str) -> None:
        self._change(link_id, paused_at=NOW)

    def resume(self, workspace: Any, link_id: str) -> None:
        self._change(link_id, paused_at=None)

    def _change(self, link_id: str, **changes: Any) -> None:
        self.shared = [
            replace(each, **changes) if each.id == link_id else each for each in self.shared
        ]

    def recipients(self, workspace: Any) -> tuple[Recipient, ...]:
        return tuple(self.register)

    def keep_recipient(self, workspace: Any, recipient: Recipient) -> Recipient:
        kept = replace(recipient, id=recipient.id or f"rcp{len(self.register)}")
        self.register = [*(each for each in self.register if each.id != kept.id), kept]
        return kept

    def renew(self, workspace: Any, recipient_id: str) -> date:
        self.said.append(f"renew {recipient_id}")
        due = date(2999, 1, 1)
        self.register = [
            replace(each, review_due=due) if each.id == recipient_id else each
            for each in self.register
        ]
        return due

    def reviews(self, workspace: Any) -> tuple[Review, ...]:
        return tuple(self.tasks)

    def reviewed(self, workspace: Any, link_id: str) -> None:
        self.said.append(f"reviewed {link_id}")
        self.tasks = []

    def links(self, workspace: Any, release_id: str) -> tuple[Link, ...]:
        return tuple(self.shared)

    def revoke(self, workspace: Any, link_id: str) -> None:
        self._change(link_id, revoked_at=NOW)

    def revoke_all(
        self, workspace: Any, release_id: str | None = None, recipient_id: str | None = None
    ) -> int:
        open_ones = [each for each in self.shared if not each.revoked_at]
        self.shared = [replace(each, revoked_at=each.revoked_at or NOW) for each in self.shared]
        return len(open_ones)

    def budgets(self, workspace: Any) -> tuple[tuple[tuple[str, ...], BudgetState], ...]:
        charge = Charge("map1", "map", Spent(0.7, 1e-6, 0.01218), NOW, True)
        state = BudgetState(Spent(1.0, 1e-6, 0.02436), CAP, 6, (charge,))
        return tuple(((each.name,), state) for each in self.tables)

    def audit_log(self, workspace: Any, lines: int = 30) -> LogState:
        line = LogLine(1, NOW, "dataset.kept", "dts1", ("columns 8",))
        return LogState((line,) if self.tables else (), None, "5b1f0c7d9e3a" if self.tables else "")

    def requests(self, workspace: Any) -> tuple[Request, ...]:
        return tuple(self.asked)

    def note_request(
        self, workspace: Any, kind: RequestKind, received_on: date, checked_by: str
    ) -> Request:
        self.said.append(f"note_request {kind} {checked_by}")
        due = received_on + timedelta(days=30)
        self.asked.append(Request("req1", kind, received_on, due, checked_by, True, "", None))
        return self.asked[-1]

    def answer_request(
        self, workspace: Any, request_id: str, identifier: str
    ) -> tuple[Holding, ...]:
        self.said.append(f"answer_request {request_id} {identifier}")
        done = [replace(each, open=False, outcome="found in 1 table") for each in self.asked]
        self.asked = done
        return tuple(Holding(each, (("Spring", "Loyal enthusiasts"),)) for each in self.tables)

    def choice_page(self, workspace: Any) -> ChoicePage | None:
        return self.page

    def open_choices(self, workspace: Any, name: str) -> ChoicePage:
        self.said.append(f"open_choices {name}")
        self.page = ChoicePage("invented", name, bytes(32))
        return self.page

    def close_choices(self, workspace: Any) -> None:
        self.said.append("close_choices")
        self.page = None

    def forget(self, workspace: Any) -> None:
        self.said.append("forget")

    @staticmethod
    def _found(held: list[Any], its_id: str) -> Any:
        for each in held:
            if each.id == its_id:
                return each
        raise NotFoundError("There is nothing here under that name.")

    def fill(self) -> None:
        """As after a whole walk through the pages."""
        received = self.receive(None, self.sample_uploads())
        self.keep(None, "stg1", self.suggest(received, "Trying"))
        self.buy_map(None, "dts1", Plan(FEATURES))
        self.published = [sample_release()]
        self.said.clear()


VERBS = [
    name
    for name in vars(FakeWorkflow)
    if not name.startswith("_") and name not in ("fill", "plan", "terms", "waits")
]


def install(patch: pytest.MonkeyPatch) -> FakeWorkflow:
    """Put the invented verbs in the place of the real ones."""
    fake = FakeWorkflow()
    for name in VERBS:
        if callable(getattr(fake, name)):
            patch.setattr(workflow, name, getattr(fake, name), raising=False)
    return fake
