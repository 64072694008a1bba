"""A database of an older release becomes one of this release."""

import sqlite3

import pytest
from sqlalchemy import create_engine, inspect, text

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.store import UnusableDatabase, schema
from cloudspot.sandbox.store.database import open_engine
from cloudspot.sandbox.store.migrations import MIGRATIONS

NEW_IN_4 = ["snapshots", "snapshot_parts"]
NEW_IN_3 = ["artikels_index", "klanten_index", "placements"]
NEW_IN_2 = ["impersonations", "user_tokens", "permissions", "users", "applications"]


def as_of_version_3(database: str) -> None:
    """Make the tables what they were before snapshots were kept."""
    engine = create_engine(driver(database))
    with engine.begin() as connection:
        for table in NEW_IN_4:
            connection.execute(text(f"DROP TABLE sandbox_{table}"))
        connection.execute(text("UPDATE sandbox_about SET schema_version = 3"))
    engine.dispose()


def as_of_version_2(database: str) -> None:
    """Make the tables what they were before records were searched and tokens numbered."""
    as_of_version_3(database)
    engine = create_engine(driver(database))
    with engine.begin() as connection:
        for table in NEW_IN_3:
            connection.execute(text(f"DROP TABLE sandbox_{table}"))
        connection.execute(text("ALTER TABLE sandbox_tokens DROP COLUMN id"))
        connection.execute(text("UPDATE sandbox_about SET schema_version = 2"))
    engine.dispose()


def as_of_version_1(database: str) -> None:
    """Make the tables what they were before there were accounts."""
    as_of_version_2(database)
    engine = create_engine(driver(database))
    with engine.begin() as connection:
        for table in NEW_IN_2:
            connection.execute(text(f"DROP TABLE sandbox_{table}"))
        connection.execute(text("UPDATE sandbox_about SET schema_version = 1"))
    engine.dispose()


def driver(database: str) -> str:
    return database.replace("postgresql://", "postgresql+psycopg://", 1)


def shape(database: str) -> dict[str, object]:
    """The tables, as the database itself describes them."""
    engine = create_engine(driver(database))
    found = inspect(engine)
    tables = {
        name: (
            [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted(each["column_names"] for each in found.get_unique_constraints(name)),
            sorted((each["constrained_columns"], each["referred_table"]) for each in found.get_foreign_keys(name)),
            sorted((each["name"], each["column_names"]) for each in found.get_indexes(name) if not each["unique"]),
        )
        for name in found.get_table_names()
        if name.startswith("sandbox_")
    }
    engine.dispose()
    return tables


def test_there_is_a_step_to_each_version():
    assert len(MIGRATIONS) == schema.VERSION - 1


def test_from_1(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=5, klanten=2, database=database) as sandbox:
        sandbox.artikels.update(125, naam="Bewaard")
    fresh = shape(database)
    as_of_version_1(database)
    assert shape(database) != fresh
    with Sandbox(database=database) as sandbox:
        assert sandbox.artikels.get(125).naam == "Bewaard"
        assert sandbox.users.list()[0].email == "jan@sandbox.test"
        assert sandbox.permissions.get("marie@sandbox.test", "Kist & Vijs BV") == {"use_app", "is_superuser"}
        sandbox.users.delete("piet@sandbox.test")
    assert shape(database) == fresh
    with Sandbox(database=database) as sandbox:
        assert len(sandbox.users.list()) == 2


def test_a_migration_that_was_broken_off(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    with Sandbox(artikels=1, database=database):
        pass
    file = sqlite3.connect(tmp_path / "sandbox.db")
    with file:
        file.execute("DROP TABLE sandbox_impersonations")
        for table in ("permissions", "users", "applications"):
            file.execute(f"DELETE FROM sandbox_{table}")
        file.execute("UPDATE sandbox_about SET schema_version = 1")
    file.close()
    with Sandbox(database=database) as sandbox:
        assert len(sandbox.users.list()) == 3


def test_an_empty_database_of_version_1(tmp_path):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    open_engine(database).dispose()
    as_of_version_1(database)
    with Sandbox(artikels=1, database=database) as sandbox:
        assert len(sandbox.users.list()) == 3


@pytest.mark.parametrize("version", [0, -1, schema.VERSION + 1])
def test_versions_that_never_were(tmp_path, version):
    database = f"sqlite:///{tmp_path}/sandbox.db"
    open_engine(database).dispose()
    file = sqlite3.connect(tmp_path / "sandbox.db")
    with file:
        file.execute("UPDATE sandbox_about SET schema_version = ?", (version,))
    file.close()
    with pytest.raises(UnusableDatabase, match="another release"):
        open_engine(database)


def test_every_version_and_database(database):
    if database == "sqlite://":
        pytest.skip("what is in memory is never old")
    with Sandbox(artikels=5, klanten=2, database=database):
        pass
    fresh = shape(database)
    as_of_version_1(database)
    with Sandbox(database=database) as sandbox:
        assert len(sandbox.users.list()) == 3
        token = sandbox.user_tokens.issue("jan@sandbox.test")
        assert sandbox.user_tokens.revoke(token=token) == 1
        sandbox.users.update("jan@sandbox.test", pin=None)
        sandbox.permissions.set("jan@sandbox.test", "Lampe SA", [])
        sandbox.users.delete("marie@sandbox.test")
    assert shape(database) == fresh
    as_of_version_2(database)
    with Sandbox(database=database) as sandbox:
        assert sandbox.artikels.search(sandbox.artikels.get(125).naam).total == 1
        assert sandbox.artikels.search(categorie="Voeding").total > 0
        assert sandbox.tokens[0] == "sandbox-token"
    assert shape(database) == fresh
    as_of_version_3(database)
    with Sandbox(database=database) as sandbox:
        sandbox.snapshots.take("na")
    assert shape(database) == fresh
