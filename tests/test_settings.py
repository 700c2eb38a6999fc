"""Settings come from the environment once, checked, and keep their secrets to themselves."""

from __future__ import annotations

import base64
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from dashboard.errors import ConfigurationError
from dashboard.settings import _RANGES, Settings, from_environment

KEY = bytes(range(32))


def test_an_empty_environment_gives_the_defaults():
    assert from_environment({}) == Settings()
    assert from_environment({"DASHBOARD_RETENTION_DAYS": " "}) == Settings()


def test_values_are_read_with_their_types():
    read = from_environment(
        {
            "DASHBOARD_DATA_DIR": "somewhere",
            "DASHBOARD_MODE": "viewer",
            "DASHBOARD_RETENTION_DAYS": "30",
            "DASHBOARD_EPSILON_CAP": "2.5",
            "DASHBOARD_MASTER_KEY": base64.b64encode(KEY).decode(),
            "DASHBOARD_DATABASE_URL": "sqlite:///elsewhere",
        }
    )
    assert read.data_dir == Path("somewhere")
    assert read.vault_dir == Path("somewhere/vault")
    assert (read.mode, read.retention_days, read.epsilon_cap) == ("viewer", 30, 2.5)
    assert (read.master_key, read.records_url) == (KEY, "sqlite:///elsewhere")


@pytest.mark.parametrize("name", _RANGES)
@pytest.mark.parametrize("outside", ["words", "nan", "-1", "1e9"])
def test_a_value_outside_its_range_is_refused_by_the_variables_name(name, outside):
    env = next(each.metadata["env"] for each in fields(Settings) if each.name == name)
    with pytest.raises(ConfigurationError, match=env):
        from_environment({env: outside})


def test_a_workspace_may_spend_no_less_than_one_customer_base():
    with pytest.raises(ConfigurationError, match="DASHBOARD_WORKSPACE_EPSILON_CAP"):
        from_environment({"DASHBOARD_EPSILON_CAP": "7"})
    caps = {"DASHBOARD_EPSILON_CAP": "7", "DASHBOARD_WORKSPACE_EPSILON_CAP": "7"}
    assert from_environment(caps).workspace_epsilon_cap == 7


@pytest.mark.parametrize("wrong", ["short", "§", base64.b64encode(b"31 bytes" * 3).decode()])
def test_a_wrong_key_is_refused_and_not_repeated(wrong):
    with pytest.raises(ConfigurationError, match="DASHBOARD_MASTER_KEY") as refusal:
        from_environment({"DASHBOARD_MASTER_KEY": wrong})
    assert wrong not in str(refusal.value)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ConfigurationError, match="DASHBOARD_MODE"):
        from_environment({"DASHBOARD_MODE": "public"})


def test_secrets_are_not_printed():
    shown = repr(Settings(master_key=KEY, database_url="postgresql://me:secret@db"))
    assert "secret@" not in shown
    assert repr(KEY) not in shown


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        Settings().retention_days = 9999


def test_every_setting_says_its_variable_and_its_meaning():
    for each in fields(Settings):
        assert each.metadata["env"] == f"DASHBOARD_{each.name.upper()}"
        assert each.metadata["help"].endswith(".")
