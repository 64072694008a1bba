"""The fixtures, as a user's tests meet them."""

from __future__ import annotations

import pytest

from .conftest import Run


def test_a_fresh_sandbox_for_each_test(run: Run) -> None:
    done = run(
        """
        import os
        import pytest
        from cloudspot import Cloudspot, NotFound
        from cloudspot.sandbox import Sandbox

        seen = set()

        @pytest.mark.parametrize("turn", range(3))
        def test_nothing_is_left_of_others(turn, cloudspot_sandbox, erp):
            assert isinstance(cloudspot_sandbox, Sandbox)
            assert len(erp.artikels.list()) == 500
            assert len(erp.klanten.list()) == 100
            cloudspot_sandbox.artikels.delete(125)
            with pytest.raises(NotFound):
                erp.artikels.get(125)
            cloudspot_sandbox.faults.add(status=503, times=None)
            seen.add(id(cloudspot_sandbox.store))

        def test_the_environment_is_as_before():
            assert "CLOUDSPOT_TOKEN" not in os.environ
            assert "CLOUDSPOT_BASE_URL" not in os.environ
            from cloudspot.settings import TEST_URL
            assert TEST_URL == "http://localhost:8000/api/v1"
        """
    )
    done.assert_outcomes(passed=4)


def test_the_code_under_test_finds_the_sandbox(run: Run) -> None:
    done = run(
        """
        import subprocess, sys
        import pytest
        from cloudspot import Cloudspot
        from cloudspot.api import CloudspotERP_CompanyAPI

        pytestmark = pytest.mark.usefixtures("cloudspot_sandbox")

        def test_without_arguments():
            with Cloudspot() as erp:
                assert erp.artikels.get(125).id == 125

        def test_in_test_mode():
            with Cloudspot("sandbox-other", test_mode=True) as erp:
                assert erp.artikels.get(50_000_125).id == 50_000_125

        def test_the_documented_api():
            assert CloudspotERP_CompanyAPI("sandbox-token", test_mode=True).artikels.get(125).id == 125

        def test_in_another_process():
            program = "from cloudspot import Cloudspot; print(Cloudspot().artikels.get(125).id)"
            assert subprocess.check_output([sys.executable, "-c", program], text=True) == "125\\n"
        """
    )
    done.assert_outcomes(passed=4)


def test_the_license_server(run: Run) -> None:
    done = run(
        """
        import urllib3

        def test_login(license_server, cloudspot_sandbox):
            assert license_server.sandbox is cloudspot_sandbox
            assert license_server.users == ["jan@sandbox.test", "marie@sandbox.test", "piet@sandbox.test"]
            for user in license_server.users:
                answer = urllib3.request(
                    "POST",
                    f"{license_server.url}/auth/authenticate/",
                    headers={"X-LICENSE-MODULE": license_server.application},
                    json={"username": user, "password": license_server.password},
                )
                assert answer.status == 200
            assert license_server.password not in repr(license_server)
        """
    )
    done.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("ini", "options", "expected"),
    [
        ("", (), (500, 100, 1)),
        ("cloudspot_artikels = 7\ncloudspot_klanten = 3\ncloudspot_seed = 5", (), (7, 3, 5)),
        ("cloudspot_artikels = 7", ("--cloudspot-artikels=8", "--cloudspot-seed=2"), (8, 100, 2)),
    ],
)
def test_sizes(run: Run, ini: str, options: tuple[str, ...], expected: tuple[int, int, int]) -> None:
    artikels, klanten, seed = expected
    done = run(
        f"""
        import pytest
        from cloudspot.sandbox import Sandbox

        def test_default(cloudspot_sandbox):
            assert len(cloudspot_sandbox.artikels) == {artikels}
            assert len(cloudspot_sandbox.klanten) == {klanten}
            with Sandbox(artikels={artikels}, seed={seed}) as same:
                assert cloudspot_sandbox.artikels.get(126) == same.artikels.get(126)

        @pytest.mark.cloudspot_sandbox(artikels=20, klanten=10)
        class TestMarked:
            def test_class(self, cloudspot_sandbox):
                assert (len(cloudspot_sandbox.artikels), len(cloudspot_sandbox.klanten)) == (20, 10)

            @pytest.mark.cloudspot_sandbox(artikels=30)
            def test_function_before_class(self, cloudspot_sandbox):
                assert (len(cloudspot_sandbox.artikels), len(cloudspot_sandbox.klanten)) == (30, 10)
        """,
        "--strict-markers",
        *options,
        ini=ini,
    )
    done.assert_outcomes(passed=3)


def test_mistakes_are_told(run: Run) -> None:
    done = run(
        """
        import pytest

        @pytest.mark.cloudspot_sandbox(products=5)
        def test_unknown(cloudspot_sandbox):
            pass

        @pytest.mark.cloudspot_sandbox(5)
        def test_bare(cloudspot_sandbox):
            pass
        """
    )
    done.assert_outcomes(errors=2)
    done.stdout.fnmatch_lines(
        ["The marker cloudspot_sandbox takes artikels=…, klanten=…, seed=…, clock=…, seeded_ids=…."] * 2
    )


def test_a_size_that_is_no_number(run: Run) -> None:
    done = run("def test(cloudspot_sandbox): pass", ini="cloudspot_artikels = many")
    done.stdout.fnmatch_lines(["*cloudspot_artikels is a number, not 'many'*"])
    assert done.ret


@pytest.mark.parametrize(
    ("missing", "fixture", "extra"),
    [("sqlalchemy", "erp", "sandbox"), ("uvicorn", "cloudspot_sandbox", "sandbox"), ("aiohttp", "async_erp", "async")],
)
def test_an_extra_that_is_missing(run: Run, pytester: pytest.Pytester, missing: str, fixture: str, extra: str) -> None:
    pytester.makeconftest(f"import sys; sys.modules[{missing!r}] = None")
    done = run(f"def test_theirs({fixture}): pass\ndef test_other(): pass")
    done.assert_outcomes(errors=1, passed=1)
    done.stdout.fnmatch_lines([f"The fixture * needs pip install 'cloudspot-erp-api?{extra}?' (*{missing}*)."])
    done.stdout.no_fnmatch_line("*During handling*")
