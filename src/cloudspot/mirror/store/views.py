"""The views that people read: plain names, one column for each field. `docs/mirror.md` describes them."""

from __future__ import annotations

from sqlalchemy import Connection, text

from cloudspot.mirror.resources import RESOURCES


def make(connection: Connection, *, anew: bool = False) -> None:
    """Make all views; where it is not anew, one that somebody else has made is in the way, and stays."""
    for naam, query in definitions(connection.dialect.name).items():
        if anew:
            connection.execute(text(f"DROP VIEW IF EXISTS {naam}"))
        connection.exec_driver_sql(f"CREATE VIEW {naam} AS {query}")


def definitions(dialect: str) -> dict[str, str]:
    """The query behind each view."""
    found: dict[str, str] = {}
    for naam, resource in RESOURCES.items():
        columns = [f"t.{name.lower()}" for name in resource.columns]
        columns += [f"{_text_of(dialect, name)} AS {name.lower()}" for name in resource.long]
        found[naam] = (
            f"SELECT c.naam AS company, {', '.join(columns)}, t.sequence FROM mirror_{naam} t "  # noqa: S608
            "JOIN mirror_companies c ON c.key = t.company LEFT JOIN mirror_changes h ON h.sequence = t.sequence"
        )
    found["feed"] = (
        "SELECT h.sequence, h.at, c.naam AS company, h.resource, h.key, h.kind, h.fields, h.document, h.previous "
        "FROM mirror_changes h JOIN mirror_companies c ON c.key = h.company"
    )
    for naam, (field, of_item) in NESTED.items():
        found[naam] = _nested(dialect, field, of_item)
    found["prijzen"] = _prices(dialect)
    return found


NESTED = {
    "artikel_fotos": ("fotos", {"url": "text", "is_hoofdfoto": "boolean"}),
    "artikel_prijscategorieen": (
        "prijscategorieen",
        {
            "label": "text",
            "label_id": "bigint",
            "type": "text",
            "korting": "numeric",
            "verkoopprijs_excl": "numeric",
            "verkoopprijs_incl": "numeric",
        },
    ),
    "artikel_categorieen": ("categorieen", {"id": "bigint", "naam": "text"}),
    "artikel_eans": ("EAN", {"": "text"}),
}
"""Views over the lists of a product: the list, and the columns of what is in it."""

ALIASES = {("categorieen", "id"): "categorie_id", ("categorieen", "naam"): "categorie", ("EAN", ""): "ean"}

PRICES = ("verkoopprijs_excl", "verkoopprijs_incl", "inkoopprijs_excl", "inkoopprijs_incl")


def _text_of(dialect: str, name: str) -> str:
    return f"h.document ->> '$.{name}'" if dialect == "sqlite" else f"CAST(h.document AS json) ->> '{name}'"


def _nested(dialect: str, field: str, columns: dict[str, str]) -> str:
    names = {name: ALIASES.get((field, name), name) for name in columns}
    if dialect == "sqlite":
        taken = [
            f"{f'CAST({value} AS NUMERIC)' if kind == 'numeric' else value} AS {names[name]}"
            for name, kind in columns.items()
            for value in [f"j.value ->> '$.{name}'" if name else "j.value"]
        ]
        place, items = "j.key + 1", f"json_each(CASE json_type(h.document, '$.{field}') WHEN 'array' THEN "
        items += f"h.document ELSE '{{}}' END, '$.{field}') j"
    else:
        taken = [
            f"CAST({value} AS {kind}) AS {names[name]}"
            for name, kind in columns.items()
            for value in [f"j.value ->> '{name}'" if name else "j.value #>> '{}'"]
        ]
        list_of = f"CAST(h.document AS json) -> '{field}'"
        place, items = (
            "j.place",
            (
                f"json_array_elements(CASE json_typeof({list_of}) WHEN 'array' THEN {list_of} END) "
                "WITH ORDINALITY AS j(value, place)"
            ),
        )
    return (
        f"SELECT c.naam AS company, t.id, {place} AS position, {', '.join(taken)} FROM mirror_artikels t "  # noqa: S608
        "JOIN mirror_companies c ON c.key = t.company JOIN mirror_changes h ON h.sequence = t.sequence "
        f"CROSS JOIN {'LATERAL ' if dialect != 'sqlite' else ''}{items}"
    )


def _prices(dialect: str) -> str:
    """The prices of a product from each change on that touched one."""
    if dialect == "sqlite":
        value = "CAST(h.document ->> '$.{0}' AS NUMERIC) AS {0}"
        touched = " OR ".join(f"json_type(h.fields, '$.{name}') IS NOT NULL" for name in PRICES)
    else:
        value = "CAST(CAST(h.document AS json) ->> '{0}' AS numeric) AS {0}"
        touched = " OR ".join(f"CAST(h.fields AS json) -> '{name}' IS NOT NULL" for name in PRICES)
    return (
        "SELECT c.naam AS company, h.key AS id, h.at, h.sequence, "  # noqa: S608
        f"{', '.join(value.format(name) for name in PRICES)} FROM mirror_changes h "
        "JOIN mirror_companies c ON c.key = h.company "
        f"WHERE h.resource = 'artikels' AND h.document IS NOT NULL AND (h.fields IS NULL OR {touched})"
    )
