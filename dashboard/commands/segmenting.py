"""Columns, prices and releases: from a file to segments."""

from __future__ import annotations

import sys
from dataclasses import asdict

from dashboard import wording, workflow
from dashboard.commands.ordering import keep_orders
from dashboard.commands.reading import keep, receive, unknown_ranges, with_ranges
from dashboard.commands.releasing import print_release
from dashboard.commands.speaking import Asked, check_place, open_workspace, say, tell, write
from dashboard.plan import Plan
from dashboard.receipts import (
    Kept,
    Wish,
)
from dashboard.release import Release


def columns(asked: Asked) -> None:
    """Say what each column of a file seems to be, and why."""
    workspace = open_workspace()
    received = receive(workspace, asked)
    workflow.discard(workspace, received.staged_id)
    found = [
        {"name": each.name, "role": each.role, "kind": each.kind, "reason": each.reason}
        for each in received.columns
    ]
    words = [f"{each['name']}: {each['role']} ({each['kind']}). {each['reason']}" for each in found]
    if all(each.role != "id" for each in received.columns):
        words.append("No column says who is who, so the privacy unit is one row; --id names one.")
    say(asked, {"columns": found}, words)


def quote(asked: Asked) -> None:
    """Say what segments would cost and how exact they would be; nothing is bought."""
    workspace = open_workspace()
    kept, plan = keep_orders(workspace, asked) if asked.rfm else keep(workspace, asked)
    ranges = unknown_ranges(asked)
    try:
        told = (
            workflow.quote_known(workspace, kept.dataset_id, plan)
            if asked.rfm
            else workflow.quote(workspace, kept.dataset_id, plan, len(ranges))
        )
        for_range = workflow.price_of_range(workspace, kept.dataset_id)
        wish = _wish(workspace, kept, plan, asked)
    finally:
        workflow.destroy(workspace, kept.dataset_id)
    costs = f"costs epsilon {for_range.epsilon:.2f} (rho {for_range.rho}), once"
    extra = [f"Finding the range of {name} {costs}." for name in ranges]
    fields = {**asdict(told), "range_price": asdict(for_range)}
    if wish:
        fields["within"] = asdict(wish)
        extra.append(wish.sentence)
    say(asked, fields, (*extra, *told.sentences))


def _wish(workspace: workflow.Workspace, kept: Kept, plan: Plan, asked: Asked) -> Wish | None:
    if asked.within is None or asked.rfm:
        return None
    return workflow.within(workspace, kept.dataset_id, plan, asked.within, asked.group)


def publish(asked: Asked) -> None:
    """Buy segments of a file and write the release; the same question is bought once."""
    check_place(asked.out)
    workspace = open_workspace()
    release = _publish_known(workspace, asked) if asked.rfm else _publish_own(workspace, asked)
    if asked.out:
        write(asked.out, release.to_json())
    if asked.json:
        print(release.to_json())
    else:
        print_release(release)


def _publish_own(workspace: workflow.Workspace, asked: Asked) -> Release:
    kept, plan = keep(workspace, asked)
    plan = with_ranges(workspace, kept, plan, asked)
    bought = workflow.buy_map(workspace, kept.dataset_id, plan, tell)
    release = workflow.publish(workspace, bought.id, asked.segments, (), asked.title, tell)
    if bought.dataset_id != kept.dataset_id:
        workflow.destroy(workspace, kept.dataset_id)
    return release


def _publish_known(workspace: workflow.Workspace, asked: Asked) -> Release:
    kept, plan = keep_orders(workspace, asked)
    if kept.orders:
        print(
            "\n".join(wording.orders_told(kept.orders, workspace.settings.min_segment_size)),
            file=sys.stderr,
        )
    return workflow.publish_known(workspace, kept.dataset_id, plan, asked.title, tell)
