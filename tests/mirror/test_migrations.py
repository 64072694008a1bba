"""Mirrors of older and newer releases."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, inspect, text
from tests.mirror.conftest import Place, Syncing, contents

from cloudspot import ConfigurationError
from cloudspot.mirror.store import migrations, schema


def set_version(place: Place, version: int) -> None:
    with place.open()._store.writing() as connection:
        connection.execute(text("UPDATE mirror_about SET schema_version = :version"), {"version": version})


def test_a_newer_mirror_is_not_touched(place: Place) -> None:
    set_version(place, schema.VERSION + 1)
    with pytest.raises(ConfigurationError, match="made by a newer release"):
        place.open()


def test_an_older_mirror_is_brought_up_to_date(place: Place, sync: Syncing, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = place.open()
    sync(mirror)
    before = contents(mirror)

    def add_a_table(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE mirror_tomorrow (one INTEGER)"))

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, add_a_table))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    later = place.open()
    assert inspect(later._store.engine).has_table("mirror_tomorrow", schema=place.schema)
    assert contents(later) | {"mirror_about": []} == before | {"mirror_about": []}
    assert sync(later).changed == 0
    assert len(later.artikels.where(status="ZICHTBAAR"))
    place.open()


def test_a_migration_that_breaks_changes_nothing(place: Place, sync: Syncing, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = place.open()
    sync(mirror)

    def break_off(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE mirror_tomorrow (one INTEGER)"))
        connection.execute(text("DELETE FROM mirror_artikels"))
        raise OSError("the power is gone")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, break_off))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    with pytest.raises(OSError, match="power"):
        place.open()
    monkeypatch.undo()
    again = place.open()
    assert not inspect(again._store.engine).has_table("mirror_tomorrow", schema=place.schema)
    assert len(again.artikels) == 60


def test_the_steps_lead_to_the_current_version() -> None:
    assert len(migrations.MIGRATIONS) == schema.VERSION - 1
