"""The published packages themselves, each in an environment of its own, against the sandbox.

They are fetched once and kept in pytest's cache directory. They are free software under the GPL: installed and run
here, never copied from.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from cloudspot.sandbox import Sandbox

pytestmark = pytest.mark.published

KIST = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0001"
LAMPE = "5a0d6f2e-8c1b-4f7a-9a53-1d2c7b1e0002"

ENVIRON = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}

Run = Callable[[Sandbox, str], dict]


def environment(request: pytest.FixtureRequest, *requirements: str) -> Path:
    """The Python of an environment with exactly these packages and what they need."""
    folder = request.config.cache.mkdir("published") / re.sub(r"[^\w.-]+", "-", "_".join(requirements))
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        run([sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *requirements])
        (folder / "complete").touch()
    return python


def run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def runner(python: Path, folder: Path) -> Run:
    """Runs a script that puts what it found into `found`."""

    def run_script(sandbox: Sandbox, script: str) -> dict:
        text = f"import json, sys\nURL = sys.argv[1]\nfound = {{}}\n{textwrap.dedent(script)}\nprint(json.dumps(found))"
        # From a folder of its own and without PYTHONPATH: the package that is tested here has the same import names.
        return json.loads(run([str(python), "-c", text, sandbox.base_url], cwd=folder, env=ENVIRON))

    return run_script


@pytest.fixture(scope="module")
def company_api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return runner(environment(request, "cloudspot-erp-api==1.1.0"), tmp_path_factory.mktemp("erp"))


@pytest.fixture(scope="module")
def login_apis(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    python = environment(request, "cloudspot-erp-api==0.6.1", "cloudspot-license-api==1.4.3")
    return runner(python, tmp_path_factory.mktemp("logins"))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(artikels=60, klanten=12) as sandbox:
        yield sandbox


def test_cloudspot_erp_api_reads_everything(company_api: Run, sandbox: Sandbox):
    found = company_api(
        sandbox,
        """
        from cloudspot.api import CloudspotERP_CompanyAPI
        api = CloudspotERP_CompanyAPI("sandbox-token", test_mode=True)
        found["test_mode"] = api.base_url
        api.base_url = URL
        artikels = api.artikels.list()
        found["failed"] = artikels.hasError
        found["ids"] = [artikel.id for artikel in artikels.items()]
        artikel = api.artikels.get(125)
        found["naam"], found["prijs"], found["EAN"] = artikel.naam, artikel.verkoopprijs_excl, artikel.EAN
        found["fotos"] = [foto.url for foto in artikel.fotos.items()]
        found["prijzen"] = [each.label for each in artikel.prijscategorieen.items()]
        found["categorieen"] = [each.naam for each in artikel.categorieen.items()]
        found["roots"] = [each.naam for each in api.categorieen.list().items()]
        found["children"] = [each.naam for each in api.categorieen.list().items()[0].children.items()]
        found["klanten"] = [klant.klantennummer for klant in api.klanten.list().items()]
        """,
    )
    artikel = sandbox.artikels.get(125)
    assert found["test_mode"] == "http://localhost:8000/api/v1"
    assert found["failed"] is False
    assert found["ids"] == list(range(125, 185))
    assert (found["naam"], found["prijs"]) == (artikel.naam, float(artikel.verkoopprijs_excl))
    assert found["EAN"] == list(artikel.EAN)
    assert found["fotos"] == [foto.url for foto in artikel.fotos]
    assert found["prijzen"] == [each.label for each in artikel.prijscategorieen]
    assert found["categorieen"] == [each.naam for each in artikel.categorieen]
    assert "Voeding" in found["roots"]
    assert found["children"]
    assert found["klanten"] == list(range(1001, 1013))


def test_cloudspot_erp_api_reads_errors(company_api: Run, sandbox: Sandbox):
    found = company_api(
        sandbox,
        """
        from cloudspot.api import CloudspotERP_CompanyAPI
        for token in ("wrong", "sandbox-klanten"):
            api = CloudspotERP_CompanyAPI(token)
            api.base_url = URL
            answer = api.artikels.list()
            found[token] = [answer.hasError, answer.error.message]
        api.set_token_header("sandbox-token")
        answer = api.artikels.get(1)
        found["unknown"] = [answer.hasError, answer.error.message]
        """,
    )
    assert found == {
        "wrong": [True, "The token is unknown."],
        "sandbox-klanten": [True, "The token lacks the right 'see all products'."],
        "unknown": [True, "There is no artikel 1."],
    }


def test_external_app_login(login_apis: Run, sandbox: Sandbox):
    found = login_apis(
        sandbox,
        """
        from cloudspot.api import CloudspotERP_UserAPI
        from cloudspot.constants.errors import BadCredentials, NoValidToken
        api = CloudspotERP_UserAPI("sandbox-app", test_mode=True)
        found["test_mode"] = api.base_url
        api.base_url = URL
        api.authenticate("jan@sandbox.test", "sandbox-wachtwoord")
        found["token"] = len(api.token)
        found["permissions"] = [each.permission for each in api.permissions.items()]
        again = CloudspotERP_UserAPI("sandbox-app", token=api.token)
        again.base_url = URL
        again.get_permissions()
        again.get_user()
        found["again"] = [each.permission for each in again.permissions.items()]
        found["user"] = [again.user.first_name, again.user.email, again.user.company, again.user.pin]
        for who, password in (("jan", "fout"), ("nobody", "x"), ("piet", "sandbox-wachtwoord")):
            try:
                api.authenticate(f"{who}@sandbox.test", password)
            except BadCredentials as error:
                found[who] = "BadCredentials"
        stranger = CloudspotERP_UserAPI("sandbox-app", token="made-up")
        stranger.base_url = URL
        try:
            stranger.get_permissions()
        except NoValidToken:
            found["stranger"] = "NoValidToken"
        """,
    )
    slugs = ["edit_artikels", "use_app", "view_artikels", "view_klanten"]
    assert found == {
        "test_mode": "http://localhost:8000/api/v1",
        "token": 43,
        "permissions": slugs,
        "again": slugs,
        "user": ["Jan", "jan@sandbox.test", KIST, "1234"],
        "jan": "BadCredentials",
        "nobody": "BadCredentials",
        "piet": "BadCredentials",
        "stranger": "NoValidToken",
    }


def test_license_api(login_apis: Run, sandbox: Sandbox):
    found = login_apis(
        sandbox,
        """
        from cloudspotlicense.api import CloudspotLicense_API

        def at(application="sandbox-app", token=None):
            api = CloudspotLicense_API(application, token=token)
            api.base_url = URL
            return api

        def companies(api):
            return {each.company_id: each.permissions for each in api.permissions.items()}

        api = at()
        for who in ("piet", "marie", "jan"):
            api.authenticate(f"{who}@sandbox.test", "sandbox-wachtwoord")
            found[who] = companies(api)
            again = at(token=api.token)
            again.get_permissions()
            again.get_user()
            assert companies(again) == found[who]
            found[who + "_user"] = [again.user.first_name, again.user.email, again.user.pin]
        found["companies"] = [each.company_name for each in api.permissions.items()]
        found["of_company"] = {each: api.get_company_permissions(each) for each in found["jan"]}
        """,
    )
    jan = {
        KIST: ["edit_artikels", "use_app", "view_artikels", "view_klanten"],
        LAMPE: ["use_app", "view_artikels"],
    }
    assert found["jan"] == found["of_company"] == jan
    assert found["marie"] == {KIST: ["is_superuser", "use_app"]}
    assert found["piet"] == {}
    assert found["jan_user"] == ["Jan", "jan@sandbox.test", "1234"]
    assert found["marie_user"] == ["Marie", "marie@sandbox.test", None]
    assert found["companies"] == ["Kist & Vijs BV", "Lampe SA"]


def test_license_api_reads_errors(login_apis: Run, sandbox: Sandbox):
    token = sandbox.user_tokens.issue("jan@sandbox.test")
    sandbox.user_tokens.expire(token=token)
    found = login_apis(
        sandbox,
        f"""
        from cloudspotlicense.api import CloudspotLicense_API

        def outcome(application, call, *arguments):
            api = CloudspotLicense_API(application)
            api.base_url = URL
            try:
                return getattr(api, call)(*arguments)
            except Exception as error:
                return [type(error).__name__, str(error)]

        jan = ("jan@sandbox.test", "sandbox-wachtwoord")
        found["password"] = outcome("sandbox-app", "authenticate", jan[0], "fout")[0]
        found["application"] = outcome("other-app", "authenticate", *jan)[0]
        found["token"] = outcome("sandbox-app", "get_permissions", "made-up")[0]
        found["expired"] = outcome("sandbox-app", "get_user", {token!r})[0]
        api = CloudspotLicense_API("sandbox-app")
        api.base_url = URL
        api.authenticate(*jan)
        for company in ("x", "00000000-0000-0000-0000-000000000000"):
            found[company] = outcome("sandbox-app", "get_company_permissions", company, api.token)[1]
        """,
    )
    assert found == {
        "password": "BadCredentials",
        "application": "BadCredentials",
        "token": "NoValidToken",
        "expired": "NoValidToken",
        "x": "'x' is not the id of a company: that is a UUID.",
        "00000000-0000-0000-0000-000000000000": "There is no company 00000000-0000-0000-0000-000000000000.",
    }


def test_license_api_validates_an_impersonation(login_apis: Run, sandbox: Sandbox):
    token = sandbox.user_tokens.impersonate("jan@sandbox.test", "Lampe SA")
    found = login_apis(
        sandbox,
        f"""
        from cloudspotlicense.api import CloudspotLicense_API
        api = CloudspotLicense_API("sandbox-app")
        api.base_url = URL
        answer = api.auth.validate_impersonation({token!r})
        found.update(token=answer.token, user=answer.user, company=answer.company)
        api.get_user(answer.auth_token)
        found["email"] = api.user.email
        """,
    )
    assert found == {"token": token, "user": "jan@sandbox.test", "company": LAMPE, "email": "jan@sandbox.test"}


class Browser:
    """A visitor of the Django project: keeps its session, follows redirects."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def visit(self, path: str, **form: str) -> str:
        data = urlencode(form).encode() if form else None
        with self._opener.open(self.root + path, data, timeout=30) as answer:
            return answer.read().decode()

    def me(self) -> dict:
        return json.loads(self.visit("/me"))


DJANGO = ("django-cloudspotlicense==6.3.0", "cloudspot-license-api==1.4.3", "django>=5.2,<6")


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Sandbox, Browser]]:
    """The Django project, and a sandbox for it alone."""
    with serve_project(environment(request, *DJANGO), tmp_path, ENVIRON) as served:
        yield served


@contextmanager
def serve_project(python: Path, tmp_path: Path, environ: dict[str, str]) -> Iterator[tuple[Sandbox, Browser]]:
    """The Django project in a process of its own, and a sandbox for it alone."""
    command = [str(python), str(Path(__file__).with_name("django_project.py"))]
    with (
        Sandbox(artikels=1, klanten=1) as sandbox,
        (tmp_path / "errors").open("wb") as errors,
        subprocess.Popen(
            [*command, sandbox.base_url],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            port = process.stdout.readline()
            assert port, (tmp_path / "errors").read_text()
            browser = Browser(int(port))
            sandbox.applications.update(webhook_url=f"{browser.root}/auth/webhook")
            sandbox.events.retry_delays = ()
            yield sandbox, browser
        finally:
            process.stdin.close()
            process.wait(10)


def test_django_cloudspotlicense(project: tuple[Sandbox, Browser]):
    walk_through(*project)


def walk_through(sandbox: Sandbox, browser: Browser) -> None:
    """Log in, choose companies, get events, be impersonated."""
    jan = "jan@sandbox.test"
    browser.visit("/login", username=jan, password="fout")
    assert browser.me() == {"user": None}
    choice = browser.visit("/login", username=jan, password="sandbox-wachtwoord")
    assert "Kist &amp; Vijs BV" in choice
    assert "Lampe SA" in choice

    browser.visit(f"/auth/set-company/{KIST}")
    assert browser.me() == {
        "user": jan,
        "pin": "1234",
        "company": KIST,
        "may": ["use_app", "view_artikels", "edit_artikels"],
    }
    browser.visit(f"/auth/set-company/{LAMPE}")
    assert (browser.me()["company"], browser.me()["may"]) == (LAMPE, ["use_app", "view_artikels"])

    sandbox.permissions.set(jan, "Lampe SA", ["use_app", "edit_artikels"])
    sandbox.users.update(jan, pin="99")
    sandbox.users.update(jan, email="jan@elders.test")
    sandbox.users.create(email="an@sandbox.test", first_name="An", last_name="Aerts", pin="1")
    sandbox.events.wait(30)
    assert [(each.event, json.loads(each.attempts[0].answer)["status"]) for each in sandbox.events.list()] == [
        ("permissions.updated", "OBJECT_UPDATED"),
        ("user.pin.updated", "OBJECT_UPDATED"),
        ("user.email.updated", "OBJECT_UPDATED"),
        ("user.created", "OBJECT_CREATED"),
    ]
    assert browser.me() == {
        "user": "jan@elders.test",
        "pin": "99",
        "company": LAMPE,
        "may": ["use_app", "edit_artikels"],
    }

    assert json.loads(browser.visit("/auth/impersonation")) == {"status": "operational"}
    supporter = Browser(int(browser.root.rpartition(":")[2]))
    supporter.visit(f"/auth/impersonation/{sandbox.user_tokens.impersonate('jan@elders.test', 'Lampe SA')}")
    assert (supporter.me()["user"], supporter.me()["company"]) == ("jan@elders.test", LAMPE)
