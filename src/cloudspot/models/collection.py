"""Collections: lists of documented objects, whose views are made when somebody looks at them."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar, overload

from ..errors import InvalidRecord
from ..records import Record
from .model import COLLECTIONS, BaseModel, as_json, own

M = TypeVar("M")

_MISSING = object()


class ObjectListModel(BaseModel, Generic[M]):
    """A list of objects, with the answer's `hasError` and `error`. Reading a failed one without having looked warns.

    Args:
        list: the objects to begin with.
        listObject: the class of what `parse` adds; a collection of the API knows its own.
    """

    __slots__ = ("_rows",)

    _rows: Sequence[Record]

    listObject: ClassVar[Any] = None

    def __init_subclass__(cls, *, of: type[BaseModel] | None = None, **options: Any) -> None:
        """Say what a collection of the API holds; a class of one's own says it to `__init__`."""
        super().__init_subclass__(**options)
        if of is not None:
            cls.listObject = of
            if of.RECORD is not None:
                COLLECTIONS[of.RECORD] = cls

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """An empty list; a class of one's own may not call `__init__`."""
        self = super().__new__(cls)
        self._rows = ()
        return self

    def __init__(self, list: builtins.list[M] | None = None, listObject: Any = None) -> None:  # noqa: N803
        if list is not None:
            own(self)["list"] = list
        if listObject is not None:
            own(self)["listObject"] = listObject

    @classmethod
    def over(
        cls, records: Sequence[Record], kept: frozenset[str] | None = None, invalid: Sequence[InvalidRecord] = ()
    ) -> Self:
        """A collection of views; rows that fit no record stand in their places, with their values as they were sent."""
        self = object.__new__(cls)  # past `__new__` and `__init__`: each product has eight collections
        self._record, self._failure, self._kept, self._beside, self._rows = None, None, kept, None, records
        if invalid:
            views = iter(self._loaded())
            unfit = {row.number: cls.listObject.of_plain(row.raw, kept) for row in invalid}
            count = len(records) + len(invalid)
            own(self)["list"] = [unfit[number] if number in unfit else next(views) for number in range(1, count + 1)]
        return self

    @property
    def list(self) -> builtins.list[M]:
        """The objects: the list itself, not a copy."""
        self._before_reading()
        return self._loaded()

    @list.setter
    def list(self, objects: builtins.list[M]) -> None:
        own(self)["list"] = objects

    def items(self) -> builtins.list[M]:
        """The objects: the list itself, not a copy."""
        self._before_reading()
        return self._loaded()

    def add(self, item: M) -> builtins.list[M]:
        """Add an object at the end; the list."""
        objects = self._loaded()
        objects.append(item)
        return objects

    def remove(self, item: M) -> builtins.list[M]:
        """Take an object out; the list.

        Raises:
            ValueError: it isn't there.
        """
        objects = self._loaded()
        objects.remove(item)
        return objects

    def getItemIndex(self, attribute: str, value: Any) -> int | None:  # noqa: N802 - the documented name
        """The place, from 0, of the first object whose attribute has that value; None where there is none."""
        self._before_reading()
        return self._find(attribute, value)

    def getItemObject(self, attribute: str, value: Any) -> M | None:  # noqa: N802 - the documented name
        """The first object whose attribute has that value; None where there is none."""
        self._before_reading()
        index = self._find(attribute, value)
        return None if index is None else self._loaded()[index]

    def parse(self, json: Any) -> Self:
        """Add an object for each in a JSON list, or for the one JSON object."""
        if isinstance(json, builtins.list | dict):
            rows = json if isinstance(json, builtins.list) else [json]
            self._loaded().extend(self.listObject.of_plain(row) for row in rows)
        return self

    def getJSON(self) -> builtins.list[Any]:  # noqa: N802 - the documented name
        """The objects as plain JSON values; an empty list where there are none."""
        self._before_reading()
        return [as_json(item) for item in self._loaded()]

    def __iter__(self) -> Iterator[M]:
        self._before_reading()
        return iter(self._loaded())

    def __bool__(self) -> bool:
        """True even where it is empty, as an object without a length was: published code asks whether it is there."""
        self._before_reading()
        return True

    def __len__(self) -> int:
        self._before_reading()
        return len(self._loaded())

    @overload
    def __getitem__(self, index: int) -> M: ...
    @overload
    def __getitem__(self, index: slice) -> builtins.list[M]: ...
    def __getitem__(self, index: int | slice) -> M | builtins.list[M]:
        self._before_reading()
        return self._loaded()[index]

    def __contains__(self, item: object) -> bool:
        self._before_reading()
        return item in self._loaded()

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        self._loaded()
        return super().__getstate__()

    def __repr__(self) -> str:
        if self._failure is not None:
            return super().__repr__()
        return f"<{type(self).__name__} of {len(self._loaded())}>"

    def _loaded(self) -> builtins.list[M]:
        attributes = own(self)
        if (objects := attributes.get("list")) is None:
            # Two threads may get here at once; both must end up with the same list.
            objects = attributes.setdefault("list", self._views())
        loaded: builtins.list[M] = objects
        return loaded

    def _views(self) -> builtins.list[Any]:
        views: builtins.list[Any] = self.listObject.of_records(self._rows, self._kept) if self._rows else []
        return views

    def _find(self, attribute: str, value: Any) -> int | None:
        for index, item in enumerate(self._loaded()):
            found = getattr(item, attribute, _MISSING)
            if found is not _MISSING and found == value:
                return index
        return None
