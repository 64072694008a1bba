"""What can be asked of the License server. Source: protocol, *License server*."""

from __future__ import annotations

from uuid import UUID

from .. import logins
from ..calls import Endpoint, Mode, Steps, call
from ..records.auth import CompanyPermissions, Profile
from ..secret import SecretText
from ..session import Impersonation, Permissions, Session


class LicenseCalls(Endpoint[Mode]):
    """Logins, permissions and impersonations of the users of one application.

    Each call but `authenticate` and `validate_impersonation` is about a user: the one whose `token` is passed, or the
    one whose token the client was made with.
    """

    @call
    def authenticate(self, username: str, password: str | SecretText) -> Steps[Session]:
        """Log a user in: who it is, a token, and what the user may do in which company.

        The password is sent once; where no answer comes to that, whether it arrived is not known.

        Raises:
            WrongCredentials: the user name or the password is not right, or the user is not active.
            UnknownApplication: the License server does not know the application.
            CloudspotError: the call failed, so nothing is known of the password.
        """
        password = SecretText(password)
        return (yield from logins.authenticate(self.client.context, username, password))

    @call
    def session(self, token: str | SecretText | None = None) -> Steps[Session]:
        """The session of a token, with user and permissions as they are now.

        Raises:
            InvalidToken: the token is unknown, expired, or for another application.
            CloudspotError: the call failed, so nothing is known of the token.
        """
        token = logins.token_for(self.client.context.settings, token)
        return (yield from logins.session(self.client.context, token))

    @call
    def permissions(self, token: str | SecretText | None = None) -> Steps[Permissions]:
        """What the user may do now, in every company.

        Raises:
            InvalidToken, CloudspotError: as for `session`.
        """
        token = logins.token_for(self.client.context.settings, token)
        return (yield from logins.permissions(self.client.context, token))

    @call
    def company_permissions(
        self, company_id: str | UUID, token: str | SecretText | None = None
    ) -> Steps[CompanyPermissions]:
        """What the user may do now in one company; nothing, where the application is not open to the user.

        Raises:
            InvalidInput: the id is no UUID; nothing was sent.
            NotFound: there is no such company.
            InvalidToken, CloudspotError: as for `session`.
        """
        token = logins.token_for(self.client.context.settings, token)
        return (yield from logins.company_permissions(self.client.context, company_id, token))

    @call
    def profile(self, token: str | SecretText | None = None) -> Steps[Profile]:
        """Who the user is: names, e-mail address, PIN.

        Raises:
            InvalidToken, CloudspotError: as for `session`.
        """
        token = logins.token_for(self.client.context.settings, token)
        return (yield from logins.profile(self.client.context, token))

    @call
    def validate_impersonation(self, token: str | SecretText) -> Steps[Impersonation]:
        """What the token stands for that a supporter's browser brought; the License server takes each one once.

        Raises:
            InvalidToken: it is unknown, used, expired, or for another application.
            CloudspotError: the call failed; the token may be used up.
        """
        token = logins.token_for(self.client.context.settings, token)
        return (yield from logins.validate_impersonation(self.client.context, token))
