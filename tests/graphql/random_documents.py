"""Random documents that are valid on the schema, and ask for everything that it has."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

_MOST_LEVELS: Final = 5
_DATES: Final = ("2026-11-22", "2026-11-23", "1999-12-31", "2026-02-30", "tomorrow")
_INSTANTS: Final = ("2026-11-23T08:00:00Z", "2026-11-23T09:30:00.5+02:00", "2026-11-23", "2026-11-23T25:00:00Z")


@dataclass
class Document:
    """A document, and values for its variables."""

    text: str
    variables: dict[str, Any]


@dataclass
class RandomDocuments:
    """Makes documents; the same seed makes the same ones.

    Args:
        schema: What they are valid on.
        seed: Where to begin.
        ids: What ids are chosen from, beside the unknown one and some that are none.
        texts: What cursors, tokens and searches are chosen from, beside some that are none.
        roots: The root fields that may be asked for.
        unknown_id: Of no todo, until one is created with it.
    """

    schema: GraphQLSchema
    seed: int
    ids: Sequence[str]
    texts: Sequence[str]
    roots: Sequence[str]
    unknown_id: str = "01890000-0000-7000-8000-000000000000"
    _random: random.Random = field(init=False)
    _definitions: list[str] = field(init=False)
    _variables: dict[str, Any] = field(init=False)
    _fragments: list[str] = field(init=False)
    _count: int = field(init=False)

    def documents(self, operation: str = "query") -> Iterator[Document]:
        """Make documents without end."""
        self._random = random.Random(self.seed)
        root = self.schema.query_type if operation == "query" else self.schema.mutation_type
        assert root is not None
        while True:
            self._definitions, self._variables, self._fragments, self._count = [], {}, [], 0
            chosen = [self._random.choice(self.roots) for _ in range(self._random.randint(1, 3))]
            selected = [
                self._field(name, root.fields[name], level=0, alias=f"r{number}") for number, name in enumerate(chosen)
            ]
            if self._is_one_in(6):
                selected.append("__typename")
            variables = f"({', '.join(self._definitions)})" if self._definitions else ""
            body = f"{operation} Random{variables} {{ {' '.join(selected)} }}"
            yield Document("\n".join([body, *self._fragments]), self._variables)

    def _field(self, name: str, definition: GraphQLField, *, level: int, alias: str | None = None) -> str:
        arguments = [
            f"{argument_name}: {self._argument(argument.type)}"
            for argument_name, argument in definition.args.items()
            if is_required_argument(argument) or self._is_one_in(3)
        ]
        called = f"{alias}: {name}" if alias else name
        given = f"({', '.join(arguments)})" if arguments else ""
        kind = get_named_type(definition.type)
        below = ""
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType):
            below = f" {{ {self._selection(kind, level + 1)} }}"
        return f"{called}{given}{self._directive()}{below}"

    def _selection(self, kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType, level: int) -> str:
        if isinstance(kind, GraphQLUnionType):
            members = self._random.sample(kind.types, self._random.randint(1, min(4, len(kind.types))))
            return " ".join(["__typename", *(self._inline(member, level) for member in members)])
        leaves = [name for name, each in kind.fields.items() if _is_leaf(each)]
        branches = [name for name in kind.fields if name not in leaves] if level < _MOST_LEVELS else []
        chosen = self._random.sample(leaves, self._random.randint(0, len(leaves)))
        chosen += self._random.sample(branches, self._random.randint(0, min(2, len(branches))))
        selected: list[str] = []
        for number, name in enumerate(chosen):
            # An alias of its own for what has arguments: else two of them could contradict each other.
            alias = f"{name}{level}{number}" if kind.fields[name].args or self._is_one_in(8) else None
            selected.append(self._field(name, kind.fields[name], level=level, alias=alias))
        if selected and self._is_one_in(5):
            plain = [each for each in selected if "{" not in each]
            selected += plain[:2]  # Again: the same field twice is answered once.
        if not selected or self._is_one_in(5):
            selected.insert(self._random.randint(0, len(selected)), "__typename")
        if self._is_one_in(6):
            return self._in_fragment(kind.name, " ".join(selected))
        if isinstance(kind, GraphQLInterfaceType) and level < _MOST_LEVELS:
            selected.append(self._inline(self._random.choice(self.schema.get_possible_types(kind)), level))
        return " ".join(selected)

    def _inline(self, kind: GraphQLObjectType, level: int) -> str:
        return f"... on {kind.name}{self._directive()} {{ {self._selection(kind, level + 1)} }}"

    def _in_fragment(self, kind: str, selected: str) -> str:
        if self._is_one_in(2):
            return f"... on {kind} {{ {selected} }}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {kind} {{ {selected} }}")
        return f"...{name}"

    def _directive(self) -> str:
        if not self._is_one_in(12):
            return ""
        value = self._random.choice([True, False])
        directive = self._random.choice(["skip", "include"])
        condition = self._variable("Boolean!", value) if self._is_one_in(2) else str(value).lower()
        return f" @{directive}(if: {condition})"

    def _argument(self, kind: GraphQLInputType) -> str:
        if self._is_one_in(3):
            return self._variable(str(kind), self._value(kind))
        return _literal(self._value(kind))

    def _variable(self, kind: str, value: Any) -> str:
        self._count += 1
        name = f"v{self._count}"
        if value is not None and self._is_one_in(4):
            # With a default it fits where null does not, and null can be sent all the same.
            self._definitions.append(f"${name}: {kind.removesuffix('!')} = {_literal(value)}")
            if self._is_one_in(2):
                self._variables[name] = None
        else:
            self._definitions.append(f"${name}: {kind}")
            self._variables[name] = value
        return f"${name}"

    def _value(self, kind: GraphQLInputType) -> Any:
        may_be_null = not isinstance(kind, GraphQLNonNull)
        return None if may_be_null and self._is_one_in(10) else self._present(kind)

    def _present(self, kind: GraphQLInputType) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type)
        if isinstance(kind, GraphQLList):
            return [self._value(kind.of_type) for _ in range(self._random.randint(0, 3))]
        if isinstance(kind, GraphQLEnumType):
            return _Enum(self._random.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self._object(kind)
        return self._scalar(kind.name)

    def _object(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        if kind.is_one_of:
            name = self._random.choice(list(kind.fields))
            return {name: self._present(kind.fields[name].type)}
        return {
            name: self._value(each.type)
            for name, each in kind.fields.items()
            if is_required_input_field(each) or (each.default_value is Undefined and self._is_one_in(3))
        }

    def _scalar(self, name: str) -> Any:
        match name:
            case "ID":
                return self._random.choice([*self.ids, "none", self.unknown_id])
            case "Int":
                return self._random.choice([0, 1, 2, 3, 5, 50, 100, 101, -1])
            case "Boolean":
                return self._random.choice([True, False])
            case "Date":
                return self._random.choice(_DATES)
            case "DateTime":
                return self._random.choice(_INSTANTS)
            case "TimeZone":
                return self._random.choice(["Europe/Berlin", "UTC", "Mars/Olympus"])
            case _:
                return self._random.choice([*self.texts, "", " ", "milk", "Über", "\U0001f95b", "x" * 201, "%_"])

    def _is_one_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0


class _Enum(str):
    """A value that is written without quotes in a document."""

    __slots__ = ()


def _is_leaf(definition: GraphQLField) -> bool:
    return not hasattr(get_named_type(definition.type), "fields") and not isinstance(
        get_named_type(definition.type), GraphQLUnionType
    )


def _literal(value: Any) -> str:
    match value:
        case _Enum():
            return str(value)
        case dict():
            return "{" + ", ".join(f"{name}: {_literal(each)}" for name, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(_literal(each) for each in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)
