"""What a form sent: texts, lists of texts, and files."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import BinaryIO, NamedTuple
from urllib.parse import parse_qs

from cloudspot.sandbox.answers import Request

MOST_FIELDS = 5000
MOST_PARTS = 100
LARGEST_TEXT = 1 << 20


class Upload(NamedTuple):
    """A file that was sent."""

    name: str
    content: BinaryIO
    """Closed after the answer."""


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

    def close(self) -> None:
        """Let go of the files."""
        for upload in self.files.values():
            upload.content.close()

    def is_on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))


def form_of(request: Request) -> Form:
    """The form that a request brings; an empty one where there is none that can be read."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() == "multipart/form-data":
        return _multipart(request.file or BytesIO(request.body), parameters)
    try:
        text = request.body.decode()
        return Form(parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return Form()


def _multipart(body: BinaryIO, parameters: str) -> Form:
    # Only forms with a file are sent in parts.
    from multipart import MultipartError, MultipartParser, parse_options_header  # type: ignore[import-untyped]  # noqa: PLC0415

    boundary = parse_options_header(f"x/x;{parameters}")[1].get("boundary", "")
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    try:
        for part in MultipartParser(body, boundary, part_limit=MOST_PARTS, memory_limit=LARGEST_TEXT):
            name = part.name or ""
            if part.filename and part.file is not None:
                files[name] = Upload(part.filename, part.file)
                continue
            if part.filename is None:
                fields.setdefault(name, []).append(part.value)
            part.close()
    except (MultipartError, ValueError):
        return Form()
    return Form(fields, files)
