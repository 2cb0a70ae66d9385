"""How large a document is, measured before it is validated: validation takes the square of some of this.

Every fragment is measured once, however often it is spread, so that a document costs no more than its own length.
"""

from dataclasses import dataclass, fields, replace
from typing import Final, Self

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
)

MAX_INTROSPECTED_FIELDS: Final = 500
"""Tools ask for the whole schema in one query of some 230 fields; what it asks in depth, graphql-core bounds."""

_SCHEMA_FIELDS: Final = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """The most that a document may have, fragments expanded."""

    max_tokens: int
    max_depth: int
    max_aliases: int
    max_fields: int
    max_directives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What a selection comes to, fragments expanded; what asks for the schema counts apart."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    introspected: int = 0

    def __add__(self, other: Self) -> "Size":
        """Put two selections side by side."""
        return Size(
            depth=max(self.depth, other.depth),
            fields=self.fields + other.fields,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
            introspected=self.introspected + other.introspected,
        )


_NAMES: Final = tuple(field.name for field in fields(Size))


def check_limits(document: DocumentNode, limits: DocumentLimits) -> list[GraphQLError]:
    """Report every limit that a document passes."""
    try:
        size = measure(document)
    except RecursionError:
        return [excess("depth", None, limits.max_depth)]
    bounds = {
        "depth": limits.max_depth,
        "fields": limits.max_fields,
        "aliases": limits.max_aliases,
        "directives": limits.max_directives,
        "introspected": MAX_INTROSPECTED_FIELDS,
    }
    return [excess(name, actual, bounds[name]) for name in _NAMES if (actual := getattr(size, name)) > bounds[name]]


def measure(document: DocumentNode) -> Size:
    """Measure all operations of a document together; a fragment that none of them spreads counts by itself."""
    measuring = _Measuring(document)
    whole = sum((measuring.definition(operation) for operation in measuring.operations), Size())
    sizes = [whole, *(measuring.fragment(name) for name in measuring.fragments)]
    return Size(**{name: max(getattr(size, name) for size in sizes) for name in _NAMES})


class _Measuring:
    def __init__(self, document: DocumentNode) -> None:
        self.operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def definition(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> Size:
        own = Size(directives=len(node.directives or ()))
        return sum((self._selection(child) for child in node.selection_set.selections), own)

    def fragment(self, name: str) -> Size:
        if name not in self._known:
            # What spreads itself is refused by validation; here it only must come to an end.
            self._known[name] = Size()
            node = self.fragments.get(name)
            self._known[name] = Size() if node is None else self.definition(node)
        return self._known[name]

    def _selection(self, node: SelectionNode) -> Size:
        own = Size(directives=len(node.directives or ()))
        match node:
            case FieldNode():
                return own + self._field(node)
            case FragmentSpreadNode():
                return own + self.fragment(node.name.value)
            case InlineFragmentNode():
                return sum((self._selection(child) for child in node.selection_set.selections), own)
            case _:
                return own

    def _field(self, node: FieldNode) -> Size:
        own = Size(aliases=int(node.alias is not None))
        children = () if node.selection_set is None else node.selection_set.selections
        inside = sum((self._selection(child) for child in children), own)
        if node.name.value in _SCHEMA_FIELDS:
            return replace(inside, depth=1, fields=0, introspected=inside.introspected + inside.fields + 1)
        return replace(inside, depth=inside.depth + 1, fields=inside.fields + 1)


def excess(name: str, actual: int | None, maximum: int) -> GraphQLError:
    """Say that a document passes a limit; without `actual`, nobody counted to the end."""
    counted = f"more than {maximum}" if actual is None else str(actual)
    noun = {"depth": "levels of fields", "introspected": "fields about the schema"}.get(name, name)
    where = "" if name == "tokens" else ", fragments expanded"
    return GraphQLError(
        f"The document has {counted} {noun}{where}; {maximum} are allowed.",
        extensions={"limit": name, "actual": actual, "maximum": maximum},
    )
