"""What an operation may come to: how many objects it can resolve at most, judged before it runs.

A list counts as often as its page size says, or what is asked for by id, or what a bulk does; one without a size
counts as ten.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    value_from_ast_untyped,
)

from todo_gql.todos.paging import DEFAULT_PAGE_SIZE

ASSUMED_LIST_SIZE: Final = 10
"""A todo can have 50 dependencies; nearly all have fewer than ten."""

_KEPT: Final = 100


def estimate_cost(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    *,
    max_page_size: int,
) -> int:
    """Estimate the objects that a valid operation can resolve. Its fields are few: limits come first."""
    estimating = _Estimating(schema, document, {**_defaults(operation), **variables}, max_page_size)
    root = schema.get_root_type(operation.operation)
    return 0 if root is None else estimating.selections(operation.selection_set, root, page_size=1)


class Costs:
    """What the operations of one document cost: estimated once for variables of equal size.

    Args:
        schema: What the document was validated against.
        document: The document.
    """

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._document = document
        self._known: dict[tuple[object, ...], int] = {}

    def of(self, operation: OperationDefinitionNode, variables: Mapping[str, Any], *, max_page_size: int) -> int:
        """Give the cost of one of its operations with these variables."""
        declared = operation.variable_definitions or ()
        sizes = (_size_of(variables.get(definition.variable.name.value, Undefined)) for definition in declared)
        key = (id(operation), max_page_size, *sizes)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = estimate_cost(
                self._schema, self._document, operation, variables, max_page_size=max_page_size
            )
        return self._known[key]


def _size_of(value: object) -> object:
    """Give all that an estimate wants of a variable's value."""
    if value is Undefined or isinstance(value, int):
        return value
    return (len(value),) if isinstance(value, list) else None


class _Estimating:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        variables: Mapping[str, Any],
        max_page_size: int,
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._max_page_size = max_page_size
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def selections(self, selection_set: SelectionSetNode, parent: GraphQLNamedType, *, page_size: int) -> int:
        """Add up what is selected of one object; `page_size` is how many a connection's lists hold."""
        return sum(self._field(node, field, page_size) for node, field in self._fields(selection_set, parent))

    def _fields(
        self, selection_set: SelectionSetNode, parent: GraphQLNamedType
    ) -> Iterator[tuple[FieldNode, GraphQLField]]:
        for node in selection_set.selections:
            match node:
                case FieldNode() if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
                    # What begins with two underscores is about the schema and has bounds of its own.
                    if field := parent.fields.get(node.name.value):
                        yield node, field
                case FragmentSpreadNode():
                    fragment = self._fragments[node.name.value]
                    yield from self._fields(fragment.selection_set, self._type(fragment, parent))
                case InlineFragmentNode():
                    yield from self._fields(node.selection_set, self._type(node, parent))
                case _:
                    pass

    def _type(self, node: FragmentDefinitionNode | InlineFragmentNode, parent: GraphQLNamedType) -> GraphQLNamedType:
        condition = node.type_condition
        return parent if condition is None else self._schema.type_map[condition.name.value]

    def _field(self, node: FieldNode, field: GraphQLField, page_size: int) -> int:
        kind = get_named_type(field.type)
        if node.selection_set is None or is_leaf_type(kind):
            return 0
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        if not _is_list(field.type):
            own_size = self._size(arguments, field) or DEFAULT_PAGE_SIZE
            # A bulk does what it is asked to whether or not its results are selected.
            done = own_size if "operations" in field.args else 1
            return done + self.selections(node.selection_set, kind, page_size=own_size)
        is_page = node.name.value in {"nodes", "edges", "todos", "deleted", "results"} and not field.args
        times = page_size if is_page else self._size(arguments, field) or ASSUMED_LIST_SIZE
        return times * (1 + self.selections(node.selection_set, kind, page_size=1))

    def _size(self, arguments: Mapping[str, ValueNode], field: GraphQLField) -> int | None:
        """Read how many are asked for: `first`, `last`, or as many as there are `ids` or `operations`."""
        for name in ("first", "last", "ids", "operations"):
            if name in field.args:
                value = self._value(arguments[name]) if name in arguments else field.args[name].default_value
                # Larger pages are refused when it is their turn.
                if isinstance(value, int) and value > 0:
                    return min(value, self._max_page_size)
                if isinstance(value, list):
                    return len(value) if name == "operations" else min(len(value), self._max_page_size)
        return None

    def _value(self, node: ValueNode) -> object:
        match node:
            case VariableNode():
                return self._variables.get(node.name.value)
            case IntValueNode():
                return int(node.value)
            case ListValueNode():
                return list(node.values)
            case _:
                return None


def _defaults(operation: OperationDefinitionNode) -> Mapping[str, Any]:
    return {
        definition.variable.name.value: value_from_ast_untyped(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def _is_list(kind: GraphQLOutputType) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)
