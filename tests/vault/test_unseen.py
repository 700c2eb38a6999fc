"""A table of which nobody sees a row: columns are judged by name, kind and declared labels."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from dashboard.errors import BadInputError
from dashboard.receipts import Answer, ColumnFinding
from dashboard.terms import Domain
from dashboard.vault import identities, unseen
from dashboard.vault.answers import meanings, untold
from dashboard.vault.store import Vault

KINDS = {
    "number": "text",
    "email": "text",
    "full name": "text",
    "phone": "text",
    "birth_date": "date",
    "signup_date": "date",
    "orders": "number",
    "total_spent": "number",
    "loyalty": "flag",
    "region": "text",
    "channel": "text",
    "tier": "text",
    "health": "text",
    "segment": "text",
    "email_opt_in": "text",
    "status": "text",
    "order_id": "number",
    "notes": "text",
}
LABELS = {
    "region": ("North", "South"),
    "tier": ("bronze", "silver", "gold"),
    "segment": ("insulin", "bandages"),
    "status": ("subscribed", "unsubscribed"),
}
FAR = unseen.Far("lake.customers", 1_000, KINDS, LABELS)


def found(name: str) -> ColumnFinding:
    return next(each for each in unseen.findings(FAR, "number") if each.name == name)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("number", "id"),
        ("email", "identifier"),
        ("order_id", "identifier"),
        ("birth_date", "birth"),
        ("signup_date", "date"),
        ("orders", "feature"),
        ("total_spent", "feature"),
        ("region", "category"),
        ("tier", "category"),
        ("channel", "unused"),
        ("notes", "unused"),
        ("health", "special"),
        ("segment", "special"),
        ("email_opt_in", "consent"),
        ("status", "consent"),
    ],
)
def test_a_column_is_judged_by_its_name_its_kind_and_its_labels(name: str, role: str) -> None:
    assert found(name).role == role


def test_labels_come_from_their_declaration_only() -> None:
    region, tier = found("region").suggested, found("tier").suggested
    assert region is not None
    assert (region.kind, region.domain) == ("category", Domain(("North", "South")))
    assert tier is not None
    assert (tier.kind, tier.domain) == ("level", Domain(("Bronze", "Silver", "Gold")))
    assert found("channel").suggested is None
    assert "declared" in found("channel").reason


def test_no_invented_row_is_ever_kept_or_shown() -> None:
    waiting = unseen.as_texts(FAR)
    assert waiting.num_rows == 0
    assert waiting.column_names == list(KINDS)
    assert unseen.far_in(waiting.schema) == FAR
    assert unseen.far_in(pa.schema([])) is None


def test_addresses_and_numbers_tell_people_apart_and_names_do_not() -> None:
    roles = {each.name: each for each in unseen.findings(FAR, "number")}
    rows = unseen.invented(FAR)
    telling = identities.telling(rows, "number")
    assert {"number", "email", "phone"} <= set(telling)
    assert not {"full name", "region", "orders", "birth_date"} & set(telling)
    assert roles["phone"].role == "identifier"


def test_columns_of_lists_are_refused_by_name() -> None:
    schema = pa.schema([("spend", pa.float64()), ("visits", pa.list_(pa.int64()))])
    with pytest.raises(BadInputError, match=r"lake\.customers, column “visits”"):
        unseen.kinds_of(schema, schema.names, "lake.customers")


def test_kinds_follow_from_types() -> None:
    kinds = (pa.bool_(), pa.int8(), pa.decimal128(9, 2), pa.timestamp("us", "UTC"), pa.string())
    names = ("a", "b", "c", "d", "e")
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    told = unseen.kinds_of(schema, names, "lake.customers")
    assert list(told.values()) == ["flag", "number", "number", "date", "text"]


def test_a_yes_that_nobody_explained_is_asked_about(tmp_path: Path) -> None:
    far = unseen.Far("lake.customers", 9, {"letters": "text"}, {})
    said = unseen.answers_to(far, ("letters",), ())
    assert set(untold(said, ("letters",), {})) == {"letters"}
    told = (Answer("letters", "yes", "in"), Answer("letters", "no", "out"))
    said = unseen.answers_to(far, ("letters",), told)
    known = meanings(Vault(tmp_path, bytes(32)), "owner", said, ("letters",), told)
    assert known == {"letters": {"yes": 1, "no": -1}}
    assert untold(said, ("letters",), known) == ()
