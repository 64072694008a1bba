"""Tokens and PINs at rest: encrypted with Fernet, with keys that can be replaced one by one."""

from __future__ import annotations

import base64
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from ..secret import SecretText, revealed
from .conf import NAME, conf

if TYPE_CHECKING:
    from django.db.models import Model

log = logging.getLogger("cloudspot.django")


class Sealed:
    """An attribute of a model that is encrypted in the field it names.

    Reading gives a `SecretText`, empty where there is nothing, or nothing that the present keys open.
    """

    def __init__(self, field: str) -> None:
        self._field = field

    def __get__(self, row: Model | None, kind: type[Model] | None = None) -> SecretText:
        return opened(getattr(row, self._field) if row is not None else "")

    def __set__(self, row: Model, secret: str | SecretText | None) -> None:
        setattr(row, self._field, sealed(secret))


def sealed(secret: str | SecretText | None) -> str:
    """A secret, encrypted with the newest key; "" for none."""
    text = revealed(secret or "")
    return _fernet().encrypt(text.encode()).decode("ascii") if text else ""


def opened(stored: str) -> SecretText:
    """What was encrypted; empty where none of the keys opens it, so that the user has to log in again."""
    if not stored:
        return SecretText("")
    try:
        return SecretText(_fernet().decrypt(stored.encode()).decode())
    except (InvalidToken, ValueError):
        log.warning(
            "a token or PIN can't be decrypted: was a key removed from ENCRYPTION_KEYS or SECRET_KEY_FALLBACKS?"
        )
        return SecretText("")


def resealed(stored: str) -> str:
    """The same secret under the newest key; as it is where no key opens it."""
    try:
        return _fernet().rotate(stored.encode()).decode("ascii") if stored else ""
    except InvalidToken:
        return stored


def cache_key_secret() -> bytes:
    """Without which nobody can tell whose attempts a counter counts."""
    return _derived(settings.SECRET_KEY, b"cloudspot attempts")


@cache
def _fernet() -> MultiFernet:
    keys: list[bytes] = [key.encode() for key in conf().encryption_keys]
    if not keys:
        secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        keys = [base64.urlsafe_b64encode(_derived(secret, b"cloudspot tokens")) for secret in secrets]
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        pass
    raise ImproperlyConfigured(f"{NAME}: a key of ENCRYPTION_KEYS is none; Fernet.generate_key() makes one.")


def _derived(secret: str | bytes, purpose: bytes) -> bytes:
    plain = secret.encode() if isinstance(secret, str) else secret
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(plain)


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {NAME, "SECRET_KEY", "SECRET_KEY_FALLBACKS"}:
        _fernet.cache_clear()


setting_changed.connect(_forget)
