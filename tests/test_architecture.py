"""The house keeps its own rules: who imports whom, and where noise, rows and errors appear."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import shutil
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from dashboard import plan, receipts, release, terms, workflow

ROOT = Path(__file__).parents[1]
LINTER = Path(sys.executable).with_name("lint-imports")
ENTRY = ROOT / "streamlit_app.py"
PROGRAM = [
    *sorted((ROOT / "dashboard").rglob("*.py")),
    *sorted((ROOT / "pages").glob("*.py")),
    ENTRY,
]
SCREENS = [ENTRY, ROOT / "dashboard" / "main.py", *sorted((ROOT / "pages").glob("*.py"))]

SEEDED = {
    "dashboard/privacy/copula.py": "invents customers, and other noise, for numbers noisy already",
    "dashboard/privacy/grouping.py": "groups noisy neighborhoods: the same map, the same segments",
}
"""Files that may use a fixed seed, and why: none of them sees a row or adds noise."""

LEAVES = {"errors", "logs", "plan", "receipts", "release", "settings", "terms", "wording"}


def _where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> Iterator[str]:
    """Full names of what a file imports, at its top or inside a function."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _dotted(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


# ── the contracts of pyproject.toml ─────────────────────────────────────────────────────
def _lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-cache", "--config", "pyproject.toml", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_import_goes_downhill_and_every_file_has_a_room():
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout


BREAKS = [
    ("dashboard/plan.py", "from dashboard import release", "downhill"),
    ("dashboard/records/db.py", "from dashboard.vault import store", "downhill"),
    ("dashboard/vault/store.py", "from dashboard.records import db", "downhill"),
    ("dashboard/privacy/gate.py", "from dashboard import workflow", "downhill"),
    ("dashboard/share/__init__.py", "from dashboard import ui", "downhill"),
    ("dashboard/helpers.py", "", "downhill"),
    ("dashboard/main.py", "from dashboard.vault import store", "rows"),
    ("dashboard/privacy/naming.py", "from dashboard.vault import scan", "rows"),
    ("dashboard/commands/reading.py", "from dashboard.vault import table", "rows"),
    ("dashboard/ui/charts.py", "from dashboard import workflow", "blind"),
    ("dashboard/ui/charts.py", "import pandas", "blind"),
    ("dashboard/release.py", "import numpy", "blind"),
    ("dashboard/share/__init__.py", "from dashboard.privacy import gate", "blind"),
    ("dashboard/workflow/asking.py", "import streamlit", "headless"),
    ("dashboard/share/__init__.py", "import streamlit", "headless"),
    ("dashboard/privacy/profiles.py", "import plotly", "drawn"),
    ("dashboard/privacy/gate.py", "import diffprivlib", "one-tap"),
    ("dashboard/workflow/asking.py", "import diffprivlib.tools", "one-tap"),
]


@pytest.mark.parametrize(("file", "line", "rule"), BREAKS)
def test_a_wrong_import_is_caught(tmp_path, file, line, rule):
    shutil.copytree(ROOT / "dashboard", tmp_path / "dashboard")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / file
    text = target.read_text(encoding="utf-8") if target.exists() else ""
    target.write_text(f"{text}\n\ndef broken() -> None:\n    {line or 'pass'}\n", encoding="utf-8")
    linted = _lint(tmp_path, "--contract", rule)
    assert linted.returncode == 1, linted.stderr
    assert "0 kept, 1 broken" in linted.stdout


# ── screens ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_a_page_knows_pictures_verbs_and_words_only(path):
    for name in _imports(path):
        root, _, rest = name.partition(".")
        if root == "dashboard":
            assert rest.split(".")[0] in LEAVES | {"ui", "workflow", "exports"}, name
        else:
            assert root == "streamlit" or root in sys.stdlib_module_names, name


def test_only_pages_main_entry_and_pictures_know_streamlit():
    knows = {
        _where(path)
        for path in PROGRAM
        if any(name.split(".")[0] == "streamlit" for name in _imports(path))
    }
    allowed = {_where(path) for path in SCREENS}
    assert {each for each in knows if not each.startswith("dashboard/ui/")} <= allowed


# ── noise, rows, errors ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("path", PROGRAM, ids=_where)
def test_nothing_is_imported_by_name_or_drawn_with_a_seed(path):
    assert not [name for name in _imports(path) if name.split(".")[0] in ("importlib", "random")]
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and _where(path) not in SEEDED:
            assert "random_state" not in {each.arg for each in node.keywords}
            assert "default_rng" not in _dotted(node.func)
        if _where(path) not in SEEDED:
            assert not _dotted(node).startswith(("np.random", "numpy.random"))
        if isinstance(node, ast.Call):
            assert _dotted(node.func) != "__import__"


def test_of_diffprivlib_only_its_mechanisms_are_used():
    used = {name for path in PROGRAM for name in _imports(path) if name.startswith("diffprivlib")}
    assert used
    assert all(name.startswith("diffprivlib.mechanisms.") for name in used), used


def test_one_place_catches_everything():
    broad = [
        f"{_where(path)}:{node.lineno}"
        for path in PROGRAM
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or _dotted(node.type) in ("Exception", "BaseException"))
    ]
    assert len(broad) == 1
    assert broad[0].startswith("dashboard/ui/boundary.py")


def test_settings_alone_read_the_environment():
    for path in PROGRAM:
        source = path.read_text(encoding="utf-8")
        assert "getenv" not in source, _where(path)
        handed_over = source.count("from_environment(os.environ)")
        assert source.count("os.environ") == handed_over, _where(path)


# ── verbs ───────────────────────────────────────────────────────────────────────────────
VERBS = {
    name: verb
    for name, verb in vars(workflow).items()
    if inspect.isfunction(verb)
    and verb.__module__.startswith(workflow.__name__)
    and name in workflow.__all__
}
PLAIN = {str, int, float, bool, type(None), date, datetime}
ANSWERS = {
    each
    for module in (plan, release, receipts, terms)
    for each in vars(module).values()
    if dataclasses.is_dataclass(each)
}


def _parts(hint: object) -> Iterator[object]:
    if typing.get_origin(hint) in (tuple, dict, types.UnionType, typing.Union):
        for each in typing.get_args(hint):
            if each is not Ellipsis:
                yield from _parts(each)
    else:
        yield hint


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_returns_plain_values_or_answers(name):
    seen = vars(sys.modules[VERBS[name].__module__])
    known = dict.fromkeys(("Vault", "Records", "Noise", "Gate", "LedgerAccount"), object)
    hints = typing.get_type_hints(VERBS[name], {**seen, **known})
    allowed = PLAIN | ANSWERS | ({workflow.Workspace} if name == "open_workspace" else set())
    assert set(_parts(hints["return"])) <= allowed


def test_the_verbs_are_all_there():
    assert {"receive", "keep", "quote", "buy_map", "publish", "share", "purge"} <= set(VERBS)
