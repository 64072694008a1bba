"""Which rights a token has: each collection is asked for, and dropped after its first bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cloudspot.errors import InvalidDocument, InvalidRecord, NotAuthorised

if TYPE_CHECKING:
    from cloudspot.calls import Plain
    from cloudspot.client import Cloudspot
    from cloudspot.endpoints.collection import Collection

COLLECTIONS: Mapping[str, Callable[[Cloudspot], Collection[Plain, Any]]] = {
    "artikels": lambda erp: erp.artikels,
    "klanten": lambda erp: erp.klanten,
}
RIGHTS = {"artikels": "see all products", "klanten": "see all clients"}
"""The rights that the ERP can give a token, by what they open."""


def has_right(erp: Cloudspot, what: str) -> bool:
    """Whether the token opens a collection.

    Raises:
        CloudspotError: there is no telling, since the call failed for another reason.
    """
    try:
        with COLLECTIONS[what](erp).stream(on_invalid=_ignore) as stream:
            next(stream, None)
    except NotAuthorised:
        return False
    except InvalidDocument as error:
        # The door opened; what comes out of it is another question.
        return error.status is not None and 200 <= error.status < 300
    return True


def rights_of(erp: Cloudspot) -> dict[str, bool]:
    """Which collections the token opens.

    Raises:
        NotAuthorised: none.
        CloudspotError: there is no telling.
    """
    found = {what: has_right(erp, what) for what in COLLECTIONS}
    if not any(found.values()):
        raise NotAuthorised("The server does not know this token, or it has no right at all.", hint="Copy it again.")
    return found


def in_words(rights: Mapping[str, bool]) -> str:
    """Rights as the ERP names them."""
    return " and ".join(RIGHTS[what] for what, may in rights.items() if may)


def _ignore(_: InvalidRecord) -> None:
    """A record that can't be read is no matter of rights."""
