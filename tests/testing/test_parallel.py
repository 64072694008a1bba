"""Many tests at once, in processes of pytest-xdist: each has a sandbox of its own."""

from __future__ import annotations

from .conftest import Run


def test_xdist(run: Run) -> None:
    done = run(
        """
        import os
        import pytest
        from cloudspot import Cloudspot

        @pytest.mark.parametrize("number", range(30))
        def test_one(number, cloudspot_sandbox):
            assert os.environ["PYTEST_XDIST_WORKER"]
            cloudspot_sandbox.artikels.delete(125 + number)
            with Cloudspot() as erp:
                left = {artikel.id for artikel in erp.artikels}
            assert left == set(range(125, 165)) - {125 + number}
        """,
        "-n",
        "3",
        "--cloudspot-artikels=40",
    )
    done.assert_outcomes(passed=30)
