"""The License server's events: read, and the truth looked up. Nothing that an event says is believed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..errors import InvalidEvent, NotAuthentic
from ..webhooks import LONGEST_BODY, Event, Receiver
from ..weblogin.doorbell import LookUp, NewUser, Ring, actions
from .requests import BodyTooLong, NoForm, read_body
from .sessions import Sessions
from .stores import Store

log = logging.getLogger("cloudspot.asgi")

OnEvent = Callable[[Event], Awaitable[None]]


class Webhook:
    """Takes the events of one application.

    Args:
        receiver: what it demands of them.
        sessions, store: whose users they are about.
        on_event: called with each one that the License server is proven to have sent, after the answer.
    """

    def __init__(self, receiver: Receiver, sessions: Sessions, store: Store, on_event: OnEvent | None) -> None:
        self._receiver, self._sessions, self._store, self._on_event = receiver, sessions, store, on_event

    async def take(self, request: Request) -> Response:
        """Answer an event. The answer is the same whoever it is about."""
        try:
            body = await read_body(request, LONGEST_BODY)
            event = self._receiver.read(request.headers, body, url_secret=request.path_params.get("secret"))
        except NotAuthentic as error:
            log.warning("an event is refused: %s", error)
            return _refused(401, "NOT_AUTHORIZED", "The event is not proven to be the License server's.")
        except InvalidEvent as error:
            return _refused(400, "INVALID_FORMAT", error.message)
        except BodyTooLong:
            return _refused(413, "INVALID_FORMAT", f"The body has more than {LONGEST_BODY} bytes.")
        except NoForm:
            return _refused(400, "INVALID_FORMAT", "The body did not arrive.")
        if event.id and not await self._store.claim(f"event {event.id}", event.until):
            return JSONResponse({"status": "RECEIVED"})
        try:
            waiting = await self._ring(event)
        except Exception:
            # The next attempt to deliver it has to be taken.
            await self._store.forget(f"event {event.id}")
            raise
        return JSONResponse(
            {"status": "RECEIVED" if event.is_known else "UNKNOWN_EVENT"},
            200 if event.is_known else 202,
            # The License server may wait for the answer before it gives any itself.
            background=BackgroundTask(self._look_up, event, waiting),
        )

    async def _ring(self, event: Event) -> list[str]:
        """Let the next request of the users ask; the sessions to ask about now."""
        waiting: list[str] = []
        for action in actions(event):
            match action:
                case Ring(account):
                    await self._sessions.ring(account)
                case LookUp(account) | NewUser(account):
                    waiting += await self._sessions.ring(account)
                case _:
                    # No addresses are kept but those of sessions, and these are what the user's own token says.
                    pass
        return waiting

    async def _look_up(self, event: Event, waiting: list[str]) -> None:
        await self._sessions.look_up(waiting)
        if self._on_event is not None and event.is_authentic:
            await self._on_event(event)


def _refused(status: int, word: str, message: str) -> Response:
    return JSONResponse({"status": word, "error": {"message": message}}, status)
