"""Where GraphQL is reached."""

from collections.abc import Callable, Mapping
from datetime import datetime

from starlette.routing import BaseRoute, Route

from todo_gql.graphql.documents import Documents
from todo_gql.graphql.execution import Operations
from todo_gql.graphql.explain import Explainer
from todo_gql.graphql.graphiql.routes import explorer_routes, with_explorer
from todo_gql.graphql.http import GraphQLHTTP
from todo_gql.graphql.limits import DocumentLimits
from todo_gql.graphql.schema import build_schema
from todo_gql.graphql.service_info import ServiceInfo
from todo_gql.graphql.tracing import Tracing
from todo_gql.todos.model import Caller
from todo_gql.todos.service import Todos, utc_now


def graphql_routes(
    todos_for: Callable[[Caller], Todos],
    *,
    service: ServiceInfo,
    deadline_s: float,
    known_documents: Mapping[str, str],
    only_known: bool,
    tracing: Tracing,
    explainer: Explainer | None,
    clock: Callable[[], datetime] = utc_now,
) -> list[BaseRoute]:
    """Give the routes of GraphQL, and of the pages that show it and REST to browsers."""
    schema = build_schema()
    limits = DocumentLimits(
        max_tokens=service.limits.max_tokens,
        max_depth=service.limits.max_depth,
        max_aliases=service.limits.max_aliases,
        max_fields=service.limits.max_fields,
        max_directives=service.limits.max_directives,
    )
    operations = Operations(
        schema, Documents(schema, limits, known=known_documents, only_known=only_known), deadline_s=deadline_s
    )
    endpoint = GraphQLHTTP(
        operations, todos_for=todos_for, clock=clock, service=service, tracing=tracing, explainer=explainer
    )
    return [Route("/graphql", with_explorer(endpoint.answer), methods=["GET", "POST"]), *explorer_routes()]
