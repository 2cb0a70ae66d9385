"""A page of documentation as the exchanges with the service that it shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BLOCK: Final = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request or an answer: its first line, its headers by their names in lower case, its body."""

    start: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request, and the answer that the page shows below it."""

    line: int
    document: str | None
    request: Message
    answer: Message


def exchanges(page: str) -> Iterator[Exchange]:
    """Read the exchanges of a page, in order.

    A request is a block of GraphQL, with another of its `variables` where it has any, or one of HTTP. Its answer is
    the next block: JSON, HTTP, or the lines of an event stream.
    """
    blocks = [
        (page.count("\n", 0, block.start()) + 1, block[1], block[2], block[3])
        for block in _BLOCK.finditer(page)
        if block[1] in {"graphql", "http", "json", "text"}
    ]
    while blocks:
        line, kind, _, asked = blocks.pop(0)
        assert kind in {"graphql", "http"}, f"The block at line {line} answers nothing."
        document = asked if kind == "graphql" else None
        variables = blocks.pop(0)[3] if blocks[0][2] == "variables" else "{}"
        _, answer_kind, _, answer = blocks.pop(0)
        request = _parse(asked) if document is None else _graphql_request(document, variables, answer_kind)
        shown = _parse(answer) if answer_kind == "http" else Message(start="", headers={}, body=answer)
        yield Exchange(line=line, document=document, request=request, answer=shown)


def _parse(text: str) -> Message:
    head, _, body = text.partition("\n\n")
    start, *lines = head.splitlines()
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return Message(start=start, headers=headers, body=body.strip())


def _graphql_request(document: str, variables: str, answer_kind: str) -> Message:
    """Make the request that the page's beginning shows."""
    accept = "text/event-stream" if answer_kind == "text" else "application/json"
    return Message(
        start="POST /graphql",
        headers={"content-type": "application/json", "accept": accept},
        body=json.dumps({"query": document, "variables": json.loads(variables)}),
    )
