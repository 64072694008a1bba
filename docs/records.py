"""Writes records.md from the record types: `python docs/records.py`. A test fails when the page is out of date."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from cloudspot import records
from cloudspot.records import OpenEnum, Record
from cloudspot.records.described import described_fields, syntax

PAGE = Path(__file__).with_suffix(".md")

INTRODUCTION = """\
# Records

What the ERP knows, as Python types. Made by `python docs/records.py` from the types themselves.

Fields are spelled as the API spells them. Any may be `None` where the server sends null; a list is then empty.
Money and percentages are `Decimal`, exactly as sent; dates are `datetime.date`. Records can't be changed;
`msgspec.structs.replace(record, naam="…")` makes a changed copy. They compare by value, can be hashed and pickled.

```python
from cloudspot import Artikel

artikel = Artikel.from_dict({"id": 125, "naam": "Koffie", "BTW": "6.00", "status": "ZICHTBAAR", "nieuw_veld": True})
assert artikel.is_zichtbaar and artikel.BTW == 6
assert artikel.extra == {"nieuw_veld": True}  # a field that came after this release
assert Artikel.from_json(artikel.to_json()) == artikel  # nothing is lost
```

On every record: `extra` (fields this release doesn't know), `to_dict()`, `to_json()`, and the class methods
`from_dict()` and `from_json()`, which raise `InvalidField` where a value fits no accepted form.
"""


def page() -> str:
    """The whole page."""
    types = [getattr(records, name) for name in records.__all__]
    shown = [t for t in types if issubclass(t, Record) and t is not Record]
    words = [t for t in types if issubclass(t, OpenEnum) and t is not OpenEnum]
    shown.sort(key=lambda t: not t.KEY)
    parts = [
        INTRODUCTION,
        *map(record_section, shown),
        "## Words\n",
        "A word that came later stays itself and equals its text.\n",
    ]
    parts += [f"- `{t.__name__}`: {', '.join(f'`{word}`' for word in t)}. {inspect.getdoc(t)}" for t in words]
    return "\n".join(parts) + "\n"


def record_section(record_type: type[Record]) -> str:
    """A record type as a heading, its purpose, a table of fields and a list of what it can do."""
    rows = []
    for name, kind, meaning in described_fields(record_type):
        mark = " (key)" if name == record_type.KEY else ""
        rows.append(f"| `{name}`{mark} | {shown_kind(kind)} | {meaning} |")
    abilities = []
    for node in syntax(record_type).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            is_property = any(ast.unparse(decorator) == "property" for decorator in node.decorator_list)
            purpose = (ast.get_docstring(node) or "").split("\n\n")[0]
            abilities.append(f"- `{node.name}{'' if is_property else '()'}`: {' '.join(purpose.split())}")
    lines = [
        f"## {record_type.__name__}\n",
        f"{inspect.getdoc(record_type)}\n",
        "| field | type | meaning |",
        "|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join([*lines, *abilities, ""] if abilities else lines)


def shown_kind(annotation: str) -> str:
    """A field's type as a reader sees it: any may be null, so that is not repeated."""
    kind = annotation.removesuffix(" | None").replace("datetime.date", "date")
    return f"list of {kind[5:-1]}" if kind.startswith("Rows[") else kind


if __name__ == "__main__":
    PAGE.write_text(page())
