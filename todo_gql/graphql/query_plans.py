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
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    located_error,
)

from todo_gql.graphql.context import Context
from todo_gql.graphql.input_readers import Arguments, Values, VariableReader, arguments_reader
from todo_gql.graphql.members import Members, Nodes
from todo_gql.graphql.operation_trace import resolve_in_place_of
from todo_gql.graphql.outcomes import Found, Irregular
from todo_gql.graphql.selected_shapes import NotShaped, SelectedShapes
from todo_gql.todos.paging import DEFAULT_PAGE_SIZE, PageRequest
from todo_gql.todos.queries import ALL, TodoFilter
from todo_gql.todos.shapes import Sizes

_KEPT_COUNTS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """How to read a root field, and how many todos that comes to at most."""

    start: Callable[[], Awaitable[str]]
    objects: int


type _Prepare = Callable[[Context, Arguments, Sizes], _Read]
"""Says how to read a root field with these arguments. Raises Irregular where only its resolver can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A root field."""

    nodes: Nodes
    read_arguments: Callable[[Values], Arguments]
    prepare: _Prepare


class QueryPlan:
    """How to answer one query. Made by `make_query_plan`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        shapes: SelectedShapes,
        roots: Mapping[str, _Root | None],
    ) -> None:
        self._variables = VariableReader(schema, operation.variable_definitions or ())
        self._sizes = shapes.sizes
        self._coordinates = tuple(shapes.coordinates)
        self._roots = roots

    async def run(self, context: Context, variables: dict[str, Any]) -> Found | None:
        """Answer the operation; None: the resolvers are to do it, as they answer these values in another way."""
        try:
            reads = self._prepare(context, self._variables.read(variables))
        except Irregular:
            return None
        if sum(read.objects for read in reads.values()) > context.budget.left:
            return None
        return await self._read(reads)

    def _prepare(self, context: Context, values: Values) -> dict[str, _Read]:
        """Say how to read each root field. Raises Irregular."""
        sizes = self._read_sizes(values, context.service.limits.max_page_size)
        return {
            name: root.prepare(context, root.read_arguments(values), sizes)
            for name, root in self._roots.items()
            if root is not None
        }

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

    def _read_sizes(self, values: Values, most: int) -> Sizes:
        """Read how many todos each list below a todo shows. Raises Irregular where it may not be so many."""
        sizes: dict[str, int] = {}
        for name, node in self._sizes.items():
            size: int | None = None
            if node is not None:
                size = int(node.value) if isinstance(node, IntValueNode) else values.made.get(node.name.value)
            if size is not None and not 1 <= size <= most:
                raise Irregular
            sizes[name] = min(DEFAULT_PAGE_SIZE, most) if size is None else size
        return sizes


def make_query_plan(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> QueryPlan | None:
    """Make the plan of a valid query without `@skip` and `@include`; None where only resolvers can answer."""
    query_type = schema.query_type
    if query_type is None:
        return None
    members = Members(schema, document)
    shapes = SelectedShapes(members)
    roots: dict[str, _Root | None] = {}
    try:
        for name, nodes in members.of([operation.selection_set], query_type.name).items():
            field = nodes[0].name.value
            if field == "__typename":
                roots[name] = None
                continue
            # First: what is asked about the schema is none of its fields.
            prepare = _preparing(field, nodes, shapes)
            read_arguments = arguments_reader(query_type.fields[field], nodes[0])
            roots[name] = _Root(nodes=nodes, read_arguments=read_arguments, prepare=prepare)
    except NotShaped:
        return None
    return QueryPlan(schema, operation, shapes, roots)


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
    objects = _counted(shape.objects)

    def prepare(context: Context, arguments: Arguments, sizes: Sizes) -> _Read:
        if arguments["trashed"]:
            raise Irregular
        return _Read(start=lambda: context.todos.texts.todo(arguments["id"], shape, sizes), objects=objects(sizes))

    return prepare


def _todos(nodes: Nodes, shapes: SelectedShapes) -> _Prepare:
    shape = shapes.connection(nodes)
    objects = _counted(shape.objects)

    def prepare(context: Context, arguments: Arguments, sizes: Sizes) -> _Read:
        if arguments.get("last") is not None or arguments.get("before") is not None:
            raise Irregular
        request = PageRequest(first=arguments.get("first"), after=arguments.get("after"))
        todo_filter, order = _filter(arguments), arguments["order_by"].to_domain()
        return _Read(
            start=lambda: context.todos.texts.page(request, todo_filter, order, shape, sizes),
            objects=_most(request.first, context) * objects(sizes),
        )

    return prepare


def _next_todos(nodes: Nodes, shapes: SelectedShapes) -> _Prepare:
    shape = shapes.todo(nodes)
    objects = _counted(shape.objects)

    def prepare(context: Context, arguments: Arguments, sizes: Sizes) -> _Read:
        first, todo_filter = arguments["first"], _filter(arguments)
        return _Read(
            start=lambda: context.todos.texts.next(first, todo_filter, shape, sizes),
            objects=_most(first, context) * objects(sizes),
        )

    return prepare


def _counted(count: Callable[[Sizes], int]) -> Callable[[Sizes], int]:
    """Count once for the same sizes, as long as they are not many."""
    counts: dict[tuple[int, ...], int] = {}

    def counted(sizes: Sizes) -> int:
        key = tuple(sizes.values())
        if key not in counts:
            if len(counts) >= _KEPT_COUNTS:
                counts.clear()
            counts[key] = count(sizes)
        return counts[key]

    return counted


def _filter(arguments: Arguments) -> TodoFilter:
    given = arguments.get("filter")
    return ALL if given is None else given.to_domain()


def _most(first: int | None, context: Context) -> int:
    """Say how many todos a page shows at most; one that asks for too many is refused when it is read."""
    return min(DEFAULT_PAGE_SIZE if first is None else max(first, 0), context.service.limits.max_page_size)
