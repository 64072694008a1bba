"""`async_erp` under each way of running a coroutine: it works, and leaves nothing open."""

from __future__ import annotations

import pytest

from .conftest import Run

USES = """
    async def use(erp):
        assert (await erp.artikels.get(125)).id == 125
        assert len(await erp.artikels.list()) == 500
        async for artikel in erp.artikels:
            break
"""


@pytest.mark.parametrize("scope", ["function", "module", "session"])
@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_pytest_asyncio(run: Run, mode: str, scope: str) -> None:
    done = run(
        f"""
    import pytest, pytest_asyncio
{USES}
    @pytest_asyncio.fixture(loop_scope="{scope}")
    async def theirs(async_erp):
        await use(async_erp)
        yield async_erp
        await use(async_erp)

    @pytest.mark.asyncio(loop_scope="{scope}")
    async def test_one(async_erp):
        await use(async_erp)

    @pytest.mark.asyncio(loop_scope="{scope}")
    async def test_two(theirs, async_erp, erp):
        assert theirs is async_erp
        await use(theirs)
        assert erp.artikels.get(125) == await async_erp.artikels.get(125)

    @pytest.mark.asyncio(loop_scope="{scope}")
    async def test_only_streams(async_erp):
        assert len([artikel async for artikel in async_erp.artikels]) == 500

    @pytest.mark.asyncio(loop_scope="{scope}")
    async def test_closed_by_hand(async_erp):
        async with async_erp:
            await use(async_erp)

    @pytest.mark.asyncio(loop_scope="{scope}")
    async def test_unused(async_erp):
        pass
        """,
        f"--asyncio-mode={mode}",
        ini="asyncio_default_fixture_loop_scope = function",
        asyncio=True,
    )
    done.assert_outcomes(passed=5)
    assert "Unclosed" not in done.stdout.str() + done.stderr.str()


def test_anyio(run: Run) -> None:
    done = run(
        f"""
    import pytest
{USES}
    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def anyio_backend():
        return "asyncio"

    @pytest.fixture
    async def theirs(async_erp):
        await use(async_erp)
        yield async_erp
        await use(async_erp)

    async def test_one(async_erp):
        await use(async_erp)

    async def test_two(theirs):
        await use(theirs)
        """
    )
    done.assert_outcomes(passed=2)
    assert "Unclosed" not in done.stdout.str() + done.stderr.str()


def test_by_hand(run: Run) -> None:
    done = run(
        f"""
    import asyncio, threading
    import pytest
{USES}
    def test_run(async_erp):
        asyncio.run(use(async_erp))

    def test_a_loop_that_outlives_the_test(async_erp, loop):
        loop.run_until_complete(use(async_erp))

    @pytest.fixture(scope="module")
    def loop():
        with asyncio.Runner() as runner:
            yield runner.get_loop()

    def test_a_loop_in_a_thread(async_erp, threads_loop):
        asyncio.run_coroutine_threadsafe(use(async_erp), threads_loop).result(10)

    @pytest.fixture(scope="module")
    def threads_loop():
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            thread = threading.Thread(target=loop.run_forever)
            thread.start()
            yield loop
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
        """,
        "-p",
        "no:anyio",
    )
    done.assert_outcomes(passed=3)
    assert "Unclosed" not in done.stdout.str() + done.stderr.str()
