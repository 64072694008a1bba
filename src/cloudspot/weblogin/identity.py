"""How a user is told from another: by the e-mail address, since the License server gives no other id."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

LONGEST_EMAIL = 254
"""Characters, as mail servers count them."""
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def account_name(email: str | None) -> str:
    """The one spelling of an e-mail address under which an account is kept; "" where there is none.

    Only A to Z are folded: all of Unicode would make one account of two addresses, since the Kelvin sign folds to `k`.
    """
    return (email or "").strip().translate(_LOWER)
