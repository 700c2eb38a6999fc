"""Declared tables: what the owner wrote down, and nothing that a visitor could type."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.errors import BadInputError, ConfigurationError
from dashboard.settings import from_environment
from dashboard.sources import SourceTable, declared, declared_as

SHOP = """
[shop]
kind = "postgresql"
address = "postgresql://segments@db.example/shop"
minutes = 5

[shop.tables.customers]
table = "public.customers"
id = "customer_id"
consent = ["newsletter"]
also = ["email"]
order = ["changed_at"]

[lake]
kind = "spark"
address = "sc://spark.example:15002"

[lake.tables.customers]
table = "crm.customers"
id = "number"
labels.region = ["North", "South"]
"""


def _file(folder: Path, text: str = SHOP) -> Path:
    path = folder / "sources.toml"
    path.write_text(text)
    path.chmod(0o644)
    return path


def test_the_declared_tables_are_read_with_what_was_said_of_them(tmp_path: Path) -> None:
    path = _file(tmp_path)
    lake, shop = declared(path)
    assert shop == SourceTable(
        "shop.customers",
        "postgresql",
        "postgresql://segments@db.example/shop",
        "public.customers",
        id="customer_id",
        consent=("newsletter",),
        also=("email",),
        order=("changed_at",),
        minutes=5,
    )
    assert lake == SourceTable(
        "lake.customers",
        "spark",
        "sc://spark.example:15002",
        "crm.customers",
        id="number",
        labels=(("region", ("North", "South")),),
    )
    assert declared_as(path, "shop.customers") == shop
    assert declared(None) == ()


def test_nothing_else_can_be_named(tmp_path: Path) -> None:
    for name in ("postgresql://me@other/db", "shop", "", "lake.orders"):
        with pytest.raises(BadInputError, match=r"no declared table.*lake.customers, shop.cust"):
            declared_as(_file(tmp_path), name)


@pytest.mark.parametrize(
    ("changed", "into", "said"),
    [
        ('kind = "postgresql"', 'kind = "mysql"', r"\[shop\] needs kind"),
        ("postgresql://segments", "mysql://segments", r"\[shop\] needs an address"),
        ("minutes = 5", "minutes = 0", r"\[shop\] minutes"),
        ("minutes = 5", 'pass = "x"', r"\[shop\] knows kind"),
        ('table = "public.customers"', "", r"\[shop.tables.customers\] needs table"),
        ('id = "customer_id"', "id = 3", "id is the name"),
        ('id = "customer_id"', "", "consent needs id"),
        ('id = "number"', "", r"\[lake.tables.customers\] needs id: nobody looks"),
        ('["North", "South"]', '["North", "North"]', "labels.region is a list of labels"),
        ('["North", "South"]', "[]", "labels.region is a list of labels"),
        ("labels.region = [", "labels = [", "labels are written as"),
        (
            "minutes = 5\n",
            "minutes = 5\n[shop.tables.other]\ntable = 'x'\nlabels.a = ['b']\n",
            "also",
        ),
        ('["newsletter"]', '"newsletter"', "consent is a list"),
        ("[lake]", "[lake", "TOML"),
        ("[lake]", '["a lake"]', "sources are sections"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    tmp_path: Path, changed: str, into: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"DASHBOARD_SOURCES.*{said}"):
        declared(_file(tmp_path, SHOP.replace(changed, into, 1)))


def test_a_password_must_not_be_readable_by_others_nor_shown(tmp_path: Path) -> None:
    path = _file(tmp_path, SHOP.replace("segments@", "segments:hunter2@"))
    with pytest.raises(ConfigurationError, match="chmod 600") as refusal:
        declared(path)
    assert "hunter2" not in str(refusal.value)
    path.chmod(0o600)
    assert "hunter2" not in repr(declared(path))


def test_the_file_is_named_by_a_setting(tmp_path: Path) -> None:
    path = _file(tmp_path)
    assert from_environment({"DASHBOARD_SOURCES": str(path)}).sources == path
    with pytest.raises(ConfigurationError, match="TOML"):
        declared(tmp_path / "nowhere.toml")
