"""Saving all that a sandbox holds to a file, and making a sandbox what a file says; and snapshots with a name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from .clock import Clock
from .snapshot_lines import END, HEAD, SavedCategorie, SavedCompany, SavedPermissions, SavedToken, Snapshot, line
from .store import KeptSnapshot, Store
from .texts import SnapshotName

PIECE = 1 << 20


def lines_of(store: Store) -> Iterator[bytes]:
    """All that a store holds, as the lines of a snapshot. Hold its turn until the last."""
    yield HEAD
    accounts = store.accounts.all()
    for application in accounts.applications:
        secret = accounts.secrets.get(application.id)
        yield line("application", msgspec.structs.asdict(application) | {"webhook_secret": secret})
    for user, password in accounts.users:
        yield line("user", msgspec.structs.asdict(user) | {"password_hash": password})
    for company in store.companies.all():
        yield line("company", SavedCompany(key=company.key, id=company.id, naam=company.naam))
        granted = store.accounts.granted(company=company.id)
        for row in sorted(granted, key=lambda row: (row.user, row.application)):
            slugs = sorted(row.permissions)
            yield line("permissions", SavedPermissions(user=row.user, application=row.application, permissions=slugs))
        for token in store.erp_tokens.all(company.id):
            fields = {name: getattr(token, name) for name in SavedToken.__struct_fields__}
            yield line("erp_token", fields)
        for categorie in store.categorieen.all(company.key):
            yield line("categorie", SavedCategorie(**categorie._asdict()))
        for kind, naam in (("artikel", "artikels"), ("klant", "klanten")):
            for body in store.bodies(company.key, naam):
                yield line(kind, body)
    yield END


def save(store: Store, out: BinaryIO) -> None:
    """Write a snapshot, as the store is at this moment."""
    with store.turn():
        out.writelines(lines_of(store))


def save_file(store: Store, path: str | os.PathLike[str]) -> None:
    """Write a snapshot to a file, which is replaced only when all is well.

    Raises:
        OSError: the file can't be written.
    """
    target = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            save(store, out)
        # mkstemp makes files for their owner alone.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(target)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


def restore(store: Store, lines: Iterable[bytes]) -> None:
    """Make a store what a snapshot says, all or nothing.

    Raises:
        InvalidSnapshot: it is none, or cut off, or of a newer release; the store is as it was.
    """
    snapshot = Snapshot(lines)
    store.fill(snapshot.contents(), snapshot.accounts)


def restore_file(store: Store, path: str | os.PathLike[str]) -> None:
    """Make a store what a file says, all or nothing.

    Raises:
        OSError: the file can't be read.
        InvalidSnapshot: it is no snapshot, or cut off, or of a newer release; the store is as it was.
    """
    with Path(path).open("rb") as file:
        restore(store, file)


class Snapshots:
    """The snapshots with a name that a sandbox keeps in its own database; a reset leaves them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def list(self) -> list[KeptSnapshot]:
        """All, the oldest first."""
        return self._store.snapshots.all()

    def get(self, name: str) -> KeptSnapshot:
        """One snapshot: when it was taken, and how much it holds.

        Raises:
            NoSuchRecord: there is none of that name.
        """
        return self._store.snapshots.named(name)

    def take(self, name: str) -> KeptSnapshot:
        """Keep all that the sandbox holds now under a name, over what was kept under it before.

        Raises:
            ValueError: that is no name.
        """
        msgspec.convert(name, SnapshotName)
        store = self._store
        with store.turn(), store.together():
            companies = [each.key for each in store.companies.all()]
            counts = {
                naam: sum(store.collection(key, naam).records for key in companies) for naam in ("artikels", "klanten")
            }
            return store.snapshots.keep(name, self._clock.time(), lines_of(store), **counts)

    def restore(self, name: str) -> None:
        """Make the sandbox what it was when the snapshot was taken.

        Raises:
            NoSuchRecord: there is none of that name.
        """
        with self._store.turn():
            self.get(name)
            restore(self._store, lines_in(self._store.snapshots.text(name)))

    def save(self, name: str, out: BinaryIO) -> None:
        """Write a snapshot as a file that can be restored anywhere.

        Raises:
            NoSuchRecord: there is none of that name.
        """
        with self._store.turn():
            self.get(name)
            out.writelines(self._store.snapshots.text(name))

    def delete(self, name: str) -> None:
        """Forget a snapshot.

        Raises:
            NoSuchRecord: there is none of that name.
        """
        with self._store.turn():
            self.get(name)
            self._store.snapshots.remove(name)


def lines_in(text: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a text that comes in pieces."""
    rest = b""
    for piece in text:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (each + b"\n" for each in whole)
    if rest:
        yield rest
