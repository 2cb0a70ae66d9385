"""The schema, and its text."""

from functools import cache
from hashlib import sha256

import strawberry
from graphql import GraphQLSchema, print_schema
from strawberry.schema.config import StrawberryConfig

from todo_gql.graphql.mutation import Mutation
from todo_gql.graphql.operation_trace import trace_resolvers
from todo_gql.graphql.problems import Refusals
from todo_gql.graphql.query import Query
from todo_gql.graphql.scalars import SCALARS
from todo_gql.graphql.subscription import Subscription


@cache
def build_schema() -> GraphQLSchema:
    """Build the executable schema; fields carry their resolvers, refusals their handler."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        exception_handlers=[Refusals()],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    executable = schema._schema  # noqa: SLF001  # Strawberry's own way to graphql-core; it has no public name.
    trace_resolvers(executable)
    return executable


@cache
def print_sdl() -> str:
    """Print the schema."""
    return print_schema(build_schema()) + "\n"


@cache
def schema_hash() -> str:
    """Hash the printed schema (SHA-256, hexadecimal)."""
    return sha256(print_sdl().encode()).hexdigest()
