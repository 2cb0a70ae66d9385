"""Completes objects whose selected fields are all plain attributes at once; the rest is left to graphql-core.

graphql-core makes a path, an info object and some ten calls for each field of each item. What an attribute holds needs
none of them: its value goes through the type's own serialization into the answer. Wherever anything is not as the
schema says, graphql-core does the whole again, and finds the error and its place: reading attributes has no effect.
"""

from collections.abc import Callable
from enum import Enum
from operator import attrgetter
from typing import Any, Final, override

from graphql import (
    GraphQLError,
    GraphQLID,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLString,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.pyutils import AwaitableOrValue, Path, Undefined
from strawberry.schema.schema_converter import GraphQLCoreConverter

type Reader = Callable[[Any], Any]
"""Turns what a resolver gave into what is answered. Raises Irregular, or whatever serialization raises."""

type Readers = dict[tuple[int, ...], Reader | None]
"""What was made of the selections of a document, by the type and the nodes of each, which last as long as it does."""

_TEXTS: Final = {GraphQLString, GraphQLID}
_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF


class Irregular(Exception):
    """A value is not what the schema says."""


class PlainFieldsExecutor(ExecutorThrowingOnIncremental):
    """Executes operations as graphql-core does, in a third of its time where lists are answered.

    Args:
        args: Those of graphql-core.
        readers: What other executions of the same document have made; None: they cannot be used.
        kwargs: Those of graphql-core.
    """

    def __init__(self, *args: Any, readers: Readers | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._readers: Readers = {} if readers is None else readers

    @override
    def complete_list_value(
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: None,
    ) -> AwaitableOrValue[list[Any]]:
        """Complete a list, at once where its items are plain."""
        read = self._reader(return_type, field_details_list) if isinstance(result, list) else None
        if read is not None:
            try:
                items: list[Any] = read(result)
            except Exception:  # noqa: BLE001, S110  # graphql-core meets it again, and says where.
                pass
            else:
                return items
        return super().complete_list_value(return_type, field_details_list, info, path, result, position_context)

    @override
    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: None,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Complete an object, at once where it is plain."""
        read = self._reader(return_type, field_details_list)
        if read is not None:
            try:
                members: dict[str, Any] = read(result)
            except Exception:  # noqa: BLE001, S110  # As above.
                pass
            else:
                return members
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    def _reader(self, kind: GraphQLOutputType, field_details_list: FieldDetailsList) -> Reader | None:
        key = (id(kind), *(id(details.node) for details in field_details_list))
        if key not in self._readers:
            try:
                self._readers[key] = self._make_reader(kind, field_details_list)
            except GraphQLError:
                # Null was sent for the condition of a `@skip` or `@include`: graphql-core meets it again, as above.
                self._readers[key] = None
        return self._readers[key]

    def _make_reader(self, kind: GraphQLOutputType, field_details_list: FieldDetailsList) -> Reader | None:
        """Make what completes a value of a type, None where more is selected of it than attributes."""
        if isinstance(kind, GraphQLNonNull):
            inner = self._make_reader(kind.of_type, field_details_list)
            if inner is not None and kind.of_type in _TEXTS:
                return _text(inner)
            return None if inner is None else _never_null(inner)
        if isinstance(kind, GraphQLList):
            inner = self._make_reader(kind.of_type, field_details_list)
            return None if inner is None else _list_of(inner)
        if isinstance(kind, GraphQLObjectType):
            return self._make_object_reader(kind, field_details_list)
        return _leaf(kind) if is_leaf_type(kind) else None

    def _make_object_reader(self, kind: GraphQLObjectType, field_details_list: FieldDetailsList) -> Reader | None:
        definition = kind.extensions.get(_DEFINITION)
        if definition is None:
            return None
        selected = self.collect_subfields(kind, field_details_list).grouped_field_set
        members = [(name, *self._make_member_reader(kind, nodes)) for name, nodes in selected.items()]
        plain = [(name, attribute, read) for name, attribute, read in members if read is not None]
        return _object(definition.origin, plain) if len(plain) == len(members) else None

    def _make_member_reader(self, parent: GraphQLObjectType, nodes: FieldDetailsList) -> tuple[Reader, Reader | None]:
        """Make what reads the attribute of a field, and what completes its value."""
        name = nodes[0].node.name.value
        if name == "__typename":
            return _itself, lambda _: parent.name
        field = self.schema.get_field(parent, name)
        # Strawberry marks its own resolvers so, those that read the attribute of the field's name and do nothing else.
        if field is None or not getattr(field.resolve, "_is_default", False):
            return _itself, None
        return attrgetter(field.extensions[_DEFINITION].python_name), self._make_reader(field.type, nodes)


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
