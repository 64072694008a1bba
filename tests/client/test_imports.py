"""The public names, the error tree, and what importing costs."""

from __future__ import annotations

import ast
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import cloudspot
from cloudspot import CloudspotError, InvalidRecord, errors
from cloudspot.errors import Where

HEAVY = ("urllib3", "msgspec", "aiohttp", "truststore", "cloudspot.client", "asyncio", "ssl")


def loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_after("import cloudspot").intersection(HEAVY)


def test_importing_an_error_loads_no_client() -> None:
    assert not loaded_after("from cloudspot import CloudspotError").intersection(HEAVY)


def test_importing_the_client_loads_no_http() -> None:
    loaded = loaded_after("from cloudspot import Cloudspot, AsyncCloudspot, Artikel")
    assert not loaded.intersection({"urllib3", "aiohttp", "truststore"})


def test_importing_the_webhooks_loads_no_client() -> None:
    assert not loaded_after("import cloudspot.webhooks").intersection({*HEAVY, "cloudspot.calls"} - {"msgspec"})


def test_importing_the_license_client_loads_no_http_and_no_web_framework() -> None:
    loaded = loaded_after("from cloudspot import License, AsyncLicense, Session, SecretText, WrongCredentials")
    assert not loaded.intersection({"urllib3", "aiohttp", "truststore", "cloudspot.models", "django"})


@pytest.mark.parametrize("name", cloudspot.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(cloudspot, name)
    assert inspect.getdoc(value)
    assert getattr(value, "__module__", "").startswith("cloudspot")
    assert name in dir(cloudspot)


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(inspect.getfile(cloudspot)).read_text())
    seen = {
        alias.asname
        for node in tree.body
        if isinstance(node, ast.If)
        for line in node.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }
    assert seen == set(cloudspot.__all__)
    assert len(cloudspot.__all__) == len(set(cloudspot.__all__))


def test_no_other_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        cloudspot.Nonsense  # noqa: B018  # type: ignore[attr-defined]


ERRORS = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, CloudspotError) and not value.__name__.startswith("_")
]


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_pickles(kind: type[CloudspotError]) -> None:
    where = Where("GET", "/artikels/", 418, "abc")
    error = (
        kind([InvalidRecord(3, 17, "BTW", "duur", "expected decimal", {"id": 17})], [1, 2], where=where)  # type: ignore[arg-type]
        if kind is errors.InvalidRecords
        else kind("It went wrong.", where=where, hint="Try again.")
    )
    if hasattr(error, "retry_after"):
        error.retry_after = 7.5
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert again.args == error.args
    assert str(again) == str(error)
    assert str(error).startswith("[abc GET /artikels/ → 418] ")
    assert (error.method, error.path, error.status, error.request_id) == ("GET", "/artikels/", 418, "abc")
    assert kind.__name__ in cloudspot.__all__
    assert kind.__name__ in (errors.__doc__ or "")


def test_the_errors_of_python_that_ours_are() -> None:
    assert issubclass(cloudspot.ConfigurationError, ValueError)
    assert issubclass(cloudspot.TimedOut, TimeoutError)
    assert issubclass(cloudspot.NotFound, LookupError)
    assert issubclass(cloudspot.InvalidField, ValueError)
    assert issubclass(cloudspot.CloudspotWarning, UserWarning)


def test_an_error_about_nothing_sent() -> None:
    error = CloudspotError("No.", hint="Really.")
    assert str(error) == "No. Really."
    assert (error.method, error.path, error.status, error.request_id) == ("", "", None, "")


def test_many_invalid_records_are_summed_up() -> None:
    many = [InvalidRecord(number, None, "", "x" * 1000, "expected y", "x") for number in range(1, 100)]
    text = str(errors.InvalidRecords(many))
    assert text.startswith("99 records could not be read: record 1: 'xxx")
    assert "; and 96 more." in text
    assert len(text) < 600
