"""What each command does: the verbs, from a file's name to words or JSON.

Answers go to standard output, progress to standard error; no value from a row
goes to either.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from dashboard import exports, rfm, wording, workflow
from dashboard.errors import BadInputError, ConfigurationError, NotFoundError
from dashboard.plan import DEFAULT_EPSILON, Feature, Plan, preset_bounds
from dashboard.receipts import (
    Answer,
    Choices,
    ColumnFinding,
    Kept,
    Link,
    NewLink,
    Orders,
    Override,
    Received,
    Recipient,
    Terms,
    Upload,
    Wish,
)
from dashboard.release import Release, release_from
from dashboard.settings import LOOPBACK, Settings, from_environment, has_login
from dashboard.terms import Bounds, DateOrder, DateReading, Kind, Meaning

if TYPE_CHECKING:
    from starlette.applications import Starlette

PURPOSE: Final = "Customer segments, made from the command line"
ROOT: Final = Path(__file__).resolve().parent.parent
NEVER_KEPT: Final = frozenset({"id", "consent"})

Asked = argparse.Namespace


def _open() -> workflow.Workspace:
    return workflow.open_workspace(from_environment(os.environ))


def _tell(done: float, doing: str) -> None:
    print(f"{done:4.0%} {doing}", file=sys.stderr)


def _say(asked: Asked, fields: dict[str, Any], words: Sequence[str]) -> None:
    """Answer in JSON for programs or in words for people."""
    if asked.json:
        print(json.dumps(fields, ensure_ascii=False, default=str))
    else:
        print("\n".join(words))


# ── from a file to a plan ───────────────────────────────────────────────────────────────
def _receive(workspace: workflow.Workspace, asked: Asked) -> Received:
    received = workflow.receive(workspace, _uploads(asked.files), _tell)
    for flaw in received.flaws:
        print(wording.flaw(flaw), file=sys.stderr)
    for each in received.unlisted:
        print(wording.unlisted(each), file=sys.stderr)
    if received.refused:
        print(f"{received.refused} lines could not be read and were left out", file=sys.stderr)
    return received


def _uploads(paths: Sequence[Path]) -> list[Upload]:
    for path in paths:
        if not path.is_file():
            raise BadInputError(f"There is no file at “{path}”.")
    return [Upload(path.name, path) for path in paths]


def _finding(received: Received, name: str) -> ColumnFinding:
    for each in received.columns:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in received.columns)
    raise BadInputError(f"There is no column “{name}”; the file has: {known}.")


def _feature(received: Received, name: str, asked: Asked) -> Feature:
    """A column as the plan counts it; what may never be counted is refused."""
    found = _finding(received, name)
    feature = found.suggested
    if feature is None:
        if found.role in NEVER_KEPT or found.kind not in ("number", "flag", "category"):
            raise BadInputError(f"The column “{name}” can't be a feature: {found.reason}")
        preset = preset_bounds(name) if found.kind == "number" else None
        feature = Feature(name, cast("Kind", found.kind), preset)
    bounds: dict[str, Bounds | None] = dict(asked.bounds)
    feature = _declared(feature, asked)
    if name not in bounds:
        return feature
    if feature.bounds is None:
        raise BadInputError(f"Only numbers have bounds; “{name}” is a {feature.kind}.")
    declared = bounds[name] or feature.bounds
    return replace(feature, bounds=replace(declared, whole=feature.bounds.whole))


def _declared(feature: Feature, asked: Asked) -> Feature:
    """A column with the order of its labels, or the way its dates are written, as asked for."""
    orders, written = dict(asked.order), dict(asked.dates)
    if feature.name in orders:
        if feature.kind not in ("category", "level"):
            raise BadInputError(f"Only labels have an order; “{feature.name}” is a {feature.kind}.")
        return replace(feature, kind="level", domain=orders[feature.name])
    if feature.dates is None:
        return feature
    order = written.get(feature.name, feature.dates.order)
    if order != "ymd" and feature.name not in written:
        raise BadInputError(
            f"Say how the dates of “{feature.name}” are written, so that no customer decides it: "
            f"--dates {feature.name}=dmy for 31/12/2026, =mdy for 12/31/2026."
        )
    return replace(feature, dates=DateReading(order, asked.until or feature.dates.until))


def _unconfirmed(choices: Choices) -> BadInputError:
    """What a file suggests hangs on its customers, so a person has to confirm it."""
    numbers = [each.name for each in choices.kept if each.kind == "number"]
    others = [each.name for each in choices.kept if each.kind != "number"]
    alike, told = (numbers, others) if numbers else (others, [])
    describe = f" --describe {','.join(told)}" if told else ""
    return BadInputError(
        "Say which columns make customers alike: that is yours to decide, not the file's. It "
        f"suggests --features {','.join(alike) or '…'}{describe}."
    )


def _choices(received: Received, asked: Asked) -> Choices:
    """What the findings suggest, with what was asked for in its place; consent only adds."""
    choices = workflow.suggest(received, PURPOSE)
    if not asked.features:
        raise _unconfirmed(choices)
    bounds = dict(asked.bounds)
    wanted = asked.features + asked.describe
    for what, told in (("bounds", bounds), ("an order", asked.order), ("dates", asked.dates)):
        for name in dict(told):
            if name not in wanted:
                raise BadInputError(
                    f"There is {what} for “{name}”, which is not among the features."
                )
    return replace(
        choices,
        id_column=_finding(received, asked.id).name if asked.id else choices.id_column,
        consent_columns=_consent(received, choices, asked),
        kept=tuple(_feature(received, name, asked) for name in dict.fromkeys(wanted)),
        basis=asked.legal_basis,
        answers=tuple(_answer(each) for each in asked.answer),
        overrides=tuple(Override(name, reason) for name, reason in asked.reason),
    )


def _answer(told: tuple[str, str, str]) -> Answer:
    column, value, meaning = told
    return Answer(column, value, cast("Meaning", meaning))


def _plan(workspace: workflow.Workspace, choices: Choices, asked: Asked) -> Plan:
    try:
        kept = {each.name: each for each in choices.kept}
        return Plan(
            features=tuple(kept[name] for name in asked.features),
            profiled=tuple(kept[name] for name in asked.describe),
            epsilon=DEFAULT_EPSILON if asked.epsilon is None else asked.epsilon,
            min_segment_size=workspace.settings.min_segment_size,
        )
    except ValueError as wrong:
        raise BadInputError(f"This can't be asked: {wrong}.") from None


def _keep(workspace: workflow.Workspace, asked: Asked) -> tuple[Kept, Plan]:
    received = _receive(workspace, asked)
    try:
        choices = _choices(received, asked)
        plan = _plan(workspace, choices, asked)
        return workflow.keep(workspace, received.staged_id, choices, _tell), plan
    finally:
        workflow.discard(workspace, received.staged_id)


def _unknown(asked: Asked) -> list[str]:
    """The numbers whose ranges are to be bought."""
    return [name for name, bounds in dict(asked.bounds).items() if bounds is None]


def _with_ranges(workspace: workflow.Workspace, kept: Kept, plan: Plan, asked: Asked) -> Plan:
    """The plan with the ranges that are bought for it, each told."""
    found = {}
    for name in _unknown(asked):
        found[name] = workflow.buy_range(workspace, kept.dataset_id, name)
        range_ = wording.bounds_words(found[name].low, found[name].high)
        print(f"The range of {name} was bought: {range_}.", file=sys.stderr)

    def fitted(columns: Sequence[Feature]) -> tuple[Feature, ...]:
        return tuple(replace(each, bounds=found.get(each.name, each.bounds)) for each in columns)

    return replace(plan, features=fitted(plan.features), profiled=fitted(plan.profiled))


# ── from orders to known groups ─────────────────────────────────────────────────────────
def _orders(received: Received, asked: Asked) -> Orders | None:
    """How the file is read as orders: as it was recognized, with what was named in its place."""
    named = {"customer": asked.id, "day": asked.order_date, "amount": asked.amount}
    named = {what: _finding(received, each).name for what, each in named.items() if each}
    told = received.orders
    if told:
        told = replace(told, **named)
    elif {"customer", "day", "amount"} <= named.keys():
        told = Orders(**named)
    return _written(told, dict(asked.dates)) if told else None


def _written(told: Orders, dates: dict[str, DateOrder]) -> Orders:
    """The orders with their dates as they were said to be written."""
    if told.day not in dates and told.written != "ymd":
        raise BadInputError(
            f"Say how the dates of “{told.day}” are written, so that no customer decides it: "
            f"--dates {told.day}=dmy for 31/12/2026, =mdy for 12/31/2026."
        )
    return replace(told, written=dates.get(told.day, "ymd"))


def _keep_orders(workspace: workflow.Workspace, asked: Asked) -> tuple[Kept, Plan]:
    if asked.features or asked.describe or asked.bounds:
        raise BadInputError("Known groups need no features: leave --features and the like out.")
    received = _receive(workspace, asked)
    try:
        told = _orders(received, asked)
        until = date.fromisoformat(asked.until) if asked.until else None
        choices = workflow.suggest_orders(received, PURPOSE, until, asked.cuts, told)
        choices = replace(choices, consent_columns=_consent(received, choices, asked))
        kept = workflow.keep(workspace, received.staged_id, choices, _tell)
    finally:
        workflow.discard(workspace, received.staged_id)
    epsilon = rfm.DEFAULT_EPSILON if asked.epsilon is None else asked.epsilon
    try:
        return kept, workflow.known_plan(workspace, kept.dataset_id, epsilon)
    except ValueError as wrong:
        workflow.destroy(workspace, kept.dataset_id)
        raise BadInputError(f"This can't be asked: {wrong}.") from None


def _consent(received: Received, choices: Choices, asked: Asked) -> tuple[str, ...]:
    named = [_finding(received, name).name for name in asked.consent]
    return tuple(dict.fromkeys((*choices.consent_columns, *named)))


# ── the commands ────────────────────────────────────────────────────────────────────────
def columns(asked: Asked) -> None:
    """Say what each column of a file seems to be, and why."""
    workspace = _open()
    received = _receive(workspace, asked)
    workflow.discard(workspace, received.staged_id)
    found = [
        {"name": each.name, "role": each.role, "kind": each.kind, "reason": each.reason}
        for each in received.columns
    ]
    words = [f"{each['name']}: {each['role']} ({each['kind']}). {each['reason']}" for each in found]
    if all(each.role != "id" for each in received.columns):
        words.append("No column says who is who, so the privacy unit is one row; --id names one.")
    _say(asked, {"columns": found}, words)


def quote(asked: Asked) -> None:
    """Say what segments would cost and how exact they would be; nothing is bought."""
    workspace = _open()
    kept, plan = _keep_orders(workspace, asked) if asked.rfm else _keep(workspace, asked)
    price = workflow.quote_known if asked.rfm else workflow.quote
    try:
        told = price(workspace, kept.dataset_id, plan)
        for_range = workflow.price_of_range(workspace, kept.dataset_id)
        wish = _wish(workspace, kept, plan, asked)
    finally:
        workflow.destroy(workspace, kept.dataset_id)
    costs = f"costs epsilon {for_range.epsilon:.2f} (rho {for_range.rho}), once"
    extra = [f"Finding the range of {name} {costs}." for name in _unknown(asked)]
    fields = {**asdict(told), "range_price": asdict(for_range)}
    if wish:
        fields["within"] = asdict(wish)
        extra.append(wish.sentence)
    _say(asked, fields, (*extra, *told.sentences))


def _wish(workspace: workflow.Workspace, kept: Kept, plan: Plan, asked: Asked) -> Wish | None:
    if asked.within is None or asked.rfm:
        return None
    return workflow.within(workspace, kept.dataset_id, plan, asked.within, asked.group)


def publish(asked: Asked) -> None:
    """Buy segments of a file and write the release; the same question is bought once."""
    _check_place(asked.out)
    workspace = _open()
    release = _publish_known(workspace, asked) if asked.rfm else _publish_own(workspace, asked)
    if asked.out:
        _write(asked.out, release.to_json())
    if asked.json:
        print(release.to_json())
    else:
        _print(release)


def _publish_own(workspace: workflow.Workspace, asked: Asked) -> Release:
    kept, plan = _keep(workspace, asked)
    plan = _with_ranges(workspace, kept, plan, asked)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan, _tell)
    release = workflow.publish(workspace, bought.id, asked.segments, (), asked.title, _tell)
    if bought.dataset_id != kept.dataset_id:
        workflow.destroy(workspace, kept.dataset_id)
    return release


def _publish_known(workspace: workflow.Workspace, asked: Asked) -> Release:
    kept, plan = _keep_orders(workspace, asked)
    if kept.orders:
        print(
            "\n".join(wording.orders_told(kept.orders, workspace.settings.min_segment_size)),
            file=sys.stderr,
        )
    return workflow.publish_known(workspace, kept.dataset_id, plan, asked.title, _tell)


def _check_place(path: Path | None) -> None:
    """Refuse before anything is bought where the release could not be written."""
    if path and (path.is_dir() or not path.parent.is_dir()):
        raise BadInputError(f"“{path}” can't be written: there is no such folder.")


def _write(path: Path, content: str | bytes) -> None:
    try:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as refused:
        raise BadInputError(f"“{path}” can't be written: {refused.strerror}.") from None


def _read_release(path: Path) -> Release:
    try:
        return release_from(path.read_text(encoding="utf-8"))
    except OSError as refused:
        raise BadInputError(f"“{path}” can't be read: {refused.strerror}.") from None
    except ValueError:
        raise BadInputError(f"“{path}” is not a release of Private Segments.") from None


def _told(release: Release) -> list[str]:
    """A release in a few lines of words."""
    segments = [
        f"  {each.name}: {wording.size(each)}, {wording.share(each)}" for each in release.segments
    ]
    other = [f"  {wording.hidden_group(release.other)}"] if release.other else []
    heading = f"{release.title} ({release.created_on}, release {release.id})"
    return [heading, *segments, *other, *release.account, *release.notes]


def _print(release: Release) -> None:
    """Print a release in words, without signs that would command the terminal."""
    for line in _told(release):
        print("".join(each if each.isprintable() or each == wording.NBSP else " " for each in line))


def show(asked: Asked) -> None:
    """Show a release that was written to a file."""
    release = _read_release(asked.release)
    if asked.json:
        print(release.to_json())
    else:
        _print(release)


def export(asked: Asked) -> None:
    """Write a release as a report, a table, pictures, a page or a notebook."""
    _check_place(asked.out)
    path = Path(asked.release)
    release = _read_release(path) if path.is_file() else workflow.release(_open(), asked.release)
    place = asked.out or Path(exports.file_name(release, asked.format))
    _write(place, exports.export(release, asked.format))
    _say(asked, {"file": str(place), "sha256": release.digest}, [f"{place} was written."])


def verify(asked: Asked) -> None:
    """Say whether a file is what was released here, unchanged."""
    try:
        content = asked.release.read_bytes()
    except OSError as refused:
        raise BadInputError(f"“{asked.release}” can't be read: {refused.strerror}.") from None
    ending = asked.release.suffix.removeprefix(".").lower()
    release = _original(_open(), content, ending)
    words = f"This is what was released as “{release.title}” ({release.id}), unchanged."
    fields = {"release": release.id, "sha256": release.digest}
    _say(asked, fields, [words, f"SHA-256 of release.json: {release.digest}"])


def _original(workspace: workflow.Workspace, content: bytes, ending: str) -> Release:
    """The release that a file is, either itself or one of its exports."""
    if ending == "json":
        return _same(workspace, content)
    for each in workflow.releases(workspace):
        release = workflow.release(workspace, each.id)
        if exports.is_export(release, content, ending):
            return release
    raise BadInputError(
        "No release here gives this file, byte for byte. It was changed, or it was written by "
        "another copy or version of the program; export the release again and compare."
    )


def _same(workspace: workflow.Workspace, content: bytes) -> Release:
    try:
        told = release_from(content.decode())
    except ValueError:
        raise BadInputError("This is not a release, or it was changed beyond reading.") from None
    try:
        stored = workflow.release(workspace, told.id)
    except NotFoundError:
        raise BadInputError(
            "No release with this id was made here, so nobody here can vouch for the file."
        ) from None
    if content.decode().rstrip("\r\n") != stored.to_json():
        raise BadInputError(
            f"This file was changed: it is not what was released as “{stored.title}” ({stored.id})."
            f" SHA-256 of the release: {stored.digest}; of what the file says: {told.digest}."
        )
    return stored


def _release_id(asked: Asked) -> str:
    """A release by its file, or by its id."""
    path = Path(asked.release)
    return _read_release(path).id if path.is_file() else str(asked.release)


def _passphrase() -> str:
    """A passphrase from the keyboard or from standard input: never from where others can read."""
    if sys.stdin.isatty():
        from getpass import getpass

        return getpass("Passphrase: ")
    return sys.stdin.readline().rstrip("\n")


def _recipient(workspace: workflow.Workspace, named: str) -> Recipient:
    """A recipient by name or id."""
    for each in workflow.recipients(workspace):
        if named in (each.name, each.id):
            return each
    raise BadInputError(f"There is no recipient “{named}”; see them with: recipients.")


def movement(asked: Asked) -> None:
    """Say what changed between two releases of the same customers; nothing is bought."""
    told = workflow.movement(_open(), _release_id(asked), _release_id(Asked(release=asked.other)))
    then, now = wording.then_and_now(told)
    sentences = [*map(wording.moved, told.changes), *wording.unmatched(told)]
    _say(asked, asdict(told), [f"From {then} to {now}:", *sentences])


def rule(asked: Asked) -> None:
    """Write a release's rule as SQL or Python, to place customers in your own warehouse."""
    from dashboard.handoff.python import python
    from dashboard.handoff.sql import sql

    if asked.sql == asked.python:
        raise BadInputError("Say how the rule is to be written: --sql or --python.")
    release = _read_release(asked.release)
    print(sql(release, asked.table) if asked.sql else python(release), end="")


def link(asked: Asked) -> None:
    """Make a link that opens a release for whoever has it, and print its path, once."""
    workspace = _open()
    recipient = _recipient(workspace, asked.recipient).id if asked.recipient else None
    release_id = _release_id(asked)
    phrase = _passphrase() if asked.passphrase else ""
    terms = Terms(phrase, asked.max_views, recipient, tuple(asked.embed), asked.by)
    if asked.passphrase and not terms.passphrase:
        raise BadInputError("There was no passphrase; give it as a line of standard input.")
    _say_link(asked, workflow.share(workspace, release_id, asked.days, asked.label, terms))


def _say_link(asked: Asked, made: NewLink) -> None:
    fields = {"path": made.path, "id": made.link.id, "expires_at": made.link.expires_at}
    _say(asked, fields, [made.path])


def links(asked: Asked) -> None:
    """List the links of a release: whether they open, on which terms, and how often they did."""
    workspace, release_id, now = _open(), _release_id(asked), datetime.now(UTC)
    uses = {each.link_id: each for each in workflow.link_use(workspace, release_id)}
    told = [
        (each, sum(day.times for day in uses[each.id].views))
        for each in workflow.links(workspace, release_id)
    ]
    fields = [{**asdict(each), "views": views} for each, views in told]
    words = [
        f"{each.id} {each.label or 'Link'}: {_standing(each, now)}, viewed {views} times"
        for each, views in told
    ]
    _say(asked, {"links": fields}, words or ["There are no links to this release."])


def _standing(link: Link, now: datetime) -> str:
    if link.revoked_at or link.expires_at <= now:
        return "revoked" if link.revoked_at else "expired"
    if link.paused_at or link.held_because:
        return f"paused, because {link.held_because}" if link.held_because else "paused"
    return f"open until {wording.day(link.expires_at.date())}"


def revoke(asked: Asked) -> None:
    """Close a link for ever, or every link of a release or of a recipient."""
    workspace = _open()
    if asked.link:
        workflow.revoke(workspace, asked.link)
        closed = 1
    elif asked.release or asked.recipient:
        recipient = _recipient(workspace, asked.recipient).id if asked.recipient else None
        release_id = _release_id(asked) if asked.release else None
        closed = workflow.revoke_all(workspace, release_id, recipient)
    else:
        raise BadInputError("Say which link, or --release or --recipient for all of theirs.")
    _say(asked, {"closed": closed}, [f"{closed} links were closed."])


def rotate(asked: Asked) -> None:
    """Give a link a new address on the same terms, and print it, once; the old one is dead."""
    _say_link(asked, workflow.rotate(_open(), asked.link))


def recipients(asked: Asked) -> None:
    """List the register of recipients, write one into it, or note a review."""
    workspace = _open()
    if asked.renew:
        workflow.renew(workspace, _recipient(workspace, asked.renew).id)
    if asked.keep:
        known = {each.name: each for each in workflow.recipients(workspace)}
        old = known.get(asked.keep, Recipient("", asked.keep, "processor"))
        told = {name: getattr(asked, name) for name in _OF_A_RECIPIENT}
        given = {name: value for name, value in told.items() if value is not None}
        workflow.keep_recipient(workspace, replace(old, **given))
    kept = workflow.recipients(workspace)
    words = [
        f"{each.name}: {each.kind}"
        + (f", review due on {wording.day(each.review_due)}" if each.review_due else "")
        for each in kept
    ]
    fields = {"recipients": [asdict(each) for each in kept]}
    _say(asked, fields, words or ["No recipient is in the register."])


_OF_A_RECIPIENT: Final = (
    "kind",
    "contract_on",
    "contract_link",
    "basis",
    "review_due",
    "country",
    "transfer_basis",
    "contact",
)


def budget(asked: Asked) -> None:
    """Say what each customer base has spent and has left."""
    workspace = _open()
    told = [(each, workflow.budget(workspace, each.id)) for each in workflow.datasets(workspace)]
    fields = [
        {
            "dataset": base.id,
            "name": base.name,
            "expires_on": base.expires_on,
            "spent": asdict(left.spent),
            "cap": asdict(left.cap),
            "releases_left": left.releases_left,
            "interrupted": wording.interrupted(left),
        }
        for base, left in told
    ]
    words = [
        f"{base.name} (until {base.expires_on}): epsilon {left.spent.epsilon:.2f} of "
        f"{left.cap.epsilon:.2f} is spent; about {left.releases_left} more releases"
        + (f". {gone}" if (gone := wording.interrupted(left)) else "")
        for base, left in told
    ]
    _say(asked, {"budgets": fields}, words or ["No customer table is kept."])


def purge(asked: Asked) -> None:
    """Destroy every customer table whose day has come, for a nightly timer."""
    destroyed = workflow.purge(_open())
    _say(asked, {"destroyed": destroyed}, [f"{destroyed} customer tables were destroyed."])


def suppress(asked: Asked) -> None:
    """Put everybody who says no in a file on the list that every later table is held against."""
    _check_place(asked.out)
    workspace = _open()
    uploads = _uploads(asked.files)
    listed = workflow.suppress(workspace, uploads, _tell)
    if asked.out:
        made = {each.product.casefold(): each.content for each in listed.way_back}
        if asked.way_back not in made:
            raise BadInputError("There are no e-mail addresses here that a CRM could be told.")
        _write(asked.out, made[asked.way_back].decode())
    known = wording.few(listed.known, workspace.settings.min_segment_size)
    fields = {"rows": listed.rows, "known": known}
    _say(asked, fields, [wording.listed(listed, workspace.settings.min_segment_size)])


def rotate_key(asked: Asked) -> None:
    """Lock the vault under a new master key; stop the dashboard before."""
    changed = workflow.rotate_key(_open())
    _say(asked, {"tables": changed}, [f"{changed} customer tables are locked by the new key."])


def serve(asked: Asked) -> None:
    """Start the dashboard, or with --viewer only the shared pages."""
    import uvicorn

    settings = from_environment(os.environ)
    if not asked.viewer:
        _refuse_open_door(settings, asked.host)
    print(f"Private Segments is at http://{asked.host}:{asked.port}", flush=True)
    uvicorn.run(
        _viewer(settings) if asked.viewer or settings.mode == "viewer" else "streamlit_app:app",
        app_dir=str(ROOT),
        host=asked.host,
        port=asked.port,
        log_config=None,
        access_log=False,
    )


def _refuse_open_door(settings: Settings, host: str) -> None:
    """A key file beside the data is for one person's machine; others' visits need a better one."""
    if settings.mode != "local" or settings.master_key is not None:
        return
    reached = host not in LOOPBACK or settings.public_url
    if reached or has_login(ROOT / ".streamlit" / "secrets.toml"):
        raise ConfigurationError(
            "Others can reach this dashboard, or log in to it, but its vault has no key of its "
            "own. Set DASHBOARD_MASTER_KEY to 32 bytes in base64 (make one with: openssl rand "
            "-base64 32); if there is a key file, `python -m dashboard rotate-key` changes over."
        )


def _viewer(settings: Settings) -> Starlette:
    """Shared pages only, with no vault behind them."""
    from dashboard.share.viewer import viewer_app

    return viewer_app(replace(settings, mode="viewer"))
