"""What the control API's document tells of companies, tokens, products, clients and categories."""

from __future__ import annotations

from cloudspot.records import Artikel, Klant, Record
from cloudspot.sandbox.category_edits import CategorieChanges, WrittenCategorie
from cloudspot.sandbox.company_edits import CompanyChanges, TokenChanges, WrittenCompany, WrittenToken
from cloudspot.sandbox.control.records import ToChange, ToChangeArtikels
from cloudspot.sandbox.control.snapshots import LINES, ToTake
from cloudspot.sandbox.file_formats import FORMATS
from cloudspot.sandbox.imports import Problem
from cloudspot.sandbox.imports.loading import MODES
from cloudspot.sandbox.store import CategorieRow, ErpToken, KeptSnapshot, Written
from cloudspot.sandbox.store.indexing import SEARCHED

from .schemas import Schema, Struct, schema_of
from .told import (
    BINARY,
    BOOLEAN,
    FILE,
    MISSING,
    NATURAL,
    NUMBER,
    TAKEN,
    TEXT,
    Control,
    list_of,
    object_of,
    optional,
    ref,
    row_of,
)

TYPES: tuple[Struct, ...] = (
    WrittenCompany, CompanyChanges, WrittenToken, TokenChanges, WrittenCategorie, CategorieChanges, Artikel, Klant,
    ToChange, ToChangeArtikels, ToTake,
)  # fmt: skip
"""Those with a schema of their own."""

COMPANY = object_of(id=TEXT, naam=TEXT)
DELETED = object_of(deleted=NUMBER)


def schemas(known: dict[str, Schema]) -> dict[str, Schema]:
    """The schemas that are made of others."""
    return {
        "ErpToken": row_of(ErpToken),
        "Snapshot": row_of(KeptSnapshot),
        "Written": row_of(Written),
        "ImportProblems": object_of(message=TEXT, problems={"type": "array", "items": row_of(Problem)}, count=NUMBER),
        "CompanyChanges": optional(known["CompanyChanges"]),
        "TokenChanges": optional(known["TokenChanges"]),
        "CategorieChanges": optional(known["CategorieChanges"]),
        "Categorie": row_of(CategorieRow, artikels=NUMBER),
    }


def _records(naam: str, type: type[Record], one: str) -> dict[tuple[str, str], Control]:
    path, record = f"companies/{{company}}/{naam}", ref(type.__name__)
    found = object_of(**{naam: {"type": "array", "items": record}}, total=NUMBER, offset=NUMBER, limit=NUMBER)
    fields = (type.KEY, *SEARCHED[naam])
    query = {
        "text": TEXT,
        "sort": TEXT,
        "descending": BOOLEAN,
        "offset": NATURAL,
        "limit": {**NUMBER, "minimum": 1, "maximum": 1000},
        **{field: {"type": "array", "items": TEXT} for field in fields},
    }
    return {
        ("GET", path): Control(f"find_{naam}", f"Search {naam}", found, query=query, refused=MISSING),
        ("POST", path): Control(f"add_{one}", f"Add a {one}", record, 201, record, refused=TAKEN),
        ("GET", f"{path}/{{id}}"): Control(f"get_{one}", f"One {one}", record, refused=MISSING),
        ("PATCH", f"{path}/{{id}}"): Control(f"change_{one}", f"Change a {one}", record, body=record, refused=MISSING),
        ("DELETE", f"{path}/{{id}}"): Control(f"delete_{one}", f"Take a {one} away", DELETED, refused=MISSING),
    }


CHANGED = object_of(selected=NUMBER, changed=NUMBER)
SNAPSHOT, RESTORED = ref("Snapshot"), object_of(restored=BOOLEAN)
LOAD_QUERY = {"format": {"type": "string", "enum": list(FORMATS)}, "mode": {"type": "string", "enum": list(MODES)}}


def _load(naam: str) -> Control:
    return Control(
        f"load_{naam}",
        f"Take in {naam} from a file",
        ref("Written"),
        body=FILE,
        body_type=BINARY,
        query=LOAD_QUERY,
        refused=(400, 404, 422),
    )


TOKEN, CATEGORIE = ref("ErpToken"), ref("Categorie")
CATEGORIEEN = "companies/{company}/categorieen"

OPERATIONS = {
    ("GET", "companies"): Control("list_companies", "The companies", list_of("companies", COMPANY)),
    ("POST", "companies"): Control(
        "add_company", "Add a company", COMPANY, 201, schema_of(WrittenCompany), refused=(400, 409)
    ),
    ("GET", "companies/{company}"): Control("get_company", "One company, by name or id", COMPANY, refused=MISSING),
    ("PATCH", "companies/{company}"): Control(
        "change_company", "Change a company", COMPANY, body=ref("CompanyChanges"), refused=TAKEN
    ),
    ("DELETE", "companies/{company}"): Control(
        "delete_company", "Take a company away with all that is in it", object_of(deleted=TEXT), refused=MISSING
    ),
    ("GET", "erp-tokens"): Control(
        "list_erp_tokens", "The ERP's tokens", list_of("erp_tokens", TOKEN), query={"company": TEXT}, refused=MISSING
    ),
    ("POST", "erp-tokens"): Control("add_erp_token", "Add a token", TOKEN, 201, schema_of(WrittenToken), refused=TAKEN),
    ("GET", "erp-tokens/{id}"): Control("get_erp_token", "One token", TOKEN, refused=MISSING),
    ("PATCH", "erp-tokens/{id}"): Control(
        "change_erp_token", "Change a token", TOKEN, body=ref("TokenChanges"), refused=TAKEN
    ),
    ("DELETE", "erp-tokens/{id}"): Control(
        "revoke_erp_token", "Let a token open nothing", object_of(revoked=NUMBER), refused=MISSING
    ),
    **_records("artikels", Artikel, "artikel"),
    ("POST", "companies/{company}/artikels/change"): Control(
        "change_artikels", "Change many products at once", CHANGED, body=schema_of(ToChangeArtikels), refused=MISSING
    ),
    ("POST", "companies/{company}/klanten/change"): Control(
        "change_klanten", "Change many clients at once", CHANGED, body=schema_of(ToChange), refused=MISSING
    ),
    **_records("klanten", Klant, "klant"),
    ("POST", "companies/{company}/artikels/load"): _load("artikels"),
    ("POST", "companies/{company}/klanten/load"): _load("klanten"),
    ("GET", "snapshot"): Control(
        "get_snapshot", "All that the sandbox holds, as text", FILE, answer_type=LINES, refused=(400,)
    ),
    ("POST", "restore"): Control(
        "restore", "Make the sandbox what a snapshot says", RESTORED, body=FILE, body_type=BINARY
    ),
    ("GET", "snapshots"): Control("list_snapshots", "Snapshots with a name", list_of("snapshots", SNAPSHOT)),
    ("POST", "snapshots"): Control("take_snapshot", "Keep all under a name", SNAPSHOT, 201, schema_of(ToTake)),
    ("GET", "snapshots/{name}"): Control("find_snapshot", "One snapshot", SNAPSHOT, refused=MISSING),
    ("DELETE", "snapshots/{name}"): Control(
        "delete_snapshot", "Forget a snapshot", object_of(deleted=TEXT), refused=MISSING
    ),
    ("GET", "snapshots/{name}/text"): Control(
        "get_snapshot_text", "A snapshot as text", FILE, answer_type=LINES, refused=MISSING
    ),
    ("POST", "snapshots/{name}/restore"): Control(
        "restore_snapshot", "Make the sandbox what it was then", RESTORED, refused=MISSING
    ),
    ("GET", CATEGORIEEN): Control(
        "list_categorieen", "All categories", list_of("categorieen", CATEGORIE), refused=MISSING
    ),
    ("POST", CATEGORIEEN): Control(
        "add_categorie", "Add a category", CATEGORIE, 201, schema_of(WrittenCategorie), refused=TAKEN
    ),
    ("GET", f"{CATEGORIEEN}/{{id}}"): Control("get_categorie", "One category", CATEGORIE, refused=MISSING),
    ("PATCH", f"{CATEGORIEEN}/{{id}}"): Control(
        "change_categorie", "Change a category", CATEGORIE, body=ref("CategorieChanges"), refused=MISSING
    ),
    ("DELETE", f"{CATEGORIEEN}/{{id}}"): Control(
        "delete_categorie", "Take a category away", DELETED, query={"move_to": NATURAL}, refused=MISSING
    ),
}
