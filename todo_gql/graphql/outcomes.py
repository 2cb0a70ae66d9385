"""What a plan comes to: the data of the answer, or what graphql-core is to make it of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo


class Irregular(Exception):
    """A value is not what the schema says, or what a plan was made for: graphql-core is to look at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an operation came to; a member of `data` may be JSON already (`orjson.Fragment`)."""

    data: dict[str, Any]
    errors: Sequence[GraphQLError] = ()


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the resolvers of root fields came to, by the fields' names in the answer; exceptions among them.

    It is a middleware of graphql-core, which takes functions and what has a method of this name, and nothing else.
    """

    by_name: Mapping[str, Any]

    def resolve(self, resolve: Callable[..., Any], source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """Give what a root field came to; resolve any other field."""
        if info.path.prev is not None or info.path.key not in self.by_name:
            return resolve(source, info, **arguments)
        outcome = self.by_name[str(info.path.key)]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome
