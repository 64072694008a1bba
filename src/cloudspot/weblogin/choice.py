"""Which company a user works in."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from ..records.auth import CompanyPermissions
from ..session import Permissions


def chosen_company(permissions: Permissions, candidates: Iterable[str | UUID | None] = ()) -> CompanyPermissions | None:
    """The first candidate that is open to the user; else the only company that is; None where the user has to choose.

    Args:
        permissions: the user's, as the License server says.
        candidates: ids, the most wanted first: that of the session, that of the last login. A name is none of them,
            since two companies may have one.
    """
    for candidate in candidates:
        if (company := company_id(candidate)) is not None and (found := permissions.company(company)) is not None:
            return found
    open_to_user = permissions.companies
    return open_to_user[0] if len(open_to_user) == 1 else None


def company_id(text: str | UUID | None) -> UUID | None:
    """A company's id; None where this is none."""
    if text is None or isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except ValueError:
        return None
