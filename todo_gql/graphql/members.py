"""What a document selects of an object, with its fragments taken apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_abstract_type,
)

type Nodes = Sequence[FieldNode]
"""The places of one member of an answer: equal fields, whose selections are merged."""


class Members:
    """Collects members of answers to a valid document that has no `@skip` and no `@include`."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def below(self, nodes: Nodes, parent: str) -> Mapping[str, Nodes]:
        """Collect what is selected below a member of an object type, by the names that it has in the answer."""
        return self.of((node.selection_set for node in nodes if node.selection_set is not None), parent)

    def of(self, selections: Iterable[SelectionSetNode], parent: str) -> Mapping[str, Nodes]:
        """Collect what these select of an object type."""
        kind = cast("GraphQLObjectType", self._schema.type_map[parent])
        members: dict[str, list[FieldNode]] = {}
        for selection_set in selections:
            for node in self._fields(selection_set, kind):
                members.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return members

    def _fields(self, selection_set: SelectionSetNode, parent: GraphQLObjectType) -> Iterator[FieldNode]:
        for node in selection_set.selections:
            match node:
                case FieldNode():
                    yield node
                case FragmentSpreadNode():
                    fragment = self._fragments[node.name.value]
                    if self._applies(fragment, parent):
                        yield from self._fields(fragment.selection_set, parent)
                case InlineFragmentNode():
                    if self._applies(node, parent):
                        yield from self._fields(node.selection_set, parent)
                case _:
                    pass  # There is no other kind.

    def _applies(self, node: FragmentDefinitionNode | InlineFragmentNode, parent: GraphQLObjectType) -> bool:
        if node.type_condition is None or node.type_condition.name.value == parent.name:
            return True
        kind = self._schema.type_map[node.type_condition.name.value]
        return is_abstract_type(kind) and self._schema.is_sub_type(kind, parent)
