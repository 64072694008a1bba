from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.weblogin.targets import safe_target

EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "http:evil.example",
    "evil.example",
    "/x\\..\\..//evil.example",
    "//[evil",
    "/%0d\r\nSet-Cookie: a=b",
    "/\x85/evil.example",
    "",
    "/" + "a" * 3000,
]


@pytest.mark.parametrize("asked", EVIL)
def test_nobody_is_sent_elsewhere(asked) -> None:
    assert safe_target(asked, "/home") == "/home"


@pytest.mark.parametrize("asked", ["/", "/a/b?c=d&e=//f#g", "/prijzen/é", "/a//b", "/@evil.example"])
def test_pages_of_the_application_are_gone_to(asked) -> None:
    assert safe_target(asked, "/home") == asked


@given(st.text(alphabet=st.sampled_from("/\\:@?#.\t\n\r \x00ehtpsx%[]"), max_size=12) | st.text(max_size=20))
def test_a_browser_stays_at_the_application(asked) -> None:
    target = safe_target(asked, "/home")
    as_browsers_read = "".join(c for c in target if c not in "\t\n\r").strip().replace("\\", "/")
    assert urlsplit(urljoin("https://app.example/login", as_browsers_read)).netloc == "app.example"
