"""Login, logout and profiles, with a keyring in memory; and which token goes where."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from cloudspot.cli.connection import find_address, find_token
from cloudspot.cli.options import Choices
from cloudspot.cli.profiles import Profile, config_file, load_profiles, save_profiles
from cloudspot.errors import ConfigurationError
from cloudspot.settings import ERP_URL, TEST_URL

from .conftest import MemoryKeyring, Run, Sandbox, Server


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_login_use_logout(
    here: Run, sandbox: Sandbox, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "sandbox-token\n")
    ran = here("login", "--base-url", sandbox.base_url)
    assert (ran.code, ran.out) == (0, "")
    assert "see all products and see all clients" in ran.err
    assert memory_keyring.kept == {("cloudspot", "default"): "sandbox-token"}
    assert "sandbox-token" not in config_file().read_text()
    typed(monkeypatch, "sandbox-klanten\n")
    ran = here("login", "--base-url", sandbox.base_url, "--profile", "k")
    assert "may see all clients" in ran.err
    assert "CLOUDSPOT_TOKEN" not in ran.err

    assert here("artikel", "125").code == 0
    assert here("artikel", "125", "--profile", "k").code == 3
    assert here("--profile", "k", "klanten").code == 0
    listed = json.loads(here("profiles", "--json").out)
    assert [(each["name"], each["has_token"], each["is_default"]) for each in listed] == [
        ("default", True, True),
        ("k", True, False),
    ]
    assert "in the keyring" in here("profiles").out

    assert here("logout", "--profile", "k").code == 0
    assert here("logout", "--profile", "k").code == 9
    assert list(load_profiles()) == ["default"]
    assert here("logout").code == 0
    assert memory_keyring.kept == {}
    assert "cloudspot login" in here("profiles").err


def test_a_token_that_opens_nothing_is_not_kept(
    here: Run, sandbox: Sandbox, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "wrong-one\n")
    ran = here("login", "--base-url", sandbox.base_url)
    assert ran.code == 3
    assert "wrong-one" not in ran.out + ran.err
    typed(monkeypatch, "sandbox-token\n")
    assert here("login", "--base-url", "http://127.0.0.1:9/api", "--retries", "0").code == 5
    typed(monkeypatch, "")
    assert here("login", "--base-url", sandbox.base_url).code == 9
    assert memory_keyring.kept == {}
    assert not config_file().exists()


def test_without_a_keyring_nothing_is_written(cloudspot: Run, tmp_path: Path) -> None:
    ran = cloudspot("login", input="sandbox-token\n")
    assert ran.code == 9
    assert "CLOUDSPOT_TOKEN" in ran.err
    assert not any(tmp_path.rglob("*.toml"))


def test_a_keyring_in_a_plain_file_is_none(
    here: Run, sandbox: Sandbox, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_keyring, "priority", 0.5)
    typed(monkeypatch, "sandbox-token\n")
    assert here("login", "--base-url", sandbox.base_url).code == 9


def test_a_locked_keyring_is_told(here: Run, memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: str) -> str:
        raise KeyringLocked("it is locked")

    save_profiles({"default": Profile(ERP_URL)})
    monkeypatch.setattr(memory_keyring, "get_password", locked)
    ran = here("artikels")
    assert ran.code == 9
    assert "it is locked" in ran.err


def test_a_kept_token_goes_to_its_own_server_only(here: Run, server: Server, memory_keyring: MemoryKeyring) -> None:
    save_profiles({"default": Profile(ERP_URL)})
    memory_keyring.kept["cloudspot", "default"] = "secret"
    ran = here("artikels", "--base-url", server.base_url)
    assert ran.code == 9
    assert "is not sent to" in ran.err
    assert server.requests == []


def test_the_token_is_not_shown_while_it_is_typed(environ: dict[str, str], sandbox: Sandbox) -> None:
    # Without a keyring `login` refuses before it asks, so only the asking runs here.
    leader, follower = pty.openpty()
    code = "from cloudspot.cli.login import _ask_for_token as ask; from cloudspot.cli.options import Choices; "
    code += "print(len(ask(Choices(), 'x')))"
    running = subprocess.Popen(
        [sys.executable, "-c", code], stdin=follower, stdout=subprocess.PIPE, stderr=follower, env=environ
    )
    os.close(follower)
    shown = b""
    while b"Token for x" not in shown:
        shown += os.read(leader, 1000)
    os.write(leader, b"sandbox-token\n")
    out, _ = running.communicate(timeout=10)
    with suppress(OSError):  # what Linux says when nobody holds the other end
        shown += os.read(leader, 1000)
    os.close(leader)
    assert out == b"13\n"
    assert b"sandbox-token" not in shown


@pytest.mark.parametrize("name", ["a b", "", "a.b", "[x]", "x" * 65, "é"])
def test_names_are_names(here: Run, memory_keyring: MemoryKeyring, name: str) -> None:
    assert here("login", "--profile", name).code == 9 if name else True


@pytest.mark.parametrize("url", ['https://x/"\\', "https://é.be/\x7f", "https://x/\U0001f600"])
def test_profiles_are_written_as_toml(environ: dict[str, str], url: str) -> None:
    save_profiles({"b-1": Profile(url), "A": Profile("https://y")})
    assert load_profiles() == {"A": Profile("https://y"), "b-1": Profile(url)}


@pytest.mark.parametrize("text", ["nonsense", "profiles = 3", "[profiles.x]\nurl = 1", "[profiles]\nx = 1"])
def test_a_spoilt_file_is_told(here: Run, text: str) -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_text(text)
    ran = here("artikels")
    assert ran.code == 9
    assert "config.toml" in ran.err


PROFILES = {"default": Profile("https://d"), "x": Profile("https://x")}


@pytest.mark.parametrize(
    ("choices", "environ", "expected"),
    [
        (Choices(), {}, ("https://d", "default")),
        (Choices(profile="x"), {"CLOUDSPOT_BASE_URL": "https://e"}, ("https://x", "x")),
        (Choices(), {"CLOUDSPOT_PROFILE": "x"}, ("https://x", "x")),
        (Choices(), {"CLOUDSPOT_BASE_URL": "https://e"}, ("https://e", "default")),
        (Choices(base_url="https://b"), {"CLOUDSPOT_BASE_URL": "https://e"}, ("https://b", "default")),
        (Choices(test_mode=True, profile="x"), {}, (TEST_URL, "x")),
    ],
)
def test_which_address(choices: Choices, environ: dict[str, str], expected: tuple[str, str]) -> None:
    address = find_address(choices, environ, PROFILES)
    assert (address.base_url, address.profile) == expected
    assert find_address(Choices(), {}, {}) == (ERP_URL, "default", None)


@pytest.mark.parametrize(
    ("choices", "environ", "expected"),
    [
        (Choices(), {}, "token-of-default"),
        (Choices(profile="x"), {}, "token-of-x"),
        (Choices(profile="x"), {"CLOUDSPOT_TOKEN": "t"}, "token-of-x"),
        (Choices(), {"CLOUDSPOT_TOKEN": "t"}, "t"),
        (Choices(), {"CLOUDSPOT_TOKEN": "t", "CLOUDSPOT_PROFILE": "x"}, "t"),
        (Choices(base_url="https://elsewhere"), {"CLOUDSPOT_TOKEN": "t"}, "t"),
        (Choices(base_url="https://elsewhere"), {}, None),
        (Choices(test_mode=True), {}, None),
        (Choices(), {"CLOUDSPOT_BASE_URL": "https://elsewhere"}, None),
        (Choices(base_url="https://D:443/other/path"), {}, "token-of-default"),
    ],
)
def test_which_token(choices: Choices, environ: dict[str, str], expected: str | None) -> None:
    address = find_address(choices, environ, PROFILES)

    def find() -> str:
        return find_token(choices, address, environ, PROFILES, lambda name: f"token-of-{name}").text

    if expected is None:
        with pytest.raises(ConfigurationError):
            find()
    else:
        assert find() == expected
