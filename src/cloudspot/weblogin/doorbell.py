"""What an event of the License server means, for whom, and how far it is believed.

Nobody's rights are ever changed to what an event says. It says of whom the truth has to be looked up, with the user's
own token:

- An event that is proven comes from the License server, so the truth is looked up at once, and the answer may say
  whether there is such a user.
- One that is not is a doorbell: the user's next request looks the truth up. The answer is always the same, and so is
  what is done for it, whoever the event is about. So nobody learns who is a user, and nobody makes the application ask.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..secret import SecretText
from ..webhooks import EmailUpdated, Event, PermissionsUpdated, PinUpdated, UserCreated
from .identity import LONGEST_EMAIL, account_name


@dataclass(frozen=True, slots=True)
class Ring:
    """The next request of this user looks the truth up.

    Attributes:
        account: whom it is about, by `account_name`.
    """

    account: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """The truth about this user is looked up now, with the user's own token; nothing else is believed."""

    account: str


@dataclass(frozen=True, slots=True)
class HoldEmail:
    """Somebody says that a user has a new address. An administrator decides, unless the user's own token confirms it.

    Attributes:
        account: the user's present address.
        new: the one it is said to become.
        is_proven: whether the License server says so.
    """

    account: str
    new: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class NewUser:
    """The License server has a new user.

    Attributes:
        account: the user's address.
        first_name, last_name: as it says.
        token: of the user, to look the truth up with; None where there is none. What it says is not believed before
            the token's own profile has this address.
    """

    account: str
    first_name: str
    last_name: str
    token: SecretText | None


Action = Ring | LookUp | HoldEmail | NewUser


def actions(event: Event) -> tuple[Action, ...]:
    """What to do for an event; nothing for one that this release does not know, or that names nobody.

    A proven event comes to `LookUp` or `NewUser` first; a doorbell to `Ring` and `HoldEmail` alone.
    """
    look = LookUp if event.is_authentic else Ring
    match event.data:
        case PermissionsUpdated(username=name) | PinUpdated(user_username=name):
            account = account_name(name)
            return (look(account),) if is_address(account) else ()
        case EmailUpdated(current_email=current, change_to_email=new):
            account, new = account_name(current), account_name(new)
            if not (is_address(account) and is_address(new)) or account == new:
                return ()
            return (look(account), HoldEmail(account, new, event.is_authentic))
        case UserCreated() as created if event.is_authentic:
            account = account_name(created.user_email)
            if not is_address(account):
                return ()
            token = SecretText(created.license_token) if created.license_token else None
            return (NewUser(account, created.user_first_name or "", created.user_last_name or "", token),)
        case _:
            return ()


def is_address(name: str) -> bool:
    """Whether a name can be an account's: something before and after one @, no longer than mail servers take."""
    before, at, after = name.partition("@")
    return bool(before and at and after) and "@" not in after and len(name) <= LONGEST_EMAIL and name.isprintable()


def may_take(new: str, owner_of_new: object, account: object) -> bool:
    """Whether an account may have an address that its own token says it has: nobody else's, and one that can be."""
    return is_address(new) and (owner_of_new is None or owner_of_new == account)
