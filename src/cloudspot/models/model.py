"""What every documented object can do. Its attributes come from a record type; none is listed a second time here.

A view of a record reads an attribute when it is first asked for and keeps it from then on, so that a hundred thousand
products cost nothing but the attributes that are looked at.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self, get_args, get_type_hints

from ..errors import CloudspotError, CloudspotWarning
from ..records import Record
from ..records.base import shape_of
from .values import Reader, amount, plain, texts

COLLECTIONS: dict[type[Record], Any] = {}
"""The collection that holds the views of a record type."""


@dataclass(slots=True)
class Failure:
    """Why an object holds no data, and whether somebody has looked."""

    error: Any
    seen: bool = False


class _State:
    """Room for what an object keeps, apart from its attributes."""

    __slots__ = ("__dict__", "__weakref__", "_beside", "_failure", "_kept", "_record")

    _record: Record | None
    _failure: Failure | None
    _kept: frozenset[str] | None
    _beside: dict[str, Any] | None


# `BaseModel.__dict__` reads all attributes first, so the attributes as they are have to be reached past it.
own = _State.__dict__["__dict__"].__get__


class BaseModel(_State):
    """An object of the documented API: mutable, picklable, with `hasError` and `error`.

    It can be made without arguments, or with attributes by position or by name. Fields that the server sends and this
    release doesn't know are attributes too, unless a method has that name.

    Raises:
        TypeError: there is no such attribute, or it is given twice.
    """

    __slots__ = ()

    RECORD: ClassVar[type[Record] | None] = None
    """The record type it shows; None for a class of one's own that has attributes of its own."""
    READERS: ClassVar[Mapping[str, Reader]] = {}
    """How each documented attribute is read."""
    _EMPTY: ClassVar[Record | None] = None

    def __init_subclass__(
        cls, *, record: type[Record] | None = None, move: tuple[str, str] | None = None, **options: Any
    ) -> None:
        """Derive a class from a record type; with `move`, the first attribute comes just before the second one."""
        super().__init_subclass__(**options)
        if record is not None:
            cls.RECORD, cls._EMPTY, cls.READERS = record, record(), readers_of(record, move)

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """An empty object; here, since a class of one's own may not call `__init__`."""
        self = super().__new__(cls)
        self._record, self._failure, self._kept, self._beside = cls._EMPTY, None, None, None
        return self

    def __init__(self, *values: Any, **named: Any) -> None:
        if len(values) > len(self.READERS):
            raise TypeError(f"{type(self).__name__} has {len(self.READERS)} attributes, not {len(values)}")
        given = dict(zip(self.READERS, values, strict=False))
        if twice := given.keys() & named.keys():
            raise TypeError(f"{type(self).__name__} got {', '.join(sorted(twice))} twice")
        if unknown := named.keys() - self.READERS.keys():
            raise TypeError(f"{type(self).__name__} has no attribute {', '.join(sorted(unknown))}")
        for name, value in (given | named).items():
            if value is not None:
                setattr(self, name, value)

    @property
    def hasError(self) -> bool:  # noqa: N802 - the documented name
        """Whether the call failed; then there is no data, and `error` says why."""
        return self._look() is not None

    @hasError.setter
    def hasError(self, failed: bool) -> None:  # noqa: N802
        if not failed:
            self._failure = None
        elif self._failure is None:
            self._failure = Failure(None, seen=True)

    @property
    def error(self) -> Any:
        """Why the call failed: an `Error`; None where it didn't."""
        failure = self._look()
        return failure.error if failure else None

    @error.setter
    def error(self, error: Any) -> None:
        self._failure = None if error is None else Failure(error, seen=True)

    def parse(self, json: Any) -> Self:
        """Take over the attributes in a JSON object; lists are added to. A name that a method has is no attribute.

        Raises:
            TypeError: it is no JSON object.
        """
        if not isinstance(json, Mapping):
            raise TypeError(f"{type(self).__name__}.parse takes a JSON object, not {type(json).__name__}")
        for name, value in json.items():
            if not self._is_attribute(name):
                if value is not None:
                    self._beside = (self._beside or {}) | {name: plain(value)}
                continue
            current = self._read(name) if name in self.READERS else own(self).get(name)
            if not isinstance(current, BaseModel):
                own(self)[name] = self.READERS.get(name, plain)(value)
            elif isinstance(value, list | dict):
                current.parse(value)
        return self

    def parseError(self, json: Any) -> Self:  # noqa: N802 - the documented name
        """Become the failure that the body of a refused request tells of."""
        return self.fail(Error.of_body(json))

    def getJSON(self) -> Any:  # noqa: N802 - the documented name
        """The data as plain JSON values. What is None stays out; 0, False, "" and empty lists stay in."""
        self._before_reading()
        json = {name: value for name in self._names() if (value := self._json_of(name)) is not None}
        for name, value in ({} if self._record is None else self._record.extra).items():
            if value is not None and not self._is_attribute(name):
                json[name] = plain(value)
        return json | (self._beside or {})

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override] # pyright: ignore[reportIncompatibleVariableOverride]
        """All attributes, read or not: published code turns objects into rows with `vars`."""
        for name in self._names():
            self._read(name)
        attributes: dict[str, Any] = own(self)
        failure = self._failure
        attributes |= {"hasError": failure is not None, "error": failure.error if failure else None}
        return attributes

    def __getattr__(self, name: str) -> Any:
        reader = self.READERS.get(name)
        if reader is None or self._failure is not None:
            value = self._read(name)
            self._before_reading()
            return value
        # what `_read` does, without its calls: this is where most of the time of a loop over products goes
        return own(self).setdefault(name, reader(getattr(self._record, name)))

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._names()})

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        slots = {name: getattr(self, name) for name in ("_record", "_failure", "_kept", "_beside")}
        return dict(own(self)), slots

    def __setstate__(self, state: tuple[dict[str, Any], dict[str, Any]]) -> None:
        attributes, slots = state
        own(self).update(attributes)
        for name, value in slots.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        if self._failure is not None:
            return f"<{type(self).__name__} failed: {getattr(self._failure.error, 'message', None)}>"
        key = self.RECORD.KEY if self.RECORD else ""
        names = [repr(self._read(name)) for name in (key, "naam") if name in self.READERS]
        return f"<{' '.join([type(self).__name__, *names])}>"

    @classmethod
    def of_records(cls, records: Sequence[Record], kept: frozenset[str] | None = None) -> list[Self]:
        """A view of each record; with `kept`, of those attributes alone."""
        if kept is not None:
            records = [type(record)(**{name: getattr(record, name) for name in kept}) for record in records]
        new = object.__new__
        views = []
        for record in records:
            view = new(cls)
            # past `__new__`, which costs more than all the rest
            view._record, view._failure, view._kept, view._beside = record, None, kept, None  # noqa: SLF001
            views.append(view)
        return views

    @classmethod
    def of_plain(cls, row: Any, kept: frozenset[str] | None = None) -> Self:
        """An object of a row that fits no record: its values as they were sent, or a failure where it has none."""
        self = cls()
        self._kept = kept
        try:
            return self.parse({name: value for name, value in row.items() if kept is None or name in kept})
        except (AttributeError, RecursionError):
            return cls().fail(Error("This record of the answer could not be read."), seen=True)

    def fail(self, error: Any, *, seen: bool = False) -> Self:
        """Become a failure; `seen` where somebody has been told already."""
        self._failure = Failure(error, seen)
        return self

    def _look(self) -> Failure | None:
        if self._failure is not None:
            self._failure.seen = True
        return self._failure

    def _before_reading(self) -> None:
        """Warn whoever reads a failed answer without having looked; called by what they call."""
        failure = self._failure
        if failure is None or failure.seen:
            return
        failure.seen = True
        warnings.warn(
            CloudspotWarning(
                f"This {type(self).__name__} holds no data, since the call failed: "
                f"{getattr(failure.error, 'message', None)} Look at `hasError` before reading it."
            ),
            stacklevel=3,
        )

    def _is_attribute(self, name: str) -> bool:
        """Whether a name can be one: no method has it, and it is not one of Python's own."""
        return name in self.READERS or not (name.startswith("_") or hasattr(type(self), name))

    def _names(self) -> Iterable[str]:
        """Documented attributes, then fields unknown to this release, then those that were set."""
        attributes, kept = own(self), self._kept
        fields: Iterable[str] = self.READERS
        if kept is not None:
            fields = [n for n in fields if n in kept or as_json(attributes.get(n)) not in (None, [])]
        unknown = self._record.extra if self._record is not None else ()
        others = (name for name in (*unknown, *attributes) if name not in self.READERS and self._is_attribute(name))
        return dict.fromkeys((*fields, *others))

    def _json_of(self, name: str) -> Any:
        # most lists are empty; making a collection of each would cost more than all the rest
        if name not in own(self) and getattr(self._record, name, None) == ():
            return []
        return as_json(self._read(name))

    def _read(self, name: str) -> Any:
        attributes = own(self)
        if name in attributes:
            return attributes[name]
        record = self._record
        if (reader := self.READERS.get(name)) is not None:
            value = reader(getattr(record, name))
        elif record is not None and name in record.extra and self._is_attribute(name):
            value = plain(record.extra[name])
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        return attributes.setdefault(name, value)


def as_json(value: Any) -> Any:
    """An attribute's value as JSON; it may be an object, or a list that was filled with some."""
    if isinstance(value, BaseModel):
        return value.getJSON()
    return [as_json(item) for item in value] if isinstance(value, list) else value


def readers_of(record_type: type[Record], move: tuple[str, str] | None = None) -> dict[str, Reader]:
    """How each field of a record type is read, in the order of the record, but for one that is moved."""
    shape, hints, empty = shape_of(record_type), get_type_hints(record_type), record_type()
    names = [name for name in record_type.__struct_fields__ if name in shape.fields]
    if move is not None:
        moved, follower = move
        names.remove(moved)
        names.insert(names.index(follower), moved)

    def reader_of(name: str) -> Reader:
        if name in shape.nested:
            return rows_of(shape.nested[name])
        if float in get_args(hints[name]):
            return amount
        return texts if getattr(empty, name) == () else plain

    return {name: reader_of(name) for name in names}


def rows_of(record_type: type[Record]) -> Reader:
    """Reads nested records as their collection; what is no list is an empty one."""

    def read(rows: Any) -> Any:
        collection = COLLECTIONS[record_type]
        if isinstance(rows, tuple):
            return collection.over(rows)
        return collection().parse(rows)

    return read


class _ErrorRecord(Record, frozen=True, kw_only=True):
    message: str | None = None


class Error(BaseModel, record=_ErrorRecord):
    """Why a call failed: `message` is the server's own text, or else says what happened."""

    __slots__ = ()

    @property
    def exception(self) -> CloudspotError | None:
        """The error as the new API raises it, with status and request id; None where it was made otherwise."""
        exception: CloudspotError | None = own(self).get("exception")
        return exception

    @classmethod
    def of_exception(cls, exception: CloudspotError) -> Self:
        """What an exception tells of."""
        self = cls(exception.said or f"{exception.message} {exception.hint}".strip())
        own(self)["exception"] = exception
        return self

    @classmethod
    def of_body(cls, json: Any) -> Self:
        """What the body of a refused request tells of."""
        if not isinstance(json, Mapping):
            return cls(None if json is None else str(json))
        self = cls().parse(json)
        inner = json.get("error")
        if self.message is None and isinstance(inner, Mapping):
            self.message = inner.get("message")
        return self
