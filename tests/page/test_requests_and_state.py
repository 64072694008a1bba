"""The log of requests while they come in; snapshots, the clock and the reset."""

from __future__ import annotations

import json
import re
from pathlib import Path

import urllib3
from playwright.sync_api import expect

from cloudspot.sandbox import Sandbox

from .conftest import Opening


def ask(sandbox: Sandbox, path: str, token: str = "sandbox-token", **options) -> int:
    headers = {"X-ERP-TOKEN": token, "Accept-Encoding": "identity"}
    return urllib3.request("GET", f"{sandbox.base_url}/{path}", headers=headers, retries=False, **options).status


def test_requests_come_in_while_one_looks(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/")
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()
    ask(sandbox, "artikels/?id=125")
    expect(page.get_by_role("link", name="/api/v1/artikels/?id=125")).to_be_visible()
    ask(sandbox, "klanten/", "unknown")
    row = page.locator("#exchanges tbody tr").first
    expect(row).to_contain_text("/api/v1/klanten/")
    expect(row).to_contain_text("401")
    assert "new" in (row.get_attribute("class") or "")
    assert "unknown" not in page.content(), "a token is shown"
    page.get_by_role("link", name="/api/v1/klanten/").click()
    expect(page.get_by_role("heading", name="GET /api/v1/klanten/")).to_be_visible()


def test_looking_can_be_paused_and_adds_no_requests(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/requests")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Pause")).to_have_attribute("aria-pressed", "true")
    ask(sandbox, "artikels/?id=125")
    page.wait_for_timeout(2300)
    expect(page.locator("#exchanges tbody tr")).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#exchanges tbody tr")).to_have_count(1)
    assert len(sandbox.requests) == 1


def test_requests_are_filtered_and_seen_one_by_one(visit: Opening, sandbox: Sandbox) -> None:
    for path, token in (("artikels/", "sandbox-token"), ("klanten/", "sandbox-artikels"), ("categories/", "nobody")):
        ask(sandbox, path, token)
    sandbox.faults.add(status=503)
    ask(sandbox, "artikels/?id=126")
    page = visit("/requests")
    rows = page.locator("#exchanges tbody tr")
    expect(rows).to_have_count(4)
    page.locator("#status").fill("4xx")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    page.locator("#status").fill("x")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("no status")
    page.locator("#status").fill("")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(4)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("id=126")
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This request met fault 1:")).to_be_visible()
    expect(page.locator("main")).to_contain_text("$CLOUDSPOT_TOKEN")
    page.keyboard.press("Escape")
    page.go_back()
    expect(rows).to_have_count(1)


def test_a_request_is_copied_as_curl(visit: Opening, sandbox: Sandbox) -> None:
    ask(sandbox, "artikels/?id=125")
    page = visit("/requests/1", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy: curl").click()
    expect(page.get_by_role("button", name="Copy: curl")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == sandbox.requests.curl(1)
    expect(page.locator("#announcer")).to_have_text("Copied")


def test_requests_are_downloaded_as_har_and_forgotten(visit: Opening, sandbox: Sandbox) -> None:
    ask(sandbox, "artikels/?id=125")
    ask(sandbox, "klanten/", "unknown")
    page = visit("/requests?status=4xx")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download HAR").click()
    har = json.loads(download.value.path().read_text())
    assert download.value.suggested_filename == "sandbox.har"
    assert [entry["response"]["status"] for entry in har["log"]["entries"]] == [401]
    page.get_by_role("button", name="Forget all").click()
    expect(page.get_by_text("Nothing was asked yet")).to_be_visible()
    assert len(sandbox.requests) == 0


def test_a_sandbox_that_is_gone_is_told(visit: Opening, sandbox: Sandbox, visitor) -> None:
    page = visit("/")
    sandbox.stop()
    expect(page.get_by_text("The sandbox does not answer")).to_be_visible()
    page.close()
    visitor.complaints = [each for each in visitor.complaints if not re.search("ERR_CONNECTION|htmx:", each)]
    sandbox.start()


def test_snapshots_are_taken_restored_downloaded_and_deleted(visit: Opening, sandbox: Sandbox) -> None:
    before = sandbox.artikels.get(125)
    page = visit("/state")
    page.get_by_label("Name").fill("voor/na")
    page.get_by_role("button", name="Take snapshot").click()
    expect(page.get_by_role("alert")).to_contain_text("without a /")
    page.get_by_label("Name").fill('voor "alles" <&>')
    page.get_by_role("button", name="Take snapshot").click()
    expect(page.locator("#said")).to_contain_text('voor "alles" <&>')
    sandbox.artikels.update(125, naam="Anders")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download: voor").click()
    assert before.naam in download.value.path().read_text()
    page.get_by_role("button", name="Restore: voor").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("restored")
    assert sandbox.artikels.get(125) == before
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.get_by_text("No snapshot yet.")).to_be_visible()


def test_the_clock_is_stopped_moved_and_put_back(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/state")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("stands still")).to_be_visible()
    page.get_by_label("Moment").fill("2027-02-28T23:59:30+01:00")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#said")).to_contain_text("2027-02-28T23:59:30+01:00")
    page.get_by_role("button", name="+ 1 min").click()
    expect(page.locator(".time")).to_have_text("2027-03-01T00:00:30+01:00")
    page.get_by_label("Seconds forward").fill("-90,5")
    page.get_by_role("button", name="Move").click()
    expect(page.locator(".time")).to_have_text("2027-02-28T23:58:59+01:00")
    page.get_by_label("Moment").fill("tomorrow")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#f-moment-error")).to_contain_text("no moment")
    expect(page.get_by_label("Moment")).to_have_value("tomorrow")
    page.get_by_role("button", name="Let it run").click()
    expect(page.get_by_text("runs, shifted")).to_be_visible()
    page.get_by_role("button", name="Back to the start").click()
    expect(page.get_by_text("this machine's")).to_be_visible()
    assert sandbox.clock.is_real


def test_everything_begins_anew(visit: Opening, sandbox: Sandbox) -> None:
    before = sandbox.artikels.get(125)
    sandbox.artikels.update(125, naam="Anders")
    sandbox.faults.add(status=500)
    page = visit("/state", locale="nl-BE")
    page.get_by_role("button", name="Alles opnieuw").click()
    page.get_by_role("button", name="Ja, doe het").click()
    expect(page.locator("#said")).to_contain_text("zoals in het begin")
    expect(page).to_have_url(re.compile("/state$"))
    assert sandbox.artikels.get(125) == before
    assert sandbox.faults.list() == []


def test_a_snapshot_goes_to_a_file_and_comes_back(visit: Opening, sandbox: Sandbox, tmp_path: Path) -> None:
    before = sandbox.artikels.get(125)
    page = visit("/state")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as it is now").click()
    file = tmp_path / "sandbox.jsonl"
    download.value.save_as(file)
    sandbox.artikels.update(125, naam="Anders")
    page.get_by_label("Snapshot from a file").set_input_files(file)
    page.get_by_role("button", name="Restore file").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#said")).to_contain_text("sandbox.jsonl")
    assert sandbox.artikels.get(125) == before

    file.write_bytes(file.read_bytes()[:2000])
    sandbox.artikels.update(125, naam="Anders")
    page.get_by_label("Snapshot from a file").set_input_files(file)
    page.get_by_role("button", name="Restore file").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator("#f-file-error")).to_be_visible()
    assert sandbox.artikels.get(125).naam == "Anders"
