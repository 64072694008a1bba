"""The marker for faults, and what else a marker says of the sandbox, as a user's tests meet them."""

from __future__ import annotations

from .conftest import Run


def test_faults_are_met_in_reading_order(run: Run) -> None:
    done = run(
        """
        import pytest
        import urllib3

        pytestmark = pytest.mark.cloudspot_fault(status=599, times=None)

        def statuses(sandbox, count, path="artikels/?id=125"):
            headers = {"X-ERP-TOKEN": "sandbox-token"}
            with urllib3.PoolManager(retries=False) as pool:
                urls = [f"{sandbox.base_url}/{path}"] * count
                return [pool.request("GET", url, headers=headers, redirect=False).status for url in urls]

        @pytest.mark.cloudspot_fault(status=503)
        @pytest.mark.cloudspot_fault(route="artikels", status=502, times=2)
        @pytest.mark.cloudspot_fault(status=500)
        def test_one_after_another(cloudspot_sandbox):
            assert statuses(cloudspot_sandbox, 5) == [503, 502, 502, 500, 599]

        @pytest.mark.cloudspot_fault(retry_after=0)
        class TestClass:
            @pytest.mark.cloudspot_fault(status=502)
            def test_its_own_come_first(self, cloudspot_sandbox):
                assert statuses(cloudspot_sandbox, 3) == [502, 429, 599]

        @pytest.mark.cloudspot_fault("proxy-page", route="klanten")
        @pytest.mark.cloudspot_fault("server-error")
        def test_presets(cloudspot_sandbox):
            assert statuses(cloudspot_sandbox, 1, "klanten/") == [502]
            assert statuses(cloudspot_sandbox, 2) == [500, 500]

        def test_nothing_is_left(cloudspot_sandbox):
            assert statuses(cloudspot_sandbox, 2) == [599, 599]

        def test_a_module_s_faults_need_no_sandbox():
            pass
        """
    )
    done.assert_outcomes(passed=5)


def test_the_client_meets_them_and_the_log_knows(run: Run) -> None:
    done = run(
        """
        import pytest
        from cloudspot import ServerTrouble

        @pytest.mark.cloudspot_fault(route="artikels", status=503, retry_after=0, times=2)
        def test_repeats(erp, cloudspot_sandbox):
            assert erp.artikels.get(125).id == 125
            asked = cloudspot_sandbox.requests.list(route="artikels")
            assert [each.status for each in asked] == [503, 503, 200]

        @pytest.mark.cloudspot_fault("maintenance")
        def test_gives_up(erp):
            with pytest.raises(ServerTrouble):
                erp.artikels.get(125)
        """
    )
    done.assert_outcomes(passed=2)


def test_what_is_no_fault_fails_clearly(run: Run) -> None:
    done = run(
        """
        import pytest

        @pytest.mark.cloudspot_fault(statu=503)
        def test_field(cloudspot_sandbox): pass

        @pytest.mark.cloudspot_fault(status=503, reset=True)
        def test_contradiction(cloudspot_sandbox): pass

        @pytest.mark.cloudspot_fault("no-such-thing")
        def test_preset(cloudspot_sandbox): pass

        @pytest.mark.cloudspot_fault("slow", status=503)
        def test_both(cloudspot_sandbox): pass

        @pytest.mark.cloudspot_fault(status=503)
        def test_without_a_sandbox(): pass
        """
    )
    done.assert_outcomes(errors=5)
    done.stdout.fnmatch_lines_random(
        [
            "*The marker cloudspot_fault: Object contains unknown field `statu`.*",
            "*The marker cloudspot_fault: status and reset exclude each other*",
            "*The marker cloudspot_fault: there is no preset no-such-thing; there are proxy-page*",
            "*The marker cloudspot_fault: it takes either names of presets*",
            "*The marker cloudspot_fault is for tests that use the fixture cloudspot_sandbox*",
        ]
    )
    done.stdout.no_fnmatch_line("*Traceback*")


def test_the_clock_and_seeded_ids(run: Run) -> None:
    done = run(
        """
        import pytest

        @pytest.mark.parametrize("turn", range(2))
        @pytest.mark.cloudspot_sandbox(clock="2026-01-31T23:59:00+01:00", seeded_ids=True, artikels=1)
        def test_the_same_again(turn, cloudspot_sandbox, seen=set()):
            assert cloudspot_sandbox.clock.now().isoformat() == "2026-01-31T23:59:00+01:00"
            seen.add(cloudspot_sandbox.user_tokens.issue("jan@sandbox.test"))
            assert len(seen) == 1

        @pytest.mark.cloudspot_sandbox(clock="noon")
        def test_no_moment(cloudspot_sandbox): pass
        """
    )
    done.assert_outcomes(passed=2, errors=1)
    done.stdout.fnmatch_lines(["*The marker cloudspot_sandbox: 'noon' is no moment*"])
