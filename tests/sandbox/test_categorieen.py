"""Categories: the tree stays a tree, and products say what their categories are called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import urllib3
from hypothesis import given
from hypothesis import strategies as st

from cloudspot.records import Artikel, ArtikelCategorie
from cloudspot.sandbox import NoSuchRecord, RecordExists, Sandbox
from cloudspot.sandbox.category_rules import DEEPEST, refuse_misplaced, tree_of, with_categorie
from cloudspot.sandbox.store import CategorieRow


@pytest.fixture
def sandbox(database: str) -> Iterator[Sandbox]:
    with Sandbox(artikels=60, klanten=1, database=database) as running:
        yield running


def categories(sandbox: Sandbox) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", f"{sandbox.base_url}/categories/", headers={"X-ERP-TOKEN": "sandbox-token"})


def test_the_tree_follows_the_edits(sandbox: Sandbox) -> None:
    before = categories(sandbox)
    root = sandbox.categorieen.create("Seizoen")
    child = sandbox.categorieen.create("Winter", root.id)
    assert (child.id, child.parent) == (root.id + 1, root.id)
    assert sandbox.categorieen.create("Zomer", root.id, id=9000).id == 9000
    after = categories(sandbox)
    assert after.headers["ETag"] != before.headers["ETag"]
    (sent,) = [each for each in after.json()["data"] if each["id"] == root.id]
    assert [each["naam"] for each in sent["children"]] == ["Winter", "Zomer"]
    assert sandbox.categorieen.tree()[-1].to_dict() == sent
    sandbox.categorieen.update(9000, parent=child.id, naam="Lente")
    assert sandbox.categorieen.get(9000) == (9000, child.id, "Lente")
    sandbox.categorieen.update(9000, parent=None)
    sandbox.categorieen.delete(9000)
    sandbox.categorieen.delete(child.id)
    sandbox.categorieen.delete(root.id)
    assert categories(sandbox).headers["ETag"] == before.headers["ETag"]


def test_products_say_the_new_name(sandbox: Sandbox) -> None:
    one = sandbox.artikels.get(125)
    old = one.categorie_id
    assert old is not None
    etag = sandbox.store.collection(1, "artikels").state
    listing = iter(sandbox.store.listing(1, "artikels"))
    sandbox.categorieen.update(old, naam="Anders genoemd")
    now = sandbox.artikels.get(125)
    assert now.categorie == "Anders genoemd"
    assert "Anders genoemd" in {each.naam for each in now.categorieen}
    assert sandbox.store.collection(1, "artikels").state != etag
    assert b"Anders genoemd" not in b"".join(listing)
    assert sandbox.artikels.search(categorie="anders genoemd").total == sandbox.artikels.search(categorie=old).total > 0
    body = b"".join(sandbox.store.listing(1, "artikels"))
    assert len(body) == sandbox.store.listing(1, "artikels").length


def test_a_filled_category_is_not_lost(sandbox: Sandbox) -> None:
    old = sandbox.artikels.get(125).categorie_id
    assert old is not None
    with pytest.raises(ValueError, match="products in it"):
        sandbox.categorieen.delete(old)
    parent = sandbox.categorieen.get(old).parent
    with pytest.raises(ValueError, match="categories below it"):
        sandbox.categorieen.delete(parent)
    with pytest.raises(ValueError, match="itself"):
        sandbox.categorieen.delete(old, move_to=old)
    with pytest.raises(ValueError, match="below itself"):
        sandbox.categorieen.delete(parent, move_to=old)
    count = sandbox.categorieen.counts()[old]
    other = sandbox.categorieen.create("Rest")
    below = sandbox.categorieen.create("Eronder", old)
    sandbox.categorieen.delete(old, move_to=other.id)
    now = sandbox.artikels.get(125)
    assert (now.categorie, now.categorie_id) == ("Rest", other.id)
    assert old not in {each.id for each in now.categorieen}
    assert sandbox.categorieen.get(below.id).parent == other.id
    assert sandbox.categorieen.counts()[other.id] == count
    with pytest.raises(NoSuchRecord):
        sandbox.categorieen.get(old)


def test_what_can_not_be(sandbox: Sandbox) -> None:
    before = sandbox.categorieen.list()
    child = next(row for row in before if row.parent is not None)
    for parent in (child.id, child.parent, 10**6):
        with pytest.raises(ValueError):
            sandbox.categorieen.update(parent if parent == child.parent else child.id, parent=parent)
    with pytest.raises(ValueError, match="below itself"):
        sandbox.categorieen.update(child.parent, parent=child.id)
    with pytest.raises(ValueError):
        sandbox.categorieen.create("")
    with pytest.raises(ValueError):
        sandbox.categorieen.create("Weg", 10**6)
    with pytest.raises(ValueError):
        sandbox.categorieen.update(child.id, id=3)
    with pytest.raises(RecordExists):
        sandbox.categorieen.create("Dubbel", id=child.id)
    with pytest.raises(NoSuchRecord):
        sandbox.categorieen.delete(10**6)
    assert sandbox.categorieen.list() == before


def test_as_deep_as_may_be() -> None:
    with Sandbox(artikels=1, klanten=1) as sandbox:
        parent = None
        for _ in range(DEEPEST):
            parent = sandbox.categorieen.create("Lager", parent).id
        with pytest.raises(ValueError, match="levels deep"):
            sandbox.categorieen.create("Te laag", parent)
        assert categories(sandbox).status == 200


@given(st.lists(st.tuples(st.integers(1, 12), st.one_of(st.none(), st.integers(1, 12))), max_size=60))
def test_every_category_stays_in_the_tree(moves: list[tuple[int, int | None]]) -> None:
    rows = {key: CategorieRow(key, None, str(key)) for key in range(1, 13)}
    for key, parent in moves:
        placed = rows[key]._replace(parent=parent)
        try:
            refuse_misplaced(rows.values(), placed)
        except ValueError:
            continue
        rows[key] = placed
    found = [each.id for root in tree_of(rows.values()) for each in root.walk()]
    assert sorted(found) == sorted(rows)


def test_a_product_says_nothing_twice() -> None:
    inner = ArtikelCategorie(id=3, naam="Drie", children=(ArtikelCategorie(id=1, naam="Een"),))
    artikel = Artikel(
        categorie="Een", categorie_id=1, categorieen=(inner, ArtikelCategorie(id=1), ArtikelCategorie(id=2))
    )
    changed = with_categorie(artikel, 1, ArtikelCategorie(id=2, naam="Twee"))
    assert (changed.categorie, changed.categorie_id) == ("Twee", 2)
    assert [each.id for each in changed.categorieen] == [3, 2]
    assert changed.categorieen[0].children[0].naam == "Twee"
