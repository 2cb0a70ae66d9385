"""The scalars of the schema, beside GraphQL's own."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from todo_gql.todos import times
from todo_gql.todos.model import SyncToken

TimeZone = NewType("TimeZone", str)


def _parser[T](parse: Callable[[object], T]) -> Callable[[object], T]:
    def parse_value(value: object) -> T:
        try:
            return parse(value)
        except ValueError as error:
            raise GraphQLError(str(error)) from None

    return parse_value


def _parse_sync_token(value: object) -> SyncToken:
    if not isinstance(value, str):
        raise GraphQLError("A SyncToken is a string that this service gave.")
    return SyncToken(value)


SCALARS: Final[dict[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="RFC 3339 instant with an offset; answered in UTC with `Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=times.format_instant,
        parse_value=_parser(times.parse_instant),
    ),
    date: strawberry.scalar(
        name="Date",
        description="RFC 3339 full-date.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=_parser(times.parse_date),
    ),
    SyncToken: strawberry.scalar(
        name="SyncToken",
        description="Opaque position in the change log. Compare only for equality; hand it back as it is.",
        serialize=str,
        parse_value=_parse_sync_token,
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="IANA time zone name, for example `Europe/Berlin`.",
        serialize=str,
        parse_value=_parser(times.parse_time_zone),
    ),
}
