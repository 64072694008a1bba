"""Passwords: kept as salted hashes, compared in constant time."""

from __future__ import annotations

from hashlib import pbkdf2_hmac
from hmac import compare_digest
from secrets import token_bytes

# A real server takes a hundred times as many. This one guards nothing, and tests log in all the time.
ITERATIONS = 10_000


def hashed(password: str, *, salt: bytes | None = None) -> str:
    """The hash to keep of a password, with all that is needed to check it: `iterations$salt$hash`."""
    salt = token_bytes(16) if salt is None else salt
    return f"{ITERATIONS}${salt.hex()}${_derived(password, salt, ITERATIONS).hex()}"


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was hashed. Without a hash it takes as long, and is not."""
    iterations, salt, expected = (kept or _NOBODYS).split("$")
    found = _derived(password, bytes.fromhex(salt), int(iterations))
    return compare_digest(found, bytes.fromhex(expected)) and kept is not None


def _derived(password: str, salt: bytes, iterations: int) -> bytes:
    # JSON can hold half a surrogate pair, which UTF-8 can't.
    return pbkdf2_hmac("sha256", password.encode("utf-8", "surrogatepass"), salt, iterations)


_NOBODYS = f"{ITERATIONS}${'00' * 16}${'00' * 32}"
