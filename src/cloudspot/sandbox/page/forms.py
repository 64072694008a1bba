"""What a form sent: texts, lists of texts, and files."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import NamedTuple
from urllib.parse import parse_qs

from cloudspot.sandbox.answers import Request

MOST_FIELDS = 5000
LARGEST_TEXT = 1 << 20


class Upload(NamedTuple):
    """A file that was sent."""

    name: str
    content: bytes


class Form(NamedTuple):
    """The fields of a form."""

    fields: Mapping[str, list[str]] = {}
    files: Mapping[str, Upload] = {}

    def text(self, name: str) -> str:
        """A field's value without white space around it; "" where it isn't there."""
        return self.fields.get(name, [""])[-1].strip()

    def texts(self, name: str) -> list[str]:
        """All values of a field."""
        return self.fields.get(name, [])

    def optional(self, name: str) -> str | None:
        """A field's value; None where it is empty."""
        return self.text(name) or None

    def is_on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))


def form_of(request: Request) -> Form:
    """The form in a request's body; an empty one where there is none that can be read."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() == "multipart/form-data":
        return _multipart(request.body, rest)
    try:
        text = request.body.decode()
        return Form(parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return Form()


def _multipart(body: bytes, parameters: str) -> Form:
    # Only forms with a file are sent in parts.
    from multipart import MultipartError, MultipartParser, parse_options_header  # type: ignore[import-untyped]  # noqa: PLC0415

    boundary = parse_options_header(f"x/x;{parameters}")[1].get("boundary", "")
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    try:
        parser = MultipartParser(BytesIO(body), boundary, len(body), part_limit=100, memory_limit=LARGEST_TEXT)
        for part in parser:
            name = part.name or ""
            if part.filename is None:
                fields.setdefault(name, []).append(part.value)
            elif part.filename:
                files[name] = Upload(part.filename, part.raw)
            part.close()
    except (MultipartError, ValueError):
        return Form()
    return Form(fields, files)
