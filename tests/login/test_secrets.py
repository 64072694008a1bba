"""Passwords, tokens and PINs are in no log, error, repr, URL or crash report."""

from __future__ import annotations

import dataclasses
import html
import inspect
import logging
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from types import TracebackType
from typing import Any

import msgspec
import pytest
from tests.hostile import Asked, answer
from tests.login.conftest import (
    ANSWERS,
    AUTH_TOKEN,
    CALLS,
    KIST,
    PIN,
    SENT_PASSWORD,
    TOKEN,
    MakeLicense,
    MakeServer,
    path_of,
    well,
)
from tests.login.test_failures import SCRIPTS

import cloudspot
from cloudspot import CloudspotError, InvalidField, license_policy
from cloudspot.records import auth
from cloudspot.secret import Secret, SecretBytes, SecretText

SECRETS = (SENT_PASSWORD, TOKEN, AUTH_TOKEN, PIN, "secret-of-the-answer")
THIS_FILE = __file__


def assert_hidden(text: str, where: str) -> None:
    for secret in SECRETS:
        assert secret[:8] not in text, f"{where} shows {secret[:8]}…"


def frames(error: BaseException | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every frame that a crash report of this error could show, those of its causes included."""
    waiting, seen = [error], set()
    while waiting:
        if (each := waiting.pop()) is None or id(each) in seen:
            continue
        seen.add(id(each))
        waiting += each.__cause__, each.__context__
        at: TracebackType | None = each.__traceback__
        while at is not None:
            code = at.tb_frame.f_code
            if "/tests/" not in code.co_filename:
                yield f"{code.co_filename}:{at.tb_lineno} {code.co_name}", at.tb_frame.f_locals
            at = at.tb_next


def assert_not_in_a_crash_report(error: BaseException) -> int:
    shown = 0
    for where, values in frames(error):
        for name, value in values.items():
            assert_hidden(repr(value), f"{name} in {where}")
            shown += 1
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    for line in report.format():
        if "/tests/" not in line:
            assert_hidden(line, "the report")
    return shown


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("scenario", SCRIPTS)
def test_an_error_shows_none(make_license: MakeLicense, hostile: MakeServer, scenario: str, call: str) -> None:
    made = make_license(hostile(SCRIPTS[scenario][0]), timeout=0.3, retries=0)
    with pytest.raises(CloudspotError) as caught:
        made.call(call, *CALLS[call])
    error = caught.value
    assert_hidden(f"{error!s}{error!r}{vars(error)}", "the error")
    assert assert_not_in_a_crash_report(error) > 0


ECHOES = {
    "as it is": lambda text: f"unknown: {text}",
    "a part": lambda text: f"unknown: {text[:12]}",
    "as HTML": lambda text: f"unknown: {html.escape(text)}",
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
@pytest.mark.parametrize("echo", ECHOES)
def test_a_server_that_repeats_what_it_was_sent(
    make_license: MakeLicense, hostile: MakeServer, call: str, status: int, echo: str
) -> None:
    def script(_: Asked) -> list[bytes]:
        said = ECHOES[echo](f"{TOKEN if call != 'authenticate' else SENT_PASSWORD}")
        return [answer({"message": said, "error_code": said}, status)]

    with pytest.raises(CloudspotError) as caught:
        make_license(hostile(script), retries=0).call(call, *CALLS[call])
    error = caught.value
    assert_hidden(f"{error!s}{error!r}{error.said}{error.code}{vars(error)}", "the error")
    assert "[redacted]" in error.message


def test_a_crash_of_our_own_shows_none(
    make_license: MakeLicense, hostile: MakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only our errors: whatever goes wrong while a secret is at hand."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    for name in ("read", "make_request", "pause"):
        with monkeypatch.context() as patched:
            patched.setattr(license_policy, name, fail)
            for call in CALLS:
                made = make_license(hostile(answer(b"", 500) if name == "pause" else well), retries=0)
                with pytest.raises(RuntimeError) as caught:
                    made.call(call, *CALLS[call])
                assert assert_not_in_a_crash_report(caught.value) > 0


def test_a_call_with_too_many_arguments_shows_none(make_license: MakeLicense, hostile: MakeServer) -> None:
    made = make_license(hostile(well))
    with pytest.raises(TypeError) as caught:
        made.call("authenticate", "jan", SENT_PASSWORD, "more")
    assert_not_in_a_crash_report(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_no_log_shows_any(
    make_license: MakeLicense, hostile: MakeServer, call: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = hostile(answer({"message": SENT_PASSWORD if call == "authenticate" else TOKEN}, 502), well)
    made = make_license(server)
    try:
        found = made.call(call, *CALLS[call])
        assert_hidden(repr(found), "what comes back")
    except CloudspotError as error:
        assert call in {"authenticate", "validate_impersonation"}
        assert_hidden(str(error), "the error")
    assert caplog.records
    for record in caplog.records:
        assert_hidden(f"{record.getMessage()}{record.args!r}", f"the log {record.name}")
    assert_hidden(repr(made.client) + repr(vars(made.client)) + repr(made.client.settings), "the client")
    for asked in server.requests:
        assert_hidden(asked.target, "the URL")


def test_a_refused_record_names_the_field_alone() -> None:
    with pytest.raises(InvalidField) as caught:
        auth.Profile.from_dict({"email": "x", "pin": int(PIN)})
    assert caught.value.field == "pin"
    assert PIN not in repr(caught.value) + str(caught.value)
    assert PIN not in repr(caught.value.__context__)


def test_an_answer_of_another_kind_is_not_shown(make_license: MakeLicense, hostile: MakeServer) -> None:
    def script(asked: Asked) -> list[bytes]:
        return [answer({**ANSWERS[path_of(asked)], "pin": int(PIN)})]

    with pytest.raises(CloudspotError, match="`pin` of the answer can't be read") as caught:
        make_license(hostile(script)).call("profile", TOKEN)
    assert_not_in_a_crash_report(caught.value)
    assert_hidden(str(caught.value), "the error")


# --- Conventions over the tree ------------------------------------------------------------------------------------

_SECRET_NAME = re.compile(r"(^|_)(token|password|pwd|pin|secret)$")


def modules() -> Iterator[Any]:
    """All modules but those of Django, whose models can't be imported without a project."""
    for found in pkgutil.walk_packages(cloudspot.__path__, "cloudspot.", onerror=lambda _: None):
        if not found.name.endswith("__main__") and not found.name.startswith("cloudspot.django"):
            yield import_module(found.name)


def test_every_record_hides_its_secrets() -> None:
    looked_at = 0
    for module in modules():
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if not issubclass(kind, auth.Record) or not kind.__module__.startswith("cloudspot.records"):
                continue
            for field in msgspec.structs.fields(kind):
                if _SECRET_NAME.search(field.name):
                    looked_at += 1
                    assert "s3cr3t" not in repr(kind(**{field.name: "s3cr3t"})), f"{kind.__name__}.{field.name}"
    assert looked_at > 10


def test_no_dataclass_of_the_client_holds_a_secret_as_text() -> None:
    looked_at = 0
    for module in modules():
        if module.__name__.startswith(("cloudspot.sandbox", "cloudspot.testing", "cloudspot.cli")):
            continue
        for _, kind in inspect.getmembers(module, dataclasses.is_dataclass):
            for field in dataclasses.fields(kind):
                if _SECRET_NAME.search(field.name):
                    looked_at += 1
                    assert "Secret" in str(field.type), f"{kind.__name__}.{field.name} is {field.type}"
    assert looked_at > 2


def test_what_shows_nothing() -> None:
    for secret in (Secret("s3cr3t"), SecretText("s3cr3t"), SecretBytes(b"s3cr3t")):
        assert "s3cr3t" not in f"{secret!r}{[secret]}{ {'a': secret} }"
    assert "s3cr3t" not in str(SecretBytes(b"s3cr3t"))
    assert KIST
    assert sys.getsizeof(SecretText("")) < 100
