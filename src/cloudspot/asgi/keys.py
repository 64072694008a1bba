"""What is derived from an application's secret keys: names of sessions, signatures, form tokens, encryption. Pure.

The first key makes everything new; the others only open what they made, for the time in which a key is replaced.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_urlsafe

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..errors import ConfigurationError
from ..secret import SecretBytes, SecretText, revealed

SHORTEST_KEY = 32
"""Characters."""
_LONGEST_COOKIE = 200


class Keys:
    """Signs, names and encrypts for one application.

    Args:
        secret_keys: long random texts, the newest first.

    Raises:
        ConfigurationError: there is none, or one is too short to be random.
    """

    def __init__(self, secret_keys: Sequence[str | SecretText]) -> None:
        if isinstance(secret_keys, str | SecretText):
            raise ConfigurationError("secret_keys is a list of keys, not one.")
        keys = [SecretText(key) for key in secret_keys]
        if not keys or any(len(key.reveal()) < SHORTEST_KEY for key in keys):
            raise ConfigurationError(
                f"secret_keys needs at least one key, and each has at least {SHORTEST_KEY} characters.",
                hint='Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"',
            )
        self._cookies = _derived(keys, b"cloudspot cookies")
        self._forms = _derived(keys, b"cloudspot forms")
        self._accounts = _derived(keys, b"cloudspot accounts")
        self.counting = _derived(keys[:1], b"cloudspot attempts")[0]
        sealing = _derived(keys, b"cloudspot sessions")
        self._sealing = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in sealing])

    def new_cookie(self) -> str:
        """What a browser is given to be recognised by: random, and signed, so that others are not looked up."""
        name = token_urlsafe(32)
        return f"{name}.{_signature(self._cookies[0], name)}"

    def session_of(self, cookie: str | None) -> str | None:
        """The name of a cookie's session in the store, which is no cookie; None where none of the keys made it."""
        name, _, signature = (cookie or "")[:_LONGEST_COOKIE].rpartition(".")
        if not name or not _is_any(signature, [_signature(key, name) for key in self._cookies]):
            return None
        return sha256(name.encode()).hexdigest()

    def form_token(self, cookie: str) -> str:
        """What a form carries that is shown to the browser with this cookie: nobody else can know it."""
        return _signature(self._forms[0], cookie)

    def is_form_token(self, given: str, cookie: str) -> bool:
        """Whether a form carries the token of this browser."""
        return _is_any(given, [_signature(key, cookie) for key in self._forms])

    def accounts(self, account: str) -> tuple[str, ...]:
        """What an account is called in the store, by each key: whoever reads the store learns no address."""
        return tuple(_signature(key, account) for key in self._accounts)

    def seal(self, plain: bytes) -> bytes:
        """Encrypted with the newest key."""
        return self._sealing.encrypt(plain)

    def unseal(self, sealed: bytes) -> SecretBytes | None:
        """What was encrypted; None where none of the keys opens it."""
        try:
            return SecretBytes(self._sealing.decrypt(sealed))
        except InvalidToken:
            return None


def _derived(keys: Sequence[SecretText], purpose: bytes) -> tuple[SecretBytes, ...]:
    return tuple(
        SecretBytes(HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(revealed(key).encode()))
        for key in keys
    )


def _signature(key: bytes, text: str) -> str:
    digest = hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _is_any(given: str, expected: Sequence[str]) -> bool:
    found = False
    for each in expected:
        found |= hmac.compare_digest(given.encode("utf-8", "surrogatepass"), each.encode())
    return found
