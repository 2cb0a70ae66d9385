"""Makes what resolvers take of what clients send, by closures that are made once for an operation.

graphql-core asks of each value what its type is, and Strawberry asks it again of the result: together they take as long
as the rest of a query does. A value that is not as its type says is Irregular: graphql-core meets it again, and tells
what is wrong with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_required_input_field,
    type_from_ast,
    value_from_ast_untyped,
)
from strawberry import UNSET
from strawberry.schema.schema_converter import GraphQLCoreConverter

from todo_gql.graphql.irregular import Irregular

type Read = Callable[[Any], Any]
"""Makes of a value, as JSON has it, what Strawberry would give a resolver. Raises Irregular."""

type Arguments = dict[str, Any]
"""By the names that they have in Python; one that has neither value nor default is not there."""

_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF
_TEXTS: Final = {GraphQLString, GraphQLID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The variables of one request: as they were sent or are by default, and what was made of them."""

    sent: Mapping[str, Any]
    made: Mapping[str, Any]


class VariableReader:
    """Reads the variables of one operation, which is valid."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._variables: list[tuple[str, Any, Read, bool]] = []
        for definition in definitions:
            kind = cast("GraphQLInputType", type_from_ast(schema, definition.type))
            given = definition.default_value
            default = Undefined if given is None else value_from_ast_untyped(given)
            is_required = isinstance(kind, GraphQLNonNull)
            self._variables.append((definition.variable.name.value, default, reader_of(kind), is_required))

    def read(self, given: Mapping[str, Any]) -> Values:
        """Read what was sent. Raises Irregular."""
        sent: dict[str, Any] = {}
        made: dict[str, Any] = {}
        for name, default, read, is_required in self._variables:
            value = given.get(name, default)
            if value is not Undefined:
                sent[name] = value
                made[name] = read(value)
            elif is_required:
                raise Irregular
        return Values(sent=sent, made=made)


def arguments_reader(field: GraphQLField, node: FieldNode) -> Callable[[Values], Arguments]:
    """Make what reads the arguments of a field at one place of a valid document; it raises Irregular."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    defaults: Arguments = {}
    readers: list[tuple[str, Read]] = []
    for name, argument in field.args.items():
        definition = argument.extensions[_DEFINITION]
        if definition.default is not UNSET:
            defaults[definition.python_name] = definition.default
        if name in given:
            readers.append((definition.python_name, _argument(given[name], argument.type)))

    def read_arguments(values: Values) -> Arguments:
        arguments = defaults.copy()
        for name, read in readers:
            value = read(values)
            if value is not Undefined:
                arguments[name] = value
        return arguments

    return read_arguments


@cache
def reader_of(kind: GraphQLInputType) -> Read:
    """Make what reads values of a type."""
    match kind:
        case GraphQLNonNull():
            return _never_null(reader_of(kind.of_type))
        case GraphQLList():
            return _list(reader_of(kind.of_type))
        case GraphQLInputObjectType():
            return _object(kind)
        case GraphQLEnumType():
            # Strawberry takes a while to find a member by its name.
            return _enum({name: kind.coerce_input_value(name) for name in kind.values})
        case _:
            return _scalar(cast("GraphQLLeafType", kind))


def _argument(node: ValueNode, kind: GraphQLInputType) -> Callable[[Values], Any]:
    if isinstance(node, VariableNode):
        name, may_be_null = node.name.value, not isinstance(kind, GraphQLNonNull)

        def read_variable(values: Values) -> Any:
            value = values.made.get(name, Undefined)
            if value is None and not may_be_null:
                raise Irregular  # Null was sent where a default made a variable do.
            return value

        return read_variable
    read, write = reader_of(kind), _written(node)
    return lambda values: read(write(values.sent))


def _written(node: ValueNode) -> Callable[[Mapping[str, Any]], Any]:
    """Make what gives a value of the document as it would be sent; variables may stand in it."""
    match node:
        case VariableNode():
            name = node.name.value
            return lambda sent: sent.get(name, Undefined)
        case ListValueNode():
            items = [_written(item) for item in node.values]

            def write_list(sent: Mapping[str, Any]) -> list[Any]:
                return [None if (value := write(sent)) is Undefined else value for write in items]

            return write_list
        case ObjectValueNode():
            members = [(member.name.value, _written(member.value)) for member in node.fields]

            def write_object(sent: Mapping[str, Any]) -> dict[str, Any]:
                return {name: value for name, write in members if (value := write(sent)) is not Undefined}

            return write_object
        case _:
            constant = value_from_ast_untyped(node)
            return lambda _: constant


def _never_null(read: Read) -> Read:
    def read_value(value: Any) -> Any:
        if value is None:
            raise Irregular
        return read(value)

    return read_value


def _list(read: Read) -> Read:
    def read_list(value: Any) -> list[Any] | None:
        if value is None:
            return None
        # One item stands for a list of it.
        return [read(item) for item in value] if isinstance(value, list) else [read(value)]

    return read_list


def _object(kind: GraphQLInputObjectType) -> Read:
    definition = kind.extensions[_DEFINITION]
    make, is_one_of = definition.origin, definition.is_one_of
    members = {
        name: (field.extensions[_DEFINITION].python_name, reader_of(field.type)) for name, field in kind.fields.items()
    }
    required = {members[name][0] for name, field in kind.fields.items() if is_required_input_field(field)}

    def read_object(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, dict) or not value.keys() <= members.keys():
            raise Irregular
        given = {}
        for name, item in value.items():
            python_name, read = members[name]
            given[python_name] = read(item)
        if not required <= given.keys() or (is_one_of and (len(given) != 1 or None in given.values())):
            raise Irregular
        return make(**given)

    return read_object


def _enum(members: Mapping[str, Any]) -> Read:
    def read_enum(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str) or value not in members:
            raise Irregular
        return members[value]

    return read_enum


def _scalar(kind: GraphQLLeafType) -> Read:
    coerce, is_text = kind.coerce_input_value, kind in _TEXTS

    def read_scalar(value: Any) -> Any:
        if value is None or (is_text and type(value) is str):
            return value
        try:
            return coerce(value)
        except Exception as error:
            raise Irregular from error

    return read_scalar
