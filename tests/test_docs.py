"""What is written down is true: links lead somewhere, settings and commands exist as described."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard import cli
from dashboard.errors import BadInputError
from dashboard.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "sample_data/*.md", "benchmarks/*.md")
    for path in ROOT.glob(pattern)
)
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CLAIMS = re.compile(
    r"\b(compliant|anonymous|anonymi[sz]ed|unbreakable|100 ?% (safe|secure))\b", re.I
)
BRITISH = re.compile(
    r"\b(colour|behaviour|centre|neighbourhood|favourite|analyse|organis\w+|minimis\w+|recognis\w+"
    r"|summaris\w+|pseudonymis\w+|labelled|licence|catalogue)\b",
    re.I,
)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    kept = (re.sub(r"[^\w\- ]", "", heading.casefold()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in kept}


def _prose(page: Path) -> str:
    return re.sub(r"`[^`]*`|```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        place, _, anchor = target.partition("#")
        aim = (page.parent / place).resolve() if place else page
        assert aim.exists(), target
        assert not anchor or anchor in _anchors(aim), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_claims_nothing_that_nobody_can_promise(page):
    assert not CLAIMS.findall(_prose(page))
    assert not BRITISH.findall(_prose(page))


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_documented_with_its_variable_default_and_meaning(setting):
    shown = f"`{setting.default}`" if setting.default not in ("", None) else "empty"
    row = f"| `{setting.metadata['env']}` | {shown} | {setting.metadata['help']} |"
    assert row in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_no_setting_is_documented_that_does_not_exist():
    known = {each.metadata["env"] for each in fields(Settings)}
    for page in PAGES:
        named = set(re.findall(r"DASHBOARD_[A-Z_]+", page.read_text(encoding="utf-8")))
        assert named <= known, page


def test_every_make_command_that_a_page_names_exists():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for words in re.findall(r"(?:^|`)make((?: [a-z]+)*)", text, re.M):
            unknown = set(words.split()) - targets
            assert not unknown, (page, unknown)


def test_every_target_is_in_the_help():
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.M)
    assert phony
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## \w", MAKEFILE, re.M), target


def _commands() -> list[str]:
    joined = README.replace("\\\n", " ")
    return re.findall(r"^python -m dashboard (.+)$", joined, re.M) + re.findall(
        r"`python -m dashboard ([^`]+)`", joined
    )


@pytest.mark.parametrize("command", _commands())
def test_the_command_line_understands_what_the_readme_shows(command):
    asked = cli.parser().parse_args(shlex.split(command))
    assert callable(asked.run)


def test_every_command_is_in_the_readme():
    shown = {command.split()[0] for command in _commands()}
    assert {each.name for each in cli.COMMANDS} == shown
    with pytest.raises(BadInputError):
        cli.parser().parse_args(["dance"])


def test_every_decision_is_in_the_list():
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text(encoding="utf-8")
    for page in folder.glob("0*.md"):
        assert f"({page.name})" in listed


def test_no_path_of_a_machine_is_in_the_repository():
    machine = re.compile(r"(^|[\s\"'`(=])/(root|work|farm|home/\w+|opt/\w+)/")
    written = [*PAGES, ROOT / "Makefile", ROOT / "constraints.txt", ROOT / ".ci" / "run"]
    written += [ROOT / "requirements.txt", ROOT / "tests" / "browser" / "package-lock.json"]
    for path in written:
        assert not machine.search(path.read_text(encoding="utf-8")), path


def test_every_requirement_is_pinned_and_has_an_upper_bound():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==", pins, re.M))
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                package, bounds = re.match(r"([a-z0-9-]+)(\S*)", line).groups()
                assert package in pinned
                assert re.fullmatch(r">=[\d.]+,<[\d.]+", bounds), line
