"""A typed client: an operation knows the type of its answer, and pydantic holds the answer against it."""

from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Data(BaseModel):
    """Part of an answer, with the fields in Python's spelling."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


@dataclass(frozen=True, slots=True)
class Operation[Answer: Data]:
    """A document, and what its `data` is."""

    document: str
    answer: type[Answer]


class GraphQLErrors(Exception):
    """The service answered with errors; each has a code and a trace id in its `extensions`."""


class Client:
    """Sends operations to one service."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def send[Answer: Data](self, operation: Operation[Answer], **variables: object) -> Answer:
        """Give the data of an operation. Raises GraphQLErrors."""
        response = self._http.post(
            "/graphql",
            json={"query": operation.document, "variables": variables},
            headers={"Accept": "application/graphql-response+json"},
        )
        body: dict[str, Any] = response.json()
        if "errors" in body:
            raise GraphQLErrors(body["errors"])
        return operation.answer.model_validate(body["data"])
