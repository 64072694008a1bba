"""The documented logins: what code for the published `cloudspot-license-api` and old `cloudspot-erp-api` uses.

    from cloudspot.api import CloudspotLicense_API

    api = CloudspotLicense_API("[APPLICATION]")
    api.authenticate(username, password)
    for company in api.permissions.items():
        print(company.company_name, company.permissions)

They stand on what `cloudspot.License` stands on, which is loaded at the first call.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from .api_requests import CloudspotERP_API, RequestsAPI
from .constants.errors import NoValidToken

if TYPE_CHECKING:
    from collections.abc import Callable

    from .models import auth, license_auth
    from .models.answers import Session
    from .secret import SecretText

_NO_TOKEN = "There is no token. Authenticate the user first, or pass a token."  # noqa: S105 - a sentence


class _LoginAPI(RequestsAPI):
    """What both logins have in common: an application, and a token that comes with a login or a call."""

    auth: Any
    user: Any
    permissions: Any

    def authenticate(self, username: str | None, password: str | SecretText | None) -> None:
        """Log a user in; then `token` and `permissions` are the user's.

        Raises:
            BadCredentials: the user name or password is not right; CredentialsNotChecked, where that isn't known.
        """
        from .models import logins  # noqa: PLC0415
        from .secret import SecretText  # noqa: PLC0415

        password = SecretText(password or "")
        answer = self.auth.authenticate(username, password)
        if answer.hasError:
            raise logins.bad_credentials(answer.error)
        self._log_in(answer)

    def get_permissions(self, token: str | None = None) -> None:
        """Ask what the user may do; then `permissions` is the answer.

        Raises:
            NoValidToken: the token is not accepted; TokenNotChecked, where that isn't known.
        """
        from .models import logins  # noqa: PLC0415

        self._take(token)
        del token  # a crash report shows what frames hold
        answer = self.auth.get_permissions()
        if answer.hasError:
            raise logins.no_valid_token(answer.error)
        self.permissions = answer.permissions

    def get_user(self, token: str | None = None) -> None:
        """Ask who the user is; then `user` is the answer.

        Raises:
            NoValidToken: the token is not accepted; TokenNotChecked, where that isn't known.
        """
        from .models import logins  # noqa: PLC0415

        self._take(token)
        del token  # a crash report shows what frames hold
        answer = self.auth.get_user()
        if answer.hasError:
            raise logins.no_valid_token(answer.error)
        self.user = answer

    def session_with_token(self) -> Callable[[], Session]:
        """What gives the session of a call that needs a token; for parts of the toolkit, not for its users.

        Raises:
            NoValidToken: there is none.
        """
        name = self._names()[1]
        if not self.token and not any(str(each).upper() == name and self.headers[each] for each in self.headers):
            raise NoValidToken(_NO_TOKEN)
        return self.session

    def _log_in(self, answer: Any) -> None:
        self.permissions = answer.permissions
        self.set_token_header(answer.token)

    def _take(self, token: str | None) -> None:
        if token:
            self.set_token_header(token)


class LicenseAuth:
    """The calls as they are: each gives back an object, with `has_error` and `error` where it failed.

    Raises:
        NoValidToken: there is no token to ask with.
    """

    def __init__(self, api: CloudspotLicense_API) -> None:
        self.api = api

    def authenticate(self, username: str | None, password: str | SecretText | None) -> license_auth.AuthResponse:
        """Check a password: `token`, and `permissions` per company."""
        from .models import logins  # noqa: PLC0415
        from .secret import SecretText  # noqa: PLC0415

        password = SecretText(password or "")
        return logins.authenticated(self.api.session, username or "", password)

    def get_permissions(self) -> license_auth.AuthResponse:
        """What the user may do, per company."""
        from .models import logins  # noqa: PLC0415

        return logins.permissions(self.api.session_with_token())

    def get_user(self) -> license_auth.User:
        """Who the user is."""
        from .models import logins  # noqa: PLC0415

        return logins.user(self.api.session_with_token())

    def get_company_permissions(self, company_id: str) -> license_auth.CompanyPermissionsResponse:
        """What the user may do in one company."""
        from .models import logins  # noqa: PLC0415

        return logins.company_permissions(self.api.session_with_token(), company_id)

    def validate_impersonation(self, token: str) -> license_auth.ImpersonateResponse:
        """What an impersonation's token stands for."""
        from .models import logins  # noqa: PLC0415

        return logins.validated_impersonation(self.api.session, token)


class CloudspotLicense_API(_LoginAPI):  # noqa: N801 - the documented name
    """Logins at the License server.

    Args:
        application: the id it has at the License server.
        token: of a user who has logged in before.
        test_mode: talk to a sandbox on http://localhost:8000.
        options: timeout, retries, proxy, ca, allow_http, as for `License`.

    Attributes:
        token: the user's, once there is one.
        user: who it is, after `get_user`.
        permissions: what the user may do, after `authenticate` or `get_permissions`: an object for each company.
        auth: the calls as they are, which give back failures instead of raising them.
    """

    def __init__(self, application: str, token: str | None = None, test_mode: bool = False, **options: Any) -> None:
        super().__init__(test_mode, **options)
        from .models.license_auth import AuthPermissions, User  # noqa: PLC0415

        self.application = application
        self.headers["X-LICENSE-MODULE"] = application
        self.token = token
        self.auth: LicenseAuth = LicenseAuth(self)
        self.user: license_auth.User = User()
        self.permissions: license_auth.AuthPermissions = AuthPermissions()

    def get_company_permissions(self, company_id: str, token: str | None = None) -> list[str]:
        """What the user may do in one company.

        Raises:
            NoValidToken: there is no token to ask with.
            RequestFailed: the call failed; its text says why.
        """
        from .models import logins  # noqa: PLC0415

        self._take(token)
        del token  # a crash report shows what frames hold
        answer = self.auth.get_company_permissions(company_id)
        if answer.hasError:
            raise logins.request_failed(answer.error)
        permissions: list[str] = answer.permissions
        return permissions

    def _address(self) -> str:
        from .settings import LICENSE_URL  # noqa: PLC0415

        return LICENSE_URL

    def _names(self) -> tuple[str, str]:
        return "X-LICENSE-MODULE", "X-LICENSE-TOKEN"

    def _asks_for(self) -> str:
        return self.application


class ExternalAppAuth:
    """The calls as they are: each gives back an object, with `hasError` and `error` where it failed.

    Raises:
        NoValidToken: there is no token to ask with.
    """

    def __init__(self, api: CloudspotERP_UserAPI) -> None:
        self.api = api

    def authenticate(self, username: str | None, password: str | SecretText | None) -> auth.AuthResponse:
        """Check a password: `token`, `company` and `permissions`."""
        from .models import logins  # noqa: PLC0415
        from .secret import SecretText  # noqa: PLC0415

        password = SecretText(password or "")
        return logins.signed_in(self.api.session, username or "", password, legacy=self.api.legacy)

    def get_permissions(self) -> auth.PermissionsResponse:
        """What the user may do."""
        from .models import logins  # noqa: PLC0415

        return logins.external_permissions(self.api.session_with_token(), legacy=self.api.legacy)

    def get_user(self) -> auth.User:
        """Who the user is."""
        from .models import logins  # noqa: PLC0415

        return logins.external_user(self.api.session_with_token(), legacy=self.api.legacy)


class CloudspotERP_UserAPI(_LoginAPI, CloudspotERP_API):  # noqa: N801 - the documented name
    """Logins as the ERP had them until 2023-03-14, now at the License server.

    That knows of permissions per company, and this class of one company: the first that the server names.

    Args:
        requestor: the name of the application; in lower case it is its id at the License server.
        token: of a user who has logged in before.
        test_mode: talk to a sandbox on http://localhost:8000.
        legacy: ask the ERP itself, in the old way.
        options: timeout, retries, proxy, ca, allow_http, as for `License`.

    Attributes:
        token: the user's, once there is one.
        user: who it is, after `get_user`.
        permissions: what the user may do, after `authenticate` or `get_permissions`: an object for each.
        auth: the calls as they are, which give back failures instead of raising them.
    """

    def __init__(
        self,
        requestor: str,
        token: str | None = None,
        test_mode: bool = False,
        *,
        legacy: bool = False,
        **options: Any,
    ) -> None:
        warnings.warn(
            "CloudspotERP_UserAPI knows of one company only: License or CloudspotLicense_API know of all.",
            DeprecationWarning,
            stacklevel=2,
        )
        self.legacy = legacy
        super().__init__(test_mode, **options)
        from .models.auth import AuthPermissions, User  # noqa: PLC0415

        self.requestor = requestor.lower()
        self.headers[self._names()[0]] = self.requestor
        self.token = token
        self.auth: ExternalAppAuth = ExternalAppAuth(self)
        self.user: auth.User = User()
        self.permissions: auth.AuthPermissions = AuthPermissions()

    def _address(self) -> str:
        from .settings import ERP_URL, LICENSE_URL  # noqa: PLC0415

        return ERP_URL if self.legacy else LICENSE_URL

    def _names(self) -> tuple[str, str]:
        return ("X-ERP-REQUESTOR", "X-ERP-TOKEN") if self.legacy else ("X-LICENSE-MODULE", "X-LICENSE-TOKEN")

    def _asks_for(self) -> str:
        return self.requestor

    def _log_in(self, answer: Any) -> None:
        super()._log_in(answer)
        self.user.company = answer.company
