"""A database of an older release becomes one of this release."""

import os
import sqlite3

import pytest
from sqlalchemy import create_engine, inspect, text

from cloudspot.sandbox import Sandbox
from cloudspot.sandbox.store import UnusableDatabase, schema
from cloudspot.sandbox.store.database import open_engine
from cloudspot.sandbox.store.migrations import MIGRATIONS

NEW_IN_2 = ["impersonations", "user_tokens", "permissions", "users", "applications"]


def as_of_version_1(database: str) -> None:
    """Make the tables what they were before there were accounts."""
    engine = create_engine(database)
    with engine.begin() as connection:
        for table in NEW_IN_2:
            connection.execute(text(f"DROP TABLE sandbox_{table}"))
        connection.execute(text("UPDATE sandbox_about SET schema_version = 1"))
    engine.dispose()


def shape(database: str) -> dict[str, object]:
    """The tables, as the database itself describes them."""
    engine = create_engine(database)
    found = inspect(engine)
    tables = {
        name: (
            [(each["name"], str(each["type"]), each["nullable"]) for each in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted(each["column_names"] for each in found.get_unique_constraints(name)),
            sorted((each["constrained_columns"], each["referred_table"]) for each in found.get_foreign_keys(name)),
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


@pytest.mark.skipif("CLOUDSPOT_TEST_POSTGRESQL" not in os.environ, reason="CLOUDSPOT_TEST_POSTGRESQL names no database")
def test_postgresql():
    database = os.environ["CLOUDSPOT_TEST_POSTGRESQL"]
    with Sandbox(artikels=5, klanten=2, database=database) as sandbox:
        sandbox.reset()
    fresh = shape(database)
    as_of_version_1(database)
    with Sandbox(database=database) as sandbox:
        assert len(sandbox.users.list()) == 3
        token = sandbox.user_tokens.issue("jan@sandbox.test")
        assert sandbox.user_tokens.revoke(token=token) == 1
        sandbox.users.update("jan@sandbox.test", pin=None)
        sandbox.permissions.set("jan@sandbox.test", "Lampe SA", [])
        sandbox.users.delete("marie@sandbox.test")
        sandbox.reset()
    assert shape(database) == fresh
