"""Logins between requests: begun, found again, asked about anew, and ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec

from ..errors import CloudspotError, InvalidInput
from ..session import Session
from ..weblogin.choice import chosen_company, company_id
from ..weblogin.identity import account_name
from ..weblogin.revalidation import Need, Outcome, Rules, Standing, need, outcome
from .keys import Keys
from .license_server import LicenseServer
from .stores import Kept, Store
from .user import Acting

log = logging.getLogger("cloudspot.asgi")
log.addHandler(logging.NullHandler())

MOST_AT_ONCE = 10
"""Sessions of one user that are asked about at the same time, for an event."""
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Login:
    """A session, decrypted.

    Attributes:
        name: in the store.
        session: user, token and permissions, as the License server last said.
        company: which one was chosen; None before that.
        confirmed: when the License server last confirmed it, in seconds since 1970.
        until: when it ends, whatever happens.
        version, rung: as in the store.
        answered: what `rung` was when the License server was last asked.
        acting: where a supporter acts as the user.
    """

    name: str
    session: Session
    company: UUID | None
    confirmed: float
    until: float
    version: int = 0
    rung: float = 0
    answered: float = 0
    acting: Acting | None = None

    @property
    def account(self) -> str:
        """Whose it is. A supporter's is nobody's own: what becomes of it is no matter to the user's sessions."""
        name = account_name(self.session.user.email)
        return _acting_as(name) if self.acting else name

    @property
    def standing(self) -> Standing:
        """What is known of it. Whether it was rung is no matter of times: those of two machines may differ."""
        return Standing(self.confirmed, rung=0 if self.rung == self.answered else self.confirmed)


class Sessions:
    """The logins of one application."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        license_server: LicenseServer,
        *,
        rules: Rules,
        lifetime: float,
        clock: Callable[[], float],
    ) -> None:
        self._store, self._keys, self._license = store, keys, license_server
        self._rules, self._lifetime, self._clock = rules, lifetime, clock
        self._asking: dict[str, asyncio.Task[Login | None]] = {}

    async def begin(
        self,
        session: Session,
        *,
        instead_of: str | None,
        company: UUID | None = None,
        acting: Acting | None = None,
    ) -> str:
        """Keep a user who just logged in, or as whom a supporter acts; the cookie to give to the browser.

        Args:
            session: the user's.
            instead_of: the cookie that the browser brought; its session ends, so that nobody who knows it is let in.
            company: in which; else the only one, where there is no choice.
            acting: the supporter.
        """
        if (old := self._keys.session_of(instead_of)) is not None:
            await self._store.delete(old)
        cookie, now = self._keys.new_cookie(), self._clock()
        name = self._keys.session_of(cookie)
        assert name is not None  # noqa: S101 - made just now
        until = min(now + self._lifetime, acting.until) if acting else now + self._lifetime
        login = Login(name, session, company_for(session, company), now, until, acting=acting)
        await self._store.create(name, self._kept(login))
        return cookie

    async def find(self, cookie: str | None) -> Login | None:
        """The login that a cookie is of, asked about anew where it is time; None where there is none any more."""
        name = self._keys.session_of(cookie)
        login = await self._load(name) if name else None
        if login is None:
            return None
        now = self._clock()
        match need(login.standing, now, self._rules):
            case Need.NOTHING:
                return login
            case Need.ASK if login.name in self._asking or not await self._store.claim(
                f"ask {login.name}", now + self._rules.pause
            ):
                return login
        return await self.ask(login)

    async def ask(self, login: Login) -> Login | None:
        """Ask the License server about a login; None where it is no more. One asks for all at the same time."""
        task = self._asking.get(login.name)
        if task is None:
            task = self._asking[login.name] = asyncio.create_task(self._asked(login))
            task.add_done_callback(lambda _: self._asking.pop(login.name, None))
        # Another request may wait for it, whatever becomes of this one.
        return await asyncio.shield(task)

    async def choose(self, login: Login, company: UUID) -> Login | None:
        """Work in another company, in which the user may; None where the login is no more."""
        return await self._change(login.name, lambda present: replace(present, company=company))

    async def end(self, login: Login) -> None:
        """Log out in this browser."""
        await self._store.delete(login.name)

    async def end_everywhere(self, account: str) -> None:
        """Log a user out in every browser."""
        for name in await self._ring(account):
            await self._store.delete(name)

    async def ring(self, account: str) -> list[str]:
        """Note that something changed for a user, whose next request asks then; names of the user's sessions."""
        return await self._ring(account) + await self._ring(_acting_as(account))

    async def look_up(self, names: list[str]) -> None:
        """Ask about sessions now; those about which there is no answer are asked about at the next request."""
        at_once = asyncio.Semaphore(MOST_AT_ONCE)

        async def one(name: str) -> None:
            async with at_once:
                if (login := await self._load(name)) is not None:
                    await self.ask(login)

        await asyncio.gather(*(one(name) for name in names))

    async def _ring(self, account: str) -> list[str]:
        names: list[str] = []
        for each in self._keys.accounts(account):
            names += await self._store.ring(each, self._clock())
        return names

    async def _asked(self, login: Login) -> Login | None:
        began, failure, session = self._clock(), None, None
        try:
            session = await self._license.client().session(login.session.token)
        except CloudspotError as error:
            failure = error
        if session is not None and login.acting and session.permissions.company(login.company) is None:
            await self._store.delete(login.name)
            return None
        if session is not None:
            return await self._change(
                login.name,
                lambda present: replace(
                    present,
                    session=session,
                    # One that is not open any more is left for good: who gets it back later chooses it again.
                    company=company_for(session, present.company),
                    confirmed=began,
                    answered=login.rung,
                ),
            )
        if outcome(login.standing, failure, self._clock(), self._rules) is Outcome.OUT:
            log.info("a user is logged out everywhere: %s", failure)
            await self._store.delete(login.name)
            await self.end_everywhere(login.account)
            return None
        log.warning("a user stays in for the grace time, since nothing is known: %s", failure)
        return login

    async def _change(self, name: str, change: Callable[[Login], Login]) -> Login | None:
        for _ in range(_ATTEMPTS):
            present = await self._load(name)
            if present is None:
                return None
            changed = replace(change(present), version=present.version + 1)
            if await self._store.replace(name, self._kept(changed)):
                return changed
        log.warning("a session was changed elsewhere all the time, so a change of it is lost")
        return await self._load(name)

    async def _load(self, name: str) -> Login | None:
        kept = await self._store.load(name)
        if kept is None or kept.until <= self._clock():
            return None
        plain = self._keys.unseal(kept.sealed)
        if plain is None:
            log.warning("a session can't be decrypted: was a key removed from secret_keys?")
            return None
        return _opened(name, plain, kept)

    def _kept(self, login: Login) -> Kept:
        plain = {
            # A session that somebody moves to another's place in the store is none.
            "name": login.name,
            "session": login.session.reveal(),
            "company": login.company,
            "confirmed": login.confirmed,
            "answered": login.answered,
            "acting": [login.acting.supporter, login.acting.reason, login.acting.until] if login.acting else None,
        }
        account = self._keys.accounts(login.account)[0]
        sealed = self._keys.seal(msgspec.json.encode(plain))
        return Kept(sealed, account, login.until, login.version)


def company_for(session: Session, wanted: UUID | None = None) -> UUID | None:
    """The company that a user works in: the wanted one, or the only one; None where there is a choice to make."""
    chosen = chosen_company(session.permissions, (wanted,))
    return company_id(chosen.company_id) if chosen else None


def _acting_as(account: str) -> str:
    return f"acting as {account}"


def _opened(name: str, plain: bytes, kept: Kept) -> Login | None:
    try:
        found: dict[str, Any] = msgspec.json.decode(plain)
        if found["name"] != name:
            return None
        session, company = Session.restore(found["session"]), company_id(found["company"])
        confirmed, answered = found["confirmed"], found["answered"]
        acting = Acting(*found["acting"]) if found["acting"] else None
        return Login(name, session, company, confirmed, kept.until, kept.version, kept.rung, answered, acting)
    except (msgspec.DecodeError, KeyError, TypeError, InvalidInput):
        log.warning("a session was kept by another release, so its user has to log in again")
        return None
