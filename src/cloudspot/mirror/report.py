"""What a sync did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cloudspot.errors import CloudspotError, InvalidRecord


class Drift(NamedTuple):
    """Something the server sends that this release does not know.

    Attributes:
        kind: `unknown field`, `new word` or `other type`.
        field: where it stands, such as `status` or `fotos[].breedte`.
        word: the new word, or what kind of value came; "" for an unknown field.
        key: a record that has it.
    """

    kind: str
    field: str
    word: str
    key: int | None

    def __str__(self) -> str:
        return f"{self.kind} `{self.field}`{f': {self.word}' if self.word else ''}"


@dataclass(slots=True)
class ResourceReport:
    """What happened to one resource.

    Attributes:
        seen: records of the answer; 0 where the server said that nothing has changed.
        created, updated, deleted, reappeared: records by what happened to them; each is an event of the feed.
        unchanged: records that are as they were.
        invalid: how many could not be read; their old rows are kept.
        problems: the first of these, each with its number, key, field and reason.
        kept_out: records of people who were forgotten.
        drift: what the server sends that is new to this release, and was not reported before.
        bytes: size of the answer, unpacked.
        seconds: from the first question to the commit.
        not_modified: whether the server said that nothing has changed, so that nothing was downloaded.
        guard: why the guard refused; empty where it did not.
        error: what went wrong; None where nothing did. Then the mirror is as it was.
    """

    seen: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    reappeared: int = 0
    unchanged: int = 0
    invalid: int = 0
    problems: tuple[InvalidRecord, ...] = ()
    kept_out: int = 0
    drift: tuple[Drift, ...] = ()
    bytes: int = 0
    seconds: float = 0.0
    not_modified: bool = False
    guard: tuple[str, ...] = ()
    error: CloudspotError | None = None

    @property
    def changed(self) -> int:
        """How many events this made."""
        return self.created + self.updated + self.deleted + self.reappeared

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "problems": [str(problem) for problem in self.problems],
            "drift": [drift._asdict() for drift in self.drift],
            "guard": list(self.guard),
            "error": None if self.error is None else str(self.error),
            "seconds": round(self.seconds, 3),
        }

    def __str__(self) -> str:
        if self.error is not None:
            return f"failed: {self.error}"
        if self.not_modified:
            return f"not modified, {self.unchanged:,} kept, {self.seconds:.2f} s"
        counts = [f"{self.seen:,} seen"]
        names = ("created", "updated", "deleted", "reappeared", "unchanged", "invalid", "kept_out")
        counts += [f"{number:,} {name.replace('_', ' ')}" for name in names if (number := getattr(self, name))]
        return f"{', '.join(counts)}, {self.seconds:.2f} s"


@dataclass(slots=True)
class SyncReport:
    """What a sync did, for each resource: `report["artikels"].created`, `report.changed`.

    Attributes:
        company: which company of the mirror this is about.
        resources: a `ResourceReport` by the name of each resource that was tried.
        pruned: how many events of history were let go, being older than the mirror was told to keep.
        prune_error: what went wrong with that; None where nothing did.
    """

    company: str
    resources: dict[str, ResourceReport] = field(default_factory=dict)
    pruned: int = 0
    prune_error: CloudspotError | None = None

    @property
    def changed(self) -> int:
        """How many events this made."""
        return sum(report.changed for report in self.resources.values())

    @property
    def errors(self) -> list[CloudspotError]:
        """What went wrong, in the order it did."""
        found = [*(report.error for report in self.resources.values()), self.prune_error]
        return [error for error in found if error is not None]

    def __getitem__(self, naam: str) -> ResourceReport:
        return self.resources[naam]

    def __iter__(self) -> Iterator[tuple[str, ResourceReport]]:
        return iter(self.resources.items())

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        plain: dict[str, Any] = {"company": self.company} | {naam: report.to_dict() for naam, report in self}
        return plain | {
            "pruned": self.pruned,
            "prune_error": None if self.prune_error is None else str(self.prune_error),
        }

    def __str__(self) -> str:
        lines = [f"{self.company}:", *(f"  {naam}: {report}" for naam, report in self)]
        if self.prune_error is not None:
            lines.append(f"  history: failed: {self.prune_error}")
        elif self.pruned:
            lines.append(f"  history: {self.pruned:,} old events let go")
        return "\n".join(lines)
