"""What axe-core, the usual checker of accessibility, finds on a page."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.browser.servers import ROOT

AXE = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
_MISSING = "axe-core is not here: npm ci --prefix tests/browser"

_RUN = """async () => {
    const found = await axe.run(document, {preload: false, resultTypes: ["violations"]});
    return found.violations.flatMap(rule => rule.nodes.map(node => ({
        rule: rule.id, says: node.failureSummary.split("\\n").slice(1).join(" ").trim(),
        html: node.html.slice(0, 200),
        within: (() => { const it = document.querySelector(node.target.flat().at(-1));
            const own = [...document.querySelectorAll("[data-testid], [class*=st-key-]")];
            return own.filter(each => each.contains(it))
                .map(each => each.dataset.testid || each.className); })() })));
}"""


@dataclass(frozen=True)
class Unavoidable:
    """Something of Streamlit's own that no app can mend: a rule, where it holds, and why."""

    rule: str
    within: str
    why: str


STREAMLITS_OWN = (
    Unavoidable(
        "presentation-role-conflict",
        "stFileUploaderDropzone",
        "Streamlit marks its drop zone as presentational and names it all the same; the button "
        "inside it, which people use, is named and reachable.",
    ),
)


def load() -> str:
    """The checker's source; it is missing where npm is, which the pipeline does not forgive."""
    if not AXE.is_file():
        if os.environ.get("CI"):
            pytest.fail(_MISSING, pytrace=False)
        pytest.skip(_MISSING)
    return AXE.read_text("utf-8")


def violations(page: Page) -> list[str]:
    """What is to be mended on a page, a line for each place."""
    page.evaluate(load())
    return [
        f"{each['rule']}: {each['says']} {each['html']} in {' > '.join(each['within'][3:])}"
        for each in page.evaluate(_RUN)
        if not _unavoidable(each["rule"], each["within"])
    ]


def _unavoidable(rule: str, within: list[str]) -> bool:
    return any(rule == each.rule and each.within in within for each in STREAMLITS_OWN)
