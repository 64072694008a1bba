"""What doctor finds, over http and TLS; it never shows the token."""

from __future__ import annotations

import json
import os
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from cloudspot.cli.doctor import _clock, _tls
from cloudspot.cli.probe import Probe, Tls
from cloudspot.cli.profiles import save_profiles

from .conftest import Run, Sandbox, Server


def found(out: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in json.loads(out)["findings"]}


def test_all_is_well(cloudspot: Run, sandbox: Sandbox) -> None:
    ran = cloudspot("doctor", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["ok"] is True
    findings = found(ran.out)
    assert sandbox.base_url in findings["address"]["text"]
    assert "CLOUDSPOT_BASE_URL" in findings["address"]["text"]
    assert "CLOUDSPOT_TOKEN" in findings["token"]["text"]
    assert "401" in findings["server"]["text"]
    assert findings["clock"]["state"] == "ok"
    assert (findings["artikels"]["state"], findings["klanten"]["state"]) == ("ok", "ok")
    assert "sandbox-token" not in ran.out
    plain = cloudspot("doctor")
    assert plain.code == 0
    assert "sandbox-token" not in plain.out
    assert "may see all clients" in plain.out


def test_a_missing_right_is_a_note_and_no_right_a_failure(cloudspot: Run) -> None:
    ran = cloudspot("doctor", "--json", CLOUDSPOT_TOKEN="sandbox-klanten")
    assert ran.code == 0
    assert found(ran.out)["artikels"]["state"] == "note"
    ran = cloudspot("doctor", "--json", CLOUDSPOT_TOKEN="wrong-one")
    assert ran.code == 1
    assert found(ran.out)["rights"]["state"] == "failed"
    assert "wrong-one" not in ran.out


def test_what_is_wrong_is_told_and_the_rest_looked_at(cloudspot: Run) -> None:
    ran = cloudspot("doctor", "--json", CLOUDSPOT_TOKEN="", CLOUDSPOT_BASE_URL="http://127.0.0.1:9/api/v1")
    assert ran.code == 1
    findings = found(ran.out)
    assert findings["token"]["state"] == findings["server"]["state"] == "failed"
    assert "python" in findings
    ran = cloudspot("doctor", "--profile", "nobody")
    assert ran.code == 1
    assert "login --profile nobody" in ran.out


def test_tls(here: Run, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA(organization_name="Test Authority")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.says({"data": []})
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    monkeypatch.setenv("CLOUDSPOT_TOKEN", "t")
    base_url = server.base_url.replace("http:", "https:")
    findings = found(here("doctor", "--json", "--base-url", base_url, "--ca", str(ca)).out)
    assert "TLSv1" in findings["TLS"]["text"]
    assert "Test Authority" in findings["TLS"]["text"]
    assert findings["artikels"]["state"] == "ok"
    assert server.requests[0] == ("/api/v1/categories/", None)
    ran = here("doctor", "--json", "--base-url", base_url, "--retries", "0")
    assert ran.code == 1
    assert found(ran.out)["server"]["state"] == "failed"


def test_a_proxy_is_shown_without_its_password(here: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://me:pa55@127.0.0.1:9")
    ran = here("doctor", "--json", "--base-url", "https://erp.example/api/v1", "--timeout", "1")
    assert found(ran.out)["proxy"]["text"].startswith("http://[redacted]@127.0.0.1:9")
    assert "pa55" not in ran.out


@pytest.mark.parametrize("proxy", ["http://me:pa55@127.0.0.1:9", "me:pa55@127.0.0.1:9"])
def test_a_proxy_that_is_not_there_is_named(here: Run, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    ran = here("doctor", "--json", "--base-url", "https://erp.example/api/v1", "--timeout", "1")
    text = found(ran.out)["server"]["text"]
    assert "the proxy 127.0.0.1:9, which the environment names" in text
    for hidden in ("pa55", "Noting", "Error(", "object at"):
        assert hidden not in ran.out
    monkeypatch.setenv("https_proxy", "ftp://me:pa55@127.0.0.1")
    ran = here("doctor", "--json", "--base-url", "https://erp.example/api/v1")
    assert found(ran.out)["proxy"]["state"] == "failed"
    assert "pa55" not in ran.out


def test_a_silent_server_is_told_in_our_words(here: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/v1"
        for limit in ("--timeout", "--total"):
            text = found(here("doctor", "--json", "--base-url", url, limit, "0.2").out)["server"]["text"]
            assert "did not answer within 0.2 s" in text
            assert "urllib3" not in text
            assert "Read timed out" not in text


def test_a_web_page_is_not_the_api(here: Run, server: Server) -> None:
    server.says(b"<html>Welcome</html>", **{"Content-Type": "text/html; charset=utf-8"})
    ran = here("doctor", "--json", "--base-url", server.base_url)
    assert ran.code == 1
    assert found(ran.out)["server"]["state"] == "failed"
    assert "web page" in found(ran.out)["server"]["text"]
    server.says(b"", status=404)
    assert found(here("doctor", "--json", "--base-url", server.base_url).out)["server"]["state"] == "note"


def test_profiles_that_are_not_there(here: Run) -> None:
    finding = found(here("doctor", "--json", "--base-url", "http://127.0.0.1:9/api/v1").out)["profiles"]
    assert finding["state"] == "note"
    assert finding["text"].startswith("none")
    save_profiles({})
    finding = found(here("doctor", "--json", "--base-url", "http://127.0.0.1:9/api/v1").out)["profiles"]
    assert finding["state"] == "ok"


@pytest.mark.parametrize(
    ("clock", "state"), [(None, "note"), (3.0, "ok"), (-3.0, "ok"), (90.0, "failed"), (-4000.0, "failed")]
)
def test_clocks(clock: float | None, state: str) -> None:
    assert _clock(Probe(401, 0.1, None, clock)).state == state


def test_certificates_that_say_nothing() -> None:
    assert _tls(Probe(401, 0.1, Tls("TLSv1.3", None, None), None)).state == "ok"


def test_a_published_package_whose_files_have_the_same_names(cloudspot: Run, tmp_path: Path) -> None:
    """Both bring `cloudspotlicense`; whichever was installed last has put its files over the other's."""
    assert "cloudspotlicense" not in found(cloudspot("doctor", "--json").out)
    info = tmp_path / "site" / "cloudspot_license_api-1.4.3.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cloudspot-license-api\nVersion: 1.4.3\n")
    path = os.pathsep.join([str(info.parent), os.environ.get("PYTHONPATH", "")])
    finding = found(cloudspot("doctor", "--json", PYTHONPATH=path).out)["cloudspotlicense"]
    assert finding["state"] == "note"
    assert "1.4.3" in finding["text"]
    assert "pip uninstall cloudspot-license-api" in finding["hint"]
