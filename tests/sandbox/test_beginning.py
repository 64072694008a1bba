"""What sandboxes begin with is seeded once and copied: the same bytes, and nothing shared."""

from __future__ import annotations

import pytest

from cloudspot.sandbox import Sandbox, beginning
from cloudspot.sandbox.store import Store
from cloudspot.sandbox.store.listing import ListReplaced

COLLECTIONS = [(1, "artikels"), (1, "klanten"), (2, "artikels"), (2, "klanten")]


def contents(store: Store) -> list[object]:
    """All that can be read."""
    lists: list[object] = [b"".join(store.listing(*which)) for which in COLLECTIONS]
    lists += [store.collection(*which) for which in COLLECTIONS]
    return [*lists, store.categorieen.all(1), store.categorieen.all(2), store.erp_tokens.all(), store.companies.all()]


def test_a_copy_is_what_is_seeded(tmp_path):
    with (
        Sandbox(artikels=40, klanten=10, database=f"sqlite:///{tmp_path}/file.db") as seeded,
        Sandbox(artikels=40, klanten=10) as copied,
    ):
        assert contents(copied.store) == contents(seeded.store)
        assert copied.users.list() == seeded.users.list()
        assert copied.permissions.list() == seeded.permissions.list()


def test_copies_share_nothing():
    with Sandbox(artikels=20) as one, Sandbox(artikels=20) as two:
        before = contents(two.store)
        one.artikels.update(125, naam="Anders")
        one.artikels.delete(126)
        one.users.delete("jan@sandbox.test")
        token = one.user_tokens.issue("marie@sandbox.test")
        assert contents(two.store) == before
        assert two.users.get("jan@sandbox.test")
        assert two.store.user_tokens.holder(token, "sandbox-app") is None
        with Sandbox(artikels=20) as three:
            assert contents(three.store) == before


@pytest.mark.parametrize("database", ["sqlite://", "sqlite:///{}/file.db"])
def test_reset_brings_everything_back(database, tmp_path):
    with Sandbox(artikels=200, klanten=10, database=database.format(tmp_path)) as sandbox:
        before = contents(sandbox.store)
        listing = iter(sandbox.store.listing(1, "artikels"))
        next(listing)
        sandbox.artikels.delete(125)
        sandbox.artikels.create(naam="Nieuw")
        sandbox.users.delete("jan@sandbox.test")
        token = sandbox.user_tokens.issue("marie@sandbox.test")
        sandbox.reset()
        assert contents(sandbox.store) == before
        assert sandbox.users.get("jan@sandbox.test")
        assert sandbox.store.user_tokens.holder(token, "sandbox-app") is None
        with pytest.raises(ListReplaced):
            next(listing)
        sandbox.artikels.update(125, naam="Na de reset")
        assert sandbox.artikels.get(125).naam == "Na de reset"


def test_what_is_kept_is_bounded(monkeypatch):
    beginning._image.cache_clear()
    monkeypatch.setattr(beginning, "MOST_RECORDS_KEPT", 30)
    for artikels in range(20, 31):
        with Sandbox(artikels=artikels, klanten=1) as sandbox:
            assert len(sandbox.artikels) == artikels
            sandbox.artikels.delete(125)
            sandbox.reset()
            assert len(sandbox.artikels) == artikels
    kept = beginning._image.cache_info()
    assert kept.currsize == kept.maxsize == 4
    assert kept.misses == 10


def test_without_a_way_to_copy(monkeypatch):
    with Sandbox(artikels=20) as copied:
        monkeypatch.setattr(beginning, "CAN_COPY", False)
        with Sandbox(artikels=20) as seeded:
            assert contents(seeded.store) == contents(copied.store)
            seeded.artikels.delete(125)
            seeded.reset()
            assert contents(seeded.store) == contents(copied.store)
