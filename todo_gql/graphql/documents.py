"""Documents, parsed and validated once however often they are sent."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

from todo_gql.graphql.errors import ErrorCode

_CACHE_CHARACTERS: Final = 262_144
"""How much source text stays parsed. A parsed document takes about a hundred times the room of its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDocument:
    """A document that cannot be executed, and why."""

    errors: tuple[GraphQLError, ...]
    code: ErrorCode


class Documents:
    """Parses and validates documents against a schema; keeps the most recent ones within a bound."""

    def __init__(self, schema: GraphQLSchema, *, max_tokens: int) -> None:
        self._schema = schema
        self._max_tokens = max_tokens
        self._known: OrderedDict[str, DocumentNode | RefusedDocument] = OrderedDict()
        self._known_characters = 0

    def load(self, source: str) -> DocumentNode | RefusedDocument:
        """Give the document of a source text."""
        if source in self._known:
            self._known.move_to_end(source)
            return self._known[source]
        document = self._read(source)
        self._known[source] = document
        self._known_characters += len(source)
        while self._known_characters > _CACHE_CHARACTERS:
            forgotten, _ = self._known.popitem(last=False)
            self._known_characters -= len(forgotten)
        return document

    def _read(self, source: str) -> DocumentNode | RefusedDocument:
        try:
            document = parse(source, max_tokens=self._max_tokens)
        except GraphQLError as error:
            return RefusedDocument(errors=(error,), code=ErrorCode.GRAPHQL_PARSE_FAILED)
        errors = validate(self._schema, document, hide_suggestions=True)
        if errors:
            return RefusedDocument(errors=tuple(errors), code=ErrorCode.GRAPHQL_VALIDATION_FAILED)
        return document
