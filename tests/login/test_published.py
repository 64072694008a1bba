"""The documented logins beside the published packages: the same script, run by each, finds the same.

Where they are to differ, the script's line says what ours gives instead.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from tests.sandbox.test_published import DJANGO, ENVIRON, Run, environment, runner, serve_project, walk_through

import cloudspot
from cloudspot.sandbox import Sandbox

pytestmark = pytest.mark.published

SOURCE = str(Path(cloudspot.__file__).parents[1])
BASE = ("msgspec>=0.20", "urllib3>=2.6", "truststore>=0.10")
"""What the package itself needs."""

SETUP = """
    import warnings
    warnings.simplefilter("ignore")
    from cloudspot.api import CloudspotERP_UserAPI
    from cloudspot.constants.errors import BadCredentials, NoValidToken
    from cloudspotlicense.api import CloudspotLicense_API
    from cloudspotlicense.constants import errors as license_errors

    JAN = ("jan@sandbox.test", "sandbox-wachtwoord")
    KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"

    def at(application="sandbox-app", token=None):
        api = CloudspotLicense_API(application, token=token)
        api.base_url = URL
        return api

    def old(requestor="Sandbox-App", token=None):
        api = CloudspotERP_UserAPI(requestor, token=token, **LEGACY)
        api.base_url = URL
        return api

    def logged_in(make=at):
        api = make()
        api.authenticate(*JAN)
        return api

    def outcome(call, *arguments, **named):
        '''What a call gives, or the error that code for the published package catches.'''
        try:
            return call(*arguments, **named)
        except (BadCredentials, license_errors.BadCredentials):
            return "BadCredentials"
        except (NoValidToken, license_errors.NoValidToken):
            return "NoValidToken"
        except Exception as error:
            return f"Exception: {error}"
"""

SAME = {
    "a login": """
        api = logged_in()
        found = [len(api.token), api.permissions.get_json(), api.headers["X-LICENSE-MODULE"]]
        found.append([type(each).__name__ for each in (api.user, api.permissions, api.permissions.items()[0])])
    """,
    "what is there before a login": """
        api = at()
        found = [api.token, api.application, api.permissions.items(), api.user.has_error, api.user.error, api.headers]
        found += [getattr(api.user, name) for name in ("first_name", "last_name", "email", "pin")]
    """,
    "the loop of the README": """
        found = []
        for company_perm in logged_in().permissions.items():
            found += [company_perm.company_id, company_perm.company_name]
            for perm in company_perm.permissions:
                found.append("perm: " + perm)
    """,
    "finding a company": """
        permissions = logged_in().permissions
        found = [permissions.get_item_index("company_name", each) for each in ("Lampe SA", "?")]
        found.append(permissions.get_item_object("company_id", KIST).company_name)
        found.append(len(permissions.remove(permissions.items()[0])))
    """,
    "the user": """
        api = logged_in()
        found = [api.get_user(), api.user.get_json(), api.user.has_error]
        found += [api.user.first_name, api.user.last_name, api.user.email, api.user.pin]
    """,
    "a token that was kept": """
        token = str(logged_in().token)
        api = at(token=token)
        api.get_permissions()
        other = at()
        other.get_user(token)
        found = [api.permissions.get_json(), other.user.email, other.token == token]
        found.append(other.headers["X-LICENSE-TOKEN"] == token)
        found.append(at().get_company_permissions(KIST, token=token))
    """,
    "permissions in a company": """
        api = logged_in()
        found = [api.get_company_permissions(KIST)]
        found.append(outcome(api.get_company_permissions, "00000000-0000-0000-0000-000000000000"))
    """,
    "wrong credentials": """
        found = [outcome(at().authenticate, JAN[0], "fout"), outcome(at().authenticate, "nobody@sandbox.test", "x")]
        found += [outcome(at().authenticate, None, None), outcome(at().authenticate, "", "")]
        found.append(outcome(at("other-app").authenticate, *JAN))
    """,
    "no token": """
        found = [outcome(at().get_user), outcome(at().get_permissions), outcome(at().get_company_permissions, KIST)]
        found += [outcome(at().get_user, "made-up"), outcome(at(token="made-up").get_permissions)]
    """,
    "nobody's permissions": """
        api = at()
        api.authenticate("piet@sandbox.test", JAN[1])
        found = [api.permissions.items(), api.permissions.has_error]
    """,
    "the calls as they are": """
        api = logged_in()
        answer = api.auth.authenticate(JAN[0], "fout")
        found = [answer.has_error, answer.error.message, answer.error.error_code]
        answer = api.auth.get_company_permissions("00000000-0000-0000-0000-000000000000")
        found += [answer.has_error, answer.error.message, answer.error.error_code]
        found += [api.auth.get_user().email, api.auth.get_permissions().permissions.get_json()]
        answer = api.auth.validate_impersonation("made-up")
        found += [answer.has_error, answer.error.message]
        found.append(outcome(at().auth.get_user))
    """,
    "an impersonation": """
        answer = at().auth.validate_impersonation(IMPERSONATION)
        found = [answer.token == IMPERSONATION, answer.user, answer.company, answer.has_error, answer.error]
    """,
    "requests of one's own": """
        api = logged_in()
        status, headers, answer = api.get("auth/users/profile")
        found = [status, headers["Content-Type"], answer]
        status, headers, answer = api.post("auth/authenticate", {"username": JAN[0], "password": "fout"})
        found += [status, answer]
    """,
    "the old login": """
        api = logged_in(old)
        found = [len(api.token), [perm.permission for perm in api.permissions.items()], api.user.company, api.requestor]
        api.get_permissions()
        found.append([perm.permission for perm in api.permissions.items()])
        api.get_user()
        found += [api.user.first_name, api.user.last_name, api.user.email, api.user.company, api.user.pin]
        found += [api.user.hasError, api.permissions.hasError]
    """,
    "the old login, with a token": """
        token = str(logged_in(old).token)
        api = old(token=token)
        api.get_user()
        other = old()
        other.get_permissions(token)
        found = [api.user.email, api.user.company, other.permissions.getJSON(), other.token == token]
    """,
    "the old login refuses": """
        found = [outcome(old().authenticate, JAN[0], "fout"), outcome(old().authenticate, "piet@sandbox.test", JAN[1])]
        found += [outcome(old().authenticate, None, None), outcome(old("other").authenticate, *JAN)]
        found += [outcome(old().get_user), outcome(old().get_permissions), outcome(old().get_user, "made-up")]
        answer = old().auth.authenticate(JAN[0], "fout")
        found += [answer.hasError, answer.error.message]
    """,
}

CALLS = {
    "authenticate": ("outcome(at().authenticate, *JAN)", "BadCredentials"),
    "get_permissions": ("outcome(at(token=TOKEN).get_permissions)", "NoValidToken"),
    "get_user": ("outcome(at(token=TOKEN).get_user)", "NoValidToken"),
    "old authenticate": ("outcome(old().authenticate, *JAN)", "BadCredentials"),
    "old get_permissions": ("outcome(old(token=TOKEN).get_permissions)", "NoValidToken"),
    "old get_user": ("outcome(old(token=TOKEN).get_user)", "NoValidToken"),
}
FAULTS: dict[str, tuple[dict[str, Any], bool]] = {
    "500 JSON": ({"status": 500}, False),
    "429 JSON": ({"retry_after": 0}, False),
    "502 page": ({"status": 502, "body": "html"}, True),
    "503 empty": ({"status": 503, "body": "empty"}, True),
    "200 page": ({"status": 200, "body": "html"}, True),
    "200 empty": ({"status": 200, "body": "empty"}, True),
    "cut off": ({"cut_off": 0.5, "ends_cleanly": True}, True),
    "reset": ({"reset": True}, True),
}
"""Faults, and whether the published packages crash on them."""


@pytest.fixture(scope="module")
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    python = environment(request, "cloudspot-erp-api==0.6.1", "cloudspot-license-api==1.4.3")
    return runner(python, tmp_path_factory.mktemp("published"))


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = runner(Path(sys.executable), tmp_path_factory.mktemp("ours"))

    def with_source(sandbox: Sandbox, script: str) -> dict[str, Any]:
        ENVIRON["PYTHONPATH"] = SOURCE
        try:
            return run(sandbox, script)
        finally:
            del ENVIRON["PYTHONPATH"]

    return with_source


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with Sandbox(artikels=1, klanten=1) as running:
        yield running


def script(body: str, legacy: str, **names: str) -> str:
    given = "\n".join(f"{name} = {value!r}" for name, value in names.items())
    parts = [dedent(SETUP), f"LEGACY = {legacy}", given, dedent(body), "found = dict(found=found)"]
    return "\n".join(parts)


def both(sandbox: Sandbox, published: Run, ours: Run, body: str, legacy: str = "{}") -> tuple[Any, Any]:
    tokens = [
        {
            "TOKEN": sandbox.user_tokens.issue("jan@sandbox.test"),
            "IMPERSONATION": sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA"),
        }
        for _ in range(2)
    ]
    theirs = published(sandbox, script(body, "{}", **tokens[0]))["found"]
    return theirs, ours(sandbox, script(body, legacy, **tokens[1]))["found"]


@pytest.mark.parametrize("scenario", SAME)
@pytest.mark.parametrize("legacy", ["{}", "{'legacy': True}"], ids=["", "legacy"])
def test_the_same(sandbox: Sandbox, published: Run, ours: Run, scenario: str, legacy: str) -> None:
    if legacy != "{}" and "old" not in scenario:
        return
    theirs, own = both(sandbox, published, ours, SAME[scenario], legacy)
    if scenario == "what is there before a login":
        assert own[5].items() <= theirs[5].items()
    assert own == theirs


@pytest.mark.parametrize("fault", FAULTS)
def test_what_the_published_packages_crash_on(sandbox: Sandbox, published: Run, ours: Run, fault: str) -> None:
    """Published code catches two errors. Ours raises those and no other, with a text that says what happened."""
    options, crashes = FAULTS[fault]
    body = f"found = [{', '.join(call for call, _ in CALLS.values())}]"
    promised = [error for _, error in CALLS.values()]
    sandbox.faults.add(times=None, **options)
    try:
        theirs, own = both(sandbox, published, ours, body)
    finally:
        sandbox.faults.clear()
    assert own == promised
    assert all((each != error) is crashes for each, error in zip(theirs, promised, strict=True))


def test_published_django_code_on_our_classes(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """django-cloudspotlicense 6.3.0 imports `cloudspotlicense`: here it gets ours, and notices nothing."""
    python = environment(request, *DJANGO, *BASE)
    # Only these: what stands beside them in the source replaces django-cloudspotlicense itself.
    ours = tmp_path / "ours"
    ours.mkdir()
    for name in ("cloudspot", "cloudspotlicense"):
        (ours / name).symlink_to(Path(SOURCE) / name)
    with serve_project(python, tmp_path, ENVIRON | {"PYTHONPATH": str(ours)}) as (sandbox, browser):
        walk_through(sandbox, browser)
        agents = {dict(each.headers)["user-agent"].partition("/")[0] for each in sandbox.requests.list()}
        assert agents == {"cloudspot-erp-api"}


REPORT = """
    from django.conf import settings
    from django.views.debug import ExceptionReporter
    import django, logging, sys
    settings.configure(DEBUG=True, SECRET_KEY="x", INSTALLED_APPS=[])
    django.setup()
    from cloudspot import License
    from cloudspot.api import CloudspotLicense_API

    def new(password):
        with License("sandbox-app", base_url=URL, retries=0) as license:
            del password
            return license.authenticate("jan@sandbox.test", PASSWORD[0])

    def documented(password):
        api = CloudspotLicense_API("sandbox-app", retries=0)
        api.base_url = URL
        del password
        return api.authenticate("jan@sandbox.test", PASSWORD[0])

    class Hidden(list):
        def __repr__(self):
            return "(the caller's own)"

    PASSWORD = Hidden(["sandbox-wachtwoord"])
    found = {}
    for name, call in (("new", new), ("documented", documented)):
        try:
            call(None)
        except Exception:
            reporter = ExceptionReporter(None, *sys.exc_info())
            found[name] = reporter.get_traceback_html() + reporter.get_traceback_text()
"""


@pytest.mark.parametrize(
    "fault",
    [{"status": 502, "body": "html"}, {"reset": True}, {"cut_off": 0.5}, {"status": 200, "body": "empty"}],
    ids=["502", "reset", "cut off", "empty"],
)
def test_djangos_own_crash_report(
    request: pytest.FixtureRequest, tmp_path: Path, sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    """With DEBUG, where Django hides nothing of itself: neither password nor token is in its page."""
    python = environment(request, *DJANGO, *BASE)
    run = runner(python, tmp_path)
    sandbox.faults.add(times=None, **fault)
    ENVIRON["PYTHONPATH"] = SOURCE
    try:
        found = run(sandbox, REPORT)
    finally:
        del ENVIRON["PYTHONPATH"]
        sandbox.faults.clear()
    assert found.keys() == {"new", "documented"}
    for page in found.values():
        assert "Local vars" in page
        assert "sandbox-wachtwoord" not in page
        assert "dbox-wacht" not in page


def test_nothing_of_the_environment_is_left() -> None:
    assert "PYTHONPATH" not in ENVIRON
    assert os.environ.get("PATH")
