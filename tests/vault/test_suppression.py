"""Who said no stays out, of every later file and after every erasure, and nobody sees who."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from dashboard import workflow
from dashboard.errors import BadInputError
from dashboard.receipts import Choices, Kept, Listed, Upload
from dashboard.settings import Settings
from dashboard.sources import SourceTable
from dashboard.vault import suppression
from dashboard.vault.store import Vault
from dashboard.workflow import Workspace
from tests.vault.making import raw
from tests.vault.vendors import export

DAY = date(2026, 6, 15)
MAIL = "zz.canary@shop.example"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault", b"k" * 32)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workflow.open_workspace(Settings(data_dir=tmp_path / "data"))


def put(vault: Vault, *ids: str, owner: str = "me", day: date = DAY) -> tuple[int, int]:
    return suppression.suppress(vault, owner, pa.chunked_array([ids], pa.string()), day)


def listed(vault: Vault, *ids: str | None, owner: str = "me") -> list[bool]:
    return suppression.suppressed(vault, owner, ["id"]).rows(raw(id=ids)).tolist()


def test_an_id_is_known_again_however_it_is_written(vault: Vault) -> None:
    assert put(vault, "Anna@Shop.example", "+33 6 12-34.56 78", "'00123", "N/A") == (3, 0)
    assert listed(vault, " anna@SHOP.example", "0033612345678", "00123", "N/A", None, "Bo") == [
        *[True] * 3,
        *[False] * 3,
    ]


def test_new_ids_and_known_ones_are_told_apart(vault: Vault) -> None:
    assert put(vault, "a", "b", "b") == (2, 0)
    assert put(vault, "b", "c", day=DAY + timedelta(days=2)) == (1, 1)
    assert suppression.since(vault, "me", None) == 3
    assert suppression.since(vault, "me", DAY + timedelta(days=1)) == 1


def test_lists_belong_to_their_owner(vault: Vault) -> None:
    put(vault, "a")
    assert listed(vault, "a", owner="you") == [False]


def test_nothing_on_disk_says_who_is_on_the_list(vault: Vault) -> None:
    put(vault, MAIL)
    for path in filter(Path.is_file, vault.directory.rglob("*")):
        assert b"canary" not in path.read_bytes()


def test_the_list_has_a_key_of_its_own(vault: Vault) -> None:
    """What tells a customer in a table tells nobody on the list, and the other way round."""
    from dashboard.vault.pseudonyms import pseudonyms

    put(vault, MAIL)
    known = suppression.suppressed(vault, "me", ["id"]).known.astype(">u8").tobytes()
    assert known not in pseudonyms(vault.id_key("me"), [MAIL])
    assert vault.suppression_key("me") not in (vault.id_key("me"), vault.sketch_key("me"))


# ── from file to file ───────────────────────────────────────────────────────────────────
def people(*names: str, header: str = "customer_id,email,orders") -> Upload:
    rows = "".join(f"C{each},{each}@shop.example,{n % 7}\n" for n, each in enumerate(names))
    return Upload("people.csv", f"{header}\n{rows}".encode())


CROWD = tuple(f"p{each}" for each in range(60))


def keep(workspace: Workspace, upload: Upload, **changes: object) -> Kept:
    received = workflow.receive(workspace, [upload])
    choices = workflow.suggest(received, "to try")
    assert isinstance(choices, Choices)
    return workflow.keep(workspace, received.staged_id, choices)


def test_who_is_on_the_list_is_left_out_of_every_later_file(workspace: Workspace) -> None:
    assert keep(workspace, people(*CROWD)).listed is None
    done = workflow.suppress(
        workspace, [Upload("no.csv", b"Email\np3@shop.example\nx@y.example\n")]
    )
    assert (done.rows, done.added, done.known) == (2, 2, 0)
    for _ in range(2):
        kept = keep(workspace, people(*CROWD))
        assert (kept.customers, kept.listed) == (59, 1)
        workflow.destroy(workspace, kept.dataset_id)  # erasing tables changes nothing
    assert workflow.suppress(workspace, [people("p3")]).known == 1


def test_the_list_outlives_every_table_its_day_and_the_process(
    workspace: Workspace, tmp_path: Path
) -> None:
    workflow.suppress(workspace, [Upload("no.csv", b"Email\np3@shop.example\nx@y.example\n")])
    keep(workspace, people(*CROWD))
    workflow.purge(workspace, datetime.now(UTC) + timedelta(days=4_000))
    workflow.seat._stores.cache_clear()
    again = workflow.open_workspace(Settings(data_dir=tmp_path / "data"))
    assert keep(again, people(*CROWD)).listed == 1


def test_an_objection_to_being_grouped_holds_in_files_that_do_not_say_so(
    workspace: Workspace,
) -> None:
    rows = "".join(f"C{n},p{n}@shop.example,{n % 7},{n == 3}\n" for n in range(60))
    said = Upload("a.csv", f"customer_id,email,orders,HasOptedOutProfiling\n{rows}".encode())
    assert keep(workspace, said).said_no == 1
    later = "".join(f"p{n}@shop.example,{n % 7}\n" for n in range(60))
    kept = keep(workspace, Upload("b.csv", f"email,orders\n{later}".encode()))
    assert (kept.customers, kept.listed) == (59, 1)


def test_leaving_a_newsletter_is_not_remembered_beyond_its_file(workspace: Workspace) -> None:
    rows = "".join(f"C{n},{n % 7},{n == 3}\n" for n in range(60))
    keep(workspace, Upload("a.csv", f"customer_id,orders,Email Opt Out\n{rows}".encode()))
    later = "".join(f"C{n},{n % 7}\n" for n in range(60))
    assert keep(workspace, Upload("b.csv", f"customer_id,orders\n{later}".encode())).listed is None


def test_orders_of_who_is_on_the_list_are_left_out_too(workspace: Workspace) -> None:
    lines = "".join(
        f"O{n},C{n % 40},c{n % 40}@shop.example,2026-0{1 + n % 5}-11,{n % 90}.5\n"
        for n in range(400)
    )
    head = "order_id,customer_id,email,order_date,total\n"
    workflow.suppress(workspace, [Upload("no.csv", b"Email\nc7@shop.example\nx@y.example\n")])
    received = workflow.receive(workspace, [Upload("orders.csv", (head + lines).encode())])
    choices = workflow.suggest_orders(received, "to try", until=date(2026, 6, 1))
    kept = workflow.keep(workspace, received.staged_id, choices)
    assert (kept.customers, kept.listed) == (39, 1)


# ── exports of who unsubscribed ─────────────────────────────────────────────────────────
def take(workspace: Workspace, upload: Upload) -> Listed:
    return workflow.suppress(workspace, [upload])


def test_exports_of_who_unsubscribed_are_taken_as_they_are(workspace: Workspace) -> None:
    hubspot = (
        b"Email,Portal Unsubscribe,Portal Spam Report,Marketing Information\n"
        b"a@x.example,TRUE,,\nb@x.example,,,TRUE\nc@x.example,,,\n"
    )
    assert take(workspace, Upload("unsubscribes.csv", hubspot)).rows == 2
    told = {"HasOptedOutOfEmail": ["true", "false", "true"]}
    assert take(workspace, export("Salesforce API", "c.csv", told)).rows == 2
    klaviyo = {"Email Suppressions": ["USER_SUPPRESSED", "", "HARD_BOUNCE"]}
    assert take(workspace, export("Klaviyo", "c.csv", klaviyo)).rows == 2
    gone = export("Mailchimp", "unsubscribed_email_audience_export_1a2b.csv", {}, without=["LEID2"])
    assert take(workspace, gone).rows == 60
    plain = Upload("no.csv", b"Customer ID\nC17\nC18\n")
    assert (take(workspace, plain).rows, take(workspace, plain).known) == (2, 2)


def test_a_list_that_tells_nobody_is_refused(workspace: Workspace) -> None:
    with pytest.raises(BadInputError, match="No column here tells who"):
        take(workspace, Upload("no.csv", b"color,size\nred,1\nblue,2\n"))


def test_the_way_back_names_who_said_no_in_each_product_s_words(workspace: Workspace) -> None:
    file = b"Email,Email Opt Out\na@x.example,1\n=b@x.example,1\nc@x.example,0\n"
    done = take(workspace, Upload("no.csv", file))
    files = {each.product: each.content.decode() for each in done.way_back}
    rows = {name: list(csv.reader(io.StringIO(text))) for name, text in files.items()}
    assert rows == {
        "HubSpot": [["Email"], ["a@x.example"]],
        "Klaviyo": [["Email"], ["a@x.example"]],
        "Mailchimp": [["Email Address"], ["a@x.example"]],
        "Shopify": [["Email", "Accepts Email Marketing"], ["a@x.example", "no"]],
        "Salesforce": [["Email", "HasOptedOutOfEmail"], ["a@x.example", "TRUE"]],
    }
    assert "a@x.example" not in repr(done)


def test_nobody_can_guess_what_a_file_on_the_way_back_is_called(workspace: Workspace) -> None:
    file = b"Email,Email Opt Out\na@x.example,1\n"
    names = [{each.name for each in take(workspace, Upload("no.csv", file)).way_back}]
    names += [{each.name for each in take(workspace, Upload("no.csv", file)).way_back}]
    assert names[0].isdisjoint(names[1])
    assert all(re.fullmatch(r"[a-z-]+-[0-9a-f]{16}\.csv", name) for name in names[0])


def test_a_table_that_stays_in_a_database_is_no_list(workspace: Workspace) -> None:
    """Its addresses would come back as files."""
    table = SourceTable("shop.people", "postgresql", "postgresql://nowhere", "people")
    with pytest.raises(BadInputError, match="given as a file"):
        take(workspace, Upload("shop.people", table))


def crowd_with(blank: int) -> Upload:
    """Some people with an address, more without one: together they would tell of a column."""
    some = [f"C{n},p{n}@shop.example,{n % 7}" for n in range(60)]
    none = [f"N{n},none given,{n % 7}" for n in range(blank)]
    return Upload("people.csv", "\n".join(["customer_id,contact,orders", *some, *none]).encode())


def test_one_customer_more_never_decides_whether_others_are_recognized(
    workspace: Workspace,
) -> None:
    """Six in ten with an address, or one less: each address is looked at for itself."""
    refusing = "".join(f"p{n}@shop.example\n" for n in range(20))
    take(workspace, Upload("no.csv", f"Email\n{refusing}".encode()))
    for blank in (39, 40, 41, 400):
        assert keep(workspace, crowd_with(blank)).listed == 20


def test_a_no_by_customer_number_is_heard_where_another_column_is_the_id(
    workspace: Workspace,
) -> None:
    take(workspace, Upload("no.csv", b"customer_id\n" + b"".join(b"A%d\n" % n for n in range(20))))
    for times in (1, 2, 3):
        rows = "".join(f"Z{n},A{n},{n % 7}\n" * times for n in range(60))
        upload = Upload("people.csv", f"client_id,customer_id,orders\n{rows}".encode())
        received = workflow.receive(workspace, [upload])
        choices = replace(workflow.suggest(received, "to try"), id_column="client_id")
        kept = workflow.keep(workspace, received.staged_id, choices)
        assert (kept.customers, kept.listed) == (40, 20)


def test_refusals_since_the_last_release_wait_for_the_next(workspace: Workspace) -> None:
    assert workflow.waiting(workspace) == 0
    take(workspace, Upload("no.csv", b"Email\na@x.example\nb@x.example\n"))
    assert workflow.waiting(workspace) == 2
