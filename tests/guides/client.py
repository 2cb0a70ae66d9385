"""Sends the requests that a page shows, and gives the answers in the form in which a page shows them."""

import json
from typing import Any

import httpx

from tests.guides.page import Exchange, Message
from tests.guides.values import Values


async def send(client: httpx.AsyncClient, exchange: Exchange, values: Values) -> tuple[Message, Any]:
    """Send a request, and give its answer without its body, and that: JSON, or the lines of an event stream."""
    request = exchange.request
    method, target = values.mean(request.start).split()[:2]
    headers = {name: values.mean(value) for name, value in request.headers.items()}
    async with client.stream(method, target, headers=headers, content=values.mean(request.body)) as answer:
        start = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            body: Any = await _read_events(answer, len(event_lines(exchange.answer.body.splitlines())))
        else:
            text = (await answer.aread()).decode()
            body = json.loads(text) if text else None
        return Message(start=start, headers=dict(answer.headers), body=""), body


def shown_body(exchange: Exchange) -> Any:
    """Read the body of the answer that the page shows."""
    text = exchange.answer.body
    if exchange.request.headers.get("accept") == "text/event-stream":
        return event_lines(text.splitlines())
    return json.loads(text) if text else None


def event_lines(lines: list[str]) -> list[Any]:
    """Take the fields of an event stream out of its lines, their data as JSON; lines that begin with `:` are none."""
    fields: list[Any] = []
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "data":
            fields.append(json.loads(value))
        elif name and not name.startswith(":"):
            # The id of an event is its token.
            fields.append({"syncToken" if name == "id" else name: value})
    return fields


async def _read_events(answer: httpx.Response, count: int) -> list[Any]:
    """Read as many lines as the page shows, from a stream that has no end."""
    read: list[Any] = []
    async for line in answer.aiter_lines():
        read += event_lines([line])
        if len(read) >= count:
            break
    return read
