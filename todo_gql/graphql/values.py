"""How many values the variables bring: each is checked and converted anew wherever its variable is used.

Nothing else can happen meanwhile, no deadline either: 45,000 operations of a bulk, used four times, took 15 s.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from graphql import SKIP, DocumentNode, VariableDefinitionNode, VariableNode, Visitor, VisitorAction, visit

MOST_PER_ITEM: Final = 100
"""A creation in a bulk has 62 values: 50 dependencies, every other field, and the objects around them."""

_FEW: Final = 100
"""So many can be used in every place that a document has room for, and need no look at the document."""


def count_values(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """Count the values of each variable as often as the document uses it; 0 where there are few."""
    sizes = {name: _size(value) for name, value in variables.items()}
    if sum(sizes.values()) <= _FEW:
        return 0
    uses = _Uses()
    visit(document, uses)
    return sum(size * uses.counts[name] for name, size in sizes.items())


class _Uses(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def enter_variable_definition(self, _node: VariableDefinitionNode, *_: object) -> VisitorAction:
        return SKIP

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.counts[node.name.value] += 1


def _size(value: object) -> int:
    size, level = 0, [value]
    while level:
        size += len(level)
        containers = [outer for outer in level if isinstance(outer, dict | list)]
        level = [inner for outer in containers for inner in (outer.values() if isinstance(outer, dict) else outer)]
    return size
