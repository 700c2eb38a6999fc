"""Files of a release: the same numbers in each, safe to open, and recognized again."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from dashboard import cli, exports, workflow
from dashboard.receipts import Link
from dashboard.release import Estimate, Release
from dashboard.share import page, pictures
from dashboard.share.lines import Line, lines
from dashboard.ui import words
from tests.fixtures_release import sample_release

FEW = {"total_spent", "newsletter", "country"}


def small_release(**changes: object) -> Release:
    """The sample release with one column of each kind: pictures take their time."""
    whole = sample_release(**changes)
    kept = tuple(each for each in whole.overall if each.name in FEW)
    segments = (
        replace(each, profile=tuple(p for p in each.profile if p.name in FEW))
        for each in whole.segments
    )
    return replace(whole, overall=kept, segments=tuple(segments))


RELEASE = small_release()
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LINK = Link("link", "release", "Bright & Co", NOW, NOW, None)
TOLD = re.compile(r"about [−\d][\d,.]*(?: ?%)?(?: \([^()]*\))?")


@cache
def written(name: str) -> bytes:
    return exports.export(RELEASE, name)


def plain(text: str) -> str:
    """The words of a page or a picture, however they are broken into lines."""
    text = re.sub(r"<(?:style|script)\b.*?</(?:style|script)>", "", text, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", text)
    for sign, said in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&amp;", "&")):
        text = text.replace(sign, said)
    return re.sub(r"\s+", " ", text)


def pdf_text() -> str:
    pages = PdfReader(io.BytesIO(written("pdf"))).pages
    return re.sub(r"\s+", " ", " ".join(each.extract_text() for each in pages))


def drawings() -> str:
    with zipfile.ZipFile(io.BytesIO(written("svg"))) as folder:
        return plain(" ".join(folder.read(name).decode() for name in folder.namelist()))


def table() -> list[list[str]]:
    return list(csv.reader(io.StringIO(written("csv").decode("utf-8-sig"))))


def workbook(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def said(line: Line) -> str:
    return re.sub(r"\s+", " ", line.said)


# ── one release, the same numbers everywhere ────────────────────────────────────────────
def test_every_exit_tells_the_same_numbers_in_the_same_words():
    every = lines(RELEASE)
    known = {said(line) for line in every}
    parts = [line for line in every if line.part not in ("", "typical")]
    drawn = [line for line in every if line.measure == "Size" or line in parts]

    shared, file = plain(page.render(RELEASE, LINK)), plain(written("html").decode())
    for line in every:
        short = said(line).removeprefix("about ")
        number = short.partition(" (")[0]
        assert number in shared or line.part == "typical", line
        assert number in file or line.part == "typical", line
    assert TOLD.findall(shared) == TOLD.findall(file)

    on_paper, in_pictures = pdf_text(), drawings()
    for line in (each for each in drawn if each.group != "Everybody"):
        assert said(line) in on_paper, line
        assert said(line) in in_pictures, line
    for where in (shared.replace(" customers (", " ("), on_paper, in_pictures):
        found = {each.strip() for each in TOLD.findall(where)}
        beyond = {each for each in found if each not in known}
        assert {each for each in beyond if "(" in each} == set()

    rows = [row for row in table()[1:] if row[0] != "About this file"]
    assert [row[-1] for row in rows] == [line.said for line in every]
    cells = workbook(written("xlsx"))["All numbers"][1:]
    assert [row[-1] for row in cells] == [line.said for line in every]


def test_numbers_in_tables_are_those_of_the_release_with_their_ranges_and_hidden_ones_are_empty():
    rows = [row for row in table()[1:] if row[0] != "About this file"]
    cells = workbook(written("xlsx"))["All numbers"][1:]
    for line, row, cell in zip(lines(RELEASE), rows, cells, strict=True):
        e = line.estimate
        if e is None:
            assert row[3:6] == ["", "", ""]
            assert list(cell[3:6]) == ["", "", ""]
            assert "hidden" in row[6] or "uncertain" in row[6]
        else:
            assert tuple(map(float, row[3:6])) == (e.value, e.low, e.high)
            assert tuple(cell[3:6]) == (e.value, e.low, e.high)
    assert any(line.estimate is None for line in lines(RELEASE))


def test_a_group_whose_size_is_hidden_has_no_number_in_any_file():
    assert RELEASE.other is not None
    hidden = replace(RELEASE.other, size=None, size_low=None, size_high=None)
    told = [line for line in lines(replace(RELEASE, other=hidden)) if line.group.startswith("Hid")]
    assert [(line.estimate, line.said) for line in told] == [(None, "hidden: too few people")]


def test_the_json_is_the_release_and_the_notebook_holds_it():
    assert written("json").decode() == RELEASE.to_json()
    assert hashlib.sha256(written("json")).hexdigest() == RELEASE.digest
    assert run_notebook(written("ipynb"))["release"] == json.loads(RELEASE.to_json())


@pytest.mark.parametrize("name", ["csv", "xlsx", "pdf", "html", "ipynb"])
def test_every_file_says_how_it_was_made_and_of_which_release_it_is(name):
    text = {
        "csv": lambda: " ".join(" ".join(row) for row in table()),
        "xlsx": lambda: str(workbook(written("xlsx"))),
        "pdf": pdf_text,
        "html": lambda: plain(written("html").decode()),
        "ipynb": lambda: written("ipynb").decode().replace("\\\\", ""),
    }[name]()
    assert RELEASE.id in text
    assert RELEASE.digest in text.replace(" ", "") if name == "pdf" else RELEASE.digest in text
    for sentence in RELEASE.account:
        assert sentence in re.sub(r"\s+", " ", text)


def test_every_picture_says_of_which_release_it_is():
    for svg in pictures.pictures(RELEASE).values():
        assert RELEASE.id in svg
        assert RELEASE.digest[:16] in svg
        assert "95 % ranges" in svg


@pytest.mark.parametrize("name", sorted(exports.FORMATS))
def test_the_same_release_gives_the_same_bytes(name):
    assert exports.export(small_release(), name) == written(name)
    assert exports.is_export(RELEASE, written(name), exports.FORMATS[name].suffix.split(".")[-1])
    assert not exports.is_export(RELEASE, written(name) + b" ", exports.FORMATS[name].suffix)


def test_the_screen_offers_every_format_by_name():
    assert set(words.DOWNLOAD_FORMATS) == set(exports.FORMATS)


# ── safe to open ────────────────────────────────────────────────────────────────────────
FORMULAS = ("=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1+1")


def hostile(text: str) -> Release:
    segment = replace(RELEASE.segments[0], name=text, next_step=text)
    segment = replace(segment, traits=(replace(segment.traits[0], words=text),))
    profile = replace(RELEASE.overall[0], name=text)
    profile = replace(profile, bars=(replace(profile.bars[0], label=text),))
    return replace(RELEASE, title=text, segments=(segment,), overall=(profile,), account=(text,))


@pytest.mark.attack
@pytest.mark.parametrize("formula", FORMULAS)
def test_18_no_cell_begins_as_a_formula(formula):
    release = hostile(formula)
    content = exports.export(release, "csv").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(content, newline="")))
    sheets = workbook(exports.export(release, "xlsx"))
    cells = [cell for sheet in [rows, *sheets.values()] for row in sheet for cell in row]
    for cell in cells:
        with contextlib.suppress(TypeError, ValueError):
            float(cell)
            continue
        assert not str(cell).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")), cell
    assert any(str(cell).startswith("'") for cell in cells)
    book = zipfile.ZipFile(io.BytesIO(exports.export(release, "xlsx")))
    assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_names_stay_words_in_drawings_pages_and_notebooks():
    release = hostile("</svg><script>alert(1)</script>[x](javascript:1) ${{1}} <!--")
    for name in ("svg", "png", "pdf", "html", "ipynb", "xlsx"):
        content = exports.export(release, name)
        assert content
    for svg in pictures.pictures(release).values():
        assert "<script" not in svg
        assert svg.count("</svg>") == 1
    whole = exports.export(release, "html").decode()
    assert whole.count("<script") == 2
    assert run_notebook(exports.export(release, "ipynb"))["release"]["title"] == release.title
    text = json.loads(exports.export(release, "ipynb"))["cells"][0]["source"]
    assert "<script" not in "".join(text)


def test_the_page_as_a_file_asks_nobody_for_anything():
    whole = written("html").decode()
    body = re.sub(r"<script\b.*?</script>", "", whole, flags=re.DOTALL)
    assert "default-src &#39;none&#39;" in body
    addresses = re.findall(r"(?:src|href|data-charts)=\"?([^\" >]+)", body)
    assert all(each.startswith(("#", "data:image/svg+xml,")) for each in addresses)
    assert "<form" not in body


def test_pictures_need_no_font_of_the_machine():
    import resvg_py

    svg = pictures.pictures(RELEASE)["sizes"]
    bare = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=2,
        skip_system_fonts=True,
        font_files=[*pictures.fonts()],
        font_family=pictures.FONT,
    )
    assert bytes(bare) == pictures.png(svg)
    assert bytes(bare).startswith(b"\x89PNG")
    silent = re.sub(r"<text.*?</text>", "", svg)
    assert len(pictures.png(silent)) < len(bytes(bare)) / 2


# ── the notebook ────────────────────────────────────────────────────────────────────────
def run_notebook(content: bytes) -> dict[str, object]:
    book = json.loads(content)
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    names: dict[str, object] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    return names


def test_the_notebook_runs_from_top_to_bottom_and_draws_the_same_sizes():
    names = run_notebook(written("ipynb"))
    (trace,) = names["sizes"].data
    assert list(trace.x) == [each.size for each in RELEASE.segments]
    assert set(names["pictures"]) == {each.name for each in RELEASE.overall}


def test_a_notebook_whose_release_was_changed_stops():
    changed = written("ipynb").replace(b"Loyal enthusiasts", b"Loyal customers")
    with pytest.raises(AssertionError, match="was changed"):
        run_notebook(changed)


@pytest.mark.parametrize("name", sorted(exports.FORMATS))
def test_unusual_releases_are_written_too(name):
    for changes in (
        {"segments": (), "overall": (), "other": None, "total": Estimate(0, 0, 0)},
        {"overall": (), "notes": ()},
        {"title": "", "unit": "one row"},
    ):
        assert exports.export(small_release(**changes), name)


def test_a_file_is_named_after_its_title():
    assert exports.file_name(RELEASE, "png") == "spring-shop-customers.png.zip"
    assert exports.file_name(sample_release(title="../../Ünï <b>"), "csv") == "n-b.csv"
    assert exports.file_name(sample_release(title="…"), "pdf") == "segments.pdf"


# ── the command line ────────────────────────────────────────────────────────────────────
@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("DASHBOARD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(workflow, "release", released)
    monkeypatch.setattr(workflow, "releases", lambda _workspace: (RELEASE,))

    def run(*arguments: object) -> tuple[int, str]:
        code = cli.main([str(each) for each in arguments])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def released(_workspace: workflow.Workspace, release_id: str) -> Release:
    from dashboard.errors import NotFoundError

    if release_id != RELEASE.id:
        raise NotFoundError("There is no such release.")
    return RELEASE


@pytest.mark.parametrize("name", sorted(exports.FORMATS))
def test_what_export_writes_verify_recognizes_and_a_changed_file_is_found_out(run, tmp_path, name):
    source = tmp_path / "release.json"
    source.write_text(RELEASE.to_json(), encoding="utf-8")
    target = tmp_path / f"out.{exports.FORMATS[name].suffix}"
    assert run("export", source, "--format", name, "--out", target)[0] == 0
    code, told = run("verify", target)
    assert (code, RELEASE.digest in told) == (0, True)
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    code, told = run("verify", target)
    assert code == 2
    assert "changed" in told


def test_verify_tells_an_edited_release_an_unknown_one_and_none_apart(run, tmp_path):
    file = tmp_path / "release.json"
    file.write_text(RELEASE.to_json() + "\n", encoding="utf-8")
    assert run("verify", file)[0] == 0
    file.write_text(RELEASE.to_json().replace("1240", "1340"), encoding="utf-8")
    code, told = run("verify", file)
    assert code == 2
    assert "This file was changed" in told
    assert RELEASE.digest in told
    file.write_text(replace(RELEASE, id="rel_other").to_json(), encoding="utf-8")
    assert "No release with this id" in run("verify", file)[1]
    file.write_text("{}", encoding="utf-8")
    assert "not a release" in run("verify", file)[1]
    assert run("verify", tmp_path / "missing.pdf")[0] == 2


def test_export_refuses_a_folder_that_is_not_there_and_a_format_nobody_knows(run, tmp_path):
    source = tmp_path / "release.json"
    source.write_text(RELEASE.to_json(), encoding="utf-8")
    assert run("export", source, "--format", "csv", "--out", tmp_path / "no" / "x.csv")[0] == 2
    assert run("export", source, "--format", "docx")[0] == 2
