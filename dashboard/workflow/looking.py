"""Look: a declared table stays on its cluster, and is asked there."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

from dashboard.errors import BadInputError
from dashboard.plan import feature_from
from dashboard.receipts import Choices, Kept
from dashboard.sources import declared_as
from dashboard.workflow.seat import Workspace, vault_of

if TYPE_CHECKING:
    from dashboard.terms import Basis
    from dashboard.vault.beside import Wanted
    from dashboard.vault.lake import Seen
    from dashboard.vault.lineage import Hashes
    from dashboard.vault.store import Vault
    from dashboard.vault.table import Refusing
    from dashboard.vault.texts import StoredTexts

_MOST: Final = 4
"""So many looks are held at a time; an older one is looked at again when it is asked."""

_held: OrderedDict[tuple[str, str], tuple[bytes, Any]] = OrderedDict()
_turn: Final = Lock()


@dataclass(frozen=True)
class Looked:
    """What a look left here: the name of its rows, the receipt, and whose budget it is."""

    dataset_id: str
    content: str
    receipt: Kept
    hashes: Hashes


def keep_look(
    workspace: Workspace,
    raw: StoredTexts,
    choices: Choices,
    refusing: Refusing,
    expires_at: datetime,
    day: date,
) -> Looked:
    """Look at a table on its cluster, and keep how it was looked at: no row of it.

    Raises:
        BadInputError: orders are asked for, or the cluster can't be asked.
    """
    from dashboard.vault import lake, suppression

    if raw.far is None or choices.orders:
        raise BadInputError(
            "Orders on a cluster aren't added up from here. Ask the owner to declare a view with "
            "one row per customer."
        )
    vault, owner = vault_of(workspace), workspace.owner
    today = datetime.now(UTC).date()
    wanted = _wanted(workspace, choices, refusing, today, workspace.settings.child_age)
    look = lake.seen(declared_as(workspace.settings.sources, raw.far.source), wanted)
    suppression.suppress_codes(vault, owner, look.objections, today)
    told = _told(raw.far.source, wanted)
    dataset_id = vault.put_look(told, look.content, owner=owner, expires_at=expires_at)
    _hold(workspace, look, _listed(vault, owner, wanted.telling, choices.id_column))
    receipt = look.receipt(dataset_id, wanted, len(raw.column_names), day)
    return Looked(dataset_id, look.content, receipt, look.hashes)


def frame_of(workspace: Workspace, dataset_id: str) -> Any:
    """The customers of a table on a cluster, as they were looked at; ``None`` for other tables.

    While this process holds the look it is asked. Otherwise the table is looked at again
    in the same way, and refused if it shows other rows now.

    Raises:
        BadInputError: the table changed, or somebody said no since; or the cluster is gone.
    """
    vault, owner = vault_of(workspace), workspace.owner
    told = vault.look(dataset_id, owner)
    if told is None:
        return None
    from dashboard.vault import lake

    stored = json.loads(told)
    content = vault.content_key(dataset_id, owner)
    listed = _listed(vault, owner, stored["telling"], stored["id"])
    with _turn:
        held = _held.get((owner, content))
    if held and held[0] == _known(listed) and lake.is_there(held[1]):
        return held[1]
    look = lake.seen(
        declared_as(workspace.settings.sources, stored["source"]),
        _as_told(workspace, stored, listed),
    )
    if look.content != content:
        raise BadInputError(
            f"{stored['source']} changed since it was given here, or somebody said no. Give it "
            "again: what is bought next is bought of the table as it is now."
        )
    _hold(workspace, look, listed)
    return look.frame


def _hold(workspace: Workspace, look: Seen, listed: Refusing) -> None:
    with _turn:
        _held[workspace.owner, look.content] = (_known(listed), look.frame)
        while len(_held) > _MOST:
            _held.popitem(last=False)


def let_go(workspace: Workspace, content: str) -> None:
    """Let the cluster forget a look; what was bought of it stays."""
    with _turn:
        _held.pop((workspace.owner, content), None)


def _listed(vault: Vault, owner: str, names: Sequence[str], id_column: str | None) -> Refusing:
    from dashboard.vault.suppression import suppressed
    from dashboard.vault.table import Refusing

    return Refusing(suppressed(vault, owner, names, id_column))


def _known(listed: Refusing) -> bytes:
    """A name for the list of refusals as it is now."""
    known = listed.suppressed.known.tobytes() if listed.suppressed else b""
    return hashlib.sha256(known).digest()


# ── how it was looked at ────────────────────────────────────────────────────────────────
def _wanted(
    workspace: Workspace, choices: Choices, refusing: Refusing, day: date, child_age: int
) -> Wanted:
    from dashboard.vault.beside import Wanted
    from dashboard.vault.lineage import hash_key

    vault, owner = vault_of(workspace), workspace.owner
    return Wanted(
        choices,
        refusing,
        child_age,
        day,
        refusing.names,
        rows_key=vault.look_key(owner),
        hash_key=hash_key(vault, owner),
    )


def _told(source: str, wanted: Wanted) -> str:
    chosen, ruled = wanted.choices, wanted.refusing
    return json.dumps(
        {
            "source": source,
            "id": chosen.id_column,
            "consent": chosen.consent_columns,
            "kept": [asdict(each) for each in chosen.kept],
            "age": chosen.age_column,
            "basis": chosen.basis,
            "told": {name: dict(each) for name, each in ruled.told.items()},
            "channels": ruled.channels,
            "child_age": wanted.child_age,
            "day": wanted.day.isoformat(),
            "telling": wanted.telling,
        }
    )


def _as_told(workspace: Workspace, stored: dict[str, Any], listed: Refusing) -> Wanted:
    from dashboard.vault.table import Refusing

    choices = Choices(
        purpose="",
        id_column=stored["id"],
        consent_columns=tuple(stored["consent"]),
        kept=tuple(feature_from(each) for each in stored["kept"]),
        age_column=stored["age"],
        basis=cast("Basis", stored["basis"]),
    )
    ruled = Refusing(listed.suppressed, stored["told"], stored["channels"])
    day = date.fromisoformat(stored["day"])
    return _wanted(workspace, choices, ruled, day, stored["child_age"])
