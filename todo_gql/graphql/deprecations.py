"""Which deprecated fields and arguments documents ask for, by schema coordinates: `Todo.done`, `Query.todos(order:)`.

What a variable holds, such as a deprecated field of an input, stands in no document, and is not seen here.
"""

from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    visit,
)

_NONE: Final[frozenset[str]] = frozenset()


class Deprecations:
    """Knows what of a schema is deprecated. Where nothing is, looking for it costs nothing."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._are_there = any(map(_has_deprecations, _fields(schema)))

    def in_document(self, document: DocumentNode) -> frozenset[str]:
        """Name what a valid document asks for that is deprecated."""
        if not self._are_there:
            return _NONE
        info = TypeInfo(self._schema)
        finder = _Finder(info)
        visit(document, TypeInfoVisitor(info, finder))
        return frozenset(finder.found)


def _fields(schema: GraphQLSchema) -> list[GraphQLField]:
    return [
        field
        for graphql_type in schema.type_map.values()
        if isinstance(graphql_type, GraphQLObjectType | GraphQLInterfaceType)
        for field in graphql_type.fields.values()
    ]


def _has_deprecations(field: GraphQLField) -> bool:
    parts: list[GraphQLField | GraphQLArgument] = [field, *field.args.values()]
    return any(part.deprecation_reason is not None for part in parts)


class _Finder(Visitor):
    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._info = info

    def enter_field(self, node: FieldNode, *_: object) -> None:
        field = self._info.get_field_def()
        if field is None:
            return
        coordinate = f"{self._info.get_parent_type()}.{node.name.value}"
        if field.deprecation_reason is not None:
            self.found.add(coordinate)
        for argument in node.arguments or ():
            if field.args[argument.name.value].deprecation_reason is not None:
                self.found.add(f"{coordinate}({argument.name.value}:)")
