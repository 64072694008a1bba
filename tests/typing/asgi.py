"""Read by type checkers: what FastAPI and Starlette applications write."""

from __future__ import annotations

from typing import assert_type

from starlette.requests import Request
from starlette.responses import Response

from cloudspot.asgi import CloudspotLogin, Kept, MemoryStore, Store, User, Visitor, permission_required, require
from cloudspot.records.auth import CompanyPermissions

login = CloudspotLogin(
    "app", secret_keys=["k" * 32], base_url="https://license.example.com", timeout=5, store=MemoryStore()
)
store: Store = MemoryStore()


@permission_required("view_artikels")
async def endpoint(request: Request) -> Response:
    user = await require("edit_artikels")(request)
    assert_type(user, User)
    assert_type(login.user(request), User | Visitor)
    assert_type(user.company, CompanyPermissions | None)
    assert_type(user.has("edit_artikels"), bool)
    assert_type(await store.load("name"), Kept | None)
    return Response(user.email)


async def called(request: Request) -> None:
    assert_type(await endpoint(request), Response)


CloudspotLogin("app")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
CloudspotLogin("app", secret_keys=["k" * 32], same_site="none")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
