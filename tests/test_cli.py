"""The same verbs without a screen: answers, refusals in one sentence, and no value of any row."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import cli, workflow
from dashboard.commands import serving
from dashboard.plan import preset_bounds
from dashboard.release import release_from
from tests.fixtures_release import keep_sample, sample_release

ROOT = Path(__file__).parents[1]
SECRET = "5550100200.75"


@pytest.fixture
def run(capsys):
    """Run a command in this process; gives exit code, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = cli.main([str(each) for each in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def release_file(tmp_path):
    path = tmp_path / "release.json"
    path.write_text(sample_release().to_json(), encoding="utf-8")
    return path


@pytest.fixture
def secret_csv(tmp_path):
    """A small table whose one odd value and address may appear nowhere."""
    lines = ["customer_id,email,spend,note,plan"]
    lines += [f"c{n},p{n}@post.example,{n % 50}.5,hello there {n},free" for n in range(200)]
    lines += [f"c900,jane.doe@private.example,{SECRET},call me maybe,Skerryvore"]
    path = tmp_path / "small.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


# ── answers ─────────────────────────────────────────────────────────────────────────────
def test_columns_says_what_each_column_is(run, sample_csv):
    code, out, err = run("columns", sample_csv, "--json")
    found = {each["name"]: each for each in json.loads(out)["columns"]}
    assert code == 0
    assert set(found["age"]) == {"name", "role", "kind", "reason"}
    assert found["customer_id"]["role"] == "id"
    assert found["email"]["role"] == "identifier"
    assert found["accepts_marketing"]["role"] == "consent"
    assert found["total_spent"]["role"] == "feature"
    assert "Reading" in err


@pytest.mark.parametrize("given", [(), ("customers.csv", "--source", "shop.customers")])
def test_either_files_or_a_declared_table_are_read(run, given):
    code, _, err = run("columns", *given)
    assert (code, err) == (
        2,
        "Say what to read: files, or --source with a declared table's name.\n",
    )


def test_a_table_that_nobody_declared_is_refused(run):
    code, _, err = run("quote", "--source", "shop.customers", "--features", "age")
    assert code == 2
    assert err == "There is no declared table of this name. There are: none.\n"


def test_quote_prices_without_buying(run, sample_csv):
    question = ("--features", "age,orders,total_spent", "--epsilon", "0.5", "--json")
    code, out, _ = run("quote", sample_csv, *question)
    told = json.loads(out)
    assert code == 0
    assert told["affordable"]
    assert told["sentences"]
    assert told["spent_before"]["epsilon"] == 0
    assert json.loads(run("budget", "--json")[1]) == {"budgets": []}


@pytest.mark.slow
def test_publish_writes_the_release_and_asking_again_costs_nothing(run, sample_csv, tmp_path):
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    question = (sample_csv, "--features", "age,orders,total_spent,returns", "--segments", 5)
    assert run("publish", *question, "--out", first)[0] == 0
    spent = run("budget", "--json")[1]
    code, out, _ = run("publish", *question, "--out", again, "--json")
    assert code == 0
    assert again.read_bytes() == first.read_bytes() == out.strip().encode()
    assert run("budget", "--json")[1] == spent
    made = release_from(first.read_text(encoding="utf-8"))
    assert made.to_json() == first.read_text(encoding="utf-8")
    assert made.budget.epsilon <= 1
    assert [each.name for each in made.features] == ["age", "orders", "total_spent", "returns"]
    code, out, _ = run("link", first, "--days", 3, "--label", "board", "--json")
    assert code == 0
    assert json.loads(out)["path"].startswith("/s/")
    assert run("link", made.id)[1].startswith("/s/")


@pytest.fixture
def published(run, release_file, settings):
    """The sample release in the records, as if it had been bought here."""
    keep_sample(workflow.open_workspace(settings).records, "owner")
    return release_file


def test_a_link_s_terms_are_given_listed_and_changed(run, published, monkeypatch):
    agency = ("--keep", "Bright & Co", "--contract-on", "2026-01-31", "--country", "FR")
    assert run("recipients", *agency, "--review-due", "2999-01-31")[0] == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("open sesame\n"))
    terms = ("--passphrase", "--max-views", 9, "--recipient", "Bright & Co")
    code, out, _ = run("link", published, *terms, "--json")
    made = json.loads(out)
    assert code == 0
    (listed,) = json.loads(run("links", published, "--json")[1])["links"]
    assert (listed["id"], listed["max_views"], listed["passphrase"]) == (made["id"], 9, True)
    assert (listed["recipient"], listed["views"]) == ("Bright & Co", 0)
    assert json.loads(run("rotate", made["id"], "--json")[1])["path"] != made["path"]
    assert run("revoke", made["id"])[1] == "1 links were closed.\n"
    assert "revoked, viewed 0 times" in run("links", published)[1]


def test_all_links_of_a_release_or_a_recipient_are_closed(run, published):
    run("recipients", "--keep", "Board", "--kind", "internal")
    run("link", published, "--recipient", "Board")
    run("link", published, "--embed", "https://wiki.example")
    assert run("revoke", "--recipient", "Board")[1] == "1 links were closed.\n"
    assert run("revoke", "--release", published)[1] == "1 links were closed.\n"


def test_an_overdue_review_is_said_and_renewed(run, published):
    partner = ("--keep", "Partner", "--kind", "third party", "--basis", "x", "--country", "DE")
    run("recipients", *partner, "--review-due", "2020-01-31")
    code, _, said = run("link", published, "--recipient", "Partner")
    assert (code, "because the review of Partner was due on 31 January 2020" in said) == (2, True)
    run("recipients", "--renew", "Partner")
    assert run("link", published, "--recipient", "Partner")[0] == 0


def test_a_passphrase_is_never_a_word_of_the_command(run, published, monkeypatch):
    assert run("link", published, "--passphrase", "open sesame")[0] == 2
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    code, _, said = run("link", published, "--passphrase")
    assert (code, "standard input" in said) == (2, True)
    assert json.loads(run("links", published, "--json")[1])["links"] == []


@pytest.mark.slow
def test_without_a_number_the_map_decides_how_many_segments(run, sample_csv, tmp_path):
    out = tmp_path / "auto.json"
    asked = ("--features", "orders,total_spent,average_basket,days_since_last_order,returns")
    told = ("--describe", "age,region", "--segments", "auto", "--out", out, "--title", "Shop")
    assert run("publish", sample_csv, *asked, *told)[0] == 0
    made = release_from(out.read_text(encoding="utf-8"))
    assert made.title == "Shop"
    assert 4 <= len(made.segments) <= 6
    assert "Skerryvore" not in out.read_text(encoding="utf-8")


def test_a_range_that_is_bought_first_leaves_less_for_the_rest(run, sample_csv, monkeypatch):
    monkeypatch.setenv("DASHBOARD_EPSILON_CAP", "1.0")
    question = ("--features", "age,total_spent", "--epsilon", "1.42", "--json")
    affordable = {
        bounds: json.loads(run("quote", sample_csv, *question, "--bounds", bounds)[1])["affordable"]
        for bounds in ("total_spent=0:5000", "total_spent=buy")
    }
    assert affordable == {"total_spent=0:5000": True, "total_spent=buy": False}


@pytest.mark.parametrize("verb", ["quote", "publish"])
def test_without_features_nothing_is_kept_and_a_suggestion_is_told(run, sample_csv, verb):
    code, out, said = run(verb, sample_csv, "--describe", "region")
    assert (code, out) == (2, "")
    assert "--features age,orders,total_spent" in said
    assert "--describe " in said
    assert json.loads(run("budget", "--json")[1]) == {"budgets": []}


def test_columns_says_when_nothing_tells_customers_apart(run, tmp_path, sample_csv):
    orders = tmp_path / "orders.csv"
    orders.write_text("order_no,amount\n" + "".join(f"A{each},{each % 9}\n" for each in range(99)))
    assert "the privacy unit is one row" in run("columns", orders)[1]
    assert "the privacy unit is one row" not in run("columns", sample_csv)[1]


@pytest.mark.parametrize(
    "asked",
    [
        ("columns", "{csv}"),
        ("quote", "{csv}", "--features", "spend"),
        ("quote", "{csv}"),
        ("publish", "{csv}", "--features", "spend,missing"),
        ("publish", "{csv}", "--features", "spend", "--epsilon", "nan"),
    ],
    ids=" ".join,
)
def test_no_upload_is_left_waiting(run, secret_csv, monkeypatch, asked):
    received, discarded = [], []
    receive, discard = workflow.receive, workflow.discard
    monkeypatch.setattr(
        workflow, "receive", lambda *told: (received.append(receive(*told)), received[-1])[1]
    )
    monkeypatch.setattr(
        workflow, "discard", lambda seat, name: (discarded.append(name), discard(seat, name))[1]
    )
    run(*(each.replace("{csv}", str(secret_csv)) for each in asked))
    assert [each.staged_id for each in received] == discarded


def test_show_tells_a_release_in_words_and_in_json(run, release_file):
    code, out, _ = run("show", release_file)
    assert code == 0
    assert all(each.name in out for each in sample_release().segments)
    assert run("show", release_file, "--json")[1].strip() == sample_release().to_json()


def test_purge_says_how_many_tables_were_destroyed(run):
    code, out, _ = run("purge", "--json")
    assert code == 0
    assert json.loads(out) == {"destroyed": 0}


def test_serve_starts_the_server_where_it_was_asked_to(run, monkeypatch):
    import uvicorn

    calls = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: calls.append((app, options)))
    assert run("serve", "--port", 8600)[1].strip().endswith("http://127.0.0.1:8600")
    assert run("serve", "--viewer", "--host", "0.0.0.0")[0] == 0
    (app, options), (viewer, viewer_options) = calls
    assert (app, options["port"], options["host"]) == ("streamlit_app:app", 8600, "127.0.0.1")
    assert [each.path for each in viewer.routes if "/s/" in each.path]
    assert viewer_options["host"] == "0.0.0.0"
    assert not options["access_log"]


def test_declared_bounds_take_the_place_of_presets(run, sample_csv, monkeypatch):
    asked = []
    quote = workflow.quote
    monkeypatch.setattr(
        workflow,
        "quote",
        lambda seat, base, plan, _: (asked.append(plan), quote(seat, base, plan))[1],
    )
    bounds = ("--bounds", "total_spent=0:5000:log", "--bounds", "age=-10:90.5")
    assert run("quote", sample_csv, "--features", "age,total_spent,orders", *bounds)[0] == 0
    age, spent, orders = (each.bounds for each in asked[0].features)
    assert (spent.low, spent.high, spent.log) == (0, 5000, True)
    assert (age.low, age.high, age.log, age.whole) == (-10, 90.5, False, True)
    assert orders == preset_bounds("orders")


# ── refusals ────────────────────────────────────────────────────────────────────────────
REFUSED = [
    (),
    ("dance",),
    ("columns",),
    ("columns", "nowhere.csv"),
    ("columns", "."),
    ("quote", "{csv}", "--features", "spend,missing"),
    ("quote", "{csv}", "--features", "email"),
    ("quote", "{csv}", "--features", "customer_id"),
    ("quote", "{csv}", "--features", "spend,spend"),
    ("quote", "{csv}", "--features", "spend", "--epsilon", "0"),
    ("quote", "{csv}", "--features", "spend", "--epsilon", "nan"),
    ("quote", "{csv}", "--features", "spend", "--epsilon", "much"),
    ("quote", "{csv}", "--features", "spend", "--bounds", "spend=5:1"),
    ("quote", "{csv}", "--features", "spend", "--bounds", "spend=1"),
    ("quote", "{csv}", "--features", "spend", "--bounds", "spend=a:b"),
    ("quote", "{csv}", "--features", "spend", "--bounds", "spend=0:inf"),
    ("quote", "{csv}", "--features", "spend", "--bounds", "spend=-1:5:log"),
    ("quote", "{csv}", "--features", "spend", "--bounds", "other=0:1"),
    ("quote", "{csv}", "--features", "plan", "--bounds", "plan=0:1"),
    ("quote", "{csv}", "--features", "spend", "--id", "nobody"),
    ("quote", "{csv}", "--features", "spend", "--consent", "nobody"),
    ("publish", "{csv}", "--segments", "many"),
    ("publish", "{csv}", "--out", "no/such/folder/release.json"),
    ("publish", "{csv}", "--features", "spend", "--epsilon", "0.01"),
    ("show", "nowhere.json"),
    ("show", "{csv}"),
    ("link", "0" * 32),
    ("link", "{csv}"),
    ("link", "0" * 32, "--recipient", "Nobody"),
    ("revoke",),
    ("revoke", "unknown"),
    ("rotate", "unknown"),
    ("recipients", "--renew", "Nobody"),
    ("recipients", "--keep", "X", "--kind", "friend"),
    ("recipients", "--keep", "X", "--review-due", "soon"),
    ("serve", "--port", "99999"),
]


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_bad_input_ends_with_one_sentence_and_code_two(run, secret_csv, arguments):
    code, out, err = run(*(each.replace("{csv}", str(secret_csv)) for each in arguments))
    *progress, sentence = err.strip().splitlines()
    assert code == 2
    assert out == ""
    assert sentence[0].isupper() or sentence[0] == "“"
    assert sentence.endswith((".", "?"))
    assert all("%" in line or "could not be read" in line for line in progress)
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [each for each in REFUSED if "{csv}" in each], ids=" ".join)
def test_a_refusal_shows_no_value_of_a_row(run, secret_csv, arguments):
    _, out, err = run(*(each.replace("{csv}", str(secret_csv)) for each in arguments))
    for secret in (SECRET, "jane.doe", "call me", "Skerryvore", "c900"):
        assert secret not in out + err


def test_a_failed_question_keeps_no_table(run, secret_csv):
    assert run("quote", secret_csv, "--features", "spend", "--epsilon", 11)[0] == 2
    assert json.loads(run("budget", "--json")[1]) == {"budgets": []}


# ── as its user runs it ─────────────────────────────────────────────────────────────────
def _program(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_answers_from_a_shell(release_file):
    shown = _program("show", release_file)
    assert shown.returncode == 0
    assert sample_release().title in shown.stdout


def test_a_reader_that_has_read_enough_is_no_mistake_of_ours(release_file):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        ended = subprocess.run(
            [sys.executable, "-m", "dashboard", "show", str(release_file)],
            cwd=ROOT,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_wrong_setting_is_one_sentence(tmp_path):
    refused = _program("budget", DASHBOARD_EPSILON_CAP="lots")
    assert refused.returncode == 2
    assert refused.stderr.strip() == "DASHBOARD_EPSILON_CAP must be a number from 0.01 to 10."


def test_our_own_mistake_shows_a_number_and_no_text(tmp_path):
    broken = "from dashboard import cli; import sys; sys.excepthook = cli.speak_plainly; "
    ended = subprocess.run(
        [sys.executable, "-c", f"{broken} cli.logs.set_up(); raise ValueError('{SECRET}')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert SECRET not in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "it is our mistake" in ended.stderr


def test_heavy_libraries_wait_until_they_are_needed():
    heavy = ["pandas", "sklearn", "duckdb", "pyarrow", "plotly", "streamlit", "diffprivlib"]
    code = f"import sys, dashboard.cli; print([h for h in {heavy} if h in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


# ── what is declared of columns ─────────────────────────────────────────────────────────
@pytest.fixture
def dated_csv(tmp_path):
    """Dates whose order of day and month only a person can tell, and labels from low to high."""
    tiers = ("bronze", "silver", "gold")
    lines = ["customer_id,signup,tier,mood,spend"]
    lines += [
        f"c{n},{1 + n % 12:02}/{1 + n % 28:02}/2025,{tiers[n % 3]},{'xyz'[n % 3]},{n % 50}.5"
        for n in range(3000)
    ]
    path = tmp_path / "dated.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_dates_that_could_be_read_two_ways_need_a_declaration(run, dated_csv):
    code, _, said = run("quote", dated_csv, "--features", "signup,spend")
    assert code == 2
    assert "--dates signup=dmy" in said
    declared = ("--features", "signup,spend", "--dates", "signup=mdy", "--until", "2026-01-01")
    assert run("quote", dated_csv, *declared)[0] == 0


@pytest.mark.slow
def test_every_kind_of_column_makes_segments(run, dated_csv, tmp_path):
    out = tmp_path / "release.json"
    asked = ("--features", "signup,tier,mood,spend", "--dates", "signup=mdy", "--segments", 3)
    told = ("--order", "mood=x,y,z", "--until", "2026-01-01", "--out", out)
    assert run("publish", dated_csv, *asked, *told)[0] == 0
    made = release_from(out.read_text(encoding="utf-8"))
    kinds = {each.name: each for each in made.features}
    assert kinds["tier"].domain.labels == ("Bronze", "Silver", "Gold")
    assert kinds["mood"].domain.labels == ("x", "y", "z")
    assert kinds["signup"].dates.until == "2026-01-01"
    days = next(each for each in made.overall if each.name == "signup").typical
    assert days.value == pytest.approx(184, abs=90)


@pytest.mark.parametrize(
    "option",
    [("--order", "tier"), ("--order", "tier=gold"), ("--dates", "signup"), ("--until", "soon")],
)
def test_a_declaration_that_cannot_be_read_says_how_to_write_it(run, dated_csv, option):
    code, _, said = run("quote", dated_csv, "--features", "signup,tier", *option)
    assert code == 2
    assert "write" in said


@pytest.mark.slow
def test_a_range_is_quoted_then_bought_once_with_the_release(run, sample_csv, tmp_path):
    asked = (sample_csv, "--features", "orders,total_spent", "--bounds", "total_spent=buy")
    quoted = run("quote", *asked)
    assert "Finding the range of total_spent costs" in quoted[1]
    out = tmp_path / "release.json"
    code, _, said = run("publish", *asked, "--segments", 3, "--out", out)
    assert code == 0
    assert "range of total_spent was bought" in said
    spent = run("budget", "--json")[1]
    made = release_from(out.read_text(encoding="utf-8"))
    bounds = next(each.bounds for each in made.features if each.name == "total_spent")
    assert bounds.bought
    assert bounds.low == 0
    assert run("publish", *asked, "--segments", 3)[0] == 0
    assert run("budget", "--json")[1] == spent


# ── refusals and keys ───────────────────────────────────────────────────────────────────
def test_a_list_of_refusals_is_taken_and_the_way_back_is_written(run, tmp_path):
    path, back = tmp_path / "unsubscribed.csv", tmp_path / "back.csv"
    path.write_text("Email,Email Opt Out\na@x.example,1\nb@x.example,0\n", encoding="utf-8")
    asked = ("--way-back", "shopify", "--out", back)
    code, out, err = run("suppress", path, *asked, "--json")
    assert (code, json.loads(out)) == (0, {"rows": 1, "known": "fewer than 11"})
    assert back.read_text(encoding="utf-8").split() == [
        "Email,Accepts",
        "Email",
        "Marketing",
        '"a@x.example",no',
    ]
    assert "a@x.example" not in out + err


def test_the_key_is_renewed_by_a_command(run, sample_csv, settings):
    assert run("columns", sample_csv)[0] == 0
    key = settings.data_dir / "master.key"
    old = key.read_bytes()
    code, out, _ = run("rotate-key")
    assert (code, out.strip()) == (0, "0 customer tables are locked by the new key.")
    assert key.read_bytes() != old


@pytest.mark.parametrize("reached", ["host", "address", "login"])
def test_a_dashboard_that_others_reach_does_not_start_on_a_key_file(
    run, monkeypatch, tmp_path, reached
):
    import uvicorn

    calls = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: calls.append(app))
    if reached == "address":
        monkeypatch.setenv("DASHBOARD_PUBLIC_URL", "https://segments.example")
    if reached == "login":
        monkeypatch.setattr(serving, "ROOT", tmp_path)
        (tmp_path / ".streamlit").mkdir()
        (tmp_path / ".streamlit" / "secrets.toml").write_text("[auth]\ncookie_secret = 'x'\n")
    host = ("--host", "0.0.0.0") if reached == "host" else ()
    code, out, err = run("serve", *host)
    assert (code, out, calls) == (2, "", [])
    assert "Set DASHBOARD_MASTER_KEY" in err
    monkeypatch.setenv("DASHBOARD_MASTER_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    assert run("serve", *host)[0] == 0
    assert calls == ["streamlit_app:app"]


def test_a_guarded_column_needs_a_reason_on_the_command_line_too(run, tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"C{n},{n % 9},{'fmx'[n % 3]}\n" for n in range(60))
    path.write_text(f"customer_id,orders,gender\n{rows}", encoding="utf-8")
    code, _, err = run("quote", path, "--features", "orders", "--describe", "gender")
    assert code == 2
    assert "only with a reason" in err
    reason = ("--reason", "gender=asked for by the survey")
    assert run("quote", path, "--features", "orders", "--describe", "gender", *reason)[0] == 0


def test_a_strange_answer_is_told_and_can_be_given_a_meaning(run, tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"C{n},{n % 9},{('yes', 'perhaps')[n % 2]}\n" for n in range(60))
    path.write_text(f"customer_id,orders,opt_in\n{rows}", encoding="utf-8")
    told = "Column “opt_in”: “perhaps” counts as neither yes nor no."
    assert told in run("quote", path, "--features", "orders")[2]
    assert run("quote", path, "--features", "orders", "--answer", "opt_in:perhaps=out")[0] == 0
    assert told not in run("quote", path, "--features", "orders")[2]
