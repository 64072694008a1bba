"""The control API: snapshots, as files and with a name."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

import msgspec

from cloudspot.sandbox.answers import Answer, Request, json_document
from cloudspot.sandbox.snapshots import PIECE, restore, save
from cloudspot.sandbox.texts import SnapshotName

from .asked import Controlled, Handler, fields_of, no_fields

LINES = "application/jsonl"
IN_MEMORY = 1 << 20


class ToTake(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A snapshot that is to be taken."""

    name: SnapshotName


def _download(sandbox: Controlled, request: Request) -> Answer:
    return file_answer(request, lambda out: save(sandbox.store, out))


def _restore(sandbox: Controlled, request: Request) -> Answer:
    restore(sandbox.store, request.file or ())
    return json_document({"restored": True})


def _list(sandbox: Controlled, _: Request) -> Answer:
    return json_document({"snapshots": [each._asdict() for each in sandbox.snapshots.list()]})


def _take(sandbox: Controlled, request: Request) -> Answer:
    return json_document(sandbox.snapshots.take(fields_of(request, ToTake).name)._asdict(), status=201)


def _one(sandbox: Controlled, _: Request, name: str) -> Answer:
    return json_document(sandbox.snapshots.get(name)._asdict())


def _text(sandbox: Controlled, request: Request, name: str) -> Answer:
    sandbox.snapshots.get(name)
    return file_answer(request, lambda out: sandbox.snapshots.save(name, out))


def _restore_named(sandbox: Controlled, request: Request, name: str) -> Answer:
    no_fields(request)
    sandbox.snapshots.restore(name)
    return json_document({"restored": True})


def _delete(sandbox: Controlled, _: Request, name: str) -> Answer:
    sandbox.snapshots.delete(name)
    return json_document({"deleted": name})


def file_answer(request: Request, write: Callable[[BinaryIO], None]) -> Answer:
    """A file that is written whole before it is sent: what is sent is of one moment, and its length is known."""
    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed when it is sent
    try:
        write(file)
        size = file.tell()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    if request.method == "HEAD":
        file.close()
    headers = {"Content-Type": LINES, "Content-Disposition": 'attachment; filename="sandbox.jsonl"'}
    return Answer(headers=headers, body=_pieces(file), length=size)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


ROUTES: dict[str, dict[str, Handler]] = {
    "snapshot": {"GET": _download},
    "restore": {"POST": _restore},
    "snapshots": {"GET": _list, "POST": _take},
    "snapshots/{name}": {"GET": _one, "DELETE": _delete},
    "snapshots/{name}/text": {"GET": _text},
    "snapshots/{name}/restore": {"POST": _restore_named},
}

SLOW = frozenset(ROUTES)
