"""Documents, parsed and validated once however often they are sent."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)

from todo_gql.graphql.cost import Costs
from todo_gql.graphql.deprecations import Deprecations
from todo_gql.graphql.errors import ErrorCode
from todo_gql.graphql.known_documents import KnownDocumentsError, hash_of
from todo_gql.graphql.limits import DocumentLimits, check_limits, excess
from todo_gql.graphql.operation_trace import step
from todo_gql.graphql.plain_readers import Readers
from todo_gql.graphql.plans import Plan, make_plan

_CACHE_CHARACTERS: Final = 262_144
"""How much source text stays parsed. A parsed document takes about a hundred times the room of its text, and plans of
mutations up to twice as much again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that may be executed.

    Args:
        readers: What its executions have made of it; None where each makes its own.
        plans: How to answer those of its operations that have one, by their names.
        costs: What its operations may come to.
        deprecated: The deprecated fields and arguments that it asks for.
    """

    node: DocumentNode
    readers: Readers | None
    plans: Mapping[str | None, Plan]
    costs: Costs
    deprecated: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDocument:
    """A document that cannot be executed, and why."""

    errors: tuple[GraphQLError, ...]
    code: ErrorCode


_UNKNOWN: Final = RefusedDocument(
    errors=(GraphQLError("This service answers documents that it knows beforehand, and this is none of them."),),
    code=ErrorCode.UNKNOWN_DOCUMENT,
)


class Documents:
    """Parses and validates documents against a schema; keeps the most recent ones within a bound.

    Those that are known beforehand are parsed and validated here and now, and never again; no limit is for them.

    Args:
        schema: What documents are validated against.
        limits: What a document may have that is not known beforehand.
        known: Documents by their hash.
        only_known: Refuse all others.
        plans: Make plans for operations.

    Raises:
        KnownDocumentsError: one of them does not fit the schema.
    """

    def __init__(
        self, schema: GraphQLSchema, limits: DocumentLimits, *, known: Mapping[str, str], only_known: bool, plans: bool
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._deprecations = Deprecations(schema)
        self._has_plans = plans
        self._trusted = {name: self._trust(name, text) for name, text in known.items()}
        self._only_known = only_known
        self._cache: OrderedDict[str, Document | RefusedDocument] = OrderedDict()
        self._cached_characters = 0

    def load(self, source: str | None, document_hash: str | None) -> Document | RefusedDocument:
        """Give a document by its source text or by its hash; one of the two is there."""
        if self._trusted and (trusted := self._trusted.get(document_hash or hash_of(source or ""))):
            return trusted
        if source is None or self._only_known:
            return _UNKNOWN
        if source in self._cache:
            self._cache.move_to_end(source)
            return self._cache[source]
        document = self._read(source)
        # One that is very long would drive out all the others, and is hardly sent twice.
        if len(source) > _CACHE_CHARACTERS // 8:
            return document
        self._cache[source] = document
        self._cached_characters += len(source)
        while self._cached_characters > _CACHE_CHARACTERS:
            forgotten, _ = self._cache.popitem(last=False)
            self._cached_characters -= len(forgotten)
        return document

    def _trust(self, name: str, source: str) -> Document:
        try:
            document = parse(source)
        except GraphQLSyntaxError as error:
            raise KnownDocumentsError(f"The document {name} is not GraphQL: {error.message}") from error
        for problem in validate(self._schema, document):
            raise KnownDocumentsError(f"The document {name} does not fit the schema: {problem.message}")
        return self._executable(document, source)

    def _read(self, source: str) -> Document | RefusedDocument:
        try:
            with step("parse"):
                document = parse(source, max_tokens=self._limits.max_tokens)
        except GraphQLSyntaxError as error:
            # The parser counts by itself, and says only in words what it stopped at.
            if error.description.startswith("Document contains more than"):
                tokens = excess("tokens", None, self._limits.max_tokens)
                return RefusedDocument(errors=(tokens,), code=ErrorCode.DOCUMENT_TOO_COSTLY)
            return RefusedDocument(errors=(error,), code=ErrorCode.GRAPHQL_PARSE_FAILED)
        if excesses := check_limits(document, self._limits):
            return RefusedDocument(errors=tuple(excesses), code=ErrorCode.DOCUMENT_TOO_COSTLY)
        with step("validate"):
            errors = validate(self._schema, document, hide_suggestions=True)
        if errors:
            return RefusedDocument(errors=tuple(errors), code=ErrorCode.GRAPHQL_VALIDATION_FAILED)
        return self._executable(document, source)

    def _executable(self, document: DocumentNode, source: str) -> Document:
        # With `@skip` and `@include` what is selected depends on the variables.
        is_fixed = "@" not in source
        return Document(
            node=document,
            readers={} if is_fixed else None,
            plans=self._make_plans(document) if is_fixed and self._has_plans else {},
            costs=Costs(self._schema, document),
            deprecated=self._deprecations.in_document(document),
        )

    def _make_plans(self, document: DocumentNode) -> Mapping[str | None, Plan]:
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        return {
            node.name.value if node.name else None: plan
            for node in operations
            if (plan := make_plan(self._schema, document, node)) is not None
        }
