"""Queries for todos that need no resolver: each of their root fields is one statement, which writes its own JSON.

A plan answers as graphql-core does with the resolvers, or leaves the operation to them before anything is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    located_error,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_argument

from todo_gql.graphql.context import Context
from todo_gql.graphql.selected_shapes import Nodes, NotShaped, SelectedShapes
from todo_gql.graphql.tracing import resolve_in_place_of
from todo_gql.todos.paging import DEFAULT_PAGE_SIZE, PageRequest
from todo_gql.todos.queries import TodoFilter
from todo_gql.todos.shapes import Sizes

_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF

_ALL: Final = TodoFilter()
_KEPT_INPUTS: Final = 100

type Arguments = Mapping[str, Any]
"""By their names in the schema; input objects are those of the core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an operation came to; a member of `data` may be JSON already (`orjson.Fragment`)."""

    data: dict[str, Any]
    errors: list[GraphQLError]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """How to read a root field, and how many todos that comes to at most."""

    start: Callable[[], Awaitable[str]]
    objects: int


type _Prepare = Callable[[Context, Arguments, Sizes], _Read | None]
"""Says how to read a root field with these arguments; None: only its resolver can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A root field."""

    nodes: Nodes
    field: GraphQLField
    prepare: _Prepare


class _Inputs:
    """Makes filters and orders as Strawberry does for resolvers, once for equal ones: it takes its time."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._converter = schema.extensions[_DEFINITION].schema_converter
        self._made: dict[tuple[str, str], Any] = {}

    def in_arguments(self, field: GraphQLField, given: Arguments) -> Arguments:
        """Replace what is an input object."""
        return {
            name: self._make(field, name, value) if isinstance(value, dict) else value for name, value in given.items()
        }

    def _make(self, field: GraphQLField, name: str, value: dict[str, Any]) -> Any:
        key = name, repr(value)
        if key not in self._made:
            if len(self._made) >= _KEPT_INPUTS:
                self._made.clear()
            argument = field.args[name].extensions[_DEFINITION]
            converter = self._converter
            made: Any = convert_argument(value, argument.type, converter.scalar_registry, converter.config)
            self._made[key] = made.to_domain()
        return self._made[key]


class Plan:
    """How to answer one operation. Made by `make_plan`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        shapes: SelectedShapes,
        roots: Mapping[str, _Root | None],
    ) -> None:
        self._schema = schema
        self._inputs = _Inputs(schema)
        self._variables = operation.variable_definitions or ()
        self._sizes = shapes.sizes
        self._coordinates = tuple(shapes.coordinates)
        self._roots = roots

    async def run(self, context: Context, variables: dict[str, Any]) -> Found | None:
        """Answer the operation; None: the resolvers are to do it, as they answer these values in another way."""
        values = get_variable_values(self._schema, self._variables, variables)
        if isinstance(values, list):
            return None
        limits = context.service.limits
        sizes = self._read_sizes(values, limits.max_page_size)
        if sizes is None:
            return None
        reads: dict[str, _Read] = {}
        for name, root in self._roots.items():
            if root is not None:
                try:
                    given = get_argument_values(root.field, root.nodes[0], values)
                except GraphQLError:
                    return None  # Null was sent where a default made a variable do.
                read = root.prepare(context, self._inputs.in_arguments(root.field, given), sizes)
                if read is None:
                    return None
                reads[name] = read
        if sum(read.objects for read in reads.values()) > context.budget.left:
            return None
        return await self._read(reads)

    async def _read(self, reads: Mapping[str, _Read]) -> Found:
        data: dict[str, Any] = {name: "Query" if root is None else None for name, root in self._roots.items()}
        errors: list[GraphQLError] = []

        async def read(name: str, root: _Root) -> None:
            coordinate = f"Query.{root.nodes[0].name.value}"
            try:
                text = await resolve_in_place_of(self._coordinates, coordinate, reads[name].start())
            except Exception as error:  # noqa: BLE001  # As graphql-core does: every root that is planned is nullable.
                errors.append(located_error(error, root.nodes, [name]))
            else:
                data[name] = orjson.Fragment(text)

        running = [read(name, root) for name, root in self._roots.items() if root is not None]
        if len(running) == 1:
            await running[0]
        elif running:
            await asyncio.gather(*running)
        return Found(data=data, errors=errors)

    def _read_sizes(self, values: VariableValues, most: int) -> Sizes | None:
        """Read how many todos each list below a todo shows; None where it may not be so many."""
        sizes: dict[str, int] = {}
        for name, node in self._sizes.items():
            size: int | None = None
            if node is not None:
                size = int(node.value) if isinstance(node, IntValueNode) else values.coerced.get(node.name.value)
            if size is not None and not 1 <= size <= most:
                return None
            sizes[name] = min(DEFAULT_PAGE_SIZE, most) if size is None else size
        return sizes


def make_plan(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Plan | None:
    """Make the plan of a valid operation without `@skip` and `@include`; None where only resolvers can answer."""
    query_type = schema.query_type
    if operation.operation is not OperationType.QUERY or query_type is None:
        return None
    shapes = SelectedShapes(schema, document)
    roots: dict[str, _Root | None] = {}
    try:
        for name, nodes in shapes.members(query_type.name, [operation.selection_set]).items():
            field = nodes[0].name.value
            if field == "__typename":
                roots[name] = None
                continue
            # First: what is asked about the schema is none of its fields.
            prepare = _preparing(field, nodes, shapes)
            roots[name] = _Root(nodes=nodes, field=query_type.fields[field], prepare=prepare)
    except NotShaped:
        return None
    return Plan(schema, operation, shapes, roots)


def _preparing(field: str, nodes: Nodes, shapes: SelectedShapes) -> _Prepare:
    match field:
        case "todo":
            return _todo(nodes, shapes)
        case "todos":
            return _todos(nodes, shapes)
        case "nextTodos":
            return _next_todos(nodes, shapes)
        case _:
            raise NotShaped


def _todo(nodes: Nodes, shapes: SelectedShapes) -> _Prepare:
    shape = shapes.todo(nodes)

    def prepare(context: Context, arguments: Arguments, sizes: Sizes) -> _Read | None:
        if arguments["trashed"]:
            return None
        return _Read(
            start=lambda: context.todos.texts.todo(arguments["id"], shape, sizes), objects=shape.objects(sizes)
        )

    return prepare


def _todos(nodes: Nodes, shapes: SelectedShapes) -> _Prepare:
    shape = shapes.connection(nodes)

    def prepare(context: Context, arguments: Arguments, sizes: Sizes) -> _Read | None:
        if arguments.get("last") is not None or arguments.get("before") is not None:
            return None
        request = PageRequest(first=arguments.get("first"), after=arguments.get("after"))
        todo_filter = arguments.get("filter") or _ALL
        return _Read(
            start=lambda: context.todos.texts.page(request, todo_filter, arguments["orderBy"], shape, sizes),
            objects=shape.objects(_most(request.first, context), sizes),
        )

    return prepare


def _next_todos(nodes: Nodes, shapes: SelectedShapes) -> _Prepare:
    shape = shapes.todo(nodes)

    def prepare(context: Context, arguments: Arguments, sizes: Sizes) -> _Read:
        first = arguments["first"]
        todo_filter = arguments.get("filter") or _ALL
        return _Read(
            start=lambda: context.todos.texts.next(first, todo_filter, shape, sizes),
            objects=_most(first, context) * shape.objects(sizes),
        )

    return prepare


def _most(first: int | None, context: Context) -> int:
    """Say how many todos a page shows at most; one that asks for too many is refused when it is read."""
    return min(DEFAULT_PAGE_SIZE if first is None else max(first, 0), context.service.limits.max_page_size)
