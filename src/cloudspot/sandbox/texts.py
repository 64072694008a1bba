"""The texts that names and codes may be, and how to say so when one isn't."""

from __future__ import annotations

from typing import Annotated, get_args

from msgspec import Meta

# PostgreSQL takes no NUL in a text.
Naam = Annotated[
    str,
    Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", description="text that is not blank"),
]
"""Something to call a thing by."""
SnapshotName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^/\x00-\x1f]*[^\s/\x00-\x1f][^/\x00-\x1f]*$",
        description="text in one line without a /, that is not blank",
    ),
]
"""A name that can stand in a path."""
Label = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$", description="text without NUL characters")]
"""The same where there need be none."""
CompanyId = Annotated[
    str,
    Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", description="a UUID in lower case, with its hyphens"),
]
TokenText = Annotated[
    str, Meta(pattern=r"^[!-~]{1,200}$", description="1 to 200 printable ASCII characters without a space")
]
"""What can be sent in a header."""
Slug = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_.:-]{1,100}$",
        description="1 to 100 letters, digits and _ . : - without accents or spaces",
    ),
]
"""The id of an application, and what users may do."""
Requestor = Annotated[
    str, Meta(pattern=r"^[a-z0-9_-]{1,100}$", description="1 to 100 lower-case letters, digits, _ and -")
]
Email = Annotated[
    str,
    Meta(
        pattern=r"^[^@\s/\x00]+@[^@\s/\x00]+$",
        max_length=254,
        description="an e-mail address, without spaces and without a /",
    ),
]
Pin = Annotated[str, Meta(min_length=1, max_length=6, pattern=r"^[^\x00]+$", description="1 to 6 characters")]

_WORDS = {
    repr(meta.pattern): meta.description
    for kind in (Naam, SnapshotName, Label, CompanyId, TokenText, Slug, Requestor, Email, Pin)
    for meta in get_args(kind)[1:]
}


def in_words(complaint: str) -> str:
    """A complaint of msgspec, with the pattern that a text doesn't match said in words."""
    before, found, after = complaint.partition("`str` matching regex ")
    for pattern, words in _WORDS.items():
        if found and after.startswith(pattern):
            return f"{before}{words}{after.removeprefix(pattern)}"
    return complaint
