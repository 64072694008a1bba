"""Commands and webhooks are told what changed, once it has and until they took notice, and learn no secrets."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.mirror.conftest import Syncing, contents

from cloudspot import ConfigurationError, NotTold
from cloudspot.mirror import Command, Mirror, Notice, Webhook, hooks
from cloudspot.sandbox import Sandbox
from cloudspot.sandbox import webhooks as sandbox_webhooks
from cloudspot.webhooks import Proof, Receiver, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Told:
    """A hook of one's own."""

    naam = "told"

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.refuses = False

    def tell(self, notice: Notice) -> None:
        if self.refuses:
            raise NotTold("not now")
        self.notices.append(notice)


class Listener(ThreadingHTTPServer):
    """A webhook's other end: answers with these statuses, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses = [204]
        self.delay = 0.0
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook/s3cret-path"


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, dict(self.headers), body))
        time.sleep(self.server.delay)
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setattr(hooks, "PAUSE", 0.01)
    opened = Listener()
    thread = Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield opened
    opened.shutdown()
    thread.join()
    opened.server_close()


def notice(body: bytes = b"{}") -> Notice:
    return Notice("msg_1", 0, 1, body)


def command(program: str) -> str:
    return shlex.join([sys.executable, "-c", program])


def test_what_is_told_and_when(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    hook = Told()
    report = sync(mirror)
    assert mirror.notify(hook, report)
    first = json.loads(hook.notices[0].body)
    assert first["event"] == "mirror.changed"
    assert first["data"]["counts"]["artikels"] == {"created": 60}
    assert (first["data"]["since"], first["data"]["until"]) == (0, mirror.sequence)
    assert first["data"]["report"]["artikels"]["created"] == 60
    before = contents(mirror)
    assert not mirror.notify(hook, sync(mirror))
    assert contents(mirror) == before
    sandbox.artikels.delete(131)
    assert mirror.notify(hook, sync(mirror))
    assert json.loads(hook.notices[1].body)["data"]["counts"] == {"artikels": {"deleted": 1}}
    assert len(hook.notices) == 2
    mirror.consumer("shop", since=3)
    assert list(mirror.consumers.items()) == [("shop", 3), ("told: default", mirror.sequence)]


def test_one_that_fails_is_told_again(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    hook = Told()
    hook.refuses = True
    with pytest.raises(NotTold):
        mirror.notify(hook, sync(mirror))
    sandbox.artikels.delete(131)
    with pytest.raises(NotTold):
        mirror.notify(hook, sync(mirror))
    hook.refuses = False
    assert mirror.notify(hook, sync(mirror))  # which changes nothing itself
    data = json.loads(hook.notices[0].body)["data"]
    assert data["counts"]["artikels"] == {"created": 60, "deleted": 1}
    assert data["since"] == 0


def test_companies_and_hooks_have_places_of_their_own(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    kist = sync(mirror, company="kist")
    other = Syncing("plain", sandbox.base_url, "sandbox-other")
    lampe = other(mirror, company="lampe")
    other.close()
    hook, second = Told(), Told()
    second.naam = "second"
    assert mirror.notify(hook, kist)
    assert mirror.notify(hook, lampe)
    assert mirror.notify(second, lampe)
    companies = [json.loads(each.body)["data"]["company"] for each in (*hook.notices, *second.notices)]
    assert companies == ["kist", "lampe", "lampe"]
    assert not mirror.notify(hook, kist)


def test_people_are_not_told_of(mirror: Mirror, sandbox: Sandbox, sync: Syncing) -> None:
    sandbox.faults.add(route="klanten", alter="wrong_types", times=None)
    hook = Told()
    report = sync(mirror, on_error="report")
    assert mirror.notify(hook, report)
    assert "problems" not in hook.notices[0].body.decode()


def test_a_command_gets_the_notice_and_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("CLOUDSPOT_TOKEN", "CLOUDSPOT_NOTIFY_SECRET", "CLOUDSPOT_NOTIFY_URL", "CLOUDSPOT_LICENSE_TOKEN"):
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("CLOUDSPOT_MIRROR", "postgresql://me:s3cret@host/erp")
    monkeypatch.setenv("CLOUDSPOT_PROFILE", "shop")
    program = f"""
import json, os, sys
print("hello")
told = {{"stdin": sys.stdin.read(), "environ": dict(os.environ), "argv": sys.argv}}
open({str(tmp_path / "told.json")!r}, "w").write(json.dumps(told))
"""
    Command(command(program)).tell(notice(b'{"a": 1}'))
    told = (tmp_path / "told.json").read_text()
    assert "s3cret" not in told
    assert json.loads(told)["stdin"] == '{"a": 1}'
    assert json.loads(told)["environ"]["CLOUDSPOT_PROFILE"] == "shop"
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "hello\n")
    monkeypatch.setenv("CLOUDSPOT_MIRROR", "postgresql://host/erp")
    assert hooks.without_secrets(os.environ)["CLOUDSPOT_MIRROR"] == "postgresql://host/erp"


def test_a_command_that_fails_or_does_not_end(tmp_path: Path) -> None:
    with pytest.raises(NotTold, match="ended with 3"):
        Command("exit 3").tell(notice())
    with pytest.raises(NotTold, match="by signal 9"):
        Command("kill -9 $$").tell(notice())
    mark = tmp_path / "late"
    started = time.monotonic()
    with pytest.raises(NotTold, match=r"within 0\.3 seconds"):
        Command(f"(sleep 2; touch {shlex.quote(str(mark))}) & wait", limit=0.3).tell(notice())
    assert time.monotonic() - started < 1.9
    time.sleep(2.2)
    assert not mark.exists()  # all that it started is gone
    Command("true").tell(notice(b"x" * 1_000_000))  # it need not read
    for wrong in (lambda: Command(" "), lambda: Command("true", limit=0), lambda: Command("true", limit=float("nan"))):
        with pytest.raises(ConfigurationError):
            wrong()


def test_a_webhook_is_signed(mirror: Mirror, sync: Syncing, listener: Listener) -> None:
    assert mirror.notify(Webhook(listener.url, secret=SECRET), sync(mirror))
    ((path, headers, body),) = listener.came
    assert path == "/hook/s3cret-path"
    event = Receiver(secrets=[SECRET]).read(headers, body)
    assert (event.name, event.proof, event.is_known) == ("mirror.changed", Proof.SIGNATURE, False)
    assert event.id.startswith("msg_")
    assert SECRET not in f"{headers}{body!r}"


def test_the_sandbox_signs_in_the_same_way() -> None:
    ours = signed_headers(SECRET, "msg_1", 1_700_000_000, b"{}")
    theirs = sandbox_webhooks.headers("msg_1", 1_700_000_000, b"{}", SECRET)
    assert ours.items() <= theirs.items()


def test_a_webhook_that_fails(listener: Listener) -> None:
    hook = Webhook(listener.url)
    listener.statuses = [503, 429, 200]
    hook.tell(notice())
    assert len({headers["webhook-id"] for _, headers, _ in listener.came}) == 1
    assert len(listener.came) == 3
    for statuses, attempts in (([500], 3), ([404], 1), ([302], 1)):
        listener.came.clear()
        listener.statuses = list(statuses)
        with pytest.raises(NotTold, match=f"answered {statuses[0]}, at attempt {attempts}") as caught:
            hook.tell(notice())
        assert len(listener.came) == attempts
        assert "s3cret" not in f"{caught.value}{hook!r}"


def test_a_webhook_that_does_not_answer(listener: Listener) -> None:
    listener.delay = 1
    started = time.monotonic()
    with pytest.raises(NotTold, match="did not answer in time") as caught:
        Webhook(listener.url, limit=0.3).tell(notice())
    assert time.monotonic() - started < 0.9
    with pytest.raises(NotTold, match="can't be reached"):
        Webhook("http://127.0.0.1:1/s3cret").tell(notice())
    assert "s3cret" not in str(caught.value)


def test_where_a_webhook_may_be() -> None:
    for wrong in ("ftp://x", "https://", "nonsense", "https://u:s3cret@x", "https://x/#a", "http://example.com/s3cret"):
        with pytest.raises(ConfigurationError) as caught:
            Webhook(wrong)
        assert "s3cret" not in str(caught.value)
    with pytest.raises(ConfigurationError, match="whsec_"):
        Webhook("https://example.com", secret="short")
