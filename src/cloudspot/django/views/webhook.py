"""Events of the License server."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from functools import cache
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.signals import setting_changed
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from ...errors import CloudspotError, InvalidEvent, InvalidToken, NotAuthentic
from ...session import Session
from ...webhooks import LONGEST_BODY, Event, Receiver, UserCreated
from ...weblogin.doorbell import Action, HoldEmail, LookUp, NewUser, Ring, actions
from ...weblogin.identity import account_name
from .. import accounts
from ..conf import NAME, conf
from ..license_server import ask
from ..models import Account, HeldEmailChange, SeenEvent
from .page import by_itself

log = logging.getLogger("cloudspot.django")


class WebhookView(View):
    """Takes events in. What is not proven gets one answer, whoever it is about."""

    http_method_names = ("post", "options")

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """The view, for a URL; a server has no CSRF token."""
        return by_itself(csrf_exempt(super().as_view(**initkwargs)))

    async def post(self, request: HttpRequest, *_: Any, secret: str | None = None, **__: Any) -> HttpResponse:
        """Act on an event."""
        if _is_too_long(request):
            return _answer(413, "INVALID_FORMAT")
        try:
            event = receiver().read(request.headers, request.body, url_secret=secret)
        except NotAuthentic as error:
            log.warning("an event was refused: %s", error)
            return _answer(401, "NOT_AUTHORIZED")
        except InvalidEvent as error:
            return _answer(400, "INVALID_FORMAT", str(error))
        if not event.is_known:
            return _answer(202, "RECEIVED")
        if event.id and await SeenEvent.objects.filter(pk=event.id).aexists():
            return _answer(200, "RECEIVED")
        todo = actions(event)
        try:
            truth = await _truth(request, todo)
        except CloudspotError as error:
            log.warning("an event has to come again, since the truth can't be looked up: %s", error)
            return _answer(503, "NOT_ALLOWED", "The License server can't be asked now.", {"Retry-After": "30"})
        return await sync_to_async(_act)(event, todo, truth)


@cache
def receiver() -> Receiver:
    """What the project demands of events."""
    secrets, url_secrets = conf().webhook_secrets, conf().webhook_url_secrets
    return Receiver(secrets=secrets, url_secrets=url_secrets, allow_unproven=not (secrets or url_secrets))


Truth = tuple[Account | None, Session | InvalidToken | None]
"""Whom a proven event is about, and what the License server says of its token."""


async def _truth(request: HttpRequest, todo: tuple[Action, ...]) -> Truth:
    match todo[0] if todo else None:
        case LookUp(account=name):
            account = await Account.objects.select_related("user").filter(email=name).afirst()
            token = account.token if account is not None else None
        case NewUser(account=name, token=token):
            account = await Account.objects.filter(email=name).afirst()
            token = None if account is not None else token
        case _:
            return None, None
    if not token:
        return account, None
    try:
        return account, await ask(request, "session", token)
    except InvalidToken as error:
        return account, error


def _act(event: Event, todo: tuple[Action, ...], truth: Truth) -> HttpResponse:
    """Change what has to be, in one transaction with the note that the event was had."""
    try:
        with transaction.atomic():
            if event.id:
                now = timezone.now()
                SeenEvent.objects.filter(until__lt=now).delete()
                SeenEvent.objects.create(pk=event.id, until=_moment(event.until))
            if not event.is_authentic:
                return _doorbell(todo)
            return _proven(event, todo, *truth)
    except IntegrityError:
        if event.id and SeenEvent.objects.filter(pk=event.id).exists():
            return _answer(200, "RECEIVED")
        raise


def _doorbell(todo: tuple[Action, ...]) -> HttpResponse:
    for each in todo:
        match each:
            case Ring(account=name):
                Account.objects.filter(email=name).update(rung_at=timezone.now())
            case HoldEmail():
                accounts.hold(each)
            case _:
                raise TypeError("a doorbell only rings")
    return _answer(200, "RECEIVED")


def _proven(
    event: Event, todo: tuple[Action, ...], account: Account | None, said: Session | InvalidToken | None
) -> HttpResponse:
    first = todo[0] if todo else None
    if isinstance(first, NewUser) and isinstance(event.data, UserCreated):
        return _create(first, account, said)
    if account is None:
        return _answer(404, "NOT_FOUND", "There is no such user.")
    if isinstance(said, Session):
        accounts.refresh(account.pk, said)
    elif isinstance(said, InvalidToken):
        accounts.put_out(account, "an event, and a token that is refused")
    for each in todo:
        if isinstance(each, HoldEmail) and not Account.objects.filter(pk=account.pk, email=each.new).exists():
            known = HeldEmailChange.objects.filter(email=each.account, new_email=each.new, is_proven=True).exists()
            if not known:
                accounts.hold(each, "the user's own token did not confirm it")
    return _answer(200, "OBJECT_UPDATED")


def _create(new: NewUser, account: Account | None, said: Session | InvalidToken | None) -> HttpResponse:
    if account is not None:
        return _answer(400, "OBJECT_EXISTS", "There is such a user already.")
    if isinstance(said, Session) and account_name(said.user.email) == new.account:
        made = accounts.take_in(said)
    else:
        made = accounts.create(new.account, new.first_name, new.last_name)
    if made is None:
        return _answer(400, "OBJECT_EXISTS", "There is a user of that name already.")
    return JsonResponse({"status": "OBJECT_CREATED", "id": str(made.user.pk)})


def _is_too_long(request: HttpRequest) -> bool:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY
    except ValueError:
        return True


def _answer(status: int, word: str, message: str = "", headers: dict[str, str] | None = None) -> HttpResponse:
    body: dict[str, Any] = {"status": word}
    if message:
        body["error"] = {"message": message}
    return JsonResponse(body, status=status, headers=headers)


def _moment(seconds: float) -> datetime:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment if settings.USE_TZ else timezone.make_naive(moment)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == NAME:
        receiver.cache_clear()


setting_changed.connect(_forget)
