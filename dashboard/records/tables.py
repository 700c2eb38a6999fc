"""What the memory is made of: its tables, and the guards that keep history from being rewritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

VERSION: Final = 2
"""The shape of the tables; a later program finds it here and moves on from there."""

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A moment in time: aware outside, UTC text inside, so that it sorts and reads anywhere."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - given by SQLAlchemy
        """Write the moment in UTC, always with the same number of digits."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read the moment back, aware."""
        return None if value is None else datetime.fromisoformat(value)


schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

lineages = Table(
    "lineages",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("spent_rho", BigInteger, nullable=False),
    Column("spent_delta", BigInteger, nullable=False),
    Column("cap_rho", BigInteger, nullable=False),
    Column("cap_delta", BigInteger, nullable=False),
    Column("absorbed_into", ForeignKey("lineages.id")),
    CheckConstraint("0 <= spent_rho AND spent_rho <= cap_rho", name="rho_within_cap"),
    CheckConstraint("0 <= spent_delta AND spent_delta <= cap_delta", name="delta_within_cap"),
)

charges = Table(
    "charges",
    metadata,
    Column("request_id", String(128), primary_key=True),
    Column("lineage", ForeignKey("lineages.id"), nullable=False, index=True),
    Column("owner", String(128), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("rho", BigInteger, nullable=False),
    Column("delta", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("finished", Boolean, nullable=False),
    CheckConstraint("rho >= 0 AND delta >= 0", name="never_a_refund"),
)

maps = Table(
    "maps",
    metadata,
    Column("id", ForeignKey("charges.request_id"), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("dataset_id", String(128), nullable=False),
    Column("lineage", String(128), nullable=False),
    Column("title", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("map_id", String(128), nullable=False),
    Column("numbers_id", ForeignKey("maps.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("segments", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("owner", String(128), nullable=False),
    Column("release_id", ForeignKey("releases.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("recipient_id", ForeignKey("recipients.id")),
    Column("passphrase", Text),
    Column("max_views", Integer),
    Column("embed", Text, nullable=False, server_default=""),
    Column("shared_by", Text, nullable=False, server_default=""),
    Column("paused_at", Moment),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("links_of_a_release", "owner", "release_id"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("contract_on", String(10)),
    Column("contract_link", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("review_due", String(10)),
    Column("country", String(2), nullable=False),
    Column("transfer_basis", String(32), nullable=False),
    Column("contact", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("columns_json", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_on", String(10), nullable=False),
    Column("lineage", String(128), nullable=False),
    Column("ended_at", Moment),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("received_on", String(10), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("checked_by", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("closed_at", Moment),
)

choice_pages = Table(
    "choice_pages",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("closed_at", Moment),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(128), nullable=False, index=True),
    Column("process", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("done", Float, nullable=False),
    Column("doing", Text, nullable=False),
    Column("stoppable", Boolean, nullable=False),
    Column("stop_asked", Boolean, nullable=False),
    Column("made_json", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("seen_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", String(160), nullable=False),
    Column("detail", Text, nullable=False),
    Column("prev", String(80), nullable=False),
    Column("hash", String(80), nullable=False),
)

STEPS: Final = (
    (
        "ALTER TABLE links ADD COLUMN recipient_id VARCHAR(64) REFERENCES recipients (id)",
        "ALTER TABLE links ADD COLUMN passphrase TEXT",
        "ALTER TABLE links ADD COLUMN max_views INTEGER",
        "ALTER TABLE links ADD COLUMN embed TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE links ADD COLUMN shared_by TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE links ADD COLUMN paused_at VARCHAR(32)",
        "ALTER TABLE links ADD COLUMN version INTEGER DEFAULT 1 NOT NULL",
    ),
)
"""What older tables are told, version by version, after those that are new were made."""


def _guard(name: str, when: str, why: str, condition: str = "") -> str:
    clause = f"WHEN {condition} " if condition else ""
    return (
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when} {clause}"
        f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


GUARDS: Final = (
    _guard("audit_no_update", "UPDATE ON audit", "the audit log is append-only"),
    _guard("audit_no_delete", "DELETE ON audit", "the audit log is append-only"),
    _guard("charges_no_delete", "DELETE ON charges", "what was spent stays spent"),
    _guard(
        "charges_no_change",
        "UPDATE OF request_id, lineage, owner, purpose, rho, delta, at ON charges",
        "what was spent stays spent",
    ),
    _guard("lineages_no_delete", "DELETE ON lineages", "what was spent stays spent"),
    _guard(
        "lineages_no_refund",
        "UPDATE ON lineages",
        "budget is never given back and a cap is never raised",
        "NEW.spent_rho < OLD.spent_rho OR NEW.spent_delta < OLD.spent_delta"
        " OR NEW.cap_rho > OLD.cap_rho OR NEW.cap_delta > OLD.cap_delta",
    ),
    _guard(
        "lineages_joined_once",
        "UPDATE ON lineages",
        "an account that was joined to another never changes",
        "OLD.absorbed_into IS NOT NULL",
    ),
    _guard("maps_no_update", "UPDATE ON maps", "what was bought never changes"),
    _guard("releases_no_update", "UPDATE ON releases", "what was released never changes"),
)
"""SQLite triggers, so that a slip of a later hand is refused by the file itself."""
