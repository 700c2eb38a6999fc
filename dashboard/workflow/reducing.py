"""Keep: an upload becomes an encrypted table of the customers who may be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from dashboard.errors import BadInputError
from dashboard.receipts import Choices, Dataset, Kept
from dashboard.terms import GUARDED, SHORTEST_REASON, PrivacyUnit
from dashboard.workflow.giving import AGES, STAGED_MINUTES
from dashboard.workflow.hearing import hear_choices
from dashboard.workflow.looking import keep_look
from dashboard.workflow.seat import (
    Progress,
    Workspace,
    account_of,
    commit,
    no_progress,
    note,
    vault_of,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from dashboard.vault.table import CustomerTable, Refusing
    from dashboard.vault.texts import StoredTexts, Texts


def keep(
    workspace: Workspace, staged_id: str, choices: Choices, progress: Progress = no_progress
) -> Kept:
    """Reduce to one row per customer, apply consent, drop the rest, and keep it encrypted.

    Raises:
        BadInputError: no column was chosen, or nobody may be used.
        NotFoundError: the upload waited longer than an hour.
    """
    from dashboard.vault.turns import turn

    with turn(progress):
        return _keep(workspace, staged_id, choices, progress)


def _keep(workspace: Workspace, staged_id: str, choices: Choices, progress: Progress) -> Kept:
    from dashboard.records import register

    vault, now = vault_of(workspace), datetime.now(UTC)
    progress(0.1, "Looking at what was chosen")
    raw = vault.texts(staged_id, workspace.owner)
    choices = _as_declared(raw, choices)
    if not choices.purpose.strip():
        raise BadInputError("Say what the segments will be used for: it is kept with the table.")
    _check_overrides(raw, choices)
    hear_choices(workspace)
    progress(0.4, "Leaving out who said no, and keeping one row per customer")
    kept = (_keep_here if raw.far is None else _keep_far)(workspace, raw, choices, now, progress)
    receipt, unit, lineage = replace(kept[0], use_unknown=choices.use_unknown), *kept[1:]
    register.add_dataset(
        workspace.records,
        Dataset(
            id=receipt.dataset_id,
            name=choices.name or "Customers",
            purpose=choices.purpose,
            columns=choices.kept,
            unit=unit,
            created_at=now,
            expires_on=receipt.expires_on,
            lineage=lineage,
            cuts=choices.cuts if choices.orders else None,
        ),
        workspace.owner,
    )
    vault.shred(staged_id, workspace.owner)
    detail: dict[str, str | int | float | bool | None] = {"columns": len(choices.kept)}
    note(workspace, "dataset.kept", receipt.dataset_id, {**detail, "basis": choices.basis})
    for each in choices.overrides:
        detail = {"column": each.column, "reason": each.reason}
        note(workspace, "column.overridden", receipt.dataset_id, detail)
    return receipt


def _keep_here(
    workspace: Workspace, raw: StoredTexts, choices: Choices, now: datetime, progress: Progress
) -> tuple[Kept, str, str]:
    """Rows that were given are kept in the vault; the receipt, who is protected, whose budget."""
    from dashboard.vault.orders import rolled_up
    from dashboard.vault.shares import shares_for
    from dashboard.vault.table import one_row_per_customer

    vault = vault_of(workspace)
    table: Texts = raw
    told = None
    if choices.orders:
        table, told = rolled_up(raw.slice(0, raw.num_rows), choices)
    ruled = _refusing(workspace, raw, choices)

    def reduced(table: Texts) -> CustomerTable:
        return one_row_per_customer(
            table,
            choices,
            key=vault.id_key(workspace.owner),
            child_age=workspace.settings.child_age,
            refusing=ruled,
        )

    one = choices.id_column
    if one and not choices.orders and shares_for(raw.num_rows) > 1:
        return _keep_by_shares(workspace, raw, choices, one, ruled, reduced, now, progress)
    customers = reduced(table)
    progress(0.8, "Encrypting what is kept")
    commit(progress)
    expires_at, day = _end_of_life(workspace, now)
    dataset_id = vault.put(
        customers.rows, owner=workspace.owner, purpose="dataset", expires_at=expires_at
    )
    receipt, unit = customers.receipt(dataset_id, day), customers.unit.value
    del customers, table  # the rows are in the vault now; what follows needs their room
    if told is not None:
        columns = len(raw.column_names)
        receipt = replace(receipt, rows=raw.num_rows, columns_received=columns, orders=told)
    return receipt, unit, _lineage(workspace, raw, choices, dataset_id)


def _keep_by_shares(
    workspace: Workspace,
    raw: StoredTexts,
    choices: Choices,
    id_column: str,
    ruled: Refusing,
    reduced: Callable[[Texts], CustomerTable],
    now: datetime,
    progress: Progress,
) -> tuple[Kept, str, str]:
    """The same for a file of tens of millions, of which a share of the customers fits in memory."""
    from dashboard.vault.shares import dealt_out, put_together
    from dashboard.vault.table import added

    vault, owner = vault_of(workspace), workspace.owner
    soon, (expires_at, day) = now + timedelta(minutes=STAGED_MINUTES), _end_of_life(workspace, now)
    receipts: list[Kept] = []
    asked = ruled.names if ruled.asks else ()
    progress(0.4, "Dealing out the rows by customer")
    with dealt_out(vault, raw, choices, id_column, asked, owner=owner, expires_at=soon) as shares:

        def kept_shares() -> Iterator[pa.Table]:
            for share in shares:
                part = len(receipts) / len(shares)
                progress(0.5 + 0.3 * part, "Leaving out who said no, and keeping one row each")
                customers = reduced(share)
                receipts.append(customers.receipt("", day))
                yield customers.rows

        def ready() -> None:
            progress(0.8, "Encrypting what is kept")
            commit(progress)

        dataset_id = put_together(
            vault,
            kept_shares(),
            len(shares),
            owner=owner,
            waiting_until=soon,
            expires_at=expires_at,
            ready=ready,
        )
    receipt = replace(
        added(receipts), dataset_id=dataset_id, columns_received=len(raw.column_names)
    )
    lineage = _lineage(workspace, raw, choices, dataset_id)
    return receipt, PrivacyUnit.CUSTOMER.value, lineage


def _keep_far(
    workspace: Workspace, raw: StoredTexts, choices: Choices, now: datetime, progress: Progress
) -> tuple[Kept, str, str]:
    """Rows stay on their cluster; the receipt, who is protected, whose budget."""
    from dashboard.vault.lineage import lineage_of_hashes

    ruled = _refusing(workspace, raw, choices)
    commit(progress)
    looked = keep_look(workspace, raw, choices, ruled, *_end_of_life(workspace, now))
    progress(0.8, "Joining what was bought of the same customers")
    lineage = lineage_of_hashes(vault_of(workspace), workspace.owner, looked.hashes, looked.content)
    _join(workspace, lineage)
    return looked.receipt, PrivacyUnit.CUSTOMER.value, lineage


def _as_declared(raw: StoredTexts, choices: Choices) -> Choices:
    """Choices that hold to what the owner declared: of who says no only that was read.

    Whoever groups such customers doesn't hold their rows. So no other column may be taken for
    consent or for an age: the counts of who is left out would answer any question about it.
    """
    from dashboard.vault import columns

    told = raw.declared
    if told is None:
        return choices
    if choices.id_column != told.id:
        raise BadInputError(
            f"The owner declared that “{told.id}” says who is who in this table. Choose it."
        )
    roles = {each.name: each.role for each in columns.judged(raw)}
    says = {name for name, role in roles.items() if role == "consent"} | set(told.consent)
    ages = {name for name, role in roles.items() if role == "birth" or name.casefold() in AGES}
    for name in (*choices.consent_columns, *filter(None, [choices.age_column])):
        if name not in (ages if name == choices.age_column else says):
            raise BadInputError(
                f"The column “{name}” isn't known to tell who may be used, and this table stays "
                "with its owner. Ask them to declare it in consent, or give it a name that says so."
            )
    asked = dict.fromkeys((*choices.consent_columns, *told.consent))
    return replace(choices, consent_columns=tuple(asked))


def _check_overrides(raw: Texts, choices: Choices) -> None:
    """Refuse guarded columns without a reason, whoever asks: a screen, a script, a crafted form."""
    from dashboard.records import audit
    from dashboard.vault import columns

    roles = {each.name: each for each in columns.judged(raw)}
    reasons = {each.column: each.reason.strip() for each in choices.overrides}
    for feature in choices.kept:
        found = roles.get(feature.name)
        if found and found.role in GUARDED and len(reasons.get(feature.name, "")) < SHORTEST_REASON:
            raise BadInputError(
                f"The column “{feature.name}” is kept only with a reason, which is noted in the "
                f"audit log. {found.reason}"
            )
    for each in choices.overrides:
        if not audit.is_discreet(each.reason) or not audit.is_discreet(each.column):
            raise BadInputError(
                "A reason goes into the audit log. Say it in fewer words, without addresses."
            )


def _refusing(workspace: Workspace, raw: StoredTexts, choices: Choices) -> Refusing:
    """Who is left out: remembers what answers mean, and puts objections on the list."""
    from dashboard.vault import answers, suppression, unseen
    from dashboard.vault.identities import looked_in
    from dashboard.vault.table import Refusing

    vault, owner = vault_of(workspace), workspace.owner
    answers.remember(vault, owner, choices.answers)
    names = looked_in(raw.column_names, choices)
    listed = suppression.suppressed(vault, owner, names, choices.id_column)
    asked = choices.consent_columns
    said: Texts = unseen.answers_to(raw.far, asked, choices.answers) if raw.far else raw
    ruled = Refusing(
        suppressed=listed,
        told=answers.meanings(vault, owner, said, asked, choices.answers),
        channels=workspace.settings.channel_opt_outs == "strict",
    )
    for name in answers.untold(said, asked, ruled.told):
        raise BadInputError(
            f"The column “{name}” can't decide who may be used: its name doesn't tell whether yes "
            "means agreed or refused. Say what its answers mean, or rename it, for example to "
            "“opt in” or “opt out”."
        )
    ids = listed.ids(raw, ruled.objections(raw, asked))
    suppression.suppress(vault, owner, ids, datetime.now(UTC).date())
    if choices.orders and choices.id_column:
        return replace(ruled, suppressed=listed.by_id(raw, choices.id_column))
    return ruled


def _lineage(workspace: Workspace, raw: Texts, choices: Choices, dataset_id: str) -> str:
    """The customer base of a table; bases that it joins become one account.

    The kept rows' own digest joins, too: equal rows are the same people, whatever
    else their files say.
    """
    from dashboard.vault.identities import identities
    from dashboard.vault.lineage import lineage_of

    vault, owner = vault_of(workspace), workspace.owner
    found = identities(raw, choices)
    rows = vault.content_key(dataset_id, owner)
    lineage = lineage_of(vault, owner, found.values, rows, nameless=found.nameless)
    _join(workspace, lineage)
    return lineage


def _join(workspace: Workspace, lineage: str) -> None:
    """Open the account of a customer base, with all that was spent of those that it joins."""
    from dashboard.records import ledger
    from dashboard.vault.lineage import absorbed_by

    owner, now = workspace.owner, datetime.now(UTC)
    account_of(workspace, lineage)
    for absorbed in absorbed_by(vault_of(workspace), owner, lineage):
        ledger.absorb(workspace.records, absorbed=absorbed, into=lineage, owner=owner, now=now)


def _end_of_life(workspace: Workspace, now: datetime) -> tuple[datetime, date]:
    """When the key is destroyed, and the day that is told: gone when that day begins (UTC)."""
    settings, today = workspace.settings, now.date()
    if settings.mode == "demo":
        return now + timedelta(minutes=settings.demo_minutes), today + timedelta(days=1)
    day = today + timedelta(days=settings.retention_days)
    return datetime.combine(day, time.min, UTC), day
