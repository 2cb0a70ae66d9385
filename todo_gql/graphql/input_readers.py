"""Makes what resolvers take of what clients send, by closures that are made once for an operation.

graphql-core asks of each value what its type is, and Strawberry asks it again of the result: together they take as long
as the rest of a query does. A value that is not as its type says is Irregular: graphql-core meets it again, and tells
what is wrong with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from functools import cache
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedInputType,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    IntValueNode,
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

from todo_gql.graphql.outcomes import Irregular

type Read = Callable[[Any], Any]
"""Makes of a value, as JSON has it, what Strawberry would give a resolver. Raises Irregular."""

type Arguments = dict[str, Any]
"""By the names that they have in Python; one that has neither value nor default is not there."""

_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF
_TEXTS: Final = {GraphQLString, GraphQLID}


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The variables of one request: as JSON has them, sent or by default, and what was made of them."""

    raw: Mapping[str, Any]
    made: Mapping[str, Any]


class VariableReader:
    """Reads the variables of one operation, which is valid."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._variables: list[tuple[str, Any, Read, bool]] = []
        for definition in definitions:
            kind = cast("GraphQLInputType", type_from_ast(schema, definition.type))
            given = definition.default_value
            default = Undefined if given is None else _raw(given)({})
            is_required = isinstance(kind, GraphQLNonNull)
            self._variables.append((definition.variable.name.value, default, reader_of(kind), is_required))

    def read(self, given: Mapping[str, Any]) -> Values:
        """Read what was sent. Raises Irregular."""
        raw: dict[str, Any] = {}
        made: dict[str, Any] = {}
        for name, default, read, is_required in self._variables:
            value = given.get(name, default)
            if value is not Undefined:
                raw[name] = value
                made[name] = read(value)
            elif is_required:
                raise Irregular
        return Values(raw=raw, made=made)


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


def reader_of(kind: GraphQLInputType) -> Read:
    """Make what reads values of a type."""
    match kind:
        case GraphQLNonNull():
            return _never_null(reader_of(kind.of_type))
        case GraphQLList():
            return _list(reader_of(kind.of_type))
        case _:
            return _reader_of_named(kind)


# Not of lists and non-null types too: each document makes its own of those.
@cache
def _reader_of_named(kind: GraphQLNamedInputType) -> Read:
    match kind:
        case GraphQLInputObjectType():
            return _object(kind)
        case GraphQLEnumType():
            # Strawberry takes a while to find a member by its name.
            return _enum({name: kind.coerce_input_value(name) for name in kind.values})
        case _:
            return _scalar(kind)


def _argument(node: ValueNode, kind: GraphQLInputType) -> Callable[[Values], Any]:
    if isinstance(node, VariableNode):
        name, may_be_null = node.name.value, not isinstance(kind, GraphQLNonNull)

        def read_variable(values: Values) -> Any:
            value = values.made.get(name, Undefined)
            if value is None and not may_be_null:
                raise Irregular  # Null was sent where a default made a variable do.
            return value

        return read_variable
    read, give = reader_of(kind), _raw(node)
    return lambda values: read(give(values.raw))


def _raw(node: ValueNode) -> Callable[[Mapping[str, Any]], Any]:
    """Make what gives a value of the document as JSON would have it, with the variables that stand in it."""
    match node:
        case VariableNode():
            name = node.name.value
            return lambda variables: variables.get(name, Undefined)
        case ListValueNode():
            items = [_raw(item) for item in node.values]

            def give_list(variables: Mapping[str, Any]) -> list[Any]:
                return [None if (value := give(variables)) is Undefined else value for give in items]

            return give_list
        case ObjectValueNode():
            members = [(member.name.value, _raw(member.value)) for member in node.fields]

            def give_object(variables: Mapping[str, Any]) -> dict[str, Any]:
                return {name: value for name, give in members if (value := give(variables)) is not Undefined}

            return give_object
        case IntValueNode(value="-0"):
            return lambda _: "-0"  # As an ID is written. It is no text where a number is wanted: graphql-core reads it.
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
    # As Strawberry does: what may be left out, and has no default, is null.
    implied = {
        field.python_name: None
        for field in definition.fields
        if field.default is MISSING and field.default_factory is MISSING and field.python_name not in required
    }

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
        return make(**{**implied, **given})

    return read_object


def _enum(members: Mapping[str, Any]) -> Read:
    def read_enum(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str) or value not in members:
            raise Irregular
        return members[value]

    return read_enum


def _scalar(kind: GraphQLScalarType) -> Read:
    coerce, is_text = kind.coerce_input_value, kind in _TEXTS

    def read_scalar(value: Any) -> Any:
        if value is None or (is_text and type(value) is str):
            return value
        try:
            return coerce(value)
        except Exception as error:  # What a scalar's own parser raises is its own affair, as in graphql-core.
            raise Irregular from error

    return read_scalar
