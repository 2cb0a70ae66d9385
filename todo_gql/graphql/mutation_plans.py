"""Mutations whose resolvers are called without graphql-core, and whose answers are read at once.

What stands between them in graphql-core and Strawberry takes as long as the rest of a creation. Where a resolver comes
to anything but an answer or a refusal, or one that is not as the schema says, graphql-core completes what it came to.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import DocumentNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
from strawberry.schema.schema_converter import GraphQLCoreConverter, field_contains_type
from strawberry.types.field import StrawberryField

from todo_gql.graphql.context import Context
from todo_gql.graphql.input_readers import Arguments, Values, VariableReader, arguments_reader
from todo_gql.graphql.members import Members, Nodes
from todo_gql.graphql.operation_trace import recorded
from todo_gql.graphql.outcomes import Found, Irregular, Outcomes
from todo_gql.graphql.plain_readers import PlainReaders, Reader
from todo_gql.graphql.problems import ForbiddenProblem, Refusals
from todo_gql.todos.problems import Problem

type _Resolve = Callable[..., Awaitable[Any]]

_DEFINITION: Final = GraphQLCoreConverter.DEFINITION_BACKREF
_REFUSALS: Final = Refusals()
_MOST_MEMBERS: Final = 300
"""In all the types that the results of a document can have: so plans take no more room than its cache counts on."""


@dataclass(frozen=True, slots=True)
class _Info:
    """What a mutation's resolver asks of Strawberry's `Info`."""

    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A root field."""

    coordinate: str
    definition: StrawberryField
    resolve: _Resolve
    read_arguments: Callable[[Values], Arguments]
    read: Reader

    async def call(self, context: Context, arguments: Arguments) -> Any:
        """Give what the resolver gives, or its refusal."""
        info: Any = _Info(context)
        try:
            return await self.resolve(None, info=info, **arguments)
        except Problem as problem:
            return _REFUSALS.handle(problem, field=self.definition, info=info)


class MutationPlan:
    """How to answer one mutation. Made by `make_mutation_plan`."""

    def __init__(self, variables: VariableReader, roots: Mapping[str, _Root | None]) -> None:
        self._variables = variables
        self._roots = roots

    async def run(self, context: Context, variables: dict[str, Any]) -> Found | Outcomes | None:
        """Do it, and give what it came to; None: nothing was done, as graphql-core takes these values otherwise."""
        try:
            values = self._variables.read(variables)
            arguments = {name: root.read_arguments(values) for name, root in self._roots.items() if root is not None}
        except Irregular:
            return None
        data: dict[str, Any] = {}
        outcomes: dict[str, Any] = {}
        # One after the other (GraphQL, section 6.2.2).
        for name, root in self._roots.items():
            if root is None:
                data[name] = "Mutation"
                continue
            try:
                outcomes[name] = await recorded(root.coordinate, root.call(context, arguments[name]))
                data[name] = root.read(outcomes[name])
            except Exception as error:  # noqa: BLE001  # graphql-core tells it, or finds out what it is about.
                outcomes.setdefault(name, error)
        return Found(data=data) if data.keys() == self._roots.keys() else Outcomes(outcomes)


def make_mutation_plan(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> MutationPlan | None:
    """Make the plan of a valid mutation without `@skip` and `@include`; None where answers are more than attributes."""
    kind = schema.mutation_type
    if kind is None:
        return None
    members = Members(schema, document)

    def collect(parent: GraphQLObjectType, nodes: Nodes) -> Iterator[tuple[str, str, Nodes]]:
        for name, same in members.below(nodes, parent.name).items():
            yield name, same[0].name.value, same

    readers = PlainReaders(schema, collect, lambda nodes: map(id, nodes), most_members=_MOST_MEMBERS)
    roots: dict[str, _Root | None] = {}
    for name, nodes in members.of([operation.selection_set], kind.name).items():
        field_name = nodes[0].name.value
        field = kind.fields.get(field_name)
        if field is None:
            roots[name] = None  # `__typename`
            continue
        read = readers.make(field.type, nodes)
        definition: StrawberryField = field.extensions[_DEFINITION]
        resolve = _resolver_of(definition)
        if read is None or resolve is None:
            return None
        roots[name] = _Root(
            coordinate=f"{kind.name}.{field_name}",
            definition=definition,
            resolve=resolve,
            read_arguments=arguments_reader(field, nodes[0]),
            read=read,
        )
    return MutationPlan(VariableReader(schema, operation.variable_definitions or ()), roots)


def _resolver_of(field: StrawberryField) -> _Resolve | None:
    """Give what Strawberry would call, None where it would do something beside that."""
    resolver = field.base_resolver
    if resolver is None or resolver.info_parameter is None or field.permission_classes or field.extensions:
        return None
    is_refused_as_others = field_contains_type(field, ForbiddenProblem)
    return cast("_Resolve", resolver.wrapped_func) if field.is_async and is_refused_as_others else None
