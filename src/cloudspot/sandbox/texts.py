"""The texts that names and codes may be."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

# PostgreSQL takes no NUL in a text.
Naam = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]
"""Something to call a thing by."""
SnapshotName = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"^[^/\x00-\x1f]*[^\s/\x00-\x1f][^/\x00-\x1f]*$")
]
"""A name that can stand in a path."""
Label = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00]*$")]
"""The same where there need be none."""
CompanyId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
TokenText = Annotated[str, Meta(pattern=r"^[!-~]{1,200}$")]
"""What can be sent in a header."""
