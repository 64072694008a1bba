"""The plain client of the License server; `async_license.py` has the other one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar, Unpack

from .calls import Plain, Steps
from .client import PlainClient
from .endpoints.license import LicenseCalls
from .errors import CloudspotError, without_frames
from .secret import SecretText, revealed
from .settings import Options, make_license_settings

if TYPE_CHECKING:
    import urllib3

T = TypeVar("T")


class License(PlainClient, LicenseCalls[Plain]):
    """The License server, for one application: logs its users in and says what they may do.

        license = License("sandbox-app", test_mode=True)
        session = license.authenticate("jan@sandbox.test", "sandbox-wachtwoord")
        if session.has("view_artikels", company="Lampe SA"):
            print("welcome,", session.user.first_name)

    One client serves all users: each call takes the token of the user whom it is about. Threads may share it; a forked
    child makes its own connections. Passwords and tokens are in no log, error, repr or traceback of it.

    Args:
        application: the id it has at the License server; else CLOUDSPOT_LICENSE_APP.
        token: of the one user whom calls are about that are passed none.
        base_url: where the License server is; else CLOUDSPOT_LICENSE_URL, else Cloudspot's own address.
        options: test_mode, timeout, retries, proxy, ca, headers, allow_http, as for `Cloudspot`.
        pool: a `urllib3.PoolManager` to use; proxy and ca are then its own, and it is not closed.

    Raises:
        ConfigurationError: something is missing, contradictory or unusable.
    """

    def __init__(
        self,
        application: str | None = None,
        *,
        token: str | SecretText | None = None,
        pool: urllib3.PoolManager | None = None,
        **options: Unpack[Options],
    ) -> None:
        settings = make_license_settings(application, revealed(token) if token else None, options, os.environ)
        PlainClient.__init__(self, settings, options, pool)
        LicenseCalls.__init__(self, self)
        self.application = settings.application

    def run(self, steps: Steps[T]) -> T:
        """Run the steps of a call; for parts of the toolkit. Errors come without the frames that held secrets."""
        try:
            return super().run(steps)
        except CloudspotError as error:
            raise without_frames(error)  # noqa: B904 - the error itself
