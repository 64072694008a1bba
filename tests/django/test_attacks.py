"""What somebody who means harm tries at the login page."""

from __future__ import annotations

import logging
from typing import Any, Self

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.signals import user_login_failed
from django.test import Client, RequestFactory
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.debug import ExceptionReporter
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.django import attempts, backends
from cloudspot.django.models import Account
from cloudspot.weblogin.targets import is_local
from tests.hostile import Hostile, answer

from .conftest import JAN, KIST, MARIE, PASSWORD, PIET

EVIL = ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example"]


@pytest.mark.parametrize("target", EVIL)
def test_nobody_is_sent_elsewhere_after_logging_in(client, log_in, target) -> None:
    page = client.get("/auth/login", {"next": target})
    assert b"evil" not in page.content
    assert b"javascript" not in page.content
    response = client.post("/auth/login", {"username": MARIE, "password": PASSWORD, "next": target})
    assert response.headers["Location"] == "/me"
    assert client.get("/auth/login", {"next": target}).headers["Location"] == "/me"
    response = client.post("/auth/select-company", {"company": KIST, "next": target})
    assert response.headers["Location"] == "/me"


@given(st.text(alphabet=st.sampled_from("/\\:@?#.\t\n\r \x00ehtps%[]"), max_size=12) | st.text(max_size=20))
def test_what_is_local_to_us_is_safe_to_django(target) -> None:
    if is_local(target):
        assert url_has_allowed_host_and_scheme(target, allowed_hosts=None)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/auth/login", {"username": JAN, "password": PASSWORD}),
        ("/auth/logout", {}),
        ("/auth/select-company", {"company": KIST}),
        (f"/auth/set-company/{KIST}", {}),
        ("/auth/impersonation/begin", {"token": "x", "reason": "because", "supporter": "S"}),
        ("/auth/impersonation/end", {}),
    ],
)
def test_a_form_of_another_site_is_refused(configure, log_in, path, data) -> None:
    configure(IMPERSONATION=True)
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(path, data).status_code == 403
    assert browser.get("/me").json()["user"] == ""


@pytest.mark.parametrize("path", ["/auth/logout", f"/auth/set-company/{KIST}", "/auth/impersonation/end"])
def test_a_link_changes_nothing(client, log_in, path) -> None:
    log_in()
    assert client.get(path).status_code == 405
    assert client.get("/me").json()["user"] == JAN


def test_the_session_key_is_another_after_logging_in(client, log_in) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    log_in()
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/me").json()["user"] == ""


def test_the_session_of_somebody_else_is_not_taken_over_by_logging_in(client, log_in) -> None:
    log_in()
    was = client.session.session_key
    client.post("/auth/login", {"username": MARIE, "password": PASSWORD})
    assert client.session.session_key != was
    assert client.get("/me").json() | {"all": []} == {
        "user": MARIE, "company": KIST, "permissions": ["is_superuser", "use_app"], "all": [],
    }  # fmt: skip


def test_no_password_of_this_project_lets_a_cloudspot_user_in(client, log_in) -> None:
    """Fault 13: every user had one and the same well-known password, which worked with Django's ModelBackend."""
    log_in()
    user = get_user_model().objects.get()
    assert not user.has_usable_password()
    for password in ("", " ", "cloudspot", "password", JAN, user.password):
        assert authenticate(username=JAN, password=password) is None


def test_who_is_unknown_wrong_or_deactivated_is_told_alike(client, log_in, sandbox) -> None:
    log_in(MARIE, company=None)
    get_user_model().objects.update(is_active=False)

    def told(username: str, password: str) -> tuple[Any, ...]:
        response = Client().post("/auth/login", {"username": username, "password": password})
        page = response.content.decode()
        page = page[: page.index("csrfmiddlewaretoken")] + page[page.index('name="next"') :]
        return response.status_code, page.replace(username, ""), sorted(response.headers)

    unknown = told("nobody@x.test", "wrong")
    assert told(JAN, "wrong") == unknown, "never logged in here"
    assert told(MARIE, "wrong") == unknown
    assert told(MARIE, PASSWORD) == unknown
    sandbox.users.update(JAN, is_active=False)
    assert told(JAN, PASSWORD) == unknown


def test_an_unknown_user_costs_as_many_steps_as_a_wrong_password(client, log_in, django_queries) -> None:
    log_in()
    client.post("/auth/logout")
    browser = Client()
    assert django_queries(
        lambda: browser.post("/auth/login", {"username": JAN, "password": "wrong"})
    ) == django_queries(lambda: browser.post("/auth/login", {"username": "nobody@x.test", "password": "wrong"}))


def test_who_may_use_no_company_is_told_so(client, log_in) -> None:
    response = log_in(PIET)
    assert response.status_code == 403
    assert b"You may not use this application" in response.content
    assert not Account.objects.exists()


def test_a_failed_attempt_is_signalled_and_does_not_show_the_password(client, configure) -> None:
    """Fault 18: no `user_login_failed` signal, no rate limit."""
    heard: list[Any] = []

    def hear(**said: Any) -> None:
        heard.append(said["credentials"])

    user_login_failed.connect(hear)
    client.post("/auth/login", {"username": JAN, "password": "geheim-genoeg"})
    user_login_failed.disconnect(hear)
    assert [each["username"] for each in heard] == [JAN]
    assert "geheim-genoeg" not in str(heard)


def test_attempts_are_limited_for_an_account_at_an_address(client, configure, sandbox) -> None:
    for _ in range(5):
        assert client.post("/auth/login", {"username": JAN, "password": "wrong"}).status_code == 400
    response = client.post("/auth/login", {"username": JAN.upper(), "password": PASSWORD})
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 600
    assert b"too many attempts" in response.content
    assert client.get("/me").json()["user"] == ""
    assert client.post("/auth/login", {"username": MARIE, "password": PASSWORD}).status_code == 302
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/auth/login", {"username": JAN, "password": PASSWORD}).status_code == 302


def test_attempts_are_limited_for_an_address_and_for_an_account(client, configure) -> None:
    configure(ATTEMPTS={"address": [3, 300], "account": [4, 300]})
    statuses = [client.post("/auth/login", {"username": f"u{n}@x.test", "password": "x"}).status_code for n in range(5)]
    assert statuses == [400, 400, 400, 429, 429]
    each = [
        Client(REMOTE_ADDR=f"192.0.2.{n}").post("/auth/login", {"username": JAN, "password": "x"}).status_code
        for n in range(6)
    ]
    assert each == [400, 400, 400, 400, 429, 429]


def test_the_admins_login_page_is_limited_too(client, configure) -> None:
    for _ in range(6):
        client.post("/admin/login/", {"username": JAN, "password": "wrong"})
    assert attempts.begin(JAN, "127.0.0.1") > 0


def test_who_logs_in_after_mistyping_begins_anew(client, log_in) -> None:
    for _ in range(3):
        for _ in range(3):
            client.post("/auth/login", {"username": JAN, "password": "wrong"})
        assert log_in(browser=Client()).status_code == 302


def test_the_address_behind_proxies_can_not_be_invented(configure) -> None:
    request = RequestFactory().get("/", headers={"x-forwarded-for": "6.6.6.6, 198.51.100.4"}, REMOTE_ADDR="10.0.0.1")
    assert attempts.address_of(request) == "10.0.0.1"
    configure(PROXIES=1)
    assert attempts.address_of(request) == "198.51.100.4"
    configure(PROXIES=3)
    assert attempts.address_of(request) == "10.0.0.1", "fewer than there have to be: it came around them"


@pytest.mark.parametrize("fault", [{"status": 502, "body": "html"}, {"reset": True}, {"garbage": True}])
def test_a_server_that_is_down_is_no_wrong_password(client, sandbox, fault) -> None:
    sandbox.faults.add(**fault, times=None)
    response = client.post("/auth/login", {"username": JAN, "password": PASSWORD})
    assert response.status_code == 503
    assert b"reached" in response.content
    assert b"not right" not in response.content


def test_an_administrator_of_the_project_gets_in_while_the_server_is_down(client, sandbox) -> None:
    get_user_model().objects.create_superuser("chef", "chef@x.test", "geheim-genoeg")
    sandbox.faults.add(status=502, times=None)
    assert client.post("/auth/login", {"username": "chef", "password": "geheim-genoeg"}).status_code == 302


SECRET_PASSWORD = f"pw-{2026}-geheim"  # the report shows this line too


def _fails(*_: Any, **__: Any) -> None:
    raise RuntimeError("somewhere below")


class Reporting(logging.Handler):
    """Makes the reports that Django would send to the administrators."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[str] = []

    def __enter__(self) -> Self:
        logging.getLogger("django.request").addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger("django.request").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        made = ExceptionReporter(getattr(record, "request", None), *(record.exc_info or (None, None, None)))
        self.reports += [made.get_traceback_text(), made.get_traceback_html()]


@pytest.mark.parametrize("where", ["_failed", "_refuse_if_too_often"])
def test_an_error_report_holds_no_password(configure, monkeypatch, where) -> None:
    """Fault 10: when the License server answers 502 at login, the error report holds the plain-text password."""
    monkeypatch.setattr(backends, where, _fails)
    with Hostile(answer("<h1>502</h1>", 502)) as server, Reporting() as made:
        configure(BASE_URL=server.url)
        browser = Client(raise_request_exception=False)
        assert browser.post("/auth/login", {"username": JAN, "password": SECRET_PASSWORD}).status_code == 500
    assert "somewhere below" in made.reports[0]
    assert all(SECRET_PASSWORD not in report for report in made.reports)


@pytest.mark.parametrize("where", ["_failed", "_refuse_if_too_often"])
async def test_an_error_report_of_an_event_loop_holds_none_either(aclient, sandbox, monkeypatch, where) -> None:
    monkeypatch.setattr(backends, where, _fails)
    sandbox.faults.add(status=502, times=None)
    aclient.raise_request_exception = False
    with Reporting() as made:
        response = await aclient.post("/auth/login", {"username": JAN, "password": SECRET_PASSWORD})
    assert response.status_code == 500
    assert "somewhere below" in made.reports[0]
    assert all(SECRET_PASSWORD not in report for report in made.reports)


def test_oversized_input_is_refused(client, configure) -> None:
    response = client.post("/auth/login", {"username": "a" * 300, "password": "x"})
    assert response.status_code == 400
    response = client.post("/auth/login", {"username": JAN, "password": "x" * 1001})
    assert response.status_code == 400
    response = client.post("/auth/login", {"username": JAN, "password": "x" * 3_000_000})
    assert response.status_code == 400


@pytest.mark.parametrize(
    "username", ["' OR 1=1 --", "{{ 7*7 }}", "<b>x</b>@x.test", "a\x00b", "é@x.test", "\U0001f600@x.test"]
)
def test_odd_names_are_only_names(client, configure, username) -> None:
    response = client.post("/auth/login", {"username": username, "password": "x"})
    assert response.status_code == 400
    assert b"<b>x</b>" not in response.content
    assert b"49" not in response.content.split(b"csrfmiddlewaretoken")[0]


def test_pages_can_not_be_framed_kept_or_made_to_run_scripts(client, configure) -> None:
    response = client.get("/auth/login")
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "no-store" in response.headers["Cache-Control"]
    page = response.content.decode()
    assert "<script" not in page
    assert "style=" not in page
    assert "<style" not in page


def test_nothing_of_the_working_directory_is_served(client, configure, settings_debug) -> None:
    """Fault 16: with DEBUG, a default MEDIA_URL served the working directory under /auth/."""
    for path in (
        "/auth/pyproject.toml",
        "/auth/README.md",
        "/auth/../pyproject.toml",
        "/auth/src/cloudspot/__init__.py",
    ):
        assert client.get(path).status_code == 404


def test_an_existing_user_is_not_taken_for_a_cloudspot_user_of_that_name(client, log_in, configure) -> None:
    get_user_model().objects.create_superuser(MARIE, MARIE, "geheim-genoeg")
    get_user_model().objects.create_user(JAN, JAN, "geheim-genoeg")
    assert log_in(MARIE).status_code == 400
    assert log_in(JAN).status_code == 400
    configure(LINK_USERS=True)
    assert log_in(JAN).status_code == 302
    assert log_in(MARIE, browser=Client()).status_code == 400, "never a superuser"
    assert Account.objects.get().user.username == JAN


async def test_attempts_are_limited_in_an_event_loop_too(aclient, sandbox) -> None:
    for _ in range(5):
        await aclient.post("/auth/login", {"username": JAN, "password": "wrong"})
    assert (await aclient.post("/auth/login", {"username": JAN, "password": PASSWORD})).status_code == 429
    assert not await sync_to_async(Account.objects.exists)()
