"""From what a document selects of todos to a shape that the database can write."""

from collections.abc import Callable, Mapping
from typing import Final

from graphql import (
    FieldNode,
    IntValueNode,
    VariableNode,
)
from strawberry.utils.str_converters import to_camel_case

from todo_gql.graphql.members import Members, Nodes
from todo_gql.todos.shapes import (
    ConnectionShape,
    Constant,
    DependenciesShape,
    DependentsShape,
    DueField,
    DueShape,
    EdgeField,
    EdgesShape,
    NodesShape,
    PageField,
    PageInfoShape,
    TodoField,
    TodoShape,
)

_TODO_FIELDS: Final = {to_camel_case(field): field for field in TodoField}
_DUE_FIELDS: Final = {to_camel_case(field): field for field in DueField}
_PAGE_FIELDS: Final = {
    "hasNextPage": PageField.HAS_NEXT,
    "hasPreviousPage": PageField.HAS_PREVIOUS,
    "startCursor": PageField.START_CURSOR,
    "endCursor": PageField.END_CURSOR,
}
# Three with every field would need more of the stack of SQLite's parser than there is (100).
_MOST_LEVELS: Final = 2
# Of the fields above, those that have a span of their own when their resolvers run.
_RESOLVED: Final = {
    "isBlocked": "Todo.isBlocked",
    "dependencies": "Todo.dependencies",
    "dependents": "Todo.dependents",
    "hasNextPage": "PageInfo.hasNextPage",
    "hasPreviousPage": "PageInfo.hasPreviousPage",
}


class NotShaped(Exception):
    """Something is selected that the database does not write."""


class SelectedShapes:
    """Makes the shapes of one operation.

    Args:
        members: Those of its document.

    Attributes:
        coordinates: The resolvers that the shapes stand in for.
        sizes: Where the size of each list below a todo is given, None where it is not.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self.coordinates: dict[str, None] = {}
        self.sizes: dict[str, IntValueNode | VariableNode | None] = {}
        self._level = 0

    def todo(self, nodes: Nodes) -> TodoShape:
        """Make the shape of a todo. Raises NotShaped."""
        return TodoShape(self._shaped("Todo", nodes, self._todo_member))

    def connection(self, nodes: Nodes) -> ConnectionShape:
        """Make the shape of a page of todos. Raises NotShaped, also where none of them is shown."""
        members = self._shaped("TodoConnection", nodes, self._page_member)
        if not any(isinstance(member, NodesShape | EdgesShape) for member in members.values()):
            raise NotShaped
        return ConnectionShape(members)

    def _todo_member(self, nodes: Nodes) -> TodoField | DueShape | DependenciesShape | DependentsShape:
        match nodes[0].name.value:
            case "due":
                return DueShape(self._shaped("TodoDue", nodes, lambda field: _DUE_FIELDS[field[0].name.value]))
            case "dependencies":
                return DependenciesShape(self._below(self.todo, nodes))
            case "dependents":
                size = f"size_{len(self.sizes)}"
                self.sizes[size] = _size(nodes[0])
                return DependentsShape(size, self._below(self.connection, nodes))
            case name if name in _TODO_FIELDS:
                return _TODO_FIELDS[name]
            case _:
                raise NotShaped

    def _below[Shape](self, make: Callable[[Nodes], Shape], nodes: Nodes) -> Shape:
        """Make the shape of a list below a todo. Raises NotShaped where it lies too deep."""
        if self._level == _MOST_LEVELS:
            raise NotShaped
        self._level += 1
        try:
            return make(nodes)
        finally:
            self._level -= 1

    def _page_member(self, nodes: Nodes) -> NodesShape | EdgesShape | PageInfoShape:
        match nodes[0].name.value:
            case "nodes":
                return NodesShape(self.todo(nodes))
            case "edges":
                return EdgesShape(self._shaped("TodoEdge", nodes, self._edge_member))
            case "pageInfo":
                return PageInfoShape(self._shaped("PageInfo", nodes, lambda field: _PAGE_FIELDS[field[0].name.value]))
            case _:
                raise NotShaped

    def _edge_member(self, nodes: Nodes) -> EdgeField | TodoShape:
        return EdgeField.CURSOR if nodes[0].name.value == "cursor" else self.todo(nodes)

    def _shaped[Member](
        self, parent: str, nodes: Nodes, shape: Callable[[Nodes], Member]
    ) -> Mapping[str, Member | Constant]:
        shaped: dict[str, Member | Constant] = {}
        for name, same in self._members.below(nodes, parent).items():
            field = same[0].name.value
            shaped[name] = Constant(f'"{parent}"') if field == "__typename" else shape(same)
            if field in _RESOLVED:
                self.coordinates[_RESOLVED[field]] = None
        return shaped


def _size(node: FieldNode) -> IntValueNode | VariableNode | None:
    size = None
    for argument in node.arguments or ():
        if argument.name.value != "first" or not isinstance(argument.value, IntValueNode | VariableNode):
            raise NotShaped
        size = argument.value
    return size
