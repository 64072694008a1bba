"""The control API: companies, and the ERP's tokens."""

from __future__ import annotations

import msgspec

from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.companies import Company
from cloudspot.sandbox.company_edits import WrittenCompany, WrittenToken

from .asked import Controlled, Handler, any_fields, fields_of, filters_of, number


def _list(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"companies": [_shown(each) for each in sandbox.companies]})


def _add(sandbox: Controlled, request: Request) -> Answer:
    asked = fields_of(request, WrittenCompany)
    return json_document(_shown(sandbox.companies.create(asked.naam, id=asked.id)), status=201)


def _one(sandbox: Controlled, _: Request, company: str) -> Answer:
    return json_document(_shown(sandbox.companies.get(company)))


def _change(sandbox: Controlled, request: Request, company: str) -> Answer:
    return json_document(_shown(sandbox.companies.update(company, **any_fields(request))))


def _delete(sandbox: Controlled, _: Request, company: str) -> Answer:
    sandbox.companies.delete(company)
    return json_document({"deleted": company})


def _shown(company: Company) -> dict[str, object]:
    return {"id": company.id, "naam": company.naam}


def _list_tokens(sandbox: Controlled, request: Request) -> Answer:
    tokens = sandbox.erp_tokens.list(**filters_of(request, "company"))
    return json_document({"erp_tokens": [each._asdict() for each in tokens]})


def _add_token(sandbox: Controlled, request: Request) -> Answer:
    asked = msgspec.structs.asdict(fields_of(request, WrittenToken))
    return json_document(sandbox.erp_tokens.create(**asked)._asdict(), status=201)


def _one_token(sandbox: Controlled, _: Request, id: str) -> Answer:
    return json_document(sandbox.erp_tokens.get(_token(id))._asdict())


def _change_token(sandbox: Controlled, request: Request, id: str) -> Answer:
    return json_document(sandbox.erp_tokens.update(_token(id), **any_fields(request))._asdict())


def _revoke_token(sandbox: Controlled, _: Request, id: str) -> Answer:
    sandbox.erp_tokens.revoke(_token(id))
    return json_document({"revoked": int(id)})


def _token(id: str) -> int:
    return number(id, "ERP token")


ROUTES: dict[str, dict[str, Handler]] = {
    "companies": {"GET": _list, "POST": _add},
    "companies/{company}": {"GET": _one, "PATCH": _change, "DELETE": _delete},
    "erp-tokens": {"GET": _list_tokens, "POST": _add_token},
    "erp-tokens/{id}": {"GET": _one_token, "PATCH": _change_token, "DELETE": _revoke_token},
}
