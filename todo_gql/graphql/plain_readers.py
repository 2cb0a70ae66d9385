"""Makes what reads answers out of objects whose selected fields are plain attributes, once for each selection.

What an attribute holds needs no path, no info object and no resolver: its value goes through the type's own
serialization into the answer. A value that is not as the schema says raises: graphql-core meets it again, and finds the
error and its place, as reading attributes has no effect.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from operator import attrgetter
from typing import Any, Final

from graphql import (
    GraphQLID,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)
from graphql.pyutils import Undefined
from strawberry.schema.schema_converter import GraphQLCoreConverter

from todo_gql.graphql.outcomes import Irregular

type Reader = Callable[[Any], Any]
"""Turns what a resolver gave into what is answered. Raises Irregular, or whatever serialization raises."""

type Readers = dict[tuple[int, ...], Reader | None]
"""What was made of the selections of a document, by the type and the nodes of each, which last as long as it does."""

type Collect[Selection] = Callable[[GraphQLObjectType, Selection], Iterable[tuple[str, str, Selection]]]
"""Gives what is selected of an object: each member's name in the answer, its field, and what is selected below it."""

_TEXTS: Final = {GraphQLString, GraphQLID}
_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF


class PlainReaders[Selection]:
    """Makes readers for the selections of a document, one for those that are the same.

    Args:
        schema: What the document was validated against.
        collect: Takes selections apart.
        nodes_of: Gives the ids of the nodes of a selection.
        made: What was made of the same document before.
        most_members: How many members readers may have; None: any number.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        collect: Collect[Selection],
        nodes_of: Callable[[Selection], Iterable[int]],
        *,
        made: Readers | None = None,
        most_members: int | None = None,
    ) -> None:
        self._schema = schema
        self._collect = collect
        self._nodes_of = nodes_of
        self._made: Readers = {} if made is None else made
        self._members_left = math.inf if most_members is None else most_members

    def make(self, kind: GraphQLOutputType, selection: Selection) -> Reader | None:
        """Make what reads a value of a type, None where more is selected of it than attributes."""
        match kind:
            case GraphQLNonNull():
                inner = self.make(kind.of_type, selection)
                if inner is not None and kind.of_type in _TEXTS:
                    return _text(inner)
                return None if inner is None else _never_null(inner)
            case GraphQLList():
                inner = self.make(kind.of_type, selection)
                return None if inner is None else _list_of(inner)
            case GraphQLObjectType() | GraphQLUnionType() | GraphQLInterfaceType():
                return self._composite(kind, selection)
            case _:
                return _leaf(kind)

    def _composite(
        self, kind: GraphQLObjectType | GraphQLUnionType | GraphQLInterfaceType, selection: Selection
    ) -> Reader | None:
        key = (id(kind), *self._nodes_of(selection))
        if key not in self._made:
            self._made[key] = (
                self._object(kind, selection)
                if isinstance(kind, GraphQLObjectType)
                else self._one_of(self._schema.get_possible_types(kind), selection)
            )
        return self._made[key]

    def _object(self, kind: GraphQLObjectType, selection: Selection) -> Reader | None:
        definition = kind.extensions.get(_DEFINITION)
        if definition is None:
            return None
        members: list[tuple[str, Reader, Reader]] = []
        for name, field_name, below in self._collect(kind, selection):
            self._members_left -= 1
            attribute, read = self._member(kind, field_name, below)
            if read is None or self._members_left < 0:
                return None
            members.append((name, attribute, read))
        return _object(definition.origin, members)

    def _member(self, parent: GraphQLObjectType, name: str, selection: Selection) -> tuple[Reader, Reader | None]:
        """Make what reads the attribute of a field, and what completes its value."""
        if name == "__typename":
            return _itself, lambda _: parent.name
        field = self._schema.get_field(parent, name)
        # Strawberry marks its own resolvers so, those that read the attribute of the field's name and do nothing else.
        if field is None or not getattr(field.resolve, "_is_default", False):
            return _itself, None
        return attrgetter(field.extensions[_DEFINITION].python_name), self.make(field.type, selection)

    def _one_of(self, kinds: Iterable[GraphQLObjectType], selection: Selection) -> Reader | None:
        readers: dict[type, Reader] = {}
        for kind in kinds:
            read = self._composite(kind, selection)
            if read is None:
                return None
            readers[kind.extensions[_DEFINITION].origin] = read
        return _one_of(readers)


def _itself(value: object) -> object:
    return value


def _text(read: Reader) -> Reader:
    read_other = _never_null(read)

    def read_text(value: Any) -> Any:
        # A subclass, such as an enum's, may be written in another way.
        return value if type(value) is str else read_other(value)

    return read_text


def _never_null(read: Reader) -> Reader:
    def read_member(value: Any) -> Any:
        answer = read(value)
        if answer is None:
            raise Irregular
        return answer

    return read_member


def _leaf(kind: GraphQLLeafType) -> Reader:
    coerce = kind.coerce_output_value
    is_text = kind in _TEXTS
    names: dict[Enum, object] = {}

    def read_leaf(value: Any) -> Any:
        if value is None or (is_text and type(value) is str):
            return value
        if isinstance(value, Enum):
            if value not in names:
                names[value] = coerce(value)
            return names[value]
        answer = coerce(value)
        if answer is None or answer is Undefined:
            raise Irregular
        return answer

    return read_leaf


def _list_of(read: Reader) -> Reader:
    def read_list(value: Any) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise Irregular
        return [read(item) for item in value]

    return read_list


def _object(origin: type, members: list[tuple[str, Reader, Reader]]) -> Reader:
    def read_object(value: Any) -> dict[str, Any] | None:
        if value is None:
            return None
        if type(value) is not origin:
            raise Irregular
        return {name: read(attribute(value)) for name, attribute, read in members}

    return read_object


def _one_of(readers: Mapping[type, Reader]) -> Reader:
    def read_one(value: Any) -> Any:
        if value is None:
            return None
        read = readers.get(type(value))
        if read is None:
            raise Irregular
        return read(value)

    return read_one
