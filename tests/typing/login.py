"""What type checkers must see of the clients of the License server; checked in `make check`, never run."""

from __future__ import annotations

from typing import assert_never, assert_type
from uuid import UUID

from cloudspot import (
    AsyncLicense,
    CompanyPermissions,
    Impersonation,
    License,
    Permissions,
    Profile,
    SecretText,
    Session,
    Timeout,
)
from cloudspot.webhooks import (
    EmailUpdated,
    Event,
    MemoryReplays,
    OtherEvent,
    PermissionsUpdated,
    PinUpdated,
    Receiver,
    Replays,
    UserCreated,
)


def plain(license: License) -> None:
    session = license.authenticate("jan@sandbox.test", "geheim")
    assert_type(session, Session)
    assert_type(license.authenticate("jan@sandbox.test", SecretText("geheim")), Session)
    assert_type(session.user, Profile)
    assert_type(session.token, SecretText)
    assert_type(session.token.reveal(), str)
    assert_type(session.companies, tuple[CompanyPermissions, ...])
    assert_type(session.has("use_app", company="Kist"), bool)
    assert_type(session.permissions.of(UUID(int=1)), frozenset[str])
    assert_type(license.session(session.token), Session)
    assert_type(license.permissions(), Permissions)
    assert_type(license.company_permissions(UUID(int=1), "token"), CompanyPermissions)
    assert_type(license.profile(token=session.token), Profile)
    assert_type(license.validate_impersonation("token"), Impersonation)


async def with_asyncio(license: AsyncLicense) -> None:
    session = await license.authenticate("jan@sandbox.test", "geheim")
    assert_type(session, Session)
    assert_type(await license.session(session.token), Session)
    assert_type(await license.permissions(), Permissions)
    assert_type(await license.company_permissions("id", session.token), CompanyPermissions)
    assert_type(await license.profile(), Profile)
    assert_type(await license.validate_impersonation("token"), Impersonation)


def webhooks(receiver: Receiver, headers: dict[str, str], replays: Replays) -> None:
    event = receiver.read(headers, b"", url_secret=None)
    assert_type(event, Event)
    assert_type(replays.claim(event.id, event.until), bool)
    match event.data:
        case PermissionsUpdated() as data:
            assert_type(data.permissions, tuple[str, ...])
        case UserCreated() as data:
            assert_type(data.user_email, str | None)
        case EmailUpdated() | PinUpdated() | OtherEvent():
            pass
        case _:
            assert_never(event.data)
    replays = MemoryReplays(most=3)


def misuse(license: License, session: Session) -> None:
    session.has("use_app")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    session.token.upper()  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]
    license.authenticate("jan@sandbox.test")  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    License("app", retry=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]


def options() -> None:
    License("app", token=SecretText("x"), timeout=Timeout(total=10), retries=0, proxy="", ca="ca.pem")
    AsyncLicense("app", test_mode=True, headers={"X-Caller": "shop"})
