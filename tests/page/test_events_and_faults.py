"""Events that are sent, seen and sent again; faults that are switched on, made up and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import urllib3
from playwright.sync_api import expect

from cloudspot.sandbox import Sandbox

from .conftest import Opening


class Webhook(HTTPServer):
    """An application's webhook, with what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[bytes] = []
        self.status = 200


class _Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        self.server.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"<b>said</b>")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook(sandbox: Sandbox) -> Iterator[Webhook]:
    with Webhook() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        sandbox.applications.update(webhook_url=f"http://127.0.0.1:{server.server_port}/auth/webhook")
        yield server
        server.shutdown()
        thread.join()


def test_an_event_is_sent_by_hand_seen_and_sent_again(visit: Opening, sandbox: Sandbox, webhook: Webhook) -> None:
    page = visit("/events")
    page.keyboard.press("n")
    page.get_by_label("Begin with an example of").select_option("user.created")
    expect(page.get_by_label("Data")).to_have_value(re.compile("user_email"))
    page.get_by_role("button", name="Send").click()
    sandbox.events.wait()
    expect(page.get_by_text("delivered")).to_be_visible()
    expect(page.get_by_text("<b>said</b>")).to_be_visible()
    assert b"user.created" in webhook.got[0]

    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#said")).to_be_visible()
    sandbox.events.wait()
    assert webhook.got[1] == webhook.got[0]

    page.locator("#menu-events").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Forget all").click()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.get_by_text("Nothing was sent yet")).to_be_visible()


def test_deliveries_come_in_while_one_looks(visit: Opening, sandbox: Sandbox, webhook: Webhook) -> None:
    page = visit("/events")
    expect(page.get_by_text("Nothing was sent yet")).to_be_visible()
    webhook.status = 410
    sandbox.users.update("jan@sandbox.test", pin="99")
    expect(page.get_by_role("link", name="user.pin.updated")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("refused")
    page.get_by_label("Status").select_option("delivered")
    expect(page.get_by_text("Nothing fits")).to_be_visible()


def test_what_is_no_event_is_said_at_its_field(visit: Opening, sandbox: Sandbox, webhook: Webhook) -> None:
    page = visit("/events/+send")
    page.get_by_label("Data").fill("[1, 2")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#f-data-error")).to_contain_text("not a JSON object")
    expect(page.get_by_label("Data")).to_have_value("[1, 2")
    sandbox.applications.update(webhook_url=None)
    page.get_by_label("Data").fill("{}")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#f-application-error")).to_contain_text("no webhook_url")


def test_presets_are_switches(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/faults", locale="nl-BE")
    switch = page.get_by_role("checkbox", name="Onderhoud")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator("#said")).to_contain_text("Onderhoud")
    expect(switch).to_be_checked()
    expect(switch).to_be_focused()
    answer = urllib3.request(
        "GET", f"{sandbox.base_url}/artikels/", headers={"X-ERP-TOKEN": "sandbox-token"}, retries=False
    )
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    expect(page.locator("#menu-faults .count")).to_have_text("1")
    switch.click()
    expect(page.locator("#said")).to_contain_text("Uit")
    assert sandbox.faults.list() == []


def test_a_fault_of_ones_own_hits_and_is_counted(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/faults")
    page.keyboard.press("n")
    page.get_by_label("Route", exact=True).select_option("klanten")
    page.get_by_label("Token", exact=True).fill("sandbox-token")
    page.get_by_label("How often").fill("3")
    page.get_by_label("Status", exact=False).first.fill("500")
    page.get_by_label("Body").select_option("html")
    page.get_by_label("Delay (s)").fill("0,01")
    page.get_by_role("button", name="Add fault").click()
    expect(page.locator("#active")).to_contain_text("status=500")
    fault = sandbox.faults.list()[0].fault
    assert (fault.route, fault.times, fault.status, fault.body, fault.delay) == ("klanten", 3, 500, "html", 0.01)
    headers = {"X-ERP-TOKEN": "sandbox-token"}
    assert urllib3.request("GET", f"{sandbox.base_url}/klanten/", headers=headers, retries=False).status == 500
    expect(page.locator("#active")).to_contain_text("1 of 3")
    page.get_by_role("button", name="Delete").click()
    expect(page.locator("#said")).to_be_visible()
    assert sandbox.faults.list() == []


def test_a_fault_that_contradicts_itself_is_refused_and_kept(visit: Opening, sandbox: Sandbox) -> None:
    page = visit("/faults")
    page.get_by_text("A fault of your own").click()
    page.get_by_label("Probability").fill("7")
    page.get_by_label("Reset the connection").check()
    page.get_by_role("button", name="Add fault").click()
    expect(page.locator("#f-probability-error")).to_contain_text("at most 1")
    expect(page.get_by_label("Probability")).to_have_value("7")
    expect(page.get_by_label("Reset the connection")).to_be_checked()
    page.get_by_label("Probability").fill("x")
    page.get_by_role("button", name="Add fault").click()
    expect(page.locator("#f-probability-error")).to_be_visible()
    assert sandbox.faults.list() == []
