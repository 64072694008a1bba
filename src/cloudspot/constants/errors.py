"""Errors of a login, at the import path that published code uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import CloudspotError


class _OfACall:
    """What these errors have in common.

    Attributes:
        exception: the error as the new API raises it, with status and request id; None where no call was made.
    """

    exception: CloudspotError | None = None

    def of(self, exception: CloudspotError | None) -> None:
        """Note the error that it stands for."""
        self.exception = exception


class BadCredentials(_OfACall, ValueError):
    """The user name or password is not right."""


class CredentialsNotChecked(BadCredentials):
    """No answer, a failing server, a rate limit: nothing is known of the password. The text says which.

    It is a BadCredentials, since published code catches nothing else.
    """


class NoValidToken(_OfACall, ValueError):
    """There is no token, or the server doesn't accept it."""


class TokenNotChecked(NoValidToken):
    """No answer, a failing server, a rate limit: nothing is known of the token. The text says which.

    It is a NoValidToken, since published code catches nothing else.
    """


class RequestFailed(_OfACall, Exception):
    """A call failed for which published code was promised no error of its own."""
